"""HTTP requests in, answers out; with the faults between."""

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any

from aiogram.methods import GetUpdates
from aiohttp import web

import tests.fakes.botapi.methods  # noqa: F401  fills the table of handlers
from tests.fakes.botapi.calls import Asked, Method, Misuse, checked, read
from tests.fakes.botapi.faults import Break, Fault, Faults, Refused
from tests.fakes.botapi.methods.base import HANDLERS, Desk
from tests.fakes.botapi.model import File


class Answering:
    """The counter at which requests are handed in."""

    def __init__(self, token: str, desk: Desk, faults: Faults) -> None:
        self._token = token
        self._desk = desk
        self._faults = faults
        self.asked: list[Asked] = []
        self.counted: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, or break as planned."""
        name = request.match_info["method"]
        if request.match_info["token"] != self._token:
            return _failed(Refused(401, "Unauthorized"))
        fields, files = await _read(request)
        fault = self._faults.take(name) or Fault(name)
        asked = self.note(name, fields)
        await asyncio.sleep(fault.delay)
        if fault.cut is Break.BEFORE or fault.page or fault.error:
            asked.error = _told(fault)
            return _broken(request, fault)
        answer = await self.answer(asked, files)
        if fault.cut is Break.AFTER:
            asked.error = _told(fault)
            return _broken(request, fault)
        return answer

    def note(self, name: str, fields: Mapping[str, Any]) -> Asked:
        """Enter a request into the record. Polls are only counted: they would bury the rest."""
        self.counted.append(name)
        asked = Asked(name, dict(fields))
        if name != "getUpdates":
            self.asked.append(asked)
        return asked

    async def answer(self, asked: Asked, files: Mapping[str, File]) -> web.Response:
        """Do what a request asks."""
        try:
            result = await self._do(read(asked.method, asked.params, files), files)
        except Refused as refusal:
            if isinstance(refusal, Misuse):
                self._desk.complain(refusal.description)
            asked.error = refusal.description
            return _failed(refusal)
        except Exception as error:  # noqa: BLE001  a fault of the fake must fail the test too
            asked.error = f"the fake itself failed: {type(error).__name__}: {error}"
            self._desk.complain(f"{asked.method}: {asked.error}")
            return _failed(Refused(500, "Internal Server Error"))
        asked.ok = True
        return web.json_response({"ok": True, "result": result})

    async def _do(self, method: Method, files: Mapping[str, File]) -> Any:
        handler = HANDLERS.get(type(method))
        if handler is None:
            raise Misuse(404, f"Not Found: {method.__api_method__} is not modelled by the fake")
        if isinstance(method, GetUpdates):
            return await handler(self._desk, method)
        with self._desk.world.lock:
            self._desk.uploads = files
            result = handler(self._desk, method)
        assert not inspect.isawaitable(result)
        return checked(method, result)


async def _read(request: web.Request) -> tuple[dict[str, Any], dict[str, File]]:
    """Fields and files: query, form, multipart or JSON, as the real API takes them all."""
    fields: dict[str, Any] = dict(request.query)
    files: dict[str, File] = {}
    if request.content_type == "application/json":
        fields |= await request.json()
    elif request.can_read_body:
        for key, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[key] = File(key, value.filename, value.content_type, value.file.read())
            else:
                fields[key] = value
    return fields, files


def _failed(refusal: Refused) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    headers = {"Retry-After": str(refusal.parameters["retry_after"])} if "retry_after" in refusal.parameters else None
    return web.json_response(body, status=refusal.code, headers=headers)


def _told(fault: Fault) -> str:
    if fault.error is not None:
        return fault.error.description
    return f"HTTP {fault.page[0]}" if fault.page else f"connection cut {fault.cut} the request was handled"


def _broken(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.error is not None:
        return _failed(fault.error)
    if fault.page is not None:
        return web.Response(status=fault.page[0], text=fault.page[1], content_type="text/html")
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
