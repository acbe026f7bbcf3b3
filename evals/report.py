"""A run, or two beside each other, as one HTML file that needs nothing else: the verdict, the figures, and every case."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from core.errors import BadInput
from evals.cases import Case
from evals.figures import Figure, figures
from evals.gate import Gate, measures_of
from evals.results import Result, Run

KINDS: Final = ("worse", "better", "same", "wrong", "right", "unmarked")
CHANGED: Final = 0.005
"""A difference of two marks that is shown as one."""

_PAGES = Environment(
    loader=PackageLoader("evals", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True)
class Side:
    """What one run said to a case."""

    result: Result
    """Its first answer,"""
    marks: Mapping[str, float | None]
    """and the marks of all its answers, by measure."""

    @property
    def right(self) -> float | None:
        """Whether it went right, over all its answers."""
        return self.marks["right"]


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the page."""

    case_id: str
    question: str
    case: Case | None
    """None where its dataset is not there any more."""
    sides: Sequence[Side]
    """Of the base, and of the candidate where there is one."""
    change: float
    """Sum of what the marks gained, candidate less base."""

    @property
    def kind(self) -> str:
        """What the page sorts and colours it by."""
        if len(self.sides) == 1:
            return {None: "unmarked", 1.0: "right"}.get(self.sides[0].right, "wrong")
        return "better" if self.change > CHANGED else "worse" if self.change < -CHANGED else "same"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both runs."""

    name: str
    base: Figure | None
    candidate: Figure | None


def write_report(path: Path, base: Run, candidate: Run | None, verdict: Gate | None, cases: Sequence[Case]) -> None:
    """Write the page; a file that is there is replaced whole, or not at all.

    Raises:
        BadInput: it cannot be written there.
    """
    page = render(base, candidate, verdict, cases)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise BadInput(f"The report cannot be written to {path}: {error.strerror}.") from None


def render(base: Run, candidate: Run | None, verdict: Gate | None, cases: Sequence[Case]) -> str:
    """The page."""
    runs = [base] if candidate is None else [base, candidate]
    rows = sorted(
        _rows(runs, {case.id: case for case in cases}), key=lambda row: (row.change, KINDS.index(row.kind), row.case_id)
    )
    return _PAGES.get_template("report.html.j2").render(
        runs=runs,
        verdict=verdict,
        lines=_lines(runs),
        tags=_tags(rows),
        rows=rows,
        kinds={kind: sum(row.kind == kind for row in rows) for kind in KINDS},
        differing=[name for name in base.setup if any(run.setup.get(name) != base.setup[name] for run in runs)],
    )


def _rows(runs: Sequence[Run], cases: Mapping[str, Case]) -> Sequence[Row]:
    """A row a case that every run answered, with its first answers; marks are those that decide, of all its answers."""
    measures = measures_of(runs[0], runs[-1])
    by_run = [_by_case(run) for run in runs]
    rows = []
    for case_id in sorted(set.intersection(*(set(found) for found in by_run))):
        sides = []
        for found in by_run:
            answers = found[case_id]
            known = {one.name: [one.of(answer.scores) for answer in answers] for one in measures}
            sides.append(Side(answers[0], {name: _mean(values) for name, values in known.items()}))
        rows.append(Row(case_id, sides[0].result.question, cases.get(case_id), sides, _change(sides)))
    return rows


def _by_case(run: Run) -> Mapping[str, Sequence[Result]]:
    found = defaultdict[str, list[Result]](list)
    for result in run.results:
        found[result.case_id].append(result)
    return found


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _change(sides: Sequence[Side]) -> float:
    if len(sides) == 1:
        return 0.0
    before, after = (side.marks for side in sides)
    return sum(new - old for name, old in before.items() if old is not None and (new := after[name]) is not None)


def _lines(runs: Sequence[Run]) -> Sequence[Line]:
    found = [figures(run.results) for run in runs]
    names = list(dict.fromkeys(name for each in found for name in each))
    return [Line(name, found[0].get(name), found[-1].get(name) if len(found) > 1 else None) for name in names]


def _tags(rows: Sequence[Row]) -> Mapping[str, Sequence[Figure]]:
    """The share that went right, by tag and run."""
    found = defaultdict[str, list[Row]](list)
    for row in rows:
        for tag in row.case.tags if row.case else ():
            found[tag].append(row)
    return {tag: [_right(held, place) for place in range(len(held[0].sides))] for tag, held in sorted(found.items())}


def _right(rows: Sequence[Row], place: int) -> Figure:
    known = [right for row in rows if (right := row.sides[place].right) is not None]
    return Figure(sum(known) / len(known) if known else 0.0, len(known), 2)
