"""How the bot asks Telegram: what is refused or lost for the moment is asked again, where that can do no harm."""

import asyncio
from typing import Final

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramConflictError, TelegramRetryAfter, TelegramUnauthorizedError
from aiogram.methods import (
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    GetUpdates,
    Response,
    SendChatAction,
    SendMessage,
    SendMessageDraft,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import Message, Update
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from assistant.bot.outages import TELEGRAM_AWAY
from core.metrics import BOT_REQUESTS

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS: Final = 20.0
"""Of a request. Long polling adds its own waiting."""
LONGEST_WAIT_SECONDS: Final = 30.0
"""A flood-wait that is longer is the caller's business."""
TRIES: Final = 4

ASKED_ONCE: Final = (
    SendMessage, EditMessageText, EditMessageMedia, EditMessageReplyMarkup, SendMessageDraft, SendChatAction, GetUpdates,
)  # fmt: skip
"""Not repeated here. A message that was sent in vain may have arrived after all; the messenger moves its rows; a draft or
a `typing` is stale by then; polling has its own pauses."""

_SHAPES: Final = (Response[bool], Response[Message], Response[Message | bool], Response[list[Update]])
"""How most replies are read. pydantic forgets a model with parameters that nobody holds, and aiogram holds none: one of
two replies had theirs built anew, in 5 ms each."""

_PAUSES = wait_exponential_jitter(multiplier=0.5, max=5, jitter=0.5)


class Connection(BaseRequestMiddleware):
    """Repeats what may be repeated, and knows how Telegram took the last requests."""

    def __init__(self) -> None:
        self.token_refused = asyncio.Event()
        """Telegram does not know the token (any more). Nothing but another token helps."""
        self._trouble: dict[str, str] = {}

    def problems(self) -> list[str]:
        """What is wrong at this moment, in sentences for `/health`."""
        return sorted(set(self._trouble.values()))

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        """One request, with its repetitions."""

        async def ask() -> Response[TelegramType]:
            return await self._noted(make_request, bot, method)

        return await (ask() if isinstance(method, ASKED_ONCE) else patiently()(ask))

    async def _noted(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        name = method.__api_method__
        try:
            response = await make_request(bot, method)
        except (TelegramAPIError, *TELEGRAM_AWAY) as error:
            BOT_REQUESTS.labels(name, _outcome(error)).inc()
            if isinstance(error, TelegramUnauthorizedError):
                self.token_refused.set()
            self._remember(method, error)
            raise
        BOT_REQUESTS.labels(name, "ok").inc()
        self._trouble.pop(name, None)
        return response

    def _remember(self, method: TelegramMethod[TelegramType], error: Exception) -> None:
        """Only polling tells of Telegram as a whole: it goes on without end, and a refused message is nobody's trouble."""
        if not isinstance(method, GetUpdates):
            return
        if isinstance(error, TelegramConflictError):
            self._trouble[method.__api_method__] = "another process asks for updates with this token"
        elif isinstance(error, TELEGRAM_AWAY):
            self._trouble[method.__api_method__] = "telegram does not answer"


def patiently() -> AsyncRetrying:
    """Asks again, some times, what did not get through for the moment: for what may arrive twice."""
    return AsyncRetrying(retry=retry_if_exception(_passes), wait=_pause, stop=stop_after_attempt(TRIES), reraise=True)


def make_bot(token: str, api_url: str) -> tuple[Bot, Connection]:
    """A bot, and what is known of its connection. Raises `TokenValidationError` where the token is none."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), timeout=TIMEOUT_SECONDS)
    connection = Connection()
    session.middleware(connection)
    return Bot(token, session=session), connection


def _passes(error: BaseException) -> bool:
    if isinstance(error, TelegramRetryAfter):
        return error.retry_after <= LONGEST_WAIT_SECONDS
    return isinstance(error, TELEGRAM_AWAY)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else _PAUSES(state)


def _outcome(error: Exception) -> str:
    if isinstance(error, TelegramRetryAfter):
        return "flood"
    return "away" if isinstance(error, TELEGRAM_AWAY) else "refused"
