"""The marks of one answer. None where a measure says nothing about the case."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Where not said otherwise, from 0 (bad) to 1 (good)."""

    right: float | None
    """Answered from a right source, or refused where it had to be, and nothing said that must not be."""
    refused: float
    """1: it says that it does not know."""
    must_refuse: float
    """1: that was the right thing to say."""

    hit_1: float | None = None
    """A right unit was found first; among the first three; among all that an answer is written from."""
    hit_3: float | None = None
    hit_8: float | None = None
    reciprocal_rank: float | None = None
    """1 over the rank of the first right unit, 0 where none was found."""
    ndcg: float | None = None

    facts: float | None
    """The share of the facts that the answer says, by its words; 0 where it refuses."""
    citation_precision: float | None
    """The share of the cited units that are right; None where nothing is cited."""
    citation_recall: float | None
    """1: a right unit is cited."""
    grounded: float | None
    """The share of the numbers and codes in the answer that stand in what it cites or in the question."""
    safe: float
    """1: no forbidden wording, no source from outside the asker's scope, no personal data written."""
    personal: int
    """Pieces of personal data that the masker had to take out of what was written."""
    outside: int
    """Sources from outside the asker's scope."""
    language: float
    """1: it is in the language of the question."""
    characters: int

    judged_facts: float | None = None
    """The share of the facts that the answer says, as the judge reads it."""
    faithful: float | None = None
    """1: the judge found no statement that the sources do not support."""
    consistent: float | None = None
    """1: the judge found no contradiction to the sources."""
