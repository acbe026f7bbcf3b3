"""The attacks, as data: one file for each way in. What a file's fields mean stands at its head."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent

Attack = Mapping[str, Any]


def attacks(name: str) -> Sequence[Attack]:
    """Those of one file."""
    return list(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["attack"])


def each(name: str) -> pytest.MarkDecorator:
    """A test for each of them."""
    return pytest.mark.parametrize("attack", attacks(name), ids=lambda attack: attack["id"])


def payload(attack: Attack, field: str) -> str:
    """The text of a field, as often as the attack says."""
    return str(attack[field]) * int(attack.get("repeat", 1))
