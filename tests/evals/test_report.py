"""The page of a run or two: whole, harmless whatever people wrote, and in need of nothing else."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.errors import BadInput
from core.privacy.types import MaskedText
from evals.gate import Gate, gate
from evals.report import render, write_report
from evals.results import Run
from tests.evals.marks import result, run, scores, verdict
from tests.evals.scene import case

HOSTILE = '<script src="https://evil.example/x.js">alert(1)</script><img src=x onerror=alert(2)>"\'{{ 7 * 7 }}'
CASES = (
    case("receipt", HOSTILE, reference=HOSTILE, must_not_say=(HOSTILE,), tags=("short", HOSTILE)),
    case("pie", "как испечь пирог", tags=("off-topic",)),
    case("gone", "чей источник удалён", reference="x", before=(HOSTILE, "до того"), tags=("short",)),
)
COUNT = 12
KEPT = {"section", "meta", "link", "input", "label"}


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "

    def cases(self, kind: str = "") -> int:
        classes = (attributes.get("class", "") or "" for tag, attributes in self.tags if tag == "details")
        return sum("case" in one.split() and (not kind or kind in one.split()) for one in classes)


def measured(label: str, right: float = 1.0, **fields: object) -> Run:
    """A run of the cases and some plain ones."""
    hostile = result(
        "receipt",
        scores(right=right),
        question=MaskedText(HOSTILE),
        answer=MaskedText(HOSTILE),
        verdict=verdict(unsupported=[HOSTILE], contradictions=[HOSTILE]),
    )
    others = [result("pie", scores(refused=1, must_refuse=1), refused=True), result("gone", answer=MaskedText(""))]
    plain = [result(f"plain{number}", scores(right=right)) for number in range(COUNT)]
    return replace(run([hostile, *others, *plain], CASES, label=label), **fields)  # type: ignore[arg-type]


def page(*runs: Run, verdict: Gate | None = None) -> Page:
    base, candidate = (*runs, None)[:2]
    assert base is not None
    return Page(render(base, candidate, verdict, CASES))


def compared(right: float) -> Page:
    base, candidate = measured("before"), measured("after", right)
    return page(base, candidate, verdict=gate(base, candidate))


@pytest.mark.parametrize("seen", [page(measured(HOSTILE)), compared(0.0)])
def test_what_people_wrote_is_text_and_the_page_needs_nothing_else(seen: Page) -> None:
    assert not seen.open
    assert not {tag for tag, _ in seen.tags} & {"script", "img", "link", "iframe", "object", "base", "form"}
    names = {name for _, attributes in seen.tags for name in attributes}
    assert not names & {"src", "href", "style", "srcset", "action"}
    assert not [name for name in names if name.startswith("on")]
    assert seen.text.count(HOSTILE) >= 6  # question, answer, reference, wording, tag, what the judge said, before
    style = seen.text[: seen.text.index("</style>")] if "</style>" in seen.text else seen.text
    assert "url(" not in style
    assert "@import" not in style


def test_every_case_is_there_with_what_was_expected_and_said() -> None:
    seen = page(measured("live", 0.0))
    assert seen.cases() == COUNT + 3
    assert (seen.cases("wrong"), seen.cases("right")) == (COUNT + 1, 2)
    for words in (
        "Has to be refused.",
        "Expected: ",
        "Before: ",
        "(its source was deleted)",
        "· refused",
        "without a source",
    ):
        assert words in seen.text
    assert "The gate" not in seen.text


def test_two_runs_stand_beside_each_other_and_the_worst_come_first() -> None:
    seen = compared(0.0)
    assert (seen.cases("worse"), seen.cases("same"), seen.cases("better")) == (COUNT + 1, 2, 0)
    assert seen.text.index("Вопрос plain0") < seen.text.index("Вопрос pie")
    assert "The gate is shut." in seen.text
    assert "right: 1.000 → 0.133 over 15 cases (p 0.0001)" in seen.text
    assert "The gate is open." in compared(1.0).text


def test_an_answer_that_no_mark_speaks_of_is_neither_right_nor_wrong() -> None:
    seen = page(run([result("one", scores(right=None)), result("two", scores(right=0))]))
    assert (seen.cases("unmarked"), seen.cases("wrong"), seen.cases("right")) == (1, 1, 0)


def test_several_answers_to_a_case_are_one_row_with_their_mean() -> None:
    seen = page(run([result("one", scores(right=float(sample)), sample=sample) for sample in (1, 0, 1)]))
    assert seen.cases() == 1
    assert "right 0.67" in " ".join(seen.text.split())


def test_figures_are_written_as_what_they_are() -> None:
    text = " ".join(compared(1.0).text.split())
    assert "characters 100 100 15" in text
    assert "cost of one, $ 0.0100 0.0100 15" in text
    assert "right 1.000 1.000 15" in text
    assert "short 1.00 1.00 2" in text


def test_what_differs_between_the_runs_is_told() -> None:
    base, candidate = (
        measured("before"),
        measured("after", setup={**measured("x").setup, "units": "2:2:2", "code": "other"}),
    )
    assert "They differ in: units, code." in page(base, candidate, verdict=gate(base, candidate)).text
    assert "They differ" not in compared(1.0).text


def test_cases_that_are_not_there_any_more_are_shown_without_what_was_expected() -> None:
    seen = Page(render(measured("live"), None, None, ()))
    assert seen.cases() == COUNT + 3
    assert "Expected" not in seen.text
    assert "by tag" not in seen.text


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before", encoding="utf-8")
    write_report(path, measured("live"), None, None, CASES)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(BadInput, match=r"cannot be written to .*absent.*: No such file or directory"):
        write_report(tmp_path / "absent" / "report.html", measured("live"), None, None, CASES)
