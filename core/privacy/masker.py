"""The masker: raw text in, masked text out, or an error and nothing."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from core.errors import MaskingError
from core.privacy import models
from core.privacy.kept import Kept
from core.privacy.normalise import Normalised, normalise
from core.privacy.participants import NO_PARTICIPANTS, Participants
from core.privacy.recognisers import RECOGNISERS
from core.privacy.recognisers.base import TOKEN, Context, Found, Rank, Recogniser
from core.privacy.types import Masked, MaskedText, PiiType, RawText, Span, TextEntity

MAX_LENGTH = 16_384
"""Four times the longest Telegram message. What is longer is refused, which bounds the time: every layer is linear."""
DEADLINE_SECONDS = 5.0
"""After so much computing a text is given up and waits. 4,096 characters take 0.04 s, of nothing but signs 0.3 s; what takes a
hundred times as long means that a layer is broken. Waiting for a busy machine is not counted."""
MAX_ROUNDS = 8
"""What is masked changes what stands around it, so the result is read again until nothing more is found: mostly once."""

_UNSTORABLE = regex.compile("[\0\ud800-\udfff]")
"""Code points that PostgreSQL or UTF-8 refuse."""
_REPLACEMENT = "\ufffd"
_JOINED = frozenset({PiiType.PERSON, PiiType.ADDRESS})
_HAS_CONTENT = regex.compile(r"[\p{L}\p{N}]")


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A finding in offsets of the raw text."""

    start: int
    end: int
    type: PiiType
    rank: Rank
    recogniser: str


class Masker:
    """Replaces personal data by `[TYPE]`. Has no state of its own: one serves all threads of a process."""

    def __init__(self, recognisers: Sequence[Recogniser] = RECOGNISERS, *, keep: Iterable[str] = ()) -> None:
        """With `keep`, what is public here, in any case of letters: the installation's products, its mailbox, its hotline."""
        self._recognisers = recognisers
        self._kept = Kept(keep)

    def warm_up(self) -> None:
        """Loads the models, so that the first message does not wait for them."""
        models.warm_up()

    def mask(
        self,
        raw: RawText,
        *,
        entities: Sequence[TextEntity] = (),
        participants: Participants = NO_PARTICIPANTS,
    ) -> Masked:
        """The text without personal data, and what was taken out. Masking the result again changes nothing.

        Raises `MaskingError` when the text is too long or a layer fails: the caller must not pass such a text on.
        """
        if len(raw) > MAX_LENGTH:
            raise MaskingError(f"A text of {len(raw)} characters is too long to be masked; the limit is {MAX_LENGTH}.")
        try:
            return self._mask(raw.reveal(), entities, participants)
        except MaskingError:
            raise
        except Exception as error:  # noqa: BLE001  any failure must keep the text back, and its words may hold the text
            raise MaskingError(
                f"A text of {len(raw)} characters could not be masked ({type(error).__name__})."
            ) from None

    def _mask(self, raw: str, entities: Sequence[TextEntity], participants: Participants) -> Masked:
        text = _UNSTORABLE.sub(_REPLACEMENT, raw)
        self.warm_up()  # 0.9 s of computing, and on a cold disk much more waiting, which is not the first text's fault
        deadline = time.thread_time() + DEADLINE_SECONDS
        spans = self._spans(text, entities, participants, deadline)
        for _ in range(MAX_ROUNDS):
            masked = _replace(text, spans)
            fresh = self._spans(masked, (), participants, deadline) if spans else ()
            if not fresh:
                break
            spans = _merge([*spans, *_back(fresh, spans)], text)
        return Masked(MaskedText(_replace(text, spans)), tuple(spans))

    def _spans(
        self, text: str, entities: Sequence[TextEntity], participants: Participants, deadline: float
    ) -> Sequence[Span]:
        """What is found in one reading, without overlaps."""
        reading = normalise(text)
        context = Context(TOKEN.sub(_blank, reading.text), _readable(entities, reading), participants)
        tokens = [match.span() for match in TOKEN.finditer(text)]
        public = self._kept.places(reading.text)
        findings = [
            piece
            for recogniser in self._in_time(deadline)
            for found in recogniser.find(context)
            if not self._kept.covers(found, reading.text, public)
            for piece in _outside(tokens, text, _in_raw(found, reading, recogniser.name))
        ]
        return _merge(resolve(findings, len(text)), text)

    def _in_time(self, deadline: float) -> Iterator[Recogniser]:
        for recogniser in self._recognisers:
            if time.thread_time() > deadline:
                raise MaskingError(f"A text could not be masked within {DEADLINE_SECONDS:g} s.")
            yield recogniser


def _blank(mask: regex.Match[str]) -> str:
    """A mask is no word: `[PHONE]` must not say of the number behind it that it is a phone."""
    return "¤" * len(mask.group())


def _readable(entities: Iterable[TextEntity], reading: Normalised) -> Sequence[TextEntity]:
    mapped = []
    for entity in entities:
        start, end = reading.reading(max(0, entity.start), entity.end)
        if start < end:
            mapped.append(TextEntity(start, end, entity.kind, entity.url))
    return mapped


def _in_raw(found: Found, reading: Normalised, recogniser: str) -> _Ranked:
    start, end = reading.original(found.start, found.end)
    return _Ranked(start, end, found.type, found.rank, recogniser)


def _outside(tokens: Sequence[tuple[int, int]], text: str, finding: _Ranked) -> Iterator[_Ranked]:
    """The parts of a finding that are no masks already."""
    start = finding.start
    for first, last in [
        *(token for token in tokens if token[0] < finding.end and token[1] > start),
        (finding.end, finding.end),
    ]:
        if _HAS_CONTENT.search(text, start, max(start, first)):
            yield _Ranked(start, first, finding.type, finding.rank, finding.recogniser)
        start = max(start, last)


def resolve(findings: Iterable[_Ranked], length: int) -> Sequence[Span]:
    """The rule of overlaps, in its one place: higher rank, then longer, then earlier wins.

    What the loser has besides stays masked under its own type: nothing that a layer found is ever shown.
    """
    taken = bytearray(length)
    kept: list[Span] = []
    for finding in sorted(findings, key=lambda f: (-f.rank, f.start - f.end, f.start)):
        for start, end in _free(taken, finding.start, finding.end):
            kept.append(Span(start, end, finding.type, finding.recogniser))
        taken[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
    return kept


def _free(taken: bytearray, start: int, end: int) -> Iterator[tuple[int, int]]:
    while (first := taken.find(0, start, end)) >= 0:
        last = taken.find(1, first, end)
        start = end if last < 0 else last
        yield first, start


def _merge(spans: Iterable[Span], text: str) -> Sequence[Span]:
    """The spans in order, trimmed of blanks and marks at cut edges; the parts of one name or address become one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        last = merged[-1] if merged else None
        if (
            last is not None
            and span.type is last.type
            and span.type in _JOINED
            and not text[last.end : span.start].strip(" ")
            and span.start - last.end <= 1
        ):
            merged[-1] = Span(last.start, span.end, last.type, last.recogniser)
        elif _HAS_CONTENT.search(text, span.start, span.end):
            merged.append(span)
    return merged


def _replace(text: str, spans: Sequence[Span]) -> str:
    pieces: list[str] = []
    place = 0
    for span in spans:
        pieces += text[place : span.start], f"[{span.type}]"
        place = span.end
    return "".join([*pieces, text[place:]])


def _back(fresh: Iterable[Span], spans: Sequence[Span]) -> Iterator[Span]:
    """Findings in a masked text, in offsets of the text before it was masked with `spans`. They overlap no mask."""
    shift, place = 0, 0
    for span in sorted(fresh, key=lambda span: span.start):
        while place < len(spans) and spans[place].start < span.start + shift:
            shift += spans[place].end - spans[place].start - len(spans[place].type) - 2
            place += 1
        yield Span(span.start + shift, span.end + shift, span.type, span.recogniser)
