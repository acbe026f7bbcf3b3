"""The desk where requests arrive: unwrapped, noted, answered from `methods`, or badly as a plan says."""

import asyncio
import os
import time
from dataclasses import dataclass

from tests.fakes.mtproto.connection import Connection
from tests.fakes.mtproto.faults import Fault, Faults, RpcFail
from tests.fakes.mtproto.methods import METHODS, Call, Service
from tests.fakes.mtproto.methods.auth import OPEN
from tests.fakes.mtproto.tl import LAYER, TL, boxed, functions, method_name, types


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that arrived; `at` is a monotonic time."""

    method: str
    request: TL
    at: float


class Desk:
    """What connections turn to (see `connection.Keeper`). It lives in the server's event loop."""

    def __init__(self, service: Service, faults: Faults) -> None:
        self.salt = int.from_bytes(os.urandom(8), "little", signed=True)
        self.sessions: set[tuple[int, int]] = set()
        self.keys: dict[int, TL] = {}
        self.asked: list[Asked] = []
        self.failures: list[str] = []
        self._service = service
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()

    def clock(self) -> float:
        """The server's time."""
        return self._service.world.chronicle.clock()

    def key(self, key_id: int) -> TL | None:
        """An auth key by its id."""
        return self.keys.get(key_id)

    def add_key(self, key: TL) -> None:
        """Keep a key that a handshake made."""
        self.keys[key.key_id] = key

    def is_authorised(self, connection: Connection) -> bool:
        """Whether the client is logged in."""
        return connection.key_id in self._service.login.authorised

    def request(self, connection: Connection, message_id: int, request: TL) -> None:
        """Answer at once, or as the plan for this method says."""
        pushes = True
        while hasattr(request, "query"):  # invokeWithLayer, initConnection, invokeAfterMsg and the like
            if isinstance(request, functions.InvokeWithLayerRequest) and request.layer != LAYER:
                self.failures.append(f"The client speaks layer {request.layer}, the fake {LAYER}.")
            pushes = pushes and not isinstance(request, functions.InvokeWithoutUpdatesRequest)
            request = request.query
        asked = Asked(method_name(request), request, time.monotonic())
        self.asked.append(asked)
        with self._service.world.lock:  # before the answer: what happens from now on is pushed
            if pushes and self.is_authorised(connection):
                connection.wants_updates = True
        fault = self._faults.take(asked.method) if asked.method in METHODS else None
        if fault is None:
            self._answer(connection, message_id, asked)
        else:
            task = asyncio.get_running_loop().create_task(self._answer_badly(fault, connection, message_id, asked))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop the answers that are still to come."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer_badly(self, fault: Fault, connection: Connection, message_id: int, asked: Asked) -> None:
        await asyncio.sleep(fault.delay)
        if fault.drop:
            connection.abort()
        elif fault.error is not None:
            connection.answer(message_id, bytes(types.RpcError(*fault.error)), failed=True)
        elif not fault.silent:
            self._answer(connection, message_id, asked)

    def _answer(self, connection: Connection, message_id: int, asked: Asked) -> None:
        try:
            with self._service.world.lock:
                body = boxed(self._result(connection, asked))
        except RpcFail as refusal:
            connection.answer(message_id, bytes(types.RpcError(refusal.code, refusal.message)), failed=True)
        except Exception as error:  # noqa: BLE001  whatever is wrong here must fail the test, not hang the client
            self.failures.append(f"{asked.method}: {type(error).__name__}: {error}")
            connection.answer(message_id, bytes(types.RpcError(400, "FAKE_TELEGRAM_FAILED")), failed=True)
        else:
            connection.answer(message_id, body)

    def _result(self, connection: Connection, asked: Asked) -> TL:
        if asked.method not in METHODS:
            raise NotImplementedError("the fake Telegram does not answer this request")
        if asked.method not in OPEN and not self.is_authorised(connection):
            raise RpcFail(401, "AUTH_KEY_UNREGISTERED")
        return METHODS[asked.method](Call(self._service, connection.key_id, asked.request))
