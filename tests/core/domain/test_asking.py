"""What a message wants, and whether it closes the matter."""

import doctest

import pytest

from core.domain import asking


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(asking).failed == 0


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("Где можно посмотреть остатки", True),
        ("касса пишет ошибку", True),
        ("помогите пожалуйста", True),
        ("теперь без ошибок", False),
        ("https://polka.example/help?page=2", False),
        ("?", False),
        ("Передал коллегам, завтра посмотрят", False),
    ],
)
def test_what_asks(said: str, asks: bool) -> None:
    assert asking.asks(said) is asks


@pytest.mark.parametrize(
    ("said", "closes"),
    [
        ("спасибо большое", True),
        ("понял, принял", True),
        ("Поняла, с курсором выгрузилось", True),
        ("ок, но опять ошибка", False),
        ("it works now", True),
        ("still not working", False),
        ("спасибо, но ошибка осталась", False),
        ("заработало?", False),
        ("Чек пустой", False),
    ],
)
def test_what_closes(said: str, closes: bool) -> None:
    assert asking.closes(said) is closes
