"""Phrases, ages and buttons in both languages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from assistant.texts import card_phrases, phrases
from assistant.texts.ages import age
from assistant.texts.buttons import AnswerVerb, answer_buttons, back_buttons, data, reason_buttons
from core.db.models.feedback import REASONS

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
ANSWER = UUID(int=7)


def all_phrases() -> dict[str, phrases.Phrase]:
    found: dict[str, phrases.Phrase] = {}
    for name, value in {**vars(phrases), **vars(card_phrases)}.items():
        if name.isupper() and isinstance(value, dict):
            nested = value if not set(value) <= {"ru", "en"} else {"": value}
            found |= {f"{name} {key}": phrase for key, phrase in nested.items()}
    return found


@pytest.mark.parametrize("name", all_phrases())
def test_every_phrase_has_both_languages_with_the_same_gaps(name: str) -> None:
    phrase = all_phrases()[name]
    gaps = {language: sorted(part.split("}")[0] for part in text.split("{")[1:]) for language, text in phrase.items()}
    assert gaps["ru"] == gaps["en"]
    assert any("а" <= letter <= "я" for letter in phrase["ru"].lower())
    assert not any("а" <= letter <= "я" for letter in phrase["en"].lower())


@pytest.mark.parametrize(
    ("ago", "ru", "en"),
    [
        (timedelta(seconds=-5), "только что", "just now"),
        (timedelta(seconds=59), "только что", "just now"),
        (timedelta(minutes=1), "1 минуту назад", "1 minute ago"),
        (timedelta(minutes=59), "59 минут назад", "59 minutes ago"),
        (timedelta(hours=21), "21 час назад", "21 hours ago"),
        (timedelta(days=2), "2 дня назад", "2 days ago"),
        (timedelta(days=13), "1 неделю назад", "1 week ago"),
        (timedelta(days=360), "12 месяцев назад", "12 months ago"),
        (timedelta(days=365 * 5), "5 лет назад", "5 years ago"),
        (timedelta(days=365 * 22), "22 года назад", "22 years ago"),
    ],
)
def test_ages(ago: timedelta, ru: str, en: str) -> None:
    assert (age(NOW - ago, NOW, "ru"), age(NOW - ago, NOW, "en")) == (ru, en)


def test_what_every_button_sends_fits_and_can_be_told_from_the_others() -> None:
    sent = [data("a", verb, uuid4()) for verb in AnswerVerb]
    assert all(len(one.encode()) <= 64 for one in sent)
    assert len(set(sent)) == len(AnswerVerb)


def test_the_reasons_are_those_that_are_stored() -> None:
    assert tuple(phrases.REASONS) == REASONS
    assert [verb.value for verb in AnswerVerb if verb.is_reason] == list(REASONS)


def test_an_answer_offers_votes_sources_and_a_human() -> None:
    texts = [[text for text, _ in row] for row in answer_buttons(ANSWER, "ru", refused=False, sourced=True)]
    assert texts == [["👍", "👎"], ["Источники", "Спросить человека"]]


def test_a_refusal_offers_a_human_only() -> None:
    assert [[text for text, _ in row] for row in answer_buttons(ANSWER, "en", refused=True, sourced=False)] == [
        ["Ask a human"]
    ]


def test_the_reasons_can_be_left() -> None:
    assert reason_buttons(ANSWER, "en")[-1:] == back_buttons(ANSWER, "en")


@pytest.mark.parametrize(
    ("code", "language"), [("ru", "ru"), ("uk-UA", "ru"), ("en-GB", "en"), ("de", "en"), (None, "ru")]
)
def test_the_language_of_somebody_who_has_not_written_yet(code: str | None, language: str) -> None:
    assert phrases.of_locale(code) == language
