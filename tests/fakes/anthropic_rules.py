"""What the Messages API accepts, and what it charges, written down a second time and independently of the product."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

VERSIONS = {"2023-06-01", "2026-10-21"}

FIELDS = {"model", "max_tokens", "messages", "system", "stream", "stop_sequences", "metadata", "output_config"}
NOT_FAKED = {
    "tools",
    "tool_choice",
    "thinking",
    "cache_control",
    "container",
    "service_tier",
    "temperature",
}
"""The real API knows these and the fake does not: a request with one is a gap in the fake, told loudly."""

DOLLARS_PER_MILLION = {
    "claude-haiku-4-5": ("1", "5"),
    "claude-sonnet-4-5": ("3", "15"),
    "claude-sonnet-4-6": ("3", "15"),
    "claude-sonnet-5": ("3", "15"),
    "claude-opus-4-5": ("5", "25"),
    "claude-opus-5": ("5", "25"),
}
"""Input and output. The cache costs 1.25 times the input to write for 5 minutes, twice for an hour, a tenth to read."""


@dataclass(frozen=True)
class Refusal:
    """An error reply."""

    status: int
    type: str
    message: str
    headers: Mapping[str, str] | None = None

    def body(self, request_id: str) -> bytes:
        """As it goes over the wire."""
        error = {"type": self.type, "message": self.message}
        return json.dumps({"type": "error", "error": error, "request_id": request_id}).encode()


class NotFakedError(Exception):
    """The fake does not know this part of the API."""


class InvalidError(Exception):
    """The API answers 400 to this."""


def check_headers(headers: Mapping[str, str], *, with_body: bool) -> Refusal | None:
    """The error that the API replies with to these headers, if it does.

    The key may come either way: since 2.12 the SDK sends it as a bearer token, before as `x-api-key`.
    """
    key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
    if not key:
        return Refusal(401, "authentication_error", "x-api-key header is required")
    if key == "wrong":
        return Refusal(401, "authentication_error", "invalid x-api-key")
    if headers.get("anthropic-version") not in VERSIONS:
        return Refusal(400, "invalid_request_error", "anthropic-version: header is required")
    if with_body and not headers.get("content-type", "").startswith("application/json"):
        return Refusal(400, "invalid_request_error", "content-type must be application/json")
    return None


def check(headers: Mapping[str, str], body: bytes) -> Refusal | dict[str, Any]:
    """The request as a document, or the error that the API replies with."""
    if refusal := check_headers(headers, with_body=True):
        return refusal
    try:
        document = json.loads(body)
        check_request(document)
    except ValueError:
        return Refusal(400, "invalid_request_error", "The request body is not valid JSON.")
    except InvalidError as error:
        return Refusal(400, "invalid_request_error", str(error))
    if document["model"] not in DOLLARS_PER_MILLION:
        return Refusal(404, "not_found_error", f"model: {document['model']}")
    assert isinstance(document, dict)
    return document


def check_request(document: Any) -> None:
    """Whether a message may be asked for so."""
    _object(document, "body", required={"model", "max_tokens", "messages"}, allowed=FIELDS, not_faked=NOT_FAKED)
    _need(isinstance(document["model"], str), "model: Input should be a valid string")
    tokens = document["max_tokens"]
    _need(type(tokens) is int and tokens > 0, "max_tokens: Input should be greater than 0")
    _need(type(document.get("stream", False)) is bool, "stream: Input should be a valid boolean")
    _system(document.get("system", ""))
    _output_config(document.get("output_config"))
    messages = document["messages"]
    _need(isinstance(messages, list) and bool(messages), "messages: at least one message is required")
    for number, message in enumerate(messages):
        where = f"messages.{number}"
        _object(message, where, required={"role", "content"})
        _need(message["role"] in {"user", "assistant"}, f"{where}.role: Input should be 'user' or 'assistant'")
        _content(message["content"], f"{where}.content")
    _need(messages[0]["role"] == "user", 'messages: first message must use the "user" role')
    marks = json.dumps(document).count('"cache_control"')
    _need(marks <= 4, f"A maximum of 4 blocks with cache_control may be provided. Found {marks}.")


def _system(system: Any) -> None:
    if isinstance(system, str):
        return
    _need(isinstance(system, list), "system: Input should be a valid list")
    for number, block in enumerate(system):
        _text_block(block, f"system.{number}")


def _output_config(config: Any) -> None:
    """A schema is taken as the API takes it: objects are closed, and what it cannot enforce must not stand in it."""
    if config is None:
        return
    _object(config, "output_config", required={"format"}, not_faked={"effort"})
    _object(config["format"], "output_config.format", required={"type", "schema"})
    _need(config["format"]["type"] == "json_schema", "output_config.format.type: Input should be 'json_schema'")
    _schema(config["format"]["schema"], "output_config.format.schema")


def _schema(schema: Any, where: str) -> None:
    _need(isinstance(schema, dict), f"{where}: Input should be an object")
    for keyword in ("minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern"):
        _need(keyword not in schema, f"{where}: For '{schema.get('type')}' type, property '{keyword}' is not supported")
    if schema.get("type") == "object":
        closed = schema.get("additionalProperties") is False
        _need(closed, f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for name, inner in [*schema.get("properties", {}).items(), *schema.get("$defs", {}).items()]:
        _schema(inner, f"{where}.{name}")
    if "items" in schema:
        _schema(schema["items"], f"{where}.items")


def _content(content: Any, where: str) -> None:
    if isinstance(content, str):
        _need(bool(content.strip()), f"{where}: text content blocks must be non-empty")
        return
    _need(isinstance(content, list) and bool(content), f"{where}: Input should be a valid list")
    enabled = set()
    for number, block in enumerate(content):
        here = f"{where}.{number}"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            _text_block(block, here)
        elif kind == "search_result":
            enabled.add(_search_result(block, here))
        elif kind in {"image", "document", "tool_use", "tool_result", "thinking"}:
            raise NotFakedError(f"{here}: a block of type {kind}")
        else:
            raise InvalidError(f"{here}: Input tag {kind!r} found using 'type' does not match any of the expected tags")
    _need(len(enabled) <= 1, "citations must be enabled on all search results or on none")


def _search_result(block: Any, where: str) -> bool:
    _object(
        block,
        where,
        required={"type", "source", "title", "content"},
        allowed={"type", "source", "title", "content", "citations", "cache_control"},
    )
    for field in ("source", "title"):
        _need(isinstance(block[field], str) and bool(block[field]), f"{where}.{field}: Input should be a valid string")
    _need(isinstance(block["content"], list) and bool(block["content"]), f"{where}.content: must not be empty")
    for number, piece in enumerate(block["content"]):
        _text_block(piece, f"{where}.content.{number}")
    citations = block.get("citations", {"enabled": False})
    _object(citations, f"{where}.citations", required={"enabled"})
    _need(type(citations["enabled"]) is bool, f"{where}.citations.enabled: Input should be a valid boolean")
    _cache_control(block, where)
    return bool(citations["enabled"])


def _text_block(block: Any, where: str) -> None:
    _object(block, where, required={"type", "text"}, allowed={"type", "text", "cache_control"}, not_faked={"citations"})
    _need(block["type"] == "text", f"{where}.type: Input should be 'text'")
    _need(isinstance(block["text"], str), f"{where}.text: Input should be a valid string")
    _need(bool(block["text"].strip()), f"{where}: text content blocks must contain non-whitespace text")
    _cache_control(block, where)


def _cache_control(block: Mapping[str, Any], where: str) -> None:
    if (mark := block.get("cache_control")) is not None:
        _object(mark, f"{where}.cache_control", required={"type"}, allowed={"type", "ttl"})
        _need(mark["type"] == "ephemeral", f"{where}.cache_control.type: Input should be 'ephemeral'")
        _need(mark.get("ttl", "5m") in {"5m", "1h"}, f"{where}.cache_control.ttl: Input should be '5m' or '1h'")


def _object(
    value: Any,
    where: str,
    *,
    required: set[str],
    allowed: set[str] | None = None,
    not_faked: set[str] | None = None,
) -> None:
    _need(isinstance(value, dict), f"{where}: Input should be an object")
    for field in sorted(required - value.keys()):
        raise InvalidError(f"{where}.{field}: Field required")
    for field in sorted(value.keys() - (allowed or required)):
        if field in (not_faked or ()):
            raise NotFakedError(f"{where}.{field}")
        raise InvalidError(f"{where}.{field}: Extra inputs are not permitted")


def _need(holds: bool, message: str) -> None:
    if not holds:
        raise InvalidError(message)


def tokens(text: str) -> int:
    """A stand-in for the tokenizer: four characters a token, at least one."""
    return max(1, math.ceil(len(text) / 4))


def dollars(model: str, usage: Mapping[str, Any]) -> Decimal:
    """What a usage costs, by the multipliers of the published price list rather than by a table of five columns."""
    read, written = (Decimal(each) for each in DOLLARS_PER_MILLION[model])
    kept = usage["cache_creation"]
    millionths: Decimal = (
        read * usage["input_tokens"]
        + written * usage["output_tokens"]
        + read / 10 * usage["cache_read_input_tokens"]
        + read * Decimal("1.25") * kept["ephemeral_5m_input_tokens"]
        + read * 2 * kept["ephemeral_1h_input_tokens"]
    )
    return millionths / 10**6
