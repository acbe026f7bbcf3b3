"""A strict server on loopback that speaks the Messages API over a real socket, and keeps its own bill.

In a test:                          async with AnthropicServer(Says.text("Hello")) as server: …  server.url …
To try the product by hand:         python -m tests.fakes.anthropic_server --port 8089

Each request takes the next thing of the script; with none left, it quotes the first search result and cites it, or says
that it does not know when there is none. Whatever the fake does not know makes leaving the `async with` block fail.
"""

import argparse
import asyncio
import itertools
import json
import socket
import struct
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from tests.fakes.anthropic_batches import Asked, BatchDesk
from tests.fakes.anthropic_reader import Reader
from tests.fakes.anthropic_rules import NotFakedError, Refusal, check, check_headers, dollars, tokens
from tests.fakes.anthropic_script import (
    Answering,
    Counter,
    Garbage,
    Played,
    Reset,
    Says,
    Silence,
    Step,
    events,
    message,
    quote,
)


@dataclass
class Received:
    """One request as it came, and what it was charged."""

    headers: Mapping[str, str]
    body: dict[str, Any]
    request_id: str
    usage: dict[str, Any] | None = None
    """What the server counts so far; None while nothing of the reply was sent."""

    @property
    def charged(self) -> Decimal:
        """US dollars."""
        return dollars(self.body["model"], self.usage) if self.usage else Decimal(0)


class AnthropicServer:
    """The server. It lives in the event loop that enters it."""

    def __init__(self, *script: Step, otherwise: Answering = quote, cache_minimum: int = 1024) -> None:
        """`otherwise`: what is replied to a request when the script has run out."""
        self.script = deque(script)
        self._otherwise = otherwise
        self.received: list[Received] = []
        self.connections = 0
        self.problems: list[str] = []
        self.url = ""
        self.hangs = asyncio.Event()
        """Set when a scripted silence has begun."""
        self._counter = Counter(cache_minimum)
        self.desk = BatchDesk(self._counter, self._next)
        self.lose_replies = False
        """A batch is taken, and the connection breaks before anybody is told."""
        self._ids = itertools.count(1)
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def charged(self) -> Decimal:
        """The whole bill."""
        return sum((each.charged for each in self.received), self.desk.charged)

    def _next(self, document: Mapping[str, Any]) -> Played:
        """What is done with the next request."""
        step = self.script.popleft() if self.script else self._otherwise
        return step(document) if callable(step) else step

    async def start(self, port: int = 0) -> None:
        """Listen on loopback."""
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", port, limit=2**24)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Hang up on everybody."""
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        if kind is None:
            assert not self.problems, self.problems
            assert not self.script, f"never asked for: {list(self.script)}"

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.connections += 1
        try:
            while True:
                await self._request(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away
        except asyncio.CancelledError:
            pass  # the server stops; asyncio would log the cancellation as an error of its own
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request_id = f"req_{next(self._ids):04}"
        method, target = line.split()[:2]
        path, _, query = target.partition("?")
        if path.startswith("/v1/messages/batches"):
            asked = Asked(method, path, dict(parse_qsl(query)), body)
            refusal = check_headers(headers, with_body=method == "POST")
            await self._batch(asked, refusal, writer, request_id)
            return
        if (method, path) != ("POST", "/v1/messages"):
            self.problems.append(f"unknown request: {line}")
            await _send(writer, 404, Refusal(404, "not_found_error", line).body(request_id), request_id)
            return
        try:
            document = check(headers, body)
        except NotFakedError as error:
            self.problems.append(f"not faked: {error}")
            document = Refusal(500, "api_error", f"the fake does not know {error}")
        if isinstance(document, Refusal):
            await _send(writer, document.status, document.body(request_id), request_id)
            return
        received = Received(headers, document, request_id)
        self.received.append(received)
        await self._play(self._next(document), received, reader, writer)

    async def _batch(self, asked: Asked, refusal: Refusal | None, writer: asyncio.StreamWriter, name: str) -> None:
        try:
            found = refusal or self.desk.serve(asked, self.url)
        except NotFakedError as error:
            self.problems.append(f"not faked: {error}")
            found = Refusal(500, "api_error", f"the fake does not know {error}")
        if self.lose_replies:
            _reset(writer)
        elif isinstance(found, Refusal):
            await _send(writer, found.status, found.body(name), name)
        else:
            await _send(writer, 200, found, name)

    async def _play(
        self, step: Played, received: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        match step:
            case Refusal():
                body = step.body(received.request_id)
                await _send(writer, step.status, body, received.request_id, step.headers or {})
            case Garbage():
                await _send(writer, 200, step.body, received.request_id, {"content-type": "text/html"})
            case Reset():
                _reset(writer)
            case Silence():
                self.hangs.set()
                await reader.read()  # until the client hangs up
            case Says() if received.body.get("stream"):
                await self._stream(step, received, reader, writer)
            case Says():
                document = message(step, received.body, received.request_id, self._counter.usage(received.body))
                received.usage = document["usage"]
                await _send(writer, 200, json.dumps(document).encode(), received.request_id)

    async def _stream(
        self, says: Says, received: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        truth = events(says, received.body, received.request_id, self._counter.usage(received.body))
        start_usage = json.loads(truth[0][1])["message"]["usage"]
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
            b"request-id: %s\r\n\r\n" % received.request_id.encode()
        )
        words = ""
        for name, data in says.alter(truth):
            received.usage = received.usage or start_usage
            words += _words(data)
            if name == "message_delta":
                received.usage = received.usage | {"output_tokens": json.loads(data)["usage"]["output_tokens"]}
            elif words:  # what was written is charged, whether the count of it is ever sent or not
                received.usage = received.usage | {"output_tokens": tokens(words)}
            piece = f"event: {name}\ndata: {data}\n\n".encode()
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        if says.then == "reset":
            _reset(writer)
        elif says.then == "hang":
            self.hangs.set()
            await reader.read()
        else:
            writer.write(b"0\r\n\r\n")
            await writer.drain()


def _words(data: str) -> str:
    """The words in an event, if there are any."""
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(data)["delta"]["text"])
    return ""


def _reset(writer: asyncio.StreamWriter) -> None:
    """A TCP reset: closing with a linger of zero throws away what was not yet sent, as a crashed peer does."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _send(
    writer: asyncio.StreamWriter, status: int, body: bytes, request_id: str, headers: Mapping[str, str] | None = None
) -> None:
    lines = {"content-type": "application/json", "content-length": str(len(body))}
    lines |= {"request-id": request_id, **(headers or {})}
    head = f"HTTP/1.1 {status} Scripted\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()


async def _serve(port: int, otherwise: Answering) -> None:
    server = AnthropicServer(otherwise=otherwise)
    await server.start(port)
    print(server.url, flush=True)  # noqa: T201
    print("Set ANTHROPIC_BASE_URL to this and ANTHROPIC_API_KEY to anything; Ctrl-C ends it.", file=sys.stderr)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A loopback server that speaks the Messages API.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--reader", action="store_true", help="read, refuse and judge instead of quoting the first result"
    )
    parser.add_argument("--noise", type=float, default=0.0, help="how often the reader is in a mood, 0 to 1")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, Reader(options.noise) if options.reader else quote))
