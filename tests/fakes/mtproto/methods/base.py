"""What a request handler is given, and how it finds what a request points at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.fakes.mtproto.faults import RpcFail
from tests.fakes.mtproto.model import Kind, Person, Room
from tests.fakes.mtproto.render import Renderer
from tests.fakes.mtproto.srp import Verifier
from tests.fakes.mtproto.tl import TL, types
from tests.fakes.mtproto.updates import Limits, Updates
from tests.fakes.mtproto.world import World


@dataclass(slots=True)
class Login:
    """How the account logs in, and which auth keys did."""

    code: str = "12345"
    code_expired: bool = False
    password: Verifier | None = None
    codes_sent: int = 0
    authorised: set[int] = field(default_factory=set)
    awaiting_password: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Service:
    """The parts of a server that answer requests."""

    world: World
    render: Renderer
    updates: Updates
    limits: Limits
    login: Login
    dc_id: int
    host: str = "127.0.0.1"
    port: int = 0


@dataclass(slots=True)
class Call:
    """One request: who asks, and what."""

    service: Service
    key_id: int
    request: TL

    def person(self, wanted: TL) -> Person:
        """The user an InputUser or InputPeer names; the access hash must be right."""
        world = self.service.world
        match wanted:
            case types.InputUserSelf() | types.InputPeerSelf():
                return world.me
            case types.InputUserFromMessage() | types.InputPeerUserFromMessage():
                if wanted.msg_id not in self.room(wanted.peer).posts:
                    raise RpcFail(400, "MSG_ID_INVALID")
                return world.people[wanted.user_id]
        person = world.people.get(getattr(wanted, "user_id", 0))
        if person is None or person.access_hash != wanted.access_hash:
            raise RpcFail(400, "USER_ID_INVALID")
        return person

    def room(self, wanted: TL) -> Room:
        """The room an InputPeer or InputChannel names, if the account may read it."""
        rooms = self.service.world.rooms
        match wanted:
            case types.InputPeerChat():
                room = rooms.get(-wanted.chat_id)
                if room is None or room.is_channel:
                    raise RpcFail(400, "CHAT_ID_INVALID")
                return room
            case types.InputPeerChannel() | types.InputChannel():
                room = rooms.get(-1_000_000_000_000 - wanted.channel_id)
                if room is None or room.access_hash != wanted.access_hash:
                    raise RpcFail(400, "CHANNEL_INVALID")
            case types.InputPeerChannelFromMessage() | types.InputChannelFromMessage():
                room = rooms.get(-1_000_000_000_000 - wanted.channel_id)
                if room is None or wanted.msg_id not in self.room(wanted.peer).posts:
                    raise RpcFail(400, "MSG_ID_INVALID")
            case types.InputPeerEmpty():
                raise RpcFail(400, "PEER_ID_INVALID")
            case _:
                return self.service.world.room(self.person(wanted))
        if not room.joined and room.username is None:
            raise RpcFail(400, "CHANNEL_PRIVATE")
        return room

    def channel(self, wanted: TL) -> Room:
        """The supergroup or channel."""
        room = self.room(wanted)
        if not room.is_channel or room.kind is Kind.PRIVATE:
            raise RpcFail(400, "CHANNEL_INVALID")
        return room


Method: TypeAlias = Callable[[Call], TL]
