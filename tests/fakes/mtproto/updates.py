"""How clients hear of events: pushed while connected, as a difference when they ask."""

from dataclasses import dataclass

from tests.fakes.mtproto.chronicle import Event, What
from tests.fakes.mtproto.model import Kind, Room
from tests.fakes.mtproto.render import Renderer, reactions
from tests.fakes.mtproto.tl import TL, types
from tests.fakes.mtproto.world import World


@dataclass(slots=True)
class Style:
    """How pushes look. Real traffic has all of it, mixed."""

    short: bool = False
    """Plain texts of private chats and basic groups travel in the short form, which brings no users along."""
    min_users: bool = False
    """Users in pushes are `min`: a name, and no access hash."""


@dataclass(slots=True)
class Limits:
    """What one answer holds at most, and when the server gives up on telling all (None: never)."""

    difference: int = 100
    difference_too_long: int | None = None
    channel_difference_too_long: int | None = None
    history: int = 100
    dialogs: int = 100


class Updates:
    """Turns the world's events into updates."""

    def __init__(self, world: World, render: Renderer, limits: Limits) -> None:
        self._world = world
        self._chronicle = world.chronicle
        self._render = render
        self._limits = limits

    # -- pushes

    def push(self, packet: list[Event], style: Style) -> TL:
        """The packet a connected client gets."""
        if style.short and len(packet) == 1:
            short = self._short(packet[0])
            if short is not None:
                return short
        posts = [event.post for event in packet if event.post is not None]
        rooms = [event.room for event in packet if event.what is What.ROOM]
        users, chats = self._render.cast(posts, rooms, minimal=style.min_users)
        updates = [self.update(event) for event in packet]
        return types.Updates(updates, users, chats, self._chronicle.now(), packet[-1].seq)

    def update(self, event: Event) -> TL:
        """The bare update."""
        channel = event.room.is_channel
        match event.what:
            case What.NEW:
                kind = types.UpdateNewChannelMessage if channel else types.UpdateNewMessage
                return kind(self._render.message(event.post), event.pts, 1)  # type: ignore[arg-type]
            case What.EDIT:
                kind = types.UpdateEditChannelMessage if channel else types.UpdateEditMessage
                return kind(self._render.message(event.post), event.pts, 1)  # type: ignore[arg-type]
            case What.DELETE if channel:
                return types.UpdateDeleteChannelMessages(event.room.id, list(event.ids), event.pts, event.count)
            case What.DELETE:
                return types.UpdateDeleteMessages(list(event.ids), event.pts, event.count)
            case What.ROOM:
                return types.UpdateChannel(event.room.id) if channel else types.UpdateChat(event.room.id)
            case What.REACTION:
                post = event.post
                assert post is not None
                return types.UpdateMessageReactions(self._render.peer(post.room), post.id, reactions(post))

    def _short(self, event: Event) -> TL | None:
        post = event.post
        if event.what is not What.NEW or post is None or event.room.is_channel:
            return None
        if post.action is not None or post.media is not None or post.grouped_id is not None:
            return None
        message = self._render.message(post)
        tail = {"out": message.out, "fwd_from": message.fwd_from, "via_bot_id": message.via_bot_id}
        tail |= {"reply_to": message.reply_to, "entities": message.entities}
        if event.room.kind is Kind.PRIVATE:
            return types.UpdateShortMessage(post.id, event.room.id, post.text, event.pts, 1, post.date, **tail)
        sender = getattr(post.sender, "id", 0)
        return types.UpdateShortChatMessage(post.id, sender, event.room.id, post.text, event.pts, 1, post.date, **tail)

    # -- differences

    def state(self, pts: int | None = None) -> TL:
        """Where the account is."""
        chronicle = self._chronicle
        return types.updates.State(chronicle.journal.pts if pts is None else pts, 0, chronicle.now(), chronicle.seq, 0)

    def difference(self, request: TL) -> TL:
        """What the account missed outside channels, and which channels moved meanwhile."""
        missed = self._chronicle.journal.since(request.pts)
        too_long = self._limits.difference_too_long
        if too_long is not None and len(missed) > too_long:
            return types.updates.DifferenceTooLong(self._chronicle.journal.pts)
        part = missed[: self._limits.difference]
        final = len(part) == len(missed)
        since = request.date.timestamp() if request.date else 0.0
        moved = [
            room
            for room in self._world.rooms.values()
            if final and room.is_channel and room.joined and room.changed >= since
        ]
        notices = [event for event in self._chronicle.notices if final and event.at >= since]
        if not (part or moved or notices):
            return types.updates.DifferenceEmpty(self._chronicle.now(), self._chronicle.seq)
        fresh, others = self._split(part)
        updates = [self.update(event) for event in (*others, *notices)]
        updates += [types.UpdateChannelTooLong(room.id, room.journal.pts) for room in moved]
        posts = [event.post for event in (*fresh, *others) if event.post]
        users, chats = self._render.cast(posts, [*moved, *(event.room for event in notices)])
        messages = [self._render.message(event.post) for event in fresh if event.post]
        if final:
            return types.updates.Difference(messages, [], updates, chats, users, self.state())
        state = self.state(part[-1].pts)
        state.date = request.date or state.date  # kept until the last slice: it selects the channels that moved
        return types.updates.DifferenceSlice(messages, [], updates, chats, users, state)

    def channel_difference(self, room: Room, request: TL) -> TL:
        """What the account missed in one channel."""
        missed = room.journal.since(request.pts)
        if not missed:
            return types.updates.ChannelDifferenceEmpty(room.journal.pts, final=True, timeout=30)
        too_long = self._limits.channel_difference_too_long
        if too_long is not None and len(missed) > too_long:
            newest = [room.posts[number] for number in reversed(room.order[-10:])]
            users, chats = self._render.cast(newest, [room])
            messages = [self._render.message(post) for post in newest]
            return types.updates.ChannelDifferenceTooLong(
                self._render.dialog(room), messages, chats, users, final=True, timeout=30
            )
        part = missed[: min(request.limit, self._limits.difference)]
        fresh, others = self._split(part)
        users, chats = self._render.cast([event.post for event in (*fresh, *others) if event.post], [room])
        return types.updates.ChannelDifference(
            part[-1].pts,
            [self._render.message(event.post) for event in fresh if event.post],
            [self.update(event) for event in others],
            chats,
            users,
            final=len(part) == len(missed),
            timeout=30,
        )

    @staticmethod
    def _split(events: list[Event]) -> tuple[list[Event], list[Event]]:
        """New messages, and the rest. What is deleted by now comes as its deletion only."""
        alive = [event for event in events if event.post is None or not event.post.deleted]
        return [e for e in alive if e.what is What.NEW], [e for e in alive if e.what is not What.NEW]
