"""The decisions at the door: who comes in, with what, and whether they may still be here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from core.metrics import DASHBOARD_LOGINS
from core.rules import DashboardPerson, DashboardRules, Rules
from dashboard.access import Visitor, operator, visitor_of
from dashboard.door.limits import Limits
from dashboard.door.passwords import fits
from dashboard.door.sessions import Sessions, proof_of

log = structlog.get_logger(__name__)

AT_THE_DOOR: Final = 20
"""Logins that may wait for the one whose password is being tried, which takes 19 MiB and some 70 ms. More are sent away."""
BUSY: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Entered:
    """They are who they say."""

    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """They are not let in."""

    wait: timedelta | None = None
    """Before the next try; None: at once."""


class Door:
    """One for the whole process."""

    def __init__(
        self, rules: Callable[[], Rules], sessions: Sessions, limits: Limits, *, locked: bool, oidc: bool
    ) -> None:
        """`locked`: nobody comes in unnamed, whatever the rules say later. `oidc`: a provider vouches for people."""
        self._rules = rules
        self._sessions = sessions
        self._limits = limits
        self._locked = locked
        self._trying = asyncio.Semaphore(1)
        self._waiting = 0
        self.oidc = oidc

    @property
    def rules(self) -> DashboardRules:
        """As they stand."""
        return self._rules().dashboard

    @property
    def is_locked(self) -> bool:
        """Whether one has to log in: from the moment on when somebody is named."""
        return self._locked or bool(self.rules.people)

    @property
    def with_passwords(self) -> bool:
        """Whether anybody comes in by a password."""
        return any(person.password is not None for person in self.rules.people.values())

    def visitor(self, token: str | None) -> Visitor | None:
        """Who comes with this token, at this moment: a person who was taken out of the rules, or has another password now,
        is not let on."""
        if not self.is_locked:
            return operator()
        session = self._sessions.read(token)
        person = None if session is None else self.rules.people.get(session.name)
        if session is None or person is None or session.proof != proof_of(_hash(person)):
            return None
        return visitor_of(session.name, self._rules())

    async def by_password(self, name: str, password: str, address: str) -> Entered | Refused:
        """Try a password. One is tried at a time, so that no more are tried than `Limits` allows."""
        name = name.strip().casefold()
        wait = self._limits.wait(address, name) or (BUSY if self._waiting >= AT_THE_DOOR else None)
        if wait is not None:
            DASHBOARD_LOGINS.labels("limited").inc()
            return Refused(wait)
        self._waiting += 1
        try:
            async with self._trying:
                return await self._try(name, password, address)
        finally:
            self._waiting -= 1

    def by_oidc(self, email: str) -> Entered | Refused:
        """Let in whom the provider vouches for, if the rules name them without a password."""
        name = email.strip().casefold()
        person = self.rules.people.get(name)
        if person is None or person.password is not None:
            DASHBOARD_LOGINS.labels("refused").inc()
            log.warning("a login was refused: the provider knows the person, [dashboard.people] does not")
            return Refused()
        return self._entered(name, person)

    def leave(self, token: str | None) -> None:
        """End a session."""
        session = self._sessions.read(token)
        if session is not None:
            self._sessions.end(session)

    async def _try(self, name: str, password: str, address: str) -> Entered | Refused:
        wait = self._limits.wait(address, name)  # what came to this door before may have failed meanwhile
        if wait is not None:
            DASHBOARD_LOGINS.labels("limited").inc()
            return Refused(wait)
        known = self.rules.people.get(name)
        fitting = await asyncio.to_thread(fits, password, None if known is None else _hash(known))
        if known is None or not fitting:
            self._limits.failed(address, name)
            DASHBOARD_LOGINS.labels("refused").inc()
            log.warning("a login was refused")
            return Refused(self._limits.wait(address, name))
        self._limits.succeeded(address)
        return self._entered(name, known)

    def _entered(self, name: str, person: DashboardPerson) -> Entered:
        DASHBOARD_LOGINS.labels("entered").inc()
        return Entered(self._sessions.begin(name, proof_of(_hash(person)), self.rules.session_hours))


def _hash(person: DashboardPerson) -> str | None:
    return None if person.password is None else person.password.get_secret_value()
