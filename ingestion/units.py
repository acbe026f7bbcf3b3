"""Units: a thread cut into what is embedded and cited, one problem and what was said to it. Pure.

A cut, once made, depends only on what stood before it and on the message that made it necessary, so a thread that grows
at its end keeps the ids of its earlier units.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress, groupby

from core.domain.text import is_question, is_substantive, is_thanks, is_verdict
from core.privacy.types import MaskedText

MAX_TEXT = 1_200
"""Characters of a unit. The embedder reads 512 tokens and takes 3-4 characters of Russian for one, so 1,200 fit in it.
A single longer message stays whole (Telegram allows 4,096): it is found by all of its words, and by the meaning of its
first 512 tokens. Cutting it would give two units one id, and an answer quotes it better in one piece."""
MAX_CONTEXT = 300
"""Characters of the question that are repeated at the head of the later pieces of a long thread."""
NEW_PROBLEM_AFTER = timedelta(hours=4)
"""Silence after an answer that makes the next question a new problem: a follow-up of the same one comes the same
half-day, mostly within minutes."""


@dataclass(frozen=True, slots=True)
class UnitMessage:
    """What cutting may know of a message."""

    message_id: int
    is_staff: bool
    sender: str
    sent_at: datetime
    text: MaskedText


@dataclass(frozen=True, slots=True)
class Unit:
    """One problem and what was said to it."""

    messages: tuple[int, ...]
    """Every message it rests on, in order; in a later piece of a long thread also the repeated question."""
    first_id: int
    """The first message of its own. No two units share it, and it stays when the thread grows."""
    text: MaskedText
    """What is embedded and shown: the question, the answer, what clients remarked on it. Plain lines, no speakers."""
    question: MaskedText
    """Empty where staff spoke unasked."""
    answer: MaskedText | None
    """What staff said; where no staff spoke, what others than the asker said."""
    asked_at: datetime
    answered_at: datetime | None
    """When the first answering line was sent."""
    last_at: datetime
    staff_answered: bool


@dataclass(frozen=True, slots=True)
class _Context:
    """The question that the later pieces of a problem repeat."""

    ids: tuple[int, ...]
    text: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class _Piece:
    """Consecutive messages that become one unit."""

    messages: list[UnitMessage]
    context: _Context | None = None


def cut(messages: Sequence[UnitMessage]) -> list[Unit]:
    """The units of one thread, in order. The messages may come in any order. Time is linear in their number."""
    ordered = sorted(messages, key=lambda message: (message.sent_at, message.message_id))
    units = (_unit(piece) for problem in _problems(ordered) for piece in _pieces(problem))
    return [unit for unit in units if unit is not None]


def _problems(messages: Sequence[UnitMessage]) -> Iterator[list[UnitMessage]]:
    """The thread's problems: a new one begins when a client asks again, long after an answer."""
    problem: list[UnitMessage] = []
    asker: str | None = None
    answered = False
    for message in messages:
        if answered and _raises_anew(message, problem[-1]):
            yield problem
            problem, asker, answered = [], None, False
        problem.append(message)
        if is_substantive(message.text):
            if asker is None and not message.is_staff:
                asker = message.sender
            elif message.sender != asker:
                answered = True
    if problem:
        yield problem


def _raises_anew(message: UnitMessage, previous: UnitMessage) -> bool:
    if message.is_staff or message.sent_at - previous.sent_at < NEW_PROBLEM_AFTER:
        return False
    return is_substantive(message.text) and is_question(message.text) and not is_thanks(message.text)


def _pieces(problem: list[UnitMessage]) -> Iterator[_Piece]:
    """A problem cut where its text grows too long. What is carried over is at most half a piece and is carried once,
    so the whole stays linear."""
    context: _Context | None = None
    piece: list[UnitMessage] = []
    length = 0
    for message in problem:
        size = _size(message)
        while size and length and _room(context) < length + size:
            at = _natural_cut(piece, message)
            yield _Piece(piece[:at], context)
            context = context or _question_of(piece[:at])
            piece = piece[at:]
            length = sum(map(_size, piece))
        piece.append(message)
        length += size
    if piece:
        yield _Piece(piece, context)


def _size(message: UnitMessage) -> int:
    """The characters it brings into a unit; greetings and thanks bring none."""
    return len(message.text) + 1 if is_substantive(message.text) else 0


def _room(context: _Context | None) -> int:
    return MAX_TEXT - (len(context.text) if context else 0)


def _natural_cut(piece: list[UnitMessage], following: UnitMessage) -> int:
    """Where to cut before `following` no longer fits: in the second half, before a client's turn if there is one, else
    before any turn, else here. The latest such place."""
    half, written = MAX_TEXT // 2, 0
    client_turn = turn = 0
    for i, (message, after) in enumerate(zip(piece, [*piece[1:], following], strict=True), start=1):
        written += _size(message)
        if written >= half and message.sender != after.sender:
            turn = i
            if not after.is_staff:
                client_turn = i
    return client_turn or turn or len(piece)


def _question_of(piece: list[UnitMessage]) -> _Context | None:
    """What the asker said before anybody answered, as much as fits."""
    spoken = [message for message in piece if is_substantive(message.text)]
    if not spoken or spoken[0].is_staff:
        return None
    asker, texts, ids, length = spoken[0].sender, [], [], 0
    for message in spoken:
        if message.sender != asker or length >= MAX_CONTEXT:
            break
        texts.append(message.text.strip()[: MAX_CONTEXT - length])
        ids.append(message.message_id)
        length += len(texts[-1]) + 1
    return _Context(tuple(ids), " ".join(texts), spoken[0].sent_at)


def _unit(piece: _Piece) -> Unit | None:
    """The piece as a unit; None where nobody asked or told anything."""
    runs = [list(run) for _, run in groupby(_spoken(piece), key=lambda message: message.sender)]
    if not runs:
        return None
    by_staff = any(run[0].is_staff for run in runs)
    asker = runs[0][0].sender
    tells = [run[0].is_staff if by_staff else run[0].sender != asker for run in runs]
    answers = list(compress(runs, tells))
    asked, remarks = _asked(runs, tells)
    context = piece.context
    question = _joined([context.text] if context else [], asked)
    answer = _joined([], answers) if answers else None
    own = tuple(message.message_id for message in piece.messages)
    return Unit(
        messages=(context.ids if context else ()) + own,
        first_id=own[0],
        text=MaskedText("\n".join(part for part in (question, answer, _joined([], remarks)) if part)),
        question=question,
        answer=answer,
        asked_at=context.asked_at if context else (asked or answers)[0][0].sent_at,
        answered_at=answers[0][0].sent_at if answers else None,
        last_at=piece.messages[-1].sent_at,
        staff_answered=by_staff,
    )


def _asked(runs: list[list[UnitMessage]], tells: list[bool]) -> tuple[list[list[UnitMessage]], list[list[UnitMessage]]]:
    """What the clients asked, and what else they said after the first answer.

    "Включила, всё работает" is no question: half of a unit's vector is made from its question, and with such remarks in
    it 2 of 62 sample questions found another unit first.
    """
    asked, remarks, answered = [], [], False
    for run, tell in zip(runs, tells, strict=True):
        if tell:
            answered = True
        elif not answered:
            asked.append(run)
        else:
            asking = [message for message in run if is_question(message.text) and not is_thanks(message.text)]
            asked += [asking] if asking else []
            rest = [message for message in run if message not in asking]
            remarks += [rest] if rest else []
    return asked, remarks


def _spoken(piece: _Piece) -> Iterator[UnitMessage]:
    """What says something. A bare yes or no by itself does not, but it does once something was asked."""
    something = piece.context is not None
    for message in piece.messages:
        if is_substantive(message.text) or (something and is_verdict(message.text)):
            something = True
            yield message


def _joined(lines: list[str], runs: list[list[UnitMessage]]) -> MaskedText:
    """One line for each run of messages by one person."""
    return MaskedText("\n".join(lines + [" ".join(message.text.strip() for message in run) for run in runs]))
