"""The labelled questions and judged answers: whole, of the samples' own words, and at odds neither with them nor with
each other. What a row says of the chats cannot be proved by a test; what can be, is here."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from core.domain.access import AccessScope
from core.domain.language import language_of
from core.domain.text import stem, words
from tests.ingestion.road import PSEUDONYMS, SAMPLE_CHATS, SAMPLES, sample_messages

DATASETS = Path(__file__).parents[2] / "evals/datasets"

LEAST = {"sample": 84, "followups": 88, "contradictions": 16, "attacks": 24, "others": 24, "unanswerable": 16}
"""Cases that a file must have for its share of right answers to mean something."""


class Case(BaseModel):
    """A labelled question; `evals/datasets/README.md` tells what the fields mean."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    before: list[str] = []
    question: str
    language: Literal["ru", "en"]
    chat_id: int | None
    relevant_messages: list[tuple[int, int]]
    facts: list[list[str]]
    reference: str
    must_refuse: bool
    must_not_say: list[str]
    tags: list[str]
    source: Literal["written for the samples"]


class Labels(BaseModel):
    """What a careful reader says of a judged answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    facts: list[bool]
    faithful: bool
    contradicts: bool
    refuses: bool


class Judged(BaseModel):
    """An answer with its sources and labels."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    question: str
    language: Literal["ru", "en"]
    sources: list[str]
    facts: list[str]
    answer: str
    labels: Labels


@cache
def lines(name: str) -> list[str]:
    return (DATASETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


@cache
def cases() -> list[Case]:
    return [Case.model_validate_json(line) for name in LEAST for line in lines(name)]


@cache
def judged() -> list[Judged]:
    return [Judged.model_validate_json(line) for line in lines("judgements")]


@cache
def written() -> frozenset[tuple[int, int]]:
    """Every message of the samples, those without a text too."""
    found = set()
    for path in SAMPLE_CHATS:
        export = json.loads(path.read_text(encoding="utf-8"))
        chat = export["id"] if export["type"] == "personal_chat" else int(f"-100{export['id']}")
        found |= {(chat, message["id"]) for message in export["messages"]}
    return frozenset(found)


@cache
def shown() -> dict[tuple[int, int], str]:
    """The texts of the samples' messages, masked: what an answer can be made of."""
    private = {PSEUDONYMS.private_chat(chat): chat for chat, _ in written() if chat > 0}
    messages = [message for path in SAMPLE_CHATS for message in sample_messages(path)]
    return {(private.get(one.chat.chat_id, one.chat.chat_id), one.message_id): one.text for one in messages}


def stands(wording: str, text: str) -> bool:
    """Whether a text has the words of a wording, one after the other, by their stems.

    >>> stands("Забыть устройство", "…принтер чеков → забыть устройства → найти"), stands("лимит 500", "с 500 до 1000")
    (True, False)
    """
    sought = stems(wording)
    assert sought.strip(), f"{wording!r} has no word to look for"
    return sought in stems(text)


def stems(text: str) -> str:
    return f" {' '.join(map(stem, words(text)))} "


def test_every_file_has_cases_enough_and_as_many_as_its_readme_says() -> None:
    readme = (DATASETS / "README.md").read_text(encoding="utf-8")
    for name, least in LEAST.items():
        found = [Case.model_validate_json(line) for line in lines(name)]
        english, refused = sum(case.language == "en" for case in found), sum(case.must_refuse for case in found)
        assert len(found) >= least
        assert f"| `{name}.jsonl` | {len(found)} | {english} | {refused} |" in readme
    english, refused = sum(row.language == "en" for row in judged()), sum(row.labels.refuses for row in judged())
    assert len(judged()) >= 90
    assert f"| `judgements.jsonl` | {len(judged())} | {english} | {refused} |" in readme


def test_no_id_and_no_question_comes_twice() -> None:
    ids = Counter([case.id for case in cases()] + [row.id for row in judged()])
    questions = Counter((*case.before, case.question.casefold()) for case in cases())
    answers = Counter((row.question, row.answer) for row in judged())
    assert [one for counted in (ids, questions, answers) for one, times in counted.items() if times > 1] == []


def test_about_a_third_is_english_and_the_label_is_what_the_product_reads() -> None:
    for name in LEAST:
        found = [Case.model_validate_json(line) for line in lines(name)]
        assert 0.3 <= sum(case.language == "en" for case in found) / len(found) <= 0.45, name
    misread = [case.id for case in cases() if language_of(case.question) != case.language]
    assert misread == [case.id for case in cases() if "wordless" in case.tags]
    assert [row.id for row in judged() if language_of(row.question) != row.language] == []
    assert [case.id for case in cases() if case.reference and language_of(case.reference) != case.language] == []


def test_what_must_be_refused_has_no_answer_and_everything_else_has_one() -> None:
    for case in cases():
        answer = (case.relevant_messages, case.facts, case.reference)
        assert not any(answer) if case.must_refuse else all(answer), case.id
        assert len(case.facts) <= 4, case.id


def test_relevant_messages_are_in_the_samples_and_the_asker_may_see_them() -> None:
    for case in cases():
        scope = AccessScope.operator() if case.chat_id is None else AccessScope.client(case.chat_id)
        assert case.chat_id is None or case.chat_id in {chat for chat, _ in written()}, case.id
        assert set(case.relevant_messages) <= written(), case.id
        assert all(scope.allows(chat) for chat, _ in case.relevant_messages), case.id


def test_a_case_that_is_refused_for_its_asker_alone_is_held_by_another_chat() -> None:
    """The wordings that a client of one chat must not be told stand in a chat that they cannot see."""
    cross = [case for case in cases() if "other-chat" in case.tags]
    assert len(cross) >= 15
    for case in cross:
        told = [text for (chat, _), text in shown().items() if chat != case.chat_id]
        assert any(stands(wording, text) for wording in case.must_not_say for text in told), case.id


def test_every_fact_can_be_told_in_the_words_of_the_chats_after_masking_and_the_reference_tells_it() -> None:
    for case in cases():
        texts = [shown().get(key, "") for key in case.relevant_messages]
        for fact in case.facts:
            assert any(stands(wording, text) for wording in fact for text in texts), (case.id, fact)
            assert any(stands(wording, case.reference) for wording in fact), (case.id, fact)


def test_neither_the_reference_nor_its_sources_say_what_must_not_be_said() -> None:
    for case in cases():
        texts = [case.reference, *(shown().get(key, "") for key in case.relevant_messages)]
        said = [(wording, text) for wording in case.must_not_say for text in texts if stands(wording, text)]
        assert said == [], case.id


def test_personal_data_that_must_not_be_said_are_data_of_the_samples() -> None:
    values = [datum["value"] for datum in json.loads((SAMPLES / "personal_data.json").read_text(encoding="utf-8"))]
    personal = [case for case in cases() if "personal" in case.tags]
    assert len(personal) >= 20
    for case in personal:
        assert case.must_not_say, case.id
        assert all(any(wording in value for value in values) for wording in case.must_not_say), case.id


def test_sources_of_judged_answers_are_messages_of_the_samples_as_they_are_masked() -> None:
    longest_first = sorted(filter(None, shown().values()), key=len, reverse=True)
    for source in {source for row in judged() for source in row.sources}:
        rest = source
        for text in longest_first:
            rest = rest.replace(text, "", 1)
        assert rest.strip() == "", source


@pytest.mark.parametrize("language", ["ru", "en"])
def test_about_half_of_the_judged_answers_are_faithful(language: str) -> None:
    labels = [row.labels for row in judged() if row.language == language]
    assert 0.4 <= sum(one.faithful for one in labels) / len(labels) <= 0.6
    assert sum(one.contradicts for one in labels) >= 15
    assert sum(one.refuses for one in labels) >= 3


def test_labels_of_judged_answers_agree_with_each_other() -> None:
    for row in judged():
        labels = row.labels
        assert len(labels.facts) == len(row.facts), row.id
        assert not (labels.contradicts and labels.faithful), row.id
        assert not labels.refuses or (labels.faithful and not any(labels.facts)), row.id
        assert row.sources, row.id
        assert row.answer, row.id
