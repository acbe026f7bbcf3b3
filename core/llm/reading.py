"""Making sense of a streamed reply, event by event. Pure: no network, no database.

The real API keeps its order; other servers that speak the Messages API do not always (one leaves `message_start` out).
What can be understood is; everything else is a `BrokenReply`, never half a reply that looks whole.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

from pydantic import ValidationError

from core.llm import wire
from core.llm.calls import Citation, SearchResult, Usage
from core.llm.errors import BrokenReply, Refused, Truncated
from core.privacy.masker import MAX_LENGTH
from core.privacy.types import MaskedText

log = logging.getLogger(__name__)

LONGEST = MAX_LENGTH
"""Characters of a reply. `max_tokens` keeps an honest server far below; of another one no more is held or shown, since what
is longer cannot be masked."""


class ReplyReader:
    """What is known of one reply so far."""

    def __init__(self, results: Sequence[SearchResult]) -> None:
        self._results = results
        self._parts: list[str] = []
        self._length = 0
        self._block: wire.BlockStart | None = None
        self._block_began_at = 0
        self._block_citations: list[tuple[int, MaskedText]] = []
        self._began = False
        self.citations: list[Citation] = []
        self.dropped_citations = 0
        self.usage = Usage()
        self.input_is_known = False
        """False until the server has said what it read, which is what it charges even if nothing else follows."""
        self.output_is_known = False
        """False until the server has said what it wrote; before, it counts the first token only."""
        self.stop_reason: str | None = None
        self.finished = False

    @property
    def text(self) -> str:
        """All text that has arrived."""
        return "".join(self._parts)

    @property
    def is_counted(self) -> bool:
        """Whether the usage is all that can be charged: a reply that broke off in its words is charged for as many as were
        written, which nobody has told."""
        return self.input_is_known and (self.output_is_known or not self._length)

    @property
    def cites(self) -> bool:
        """Whether the text so far rests on a search result that was given."""
        return bool(self.citations or self._block_citations)

    def feed(self, data: Mapping[str, Any] | None) -> str:
        """Take in the next event, or None for the end of the stream; what it adds to the text, often nothing.

        Raises:
            BrokenReply: the event is malformed, or cannot stand here.
        """
        if data is None:
            _broken("the stream ended too early")
        kind = data.get("type")
        if not isinstance(kind, str):
            _broken("an event without a type")
        if kind not in wire.KNOWN:
            return ""
        try:
            event = wire.EVENTS.validate_python(data)
        except ValidationError as error:
            _broken(f"a malformed {kind}: {error.errors(include_input=False, include_url=False)[0]['msg']}")
        return self._take(event)

    def count(self, data: Mapping[str, Any]) -> None:
        """Take only the counters out of an event, whatever its place."""
        with suppress(ValidationError):
            match data.get("type"):
                case "message_start":
                    self._count(wire.MessageStart.model_validate(data).message.usage)
                case "message_delta":
                    self._count_written(wire.MessageDelta.model_validate(data).usage)

    def check(self) -> None:
        """Whether the finished reply can be used.

        Raises:
            Truncated, Refused, BrokenReply: it cannot.
        """
        match self.stop_reason:
            case "end_turn" | "stop_sequence":
                if not self.text.strip():
                    _broken("a reply without text")
            case "max_tokens" | "model_context_window_exceeded":
                raise Truncated(
                    "The model's reply was cut off at its token limit; ask for less at once, or raise max_tokens in the "
                    "prompt's front matter.",
                    detail=f"stop_reason {self.stop_reason}",
                )
            case "refusal":
                raise Refused("The model declined to answer this question; ask it in other words.")
            case reason:
                _broken(f"the stop_reason {reason!r}")

    def _take(self, event: wire.Event) -> str:
        match event:
            case wire.MessageStart():
                if self._began:
                    _broken("message_start in the middle")
                self._count(event.message.usage)
            case wire.BlockStart():
                self._open_block(event)
                return self._add(event.content_block.text)
            case wire.BlockDelta():
                return self._more(event)
            case wire.BlockStop():
                self._close_block(event)
            case wire.MessageDelta():
                if self._block is not None:
                    _broken("message_delta inside a block")
                self._count_written(event.usage)
                self.stop_reason = event.delta.stop_reason or self.stop_reason
            case wire.MessageStop():
                if self._block is not None or self.stop_reason is None:
                    _broken("message_stop before the end")
                self.finished = True
        self._began = True
        return ""

    def _open_block(self, event: wire.BlockStart) -> None:
        if self._block is not None or self.stop_reason is not None:
            _broken("content_block_start out of place")
        self._began = True
        self._block = event
        self._block_began_at = self._length
        self._block_citations = []

    def _more(self, event: wire.BlockDelta) -> str:
        if self._block is None or event.index != self._block.index:
            _broken("content_block_delta outside its block")
        if event.delta.type == "citations_delta":
            self._cite(event.delta.citation)
        elif event.delta.type == "text_delta":
            if event.delta.text is None:
                _broken("a text_delta without text")
            return self._add(event.delta.text)
        return ""  # thinking, and whatever is added to the API later, is not part of the text

    def _close_block(self, event: wire.BlockStop) -> None:
        if self._block is None or event.index != self._block.index:
            _broken("content_block_stop outside its block")
        self._block = None
        for index, quoted in self._block_citations:
            source = self._results[index].source
            self.citations.append(Citation(index, source, quoted, self._block_began_at, self._length))

    def _add(self, text: str) -> str:
        if text:
            self._parts.append(text)
            self._length += len(text)
        if self._length > LONGEST:
            _broken(f"a reply of more than {LONGEST} characters")
        return text

    def _cite(self, data: Mapping[str, Any] | None) -> None:
        """Keep a citation of what was really given; the quotation is taken from there, not from the server's copy."""
        try:
            at = wire.SearchResultLocation.model_validate(data)
        except ValidationError:
            at = None
        if at is not None and 0 <= at.search_result_index < len(self._results):
            texts = self._results[at.search_result_index].texts
            if 0 <= at.start_block_index < at.end_block_index <= len(texts):
                quoted = MaskedText("".join(texts[at.start_block_index : at.end_block_index]))
                self._block_citations.append((at.search_result_index, quoted))
                return
        self.dropped_citations += 1
        log.warning("The model cited a source that it was not given; the citation is dropped.")

    def _count_written(self, said: wire.WireUsage) -> None:
        self.output_is_known = self.output_is_known or said.output_tokens is not None
        self._count(said)

    def _count(self, said: wire.WireUsage) -> None:
        self.input_is_known = self.input_is_known or said.input_tokens is not None
        self.usage = counted(self.usage, said)


def counted(usage: Usage, said: wire.WireUsage) -> Usage:
    """The usage with what the server says now; a counter that it leaves out has not changed."""
    if said.input_tokens is not None:
        usage = replace(usage, input_tokens=said.input_tokens)
    if said.output_tokens is not None:
        usage = replace(usage, output_tokens=said.output_tokens)
    if said.cache_read_input_tokens is not None:
        usage = replace(usage, cache_read_tokens=said.cache_read_input_tokens)
    if said.cache_creation is not None:
        return replace(
            usage,
            cache_write_5m_tokens=said.cache_creation.ephemeral_5m_input_tokens,
            cache_write_1h_tokens=said.cache_creation.ephemeral_1h_input_tokens,
        )
    if said.cache_creation_input_tokens is not None:
        # `message_delta` repeats the sum alone; what is not known to be kept for an hour is kept for 5 minutes.
        rest = max(said.cache_creation_input_tokens - usage.cache_write_1h_tokens, 0)
        return replace(usage, cache_write_5m_tokens=rest)
    return usage


def _broken(what: str) -> NoReturn:
    raise BrokenReply(
        "The model's server sent a reply that makes no sense; ask again, and if it stays so, check ANTHROPIC_BASE_URL.",
        detail=what,
    )
