"""The marker of a refusal is recognised however the reply is cut into pieces, and never shown."""

import itertools
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.refusal import REFUSAL_MARKER, explanation, is_refusal, showable


async def deltas(pieces: Sequence[str]) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def shown(pieces: Sequence[str]) -> str:
    return "".join([piece async for piece in showable(deltas(pieces))])


def cut(text: str, places: Sequence[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@given(st.text(), st.lists(st.integers(min_value=0), max_size=8))
async def test_an_answer_is_shown_whole(text: str, places: list[int]) -> None:
    if not is_refusal(text):
        assert await shown(cut(text, places)) == text


@pytest.mark.parametrize("before", ["", "\n", "**", "`", "# ", '"'])
@given(st.lists(st.integers(min_value=0), max_size=8))
async def test_nothing_of_a_refusal_is_shown(before: str, places: list[int]) -> None:
    assert await shown(cut(f"{before}{REFUSAL_MARKER}\nЭтого я не знаю.", places)) == ""


@given(st.lists(st.integers(min_value=0), max_size=8))
async def test_a_marker_in_the_middle_ends_what_is_shown(places: list[int]) -> None:
    assert "Well. ".startswith(await shown(cut(f"Well. {REFUSAL_MARKER} Sorry.", places)))


async def test_an_answer_is_not_held_back() -> None:
    stream = showable(deltas(["Нажмите", " «Сброс»"]))
    assert await anext(stream) == "Нажмите"


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ("NO_ANSWER\nЯ этого не знаю: о тарифах никто не писал.", "Я этого не знаю: о тарифах никто не писал."),
        ("**NO_ANSWER**\n\nI don't know.", "I don't know"),
        ("no_answer", ""),
    ],
)
def test_the_sentence_of_a_refusal(reply: str, sentence: str) -> None:
    assert is_refusal(reply)
    assert explanation(reply).rstrip(".") == sentence.rstrip(".")


def test_an_honest_answer_is_none() -> None:
    assert not is_refusal("There is no answer in the log; restart it.")
