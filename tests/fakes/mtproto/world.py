"""The state of the fake Telegram as one account sees it, and what everybody else does in it.

Every method may be called from any thread, and takes effect at once: clients are told before it returns.
"""

import bisect
import itertools
import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tests.fakes.mtproto.chronicle import Chronicle, What
from tests.fakes.mtproto.model import Folder, Forward, Kind, Media, Person, Place, Post, Reply, Room, Topic
from tests.fakes.mtproto.tl import TL, types


class World:
    """People, rooms, messages, and the account `me` that watches them."""

    def __init__(self) -> None:
        self.chronicle = Chronicle()
        self.lock = self.chronicle.lock
        self.people: dict[int, Person] = {}
        self.rooms: dict[int, Room] = {}
        self.folders: list[Folder] = []
        self._last_id = 0
        self._hashes = random.Random(1)
        self._person_ids = itertools.count(6_000_000_001)  # beyond 32 bits, as real ids of late are
        self._group_ids = itertools.count(400_000_001)
        self._channel_ids = itertools.count(2_200_000_001)
        self._albums = itertools.count(13_000_000_000_000_001)
        self.me = self.add_user("Otklik", last_name="Listener", username="otklik_listener", phone="79990000001")

    def now(self) -> datetime:
        """The server's clock, in whole seconds. `chronicle.skew` sets it apart from ours."""
        return self.chronicle.now()

    # -- who and where

    def add_user(self, first_name: str, *, user_id: int | None = None, **details: Any) -> Person:
        """A person, or a bot (`bot=True`). Other details: last_name, username, phone, language, contact, deleted.

        A later change of the object shows in whatever the server says next."""
        with self.lock:
            person = Person(user_id or next(self._person_ids), first_name, self._hash(), **details)
            self.people[person.id] = person
            return person

    def add_group(self, title: str, members: Iterable[Person] = (), *, chat_id: int | None = None) -> Room:
        """A basic group the account has been in all along."""
        return self._add_room(chat_id or next(self._group_ids), Kind.GROUP, title, members)

    def add_supergroup(
        self,
        title: str,
        members: Iterable[Person] = (),
        *,
        chat_id: int | None = None,
        username: str | None = None,
        forum: bool = False,
        joined: bool = True,
    ) -> Room:
        """A supergroup; with `forum` it has topics. With `joined=False` the account is not in it (see `join`)."""
        room = self._add_room(chat_id or next(self._channel_ids), Kind.SUPERGROUP, title, members, joined=joined)
        room.username, room.forum = username, forum
        if forum:  # the message that made the group is the topic "General"
            room.last_id = 1
            room.topics[1] = Topic(1, room, "General", self.me, room.created)
        return room

    def add_channel(
        self, title: str, *, chat_id: int | None = None, username: str | None = None, joined: bool = True
    ) -> Room:
        """A broadcast channel."""
        room = self._add_room(chat_id or next(self._channel_ids), Kind.CHANNEL, title, (), joined=joined)
        room.username = username
        return room

    def add_topic(self, forum: Room, title: str, creator: Person | None = None) -> Topic:
        """A new topic of a forum, announced by its service message."""
        with self.lock:
            post = self.service(forum, creator or self.me, types.MessageActionTopicCreate(title, 0x6FB9F0))
            topic = forum.topics[post.id] = Topic(post.id, forum, title, creator or self.me, post.date)
            return topic

    def rename_topic(self, topic: Topic, title: str) -> None:
        """A topic's new title, announced by a service message in it."""
        with self.lock:
            topic.title = title
            self.service(topic.room, topic.creator, types.MessageActionTopicEdit(title), topic=topic)

    def add_folder(self, title: str, include: Sequence[Room] = (), **details: Any) -> Folder:
        """A folder. Other details: exclude, pinned (rooms), groups, broadcasts, contacts, shared (bool)."""
        with self.lock:
            folder = Folder(len(self.folders) + 2, title, list(include), **details)
            self.folders.append(folder)
            return folder

    def room(self, place: Place) -> Room:
        """The conversation: a person stands for the private chat with them."""
        if isinstance(place, Room):
            return place
        with self.lock:
            found = self.rooms.get(place.id)
            if found is None:
                found = self._add_room(place.id, Kind.PRIVATE, place.first_name, (place,), person=place)
            return found

    # -- messages

    def post(
        self,
        place: Place,
        sender: Person | Room | None,
        text: str = "",
        *,
        entities: Sequence[TL] = (),
        reply_to: Post | int | None = None,
        quote: str | None = None,
        topic: Topic | None = None,
        media: Media | None = None,
        grouped_id: int | None = None,
        forward: Post | Forward | None = None,
        date: datetime | None = None,
        **details: Any,
    ) -> Post:
        """A message. `world.me` as the sender is another device of the account, None an author of a channel.

        Other details: via_bot, silent, signature, action.
        """
        with self.lock:
            room = self.room(place)
            _check_reach(room)
            if room.migrated_to is not None:
                raise ValueError("This group became a supergroup: post there.")
            reply = self._reply(room, reply_to, quote, topic)
            if isinstance(forward, Post):
                forward = _forward_of(forward)
            post = Post(
                self._next_id(room),
                room,
                sender,
                text,
                date or self.now(),
                tuple(entities),
                media,
                reply,
                forward,
                grouped_id,
                **details,
            )
            room.posts[post.id] = post
            room.order.append(post.id)
            self.chronicle.record(What.NEW, room, count=1, post=post)
            return post

    def post_album(
        self, place: Place, sender: Person | Room | None, captions: Sequence[str], **details: Any
    ) -> list[Post]:
        """An album: a message per caption (mostly "" but for one) under one `grouped_id`, told in one packet."""
        group = next(self._albums)
        details.setdefault("media", Media())
        with self.chronicle.together():
            return [self.post(place, sender, caption, grouped_id=group, **details) for caption in captions]

    def service(self, place: Place, sender: Person | None, action: TL, **details: Any) -> Post:
        """A service message, for instance `types.MessageActionChatEditTitle("New")`."""
        return self.post(place, sender, action=action, **details)

    def edit(
        self, post: Post, text: str | None = None, *, entities: Sequence[TL] | None = None, media: Media | None = None
    ) -> None:
        """Change a message's text (entities go, unless given) or media."""
        with self.lock:
            if post.deleted:
                raise ValueError("A deleted message can not be edited.")
            if text is not None:
                post.text, post.entities = text, ()
            if entities is not None:
                post.entities = tuple(entities)
            post.media = media or post.media
            _check_reach(post.room)
            post.edited, post.edit_hidden = self.now(), False
            self.chronicle.record(What.EDIT, post.room, count=1, post=post)

    def touch(self, post: Post) -> None:
        """An edit that changes nothing a reader sees (a link preview that arrived): `edit_hide`."""
        with self.lock:
            _check_reach(post.room)
            post.edited, post.edit_hidden = self.now(), True
            self.chronicle.record(What.EDIT, post.room, count=1, post=post)

    def react(self, post: Post, emoji: str = "👍") -> None:
        """One more reaction. Telegram tells of it without a `pts`."""
        with self.lock:
            post.reactions[emoji] = post.reactions.get(emoji, 0) + 1
            self.chronicle.record(What.REACTION, post.room, post=post)

    def delete(self, *posts: Post) -> None:
        """Delete messages. One update: of one channel, or of the private chats and basic groups together."""
        with self.lock:
            alive = [post for post in posts if not post.deleted]
            rooms = {id(post.room): post.room for post in alive if post.room.is_channel}
            if len(rooms) > 1 or (rooms and any(not post.room.is_channel for post in alive)):
                raise ValueError("Messages of several channels can not be deleted in one update.")
            if not alive:
                return
            for post in alive:
                _check_reach(post.room)
                post.deleted = True
                del post.room.posts[post.id]
                del post.room.order[bisect.bisect_left(post.room.order, post.id)]
            self.chronicle.record(What.DELETE, alive[0].room, count=len(alive), ids=tuple(post.id for post in alive))

    # -- the life of a room

    def join(self, room: Room, by: Person | None = None) -> None:
        """The account is added to the room."""
        with self.lock:
            room.joined = True
            room.members[self.me.id] = self.me
            self.chronicle.record(What.ROOM, room)
            if room.kind is not Kind.CHANNEL:
                self.service(room, by or self.me, types.MessageActionChatAddUser([self.me.id]))

    def kick(self, room: Room, by: Person | None = None) -> None:
        """The account is removed. It hears so, and no more of the room: a supergroup then refuses even reads."""
        with self.lock:
            if not room.is_channel:
                self.service(room, by or self.me, types.MessageActionChatDeleteUser(self.me.id))
            room.joined = False
            room.members.pop(self.me.id, None)
            self.chronicle.record(What.ROOM, room)

    def add_member(self, room: Room, person: Person, by: Person | None = None) -> Post:
        """Somebody else comes."""
        with self.lock:
            room.members[person.id] = person
            return self.service(room, by or person, types.MessageActionChatAddUser([person.id]))

    def remove_member(self, room: Room, person: Person, by: Person | None = None) -> Post:
        """Somebody else goes."""
        with self.lock:
            room.members.pop(person.id, None)
            return self.service(room, by or person, types.MessageActionChatDeleteUser(person.id))

    def rename(self, room: Room, title: str, by: Person | None = None) -> Post:
        """A new title, announced by a service message."""
        with self.lock:
            room.title = title
            return self.service(room, by, types.MessageActionChatEditTitle(title))

    def migrate(self, group: Room, by: Person | None = None) -> Room:
        """A basic group becomes a supergroup: a new id, an empty history, and the old one stays readable."""
        with self.lock:
            room = self.add_supergroup(group.title, group.members.values())
            room.admins = set(group.admins)
            room.migrated_from = group
            self.service(group, by or self.me, types.MessageActionChatMigrateTo(room.id))
            group.migrated_to = room
            self.chronicle.record(What.ROOM, room)
            self.service(room, by or self.me, types.MessageActionChannelMigrateFrom(group.title, group.id))
            return room

    # -- what a test compares with

    def texts(self, place: Place) -> dict[int, str]:
        """Text by message id, of all that is there now: what a faithful copy must hold. No service messages."""
        with self.lock:
            return {post.id: post.text for post in self.room(place).posts.values() if post.action is None}

    # -- inside

    def _add_room(
        self,
        room_id: int,
        kind: Kind,
        title: str,
        members: Iterable[Person],
        *,
        person: Person | None = None,
        joined: bool = True,
    ) -> Room:
        with self.lock:
            known = {member.id: member for member in (*members, *((self.me,) if joined else ()))}
            room = Room(room_id, kind, title, self._hash(), self.now(), person, joined=joined, members=known)
            self.rooms[room.marked_id] = room
            return room

    def _hash(self) -> int:
        return self._hashes.getrandbits(62)

    def _next_id(self, room: Room) -> int:
        if room.is_channel:
            room.last_id += 1
            return room.last_id
        self._last_id += 1
        return self._last_id

    def _reply(self, room: Room, target: Post | int | None, quote: str | None, topic: Topic | None) -> Reply | None:
        in_topic = topic is not None and topic.id != 1  # "General" leaves no mark on its messages
        if target is None:
            return Reply(topic.id, topic=True) if topic is not None and in_topic else None
        if isinstance(target, int):
            target = room.posts.get(target, target)
        if isinstance(target, int):
            return Reply(target, quote=quote)
        if target.room is not room:
            return Reply(target.id, room=target.room, quote=quote)
        if topic is not None and in_topic:
            return Reply(target.id, topic.id, quote=quote, topic=True)
        if target.reply is None or not room.is_channel:
            return Reply(target.id, quote=quote)
        top = target.reply.message_id if target.reply.topic and target.reply.top_id is None else target.reply.top_id
        return Reply(target.id, top or target.reply.message_id, quote=quote, topic=target.reply.topic)


def _check_reach(room: Room) -> None:
    if not room.joined and not room.is_channel:
        raise ValueError("The account is not in this basic group: nothing that happens there reaches it.")


def _forward_of(post: Post) -> Forward:
    if post.room.kind is Kind.CHANNEL:
        return Forward(post.date, post.room, channel_post=post.id)
    return Forward(post.date, post.sender)
