"""With what an answer is written: the live prompt, or an arm of the experiment, for those who take part in it."""

from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from assistant.answering.inquiry import Inquiry
from assistant.answering.means import MeansOf, filled
from core.db.models import Experiment, PromptVersion
from core.db.session import Database
from core.domain.access import AccessScope
from core.domain.experiments import Arm, arm_of
from core.llm.calls import Purpose
from core.llm.errors import PromptError
from core.llm.prompts import PromptRegistry, read_prompt
from core.privacy.types import MaskedText
from tests.assistant.answerers import EMBEDDER, Claude
from tests.core.index.units import embed, store, unit
from tests.ingestion.road import PSEUDONYMS, rows, value

CONTROL, CANDIDATE = (
    f"---\npurpose: answer\nstatus: live\nmax_tokens: 100\nvariables: [refusal_marker]\n---\n{words} {{{{ refusal_marker }}}}"
    for words in ("Control.", "Candidate.")
)
OWN_MODEL = CANDIDATE.replace("status", "model: its-own\nstatus")


async def experiment(database: Database, state: str = "running", candidate: str = CANDIDATE, **fields: Any) -> UUID:
    decided = None if state == "running" else text("now()")
    async with database.transaction() as session:
        for version, source in (("control", CONTROL), ("candidate", candidate)):
            await session.execute(insert(PromptVersion).values(version=version, name="answer", text=source))
        usual = {"control_prompt": "control", "control_model": "old", "share": 0.5, "people": 20, "state": state,
                 "candidate_prompt": "candidate", "candidate_model": "new", "decided_at": decided}  # fmt: skip
        made = insert(Experiment).values({**usual, **fields})
        found: UUID = (await session.execute(made.returning(Experiment.experiment_id))).scalar_one()
    return found


def asked(who: str | None = "user1", purpose: Purpose = Purpose.ANSWER) -> Inquiry:
    asker = None if who is None else PSEUDONYMS.person(who)
    return Inquiry(question=MaskedText("где чек"), scope=AccessScope.operator(), asker=asker, purpose=purpose)


def means_of(database: Database) -> MeansOf:
    return MeansOf(database, PromptRegistry(), "usual")


async def means(database: Database, inquiry: Inquiry) -> tuple[str, str, Arm | None]:
    found = await means_of(database)(inquiry)
    return found.prompt.system.split(".")[0][:12], found.model, found.arm


LIVE = ("You answer q", "usual", None)


async def test_without_an_experiment_everybody_gets_the_live_prompt(database: Database) -> None:
    assert await means(database, asked()) == LIVE
    await experiment(database, "rejected")
    assert await means(database, asked()) == LIVE


async def test_a_person_is_in_one_arm_and_stays_there(database: Database) -> None:
    number = await experiment(database)
    found = {who: await means(database, asked(who)) for who in map(str, range(40))}
    assert {one[2] for one in found.values()} == set(Arm)
    for who, (prompt, model, arm) in found.items():
        assert arm is arm_of(number, PSEUDONYMS.person(who), 0.5)
        assert (prompt, model) == (("Candidate", "new") if arm is Arm.CANDIDATE else ("Control", "old"))
        assert await means(database, asked(who)) == (prompt, model, arm)


@pytest.mark.parametrize("share", [0.01, 0.99])
async def test_the_share_is_of_the_people(database: Database, share: float) -> None:
    await experiment(database, share=share)
    arms = [(await means(database, asked(str(number))))[2] for number in range(60)]
    assert arms.count(Arm.CANDIDATE) == pytest.approx(60 * share, abs=6)


def test_arms_are_drawn_anew_in_each_experiment_and_by_the_share() -> None:
    people = [PSEUDONYMS.person(str(number)) for number in range(2_000)]
    one, other = (([arm_of(UUID(int=number), who, 0.3) for who in people]) for number in (1, 2))
    for arms in (one, other):
        assert arms.count(Arm.CANDIDATE) / len(arms) == pytest.approx(0.3, abs=0.04)
    both = sum(a is b is Arm.CANDIDATE for a, b in zip(one, other, strict=True)) / len(people)
    assert both == pytest.approx(0.09, abs=0.03)
    wider = [arm_of(UUID(int=1), who, 0.5) for who in people]
    assert all(after is Arm.CANDIDATE for before, after in zip(one, wider, strict=True) if before is Arm.CANDIDATE)


@pytest.mark.parametrize("inquiry", [asked(None), asked(purpose=Purpose.SUGGESTION), asked(purpose=Purpose.EVAL)])
async def test_who_will_not_judge_the_answer_takes_no_part(database: Database, inquiry: Inquiry) -> None:
    await experiment(database, share=0.99)
    assert await means(database, inquiry) == LIVE
    assert (await means_of(database)(inquiry)).experiment_id is None


async def test_an_adopted_candidate_serves_everybody_and_counts_for_nothing_any_more(database: Database) -> None:
    await experiment(database, "adopted", share=0.01)
    for who in range(5):
        assert await means(database, asked(str(who))) == ("Candidate", "new", None)


async def test_the_model_that_a_prompt_names_goes_before_the_others(database: Database) -> None:
    await experiment(database, "adopted", OWN_MODEL)
    assert (await means(database, asked()))[1] == "its-own"


async def test_one_that_ends_holds_for_the_next_question(database: Database) -> None:
    await experiment(database)
    assert (await means(database, asked()))[2] is not None
    async with database.transaction() as session:
        await session.execute(text("UPDATE experiments SET state = 'rejected', decided_at = now()"))
    assert await means(database, asked()) == LIVE


def test_a_prompt_with_other_variables_is_no_answer_prompt() -> None:
    bare = CONTROL.replace("variables: [refusal_marker]\n", "").replace("{{ refusal_marker }}", "")
    with pytest.raises(PromptError, match="has no variable refusal_marker"):
        filled(read_prompt("answer", bare))


# -- in answers


@pytest.fixture
async def history(database: Database) -> Database:
    await store(database, unit(1, "чек не печатается", "Обновите кассу."))
    await embed(database, EMBEDDER)
    return database


async def test_an_answer_is_written_with_the_means_of_its_asker_and_knows_them(history: Database) -> None:
    await experiment(history, control_model="claude-haiku-4-5", candidate_model="claude-opus-5")
    async with AsyncExitStack() as stack:
        answerer, server = await Claude(history, stack).says()
        for who in map(str, range(8)):
            inquiry = Inquiry(
                question=MaskedText("чек не печатается"), scope=AccessScope.operator(), asker=PSEUDONYMS.person(who)
            )
            await answerer.answer(inquiry, channel="test")
        sent = [(one.body["model"], one.body["system"][0]["text"].split(".")[0]) for one in server.received]
    assert set(sent) == {("claude-haiku-4-5", "Control"), ("claude-opus-5", "Candidate")}
    told = await rows(
        history, "SELECT arm, prompt, model, experiment_id IS NOT NULL AS taken FROM answers ORDER BY asked_at"
    )
    arms = {"control": ("answer@", "claude-haiku-4-5"), "candidate": ("answer@", "claude-opus-5")}
    assert [row["model"] for row in told] == [model for model, _ in sent]
    for row in told:
        assert (row["prompt"][:7], row["model"], row["taken"]) == (*arms[row["arm"]], True)


@pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.SUGGESTION, Purpose.EVAL])
async def test_what_is_asked_is_paid_under_its_purpose(history: Database, purpose: Purpose) -> None:
    async with AsyncExitStack() as stack:
        answerer, _ = await Claude(history, stack).says()
        inquiry = Inquiry(question=MaskedText("чек не печатается"), scope=AccessScope.operator(), purpose=purpose)
        await answerer.answer(inquiry, channel="test")
    assert await value(history, "SELECT purpose FROM model_calls") == purpose


async def test_composing_gives_nobody_an_answer(history: Database) -> None:
    async with AsyncExitStack() as stack:
        answerer, server = await Claude(history, stack).says()
        composed = await answerer.compose(asked())
        assert composed.said
        assert composed.cost_usd == server.charged > 0
    assert await value(history, "SELECT count(*) FROM answers") == 0
