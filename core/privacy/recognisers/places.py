"""Postal addresses: a street with a house, and what belongs to it. A city alone, or a street alone, tells nobody's home."""

from collections.abc import Iterable, Iterator

import regex

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.recognisers.numbers import UNIT_AFTER
from core.privacy.recognisers.streets import ENGLISH, EUROPEAN, RUSSIAN, SAID, UK_POSTCODE
from core.privacy.recognisers.words import weigh
from core.privacy.types import PiiType

_PATTERNS = tuple(map(regex.compile, (*RUSSIAN, *EUROPEAN, *ENGLISH)))
_SAID = tuple(map(regex.compile, SAID))

_CITY = r"\p{Lu}[\p{L}.'’-]{1,24}(?:[ ]\p{Lu}[\p{L}.'’-]{1,24}){0,2}(?:[ ]\d{1,2}(?!\d))?"
_POSTCODE = (
    rf"(?:\d{{6}}|\d{{5}}(?:-\d{{4}})?|\d\d-\d{{3}}|\d{{3}}[ ]\d\d|\d{{4}}[ ]?[A-Z]{{2}}|{UK_POSTCODE}|"
    r"[A-Z]\d[A-Z][ ]?\d[A-Z]\d)(?![\p{L}\d])"
)
_SETTLEMENT = (
    r"(?:г|гор|город|пос|пос[её]лок|п|пгт|с|село|д|дер|деревня|ст-ца|станица|х|хутор|м|місто)(?:\.\s?|\s)"
    r"\p{Lu}[\p{L}-]{2,24}(?:[ ]\p{Lu}[\p{L}-]{2,24})?"
)
_REGION = r"(?:\p{Lu}[\p{L}-]{3,20}(?:ая|ий)\s(?:обл(?:асть|\.)?|край|р-н|район)|Респ(?:ублика|\.)\s\p{Lu}\p{L}{2,20})"

_BEFORE = regex.compile(
    rf"(?<![\p{{L}}\d№#])(?:(?:\d{{5,6}}(?!\d)|{_REGION}|{_SETTLEMENT}|"
    rf"\d{{5,6}} \p{{Lu}}[\p{{L}}-]{{2,24}}),?\s){{1,4}}$"
)
"""What stands before a street and belongs to it: "170100, г. Тверь, "."""
_AFTER = regex.compile(
    rf"[,\s]{{1,3}}(?:{_SETTLEMENT}|{_REGION}|(?:{_CITY}[,\s]{{1,2}})?(?:[A-Z]{{2}}\s)?{_POSTCODE}(?:[ ]{_CITY})?"
    rf"|\d{{4}}[ ]{_CITY}|(?i:Apt|Apartment|Suite|Ste|Unit|Flat)\.?\s\#?[\dA-Z]{{1,6}}(?![\p{{L}}\d]))"
)
"""And what follows: a postcode with its city, a city that is called one, a flat on a line of its own."""
MAX_AFTER = 4
WINDOW = 96

_HOUSE_ALONE = regex.compile(
    r"(?<![\p{L}\d.-])(?P<city>\p{Lu}[\p{L}-]{2,24},\s)?(?P<street>\p{Lu}[\p{L}-]{3,24}(?:\s\p{Lu}[\p{L}-]{3,24})?),?\s"
    r"\d{1,3}(?:(?P<letter>[абвг])(?!\p{L})|/\d{1,3}|-\d{1,3})?(?![\d:.,-]*\d|\s?\p{L})"
)
"""A name and a number, which are an address only together with something else that says so."""


class PostalAddresses:
    """Street and house, with flat, entrance, postcode and its city, as written in a dozen countries; British postcodes."""

    name = "address"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        text = context.text
        for start, end in (*_streets(text), *_bare(text)):
            yield Found(_begin(text, start), _finish(text, end), PiiType.ADDRESS, Rank.NAME)


def _streets(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield match.span()
    for pattern in _SAID:
        for match in pattern.finditer(text):
            if _is_street(match["value"]):
                yield match.span("value")


def _is_street(value: str) -> bool:
    """Whether the words are a street's rather than "адрес кассы 15": a capital, or a form that streets are named with."""
    word = value.partition(" ")[0].rstrip(",")
    return word[0].isupper() or word[0].isdigit() or _names_a_street(word)


def _names_a_street(word: str) -> bool:
    return weigh(word.lower()).surname > 0 or word.lower().endswith(("ая", "ой", "ий", "ый", "ского"))


def _bare(text: str) -> Iterator[tuple[int, int]]:
    """ "Уфа, Рихарда Зорге 45", "Гагарина 12а": a street's name with a house, after a city or with a letter at the house."""
    for match in _HOUSE_ALONE.finditer(text):
        first = match["street"].partition(" ")[0]
        city = match["city"]
        if not _names_a_street(first) and not (city and weigh(first.lower()).name > 0):
            continue
        if match["letter"] or (city and weigh(city.rstrip(", ").lower()).place >= 0.5):
            yield match.start("street"), match.end()


def _begin(text: str, start: int) -> int:
    before = _BEFORE.search(text, max(0, start - WINDOW), start)
    return before.start() if before else start


def _finish(text: str, end: int) -> int:
    for _ in range(MAX_AFTER):
        after = _AFTER.match(text, end)
        if after is None or UNIT_AFTER.match(text, after.end()):
            break
        end = after.end()
    return end
