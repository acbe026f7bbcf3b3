"""IP addresses, and URLs that carry a password or a token."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import regex

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.recognisers.secrets import looks_random
from core.privacy.types import PiiType

_V4 = regex.compile(r"(?<![\d.])(?<![\w-])(?:\d{1,3}\.){3}\d{1,3}(?![\d])(?!\.\d)(?!-?[\p{L}_])")
_V6 = regex.compile(
    r"(?<![\w:.])(?=[0-9a-f]{0,4}:)[0-9a-f:]{2,39}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])", regex.IGNORECASE
)
_VERSION_BEFORE = regex.compile(
    r"(?<!\p{L})(?:верси\w{0,3}|version|ver\.?|сборк\w{0,3}|build|release|релиз\w{0,3}|прошивк\w{0,3}|firmware|v\.?|"
    r"app)\P{L}{0,3}$"
)
_ADDRESS_BEFORE = regex.compile(
    r"(?:\bip\b|айпи|адрес|address|host|хост|server|сервер|ping|dns|gateway|шлюз|@|"
    r"://)\P{L}{0,3}(?:\p{L}{1,8}\P{L}{1,2})?$"
)

URL = regex.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'«»\[\]]{1,4096}|(?<![\w@.])www\.[^\s<>\"'«»\[\]]{3,4096}", regex.IGNORECASE
)
_TRAILING = ".,;:!?)]}…"

_TELLING_NAMES = regex.compile(
    r"(?:^|[_.-])(?:access|auth|refresh|id|api|session|reset|invite|csrf|bearer|private|secret|security)?[_.-]?"
    r"(?:token|key|apikey|passw?o?r?d?|pwd|secret|signature|sig|sid|session|sessionid|jwt|otp|code|hash|auth|"
    r"credential|"
    r"phone|tel|email|mail|login|user(?:name)?|snils|inn|passport)$",
    regex.IGNORECASE,
)
_PUBLIC_CODES = regex.compile(r"^(?:[a-z]{1,12}|\d{1,5})$", regex.IGNORECASE)
_INVITE = regex.compile(r"^(?:www\.)?(?:t\.me|telegram\.me)$")
_RESET_PATH = regex.compile(
    r"(?:reset|recover|restore|confirm|activate|verify|invite|invitation|magic|unsubscribe|login|auth|sso|token|share)"
)
_INCOMING_HOOK = regex.compile(
    r"^https?://(?:hooks\.slack\.com/services/|(?:\w{1,16}\.)?discord(?:app)?\.com/api/webhooks/|"
    r"api\.telegram\.org/bot\d)",
    regex.I,
)
"""Whoever knows such a URL can write as its owner."""


class Addresses:
    """IPv4 and IPv6 addresses; not versions, not times."""

    name = "ip"

    def find(self, context: Context) -> Iterable[Found]:
        for match in _V4.finditer(context.text):
            if _is_v4(match.group(), context.before(match.start())):
                yield Found(match.start(), match.end(), PiiType.IP, Rank.CHECKED)
        for match in _V6.finditer(context.text):
            written = match.group().rstrip(":") if not match.group().endswith("::") else match.group()
            if written.count(":") >= 2 and _is_v6(written):
                yield Found(match.start(), match.start() + len(written), PiiType.IP, Rank.CHECKED)


def _is_v4(written: str, before: str) -> bool:
    """Not the loopback address nor a mask of a network, which everybody has."""
    octets = [int(octet) for octet in written.split(".")]
    if max(octets) > 255 or _VERSION_BEFORE.search(before) or octets[0] == 127 or octets[:2] == [255, 255]:
        return False
    if _ADDRESS_BEFORE.search(before):
        return True
    # A version has small numbers throughout (4.2.1.0); an address hardly ever has.
    return octets[0] != 0 and (max(octets) >= 32 or written.startswith("10."))


def _is_v6(written: str) -> bool:
    try:
        address = ipaddress.IPv6Address(written)
    except ValueError:
        return False
    return not (address.is_unspecified or written.count(":") < 3) or written == "::1"


class PrivateUrls:
    """URLs with a password, a token or somebody's data in them, masked whole. Public URLs stay."""

    name = "url"

    def find(self, context: Context) -> Iterable[Found]:
        for match in URL.finditer(context.text):
            written = match.group().rstrip(_TRAILING)
            if is_private_url(written):
                yield Found(match.start(), match.start() + len(written), PiiType.URL, Rank.ENVELOPE)


def is_private_url(url: str) -> bool:
    """Whether the URL lets its reader in, or says who somebody is.

    >>> is_private_url("https://example.com/help?lang=ru"), is_private_url("postgres://app:s3cret@db/app")
    (False, True)
    """
    try:
        parts = urlsplit(url if "://" in url else "//" + url)
        host = parts.hostname or ""
    except ValueError:
        # Not a URL that anything could open, for example with a broken bracket: what is in it is for the other layers.
        return False
    if (
        _INCOMING_HOOK.match(url)
        or parts.password
        or (parts.username and parts.scheme not in ("ssh", "git", "git+ssh"))
    ):
        return True
    if _INVITE.match(host) and (parts.path.startswith("/+") or parts.path.startswith("/joinchat/")):
        return True
    return _has_private_value(parts) or _has_private_path(parts)


def _has_private_value(parts: SplitResult) -> bool:
    for source in (parts.query, parts.fragment.partition("?")[2] or parts.fragment):
        for name, value in parse_qsl(source, keep_blank_values=False):
            if looks_random(value) or (_TELLING_NAMES.search(name) and not _PUBLIC_CODES.match(value)):
                return True
    return False


def _has_private_path(parts: SplitResult) -> bool:
    segments = [unquote(segment) for segment in parts.path.split("/")]
    inviting = _RESET_PATH.search(parts.path.lower()) is not None
    return inviting and any(len(segment) >= 16 and looks_random(segment) for segment in segments)
