"""What the loopback server can be told to do, and the events that a reply is made of."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from core.llm.refusal import REFUSAL_MARKER
from tests.fakes.anthropic_rules import Refusal, tokens

Event = tuple[str, str]
"""The name of a server-sent event and its data."""

Alteration = Callable[[list[Event]], Iterable[Event]]


@dataclass(frozen=True)
class Says:
    """A reply, and what is done to it on its way."""

    blocks: Sequence[tuple[str, Mapping[str, Any] | None]]
    """Pieces of text, each with the location that it cites or None."""
    stop_reason: str = "end_turn"
    alter: Alteration = list
    then: Literal["close", "reset", "hang"] = "close"
    """What happens when the events run out: the connection ends in order, is reset, or falls silent."""

    @classmethod
    def text(cls, text: str, **more: Any) -> Self:
        """One piece without a source."""
        return cls([(text, None)], **more)


@dataclass(frozen=True)
class Silence:
    """The request is taken and never answered."""


@dataclass(frozen=True)
class Reset:
    """The connection is reset before a byte of reply."""


@dataclass(frozen=True)
class Garbage:
    """Status 200 and a page that is no reply at all."""

    body: bytes = b"<html>It works!</html>"


def fails(status: int, kind: str, retry_after: float | None = None) -> Refusal:
    """An error reply."""
    return Refusal(status, kind, f"scripted {status}", {"retry-after": f"{retry_after:g}"} if retry_after else None)


Played = Says | Silence | Reset | Garbage | Refusal

Answering = Callable[[Mapping[str, Any]], Played]
"""Finds a reply to a request by its body: what to cite is known only when the sources are."""

Step = Played | Answering


def events(says: Says, body: Mapping[str, Any], request_id: str, usage: Mapping[str, Any]) -> list[Event]:
    """The events of a reply in the order of the real API."""
    message = {
        "id": f"msg_{request_id}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    made = [_event("message_start", message=message)]
    for index, (text, cites) in enumerate(says.blocks):
        block = {"type": "text", "text": "", **({"citations": []} if cites else {})}
        made.append(_event("content_block_start", index=index, content_block=block))
        if index == 0:
            made.append(_event("ping"))
        if cites:
            delta = {"type": "citations_delta", "citation": dict(cites)}
            made.append(_event("content_block_delta", index=index, delta=delta))
        for piece in _pieces(text):
            delta = {"type": "text_delta", "text": piece}
            made.append(_event("content_block_delta", index=index, delta=delta))
        made.append(_event("content_block_stop", index=index))
    written = tokens("".join(text for text, _ in says.blocks))
    total = {key: value for key, value in usage.items() if isinstance(value, int)} | {"output_tokens": written}
    ending = {"stop_reason": says.stop_reason, "stop_sequence": None}
    return [*made, _event("message_delta", delta=ending, usage=total), _event("message_stop")]


def message(says: Says, body: Mapping[str, Any], request_id: str, usage: Mapping[str, Any]) -> dict[str, Any]:
    """A reply that is not streamed."""
    whole = events(says, body, request_id, usage)
    begun: dict[str, Any] = json.loads(whole[0][1])["message"]
    content = [{"type": "text", "text": text, "citations": cites and [cites]} for text, cites in says.blocks]
    counted = begun["usage"] | json.loads(whole[-2][1])["usage"]
    return begun | {"content": content, "stop_reason": says.stop_reason, "usage": counted}


class Counter:
    """Counts tokens, and keeps a prompt cache as the API does."""

    def __init__(self, cache_minimum: int) -> None:
        self._cache_minimum = cache_minimum
        self._cached: set[str] = set()

    def usage(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A system block marked for the cache is written the first time and read the next, like the real prefix."""
        system: str | list[dict[str, Any]] = body.get("system") or []
        blocks: list[dict[str, Any]] = [{"text": system}] if isinstance(system, str) else system
        prefix = tokens("".join(block["text"] for block in blocks)) if blocks else 0
        rest = tokens(json.dumps(body["messages"], ensure_ascii=False))
        mark = blocks[-1].get("cache_control") if blocks else None
        kept = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
        read = 0
        if mark and prefix >= self._cache_minimum:
            key = hashlib.sha256(json.dumps([body["model"], blocks]).encode()).hexdigest()
            if key in self._cached:
                read = prefix
            else:
                self._cached.add(key)
                kept[f"ephemeral_{mark.get('ttl', '5m')}_input_tokens"] = prefix
        else:
            rest += prefix
        return {
            "input_tokens": rest,
            "output_tokens": 1,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": sum(kept.values()),
            "cache_creation": kept,
            "service_tier": "standard",
        }


def location(index: int, block: int = 0, until: int | None = None, text: str = "", source: str = "") -> dict[str, Any]:
    """A citation of a search result."""
    return {
        "type": "search_result_location",
        "cited_text": text,
        "search_result_index": index,
        "start_block_index": block,
        "end_block_index": until or block + 1,
        "source": source,
        "title": None,
    }


def quote(body: Mapping[str, Any]) -> Says:
    content = body["messages"][-1]["content"]
    results = [block for block in content if block["type"] == "search_result"] if isinstance(content, list) else []
    if not results:
        return Says.text(f"{REFUSAL_MARKER}\nThere is nothing about this in the search results.")
    text = results[0]["content"][0]["text"]
    return Says([(text, location(0, text=text, source=results[0]["source"]))])


def _pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [word if number == 0 else f" {word}" for number, word in enumerate(words)]


def _event(name: str, **data: Any) -> Event:
    return name, json.dumps({"type": name, **data}, ensure_ascii=False)
