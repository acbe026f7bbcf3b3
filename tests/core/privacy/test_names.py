"""Names in the shapes that hide them, and the words of a shop that only look like names."""

import pytest

from core.privacy.masker import Masker
from core.privacy.types import RawText

MASKER = Masker()


def mask(text: str) -> str:
    return MASKER.mask(RawText(text)).text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("blocked. Siew Ling Tan at till 2 says sorry", "blocked. [PERSON] at till 2 says sorry"),
        ("Lee Min Ho asked for access", "[PERSON] asked for access"),
        ("MARTINEZ, ROSA needs a new pin", "[PERSON], [PERSON] needs a new pin"),
        ("name: van der Berg, Pieter", "name: [PERSON], [PERSON]"),
        ("eto masha petrova iz magazina", "eto [PERSON] iz magazina"),
        ("zovut oksana", "zovut [PERSON]"),
        ("было ИП Мельник, стало ООО", "было ИП [PERSON], стало ООО"),
        ("с димоном договаривались на скидку", "с [PERSON] договаривались на скидку"),
        ("ксюх, глянь заявку плиз", "[PERSON], глянь заявку плиз"),
        ("приветМарина", "привет[PERSON]"),
        ("это Cepгeй из магазина", "это [PERSON] из магазина"),
        ("Сотрудники → Мария Иванова → Удалить", "Сотрудники → [PERSON] → Удалить"),
        ("Staff → Emma → Timesheet", "Staff → [PERSON] → Timesheet"),
        ("касса Петровой, отчёт Кузнецова", "касса [PERSON], отчёт [PERSON]"),
    ],
)
def test_names_are_found(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Xero drops the connection, Posnet sleeps its port",
        "the reader has its own SIM; for Drinks choose Bar or None",
        "Decimal separator: comma, Field separator: semicolon",
        "Go to Stock → Transfers → Accept",
        "funciona, muchas gracias",
        "teşekkürler, şimdi çalışıyor",
        "danke, läuft jetzt wieder",
        "рахмет, жұмыс істеп тұр",
        "sprosite u nih, kassa ne rabotaet",
        "beep beep",
        "Интеграции → Вебхуки → Возобновить",
        "Можно: ЛК → Договор → «Запросить оригинал». Отправляем Почтой, 7–10 дней. На какой адрес?",
        "Роли → Продавец-консультант → отметьте",
        "касса Штрих-М, весы Штрих-Слим, плагин КриптоПро",
        "принтер Рикс, чипсы Лейс, сыр Дарницкий",
        "документ Оприходование, печенье Юбилейное",
        "магазин на Ленина закрыли",
    ],
)
def test_menus_goods_and_other_languages_are_nobody(text: str) -> None:
    assert mask(text) == text
