"""Postal addresses: a street with a house. A city alone, or a street alone, tells nobody's home."""

from collections.abc import Iterable

import regex

from core.privacy.recognisers.base import Context, Found, Rank
from core.privacy.types import PiiType

_KIND = (
    r"(?:ул(?:иц[аеуы]|\.|(?=\s))|пр-т\.?|пр-кт\.?|просп(?:ект\p{L}{0,2}|\.)|пр\.|пер(?:еул\p{L}{1,4}|\.)|б-р\.?|"
    r"бульв(?:ар\p{L}{0,2}|\.)|наб(?:ережн\p{L}{2,3}|\.)|"
    r"шоссе|ш\.|пл(?:ощад\p{L}{1,3}|\.)|проезд\p{L}{0,2}|мкр-?н?\.?|микрорайон\p{L}{0,2}|тупик\p{L}{0,2}|"
    r"алле[яюей]{1,2}|кварт?ал\p{L}{0,2})"
)
_NAME_WORD = r"(?:\d{1,3}(?:-?[а-я]{1,3})?\s+)?(?:им(?:ени|\.)\s+)?\p{Lu}?[\p{L}.-]{2,24}"
_HOUSE = (
    r"(?:д(?:ом)?\p{L}{0,2}\.?\s{0,2}№?\s{0,2})?\d{1,4}(?:\s?[а-дА-Д](?![\p{L}]))?(?:\s?[/-]\s?\d{1,3}[а-дА-Д]?(?!\d))?"
    r"(?![\d:.]\d)(?!\d)(?!\s?(?:руб|шт|мин|час|раз|дн|лет|год|числ|км|метр))"
)
_PARTS = (
    r"(?:[,\s]{1,3}(?:кв(?:артир\p{L}{1,2}|\.)?|корп(?:ус\p{L}{0,2}|\.)?|к\.?|стр(?:оен\p{L}{1,3}|\.)?|"
    r"под(?:ъезд\p{L}{0,2}|\.)?|пд\.?|эт(?:аж\p{L}{0,2}|\.)?|оф(?:ис\p{L}{0,2}|\.)?|"
    r"домофон)\s{0,2}№?\s{0,2}\d{1,4}[а-дА-Д]?(?!\p{L})"
    r"|[,\s]{1,3}\d{1,3}(?:-?[йя])?\s(?:подъезд|этаж)|\s?-\s?\d{1,4}(?!\d)){0,6}"
)
_RUSSIAN = (
    regex.compile(
        rf"(?<![\p{{L}}\d]){_KIND}\s{{0,2}}{_NAME_WORD}(?:\s{_NAME_WORD}){{0,2}}?[,\s]{{1,3}}{_HOUSE}{_PARTS}",
        regex.IGNORECASE,
    ),
    regex.compile(rf"(?<![\p{{L}}\d])(?:\d-?[яй]\s)?\p{{Lu}}[\p{{L}}-]{{3,24}}\s{_KIND}[,\s]{{1,3}}{_HOUSE}{_PARTS}"),
    regex.compile(
        r"(?<![\p{L}\d])\p{L}[\p{L}-]{3,24}[,\s]{1,3}(?:д(?:ом)?\.?\s{0,2})?\d{1,4}[а-дА-Д]?(?:/\d{1,3})?[,\s]{1,3}"
        r"(?:кв(?:артир\p{L}{1,2}|\.)?|корп(?:ус\p{L}{0,2}|\.)?)\s{0,2}\d{1,4}(?!\d)" + _PARTS,
        regex.IGNORECASE,
    ),
    regex.compile(
        r"(?<![\p{L}\d])д(?:ом\p{L}?)?\.?\s{0,2}\d{1,4}[а-дА-Д]?(?:/\d{1,3})?[,\s]{1,3}(?:корп\p{L}*\.?\s{0,2}\d{1"
        r",2}[,\s]{1,3})?кв(?:артир\p{L}{1,2}|\.)?\s{0,2}\d{1,4}(?!\d)",
        regex.IGNORECASE,
    ),
)

_STREET = (
    r"(?:St(?:reet)?|Ave(?:nue)?|Rd|Road|Blvd|Boulevard|Lane|Ln|Dr(?:ive)?|Court|Ct|Square|Sq|Place|Pl|Terrace|"
    r"Ter|Way|Parkway|Pkwy|Highway|Hwy|"
    r"Crescent|Close|Gardens|Mews|Row|Alley|Circle|Cir|Trail|Walk|Hill|Grove)"
)
_UNIT = r"(?:[,\s]{1,3}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|#)\.?\s{0,2}#?[\dA-Z]{1,6}(?!\p{L}))?"
_ENGLISH = (
    regex.compile(
        rf"(?<![\p{{L}}\d.,$€£#:/-])(?:(?:Flat|Apt|Apartment|Unit|Suite)\.?\s[\dA-Z]{{1,5}},?\s)?\d{{1,5}}[A-Za-z]?"
        rf"(?:-\d{{1,4}})?,?\s+(?:(?:[NSEW]|North|South|East|West)\.?\s)?"
        rf"(?:\p{{Lu}}[\p{{L}}'.-]{{1,20}}|\d{{1,3}}(?:st|nd|rd|th))(?:\s\p{{Lu}}[\p{{L}}'.-]{{1,20}}){{0,3}}?\s"
        rf"{_STREET}\b\.?{_UNIT}"
    ),
    regex.compile(
        rf"(?<![\p{{L}}\d.,$€£#:/-])\d{{1,5}}\s(?!minutes?|hours?|days?|ways?|steps?|more|other|times|dead|"
        rf"different|new|old|good|long|main|one|two)"
        rf"[a-z'.-]{{2,16}}(?:\s[a-z'.-]{{2,16}})?\s(?:street|avenue|ave|road|rd|blvd|boulevard|lane|ln|"
        rf"st)\b\.?{_UNIT}",
        regex.IGNORECASE,
    ),
    regex.compile(
        r"(?<![\p{L}\d])(?:[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKPSTUW]|"
        r"[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRVWXY]) \d[ABD-HJLNP-UW-Z]{2}(?![\p{L}\d])"
    ),
    regex.compile(r"(?<!\p{L})P\.?\s?O\.?\s?Box\s\d{1,6}", regex.IGNORECASE),
)


class PostalAddresses:
    """Street and house, with flat, entrance and floor, in Russian and English; British postcodes."""

    name = "address"

    def find(self, context: Context) -> Iterable[Found]:
        if not context.has_digits:
            return
        for pattern in (*_RUSSIAN, *_ENGLISH):
            for match in pattern.finditer(context.text):
                yield Found(match.start(), match.end(), PiiType.ADDRESS, Rank.NAME)
