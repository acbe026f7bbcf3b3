"""The updates that wait for the bot, and which of what happens becomes one."""

import asyncio
import functools
import threading
from collections.abc import Callable, Iterable
from typing import Any

from aiogram.types import Update

from tests.fakes.botapi.entities import piece
from tests.fakes.botapi.model import Kind, Message, User

FIRST_ID = 700_000_001
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
"""Kinds that come only to a bot that has listed them in `allowed_updates`."""
KINDS = set(Update.model_fields) - {"update_id"}


class Updates:
    """Numbered, kept until confirmed. What the bot did not want when it happened is gone, as in the real thing."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._last_id = FIRST_ID - 1
        self.pending: list[dict[str, Any]] = []
        self.allowed = KINDS - ON_REQUEST
        self._bells: list[Callable[[], object]] = []

    def allow(self, kinds: Iterable[str] | None) -> None:
        """What `allowed_updates` says: None leaves it as it was, an empty list means all but those on request."""
        if kinds is not None:
            self.allowed = set(kinds) or KINDS - ON_REQUEST

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """One more update, if the bot wants its kind."""
        with self._lock:
            if kind not in self.allowed:
                return
            self._last_id += 1
            update = {"update_id": self._last_id, kind: body}
            Update.model_validate(update)  # the fake must not say what aiogram can not read
            self.pending.append(update)
        self.ring()

    def ring(self) -> None:
        """Wake whoever waits for something to change."""
        for bell in list(self._bells):
            bell()

    async def wait(self, fact: Callable[[], object], seconds: float) -> None:
        """Return when the fact is true, or the time is over. Whatever may make it true rings."""
        changed = asyncio.Event()
        bell = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, changed.set)
        self._bells.append(bell)
        try:
            async with asyncio.timeout(seconds):
                while not fact():
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            pass
        finally:
            self._bells.remove(bell)

    def confirm(self, offset: int) -> None:
        """Forget all before `offset`; a negative one keeps that many of the last."""
        with self._lock:
            if offset > 0:
                self.pending = [update for update in self.pending if update["update_id"] >= offset]
            elif offset < 0:
                self.pending = self.pending[offset:]

    def done(self, update_id: int) -> None:
        """A webhook has taken it."""
        with self._lock:
            self.pending = [update for update in self.pending if update["update_id"] != update_id]


def is_for(bot: User, message: Message, *, privacy: bool) -> bool:
    """Whether a bot hears of a message.

    Of a group, a bot in privacy mode (which administrators never are) hears commands that name it or nobody, replies
    to its own messages, messages sent through it, and service messages. A mention alone does not reach it.
    """
    if message.sender is bot:
        return False
    chat = message.chat
    if chat.kind is not Kind.PRIVATE and not chat.status(bot).inside:
        return False
    if chat.kind is Kind.PRIVATE or chat.status(bot).rules or not privacy or message.service is not None:
        return not message.sender.is_bot or message.service is not None
    if message.sender.is_bot:
        return False
    answers = message.reply_to is not None and message.reply_to.sender is bot
    return answers or message.via_bot is bot or _commands(bot, message)


def _commands(bot: User, message: Message) -> bool:
    commands = [piece(message.text, entity) for entity in message.entities if entity.type == "bot_command"]
    named = [command.partition("@")[2] for command in commands]
    return any(name.lower() in ("", (bot.username or "").lower()) for name in named)
