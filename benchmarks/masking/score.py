"""Counting: what was labelled against what was masked, by character and by span."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.privacy.types import PiiType, Span

LABELS: Mapping[str, PiiType] = {
    **{kind.value: kind for kind in PiiType},
    "SSN": PiiType.DOCUMENT,
    "DOC": PiiType.DOCUMENT,
}
"""What other people's labels are called here. Labels of anything else (places, firms, dates) are not personal data."""


class Label(NamedTuple):
    start: int
    end: int
    name: str


class Row(NamedTuple):
    text: str
    labels: Sequence[Label]
    """Every label of the row, also those of things that are not masked."""

    @property
    def clean(self) -> bool:
        return not any(label.name in LABELS for label in self.labels)


@dataclass
class Counts:
    """One type of one file."""

    hit: int = 0
    """Characters labelled and masked as this type."""
    missed: int = 0
    wrong: int = 0
    spans: int = 0
    whole: int = 0
    """Labelled spans of which every character was masked, as whatever type: nothing of them is shown."""
    typed: int = 0
    """Labelled spans that a mask of the right type touches."""
    found: int = 0
    right: int = 0
    """Masked spans that touch a label of their type."""

    def figures(self) -> dict[str, float | int | None]:
        return {
            "recall": ratio(self.hit, self.hit + self.missed),
            "precision": ratio(self.hit, self.hit + self.wrong),
            "span_recall": ratio(self.typed, self.spans),
            "span_hidden": ratio(self.whole, self.spans),
            "span_precision": ratio(self.right, self.found),
            "labelled": self.spans,
            "masked": self.found,
        }


@dataclass
class Score:
    """One file."""

    rows: int = 0
    clean: int = 0
    touched: int = 0
    """Clean rows in which something was masked."""
    types: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))

    def add(self, row: Row, spans: Sequence[Span]) -> None:
        self.rows += 1
        if row.clean:
            self.clean += 1
            self.touched += bool(spans)
        masked = _characters((span.start, span.end) for span in spans)
        for name in {label.name for label in row.labels if label.name in LABELS}:
            self._add_labels(name, row, spans, masked)
        for kind in {span.type for span in spans}:
            self._add_masks(kind, row, spans)

    def _add_labels(self, name: str, row: Row, spans: Sequence[Span], masked: set[int]) -> None:
        counts = self.types[name]
        same = _characters((span.start, span.end) for span in spans if span.type is LABELS[name])
        for label in row.labels:
            if label.name == name:
                inside = set(range(label.start, label.end))
                counts.hit += len(inside & same)
                counts.missed += len(inside - same)
                counts.spans += 1
                counts.whole += inside <= masked
                counts.typed += bool(inside & same)

    def _add_masks(self, kind: PiiType, row: Row, spans: Sequence[Span]) -> None:
        counts = self.types[kind.value]
        labelled = _characters((label.start, label.end) for label in row.labels if LABELS.get(label.name) is kind)
        for span in spans:
            if span.type is kind:
                inside = set(range(span.start, span.end))
                counts.wrong += len(inside - labelled)
                counts.found += 1
                counts.right += bool(inside & labelled)

    def all_types(self) -> Counts:
        """Every labelled type together."""
        total = Counts()
        for counts in self.types.values():
            for name, value in vars(counts).items():
                setattr(total, name, getattr(total, name) + value)
        return total

    def figures(self) -> dict[str, object]:
        labelled = {name: counts.figures() for name, counts in sorted(self.types.items())}
        return {
            "rows": self.rows,
            "clean_rows": self.clean,
            "clean_rows_touched": ratio(self.touched, self.clean),
            "all": self.all_types().figures(),
            "types": labelled,
        }


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _characters(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {place for start, end in ranges for place in range(start, end)}
