"""Numbers of a person's documents. With a checksum where there is one, else where the words say so."""

from collections.abc import Iterable

import regex
from stdnum.ru import inn

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.recognisers.numbers import ORDER_WORDS, digits_of
from core.privacy.types import PiiType

_PASSPORT_WORDS = regex.compile(r"паспорт|пасп\b|серия|сери[ийю]|загран|passport|удостоверен|документ")
_PASSPORT = regex.compile(
    r"(?<![\d.,/-])\d{2}[ -]?\d{2}(?:[ ,-]{1,3}|\s*(?:№|N|номер|ном\.?|н\.)\s*:?\s*)?\d{6}(?![\d-])", regex.IGNORECASE
)
_PASSPORT_SHAPE = regex.compile(r"\d{4} \d{6}|\d{2} \d{2} (?:№ ?)?\d{6}|\d{4} ?№ ?\d{6}")
_PASSPORT_PARTS = regex.compile(
    r"(?:сери[яиюей]{1,2}|паспорт\p{L}{0,3})\P{L}{1,4}(?P<series>\d{2}[ "
    r"-]?\d{2})(?!\d)(?:(?:[^\d\n]{1,24}|\s{1,3})(?P<number>\d{6})(?!\d))?",
    regex.IGNORECASE,
)
_PASSPORT_NUMBER = regex.compile(r"(?:номер|№)\s{0,2}(?:паспорта)?\P{L}{0,3}(?P<number>\d{6})(?!\d)", regex.IGNORECASE)
_LETTERED_PASSPORT = regex.compile(
    r"passport(?: number| no\.?| #)?[:# ]{1,3}(?:is )?(?P<value>(?=[A-Z\d]*\d[A-Z\d]*\d)[A-Z\d]{6,10})(?![\p{L}\d]"
    r")",
    regex.IGNORECASE,
)
_FOREIGN_PASSPORT = regex.compile(
    r"(?:загран\p{L}*|passport|паспорт\p{L}*)[^\d\n]{0,24}?(?P<value>\b(?:(?-i:[A-Z]{1,2}) ?)?\d{2} ?\d{6,7}(?!\d)|"
    r"\b[А-ЯІЇЄ]{2} ?\d{6}(?!\d))",
    regex.IGNORECASE,
)

_INN_WORD = regex.compile(r"инн|\binn\b|taxpayer", regex.IGNORECASE)
_INN = regex.compile(r"(?<![\d\p{L}.,/-])(?:\d{12}|\d{10}|\d{4} \d{4} \d{4}|\d{4} \d{6} \d{2})(?![\d\p{L}])(?!-\d)")
_FIRM_WORD = regex.compile(
    r"(?<!\p{L})(?:ооо|оао|зао|пао|ао|ип|чп|тоо|юр\.?лиц\p{L}{0,2}|реквизит\p{L}{0,3}|контрагент\p{L}{0,3}|"
    r"организаци\p{L}{1,3})(?!\p{L})"
)
"""Beside these, ten digits with the check digit of an INN are one, though they may be dialled as well."""
_NATIONAL = regex.compile(
    r"(?<!\p{L})(?:иин|іін|iin|жсн|пинфл|pinfl|рнокпп|іпн|pesel|dni|nie|nif|cpf|codice fiscale|bsn|"
    r"(?:personal|national) (?:id|identity|identification)(?: number| code| no\.?)?|id card(?: number| no\.?)?|"
    r"идентификационный номер|личный номер)(?!\p{L})[^\d\n]{0,16}?"
    r"(?P<value>(?<![\p{L}\d])[A-Z]{0,3}\d(?:[ .-]?[A-Z\d]){6,15}(?![\p{L}\d]))",
    regex.IGNORECASE,
)
"""Numbers of a person in other countries, after their word."""
_SNILS = regex.compile(r"(?<![\d-])\d{3}[- ]\d{3}[- ]\d{3}[- ]\d{2}(?![\d-])|(?<![\d-])\d{11}(?![\d-])")
_SNILS_WORD = regex.compile(r"снилс|страхов\p{L}{2,3} (?:номер|свид)|snils|пфр")
_POLICY = regex.compile(
    r"(?:полис\p{L}{0,3}|омс|енп|oms\b)[^\d\n]{0,30}(?P<value>\d(?:[ -]?\d){15})(?!\d)", regex.IGNORECASE
)
_LICENCE = regex.compile(
    r"(?<!\p{L})(?:водительск\p{L}{2,3}(?: удостоверен\p{L}{1,3})?|прав[ао]?|ву|в/у|driv(?:ing|er'?s?) licen[cs]e|"
    r"licen[cs]e (?:number|no\.?|#)|dl)(?!\p{L})"
    r"[^\d\n]{0,32}?(?P<value>(?<![\p{L}\d])(?:\d{2} ?\d{2} ?\d{6}|\d{2} ?[А-ЯA-Z]{2} ?\d{6}|"
    r"[A-Z]{1,5}[A-Z0-9]{0,2}\d{5,14}[A-Z0-9]{0,3}|\d{3}[ -]?\d{3}[ -]?\d{3}|\d{7,9}))(?![\p{L}\d])",
    regex.IGNORECASE,
)
_BIRTH = regex.compile(r"(?<![\p{L}\d])[IVXLC]{1,6}[- ][А-ЯЁ]{2} ?(?:№ ?)?\d{6}(?!\d)")
_SSN = regex.compile(r"(?<![\d+-])(?<!\d )(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])(?! \d)")
_SSN_WORD = regex.compile(
    r"(?:\bssn\b|social security)[^\d\n]{0,24}(?P<value>\d{3}[- ]?\d{2}[- ]?\d{4})(?!\d)", regex.IGNORECASE
)
_NINO = regex.compile(
    r"(?<![\p{L}\d])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ "
    r"-]?[A-D](?![\p{L}\d])",
    regex.IGNORECASE,
)
FIRM_NEAR = 64


class Passports:
    """Russian passports: series and number together, apart, or after the word; foreign ones after the word."""

    name = "passport"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for match in _PASSPORT.finditer(context.text):
            before = context.before(match.start(), 48)
            if _PASSPORT_WORDS.search(before):
                yield Found(match.start(), match.end(), PiiType.DOCUMENT, Rank.CHECKED)
            elif _PASSPORT_SHAPE.fullmatch(match.group()) and not ORDER_WORDS.search(before):
                yield Found(match.start(), match.end(), PiiType.DOCUMENT, Rank.PATTERN)
        yield from _parts_of_passports(context)


def _parts_of_passports(context: Context) -> Iterable[Found]:
    for match in _PASSPORT_PARTS.finditer(context.text):
        for part in ("series", "number"):
            if match[part]:
                yield Found(match.start(part), match.end(part), PiiType.DOCUMENT, Rank.CHECKED)
    if _PASSPORT_WORDS.search(context.text.lower()):
        for match in _PASSPORT_NUMBER.finditer(context.text):
            yield Found(match.start("number"), match.end("number"), PiiType.DOCUMENT, Rank.CHECKED)
    for match in (*_FOREIGN_PASSPORT.finditer(context.text), *_LETTERED_PASSPORT.finditer(context.text)):
        yield Found(match.start("value"), match.end("value"), PiiType.DOCUMENT, Rank.CHECKED)


class TaxNumbers:
    """INN: a person's twelve digits by checksum; a firm's ten where they are called so, or by checksum beside "ООО"."""

    name = "inn"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for match in _INN.finditer(context.text):
            digits = digits_of(match.group())
            before = context.before(match.start(), 24)
            called = _INN_WORD.search(before) is not None
            if called or (inn.is_valid(digits) and not ORDER_WORDS.search(before) and _is_of_person_or_firm(match)):
                yield Found(match.start(), match.end(), PiiType.DOCUMENT, Rank.CHECKED)


def _is_of_person_or_firm(match: regex.Match[str]) -> bool:
    if len(digits_of(match.group())) == 12:
        return True
    around = match.string[max(0, match.start() - FIRM_NEAR) : match.end() + FIRM_NEAR // 2]
    return _FIRM_WORD.search(around.lower()) is not None


class Snils:
    """SNILS by its checksum in its usual grouping, or after the word."""

    name = "snils"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for match in _SNILS.finditer(context.text):
            grouped = not match.group().isdigit()
            called = _SNILS_WORD.search(context.before(match.start(), 40)) is not None
            if called or (grouped and snils_valid(digits_of(match.group()))):
                yield Found(match.start(), match.end(), PiiType.DOCUMENT, Rank.CHECKED)


def snils_valid(digits: str) -> bool:
    """The check number of a SNILS.

    >>> snils_valid("11223344595")
    True
    """
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


class OtherPapers:
    """OMS policies, driving licences, birth certificates, US SSN, UK NINO; other countries' numbers after their word."""

    name = "document"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for pattern in (_POLICY, _LICENCE, _SSN_WORD, _NATIONAL):
            for match in pattern.finditer(context.text):
                yield Found(match.start("value"), match.end("value"), PiiType.DOCUMENT, Rank.CHECKED)
        for pattern in (_BIRTH, _NINO, _SSN):
            for match in pattern.finditer(context.text):
                yield Found(match.start(), match.end(), PiiType.DOCUMENT, Rank.CHECKED)
