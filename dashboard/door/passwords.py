"""Passwords: argon2id, kept as strings that say themselves how they were made (`core.rules.HASH_FORM`)."""

import os
import unicodedata
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core.errors import BadInput

MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1
"""With the two above, OWASP's first choice: 19 MiB and some 30 ms of one core for each try."""
SHORTEST: Final = 10
"""Characters. A login from the internet is limited in its tries, so ten that are no word suffice."""
LONGEST: Final = 256


def hashed(password: str) -> str:
    """The hash to write into `otklik.toml`.

    Raises:
        BadInput: the password is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}.")
    return _kdf().derive_phc_encoded(_bytes(password))


def fits(password: str, known: str | None) -> bool:
    """Whether it is the password of this hash. `None`, for a person who is not known, takes as long as a wrong password:
    otherwise the time would tell which names there are."""
    given = _bytes(password[:LONGEST])
    if known is None:
        _kdf().derive(given)
        return False
    try:
        Argon2id.verify_phc_encoded(given, known)
    except (InvalidKey, ValueError):  # ValueError: the form is right, and what it says is not
        return False
    return True


def _kdf() -> Argon2id:
    return Argon2id(salt=os.urandom(16), length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)


def _bytes(password: str) -> bytes:
    """One keyboard sends "й" as one character, another as two."""
    return unicodedata.normalize("NFKC", password).encode()
