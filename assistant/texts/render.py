"""Answers and their sources as Telegram shows them: HTML within all limits, whatever stands in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.texts.ages import age
from assistant.texts.markdown import pieces_of
from assistant.texts.phrases import FROM_CHAT, LATE, NO_SOURCES, SOURCES, VETTED
from assistant.texts.pieces import ENTITY_LIMIT, TEXT_LIMIT, Piece, Style, clean, fitted, shielded, size, to_html
from core.domain.language import Language
from core.privacy.types import MaskedText

ROOM = (TEXT_LIMIT, ENTITY_LIMIT)
LISTED = 5
"""Sources under an answer; a model seldom cites more."""
EXCERPT = 500
"""Characters of a source on the page of sources: what was asked, and the beginning of what was answered."""


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer rests on."""

    link: str | None
    said_at: datetime
    text: MaskedText
    vetted: bool


def answer_html(
    text: MaskedText,
    sources: Sequence[Source],
    language: Language,
    now: datetime,
    *,
    late_since: datetime | None = None,
) -> str:
    """An answer with its numbered sources. `late_since`: when it was asked, where the answer comes late."""
    before = (
        [Piece(f"{LATE[language].format(age=age(late_since, now, language))}\n\n", Style.ITALIC)] if late_since else []
    )
    after = list(_list(sources, language, now))
    body = fitted(shielded(pieces_of(text)), _rest(ROOM, [*before, *after]))
    return to_html([*before, *body, *after])


def draft_html(text: MaskedText, mark: str = "") -> str:
    """The beginning of an answer that is still being written, and the mark behind it that says so."""
    after = [Piece(mark)]
    return to_html([*fitted(shielded(pieces_of(text)), _rest(ROOM, after)), *after])


def sources_html(sources: Sequence[Source], language: Language, now: datetime) -> str:
    """The page of sources: each with its link, its age and what was said."""
    if not sources:
        return to_html([Piece(NO_SOURCES[language])])
    pieces = [Piece(SOURCES[language], Style.BOLD)]
    for number, source in enumerate(sources[:LISTED], start=1):
        pieces += [Piece(f"\n\n{number}. "), *_named(source, language, now), Piece("\n"), *_excerpt(source)]
    return to_html(fitted(pieces, ROOM))


def plain_html(text: str) -> str:
    """One of the bot's own phrases, or any other text without markup."""
    return to_html(fitted(shielded([Piece(clean(text))]), ROOM))


def _excerpt(source: Source) -> Iterator[Piece]:
    text = clean(source.text)
    return shielded([Piece(text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…")])


def _list(sources: Sequence[Source], language: Language, now: datetime) -> Iterator[Piece]:
    for number, source in enumerate(sources[:LISTED], start=1):
        yield Piece(f"{chr(10) * (2 if number == 1 else 1)}{number}. ")
        yield from _named(source, language, now)


def _named(source: Source, language: Language, now: datetime) -> Iterator[Piece]:
    name = VETTED[language] if source.vetted else FROM_CHAT[language]
    yield Piece(name, link=source.link)
    yield Piece(f", {age(source.said_at, now, language)}")


def _rest(room: tuple[int, int], taken: Sequence[Piece]) -> tuple[int, int]:
    used = size(taken)
    return room[0] - used[0], room[1] - used[1]
