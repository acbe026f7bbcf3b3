"""A model for the loopback server that reads what it is given: it answers from the search results, judges answers, rewrites
follow-ups. It does what its prompt tells it in a few respects, so that a worse prompt makes worse answers.

What a prompt can tell it: with `GUESS 30%` in it, so many questions are not refused but answered from the last result, whatever
that is about, with a number that is made up. With `BEGIN WITH "words"` answers begin so.

With `noise` it has moods, from a seed: so often it answers from the second result, or refuses, or misreads a fact. They are of
the request and of how often it was made, so that no order of requests changes them.
"""

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from core.domain.text import STOP_WORDS, stem, words
from core.llm.refusal import REFUSAL_MARKER
from tests.fakes.anthropic_script import Says, location

_GUESS = re.compile(r"GUESS (\d+)%")
_BEGIN = re.compile(r'BEGIN WITH "([^"]+)"')
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class Reader:
    """What replies to every request that has no script."""

    def __init__(self, noise: float = 0.0, seed: int = 0) -> None:
        self._noise = noise
        self._seed = seed
        self._random = random.Random(seed)
        self._asked: Counter[str] = Counter()

    def __call__(self, document: Mapping[str, Any]) -> Says:
        sent = hashlib.sha256(json.dumps([document["system"], document["messages"]]).encode()).hexdigest()
        self._asked[sent] += 1
        self._random = random.Random(f"{self._seed} {sent} {self._asked[sent]}")
        prompt = "".join(block["text"] for block in document["system"])
        content = document["messages"][-1]["content"]
        if prompt.startswith("You check answers"):
            return self._judge(json.loads(content[-1]["text"]))
        if prompt.startswith("You prepare questions"):
            asked = json.loads(content[-1]["text"])
            return Says.text(f"{asked['conversation'][-1]['question']} {asked['question']}")
        return self._answer(prompt, content)

    def _answer(self, prompt: str, content: list[dict[str, Any]]) -> Says:
        results = [block for block in content if block["type"] == "search_result"]
        if (guess := _GUESS.search(prompt)) and self._random.random() < int(guess[1]) / 100:
            return self._said(results, len(results) - 1, "\nЭто займёт 4711 минут.")
        if not self._fits(content[-1]["text"], results) or self._is_moody():
            return Says.text(f"{REFUSAL_MARKER}\nВ истории об этом ничего нет.")
        begins = f"{begin[1]} " if (begin := _BEGIN.search(prompt)) else ""
        return self._said(results, 1 if len(results) > 1 and self._is_moody() else 0, before=begins)

    def _judge(self, shown: Mapping[str, Any]) -> Says:
        answer, sources = shown["answer"], " ".join(shown["sources"])
        facts = [
            any(_holds(answer, wording) for wording in fact.split(" | ")) != self._is_moody() for fact in shown["facts"]
        ]
        unsupported = [said for said in _SENTENCE.split(answer) if said.strip() and not _holds(sources, said)]
        if self._is_moody():
            unsupported = [] if unsupported else [answer[:100]]
        verdict = {"facts": facts, "unsupported": unsupported[:10], "contradictions": [], "refuses": False}
        return Says.text(json.dumps(verdict, ensure_ascii=False))

    def _is_moody(self) -> bool:
        return self._random.random() < self._noise

    @staticmethod
    def _fits(question: str, results: list[dict[str, Any]]) -> bool:
        asked = {stem(word) for word in words(question) if word not in STOP_WORDS}
        held = {stem(word) for word in words(" ".join(piece["text"] for piece in results[0]["content"]))}
        return bool(asked & held)

    @staticmethod
    def _said(results: list[dict[str, Any]], place: int, more: str = "", before: str = "") -> Says:
        text = results[place]["content"][-1]["text"]
        return Says([(before + text + more, location(place, text=text, source=results[place]["source"]))])


def _holds(text: str, wording: str) -> bool:
    held, sought = ([stem(word) for word in words(each)] for each in (text, wording))
    return any(held[at : at + len(sought)] == sought for at in range(len(held) - len(sought) + 1))
