"""Pseudonyms: what people are called where their ids must not stand.

They are keyed, since a bare hash of an id is found by trying all ids.
"""

import base64
import contextlib
import hmac
import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import OtklikError, SettingsError

KEY_BYTES = 32
MAX_KEYS = 100
"""In one file: a rotation a year, for a century."""
PERSON_CHARACTERS = 20
"""A hundred bits: two of a billion people meet with a chance of one in 10**12."""
PRIVATE_CHAT_BASE = 2**52
"""Telegram ids have at most 52 significant bits and JSON numbers 53: what lies between collides with no real id."""
_NONCE_BYTES = 12


class Pseudonyms:
    """The pseudonyms under a chain of keys, oldest first. The same person has the same one in all chats.

    A rotation adds a key: what the former keys made is hashed once more under it. So what is stored can be carried over
    without knowing anybody's id, people keep being one person each, and who has learnt only the former keys can no longer
    try ids against what is stored. The former keys stay needed: a new message of a known person passes all of them.
    """

    def __init__(self, *keys: bytes) -> None:
        if not keys:
            raise ValueError("a chain has at least one key")
        self._keys = tuple(_checked(key) for key in keys)

    def person(self, sender_id: str) -> str:
        """The pseudonym of a sender: `p_` and twenty characters."""
        for key in self._keys:
            sender_id = _person(key, sender_id)
        return sender_id

    def private_chat(self, user_id: int) -> int:
        """The id under which a private chat is stored: positive, in [2**52, 2**53)."""
        for key in self._keys:
            user_id = _private_chat(key, user_id)
        return user_id

    def renewed_person(self, former: str) -> str:
        """The pseudonym for one that was made before the newest key was added."""
        return _person(self._keys[-1], former)

    def renewed_private_chat(self, former: int) -> int:
        """The id for one that was made before the newest key was added."""
        return _private_chat(self._keys[-1], former)

    @property
    def fingerprint(self) -> str:
        """Tells one chain from another; nothing about the keys can be learnt from it."""
        return self.person("otklik/fingerprint")

    def __repr__(self) -> str:
        return "Pseudonyms(<keys>)"


class Sealer:
    """Keeps a private chat's real id where a reply has still to be sent, readable only with the key."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"otklik/sealer/1").derive(_checked(key))
        self._cipher = AESGCM(derived)

    def seal(self, value: int) -> bytes:
        """The id, sealed. Sealing twice gives different bytes."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value.to_bytes(8, signed=True), None)

    def open(self, sealed: bytes) -> int:
        """The id again. Raises `OtklikError` when the bytes were made with another key or were changed."""
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise OtklikError(
                "A sealed chat id cannot be opened: it was sealed with another key, or damaged."
            ) from None
        return int.from_bytes(plain, signed=True)

    def __repr__(self) -> str:
        return "Sealer(<key>)"


def _person(key: bytes, value: str) -> str:
    digest = base64.b32encode(_digest(key, "person", value)).decode().lower()
    return f"p_{digest[:PERSON_CHARACTERS]}"


def _private_chat(key: bytes, value: int) -> int:
    return PRIVATE_CHAT_BASE + int.from_bytes(_digest(key, "private_chat", str(value))) % PRIVATE_CHAT_BASE


def _digest(key: bytes, purpose: str, value: str) -> bytes:
    return hmac.digest(key, f"otklik/{purpose}/1\0{value}".encode("utf-8", "surrogatepass"), sha256)


def parse_keys(text: str) -> tuple[bytes, ...]:
    """A chain of keys as it stands in a file or a setting: oldest first, with blanks or commas between."""
    return tuple(parse_key(part) for part in text.replace(",", " ").split() or [""])


def parse_key(text: str) -> bytes:
    """A key as it stands in a file or a setting: 64 hexadecimal digits."""
    try:
        return _checked(bytes.fromhex(text.strip()))
    except ValueError:
        raise SettingsError(
            "The pseudonym key must be 64 hexadecimal digits, for example from `openssl rand -hex 32`."
        ) from None


def load_or_make_keys(path: Path) -> tuple[bytes, ...]:
    """The keys in this file, which is made at the first start. Two processes that start at once get the same key."""
    try:
        return _load(path)
    except FileNotFoundError:
        _make(path)
        return _load(path)


def draft_next(path: Path) -> tuple[bytes, ...]:
    """The keys of a file with a new one behind them, written beside the file: `adopt_next` puts them in its place."""
    keys = (*_load(path), secrets.token_bytes(KEY_BYTES))
    draft = next_path(path)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("".join(f"{key.hex()}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return keys


def adopt_next(path: Path) -> None:
    """Put the drafted keys in the place of the former ones."""
    next_path(path).replace(path)


def next_path(path: Path) -> Path:
    """Where drafted keys lie until they are adopted."""
    return path.with_name(f"{path.name}.next")


def _load(path: Path) -> tuple[bytes, ...]:
    with path.open(encoding="ascii", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise SettingsError(f"The key file {path} can be read by others (mode {mode:04o}); run `chmod 600 {path}`.")
        text = file.read(65 * MAX_KEYS)
    try:
        return parse_keys(text)
    except SettingsError:
        raise SettingsError(
            f"The key file {path} does not hold 64 hexadecimal digits; restore it from a backup."
        ) from None


def _make(path: Path) -> None:
    """Writes a whole key beside the file, then links it into place: the file appears complete or not, and only once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=path.name, encoding="ascii") as file:  # mkstemp makes it 0600
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first, and its key counts
            os.link(file.name, path)


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return key
