"""Payment cards and bank accounts."""

from collections.abc import Iterable

import regex
from stdnum import iban

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.recognisers.numbers import CARD_WORDS, digits_of, ean13, luhn
from core.privacy.types import PiiType

_CARD = regex.compile(r"(?<![\d\p{L}])(?<!\d[.,])\d(?:[ \-]{0,2}\d){11,18}+(?![\d\p{L}])")
_QUARTERS = regex.compile(r"(?<![\d-])[2-69]\d{3}([ \-])\d{4}\1\d{4}\1\d{4}(?![\d-])")
_PIECES = regex.compile(r"(?<![\d.-])[2-69]\d{3}[ \-._\n]{1,2}\d{4}[ \-._\n]{1,2}\d{4}[ \-._\n]{1,2}\d{4}(?![ -]?\d)")
"""A card with dots between its groups, or broken over two lines: only with the right check digit."""
_IBAN = regex.compile(r"(?<![\p{L}\d])[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]){11,30}+", regex.IGNORECASE)
_ACCOUNT = regex.compile(r"(?<!\d)(?:40[5-8]|42[0-6])(?:[ ]?\d){17}(?!\d)")
"""Russian accounts have twenty digits; these balance numbers are those of people and firms."""

_SORT_CODE = regex.compile(
    r"sort code\P{L}{1,3}(?P<code>\d\d-?\d\d-?\d\d)(?!\d)(?:[^\d\n]{1,32}(?P<account>\d{8})(?!\d))?", regex.IGNORECASE
)
"""A British account stands behind its bank's sort code."""

_ISSUERS = regex.compile(
    r"4(?:\d{12}|\d{15}|\d{17,18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|"
    r"220[0-4]\d{12,15}|3[47]\d{13}|"
    r"3(?:0[0-59]|[68]\d)\d{11,16}|(?:6011|65\d\d|64[4-9]\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12,15}|(?:2131|1800)\d{11}|"
    r"(?:5[06-8]|6\d)\d{10,17}|(?:9860|8600|5614)\d{12}|9112\d{12}"
)
SURE_LENGTHS = (14, 15, 16, 19)
"""At these lengths an issuer's prefix and the check digit are enough; shorter numbers must be called a card."""


class Cards:
    """Twelve to nineteen digits of a known issuer with Luhn's check digit; or four groups of four."""

    name = "card"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for match in _CARD.finditer(context.text):
            digits = digits_of(match.group())
            called = _called_card(context, match.start(), match.end())
            issued = _ISSUERS.fullmatch(digits) is not None and not ean13(digits)
            if (called or issued) and luhn(digits):
                if called or len(digits) in SURE_LENGTHS:
                    yield Found(match.start(), match.end(), PiiType.CARD, Rank.CHECKED)
            elif called and len(digits) == 16:
                yield Found(match.start(), match.end(), PiiType.CARD, Rank.PATTERN)
        for match in _QUARTERS.finditer(context.text):
            yield Found(match.start(), match.end(), PiiType.CARD, Rank.PATTERN)
        for match in _PIECES.finditer(context.text):
            digits = digits_of(match.group())
            if _ISSUERS.fullmatch(digits) and luhn(digits):
                yield Found(match.start(), match.end(), PiiType.CARD, Rank.CHECKED)


def _called_card(context: Context, start: int, end: int) -> bool:
    around = context.before(start, 40) + " " + context.text[end : end + 24].lower()
    return CARD_WORDS.search(around) is not None


class Accounts:
    """IBANs with a right checksum (the longest right one, since words may follow), and Russian and British account numbers."""

    name = "iban"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for match in _IBAN.finditer(context.text):
            if end := _iban_end(match.group()):
                yield Found(match.start(), match.start() + end, PiiType.IBAN, Rank.CHECKED)
        for match in _ACCOUNT.finditer(context.text):
            yield Found(match.start(), match.end(), PiiType.IBAN, Rank.PATTERN)
        for match in _SORT_CODE.finditer(context.text):
            for part in ("code", "account"):
                if match[part]:
                    yield Found(match.start(part), match.end(part), PiiType.IBAN, Rank.CHECKED)


def _iban_end(written: str) -> int | None:
    pieces = [place for place, letter in enumerate(written) if letter in " -"]
    for end in [len(written), *reversed(pieces)]:
        if end >= 15 and iban.is_valid(written[:end].replace("-", " "), check_country=False):
            return end
    return None
