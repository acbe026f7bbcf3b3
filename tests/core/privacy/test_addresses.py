"""Addresses of a dozen countries go whole, with postcode and its city; streets, cities and numbers alone stay."""

import pytest

from core.privacy.masker import Masker
from core.privacy.types import RawText

MASKER = Masker()


def mask(text: str) -> str:
    return MASKER.mask(RawText(text)).text


@pytest.mark.parametrize(
    "address",
    [
        "170100, г. Тверь, ул. Симеоновская, дом 41, квартира 16",
        "г. Тверь, проспект Победы, д. 27, корп. 1, пом. 4",
        "д. Ивановка, ул. Центральная, 17",
        "ул Ленина дом 5 квартира 12 этаж 3 домофон 12К",
        "1-я Парковая, 15",
        "микрорайон 5, дом 12, кв 33",
        "вул. Шевченка 10, м. Київ, 01001",
        "пр. Абая 44, кв 12, Алматы 050000",
        "Достык көш. 5",
        "Абай даңғылы 150",
        "ul. Kwiatowa 12/4, 00-001 Warszawa",
        "Marszałkowska 12 m. 4, 00-590 Warszawa",
        "Hauptstraße 5, 10115 Berlin",
        "Lindenstr. 12a, 80331 München",
        "Vodičkova 12, 110 00 Praha 1",
        "Atatürk Cad. No: 15 D: 4, Kadıköy/İstanbul",
        "Cumhuriyet Mah. Gül Sok. No:5 Daire:3",
        "12 rue de la Paix, 75002 Paris",
        "Calle Mayor 15, 2º B, 28013 Madrid",
        "Kerkstraat 12, 1017 GC Amsterdam",
        "Kálmán Imre u. 12.",
        "14 Harbour Lane, Bristol BS1 9ZZ",
        "1600 Amphitheatre Parkway, Mountain View, CA 94043",
        "Maple Street 5, apt 3",
        "PSC 6293, Box 8158\nAPO AP 04336",
    ],
)
def test_an_address_goes_whole(address: str) -> None:
    assert mask(address) == "[ADDRESS]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("живу на ленина 5-12", "живу на [ADDRESS]"),
        ("адрес доставки: Баумана, 44, кв. 7", "адрес доставки: [ADDRESS]"),
        ("Уфа, Рихарда Зорге 45", "Уфа, [ADDRESS]"),
        ("заберите с Гагарина 12а", "заберите с [ADDRESS]"),
        ("I live at 42 wallaby way, ring twice", "I live at [ADDRESS], ring twice"),
        ("221B Baker Street, London", "[ADDRESS], London"),
    ],
)
def test_where_words_or_a_city_say_so_a_bare_street_is_enough(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "доставка в Тверь, Казань и г. Самара",
        "адрес кассы 15, адрес сервера 4",
        "доставка платная 300 руб",
        "на улице 15 градусов, в доме 5 квартир",
        "Касса 2, Точка 12а, Отчёт 5",
        "the drive failed on 2 tills",
        "5 street vendors use Tap 2",
        "any store in San Francisco or New York?",
        "Order 5, 10115 items",
        "address: 15",
    ],
)
def test_streets_cities_and_numbers_alone_stay(text: str) -> None:
    assert mask(text) == text
