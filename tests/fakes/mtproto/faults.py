"""What goes wrong on purpose, per request."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class RpcFail(Exception):
    """A handler refuses: the client sees this as an RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Fault:
    """A plan for one method ("*" is every method); `times` None is until cleared."""

    method: str
    times: int | None = 1
    error: tuple[int, str] | None = None
    delay: float = 0.0
    drop: bool = False
    silent: bool = False


class Faults:
    """The plans of a server. The first that fits a request is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[Fault] = []

    def flood(self, method: str, seconds: int, times: int | None = 1) -> Fault:
        """FLOOD_WAIT. Telethon sleeps through short ones by itself."""
        return self.error(method, f"FLOOD_WAIT_{seconds}", 420, times)

    def error(self, method: str, message: str, code: int = 400, times: int | None = 1) -> Fault:
        """Any RPC error. Telethon retries codes of 500 and more every two seconds."""
        return self.plan(Fault(method, times, error=(code, message)))

    def slow(self, method: str, seconds: float, times: int | None = 1) -> Fault:
        """An answer that takes its time."""
        return self.plan(Fault(method, times, delay=seconds))

    def hang(self, method: str, times: int | None = 1) -> Fault:
        """No answer ever."""
        return self.plan(Fault(method, times, silent=True))

    def drop(self, method: str, times: int | None = 1) -> Fault:
        """The connection breaks instead of an answer."""
        return self.plan(Fault(method, times, drop=True))

    def plan(self, fault: Fault) -> Fault:
        """Add a plan of one's own."""
        with self._lock:
            self._plans.append(fault)
        return fault

    def clear(self) -> None:
        """All well again."""
        with self._lock:
            self._plans.clear()

    @contextmanager
    def during(self, fault: Fault) -> Iterator[None]:
        """The plan holds within the block."""
        self.plan(fault)
        try:
            yield
        finally:
            with self._lock:
                if fault in self._plans:
                    self._plans.remove(fault)

    def take(self, method: str) -> Fault | None:
        """The plan for this request, if there is one."""
        with self._lock:
            for plan in self._plans:
                if plan.method not in (method, "*"):
                    continue
                if plan.times is not None:
                    plan.times -= 1
                    if plan.times <= 0:
                        self._plans.remove(plan)
                return plan
        return None
