"""What the handlers of methods share: the table of them, and the desk they work at."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiogram.methods import TelegramMethod
from aiogram.types import BotCommand

from tests.fakes.botapi.calls import Misuse
from tests.fakes.botapi.limits import Formatted, formatted
from tests.fakes.botapi.model import File
from tests.fakes.botapi.rates import Rates
from tests.fakes.botapi.world import World


@dataclass(slots=True)
class Webhook:
    """Where updates go, if not to whoever polls."""

    url: str = ""
    secret_token: str | None = None
    max_connections: int = 40
    last_error: tuple[int, str] | None = None


@dataclass(slots=True)
class Profile:
    """What the bot told Telegram about itself, by scope and language, as JSON; "" is every language."""

    commands: dict[tuple[str, str], list[BotCommand]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


class Desk:
    """What a handler needs besides the request."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.forwards: dict[str, str] = {}
        self.rates = Rates()
        self.webhook = Webhook()
        self.profile = Profile()
        self.violations: list[str] = []
        self.uploads: Mapping[str, File] = {}
        """The files of the request that is being handled."""
        self.newest_poll = 0
        """The number of the newest getUpdates: older ones are told to leave."""

    def complain(self, what: str) -> None:
        """A rule was broken that Telegram lets pass: leaving the server's block will say so."""
        self.violations.append(what)

    def formatted(self, source: str | None, mode: Any, entities: Any, limit: int) -> Formatted:
        """A text as it is stored."""
        try:
            return formatted(source, mode, entities, self.complain, limit)
        except NotImplementedError as error:
            raise Misuse(400, f"Bad Request: {error}") from error


M = TypeVar("M", bound=TelegramMethod[Any])
Handler = Callable[[Desk, Any], Any | Awaitable[Any]]

HANDLERS: dict[type[TelegramMethod[Any]], Handler] = {}
"""The methods that are modelled."""


def handles(model: type[M]) -> Callable[[Callable[[Desk, M], Any]], Callable[[Desk, M], Any]]:
    """Enter a function into the table."""

    def enter(handler: Callable[[Desk, M], Any]) -> Callable[[Desk, M], Any]:
        HANDLERS[model] = handler
        return handler

    return enter
