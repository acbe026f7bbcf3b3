"""What goes wrong on purpose, per method."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class Refused(Exception):
    """A method answers with an error: the code, its description and the `parameters` of the real API."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class Break(StrEnum):
    """When a connection is cut instead of an answer."""

    BEFORE = "before"
    """Nothing was done."""
    AFTER = "after"
    """All was done, and the bot does not know it."""


@dataclass(slots=True, eq=False)
class Fault:
    """A plan for one method ("*" is every method); `times` None is until cleared."""

    method: str
    times: int | None = 1
    error: Refused | None = None
    cut: Break | None = None
    page: tuple[int, str] | None = None
    """A status and a body which is not JSON."""
    delay: float = 0.0


class Faults:
    """The plans of a server. The first that fits a request is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[Fault] = []

    def flood(self, method: str, retry_after: int, times: int | None = 1) -> Fault:
        """429 with `retry_after`, in seconds."""
        description = f"Too Many Requests: retry after {retry_after}"
        return self.plan(Fault(method, times, Refused(429, description, retry_after=retry_after)))

    def error(self, method: str, code: int, description: str, times: int | None = 1) -> Fault:
        """Any error of the API, as 500 "Internal Server Error" or 400 "Bad Request: …"."""
        return self.plan(Fault(method, times, Refused(code, description)))

    def bad_gateway(self, method: str, times: int | None = 1) -> Fault:
        """The HTML page of an outage. aiogram can not decode it: `ClientDecodeError`."""
        page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx/1.18.0</body>\r\n</html>\r\n"
        return self.plan(Fault(method, times, page=(502, page)))

    def drop(self, method: str, times: int | None = 1, *, cut: Break = Break.BEFORE) -> Fault:
        """The connection breaks: before anything is done, or after it, when only the answer is lost."""
        return self.plan(Fault(method, times, cut=cut))

    def slow(self, method: str, seconds: float, times: int | None = 1) -> Fault:
        """An answer that takes its time. What was asked happens after it."""
        return self.plan(Fault(method, times, delay=seconds))

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
        """The plan holds within the block: `with faults.during(faults.bad_gateway("getUpdates", None)):`."""
        with self._lock:
            if fault not in self._plans:
                self._plans.append(fault)
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
