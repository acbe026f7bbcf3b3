"""Keys, tokens, passwords and one-time codes."""

import math
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import regex

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.types import PiiType

_KNOWN = regex.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"sk-ant-[A-Za-z0-9_-]{16,200}|sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,200}|"
    r"(?:sk|pk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,200}|"
    r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}|"
    r"xox[abposr]-[A-Za-z0-9-]{10,200}|xapp-[A-Za-z0-9-]{20,200}|"
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,500}|"
    r"y[0-3]_[A-Za-z0-9_-]{30,200}|AQVN[A-Za-z0-9_-]{30,100}|t1\.[A-Za-z0-9_-]{40,400}|"
    r"SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{30,80}|npm_[A-Za-z0-9]{30,50}|pypi-[A-Za-z0-9_-]{40,400}|"
    r"hf_[A-Za-z0-9]{30,50}|"
    r"dop_v1_[a-f0-9]{64}|vk1\.a\.[A-Za-z0-9_-]{30,400}|EAA[A-Za-z0-9]{40,400}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|"
    r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{32,36}|"
    r"eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,6000}(?:\.[A-Za-z0-9_-]{0,4000}){0,3}"
    r")(?![A-Za-z0-9_])"
)
"""Formats by which a service marks its own keys; a Telegram bot token and a JWT among them."""
_PEM = regex.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: "
    r"BLOCK)?-----|\Z)",
    regex.DOTALL,
)
_BEARER = regex.compile(r"\b(?:bearer|basic|token)\s+(?P<value>[A-Za-z0-9._~+/=-]{12,4096})", regex.IGNORECASE)

_NAMED = regex.compile(
    r"(?<![\p{L}\d])(?P<name>ключ|key|"
    r"парол(?:ь|и|я|ем|ю)?|пасс?ворд|пасс?|логин/пароль|пин(?:[ -]?код)?|кодовое слово|секретн(?:ый|ое) (?:ключ|"
    r"слово)|(?:api|апи)[ _-]?ключ|ключ (?:api|апи|доступа)|токен|"
    r"код (?:от )?(?:домофона|подъезда|двери|сейфа|замка)|session(?:[ _-]?id)?|"
    r"pass(?:word|wd|phrase|code)?|pwd|pin(?:[ -]?code)?|secret(?:[ _-]?(?:key|word))?|api[ _-]?key|apikey|"
    r"access[ _-]?key|"
    r"(?:access|auth|api|bot|refresh)?[ _-]?token|client[ _-]?secret|private[ _-]?key|cv[vc]2?(?:[ -]?(?:код|code))?"
    r")(?![\p{L}\d])[\"'»”`\]]?(?:(?P<gap>[\p{L} ]{0,24}?)(?P<separator>\s{0,2}[:=]+>?\s{0,2}|\s+[-–—]\s+|\s+(?:is|"
    r"это|was|"
    r"такой|стал|будет)\s*:?\s+)|(?P<bare>\s+(?:(?:от|для|к|на|for|to|of)\s+(?:\p{L}[\p{L}-]{1,16}\s+){1,2})?))"
    r"(?P<quote>[\"'«`“]?)(?P<value>[^\s\"'«»`“”]{3,256})",
    regex.IGNORECASE,
)
_QUOTED = regex.compile(
    r"(?<![\p{L}\d])(?:парол\p{L}{1,2}|password|passphrase|passwd|pwd)[^\p{L}\d\n\"«“'`]{0,4}(?:is |это |"
    r"такой )?[\"«“'`](?P<value>[^\"»”'`\n]{3,64})[\"»”'`]",
    regex.IGNORECASE,
)
_SPLIT_OFF = ".,;:?)}…"

_TAGGED = regex.compile(
    r"<(?:password|passwd|pwd|token|secret|api-?key)(?:\s[^<>\n]{0,60})?>(?P<value>[^<>\n]{3,256})</", regex.IGNORECASE
)
_CURL_USER = regex.compile(
    r"\bcurl\b[^\n]{0,400}?\s(?:-u|--user)[ =]{1,2}[\"']?[^\s:\"']{1,64}:(?P<value>[^\s\"']{3,128})"
)
_SEED = regex.compile(
    r"(?:seed|mnemonic|recovery phrase|мнемоник\p{L}|сид|фраз\p{L})\P{L}{1,4}(?:phrase\P{L}{1,4})?"
    r"(?P<value>[a-z]{3,8}(?:[ ,]{1,2}[a-z]{3,8}){11,23})(?![\p{L}])",
    regex.IGNORECASE,
)
"""Twelve to twenty-four words that open a wallet."""

_OTP = regex.compile(
    r"(?<![\p{L}-])(?:код\p{L}{0,3}|code|otp|пин\p{L}{0,3}|pin|смс-код|sms-code|"
    r"passcode)\b(?P<gap>[^\d\n]{0,48}?)(?P<value>(?<![\d.,/-])\d{3}[ -]\d{3}|"
    r"(?<![\d.,/-])\d\d(?P<joint>[ -])\d\d(?P=joint)\d\d|(?<![\d.,/-])\d(?: \d){3,7}|"
    r"(?<![\d.,/+-])\d{4,8})(?![\d.,/-]*\d|[\p{L}_])",
    regex.IGNORECASE,
)
_OTP_REVERSED = regex.compile(
    r"(?<![\d.,/+#№-])(?P<value>(?:(?<![\p{L}\d])[A-Z]{1,2}-)?+\d{4,8}|\d{3}[ -]\d{3})(?!\d)\s{0,2}(?:[-–—:]|is|это|"
    r"—)?\s{0,2}(?:is\s|—\s|это\s|"
    r"ваш\s|your\s|мой\s|my\s){0,2}"
    r"(?:\p{L}{1,16}\s){0,2}(?:код|code|otp|пин)\b(?! ошибки)",
    regex.IGNORECASE,
)
_SMS = regex.compile(
    r"(?:(?:приш|прид)\p{L}{1,3}|получил\p{L}?|got|received)\s(?:мне\s|нам\s|a\s|an\s)?(?:смс\p{L}{0,3}|sms|"
    r"text)\P{L}{1,3}"
    r"(?P<value>(?<!\d)\d{4,6})(?![\d.,/-]*\d|\s?\p{L})|"
    r"(?:смс\p{L}{0,3}|sms)\s(?:\p{L}{2,8}\s)?(?:приш|came)\p{L}{0,3}\P{L}{1,3}(?P<value>\d{4,6})(?![\d.,/-]*\d|"
    r"\s?\p{L})",
    regex.IGNORECASE,
)
"""`пришла смс 4821`: the code without the word."""
_CONFIRMING = regex.compile(
    r"никому|не (?:сообщ|говор|перед|показ)|n.t share|not share|never share|доступ|подтвержд|смс|\bsms|вход|авториз|"
    r"провероч|верифик|одноразов|безопасност|приш[её]л|пришл|регистрац|"
    r"telegram|"
    r"телеграм|"
    r"login|log in|sign.?in|verif|confirm|one.?time|\botp\b|2fa|security|auth|passcode|access|двухфактор|восстановлен",
    regex.IGNORECASE,
)
_OTHER_CODES = regex.compile(
    r"ошибк|товар|заказ|артик|отслеж|трек|стран|город|регион|оператор|продукт|подраздел|промо|скид|купон|валют|"
    r"клиент|магазин|акци|"
    r"error|product|promo|zip|post|area|country|status|exit|discount|coupon|return|order|item|line|http|ошибок|"
    r"состоян|ответ",
    regex.IGNORECASE,
)

_SLIP = regex.compile(r"\brrn\b|слип|терминал|эквайр|\bslip\b|acquir|terminal", regex.IGNORECASE)
"""A payment's authorisation code stands on the slip, and the bank asks for it."""

_FACTORY = regex.compile(r"сопряж|заводск|по умолчанию|стандартн|pair|default|factory", regex.IGNORECASE)
"""The PIN that every device of a make has."""

MAX_SLASHES = 3
"""More of them make a path."""
MIN_KEY = 12
"""Shorter values after the bare word "key" are names of keys."""
MIN_RANDOM = 16
MIN_ENTROPY = 3.3
"""Bits per character from which a string of mixed characters is taken for random. English words stay below 3."""

_NO_VALUES_TEXT = """
не нет не-а от для на и или в к с по из у уже еще ещё тоже как что это этот мой ваш он она они где когда если был была
неверный неправильный неверен слабый старый новый верный пустой обязателен общий одинаковый required correct ok same old
new weak empty changed missing сброшен забыл забыла изменен сменил сменила менял пришел верный правильный подходит the a
an not is was to for of in and or reset does doesn't doesnt didn't wrong invalid incorrect expired field my your
минимум максимум должен должна длиннее короче любой string null none true false undefined required optional must at
least minimum maximum
"""
_NO_VALUES = frozenset(_NO_VALUES_TEXT.split())
"""What follows the word "password" when people talk about passwords without telling one."""


def looks_random(value: str) -> bool:
    """A key rather than a word: long, of mixed characters, with much entropy."""
    if not MIN_RANDOM <= len(value) <= 4096 or " " in value:
        return False
    kinds = sum((any(c.isdigit() for c in value), any(c.islower() for c in value), any(c.isupper() for c in value)))
    if kinds < 2 or not any(c.isdigit() for c in value) or value.isdigit():
        return False
    counts = Counter(value[:256])
    size = sum(counts.values())
    entropy = -sum(n / size * math.log2(n / size) for n in counts.values())
    return entropy >= MIN_ENTROPY


class KnownKeys:
    """Keys in a format that names their service, JWTs, private keys, authorisation headers."""

    name = "key"

    def find(self, context: Context) -> Iterable[Found]:
        for match in _KNOWN.finditer(context.text):
            yield Found(match.start(), match.end(), PiiType.SECRET, Rank.CHECKED)
        if "PRIVATE KEY" in context.text:
            for match in _PEM.finditer(context.text):
                yield Found(match.start(), match.end(), PiiType.SECRET, Rank.ENVELOPE)
        for match in _BEARER.finditer(context.text):
            if looks_random(match["value"]) or (
                match.group().lower().startswith(("bearer", "basic")) and _is_odd(match["value"])
            ):
                yield Found(match.start("value"), match.end("value"), PiiType.SECRET, Rank.CHECKED)


class Passwords:
    """What follows "пароль:", "password is", `token=`."""

    name = "password"

    def find(self, context: Context) -> Iterable[Found]:
        for pattern in (_QUOTED, _TAGGED, _CURL_USER, _SEED):
            for match in pattern.finditer(context.text):
                yield Found(match.start("value"), match.end("value"), PiiType.SECRET, Rank.CHECKED)
        for match in _NAMED.finditer(context.text):
            value = match["value"].rstrip(_SPLIT_OFF) if not match["quote"] else match["value"]
            if len(value) >= 3 and _is_password(match, value):
                yield Found(match.start("value"), match.start("value") + len(value), PiiType.SECRET, Rank.CHECKED)


def _is_password(match: regex.Match[str], value: str) -> bool:
    name = match["name"].lower()
    if value.lower() in _NO_VALUES or value.startswith("[") or "://" in value:
        return False
    if name.startswith(("cvv", "cvc", "pin", "пин")):
        return (
            value.isdigit()
            and len(value) <= 8
            and not _FACTORY.search(match.string, max(0, match.start() - 32), match.end())
        )
    separator = (match["separator"] or "").strip()
    if name in ("ключ", "key") or name.startswith("session"):
        return len(value) >= MIN_KEY and _is_odd(value)
    if ":" in separator or "=" in separator:
        return not (match["gap"] or "").strip() or _is_odd(value)
    last = not match.string[match.end() :].partition("\n")[0].strip(" .!?")
    if separator or match["quote"] or name.endswith("слово"):
        return _is_odd(value) or last
    return _is_odd(value) and sum(c.isdigit() for c in value) >= (1 if any(c.isalpha() for c in value) else 4)


def _is_odd(value: str) -> bool:
    """Not a word of a language: has a digit, or a sign, or capitals inside."""
    return any(not c.isalpha() and c not in "-'’" for c in value) or (
        not value.istitle() and not value.isupper() and not value.islower()
    )


class OneTimeCodes:
    """Four to eight digits that are called a confirmation code; not error codes, product codes or promotions."""

    name = "one-time code"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for match in _OTP.finditer(context.text):
            around = context.before(match.start(), 48) + context.text[match.start() : match.end() + 24]
            if _OTHER_CODES.search(match.group()) or _SLIP.search(around):
                continue
            if _CONFIRMING.search(around) or _is_bare_code(match):
                yield Found(match.start("value"), match.end("value"), PiiType.SECRET, Rank.CHECKED)
        for match in _OTP_REVERSED.finditer(context.text):
            around = context.before(match.start(), 48) + context.text[match.start() : match.end() + 32]
            if _CONFIRMING.search(around) and not _OTHER_CODES.search(around):
                yield Found(match.start("value"), match.end("value"), PiiType.SECRET, Rank.CHECKED)
        for match in _SMS.finditer(context.text):
            yield Found(match.start("value"), match.end("value"), PiiType.SECRET, Rank.CHECKED)


def _is_bare_code(match: regex.Match[str]) -> bool:
    """`код: 482913`: six digits right after the word."""
    return len(match["value"]) >= 6 and match["gap"].strip() in (":", "-", "—", "is", "is:", "это")


_NO_SECRETS = regex.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{32}|sha\d+-.*"
)
"""UUIDs, commits and check sums: identifiers that support needs, in the shape of keys."""


class RandomStrings:
    """Long strings of high entropy after a word that says key or token, or on their own."""

    name = "random string"

    _VALUE = regex.compile(r"(?<![\w/.+-])[A-Za-z0-9_+/-]{24,512}={0,2}(?![\w/.+-])")

    def find(self, context: Context) -> Iterable[Found]:
        for match in self._VALUE.finditer(context.text):
            value = match.group()
            if (
                looks_random(value)
                and _switches(value) >= 6
                and value.count("/") <= MAX_SLASHES
                and not _NO_SECRETS.fullmatch(value)
            ):
                yield Found(match.start(), match.end(), PiiType.SECRET, Rank.PATTERN)


def _switches(value: str) -> int:
    """How often letters and digits take turns: names with a number at the end do so once."""
    return sum(1 for a, b in pairwise(value) if a.isdigit() != b.isdigit())
