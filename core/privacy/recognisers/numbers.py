"""What the recognisers of numbers share: the words around a number say what it is."""

import regex

ORDER_WORDS = regex.compile(
    r"(?:заказ|накладн|трек|отслеж|артикул|\bарт\b|тикет|заявк|обращени|счет|счёт|договор|чек\b|штрих|баркод|"
    r"партия|партии|серийн|"
    r"товар|модел|верси|сборк|лицензи|номенклатур|позици|транзакци|платеж|платёж|"
    r"order|ticket|invoice|tracking|track\b|parcel|sku|serial|barcode|ean|upc|imei|case|request|booking|"
    r"reservation|build|"
    r"version|part\b|item|transaction|payment|receipt|contract|license key|issue|\bref\b|"
    r"reference)\P{L}{0,4}(?:[\p{L}]{1,12}\P{L}{1,3}){0,2}$"
)
"""Ends in what support needs to read: the number that follows is left alone."""

_PHONE_WORD = (
    r"(?:тел\b|телеф|звон|набер|номер\w{0,3} (?:телеф|моб|сот)|мобил|сотов|моб\b|сот\b|вотсап|ватсап|вацап|вайбер|"
    r"whatsapp|viber|"
    r"phone|\btel\b|\bcall|\bcell|mobile|\bring\b|\breach|\bfax|\bdesk\b|contact number|\btext me|\bnumber is|"
    r"my number|\bdial|answering|"
    r"registered|messages? (?:to|from))"
)
PHONE_WORDS = regex.compile(_PHONE_WORD + r"[^\n]{0,40}$")
PHONE_WORD_NEXT = regex.compile(
    _PHONE_WORD + r"\p{L}{0,4}[^\p{L}\d]{0,4}(?:at|to|on|is|me|на|по|мой|это|number|номер)?[^\p{L}\d]{0,3}$"
)
"""The number follows at once: then even one that looks like a sum is a phone."""
PHONE_WORD_AFTER = regex.compile(r"[ ,(-]{0,2}(?:office|fax|cell|mobile|home|work|моб|раб|дом\.|сот)\b")

CARD_WORDS = regex.compile(
    r"\bcc\b|карт|card|visa|виз[аыу]|mastercard|мастеркард|maestro|amex|\bмир\b|credit|debit|дебетов|кредитк|сбер|"
    r"тинь|pan\b"
)

UNIT_AFTER = regex.compile(
    r"[ ]?(?:руб|р\.|₽|\$|€|£|usd|eur|rub|byn|kzt|грн|₴|тенге|долл|евро|коп|шт|мм|см|км|кг|гр\b|мб|гб|кб|mb|gb|kb|"
    r"ms|мс|сек|мин|%|процент|"
    r"тыс|млн|млрд|million|thousand|bytes|байт|px|items|pcs|раз\b)",
    regex.IGNORECASE,
)

DATE = regex.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])|"
    r"(?:0?[1-9]|[12]\d|3[01])([-./])(?:0?[1-9]|1[0-2])\2(?:19|20)?\d\d|"
    r"(?:0?[1-9]|1[0-2])([-./])(?:0?[1-9]|[12]\d|3[01])\3(?:19|20)\d\d)(?!\d)"
    r"(?:[ T]{1,2}\d\d?:\d\d(?::\d\d)?(?:\.\d{1,6})?)?"
)


def digits_of(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def luhn(digits: str) -> bool:
    """The check digit of payment cards.

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def ean13(digits: str) -> bool:
    """The check digit of a barcode.

    >>> ean13("4006381333931")
    True
    """
    return len(digits) == 13 and sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0
