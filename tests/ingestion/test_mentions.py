"""Whom a text names."""

import pytest

from core.privacy.types import RawText
from ingestion import mentions
from ingestion.mentions import MAX_MENTIONS, Names

NAMES = Names(
    {
        sender: RawText(name)
        for sender, name in {
            "a": "Анна Иванова",
            "b": "Анна | Поддержка",
            "c": "Ян",
            "d": "joe|away",
            "e": "Will",
            "f": "Александр",
            "g": "🙂",
            "h": "dimon_2000",
        }.items()
    }
)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Анне и Ивановой", ("a", "b")),
        ("спасибо, Иванова", ("a",)),
        ("Ян, глянь", ("c",)),
        ("ян сказал", ()),
        ("@ян", ("c",)),
        ("joe|away: hi", ("d",)),
        ("I will try", ()),
        ("Will: hi", ("e",)),
        ("саша, привет", ("f",)),
        ("спросите Сашу", ("f",)),
        ("напишите в поддержку", ()),
        ("@dimon_2000 тут?", ("h",)),
        ("аннотация", ()),
        ("🙂", ()),
        ("", ()),
    ],
)
def test_names_are_found_where_they_name_somebody(words: str, named: tuple[str, ...]) -> None:
    assert set(NAMES.named_in(RawText(words))) == set(named)


def test_a_name_that_many_bear_names_nobody() -> None:
    names = Names({f"user{n}": RawText("Мария") for n in range(4)})
    assert names.named_in(RawText("Мария, здравствуйте")) == ()


def test_a_roll_call_is_bounded() -> None:
    people = {f"user{n}": RawText(f"person{n}") for n in range(60)}
    text = " ".join(f"person{n}" for n in range(60))
    assert len(Names(people).named_in(RawText(text))) == MAX_MENTIONS


@pytest.mark.parametrize("repeated", ["a", " ", "a-", "a ", "a|", "a:", "@", "ё"])
def test_a_pasted_log_is_read_in_linear_time(repeated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second for so long a text; where each character looked through all the others, hours, and so the run's timeout."""
    monkeypatch.setattr(mentions, "MAX_READ", 1_000_000)
    assert NAMES.named_in(RawText(repeated * (1_000_000 // len(repeated)))) == ()
