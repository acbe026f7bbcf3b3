"""The shapes of messages, which threading and units both rest on."""

import doctest

import pytest

from core.domain import text


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(text).failed == 0


@pytest.mark.parametrize(
    ("said", "substantive"),
    [
        ("ок", False),
        ("+", False),
        ("", False),
        ("?", False),
        ("Добрый день, коллеги!", False),
        ("спасибо большое, всё заработало", False),
        ("[PERSON], спасибо!", False),
        ("[PHONE]", True),
        ("15", True),
        ("E-120", True),
        ("можно вернуть?", True),
        ("thanks, works now", True),
        ("ok thanks", False),
        ("не работает", True),
    ],
)
def test_what_says_something(said: str, substantive: bool) -> None:
    assert text.is_substantive(said) is substantive


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("почему чек не печатается", True),
        ("не приходит код", True),
        ("у меня ошибка E-1043", True),
        ("see https://example.com/a?b=c", False),
        ("проверьте кабель", False),
        ("how do I reset the PIN", True),
        ("all good here now", False),
    ],
)
def test_what_asks(said: str, asks: bool) -> None:
    assert text.is_question(said) is asks
