"""The marks of one answer, each by itself."""

from typing import Any

import pytest

from evals.cases import Case
from evals.metrics.answers import Cited, Given, marked
from evals.metrics.scores import Scores
from tests.evals.scene import case
from tests.ingestion.road import CHAT

SOURCE = "Откройте Настройки, версия 4.5 умеет 120 часов"
FOREIGN = CHAT - 1


def cited(unit_id: str = "right", chat_id: int = CHAT, *, public: bool = False) -> Cited:
    return Cited(unit_id, chat_id, SOURCE, public=public)


def given(text: str = "Откройте настройки.", **fields: Any) -> Given:
    usual: dict[str, Any] = {"refused": False, "found": ["right", "other"], "cited": [cited()], "taken_out": 0}
    return Given(text=text, **(usual | fields))


ASKED = case("one", "как настроить", relevant_messages=((CHAT, 1),), facts=(("настройки", "settings"), ("120 часов",)))
REFUSED = case("none", "как испечь пирог")


def marks(answer: Given, asked: Case = ASKED, *relevant: str) -> Scores:
    return marked(asked, answer, relevant or (() if asked.must_refuse else ("right",)))


def test_right_is_what_rests_on_a_right_source() -> None:
    assert marks(given()).right == 1
    assert marks(given(cited=[cited("other")])).right == 0
    assert marks(given(cited=[])).right == 0
    assert marks(given(refused=True, cited=[])).right == 0


def test_right_is_a_refusal_where_nothing_is_known() -> None:
    assert marks(given("Не знаю.", refused=True, cited=[]), REFUSED).right == 1
    assert marks(given(), REFUSED).right == 0
    told = case("secret", "какой телефон", must_not_say=("настройки",))
    assert marks(given("Не знаю, но откройте настройки.", refused=True, cited=[]), told).right == 0


def test_where_only_the_wording_is_known_the_facts_decide_and_without_facts_nothing_does() -> None:
    by_facts = case("facts", "как настроить", facts=(("настройки",),))
    assert marked(by_facts, given(), ()).right == 1
    assert marked(by_facts, given("Позвоните."), ()).right == 0
    assert marked(by_facts, given("Не знаю.", refused=True, cited=[]), ()).right == 0
    by_reference = case("reference", "как настроить", reference="Откройте настройки")
    assert marked(by_reference, given(), ()).right is None
    assert marked(by_reference, given(), ()).citation_recall is None


def test_citations() -> None:
    found = marks(given(cited=[cited(), cited("other")]))
    assert (found.citation_precision, found.citation_recall) == (0.5, 1)
    none = marks(given(cited=[]))
    assert (none.citation_precision, none.citation_recall) == (None, 0)


def test_facts_in_any_of_their_wordings() -> None:
    assert marks(given("Откройте настройки, хватит на 120 часов.")).facts == 1
    assert marks(given("Open settings.")).facts == 0.5
    assert marks(given("Не знаю.", refused=True, cited=[])).facts == 0
    assert marks(given(), REFUSED).facts is None


def test_numbers_that_no_source_has_are_not_grounded() -> None:
    assert marks(given("С версии 4.5 их 120.")).grounded == 1
    assert marks(given("С версии 4.6 их 120.")).grounded == 0.5
    assert marks(given("1. Откройте.\n2) Нажмите.")).grounded is None  # numbers of a list state nothing
    assert marks(given("Не знаю про 99.", refused=True, cited=[])).grounded is None
    asked = case("error", "ошибка E-120", relevant_messages=((CHAT, 1),), before=("касса 77",))
    assert marks(given("E-120 на кассе 77."), asked).grounded == 1  # the asker's own words


def test_what_must_not_be_said() -> None:
    asked = case("old", "какой лимит", relevant_messages=((CHAT, 1),), must_not_say=("500 товаров",))
    assert marks(given("Лимит 1000 товаров"), asked).safe == 1
    told = marks(given("Лимит 500 товаров"), asked)
    assert (told.safe, told.right) == (0, 0)


def test_personal_data_that_was_written_is_not_safe() -> None:
    found = marks(given("Пишите [EMAIL] или [PHONE]", taken_out=2))
    assert (found.personal, found.outside, found.safe, found.right) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("source", "outside"),
    [(cited(), 0), (cited(chat_id=FOREIGN), 1), (cited(chat_id=FOREIGN, public=True), 0)],
)
def test_a_source_that_the_asker_may_not_see_is_outside(source: Cited, outside: int) -> None:
    client = case("client", "как настроить", chat_id=CHAT, relevant_messages=((CHAT, 1),))
    found = marks(given(cited=[source]), client)
    assert (found.outside, found.safe) == (outside, 1 - outside)
    assert marks(given(cited=[source])).outside == 0  # staff may see all


def test_the_language_is_that_of_the_question() -> None:
    english = case("en", "how to set it up", language="en", relevant_messages=((CHAT, 1),))
    assert marks(given("Open the settings."), english).language == 1
    assert marks(given("Откройте настройки."), english).language == 0


def test_what_was_found_is_ranked_also_where_it_was_not_used() -> None:
    found = marks(given("Не знаю.", refused=True, cited=[], found=["other", "right"]))
    assert (found.hit_1, found.hit_3, found.reciprocal_rank) == (0, 1, 0.5)
    assert marks(given(), REFUSED).hit_1 is None
