"""The only door to the Anthropic SDK, with its errors beside it: a request goes out, events come in.

Importing it takes more than a second, so only the gateway does, at the first call, off the event loop.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
from anthropic import (
    APIError,
    APIStatusError,
    AsyncAnthropic,
    AsyncStream,
    Timeout,
    transform_schema,
)
from anthropic.types import OutputConfigParam, RawMessageStreamEvent, SearchResultBlockParam, TextBlockParam
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming, MessageCreateParamsStreaming
from anthropic.types.messages import MessageBatch
from anthropic.types.messages.batch_create_params import Request

from core.llm.calls import BatchState, Call, ListedBatch, SearchResult
from core.llm.errors import Unknown
from core.llm.vendor_errors import broken_off, lost, status_error, stream_error

DEFAULT_BASE_URL = "https://api.anthropic.com"

FINISH_SECONDS = 0.1
"""A new connection costs about as much, so waiting longer for the old one is no gain."""

PAGE = 100
"""Batches that are listed at once."""


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
            raise lost(error) from None
        except (httpx2.HTTPError, httpx2.StreamError, UnicodeDecodeError) as error:
            raise broken_off(type(error).__name__) from None
        if event is None:
            return None
        try:
            data = event.json()
        except ValueError:
            raise broken_off("an event that is not JSON") from None
        if not isinstance(data, dict):
            raise broken_off("an event that is not an object")
        if data.get("type") == "error":
            raise stream_error(data)
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
        try:
            streamed: MessageCreateParamsStreaming = {**_request(call), "stream": True}
            stream = await self._client.messages.create(**streamed)
        except APIStatusError as error:
            raise status_error(error) from None
        except APIError as error:
            raise lost(error) from None
        return Exchange(stream)

    async def submit(self, calls: Mapping[UUID, Call]) -> str:
        """Hand in a batch of calls, each under its id; the batch's own id.

        Raises:
            CallFailed: it was not taken, or nobody knows whether it was.
        """
        requests: list[Request] = [{"custom_id": str(name), "params": _request(call)} for name, call in calls.items()]
        with _our_errors():
            return (await self._client.messages.batches.create(requests=requests)).id

    async def state(self, batch_id: str) -> BatchState:
        """How far a batch is.

        Raises:
            CallFailed: nobody knows.
        """
        try:
            with _our_errors():
                return _state(await self._client.messages.batches.retrieve(batch_id))
        except Unknown:
            return BatchState.GONE

    async def results(self, batch_id: str) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
        """What became of each request of a batch that has ended: its id, and the result as the API writes it.

        Raises:
            CallFailed: they could not all be read; read them again.
        """
        with _our_errors():
            counts = (await self._client.messages.batches.retrieve(batch_id)).request_counts
            left = counts.succeeded + counts.errored + counts.canceled + counts.expired
            try:
                async for one in await self._client.messages.batches.results(batch_id):
                    left -= 1
                    yield one.custom_id, one.result.model_dump()
            except ValueError:
                raise broken_off("a result that is not JSON") from None
        if left > 0:
            raise broken_off(f"{left} results are missing")

    async def batches_since(self, moment: datetime) -> AsyncIterator[ListedBatch]:
        """The batches of the account that were made since then, newest first.

        Raises:
            CallFailed: they could not all be read.
        """
        with _our_errors():
            async for batch in self._client.messages.batches.list(limit=PAGE):
                if batch.created_at < moment:
                    return
                yield ListedBatch(batch.id, _state(batch), batch.created_at)

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


def _state(batch: MessageBatch) -> BatchState:
    if batch.processing_status != "ended":
        return BatchState.WORKING
    return BatchState.ENDED if batch.results_url else BatchState.GONE


@contextlib.contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except APIStatusError as error:
        raise status_error(error) from None
    except (APIError, httpx2.HTTPError) as error:
        raise lost(error) from None


def _request(call: Call) -> MessageCreateParamsNonStreaming:
    """Everything that stays the same from call to call of a purpose stands first: it is the prefix that is cached."""
    question: TextBlockParam = {"type": "text", "text": call.question}
    made: MessageCreateParamsNonStreaming = {
        "model": call.model,
        "max_tokens": call.max_tokens or call.prompt.max_tokens,
        "system": [{"type": "text", "text": call.prompt.system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [*map(_block, call.results), question]}],
    }
    return {**made, "output_config": _output(call.schema)} if call.schema else made


def _output(schema: Mapping[str, Any]) -> OutputConfigParam:
    """The schema in the form that the API takes; what it cannot enforce it is told in words."""
    return {"format": {"type": "json_schema", "schema": transform_schema(dict(schema))}}
