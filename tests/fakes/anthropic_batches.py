"""Message batches of the loopback server: taken whole, worked on when the test says so, charged at half the price."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.anthropic_rules import InvalidError, NotFakedError, Refusal, check_request, dollars
from tests.fakes.anthropic_script import Answering, Counter, Says, message

LIFETIME = timedelta(days=1)


@dataclass
class Batch:
    """One batch and what became of its requests."""

    batch_id: str
    requests: Mapping[str, dict[str, Any]]
    """By custom id."""
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Empty until the batch has ended."""
    archived: bool = False
    """Its results are kept no longer, only that it was."""
    charged: Decimal = Decimal(0)

    def document(self, base: str) -> dict[str, Any]:
        """As the API writes it."""
        ended = bool(self.results)
        kinds = [result["type"] for result in self.results.values()]
        counts = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
        return {
            "id": self.batch_id,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": counts | {"processing": len(self.requests) - len(kinds)},
            "created_at": self.made_at.isoformat(),
            "expires_at": (self.made_at + LIFETIME).isoformat(),
            "ended_at": datetime.now(UTC).isoformat() if ended else None,
            "archived_at": datetime.now(UTC).isoformat() if self.archived else None,
            "cancel_initiated_at": None,
            "results_url": f"{base}/v1/messages/batches/{self.batch_id}/results"
            if ended and not self.archived
            else None,
        }


@dataclass(frozen=True)
class Asked:
    """A request about batches."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


class BatchDesk:
    """Takes batches, works on them, gives the results out."""

    def __init__(self, counter: Counter, answering: Answering) -> None:
        self.batches: dict[str, Batch] = {}
        self.at_once = True
        """Whether a batch has ended as soon as it was taken; otherwise the test calls `work`."""
        self.cut = 0
        """Bytes that are missing at the end of results."""
        self.closed = False
        """Whether this is a server that has no batches."""
        self._counter = counter
        self._answering = answering

    @property
    def charged(self) -> Decimal:
        """The bill of all batches."""
        return sum((batch.charged for batch in self.batches.values()), Decimal(0))

    def work(self, *, expired: int = 0) -> None:
        """Work on everything that was taken; the last `expired` requests of each batch are not reached in time."""
        for batch in self.batches.values():
            if not batch.results:
                reached = len(batch.requests) - expired
                for number, (name, params) in enumerate(batch.requests.items()):
                    batch.results[name] = self._result(batch, params) if number < reached else {"type": "expired"}

    def serve(self, asked: Asked, base: str) -> Refusal | bytes:
        """The reply to a request under /v1/messages/batches."""
        if self.closed:
            return Refusal(404, "not_found_error", asked.path)
        match asked.method, asked.path.removeprefix("/v1/messages/batches").strip("/").split("/"):
            case "POST", [""]:
                return self._take(asked.body, base)
            case "GET", [""]:
                return self._page(int(asked.query.get("limit", "20")), asked.query.get("after_id"), base)
            case "GET", [batch_id]:
                batch = self.batches.get(batch_id)
                return json.dumps(batch.document(base)).encode() if batch else _unknown(batch_id)
            case "GET", [batch_id, "results"]:
                if batch_id not in self.batches or self.batches[batch_id].archived:
                    return _unknown(batch_id)
                lines = ({"custom_id": name, "result": one} for name, one in self.batches[batch_id].results.items())
                written = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
                return written[: len(written) - self.cut]
        raise NotFakedError(f"{asked.method} {asked.path}")

    def _page(self, limit: int, after: str | None, base: str) -> bytes:
        newest = list(reversed(self.batches.values()))
        begin = 1 + [batch.batch_id for batch in newest].index(after) if after else 0
        page = [batch.document(base) for batch in newest[begin : begin + limit]]
        ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
        return json.dumps({"data": page, "has_more": begin + limit < len(newest), **ends}).encode()

    def _take(self, body: bytes, base: str) -> Refusal | bytes:
        try:
            requests = json.loads(body)["requests"]
            names = [one["custom_id"] for one in requests]
            for one in requests:
                check_request(one["params"])
        except InvalidError as error:
            return Refusal(400, "invalid_request_error", str(error))
        if not names or len(set(names)) != len(names):
            return Refusal(400, "invalid_request_error", "requests: at least one, each with a custom_id of its own")
        batch = Batch(f"msgbatch_{len(self.batches) + 1:04}", {one["custom_id"]: one["params"] for one in requests})
        self.batches[batch.batch_id] = batch
        taken = json.dumps(batch.document(base)).encode()
        if self.at_once:
            self.work()
        return taken

    def _result(self, batch: Batch, params: dict[str, Any]) -> dict[str, Any]:
        step = self._answering(params)
        if isinstance(step, Refusal):
            return {"type": "errored", "error": json.loads(step.body(batch.batch_id))}
        if not isinstance(step, Says):
            raise NotFakedError(f"{step} in a batch")
        document = message(step, params, batch.batch_id, self._counter.usage(params))
        batch.charged += dollars(params["model"], document["usage"]) / 2
        return {"type": "succeeded", "message": document}


def _unknown(batch_id: str) -> Refusal:
    return Refusal(404, "not_found_error", f"batch {batch_id}")
