"""Cards in the staff chat, and what goes to people from them. Pure: facts in, Telegram's HTML and buttons out.

A source is a link with a date and never an excerpt: a card lives long, and what it quoted would outlive its deletion. A
date and no age, so that a card changes only when something has happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from assistant.texts import card_phrases as say
from assistant.texts.ages import day
from assistant.texts.buttons import Button, Keyboard, data
from assistant.texts.markdown import pieces_of
from assistant.texts.phrases import FROM_CHAT, REASONS, VETTED, Phrase
from assistant.texts.pieces import Piece, Style, clean, fitted, shielded, to_html
from assistant.texts.render import ROOM
from core.domain.access import Role
from core.domain.language import Language
from core.privacy.types import MaskedText

HANDOVER: Final = "h"
SUGGESTION: Final = "s"
LONG: Final = 1_200
"""Characters of one text in a card; three of them and the rest fit in a message."""
SHORT: Final = 400
"""Characters of a correction."""
COMPLAINTS: Final = 3
"""Votes that a card names."""


class HandoverVerb(StrEnum):
    """What can be done with a hand-over that was answered."""

    PUBLISH = "publish"
    HIDE = "hide"


class SuggestionVerb(StrEnum):
    """What can be done with a suggestion."""

    SEND = "send"
    EDIT = "edit"
    DISMISS = "dismiss"
    SNOOZE = "snooze"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a source stands."""

    link: str | None
    said_at: datetime
    vetted: bool


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why somebody voted the answer down."""

    reason: str | None
    correction: MaskedText | None


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """A question in the staff's hands."""

    handover_id: UUID
    question: MaskedText
    role: Role
    is_private: bool
    link: str | None
    """To the question's message."""
    downvoted: bool
    answer: MaskedText | None
    """What the bot answered; None where it refused, or has not answered yet."""
    complaints: Sequence[Complaint]
    nearest: Sequence[Reference]
    reply: MaskedText | None
    """What staff answered."""
    public: bool | None
    """Whether that is found by clients of other chats; None where it is not among the vetted answers."""


@dataclass(frozen=True, slots=True)
class SuggestionFacts:
    """A client's message that waits."""

    suggestion_id: UUID
    state: str
    """As in `suggestions`."""
    summary: MaskedText
    urgent: bool
    link: str | None
    draft: MaskedText | None
    """Of a sent one: what was sent."""
    sources: Sequence[Reference]


def handover_html(card: HandoverFacts, language: Language) -> str:
    """A question, what the bot made of it, what is nearest, and what has become of it."""
    pieces = [
        Piece((say.DOWNVOTED if card.downvoted else say.ASKED)[language], Style.BOLD),
        Piece(f"\n{say.ROLES[card.role][language]}, "),
        Piece((say.IN_PRIVATE if card.is_private else say.IN_GROUP)[language], link=card.link),
        Piece("\n\n"),
        *_quoted(card.question),
        *_titled(say.BOT_SAID if card.answer else say.BOT_REFUSED, card.answer, language),
    ]
    for complaint in [one for one in card.complaints if one.reason or one.correction][:COMPLAINTS]:
        pieces += _complaint(complaint, language)
    if card.nearest:
        pieces += _titled(say.NEAREST, None, language)
        pieces += _references(card.nearest, language)
    if card.reply is None:
        pieces.append(Piece(f"\n\n{say.REPLY_HERE[language]}", Style.ITALIC))
    else:
        pieces += _titled(say.STAFF_SAID, card.reply, language)
    if card.public:
        pieces.append(Piece(f"\n\n{say.IS_PUBLIC[language]}", Style.ITALIC))
    return to_html(fitted(pieces, ROOM))


def handover_buttons(card: HandoverFacts, language: Language) -> Keyboard:
    """Of an answered one: whether clients of other chats may find the answer."""
    if card.public is None:
        return []
    verb, phrase = (HandoverVerb.HIDE, say.HIDE) if card.public else (HandoverVerb.PUBLISH, say.PUBLISH)
    return [[(phrase[language], data(HANDOVER, verb, card.handover_id))]]


def staff_reply_html(text: MaskedText, language: Language) -> str:
    """What staff answered, to the person who asked."""
    return to_html(fitted([Piece(f"{say.STAFF_REPLY[language]}\n\n", Style.BOLD), *_shown(text)], ROOM))


def suggestion_html(card: SuggestionFacts, language: Language) -> str:
    """What a client waits for, the draft with its sources, and what has become of it."""
    title = say.URGENT if card.urgent else say.WAITS
    pieces = [
        Piece((title if _is_open(card) else say.WAITED)[language], Style.BOLD),
        Piece(" · "),
        Piece(say.MESSAGE[language], link=card.link),
    ]
    if card.summary:
        pieces += [Piece("\n\n"), *_quoted(card.summary)]
    match card.state:
        case "sent":
            pieces += _titled(say.SENT, card.draft, language)
        case "dismissed":
            pieces.append(Piece(f"\n\n{say.DISMISSED[language]}"))
        case "withdrawn":
            pieces.append(Piece(f"\n\n{say.WITHDRAWN[language]}"))
        case _:
            pieces += _titled(say.DRAFT if card.draft else say.NO_DRAFT, card.draft, language)
            if card.sources:
                pieces += [Piece("\n"), *_references(card.sources, language)]
    if card.state == "snoozed":
        pieces.append(Piece(f"\n\n{say.SNOOZED[language]}"))
    return to_html(fitted(pieces, ROOM))


def suggestion_buttons(card: SuggestionFacts, language: Language) -> Keyboard:
    """What can still be done with it."""
    if not _is_open(card):
        return []
    send = _suggestion_button(SuggestionVerb.SEND, say.SEND, card, language)
    edit = _suggestion_button(SuggestionVerb.EDIT, say.EDIT, card, language)
    later = [_suggestion_button(SuggestionVerb.SNOOZE, say.SNOOZE, card, language)] if card.state == "open" else []
    rest = [_suggestion_button(SuggestionVerb.DISMISS, say.DISMISS, card, language), *later]
    return [[send, edit], rest] if card.draft else [rest]


def sent_html(text: MaskedText) -> str:
    """What a client gets."""
    return to_html(fitted(_shown(text), ROOM))


def _is_open(card: SuggestionFacts) -> bool:
    return card.state in ("open", "snoozed")


def _suggestion_button(verb: SuggestionVerb, phrase: Phrase, card: SuggestionFacts, language: Language) -> Button:
    return phrase[language], data(SUGGESTION, verb, card.suggestion_id)


def _shown(text: MaskedText) -> Iterator[Piece]:
    return shielded(pieces_of(text))


def _quoted(text: str, characters: int = LONG) -> Iterator[Piece]:
    """A text without markup, not longer than a card bears."""
    cleaned = clean(text)
    return shielded([Piece(cleaned if len(cleaned) <= characters else f"{cleaned[:characters]}…")])


def _titled(title: Phrase, text: MaskedText | None, language: Language) -> Iterator[Piece]:
    yield Piece(f"\n\n{title[language]}", Style.BOLD)
    if text is not None:
        yield Piece("\n")
        yield from _quoted(text)


def _complaint(complaint: Complaint, language: Language) -> Iterator[Piece]:
    yield Piece(f"\n\n👎 {(REASONS[complaint.reason] if complaint.reason else say.CORRECTION)[language]}", Style.BOLD)
    if complaint.correction is not None:
        yield Piece("\n")
        yield from _quoted(complaint.correction, SHORT)


def _references(references: Sequence[Reference], language: Language) -> Iterator[Piece]:
    for number, one in enumerate(references, start=1):
        yield Piece(f"\n{number}. ")
        yield Piece((VETTED if one.vetted else FROM_CHAT)[language], link=one.link)
        yield Piece(f", {day(one.said_at, language)}")
