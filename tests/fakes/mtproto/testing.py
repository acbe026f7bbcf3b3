"""What a test of the fake, or against it, mostly needs: clients, and what they heard."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from telethon import TelegramClient, events
from telethon.sessions import StringSession

from tests.fakes.mtproto.server import MTProtoServer


@dataclass(slots=True)
class Heard:
    """The events of one client, in order."""

    new: list[Any] = field(default_factory=list)
    edited: list[Any] = field(default_factory=list)
    deleted: list[Any] = field(default_factory=list)
    actions: list[Any] = field(default_factory=list)
    raw: list[Any] = field(default_factory=list)

    def listen(self, client: Any) -> "Heard":
        """Hear all that this client hears."""
        kinds = {
            events.NewMessage: self.new,
            events.MessageEdited: self.edited,
            events.MessageDeleted: self.deleted,
            events.ChatAction: self.actions,
            events.Raw: self.raw,
        }
        for kind, kept in kinds.items():
            client.add_event_handler(_keeper(kept), kind)
        return self

    @property
    def texts(self) -> list[str]:
        """The texts of new messages."""
        return [event.raw_text for event in self.new]


def _keeper(kept: list[Any]) -> Callable[[Any], Any]:
    async def keep(event: Any) -> None:
        kept.append(event)

    return keep


def new_client(session: Any, **options: Any) -> Any:
    """A Telethon client, quick to come back."""
    settings = {"connection_retries": 50, "retry_delay": 0.1, "request_retries": 3, "timeout": 5} | options
    return TelegramClient(session, 1, "0" * 32, **settings)


@asynccontextmanager
async def connected(server: MTProtoServer, session: Any = None, **options: Any) -> AsyncIterator[Any]:
    """A client that is connected; logged in too, unless the session given is not."""
    client = new_client(session or StringSession(server.session_string()), **options)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


async def until(fact: Callable[[], object], seconds: float = 300.0) -> None:
    """Wait for a fact."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            raise TimeoutError("It did not happen in time.")
        await asyncio.sleep(0.01)
