"""The state of the fake Telegram as one bot could see it. Every method may be called from any thread."""

import itertools
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from tests.fakes.botapi import render
from tests.fakes.botapi.model import Chat, Draft, File, Kind, Message, Status, Topic, User
from tests.fakes.botapi.people import Person
from tests.fakes.botapi.queries import InlineAsk, Press
from tests.fakes.botapi.updates import Updates, is_for

AnyUser = TypeVar("AnyUser", bound=User)


class World:
    """People, chats, messages, and the bot that lives among them."""

    def __init__(self, bot_id: int = 42, username: str = "otklik_bot") -> None:
        self.lock = threading.RLock()
        self.updates = Updates(self.lock)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.asks: dict[str, InlineAsk] = {}
        self.sent: list[Message] = []
        """Every message the bot sent, in order, as it is now."""
        self.drafts: list[Draft] = []
        """Every draft the bot showed, in order."""
        self.files: dict[str, File] = {}
        self.privacy = False
        """Privacy mode, as set with @BotFather; see `updates.is_for`. Off: the bot hears all of its groups."""
        self.inline_feedback = True
        """Whether @BotFather was told to report which inline results are picked."""
        self._people_ids = itertools.count(6_000_000_001)  # beyond 32 bits, as real ids of late are
        self._group_ids = itertools.count(-400_000_001, -1)
        self._supergroup_ids = itertools.count(-1_002_200_000_001, -1)
        self._query_ids = itertools.count(4_400_000_000_000_001)
        self._last_box_id = 0
        self.bot = self._know(User(bot_id, "Otklik", username, is_bot=True))

    def now(self) -> datetime:
        """The server's clock, in whole seconds."""
        return datetime.fromtimestamp(time.time(), UTC).replace(microsecond=0)

    def next_query_id(self) -> str:
        """The id of a button pressed or an inline query."""
        return str(next(self._query_ids))

    # -- who and where

    def add_person(self, first_name: str, *, user_id: int | None = None, **details: Any) -> Person:
        """Somebody who has not met the bot yet. Other details: last_name, username, language ("ru"), is_bot."""
        with self.lock:
            return self._know(Person(user_id or next(self._people_ids), first_name, world=self, **details))

    def private(self, person: User) -> Chat:
        """The private chat of a person and the bot."""
        with self.lock:
            chat = self.chats.get(person.id)
            if chat is None:
                chat = self.chats[person.id] = Chat(person.id, Kind.PRIVATE, person.first_name, person)
                chat.members = {person.id: Status.MEMBER, self.bot.id: Status.MEMBER}
            return chat

    def add_group(self, title: str, members: Iterable[User] = (), **details: Any) -> Chat:
        """A basic group; see `add_supergroup`."""
        return self._add_chat(next(self._group_ids), Kind.GROUP, title, members, **details)

    def add_supergroup(self, title: str, members: Iterable[User] = (), **details: Any) -> Chat:
        """A supergroup. The first member made it; the bot has been in it all along, and no update tells so.

        Other details: bot (its `Status`, LEFT if `Person.adds_bot` shall happen later), chat_id, username, forum.
        """
        return self._add_chat(
            details.pop("chat_id", next(self._supergroup_ids)), Kind.SUPERGROUP, title, members, **details
        )

    def add_topic(self, forum: Chat, title: str, creator: User | None = None) -> Topic:
        """A new topic of a forum, announced by its service message."""
        if not forum.forum:
            raise ValueError(f"{forum.title!r} is no forum: add_supergroup(..., forum=True).")
        with self.lock:
            maker = creator or next(self.users[who] for who in forum.members if who != self.bot.id)
            topic = Topic(forum.last_id + 1, title)
            forum.topics[topic.id] = topic
            self.service(forum, maker, {"forum_topic_created": {"name": title, "icon_color": 0x6FB9F0}}, topic=topic)
            return topic

    # -- messages

    def post(self, chat: Chat, sender: User, text: str = "", **details: Any) -> Message:
        """A message of anybody, which the bot hears of if it may. Details are fields of `Message`."""
        with self.lock:
            date = details.pop("date", None) or self.now()
            message = Message(self._next_message_id(chat), chat, sender, date, text, **details)
            chat.history[message.id] = message
            if sender is self.bot:
                self.sent.append(message)
            self.tell("message", message)
            return message

    def service(self, chat: Chat, actor: User, what: dict[str, Any], topic: Topic | None = None) -> Message:
        """A service message, as {"new_chat_title": "Sales"}."""
        return self.post(chat, actor, service=what, topic=topic)

    def tell(self, kind: str, message: Message) -> None:
        """Let the bot know of a message, new or edited, if it hears of such."""
        if is_for(self.bot, message, privacy=self.privacy):
            self.updates.add(kind, render.message(message))

    def set_status(self, chat: Chat, who: User, status: Status, by: User) -> None:
        """Somebody's place in a chat changes; the bot hears of its own always, of others' as an administrator."""
        with self.lock:
            old = chat.status(who)
            chat.members[who.id] = status
            if old is status:
                return
            kind = "my_chat_member" if who is self.bot else "chat_member"
            if kind == "chat_member" and not chat.status(self.bot).rules:
                return
            change = {"old_chat_member": render.member(who, old), "new_chat_member": render.member(who, status)}
            body = {"chat": render.chat(chat), "from": render.user(by), "date": render.stamp(self.now()), **change}
            self.updates.add(kind, body)

    def met(self, person: User) -> bool:
        """Whether the bot has ever had to do with the person, which lets it name them by id."""
        return person.started or any(
            chat.status(self.bot).inside and chat.status(person).inside
            for chat in self.chats.values()
            if chat.kind is not Kind.PRIVATE
        )

    def expire_queries(self) -> None:
        """All buttons pressed and inline queries asked so far are too old to be answered."""
        with self.lock:
            self.presses.clear()
            self.asks.clear()

    # -- inside

    def _know(self, user: AnyUser) -> AnyUser:
        self.users[user.id] = user
        return user

    def _add_chat(
        self,
        chat_id: int,
        kind: Kind,
        title: str,
        members: Iterable[User],
        *,
        bot: Status | str = Status.ADMINISTRATOR,
        **details: Any,
    ) -> Chat:
        with self.lock:
            chat = self.chats[chat_id] = Chat(chat_id, kind, title, **details)
            for number, member in enumerate(members):
                chat.members[member.id] = Status.MEMBER if number else Status.CREATOR
            chat.members[self.bot.id] = Status(bot)
            chat.last_id = 1  # the service message that made the chat
            return chat

    def _next_message_id(self, chat: Chat) -> int:
        if chat.kind is Kind.SUPERGROUP:
            chat.last_id += 1
            return chat.last_id
        self._last_box_id += 1
        return self._last_box_id
