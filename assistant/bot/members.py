"""Who is a member of the staff chat, as Telegram says; remembered for some minutes."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import structlog
from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import ResultChatMemberUnion

from assistant.bot.outages import TELEGRAM_AWAY

log = structlog.get_logger(__name__)

KEPT_SECONDS: Final = 300.0
"""For so long somebody who was put out of the staff chat may still be an agent, unless Telegram tells of it at once: it
does where the bot administers the chat."""
REMEMBERED: Final = 10_000
PATIENCE_SECONDS: Final = 5


class Members:
    """A cache in front of `getChatMember`."""

    def __init__(self, bot: Bot, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._clock = clock
        self._known: OrderedDict[tuple[int, int], tuple[bool, float]] = OrderedDict()

    async def has(self, chat_id: int, user_id: int | None) -> bool:
        """Whether this user is in this chat. 0 is no chat, and a chat that the bot may not look into has no members.

        Raises:
            TELEGRAM_AWAY, TelegramRetryAfter: Telegram does not tell now, and has not told before.
        """
        if chat_id == 0 or user_id is None:
            return False
        known = self._known.get((chat_id, user_id))
        if known is not None and self._clock() < known[1]:
            return known[0]
        try:
            member = await self._bot.get_chat_member(chat_id, user_id, request_timeout=PATIENCE_SECONDS)
        except (TelegramBadRequest, TelegramForbiddenError) as error:
            log.warning("telegram does not tell who is in the staff chat: is the bot in it?", error=error.message)
            return self._keep(chat_id, user_id, is_in=False)
        except (TelegramRetryAfter, *TELEGRAM_AWAY):
            if known is None:
                raise
            return known[0]
        return self.told(chat_id, member)

    def told(self, chat_id: int, member: ResultChatMemberUnion) -> bool:
        """Telegram tells of a member, asked or not; returns whether they are one."""
        return self._keep(chat_id, member.user.id, is_in=is_there(member))

    def _keep(self, chat_id: int, user_id: int, *, is_in: bool) -> bool:
        self._known[chat_id, user_id] = (is_in, self._clock() + KEPT_SECONDS)
        self._known.move_to_end((chat_id, user_id))
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return is_in


def is_there(member: ResultChatMemberUnion) -> bool:
    """Whether this status means being in the chat: who is restricted may be or not."""
    if member.status == ChatMemberStatus.RESTRICTED:
        return bool(getattr(member, "is_member", False))
    return member.status not in (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
