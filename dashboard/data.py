"""What a page asks for: a query of `analytics.queries` or `evals`, at one moment, remembered for all who ask the same.

A moment is rounded down to the staleness, so that whoever looks within the same minute sees the same figures, all of one
page are of the same moment, and PostgreSQL answers once.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import streamlit as st

from analytics.queries.inputs import Period
from core.db.session import ReadSession
from core.domain.access import AccessScope
from core.metrics import DASHBOARD_READ_SECONDS
from dashboard.desk import desk

T = TypeVar("T")
P = ParamSpec("P")

LIVE_SECONDS: Final = 15
"""How old the figures of *Now* and *Pipeline* are at most, and how often they renew themselves."""
CALM_SECONDS: Final = 60
"""How old all others are at most."""
REMEMBERED: Final = 500
"""Results; the oldest go."""


def moment(now: datetime, seconds: int) -> datetime:
    """The moment that a page asked for now is of.

    >>> str(moment(datetime(2026, 3, 2, 12, 0, 59, tzinfo=UTC), CALM_SECONDS))
    '2026-03-02 12:00:00+00:00'
    """
    whole = int(now.timestamp()) // seconds * seconds
    return datetime.fromtimestamp(whole, UTC)


def seen(
    at: datetime,
    scope: AccessScope,
    period: Period,
    query: Callable[Concatenate[ReadSession, AccessScope, Period, P], Awaitable[T]],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """A query's result at a moment, for those who may see what the scope has."""
    key = repr((_name(query), at, scope.every_chat, sorted(scope.chat_ids), period, args, sorted(kwargs.items())))
    return _remembered(key, _name(query), lambda session: query(session, scope, period, *args, **kwargs))


def looked_up(
    at: datetime, query: Callable[Concatenate[ReadSession, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Likewise, of a query that knows no scope: for admins."""
    key = repr((_name(query), at, args, sorted(kwargs.items())))
    return _remembered(key, _name(query), lambda session: query(session, *args, **kwargs))


def forget() -> None:
    """Ask anew for everything: something was changed, or somebody does not want to wait."""
    _remember.clear()


def _remembered(key: str, name: str, ask: Callable[[ReadSession], Awaitable[T]]) -> T:
    result: T = _remember(key, name, ask)
    return result


@st.cache_data(ttl=CALM_SECONDS, max_entries=REMEMBERED, show_spinner=False)
def _remember(key: str, _name: str, _ask: Callable[[ReadSession], Awaitable[Any]]) -> Any:  # noqa: ARG001 - it is the key
    async def asked() -> Any:
        async with desk().reader.reading() as session:
            return await _ask(session)

    with DASHBOARD_READ_SECONDS.labels(_name).time():
        return desk().run(asked())


def _name(query: Callable[..., Any]) -> str:
    """As `chats.volume`, `evals.results.summaries`."""
    return f"{query.__module__.removeprefix('analytics.queries.')}.{query.__qualname__}"
