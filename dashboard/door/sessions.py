"""Sessions: a signed token that says who has come in and until when. The browser keeps it in a cookie, we keep nothing."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

LONGEST_TOKEN: Final = 4_096
"""Characters that are looked at at all: browsers keep no longer cookie."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a token says."""

    session_id: str
    name: str
    proof: str
    """By what they came in (`proof_of`): with another password it is worth nothing."""
    until: datetime


class Sessions:
    """Begins, reads and ends sessions."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        """`secret`: as long as it stays the same, sessions outlive a restart."""
        self._signer = URLSafeSerializer(
            secret, salt="session", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )
        self._clock = clock
        self._ended: dict[str, datetime] = {}
        """Those that were logged out, until they would have run out by themselves."""

    def begin(self, name: str, proof: str, hours: int) -> str:
        """The token of a new session."""
        until = self._clock() + timedelta(hours=hours)
        return str(self._signer.dumps([secrets.token_urlsafe(12), name, proof, int(until.timestamp())]))

    def read(self, token: str | None) -> Session | None:
        """What it says; None where it is not ours, has run out, or was ended."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        try:
            session_id, name, proof, until = self._signer.loads(token)
        except BadData:
            return None
        session = Session(session_id, name, proof, datetime.fromtimestamp(until, UTC))
        return None if session.until <= self._clock() or session_id in self._ended else session

    def end(self, session: Session) -> None:
        """Whoever has a copy of the token does not come in with it either, as long as this process lives."""
        now = self._clock()
        self._ended = {one: until for one, until in self._ended.items() if until > now} | {
            session.session_id: session.until
        }


def proof_of(password_hash: str | None) -> str:
    """Names what somebody came in by; None is OIDC. It tells nothing about the hash: the token can be read by its bearer."""
    return "oidc" if password_hash is None else hashlib.blake2b(password_hash.encode(), digest_size=9).hexdigest()
