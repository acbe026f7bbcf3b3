"""Runs on real parts: what is measured, what is paid, and what is left when one is cut off."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from core.contracts.messages import MessagesDeleted
from core.db.session import Database
from core.errors import BadInput
from core.llm.budget import Budgets
from core.llm.ledger import Purse
from evals import results
from evals.figures import figures
from evals.remembering import NotAsked
from evals.results import Result, Run
from evals.running import Runner
from ingestion.deleting import delete
from tests.core.llm.kinds import ample
from tests.evals.scene import CASES, answering, case, connected, judge, plan, quoting, silent, talked
from tests.fakes.anthropic_script import Says, fails
from tests.ingestion.road import CHAT, NOON, observed, place_all, put, rows, value


@pytest.fixture
async def history(database: Database) -> Database:
    """The database with the talk in it."""
    await talked(database)
    return database


async def measured(runner: Runner, database: Database, **fields: object) -> Run:
    outcome = await runner.run(plan(**fields), silent)
    assert not outcome.failed
    async with database.reading() as session:
        return await results.load(session, outcome.run_id)


def by_case(run: Run) -> dict[str, Result]:
    return {result.case_id: result for result in run.results}


async def test_without_a_key_quotations_are_marked(history: Database) -> None:
    run = await measured(quoting(history), history)
    assert run.finished_at is not None
    assert (run.paid_usd, len(run.results)) == (Decimal(0), len(CASES))
    found = by_case(run)
    assert found["receipt"].scores.right == 1
    assert found["receipt"].scores.facts == 1
    assert found["receipt"].answer == "Откройте Настройки → Оборудование и перезапустите принтер."
    assert f"{CHAT}:11" in found["receipt"].rests_on
    assert found["pie"].refused
    assert found["pie"].scores.right == 1
    figure = figures(run.results)
    assert figure["hit@1"].answers == 4
    assert figure["refusal recall"].value == 1
    assert run.setup["prompts"] == {}


async def test_a_model_writes_and_another_judges(history: Database) -> None:
    async with connected(history) as (runner, server):
        run = await measured(runner, history, judge=judge())
    found = by_case(run)
    assert found["refund"].scores.faithful == 1
    assert found["refund"].scores.judged_facts == 1
    assert found["scanner"].scores.judged_facts is None  # it has no facts
    assert found["pie"].verdict is None  # a refusal is not judged
    assert run.paid_usd == server.charged > sum(one.cost_usd for one in run.results) > 0
    assert run.setup["prompts"]["answer"].startswith("answer@")
    ledger = await rows(history, "SELECT purpose, count(*) AS calls FROM model_calls GROUP BY purpose ORDER BY purpose")
    assert ledger == [{"purpose": "eval", "calls": 4}, {"purpose": "judge", "calls": 4}]
    assert await value(history, "SELECT count(*) FROM answers") == 0  # nobody was answered


async def test_the_same_request_is_not_paid_twice(history: Database) -> None:
    async with connected(history) as (runner, server):
        first = await measured(runner, history, judge=judge(), label="first")
        paid, asked = server.charged, len(server.received)
        second = await measured(runner, history, judge=judge(), label="second")
        assert (server.charged, len(server.received)) == (paid, asked)
        assert second.paid_usd == 0
        assert [one.cost_usd for one in second.results] == [one.cost_usd for one in first.results]
        assert [one.scores for one in second.results] == [one.scores for one in first.results]
        assert [one.answer for one in second.results] == [one.answer for one in first.results]
        other = await measured(runner, history, version=answering("You answer questions in another way.", "other"))
        assert other.paid_usd > 0
        fresh = await measured(runner, history, fresh=True)
        assert fresh.paid_usd > 0


async def test_each_sample_is_another_draw(history: Database) -> None:
    async with connected(history) as (runner, server):
        run = await measured(runner, history, cases=CASES[:1], samples=3)
        assert len(server.received) == 3
    assert [(one.case_id, one.sample) for one in run.results] == [("receipt", 0), ("receipt", 1), ("receipt", 2)]


async def test_a_run_costs_no_more_than_it_may_and_goes_on_with_more_money(history: Database) -> None:
    async with connected(history) as (runner, server):
        await measured(runner, history, label="what a request is reserved with")
        most, asked = await value(history, "SELECT max(reserved) FROM model_calls"), len(server.received)
    async with connected(history, limit=most) as (runner, server):
        with pytest.raises(NotAsked, match=r"The command may cost .* the next request may cost .*--budget"):
            await runner.run(plan(fresh=True, label="poor"), silent)
        assert 0 < server.charged <= most
        first = len(server.received)
        assert 0 < first < asked
        run_id = await value(history, "SELECT run_id FROM eval_runs WHERE finished_at IS NULL")
    async with connected(history, limit=Decimal(5)) as (runner, server):
        outcome = await runner.run(plan(fresh=True, label="poor"), silent)
        assert (outcome.run_id, outcome.failed) == (run_id, {})
        assert first + len(server.received) == asked  # each question once, though the run was cut off
        assert await value(history, "SELECT count(*) FROM eval_runs WHERE finished_at IS NULL") == 0


async def test_the_installations_own_budget_holds_too(history: Database) -> None:
    def poor() -> Purse:
        return Purse(Budgets(day=Decimal(0), month=Decimal(0)), ample().zone)

    async with connected(history, purse=poor) as (runner, server):
        with pytest.raises(NotAsked, match=r"\[budget\]"):
            await runner.run(plan(), silent)
        assert not server.received


async def test_what_the_model_does_not_answer_is_no_quotation_and_is_tried_again(history: Database) -> None:
    async with connected(history, *[fails(529, "overloaded_error")] * 3) as (runner, _):
        cases = CASES[:1]
        outcome = await runner.run(plan(cases=cases), silent)
        assert "overloaded" in outcome.failed["receipt"]
        assert await value(history, "SELECT count(*) FROM eval_results") == 0
        again = await runner.run(plan(cases=cases), silent)
        assert (again.run_id, again.failed) == (outcome.run_id, {})
    assert await value(history, "SELECT count(*) FROM eval_results WHERE refused") == 0


async def test_what_the_model_writes_is_kept_masked_and_counted(history: Database) -> None:
    says = Says([("Пишите на boss@example.com.", {"type": "search_result_location", "search_result_index": 0,
                  "start_block_index": 0, "end_block_index": 1, "cited_text": "", "source": "", "title": None})])  # fmt: skip
    async with connected(history, says) as (runner, _):
        run = await measured(runner, history, cases=CASES[:1], label="one")
        again = await measured(runner, history, cases=CASES[:1], label="two")
    for one in (*run.results, *again.results):
        assert (one.answer, one.scores.personal, one.scores.safe) == ("Пишите на [EMAIL].", 1, 0)
    assert "boss" not in str(await rows(history, "SELECT reply FROM eval_replies"))


async def test_a_client_is_measured_in_their_own_chat_alone(history: Database) -> None:
    other = CHAT - 1
    await put(history, [observed(1, "Здравствуйте", chat_id=other)])
    await place_all(history, other)
    foreign = case("foreign", "чек не печатается", chat_id=other)
    own = case("own", "чек не печатается", chat_id=CHAT, relevant_messages=((CHAT, 10),))
    found = by_case(await measured(quoting(history), history, cases=(foreign, own)))
    assert (found["foreign"].scores.right, found["own"].scores.right) == (1, 1)


async def test_a_follow_up_is_understood_from_what_was_asked_before(history: Database) -> None:
    follow = case(
        "follow",
        "А если и потом мигает?",
        before=("принтер мигает красным, чек не печатается",),
        relevant_messages=((CHAT, 10),),
    )
    async with connected(history) as (runner, server):
        found = by_case(await measured(runner, history, cases=(follow,)))
        assert found["follow"].scores.right == 1
        assert len(server.received) == 2  # rewritten, then answered
    assert await value(history, "SELECT count(*) FROM model_calls WHERE purpose = 'eval'") == 2


async def test_cases_about_what_is_not_held_are_refused_before_anything_is_paid(history: Database) -> None:
    async with connected(history) as (runner, server):
        absent = case("absent", "где чек", relevant_messages=((CHAT, 999),))
        with pytest.raises(BadInput, match=r"1 cases ask about messages that are not held here \(as absent\)"):
            await runner.run(plan(cases=(*CASES, absent)), silent)
        with pytest.raises(BadInput, match="no cases to measure"):
            await runner.run(plan(cases=()), silent)
        assert not server.received


async def test_a_deletion_takes_the_words_and_leaves_the_marks(history: Database) -> None:
    async with connected(history) as (runner, server):
        before = by_case(await measured(runner, history, judge=judge()))
        replies = await value(history, "SELECT count(*) FROM eval_replies")
        async with history.transaction() as session:
            await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=(11,), seen_at=NOON)])
        (kept,) = await rows(
            history, "SELECT answer, verdict, scores->>'right' AS right FROM eval_results WHERE case_id = 'receipt'"
        )
        assert (kept["answer"], kept["verdict"], float(kept["right"])) == ("", None, 1)
        assert before["receipt"].answer
        assert await value(history, "SELECT count(*) FROM eval_replies") < replies
        assert not await rows(history, "SELECT 1 FROM eval_replies WHERE reply::text LIKE '%перезапустите принтер%'")
        assert server.received


async def test_what_was_deleted_while_the_model_wrote_is_not_kept(history: Database) -> None:
    async with history.transaction() as session:
        await session.execute(text("INSERT INTO deleted_messages VALUES (:chat, 11, now())"), {"chat": CHAT})
    async with connected(history) as (runner, _):
        found = by_case(await measured(runner, history, cases=CASES[:1]))
    assert found["receipt"].answer == ""
    assert await value(history, "SELECT count(*) FROM eval_replies") == 0
