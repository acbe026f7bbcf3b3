"""Updates brought to the bot's own address."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import aiohttp

from tests.fakes.botapi.answering import Answering
from tests.fakes.botapi.methods.base import Desk

SECRET = "X-Telegram-Bot-Api-Secret-Token"
RETRY_SECONDS = 0.1
"""The real one waits a second and more."""
PATIENCE_SECONDS = 60.0


class Courier:
    """Brings each update until the bot takes it with 2xx. Updates of one chat keep their order, others go beside."""

    def __init__(self, desk: Desk, answering: Answering) -> None:
        self._desk = desk
        self._answering = answering
        self._errands: dict[Any, asyncio.Task[None]] = {}
        self._round: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for updates."""
        self._round = asyncio.ensure_future(self._go())

    async def close(self) -> None:
        """Stop; what is not delivered stays pending."""
        tasks = [task for task in (self._round, *self._errands.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _go(self) -> None:
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                await self._desk.world.updates.wait(self._errand, 1.0)
                if (update := self._errand()) is not None:
                    task = self._errands[_queue(update)] = asyncio.ensure_future(self._bring(session, update))
                    task.add_done_callback(lambda _: self._desk.world.updates.ring())

    def _errand(self) -> dict[str, Any] | None:
        """The oldest update which nothing stands in the way of."""
        self._errands = {key: task for key, task in self._errands.items() if not task.done()}
        hook = self._desk.webhook
        if not hook.url or len(self._errands) >= hook.max_connections:
            return None
        with self._desk.world.lock:
            pending = list(self._desk.world.updates.pending)
        return next((update for update in pending if _queue(update) not in self._errands), None)

    async def _bring(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> None:
        hook = self._desk.webhook
        headers = {SECRET: hook.secret_token} if hook.secret_token else {}
        try:
            address = self._desk.forwards.get(hook.url, hook.url)
            async with session.post(address, json=update, headers=headers, allow_redirects=False) as reply:
                _check(reply)
                self._desk.world.updates.done(update["update_id"])
                await self._obey(reply)
        except (aiohttp.ClientError, TimeoutError) as error:
            hook.last_error = (int(time.time()), str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _obey(self, reply: aiohttp.ClientResponse) -> None:
        """A reply may carry one request; its answer goes nowhere."""
        fields: dict[str, Any] = {}
        if reply.content_type == "application/json":
            with suppress(json.JSONDecodeError):
                fields = json.loads(await reply.text() or "{}")
        elif reply.content_type.startswith("multipart/"):
            fields = await _parts(reply)
        if name := fields.pop("method", None):
            await self._answering.answer(self._answering.note(name, fields), {})


def _check(reply: aiohttp.ClientResponse) -> None:
    if not 200 <= reply.status < 300:
        raise aiohttp.ClientError(f"Wrong response from the webhook: {reply.status} {reply.reason}")


async def _parts(reply: aiohttp.ClientResponse) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    reader = aiohttp.MultipartReader.from_response(reply)
    while (part := await reader.next()) is not None:
        if isinstance(part, aiohttp.BodyPartReader) and part.name:
            fields[part.name] = await part.text()
    return fields


def _queue(update: dict[str, Any]) -> Any:
    """Whose order must be kept: the chat's, or that of the person who asked."""
    body = next(value for key, value in update.items() if key != "update_id")
    chat = body.get("chat") or body.get("message", {}).get("chat")
    return (chat or body["from"])["id"]
