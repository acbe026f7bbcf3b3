"""What a person asked by a tap, and how the bot answered."""

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.botapi.model import Message, User


@dataclass(eq=False, slots=True)
class Press:
    """A button pressed: the spinner on it turns until `answered`."""

    id: str
    by: User
    message: Message
    data: str
    answered: bool = False
    text: str | None = None
    alert: bool = False
    url: str | None = None


@dataclass(eq=False, slots=True)
class InlineAsk:
    """An inline query: `results` are the articles and the like as the bot sent them."""

    id: str
    by: User
    query: str
    answered: bool = False
    results: list[Any] = field(default_factory=list)
    personal: bool = False
    cache_time: int = 300
    next_offset: str = ""

    @property
    def titles(self) -> list[str]:
        """What the person can choose from."""
        return [getattr(result, "title", None) or result.id for result in self.results]
