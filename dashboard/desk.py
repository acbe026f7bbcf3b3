"""What the pages are made of. One for the process: Streamlit runs the scripts of all visitors in it, in threads of its own.

The threads ask for everything on one event loop, the role's own: there the connections live.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from core.db.session import DATABASE_ERRORS, Reader, is_transient, took_too_long
from core.errors import Unavailable
from core.llm.prices import Prices
from core.rules import Rules
from core.settings import Settings
from core.streams.broker import AWAY, Depth
from dashboard.deeds import Deeds
from dashboard.door.door import Door

T = TypeVar("T")

PATIENCE_SECONDS: Final = 30.0
"""The reader's own limit is 20 s for a statement (`core.db.session.READER_SETTINGS`); a connection may take ten."""


class PostgresAway(Unavailable):
    """PostgreSQL does not answer."""


class RedisAway(Unavailable):
    """Redis does not answer."""


class TooSlow(Unavailable):
    """PostgreSQL answers, and this takes too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts."""

    loop: asyncio.AbstractEventLoop
    reader: Reader
    depths: Callable[[], Coroutine[Any, Any, Mapping[str, Depth]]]
    """How deep the streams are, by name."""
    deeds: Deeds
    door: Door
    rules: Callable[[], Rules]
    prices: Prices
    settings: Settings
    clock: Callable[[], datetime]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Have it done on the loop, and wait for it here.

        Raises:
            Unavailable: its kinds are above.
        """
        doing = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return doing.result(PATIENCE_SECONDS)
        except WaitedTooLong:
            doing.cancel()
            raise TooSlow from None
        except AWAY as error:
            raise RedisAway from error
        except (*DATABASE_ERRORS, OSError) as error:
            if not is_transient(error):
                raise
            raise (TooSlow if took_too_long(error) else PostgresAway) from error


_desks: list[Desk] = []


def set_up(desk: Desk) -> None:
    """Serve from this desk from now on."""
    _desks[:] = [desk]


def desk() -> Desk:
    """The one that is set up."""
    return _desks[-1]
