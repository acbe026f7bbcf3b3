"""Properties: whatever people write, masking does not crash, keeps exact offsets, hides what was put in, and is done once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.privacy.masker import Masker
from core.privacy.normalise import normalise
from core.privacy.participants import Participants
from core.privacy.recognisers.base import TOKEN
from core.privacy.types import RawText, TextEntity

MASKER = Masker()
RELAXED = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

ANY_TEXT = st.text(st.characters(), max_size=200)
"""Lone surrogates and NUL among them."""
PIECES = st.sampled_from(
    """
    +7 916 123-45-67|8(916)1234567|ivan@mail.ru|4111 1111 1111 1111|паспорт|4509 123456|пароль:|qwerty123|код|482913|@ivan_petrov|
    t.me/ivan|https://a:b@c.ru/x|192.168.1.1|Иван|петров|Маша|John|smith|ул. Ленина, д. 5|[PERSON]|[PHONE]|
    [|]|\u200b|\u00a0|е\u0301|
    заказ №123|12.05.2026|1 500 руб|DE89370400440532013000|sk-ant-api03-abcdefghijklmnop123|
    ,|.|:|-|(|)|\n|и|the|my name is|мой телефон|
    Вера|роман|will|Mark|E-214|4.2.1.0|\ud800|\0|🙂|А.С.|token=|"|«
    """.replace("\n    ", "")
    .strip()
    .split("|")
)
CHAT_TEXT = st.lists(PIECES, max_size=25).flatmap(
    lambda pieces: st.sampled_from([" ", "", "\n"]).map(lambda gap: gap.join(pieces))
)
TEXTS = st.one_of(ANY_TEXT, CHAT_TEXT, st.lists(st.one_of(ANY_TEXT, CHAT_TEXT), max_size=3).map(" ".join))

CARRIERS = [
    "передайте {} спасибо",
    "{}",
    "привет! {} это я",
    "ok, {} thanks",
    "заказ 4471, {}, версия 4.2.1",
    "смотрите: {}.",
    "({})",
    "«{}»",
    "can you check {} please",
    "вот\n{}\nжду",
]
VALUES = [
    "+7 916 123-45-67",
    "8 (916) 123-45-67",
    "+375 29 123-45-67",
    "+44 20 7946 0958",
    "ivan.petrov@mail.ru",
    "j.doe+shop@example.co.uk",
    "4111 1111 1111 1111",
    "5555555555554444",
    "DE89 3704 0044 0532 0130 00",
    "112-233-445 95",
    "500100732259",
    "536-90-4399",
    "@ivan_petrov",
    "t.me/ivan_petrov",
    "https://u:p4ss@host.ru/x",
    "sk-ant-api03-abcdefghijklmnop123",
    "2001:db8::8a2e:370:7334",
    "192.168.10.254",
    "Мария Иванова",
    "Александру Кузнецову",
    "John Smith",
    "ул. Ленина, д. 5, кв. 12",
]


@RELAXED
@given(TEXTS)
def test_spans_are_exact_and_in_order(text: str) -> None:
    masked = MASKER.mask(RawText(text))
    rebuilt, place = "", 0
    for span in masked.spans:
        assert place <= span.start < span.end <= len(text)
        rebuilt += text[place : span.start] + f"[{span.type}]"
        place = span.end
    rebuilt += text[place:]
    assert masked.text == "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in rebuilt)
    masked.text.encode()


@RELAXED
@given(TEXTS)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = MASKER.mask(RawText(text))
    twice = MASKER.mask(RawText(once.text))
    assert twice.text == once.text
    assert not twice.spans


@RELAXED
@given(TEXTS)
def test_masks_stay_whole(text: str) -> None:
    assert len(TOKEN.findall(MASKER.mask(RawText(text)).text)) >= len(TOKEN.findall(text))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_value_is_found_in_any_carrier(carrier: str, value: str) -> None:
    masked = MASKER.mask(RawText(carrier.format(value))).text
    assert value not in masked
    before, after = carrier.split("{}")
    assert masked.startswith(before)
    assert masked.endswith(after)


@settings(RELAXED, max_examples=80)
@given(st.sampled_from(VALUES[:6]), st.sets(st.integers(1, 8)), st.sampled_from("\u200b\u00ad\ufeff\u2060"))
def test_invisible_characters_hide_nothing(value: str, places: set[int], invisible: str) -> None:
    hidden = "".join(letter + (invisible if place in places else "") for place, letter in enumerate(value))
    masked = MASKER.mask(RawText(f"вот {hidden} да"))
    assert masked.text.startswith("вот [")
    assert masked.text.endswith("] да")


@RELAXED
@given(
    TEXTS,
    st.lists(
        st.tuples(
            st.integers(-5, 220),
            st.integers(-5, 220),
            st.sampled_from(["phone", "mention", "email", "bank_card", "mention_name", "code"]),
        )
    ),
)
def test_any_entities_and_participants_are_survived(text: str, entities: list[tuple[int, int, str]]) -> None:
    people = Participants.of([RawText(text[:40]), RawText("Иван Петров")])
    masked = MASKER.mask(RawText(text), entities=[TextEntity(*entity) for entity in entities], participants=people)
    assert all(0 <= span.start < span.end <= len(text) for span in masked.spans)


@RELAXED
@given(ANY_TEXT)
def test_the_reading_form_knows_its_way_back(text: str) -> None:
    reading = normalise(text)
    assert len(reading.text) == len(reading.starts) == len(reading.ends)
    for place in range(len(reading.text)):
        start, end = reading.original(place, place + 1)
        assert 0 <= start < end <= len(text)
    assert list(reading.starts) == sorted(reading.starts)


def test_a_digit_that_is_no_number_is_survived() -> None:
    Masker().mask(RawText("²"), entities=[TextEntity(0, 1, "bank_card")])
