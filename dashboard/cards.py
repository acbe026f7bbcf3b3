"""What people said, as cards. The texts are others': they are escaped by the template, and never read as markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import streamlit as st
from jinja2 import Environment, PackageLoader, StrictUndefined

_TEMPLATES: Final = Environment(
    loader=PackageLoader("dashboard", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

Mood: TypeAlias = Literal["calm", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Badge:
    """A word beside a card's title."""

    text: str
    mood: Mood = "calm"


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go from here: a page of ours, or Telegram."""

    text: str
    url: str

    @property
    def leads_out(self) -> bool:
        """Whether it leaves the dashboard."""
        return not self.url.startswith("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One message, question or the like."""

    title: str = ""
    """Whose, or where: above the text, soft."""
    lead: str = ""
    """The figure that stands out: how long somebody waits."""
    mood: Mood = "calm"
    badges: Sequence[Badge] = ()
    text: str = ""
    notes: Sequence[tuple[str, str]] = ()
    """Label and text of what belongs to it: a draft, a summary."""
    links: Sequence[Link] = ()
    side: Literal["", "staff"] = ""
    """In a conversation, on whose side it stands."""


def cards(shown: Sequence[Card]) -> None:
    """One below another."""
    st.html(_TEMPLATES.get_template("cards.html.j2").render(cards=shown))


def facts(told: Sequence[tuple[str, str]]) -> None:
    """What something is called, and what it is."""
    st.html(_TEMPLATES.get_template("facts.html.j2").render(facts=told))
