"""A model that writes as much as a real one would: the price depends on its words, not on their sense."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.anthropic_script import Says

A_TOPIC = 8
"""Messages of clients to a topic: in the sample chats a problem takes about so many."""
WAITING = 10
THINGS = ("чек", "возврат", "касса", "сканер", "ценник", "смена", "отчёт", "терминал", "скидка", "остаток")
MATTERS = ("не печатается", "не приходит", "не открывается", "не сходится")
SENTENCE = "Касса не печатает чек после обновления, и продавец не знает, как сделать возврат покупателю."


def writes(body: Mapping[str, Any]) -> Says:
    """A reply to whatever is asked."""
    document = json.loads(body["messages"][-1]["content"][-1]["text"])
    reply = _message() if "urgent" in document else _window(document["messages"])
    return Says.text(json.dumps(reply, ensure_ascii=False))


def _message() -> dict[str, Any]:
    mood = {"urgent": False, "sentiment": -0.3, "requires_response": True}
    return {"category": "problem", **mood, "summary": SENTENCE, "suggestion": None}


def _name(number: int) -> str:
    """One of forty, so that a chat soon has as many topics as are offered at once."""
    return f"{THINGS[number % len(THINGS)]} {MATTERS[number // len(THINGS) % len(MATTERS)]}"


def _window(messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    numbers = [message["n"] for message in messages]
    topics = [
        {
            "name": _name(len(messages[at]["text"])),
            "messages": numbers[at : at + A_TOPIC],
            "problem": SENTENCE,
            "sentiment": -0.3,
            "resolved": True,
        }
        for at in range(0, len(numbers), A_TOPIC)
    ][:12]
    waiting = [
        {"message": number, "category": "problem", "sentiment": -0.3, "summary": SENTENCE, "suggestion": None}
        for number in numbers[::WAITING]
    ]
    return {"summary": " ".join([SENTENCE] * 3), "sentiment": -0.3, "topics": topics, "waiting": waiting}
