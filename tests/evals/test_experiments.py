"""Experiments: whose votes count, what ends one and how, and that the loser is switched off."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import structlog
from sqlalchemy import text

from core.db.models import ModelCall
from core.db.session import Database
from core.domain.experiments import Arm
from core.embedded.servers import Servers
from core.errors import BadInput
from core.llm.prompts import PromptFile, read_prompt
from evals.experiments import (
    ALPHA,
    DEARER,
    ENOUGH,
    HIGHEST_COST,
    Person,
    Watch,
    decide,
    people_of,
    standing,
    start,
    stop,
    verdict,
)
from tests.ingestion.bot_tables import seeding
from tests.ingestion.road import NOON, PSEUDONYMS, rows, value

MODEL = "claude-sonnet-5"


def prompt(words: str) -> PromptFile:
    return read_prompt("answer", f"---\npurpose: answer\nstatus: live\nmax_tokens: 9\n---\n{words}")


CONTROL, CANDIDATE = prompt("Control."), prompt("Candidate.")


def person(arm: Arm, number: int, *, liked: bool | None = True, refused: bool = False, cost: float = 0.01) -> Person:
    voted_at = None if liked is None else NOON + timedelta(minutes=number)
    return Person(arm, refused, cost, voted_at, bool(liked))


def crowd(count: int, control: dict[str, Any], candidate: dict[str, Any]) -> Sequence[Person]:
    """So many people in each arm, all alike; a share makes that many of them so, evenly."""
    made = []
    for number in range(count):
        for arm, fields in ((Arm.CONTROL, control), (Arm.CANDIDATE, candidate)):
            alike = {
                name: int((number + 1) * share) > int(number * share)
                if isinstance(share, float) and name != "cost"
                else share
                for name, share in fields.items()
            }
            made.append(person(arm, number, **alike))
    return made


# -- the verdict


def test_the_alpha_is_divided_among_the_questions_that_are_asked() -> None:
    assert len(standing([]).evidence) / ENOUGH == ALPHA


@pytest.mark.parametrize(
    ("control", "candidate", "state", "why"),
    [
        ({"liked": 0.5}, {"liked": 0.95}, "adopted", "The candidate is liked more: 50% of 100 (control) and 95% of 100"),
        ({"liked": 0.95}, {"liked": 0.5}, "rejected", "The candidate is liked less: 95% of 100 (control) and 50%"),
        ({"refused": 0.1}, {"refused": 0.5}, "rejected", "The candidate refuses more: 10% of 100 (control) and 50%"),
        ({"cost": 0.02}, {"cost": 0.06}, "rejected", f"costs over {DEARER} times as much: $0.0200 (control) and $0.0600"),
        ({"liked": 0.8}, {"liked": 0.8}, "undecided", "No difference was found: liked by 80% of 100"),
    ],
)  # fmt: skip
def test_how_it_ends(control: dict[str, Any], candidate: dict[str, Any], state: str, why: str) -> None:
    ended = verdict(standing(crowd(100, control, candidate)), people=100)
    assert ended is not None
    assert ended.state == state
    assert why in ended.why


@pytest.mark.parametrize("guardrail", [{"refused": 0.6}, {"cost": 0.09}])
def test_a_guardrail_goes_before_what_people_like(guardrail: dict[str, Any]) -> None:
    found = standing(crowd(100, {"liked": 0.4, "refused": 0.05}, {"liked": 0.98, "refused": 0.05, **guardrail}))
    assert found.evidence["better"] >= ENOUGH
    ended = verdict(found, people=1_000)
    assert ended is not None
    assert ended.state == "rejected"


def test_a_little_dearer_is_no_reason() -> None:
    found = standing(crowd(200, {"cost": 0.02}, {"cost": 0.02 * DEARER}))
    assert found.evidence["costs more"] < ENOUGH
    capped = standing(crowd(200, {"cost": HIGHEST_COST}, {"cost": 50 * HIGHEST_COST}))
    assert capped.evidence["costs more"] < ENOUGH  # what costs more than the highest counts as so much


def test_it_goes_on_until_the_smaller_arm_has_voted_enough() -> None:
    few = [*crowd(50, {"liked": 0.8}, {"liked": 0.8}), *(person(Arm.CONTROL, 100 + at) for at in range(100))]
    assert verdict(standing(few), people=51) is None
    ended = verdict(standing(few), people=50)
    assert ended is not None
    assert ended.state == "undecided"
    assert verdict(standing([]), people=20) is None


def test_whoever_has_not_voted_counts_for_refusals_and_cost_alone() -> None:
    found = standing(crowd(10, {"liked": None, "cost": 0.02}, {"liked": None, "refused": 1.0}))
    assert (found.people[Arm.CANDIDATE], found.voters[Arm.CANDIDATE], found.refused[Arm.CANDIDATE]) == (10, 0, 1.0)
    assert found.liked[Arm.CONTROL] == 0.0
    assert found.cost[Arm.CONTROL] == pytest.approx(0.02)


def test_between_equals_a_verdict_is_as_rare_as_stated_though_it_is_looked_at_after_every_vote() -> None:
    """All four questions together, on people of two equal arms; the stop rule never comes."""
    rng, rounds, wrong = np.random.default_rng(3), 150, 0
    for _ in range(rounds):
        people = [
            person(
                arm,
                number,
                liked=bool(rng.random() < 0.7),
                refused=bool(rng.random() < 0.1),
                cost=float(rng.random() / 20),
            )
            for number in range(120)
            for arm in Arm
        ]
        wrong += verdict(standing(people), people=10_000) is not None
    assert wrong / rounds <= ALPHA + 3 * (ALPHA * (1 - ALPHA) / rounds) ** 0.5


# -- whose votes count


async def begun(database: Database, **fields: Any) -> UUID:
    async with database.transaction() as session:
        return await start(session, (CONTROL, MODEL), (CANDIDATE, MODEL), **{"share": 0.5, "people": 20, **fields})


async def answered(
    database: Database, number: UUID, who: str, minute: int, votes: Sequence[int] = (), *, arm: Arm = Arm.CANDIDATE,
    refused: bool = False, price: float | None = None,
) -> None:  # fmt: skip
    """Somebody asked, was answered in an arm, and people voted a minute later."""
    async with database.transaction() as session:
        call_id = None
        if price is not None:
            call = {
                "purpose": "answer",
                "prompt": "answer@1",
                "model": MODEL,
                "outcome": "ok",
                "price": price,
                "settled_at": NOON,
            }
            call_id = await seeding.made(session, ModelCall, "call_id", **call)
        at = NOON + timedelta(minutes=minute)
        answer_id = await seeding.answer(
            session, experiment_id=number, arm=arm, refused=refused, asked_at=at, call_id=call_id
        )
        await seeding.question(session, asker=PSEUDONYMS.person(who), answer_id=answer_id)
        for voter, one in enumerate(votes):
            fields = {"vote": one, "voted_at": at + timedelta(minutes=1)}
            await seeding.vote(session, answer_id, f"{who}{minute}{voter}", **fields)


async def people(database: Database, number: UUID) -> Sequence[Person]:
    async with database.transaction() as session:
        return await people_of(session, number)


async def test_of_each_person_the_first_answer_counts_and_the_first_that_was_voted_on(database: Database) -> None:
    number = await begun(database)
    await answered(database, number, "anna", 1, refused=True, price=0.02)
    await answered(database, number, "anna", 2, [1])
    await answered(database, number, "anna", 3, [-1])
    await answered(database, number, "boris", 0, [-1, 1], arm=Arm.CONTROL, price=0.01)
    assert await people(database, number) == [
        Person(Arm.CONTROL, False, 0.01, NOON + timedelta(minutes=1), liked=False),  # a tie is no
        Person(Arm.CANDIDATE, True, 0.02, NOON + timedelta(minutes=3), liked=True),
    ]


async def test_answers_outside_the_experiment_do_not_count(database: Database) -> None:
    first = await begun(database)
    await answered(database, first, "anna", 1, [1])
    async with database.transaction() as session:
        await stop(session)
        answer_id = await seeding.answer(session)
        await seeding.question(session, answer_id=answer_id)
        await seeding.vote(session, answer_id)
    second = await begun(database)
    assert len(await people(database, first)) == 1
    assert await people(database, second) == []


# -- its life


async def state(database: Database) -> tuple[str, str | None]:
    (found,) = await rows(database, "SELECT state, verdict FROM experiments ORDER BY started_at DESC LIMIT 1")
    return found["state"], found["verdict"]


async def test_it_keeps_both_prompts_and_there_is_one_at_a_time(database: Database) -> None:
    await begun(database)
    kept = await rows(database, "SELECT version, text FROM prompt_versions ORDER BY text")
    assert {(row["version"], row["text"]) for row in kept} == {
        (one.version, one.source) for one in (CONTROL, CANDIDATE)
    }
    with pytest.raises(BadInput, match="otklik evals experiment stop"):
        await begun(database)
    async with database.transaction() as session:
        await stop(session)
    assert await state(database) == ("stopped", "It was stopped by hand.")
    await begun(database)
    assert await value(database, "SELECT count(*) FROM experiments") == 2


async def test_two_that_begin_at_once_are_one(database: Database) -> None:
    found = await asyncio.gather(begun(database), begun(database), return_exceptions=True)
    assert sorted(isinstance(one, BadInput) for one in found) == [False, True]


async def test_an_experiment_between_the_same_is_none(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(BadInput, match="Both arms are the same"):
            await start(session, (CONTROL, MODEL), (CONTROL, MODEL), share=0.5, people=20)
        await start(session, (CONTROL, MODEL), (CONTROL, "other"), share=0.5, people=20)


async def test_without_one_there_is_nothing_to_stop(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(BadInput, match="No experiment decides"):
            await stop(session)


async def voted(database: Database, number: UUID, liked: dict[Arm, float], count: int = 60) -> None:
    for place in range(count):
        for arm in Arm:
            said = 1 if int((place + 1) * liked[arm]) > int(place * liked[arm]) else -1
            await answered(database, number, f"{arm}{place}", place, [said], arm=arm)


@pytest.mark.parametrize(
    ("control", "candidate", "ended"), [(0.2, 1.0, "adopted"), (1.0, 0.2, "rejected"), (0.5, 0.5, None)]
)
async def test_the_watch_ends_what_is_decided(
    database: Database, control: float, candidate: float, ended: str | None
) -> None:
    number = await begun(database, people=1_000)
    await voted(database, number, {Arm.CONTROL: control, Arm.CANDIDATE: candidate})
    async with database.transaction() as session:
        found = await decide(session, NOON)
    assert (found and found.state) == ended
    assert await state(database) == ((ended, found.why) if found else ("running", None))
    async with database.transaction() as session:
        assert await decide(session, NOON) is None or ended is None  # once


async def test_a_winner_is_served_until_a_person_stops_it(database: Database) -> None:
    number = await begun(database)
    await voted(database, number, {Arm.CONTROL: 0.2, Arm.CANDIDATE: 1.0})
    async with database.transaction() as session:
        await decide(session, NOON)
    with pytest.raises(BadInput, match="or its winner serves everybody"):
        await begun(database)
    async with database.transaction() as session:
        stopped = await stop(session)
    assert stopped.verdict is not None
    assert stopped.verdict.startswith("The candidate is liked more")


async def test_who_looks_while_another_decides_leaves_it_to_them(database: Database) -> None:
    await begun(database)
    async with database.transaction() as session:
        await session.execute(text("SELECT FROM experiments FOR UPDATE"))
        async with database.transaction() as other:
            assert await decide(other, NOON) is None


@asynccontextmanager
async def nobody_let_in(servers: Servers, database_url: str) -> AsyncIterator[None]:
    """PostgreSQL throws everybody out of this database, and lets nobody in."""
    name = database_url.rpartition("?")[0].rpartition("/")[2]
    admin = Database(servers.database_url.replace("/otklik?", "/postgres?"))
    async with admin.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        try:
            others = f"datname = '{name}' AND pid <> pg_backend_pid()"
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
            yield
        finally:
            await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    await admin.close()


async def test_the_watch_survives_an_outage_of_the_database(
    database: Database, running_servers: Servers, database_url: str
) -> None:
    number = await begun(database, people=1_000)

    async def logged(logs: list[Any], event: str) -> None:
        async with asyncio.timeout(60):
            while event not in [one["event"] for one in logs]:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.005)

    with structlog.testing.capture_logs() as logs:
        watching = asyncio.create_task(Watch(database, every=0.005).run())
        async with nobody_let_in(running_servers, database_url):
            await logged(logs, "the experiment could not be looked at: postgresql is away")
        await voted(database, number, {Arm.CONTROL: 1.0, Arm.CANDIDATE: 0.2})
        await logged(logs, "an experiment has ended")
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
    assert (await state(database))[0] == "rejected"


async def test_a_bug_ends_the_watch(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("DROP TABLE experiments CASCADE"))
    with pytest.raises(Exception, match="experiments"):
        await Watch(database, every=0.001).run()
