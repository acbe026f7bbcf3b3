"""The threshold of refusing: the curve by hand, the fit, and that answers are given by it at once."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.finding import Finder
from assistant.answering.inquiry import Inquiry
from assistant.retrieval.evidence import STRONG
from assistant.retrieval.threshold import threshold_for
from core.db.session import Database
from core.domain.access import AccessScope
from core.errors import BadInput
from core.privacy.types import MaskedText
from evals.calibration import LEAST, LEAST_WRONG, Observation, Point, curve, fit, keep, tells
from evals.cases import fingerprint
from tests.evals.scene import CASES, EMBEDDER, case, quoting, talked
from tests.ingestion.road import CHAT, rows

OBSERVED = st.lists(
    st.builds(Observation, st.sampled_from([0.0, 0.5, 0.6, 0.7, 0.8, 0.9]), st.booleans(), st.booleans()), max_size=60
)


def seen(right: int, wrong: int, overlap: int = 0) -> Sequence[Observation]:
    """So many right ones from 0.90 up and wrong ones from 0.80 up, of which some are stronger than every right one."""
    return [
        *(Observation(0.90 + number / 1_000, True, True) for number in range(right)),
        *(Observation(0.80 + number / 1_000, False, False) for number in range(wrong - overlap)),
        *(Observation(0.99 + number / 1_000, False, False) for number in range(overlap)),
    ]


def test_the_curve_by_hand() -> None:
    found = curve(
        [
            Observation(0.9, True, True), Observation(0.8, False, False), Observation(0.8, True, True),
            Observation(0.7, False, True), Observation(0.0, False, True),
        ]
    )  # fmt: skip
    assert found == [Point(0.9, 1, 1.0, 1 / 4), Point(0.8, 3, 2 / 3, 2 / 4), Point(0.7, 4, 2 / 4, 2 / 4)]
    assert curve([]) == []


@given(OBSERVED)
def test_more_is_answered_the_lower_the_threshold(observations: list[Observation]) -> None:
    found = curve(observations)
    assert [one.threshold for one in found] == sorted(
        {one.strength for one in observations if one.strength}, reverse=True
    )
    assert [one.answered for one in found] == sorted(one.answered for one in found)
    assert [one.coverage for one in found] == sorted(one.coverage for one in found)
    for one in found:
        strong = [each for each in observations if each.strength >= one.threshold]
        assert (len(strong), sum(each.is_right for each in strong)) == (
            one.answered,
            round(one.precision * one.answered),
        )


def test_the_fit_answers_the_most_that_is_right_often_enough() -> None:
    observations = seen(40, 20, overlap=2)
    strict, mild = fit(observations, 0.95), fit(observations, 0.8)
    assert (strict.threshold, strict.answered, strict.precision) == (0.90, 42, 40 / 42)
    assert strict.threshold > mild.threshold
    assert mild.precision >= 0.8
    low, high = strict.interval
    assert low < strict.precision < high
    assert (round(low, 3), round(high, 3)) == (0.838, 0.994)


def test_where_it_cannot_be_fitted_it_is_told_why() -> None:
    with pytest.raises(BadInput, match=rf"39 cases, 20 of them without a right answer: a threshold needs {LEAST}"):
        fit(seen(19, 20), 0.9)
    with pytest.raises(BadInput, match=rf"59 cases, 9 of them without a right answer: .* and {LEAST_WRONG}"):
        fit(seen(50, 9), 0.9)
    with pytest.raises(
        BadInput, match=r"No threshold reaches a precision of 99\.0% on these cases; the best is 95\.2%"
    ):
        fit(seen(40, 20, overlap=2), 0.99)
    with pytest.raises(BadInput, match=r"No threshold reaches a precision of 90\.0% on these cases\.$"):
        fit([Observation(0.0, False, True)] * 50, 0.9)


def test_cases_that_say_nothing_of_strength_are_left_out() -> None:
    relevant = ((CHAT, 1),)
    assert tells(case("held", "где", relevant_messages=relevant))
    assert tells(case("refused", "где"))
    assert not tells(case("follow", "где", before=("там",), relevant_messages=relevant))
    assert not tells(case("words", "где", reference="там"))
    assert not tells(case("vetted", "где", relevant_units=("vetted:1",), reference="там"))


# -- on real parts


async def calibrated(database: Database, threshold: float, model: str = EMBEDDER.model_name) -> None:
    async with database.transaction() as session:
        await keep(session, model, 0.9, Point(threshold, 10, 0.9, 0.8), CASES)


async def holds(database: Database) -> float:
    async with database.reading() as session:
        return await threshold_for(session, EMBEDDER.model_name)


async def test_a_fit_holds_at_once_for_the_same_model_and_the_latest_holds(database: Database) -> None:
    await talked(database)
    inquiry = Inquiry(question=MaskedText("чек не печатается"), scope=AccessScope.operator())
    finder = Finder(database, EMBEDDER, None)
    assert (await finder.find(inquiry)).verdict.answer
    await calibrated(database, 0.2, "another model")
    assert await holds(database) == STRONG
    await calibrated(database, 0.999)
    assert await holds(database) == 0.999
    assert not (await finder.find(inquiry)).verdict.answer
    await calibrated(database, 0.5)
    assert (await finder.find(inquiry)).verdict.answer
    (latest, *_) = await rows(database, "SELECT * FROM calibrations ORDER BY fitted_at DESC")
    assert (latest["wanted_precision"], latest["precision"], latest["coverage"]) == (0.9, 0.9, 0.8)
    assert (latest["cases"], latest["fingerprint"]) == (len(CASES), fingerprint(CASES))


async def test_what_is_observed_is_what_would_be_answered_if_nothing_were_refused(database: Database) -> None:
    await talked(database)
    await calibrated(database, 0.999)  # whatever holds now
    reached: list[int] = []
    seen = await quoting(database).observed(CASES, reached.append)
    assert reached == [1, 2, 3, 4, 5, 6]
    assert [one.is_right for one in seen] == [True] * 4 + [False] * 2
    assert [one.is_answerable for one in seen] == [True] * 4 + [False] * 2
    assert min(one.strength for one in seen[:4]) > max(one.strength for one in seen[4:]) > 0


async def test_where_nothing_is_found_there_is_no_strength(database: Database) -> None:
    (one,) = await quoting(database).observed([case("pie", "как испечь пирог")], lambda _: None)
    assert one == Observation(0.0, False, False)
