"""The requests the fake answers, by area. What is not here fails the test: above all, everything that writes."""

from tests.fakes.mtproto.methods import auth, chats, history, updates
from tests.fakes.mtproto.methods.base import Call, Method, Service

METHODS: dict[str, Method] = {**auth.METHODS, **chats.METHODS, **history.METHODS, **updates.METHODS}

__all__ = ["METHODS", "Call", "Method", "Service"]
