"""What a page is given: who looks, at what, in which language, and the ways to ask."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from analytics.queries.chats import ChatTitle
from analytics.queries.inputs import Period, Step
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.domain.language import Language
from dashboard import data, words
from dashboard.access import Visitor
from dashboard.filters import Filters, step_of
from dashboard.texts.phrase import Phrase

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page at one moment."""

    visitor: Visitor
    language: Language
    filters: Filters
    usual_zone: ZoneInfo
    whole: AccessScope
    """Every chat that the visitor may see."""
    scope: AccessScope
    """Of those the ones that the filter names."""
    held: Mapping[int, ChatTitle]
    """The chats that may be chosen."""
    at: datetime
    """The moment that all figures are of."""
    stale_seconds: int
    with_claude: bool
    """Whether there is a key: what is written and read by rules instead says so."""

    shown: Period | None = None
    """Where a figure is of another period than the filters'."""

    @property
    def period(self) -> Period:
        """What the filters mean at this moment."""
        return self.shown or self.filters.period(self.at)

    @property
    def zone(self) -> ZoneInfo:
        """On whose clock everything is shown."""
        return self.filters.zone

    @property
    def today(self) -> date:
        """On that clock."""
        return self.at.astimezone(self.zone).date()

    @property
    def step(self) -> Step:
        """How wide the bars of charts are."""
        return step_of(self.period)

    def seen(
        self,
        query: Callable[Concatenate[ReadSession, AccessScope, Period, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Ask within the filters."""
        return data.seen(self.at, self.scope, self.period, query, *args, **kwargs)

    def seen_before(
        self,
        query: Callable[Concatenate[ReadSession, AccessScope, Period, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Ask for the period before, of the same length: what a figure is compared with."""
        return data.seen(self.at, self.scope, self.period.before(), query, *args, **kwargs)

    def seen_at_all(
        self,
        query: Callable[Concatenate[ReadSession, AccessScope, Period, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Ask whatever the chat filter says: of what belongs to several chats, or to none."""
        return data.seen(self.at, self.whole, self.period, query, *args, **kwargs)

    def looked_up(
        self, query: Callable[Concatenate[ReadSession, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Ask a query that knows no scope: on pages of admins."""
        return data.looked_up(self.at, query, *args, **kwargs)

    def say(self, phrase: Phrase, **values: Any) -> str:
        """A phrase in the visitor's language."""
        return phrase[self.language].format(**values)

    def number(self, value: float | None, digits: int = 0) -> str:
        """A count or a figure."""
        return words.number(value, self.language, digits)

    def share(self, value: float | None) -> str:
        """A share of one, in percent."""
        return words.share(value, self.language)

    def dollars(self, value: Decimal | float | None) -> str:
        """Money."""
        return words.dollars(value, self.language)

    def duration(self, value: timedelta | float | None) -> str:
        """How long; a number is seconds."""
        return words.duration(value, self.language)

    def ago(self, since: datetime) -> str:
        """How long ago, at the moment of the page."""
        return words.ago(since, self.at, self.language)

    def day(self, value: date) -> str:
        """A date."""
        return words.day(value, self.language)

    def moment(self, value: datetime | None) -> str:
        """A date with its time, on the visitor's clock."""
        return words.moment(None if value is None else value.astimezone(self.zone), self.language)

    def title(self, chat_id: int | None, title: str | None = None) -> str:
        """What a chat is called, or its number where that is not known."""
        if chat_id is None:
            return words.NONE
        held = self.held.get(chat_id)
        return title or (held.chat if held else "") or str(chat_id)
