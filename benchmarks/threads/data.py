"""Labelled chats as JSON lines: `{id, text, author, ts, reply_to, reply_to_all, annotated, system}`."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.domain.threads import ThreadMessage
from core.privacy.types import MaskedText
from ingestion.threading.features import WINDOW
from ingestion.threading.prepared import Prepared, prepare

_NICK = re.compile(r"[\w\[\]\\`^{}|-]+")
_ADDRESS = re.compile(r"\s*@?([\w\[\]\\`^{}|-]+)\s*(?:[:,>;]|->|$)")
SHORTEST_NICK = 4
"""A nick of fewer characters is only believed at the start of a line, followed by a colon or a comma."""


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled message: what came before it, and the true parents (itself, where it starts a thread)."""

    message: Prepared
    window: tuple[Prepared, ...]
    gold: frozenset[int]


@dataclass(frozen=True, slots=True)
class Chat:
    name: str
    messages: tuple[ThreadMessage, ...]
    cases: tuple[Case, ...]


def load(path: Path, replies: float = 0.0, seed: int = 1) -> Chat:
    """Read one file. `replies` is the share of true links that are kept as Telegram's own replies."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    number = {row["id"]: i + 1 for i, row in enumerate(rows)}
    keep = random.Random(seed)
    nicks = {row["author"].lower(): row["author"] for row in rows if row["author"]}
    messages: list[ThreadMessage] = []
    gold: dict[int, frozenset[int]] = {}
    for row in rows:
        if row["system"] or not row["text"]:
            continue
        reply = row["reply_to"] if row["reply_to"] and keep.random() < replies else None
        message = _message(row, number[row["id"]], nicks)
        messages.append(replace(message, reply_to=number[reply] if reply else None))
        if row["annotated"]:
            gold[message.message_id] = frozenset(number[p] for p in row["reply_to_all"]) or frozenset(
                {message.message_id}
            )
    return Chat(path.stem, tuple(messages), tuple(_cases(messages, gold)))


def _cases(messages: list[ThreadMessage], gold: dict[int, frozenset[int]]) -> Iterator[Case]:
    prepared = [prepare(message) for message in messages]
    for i, message in enumerate(prepared):
        if message.message_id in gold:
            yield Case(message, tuple(prepared[max(0, i - WINDOW) : i]), gold[message.message_id])


def _message(row: dict[str, str], number: int, nicks: dict[str, str]) -> ThreadMessage:
    """As the listener makes it: names found and then masked, so that the rule sees no more than in a real chat."""
    found = _named(row["text"], nicks)
    text = row["text"]
    for nick in found:
        text = re.sub(rf"(?<![\w-])@?{re.escape(nick)}(?![\w-])", "[PERSON]", text, flags=re.IGNORECASE)
    return ThreadMessage(
        message_id=number,
        sender=row["author"],
        is_staff=False,
        sent_at=datetime.fromisoformat(row["ts"]).replace(tzinfo=UTC),
        text=MaskedText(text),
        mentions=tuple(dict.fromkeys(nicks[nick] for nick in found)),
    )


def _named(text: str, nicks: dict[str, str]) -> list[str]:
    """Nicks in the text: the address at its start, and longer nicks anywhere."""
    found = []
    head = _ADDRESS.match(text.lower())
    if head and head.group(1) in nicks:
        found.append(head.group(1))
    for token in _NICK.findall(text.lower()):
        if len(token) >= SHORTEST_NICK and token in nicks and token not in found and not token.isdigit():
            found.append(token)
    return found
