"""The attacks, as data: one file for each way in. What a file's fields mean stands at its head."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

Attack = Mapping[str, Any]


def attacks(name: str) -> Sequence[Attack]:
    """Those of one file."""
    return list(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["attack"])


def files() -> Sequence[str]:
    """The names to ask for."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def payload(attack: Attack, field: str) -> str:
    """The text of a field, as often as the attack says."""
    return str(attack[field]) * int(attack.get("repeat", 1))


def chunks(name: str, size: int = 8) -> Sequence[Sequence[Attack]]:
    """Those of one file, in portions for one bot each: a test of all would take minutes on a busy machine."""
    every = attacks(name)
    return [every[start : start + size] for start in range(0, len(every), size)]
