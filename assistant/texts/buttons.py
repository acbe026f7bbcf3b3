"""Buttons under the bot's messages. What a pressed one sends back is `area:verb:id`, as aiogram's `CallbackData` reads it."""

from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from assistant.texts.phrases import HUMAN, REASONS, SOURCES, Phrase
from core.domain.language import Language

Button: TypeAlias = tuple[str, str]
"""Its text; and its callback data, or the https link that it opens."""
Keyboard: TypeAlias = list[list[Button]]

ANSWER: Final = "a"
"""The area of answers. The id is the answer's, so that a vote counts for what the person saw."""


class AnswerVerb(StrEnum):
    """What can be done with an answer."""

    UP = "up"
    DOWN = "down"
    SOURCES = "sources"
    BACK = "back"
    """To the answer, from its sources or from the reasons."""
    HUMAN = "human"
    WRONG = "wrong"
    OUTDATED = "outdated"
    INCOMPLETE = "incomplete"
    NOT_MY_QUESTION = "not_my_question"
    SHOULD_NOT_HAVE_SAID = "should_not_have_said"

    @property
    def is_reason(self) -> bool:
        """Whether it says why an answer was voted down."""
        return self.value in REASONS


def data(area: str, verb: str, subject: UUID) -> str:
    """What a button sends: at most 64 bytes.

    >>> data("a", "up", UUID(int=7))
    'a:up:00000000000000000000000000000007'
    """
    return f"{area}:{verb}:{subject.hex}"


def answer_buttons(answer_id: UUID, language: Language, *, refused: bool, sourced: bool) -> Keyboard:
    """Under an answer; a refusal has nothing to vote on but offers a human."""
    if refused:
        return human_buttons(answer_id, language)
    votes = [("👍", data(ANSWER, AnswerVerb.UP, answer_id)), ("👎", data(ANSWER, AnswerVerb.DOWN, answer_id))]
    sources = [_labelled(SOURCES, AnswerVerb.SOURCES, answer_id, language)] if sourced else []
    return [votes, [*sources, *human_buttons(answer_id, language)[0]]]


def human_buttons(subject: UUID, language: Language) -> Keyboard:
    """Under what is no answer: a refusal, or, about a question, an apology."""
    return [[_labelled(HUMAN, AnswerVerb.HUMAN, subject, language)]]


def reason_buttons(answer_id: UUID, language: Language) -> Keyboard:
    """Under an answer that was just voted down."""
    reasons = [[_labelled(phrase, verb, answer_id, language)] for verb, phrase in REASONS.items()]
    return [*reasons, *back_buttons(answer_id, language)]


def back_buttons(answer_id: UUID, language: Language) -> Keyboard:
    """Back to the answer."""
    return [[("← Назад" if language == "ru" else "← Back", data(ANSWER, AnswerVerb.BACK, answer_id))]]


def _labelled(phrase: Phrase, verb: str, subject: UUID, language: Language) -> Button:
    return phrase[language], data(ANSWER, verb, subject)
