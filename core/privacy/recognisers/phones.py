"""Phone numbers. libphonenumber says what is a number; the words and the grouping say what only looks like one."""

from collections.abc import Iterable, Iterator, Sequence

import phonenumbers
import regex

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.recognisers.numbers import (
    DATE,
    ORDER_WORDS,
    PHONE_WORD_AFTER,
    PHONE_WORD_NEXT,
    PHONE_WORDS,
    UNIT_AFTER,
    digits_of,
    ean13,
)
from core.privacy.recognisers.spoken import Said, said_numbers, without_letters
from core.privacy.types import PiiType

_RUN = regex.compile(
    r"(?:(?<![\d+])\+[ ]?\(?|(?<!\d)(?<![A-Za-z=+-])(?<!\d[.,/])\(?)\d(?:[ ().\-/*_]{0,3}\d)*+(?![\d_]|(?!x\d)[A-Za-z])"
)
"""Digits with what people put between them. Ended by anything else, so its pieces are few."""
_EXTENSION = regex.compile(r"[ ,]{0,2}(?:x|ext\.?|доб\.?|добавочный)[ ]?\d{1,6}(?!\d)", regex.IGNORECASE)
_GLUED = regex.compile(r"[\w=]$")
"""A number that is stuck to something may be a part of it; then only the surest forms are believed."""
_LANDLINE = regex.compile(r"\d{3,5}[ -]\d{1,3}[ -]\d\d[ -]\d\d")
_GROUP = regex.compile(r"\d+")
_PLAIN_SUM = regex.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})+")
_CITY = regex.compile(r"\d\d([- ])\d\d\1\d\d")
"""Six digits of a smaller town, where the word stands before."""
_LOCAL = regex.compile(r"\d{3}-\d\d-\d\d|\d{2,3}-\d{4}")
_AMERICAN = regex.compile(r"(?:1[-. ])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[-. ])\d{3}[-. ]\d{4}")

MIN_DIGITS, CALLED_DIGITS, MAX_DIGITS = 6, 7, 15
MAX_GROUPS = 6
SPELLED_GROUPS = 15
"""A run of up to so many groups may be one number said digit by digit; longer runs are tables."""
HOME_REGIONS = ("RU", "BY", "UA")
"""Numbers written the national way. Kazakhstan shares Russia's plan."""


class Phones:
    """Numbers of any country with `+`, and of Russia, Belarus, Kazakhstan and Ukraine as people write them at home."""

    name = "phone"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        text = without_letters(DATE.sub(lambda match: "D" * len(match.group()), context.text))
        for run in _RUN.finditer(text):
            for start, end in _numbers_in(text, run.start(), run.end(), context):
                if extension := _EXTENSION.match(text, end):
                    end = extension.end()
                yield Found(start, end, PiiType.PHONE, Rank.PATTERN)
        for said in said_numbers(text):
            if _is_said_phone(text, said, context):
                yield Found(said.start, said.end, PiiType.PHONE, Rank.PATTERN)


def _is_said_phone(text: str, said: Said, context: Context) -> bool:
    if not CALLED_DIGITS <= len(said.digits) <= MAX_DIGITS:
        return False
    if text[said.start] == "+":
        return _is_international(said.digits)
    if is_russian_mobile(said.digits):
        return True
    before = _said_before(context, said.start)
    return PHONE_WORD_NEXT.search(before) is not None and UNIT_AFTER.match(text, said.end) is None


def _numbers_in(text: str, start: int, end: int, context: Context) -> Iterator[tuple[int, int]]:
    """The phone numbers in one run, longest first from the left: two numbers are often written side by side."""
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    widest = len(groups) if len(groups) <= SPELLED_GROUPS else MAX_GROUPS
    first = 0
    while first < len(groups):
        for last in range(min(len(groups), first + widest), first, -1):
            begin = _with_opening(text, start, groups[first][0], groups[last - 1][1])
            if _is_phone(text, begin, groups[last - 1][1], context, groups[first:last]):
                yield begin, groups[last - 1][1]
                first = last
                break
        else:
            first += 1


def _with_opening(text: str, floor: int, position: int, end: int) -> int:
    """Takes `+` and an opening bracket before the first digit into the number, unless the bracket is the sentence's."""
    while position > floor and text[position - 1] in "+( " and text[position - 1 : position + 1] != "  ":
        position -= 1
    while (
        text[position] == " "
        or (text[position] == "(" and ")" not in text[position:end])
        or text.startswith("((", position)
    ):
        position += 1
    balanced = text.count("(", position, end) <= text.count(")", position, end)
    return position if balanced or text[position] != "(" else position + 1


def _is_phone(text: str, start: int, end: int, context: Context, groups: Sequence[tuple[int, int]]) -> bool:
    written = text[start:end]
    digits = digits_of(written)
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS or _is_other_number(text, written, digits, end):
        return False
    if written.startswith("+") or (digits.startswith("00") and len(digits) >= 11):
        return _is_international(digits)
    if is_russian_mobile(digits):
        return True
    if _GLUED.search(text, max(0, start - 1), start):
        return False
    before = _said_before(context, start)
    at_once = (
        PHONE_WORD_NEXT.search(before) is not None or PHONE_WORD_AFTER.match(context.text.lower(), end) is not None
    )
    called = at_once or PHONE_WORDS.search(before) is not None
    if not called and (ORDER_WORDS.search(before) or before.rstrip().endswith(("#", "№", "no.", "n°"))):
        return False
    if at_once and _CITY.fullmatch(written):
        return True
    if called and len(digits) >= CALLED_DIGITS and (at_once or not _PLAIN_SUM.fullmatch(written)):
        return True
    return _is_home(written, digits) or _is_foreign_shape(written, digits, len(groups))


def _said_before(context: Context, start: int) -> str:
    """What stands before on the line, or on the one above when it ends in a colon."""
    before = context.before(start, 48)
    if before.strip():
        return before
    above = context.text[max(0, start - 48) : start].lower().rstrip()
    return above.rpartition("\n")[2] if above.endswith(":") else before


def _is_other_number(text: str, written: str, digits: str, end: int) -> bool:
    if UNIT_AFTER.match(text, end) and not written.startswith("+"):
        return True
    return written.isdigit() and ean13(digits)


def is_russian_mobile(digits: str) -> bool:
    """Eleven digits of a mobile number: these are a phone whatever the words around say."""
    return len(digits) == 11 and digits.startswith(("89", "79")) and _is_valid(digits, "RU")


def _is_international(digits: str) -> bool:
    if len(digits) < 9:
        return False
    try:
        number = phonenumbers.parse("+" + digits.removeprefix("00"), None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _is_home(written: str, digits: str) -> bool:
    if len(digits) == 11 and digits[0] in "78":
        return _is_valid(digits, "RU") or (digits.startswith("80") and _is_valid(digits, "BY"))
    if len(digits) == 10 and digits[0] == "9":
        return _is_valid(digits, "RU")
    if len(digits) == 10 and digits[0] == "0":
        return _is_valid(digits, "UA")
    if len(digits) == 12 and digits.startswith(("375", "380")):
        return _is_international(digits)
    landline = written.startswith("(") or _LANDLINE.fullmatch(written) is not None
    return len(digits) == 10 and digits[0] in "348" and landline and _is_valid(digits, "RU")


def _is_valid(digits: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


def _is_foreign_shape(written: str, digits: str, groups: int) -> bool:
    """Groupings that people use for telephones and hardly for anything else."""
    if _LOCAL.fullmatch(written) or _AMERICAN.fullmatch(written):
        return True
    trunk = digits.startswith("0") or written.startswith("(")
    return trunk and groups >= 2 and 8 + (not written.startswith("(")) <= len(digits) <= 12
