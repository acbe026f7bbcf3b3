"""The figures that a page begins with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from dashboard.texts.phrase import Phrase
from dashboard.view import View

_COLOURS: Final[Mapping[str, Literal["normal", "inverse", "off"]]] = {"up": "normal", "down": "inverse", "": "off"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure."""

    title: Phrase
    value: str
    note: str = ""
    """Below it, soft."""
    help: Phrase | None = None
    change: str = ""
    """Against the period before, with its sign; below it, in place of a note."""
    good: Literal["up", "down", ""] = ""
    """Which way the change is good, where one is."""


def tiles(view: View, shown: Sequence[Tile]) -> None:
    """Beside each other, as many as fit."""
    with st.container(horizontal=True, key=f"tiles_{len(shown)}"):
        for tile in shown:
            st.metric(
                view.say(tile.title), tile.value, tile.change or tile.note or None, border=True,
                delta_color=_COLOURS[tile.good if tile.change else ""],
                delta_arrow="auto" if tile.change else "off", help=None if tile.help is None else view.say(tile.help),
            )  # fmt: skip
