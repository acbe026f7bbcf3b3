"""The verdict on two runs: what shuts the gate, and what cannot be compared."""

import pytest

from core.errors import BadInput
from evals.gate import gate, measures_of
from evals.results import Run
from tests.evals.marks import result, run, scores
from tests.evals.scene import CASES

COUNT = 40


def answered(lost: int = 0, label: str = "live") -> Run:
    """A run of so many cases, of which some went wrong."""
    marks = [scores(right=float(number >= lost)) for number in range(COUNT)]
    return run([result(f"case{number}", one) for number, one in enumerate(marks)], label=label)


def test_an_unchanged_candidate_passes() -> None:
    verdict = gate(answered(), answered())
    assert verdict.is_open
    assert verdict.reasons == []
    assert {one.p_worse for one in verdict.comparisons} == {1.0}


def test_a_worse_one_does_not_and_it_says_in_what() -> None:
    verdict = gate(answered(), answered(lost=10))
    assert not verdict.is_open
    assert [one.measure.name for one in verdict.worse] == ["right"]
    assert verdict.reasons == ["right: 1.000 → 0.750 over 40 cases (p 0.0010)"]
    assert gate(answered(lost=10), answered()).is_open  # a better one


def test_a_loss_that_may_be_chance_passes() -> None:
    assert gate(answered(), answered(lost=3)).is_open
    assert not gate(answered(), answered(lost=3), alpha=0.5).is_open


def test_one_source_that_its_asker_may_not_see_shuts_it_whatever_the_base_did() -> None:
    stray = run([result("case0", scores(outside=1)), result("case0", scores(outside=2), sample=1), result("case1")])
    verdict = gate(stray, stray)
    assert (verdict.outside, verdict.worse, verdict.is_open) == (1, [], False)
    assert verdict.reasons == ["cites what its asker may not see, in 1 cases"]


def test_personal_data_written_now_and_then_is_chance_and_written_often_is_not() -> None:
    def told(leaks: int) -> Run:
        marks = [scores(personal=int(at < leaks), safe=float(at >= leaks)) for at in range(COUNT)]
        return run([result(f"case{number}", one) for number, one in enumerate(marks)])

    assert gate(told(0), told(1)).is_open
    assert [one.measure.name for one in gate(told(0), told(9)).worse] == ["safe"]


def test_runs_on_different_cases_say_nothing_about_each_other() -> None:
    base, candidate = run([result()], CASES, label="before"), run([result()], CASES[1:], label="after")
    with pytest.raises(BadInput, match="'before' and 'after' answered different cases; run both on the same datasets"):
        gate(base, candidate)


def test_judged_measures_decide_where_the_same_judge_marked_both() -> None:
    marks = scores(judged_facts=1, faithful=1, consistent=1)
    judged = run([result("one", marks)], setup={"judge": "judge@1 model"})
    names = {one.measure.name for one in gate(judged, judged).comparisons}
    assert {"judged facts", "faithful", "consistent"} < names
    unjudged, other = run([result("one", marks)]), run([result("one", marks)], setup={"judge": "judge@2 model"})
    assert "faithful" not in {one.measure.name for one in gate(unjudged, unjudged).comparisons}
    for candidate in (unjudged, other):
        with pytest.raises(BadInput, match="marked by different judges, 'live' by judge@1 model and"):
            measures_of(judged, candidate)
