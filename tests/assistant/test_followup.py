"""Whether a question leans on the one before it, by its words and by what is found. Shares: `test_sample_answers`."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assistant.followup import SLACK, Leaning, context, continues, leaning, stands
from assistant.retrieval.evidence import Reason, Verdict
from assistant.turns import Turn
from core.index.records import Hit
from core.privacy.types import MaskedText

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
PRINTER = Hit(
    unit_id="-5:1", chat_id=-5, thread_id=1, message_ids=(1,), text=MaskedText("Принтер не печатает: замените бумагу"),
    question=MaskedText("Принтер не печатает"), answer=MaskedText("замените бумагу"), asked_at=MOMENT, last_at=MOMENT,
    staff_answered=True, vetted=False, score=0.9, dense=0.9, lexical=0.5,
)  # fmt: skip
STRONG = Verdict(answer=True, reason=Reason.STRONG, source=PRINTER, strength=0.9)
WEAK = replace(STRONG, answer=False, reason=Reason.WEAK)
STRONGER = replace(STRONG, strength=0.95)


@pytest.mark.parametrize(
    ("question", "lean"),
    [
        ("А если он не помогает?", Leaning.WHOLLY),
        ("И что тогда?", Leaning.WHOLLY),
        ("Почему?", Leaning.WHOLLY),
        ("это не помогло, что ещё сделать?", Leaning.WHOLLY),
        ("what if it does not work?", Leaning.WHOLLY),
        ("And for an old one?", Leaning.WHOLLY),
        ("ЁЛКИ, А ЭТО КАК?", Leaning.WHOLLY),
        ("на Бизнесе?", Leaning.PARTLY),
        ("А где взять новый код привязки?", Leaning.PARTLY),
        ("is it paired in the phone's bluetooth menu?", Leaning.PARTLY),
        ("Как поставить логотип на чек?", Leaning.NONE),
        ("How do I change the receipt language?", Leaning.NONE),
        ("А как поменять ставку НДС сразу у всех товаров в каталоге через Excel?", Leaning.NONE),
        ("А что значит E-305?", Leaning.NONE),
        ("Спасибо!", Leaning.NONE),
        ("привет", Leaning.NONE),
        ("ok, thanks", Leaning.NONE),
        ("👍", Leaning.NONE),
        ("?", Leaning.NONE),
    ],
)
def test_how_much_a_question_leans(question: str, lean: Leaning) -> None:
    assert leaning(MaskedText(question)) is lean


def turns(*questions: str) -> list[Turn]:
    return [Turn(MaskedText(question), None) for question in questions]


def test_the_context_is_the_question_before() -> None:
    assert context(turns("Как вернуть деньги?", "Принтер не печатает")) == "Принтер не печатает"


def test_the_context_of_a_chain_goes_back_to_where_it_began() -> None:
    chain = turns("Как вернуть деньги?", "Принтер не печатает", "А если он новый?")
    assert context(chain) == "Принтер не печатает\nА если он новый?"


def test_a_long_chain_is_cut() -> None:
    assert context(turns("Принтер не печатает", *["А это?"] * 9)) == "\n".join(["А это?"] * 3)


@pytest.mark.parametrize(
    ("question", "lean", "alone", "joined", "fitted", "expected"),
    [
        ("А он?", Leaning.WHOLLY, WEAK, STRONG, 0.9, True),
        ("А бумагу?", Leaning.WHOLLY, WEAK, STRONG, 0.99, True),  # the unit has the word
        ("А сколько стоит?", Leaning.WHOLLY, WEAK, STRONG, 0.9 + SLACK / 2, True),
        ("А погода?", Leaning.WHOLLY, WEAK, STRONG, 0.9 + SLACK * 2, False),  # it fitted better without this question
        ("А погода?", Leaning.WHOLLY, WEAK, STRONG, None, True),  # found only for both together
        ("А он?", Leaning.WHOLLY, STRONG, WEAK, 0.9, False),
        ("какую бумагу?", Leaning.PARTLY, STRONG, STRONGER, 0.9, True),
        ("какую бумагу?", Leaning.PARTLY, STRONGER, STRONG, 0.9, False),  # it finds more alone
        ("какую бумагу?", Leaning.PARTLY, WEAK, STRONG, 0.9 + SLACK * 2, False),
        ("какую погоду?", Leaning.PARTLY, WEAK, STRONG, 0.9, False),
    ],
)
def test_when_a_question_continues(
    question: str, lean: Leaning, alone: Verdict, joined: Verdict, fitted: float | None, expected: bool
) -> None:
    assert continues(MaskedText(question), lean, alone, joined, fitted) is expected


def test_two_vague_words_are_not_answered_alone() -> None:
    assert not stands(MaskedText("А погода?"), Leaning.WHOLLY, STRONG)
    assert stands(MaskedText("А бумага?"), Leaning.WHOLLY, STRONG)
    assert stands(MaskedText("погода"), Leaning.PARTLY, STRONG)
