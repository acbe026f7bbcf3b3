from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assistant.retrieval.evidence import (
    AHEAD_WEIGHT,
    LOOKED_AT,
    SHARED,
    SHARED_MOST,
    SHARED_WEIGHT,
    STRONG,
    UNKNOWN_NAME,
    WORDS_ALONE,
    Evidence,
    Reason,
    judge,
    names_in,
    strength_of,
)
from core.index.records import Hit
from core.privacy.types import MaskedText

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
QUESTION = MaskedText("как подключить принтер")
NEUTRAL = Evidence(cosine=0.9, ahead=0.0, coverage=0.5, shared=SHARED, other_language=False, unknown_names=())


def hit(dense: float | None, *, answered: bool = True, lexical: float = 0.5, text: str = "принтер к кассе") -> Hit:
    return Hit(
        unit_id=f"-5:{text}", chat_id=-5, thread_id=1, message_ids=(1,), text=MaskedText(text),
        question=MaskedText(text), answer=MaskedText("так") if answered else None, asked_at=MOMENT, last_at=MOMENT,
        staff_answered=answered, vetted=False, score=dense or 0.5, dense=dense, lexical=lexical,
    )  # fmt: skip


def test_nothing_found_is_refused() -> None:
    assert judge(QUESTION, []).reason is Reason.NOTHING_FOUND


def test_a_strong_answered_unit_is_answered_from() -> None:
    best = hit(STRONG + 0.05)
    verdict = judge(QUESTION, [best, hit(STRONG - 0.05)])
    assert (verdict.answer, verdict.reason, verdict.source) == (True, Reason.STRONG, best)


def test_a_weak_one_is_refused_and_still_told() -> None:
    verdict = judge(QUESTION, [hit(STRONG - 0.02), hit(STRONG - 0.02)])
    assert (verdict.answer, verdict.reason) == (False, Reason.WEAK)
    assert verdict.source is not None


def test_what_staff_never_answered_is_refused() -> None:
    assert judge(QUESTION, [hit(0.95, answered=False)]).reason is Reason.NOT_ANSWERED
    verdict = judge(QUESTION, [hit(0.95, answered=False), hit(STRONG - 0.01)])
    assert (verdict.answer, verdict.reason) == (False, Reason.NOT_ANSWERED)


def test_an_unanswered_unit_does_not_hide_an_equal_answered_one() -> None:
    answered = hit(0.92)
    assert judge(QUESTION, [hit(0.925, answered=False), answered]).source == answered


def test_what_speaks_for_and_against() -> None:
    assert strength_of(NEUTRAL) == pytest.approx(0.9)
    assert strength_of(replace(NEUTRAL, ahead=0.02)) == pytest.approx(0.9 + 0.02 * AHEAD_WEIGHT)
    assert strength_of(replace(NEUTRAL, unknown_names=("Alexa",))) == pytest.approx(0.9 - UNKNOWN_NAME)
    assert strength_of(replace(NEUTRAL, other_language=True)) > strength_of(NEUTRAL)
    assert strength_of(replace(NEUTRAL, shared=0.0)) == pytest.approx(0.9 - SHARED * SHARED_WEIGHT)
    assert strength_of(replace(NEUTRAL, shared=1.0)) == strength_of(replace(NEUTRAL, shared=SHARED_MOST))
    assert strength_of(replace(NEUTRAL, shared=None)) == strength_of(NEUTRAL)


def test_among_few_the_lead_over_the_next_says_nothing() -> None:
    ahead = [hit(STRONG - 0.02, text="как подключить принтер"), *[hit(STRONG - 0.1)] * (LOOKED_AT - 1)]
    assert judge(QUESTION, ahead).answer
    assert judge(QUESTION, ahead[:-1]).reason is Reason.WEAK
    closer = [hit(0.95, answered=False), hit(STRONG + 0.01)]  # a lag says what it always says
    assert judge(QUESTION, closer).reason is Reason.NOT_ANSWERED


def test_words_that_are_not_shared_speak_against_a_unit() -> None:
    near = STRONG + 0.01
    assert judge(QUESTION, [hit(near, text="принтер и касса")]).answer
    assert judge(QUESTION, [hit(near, text="сколько стоит тариф")]).reason is Reason.WEAK
    # In the other language there are none to be shared, and a question of such words alone has none.
    assert judge(QUESTION, [hit(near, text="the price of a tariff")]).answer
    assert judge(MaskedText("а как же это"), [hit(near, text="сколько стоит тариф")]).answer


def test_a_name_that_the_unit_lacks_counts_against_it() -> None:
    question = MaskedText("Как подключить amoCRM к кассе?")
    assert judge(question, [hit(STRONG + 0.01)]).reason is Reason.WEAK
    assert judge(question, [hit(STRONG + 0.01, text="amocrm подключается так")]).answer


def test_a_unit_without_a_vector_is_judged_by_its_words() -> None:
    assert judge(QUESTION, [hit(None, lexical=WORDS_ALONE + 0.1)]).answer
    assert not judge(QUESTION, [hit(None, lexical=WORDS_ALONE - 0.1)]).answer


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Есть интеграция с amoCRM?", ["amoCRM"]),
        ("ошибка E-120 после обновления", ["E-120"]),
        ("Can I ask Alexa about sales?", ["Alexa"]),
        ("Как связать Полку с Яндекс Едой", ["Полку", "Яндекс", "Едой"]),
        ("How do I refund? Please help. Thanks", []),
        ("КАК ОТМЕНИТЬ ЧЕК", []),
        ("[PERSON], как отменить чек на [PHONE]?", []),
        ("", []),
    ],
)
def test_names_in_a_question(question: str, names: list[str]) -> None:
    assert names_in(question) == names
