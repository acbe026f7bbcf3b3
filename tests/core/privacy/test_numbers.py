"""Phones that are half said, cards in pieces, papers of other countries; and numbers that only resemble them."""

import pytest

from core.privacy.masker import Masker
from core.privacy.types import RawText

MASKER = Masker()


def mask(text: str) -> str:
    return MASKER.mask(RawText(text)).text


@pytest.mark.parametrize(
    "phone",
    [
        "8916 один два три 45 67",
        "+7 девятьсот шестнадцать 123 45 67",
        "восемь девятьсот двадцать шесть сто двадцать три 45 67",
        "8 (9I6) 123-45-67",
        "8-9I6-I23-45-67",
        "89l61234567",
        "8 (9О3) 555-12-34",
    ],
)
def test_a_phone_is_one_however_it_is_said(phone: str) -> None:
    assert mask(f"звони {phone}, жду") == "звони [PHONE], жду"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("тел. 34-56-78", "тел. [PHONE]"),
        ("number is O7700 9OO461", "number is [PHONE]"),
        ("карта 4276 3815\n7368 1932", "карта [CARD]"),
        ("5469.0103.6426.2123", "[CARD]"),
        ("расчётный счет 4081 7810 0999 1000 4312", "расчётный счет [IBAN]"),
        ("sort code 20-00-00 account number 55779911", "sort code [IBAN] account number [IBAN]"),
        ("было 779860395433, стало 9654748552 ООО", "было [DOCUMENT], стало [DOCUMENT] ООО"),
        ("паспорт: 4510\n654321", "паспорт: [DOCUMENT]\n[DOCUMENT]"),
        ("паспорт АВ 123456", "паспорт [DOCUMENT]"),
        ("my passport number is 533401234", "my passport number is [DOCUMENT]"),
        ("ИИН 850101300123, PESEL 44051401359", "ИИН [DOCUMENT], PESEL [DOCUMENT]"),
        ("ник в телеге masha_flowers88", "ник в телеге [USERNAME]"),
        ("telegram: johnny5alive, discord johnny#4821", "telegram: [USERNAME], discord [USERNAME]"),
        ("skype live:ivan.petrov", "skype [USERNAME]"),
        ("ivan dot petrov at gmail dot com", "[EMAIL]"),
    ],
)
def test_numbers_and_names_in_pieces(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "ООО 1234567890 и заказ 9654748552",
        "два стула по 3 4 5 штук",
        "раз два три, проверка связи 1 2 3",
        "one or two of 10 20 30 items",
        "2–3 дня, пять из 120 чеков",
        "размеры 5469.01 и 6426.21",
        "telegram bot api, ник не важен, discord server",
        "version 4.2.1.1980",
    ],
)
def test_numbers_in_words_and_in_tables_stay(text: str) -> None:
    assert mask(text) == text
