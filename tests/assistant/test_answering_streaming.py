"""The words of an answer while it is written: finished sentences, masked, of a reply with sources."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.inquiry import Inquiry
from assistant.answering.results import AnswerResult
from assistant.answering.streaming import finished
from core.db.session import Database
from core.domain.access import AccessScope
from core.llm.reading import LONGEST
from core.llm.refusal import REFUSAL_MARKER
from core.privacy.types import MaskedText, RawText
from tests.assistant.answerers import EMBEDDER, MASKER, Claude
from tests.core.index.units import CHAT, embed, store, unit
from tests.fakes.anthropic_script import Event, Says, fails, location

PRINTER = MaskedText("Чек не печатается, принтер мигает красным")
ANSWER = "Откройте Настройки → Оборудование и перезапустите принтер."
SOURCE = location(0, source=f"{CHAT}:1", text=PRINTER)


@pytest.fixture
async def claude(database: Database) -> AsyncIterator[Claude]:
    """A history of one problem, and a model."""
    await store(database, unit(1, PRINTER, ANSWER))
    await embed(database, EMBEDDER)
    async with AsyncExitStack() as stack:
        yield Claude(database, stack)


def letter_by_letter(sent: list[Event]) -> list[Event]:
    """The text comes a character at a time."""
    made: list[Event] = []
    for name, data in sent:
        document = json.loads(data)
        delta = document.get("delta", {})
        if delta.get("type") != "text_delta":
            made.append((name, data))
            continue
        for letter in delta["text"]:
            piece = document | {"delta": delta | {"text": letter}}
            made.append((name, json.dumps(piece, ensure_ascii=False)))
    return made


async def streamed(claude: Claude, *script: object) -> tuple[AnswerResult, list[MaskedText]]:
    asking, _ = await claude.says(*script)  # type: ignore[arg-type]
    shown: list[MaskedText] = []

    async def words(said: MaskedText) -> None:
        shown.append(said)

    found = await asking.answer(Inquiry(question=PRINTER, scope=AccessScope.operator()), channel="test", words=words)
    return found, shown


async def test_sentences_are_shown_as_they_are_finished(claude: Claude) -> None:
    text = "Выключите принтер. Подождите минуту.\nВключите его снова."
    found, shown = await streamed(claude, Says([(text, SOURCE)], alter=letter_by_letter))
    assert shown == ["Выключите принтер.", "Выключите принтер. Подождите минуту."]
    assert found.answer == text


@pytest.mark.parametrize(
    "text",
    [
        "Звоните Анне: +7 916 123-45-67, она поможет. Потом перезапустите кассу. Готово.",
        "Позвоните нам.\nТелефон: +7 (916)\n123-45-67\nИ перезапустите кассу. Всё.",
        "Номер дежурного.\n8 916 123 45 67\nОн ответит. Всё.",
        "Пишите на boss@example.com. Ответят завтра. Всё.",
        "Карта такая: 4276 1600 1234 5674. Её и вставьте. Всё.",
        "The engineer is John Smith. He knows it. Ask him.",
        "Откройте. Пароль: Qx92LmVd04sKe1. Введите его. Всё.",
    ],
)
async def test_what_is_masked_at_the_end_was_never_shown_before(claude: Claude, text: str) -> None:
    found, shown = await streamed(claude, Says([(text, SOURCE)], alter=letter_by_letter))
    assert shown
    assert "[" in found.answer
    for words in shown:
        assert found.answer.startswith(words)


@given(st.integers(min_value=0), st.sampled_from(["+7 916 123-45-67", "8 (495) 000-12-34", "4276 1600 1234 5674"]))
def test_half_a_number_is_never_finished(place: int, number: str) -> None:
    text = f"Наберите {number} сейчас. Потом ждите.\n{number}\nЕщё раз: {number}. Всё."
    shown = finished(text[: place % (len(text) + 1)])
    assert MASKER.mask(RawText(text)).text.startswith(MASKER.mask(RawText(shown)).text)


@pytest.mark.parametrize(
    ("text", "ready"),
    [
        ("Нажмите «Сброс». Потом", "Нажмите «Сброс»."),
        ("Нажмите «Сброс.» Потом", "Нажмите «Сброс.»"),
        ("**Готово!** Дальше", "**Готово!**"),
        ("Нажмите «Сброс». ", ""),  # who knows what follows
        ("Офис: ул. Ленина, д. 5", ""),
        ("Ask Mr. Smith", ""),
        ("1. Откройте меню\n2", "1. Откройте меню"),
        ("Ошибка E-120\n2", ""),
        ("Склад, Касса,\nОт", ""),
        ("", ""),
    ],
)
def test_what_is_finished(text: str, ready: str) -> None:
    assert finished(text) == ready


@pytest.mark.parametrize(
    "says",
    [
        Says.text(f"{REFUSAL_MARKER}\nВ истории этого нет. Спросите человека. Всё.", alter=letter_by_letter),
        Says.text("Просто нажмите любую кнопку. Потом ещё одну. Всё.", alter=letter_by_letter),
        Says([("Это там. Ищите. Всё.", location(99, source="another", text="чужое"))], alter=letter_by_letter),
    ],
    ids=["it refuses", "it cites nothing", "it cites what was never given"],
)
async def test_nothing_is_shown_of_what_will_be_refused(claude: Claude, says: Says) -> None:
    found, shown = await streamed(claude, says)
    assert (found.refused, shown) == (True, [])


async def test_a_marker_in_the_middle_ends_what_is_shown(claude: Claude) -> None:
    text = f"Выключите принтер. Хотя нет. {REFUSAL_MARKER} Я не знаю. Всё."
    found, shown = await streamed(claude, Says([(text, SOURCE)], alter=letter_by_letter))
    assert found.refused
    assert REFUSAL_MARKER not in "".join(shown)


async def test_when_the_model_breaks_off_the_answer_is_quoted(claude: Claude) -> None:
    half = Says([("Выключите принтер. Подождите.", SOURCE)], alter=lambda sent: sent[:-4], then="reset")
    found, _ = await streamed(claude, half)
    assert found.answer.endswith(ANSWER)
    assert (found.refused, found.model) == (False, None)


async def test_a_long_reply_is_told_in_few_steps(claude: Claude) -> None:
    """Each is masked whole."""
    found, shown = await streamed(claude, Says([("Выключите принтер ещё раз. " * 300, SOURCE)]))
    assert len(found.answer) > 7_000
    assert len(shown) < 50


async def test_a_reply_that_does_not_end_is_given_up_and_the_answer_is_quoted(claude: Claude) -> None:
    found, shown = await streamed(claude, Says([("Выключите принтер ещё раз. " * 3_000, SOURCE)]))
    assert found.answer.endswith(ANSWER)
    assert max(map(len, shown)) <= LONGEST


async def test_a_quoted_answer_is_not_streamed(claude: Claude) -> None:
    found, shown = await streamed(claude, *[fails(529, "overloaded_error")] * 3)
    assert found.answer.endswith(ANSWER)
    assert shown == []
