"""The state of updates, and what was missed."""

from tests.fakes.mtproto.methods.base import Call, Method
from tests.fakes.mtproto.tl import TL


def get_state(call: Call) -> TL:
    """Where the account is."""
    return call.service.updates.state()


def get_difference(call: Call) -> TL:
    """What was missed in private chats and basic groups."""
    return call.service.updates.difference(call.request)


def get_channel_difference(call: Call) -> TL:
    """What was missed in one channel."""
    return call.service.updates.channel_difference(call.channel(call.request.channel), call.request)


METHODS: dict[str, Method] = {
    "updates.getState": get_state,
    "updates.getDifference": get_difference,
    "updates.getChannelDifference": get_channel_difference,
}
