"""The only module that imports the Anthropic SDK: a request goes out, events come in, its errors become ours.

Importing it takes more than a second, so only the gateway does, at the first call, off the event loop.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import httpx2
from anthropic import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncAnthropic,
    AsyncStream,
    Timeout,
    omit,
    transform_schema,
)
from anthropic.types import OutputConfigParam, RawMessageStreamEvent, SearchResultBlockParam, TextBlockParam

from core.llm.calls import Call, SearchResult
from core.llm.errors import (
    BrokenReply,
    CallFailed,
    ModelUnavailable,
    NotAuthorised,
    Overloaded,
    RateLimited,
    Rejected,
    TimedOut,
)

DEFAULT_BASE_URL = "https://api.anthropic.com"

FINISH_SECONDS = 0.1
"""A new connection costs about as much, so waiting longer for the old one is no gain."""

_BY_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""An error in the middle of a stream has a type but comes under status 200."""

_RETRYABLE = frozenset({408, 409, 429})
"""Beside every 5xx: the same request may succeed soon, and was not worked on."""


class Exchange:
    """One request whose reply is arriving."""

    def __init__(self, stream: AsyncStream[RawMessageStreamEvent]) -> None:
        self._stream = stream
        # The SDK's own iterator ends at the first event that it cannot parse; behind it may stand what the reply cost.
        self._events = stream.raw_events(stream.response)
        self.request_id: str | None = stream.response.headers.get("request-id")

    async def next(self) -> Mapping[str, Any] | None:
        """The next event; None at the end.

        Raises:
            BrokenReply: it makes no sense; more may follow.
            CallFailed: the connection broke, or the server ended the reply with an error.
        """
        try:
            event = await anext(self._events, None)
        except httpx2.TimeoutException as error:
            raise _lost(error) from None
        except (httpx2.HTTPError, httpx2.StreamError, UnicodeDecodeError) as error:
            raise _broken_off(type(error).__name__) from None
        if event is None:
            return None
        try:
            data = event.json()
        except ValueError:
            raise _broken_off("an event that is not JSON") from None
        if not isinstance(data, dict):
            raise _broken_off("an event that is not an object")
        if data.get("type") == "error":
            raise _stream_error(data)
        return data

    async def finish(self) -> None:
        """Read what is left, the empty end of the body: only then can the connection serve the next call."""
        with contextlib.suppress(httpx2.HTTPError, TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                async for _ in self._events:
                    pass

    async def close(self) -> None:
        """Give the connection back."""
        with contextlib.suppress(httpx2.HTTPError):
            await self._stream.close()


class Vendor:
    """The Messages API behind an SDK client that neither retries nor reports: both are the gateway's business."""

    def __init__(self, api_key: str, base_url: str | None, connect_seconds: float, silence_seconds: float) -> None:
        self._client = AsyncAnthropic(
            api_key=api_key,
            base_url=base_url or DEFAULT_BASE_URL,
            max_retries=0,
            timeout=Timeout(silence_seconds, connect=connect_seconds),
            open_telemetry=False,
        )

    async def send(self, call: Call) -> Exchange:
        """Send a call and wait until its reply begins.

        Raises:
            CallFailed: it did not.
        """
        system: TextBlockParam = {
            "type": "text",
            "text": call.prompt.system,
            "cache_control": {"type": "ephemeral"},
        }
        question: TextBlockParam = {"type": "text", "text": call.question}
        try:
            stream = await self._client.messages.create(
                model=call.model,
                max_tokens=call.max_tokens or call.prompt.max_tokens,
                system=[system],
                messages=[{"role": "user", "content": [*map(_block, call.results), question]}],
                output_config=_output(call.schema) if call.schema else omit,
                stream=True,
            )
        except APIStatusError as error:
            raise _status_error(error) from None
        except APIError as error:
            raise _lost(error) from None
        return Exchange(stream)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()


def _block(result: SearchResult) -> SearchResultBlockParam:
    return {
        "type": "search_result",
        "source": result.source,
        "title": result.title,
        "content": [{"type": "text", "text": text} for text in result.texts],
        "citations": {"enabled": True},
    }


def _output(schema: Mapping[str, Any]) -> OutputConfigParam:
    """The schema in the form that the API takes; what it cannot enforce it is told in words."""
    return {"format": {"type": "json_schema", "schema": transform_schema(dict(schema))}}


def _lost(error: Exception) -> CallFailed:
    """No reply came, or no more of it: a timeout, or no connection."""
    cause = error.__cause__ if isinstance(error, APIConnectionError) else error
    detail = f"{type(cause or error).__name__}: {cause or error}"
    if isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        return ModelUnavailable(
            "The model's server cannot be reached; check the network and ANTHROPIC_BASE_URL.",
            detail=detail,
            retryable=True,
            sent=False,
        )
    if isinstance(cause, httpx2.TimeoutException):
        return TimedOut("The model's server fell silent; try again in a moment.", detail=detail)
    if isinstance(error, APIConnectionError):
        return ModelUnavailable(
            "The connection to the model's server was lost before it replied; try again in a moment.",
            detail=detail,
            retryable=True,
        )
    return _broken_off(detail)


def _broken_off(detail: str) -> BrokenReply:
    return BrokenReply("The model's reply broke off; ask again.", detail=detail)


def _status_error(error: APIStatusError) -> CallFailed:
    retry_after = _seconds(error.response.headers.get("retry-after"))
    return _refused(error.status_code, str(error.type or ""), error.api_message or "", retry_after)


def _stream_error(data: Mapping[str, Any]) -> CallFailed:
    """An error in the middle of a stream, under status 200."""
    error = data.get("error")
    known = error if isinstance(error, dict) else {}
    kind = str(known.get("type", ""))
    return _refused(_BY_TYPE.get(kind, 500), kind, str(known.get("message", "")), None)


def _refused(status: int, kind: str, said: str, retry_after: float | None) -> CallFailed:
    """What an error reply means to the person, and whether to try again."""
    passing = status in _RETRYABLE or status >= 500
    detail = f"{status} {kind}: {said}"
    said = said or str(status)
    if status == 429:
        when = f"in {retry_after:.0f} s" if retry_after else "in a minute"
        text = f"The model's server has had too many requests from this key; try again {when}."
        return RateLimited(text, detail=detail, retryable=passing, retry_after=retry_after)
    if passing:
        text = "The model's server is overloaded or in trouble; try again in a minute."
        return Overloaded(text, detail=detail, retryable=passing, retry_after=retry_after)
    if status in (401, 402, 403):
        text = f"The model's server refused the key ({said}); check ANTHROPIC_API_KEY and the account behind it."
        return NotAuthorised(text, detail=detail)
    if status == 404:
        text = f"The model's server does not know this ({said}); check OTKLIK_ANSWER_MODEL and ANTHROPIC_BASE_URL."
        return Rejected(text, detail=detail)
    return Rejected(f"The model's server rejected the request ({said}); this is worth a bug report.", detail=detail)


def _seconds(header: str | None) -> float | None:
    try:
        return max(float(header), 0.0) if header else None
    except ValueError:
        return None  # an HTTP date: no server of this API sends one, and the back-off does without
