"""Experiments in the live bot: started by a person, decided by what people think of the answers.

What counts is people, not answers: one person's votes resemble each other, and they are all in one arm. Of each the first
answer that was voted on counts for the votes, and the first of all for refusals and cost. People are paired in the order in
which they came, so that the evidence may be looked at after each (`evals.sequential`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import Experiment, PromptVersion
from core.db.session import DATABASE_ERRORS, Database, ReadSession, is_transient
from core.domain.experiments import Arm
from core.errors import BadInput
from core.llm.prompts import PromptFile
from evals.sequential import evidence, paired

log = structlog.get_logger(__name__)

ALPHA: Final = 0.05
"""Of experiments between two equal ways, so many end with a verdict for or against the candidate, however often one looks."""
QUESTIONS: Final = 4
"""That are asked of the same people: better, worse, refuses more, costs more. Each has its part of `ALPHA`."""
ENOUGH: Final = QUESTIONS / ALPHA
"""The evidence that answers one of them."""
DEARER: Final = 1.5
"""How many times as much as the control's an answer of the candidate may cost on average."""
HIGHEST_COST: Final = 0.10
"""US dollars: what costs more counts as so much. An answer from eight units costs a cent or two."""
LOOK_SECONDS: Final = 60.0

_PEOPLE = text("""
    WITH asked AS (
        SELECT q.asker, a.arm, a.asked_at, a.refused, coalesce(c.price, 0) AS cost,
            (SELECT max(voted_at) FROM feedback f WHERE f.answer_id = a.answer_id) AS voted_at,
            (SELECT sum(vote) FROM feedback f WHERE f.answer_id = a.answer_id) AS votes
        FROM answers a JOIN questions q ON q.question_id = a.question_id LEFT JOIN model_calls c ON c.call_id = a.call_id
        WHERE a.experiment_id = :experiment_id
    ), first AS (
        SELECT DISTINCT ON (asker) asker, arm, asked_at, refused, cost FROM asked ORDER BY asker, asked_at
    ), voted AS (
        SELECT DISTINCT ON (asker) asker, voted_at, votes FROM asked WHERE votes IS NOT NULL ORDER BY asker, asked_at
    )
    SELECT arm, asked_at, refused, CAST(cost AS float8) AS cost, voted_at, votes FROM first LEFT JOIN voted USING (asker)
    ORDER BY asked_at
""")


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """What one person's answers say; nobody's name is needed for it."""

    arm: Arm
    refused: bool
    """Their first answer was a refusal,"""
    cost: float
    """and cost so many US dollars."""
    voted_at: datetime | None
    """When their first answer with votes was voted on;"""
    liked: bool
    """and whether the votes on it are more for than against. A tie is no."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an experiment is."""

    people: Mapping[Arm, int]
    voters: Mapping[Arm, int]
    liked: Mapping[Arm, float]
    """The share of voters."""
    refused: Mapping[Arm, float]
    cost: Mapping[Arm, float]
    """US dollars of an answer."""
    evidence: Mapping[str, float]
    """By question: `better`, `worse`, `refuses more`, `costs more`; from `ENOUGH` on it is answered with yes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of it."""

    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """An experiment, and how far it is."""

    experiment_id: UUID
    state: str
    verdict: str | None
    started_at: datetime
    decided_at: datetime | None
    share: float
    stops_at: int
    """Voters in each arm, after which it ends without a verdict."""
    arms: Mapping[Arm, tuple[str, str]]
    """The prompt, as `answer@version`, and the model of each."""
    standing: Standing


def standing(people: Sequence[Person]) -> Standing:
    """What these people say, who are given in the order in which they came."""
    arms = {arm: [person for person in people if person.arm is arm] for arm in Arm}
    voters = {
        arm: [one for _, one in sorted((one.voted_at, one) for one in held if one.voted_at)]
        for arm, held in arms.items()
    }
    votes = {arm: [float(one.liked) for one in held] for arm, held in voters.items()}
    refusals = {arm: [float(one.refused) for one in held] for arm, held in arms.items()}
    costs = {arm: [min(one.cost / HIGHEST_COST, 1.0) for one in held] for arm, held in arms.items()}
    likes = paired(votes[Arm.CONTROL], votes[Arm.CANDIDATE])
    dearer = paired([one * DEARER for one in costs[Arm.CONTROL]], costs[Arm.CANDIDATE])
    return Standing(
        people={arm: len(held) for arm, held in arms.items()},
        voters={arm: len(held) for arm, held in voters.items()},
        liked={arm: _mean(held) for arm, held in votes.items()},
        refused={arm: _mean(held) for arm, held in refusals.items()},
        cost={arm: _mean([one.cost for one in held]) for arm, held in arms.items()},
        evidence={
            "better": evidence(likes),
            "worse": evidence([-one for one in likes]),
            "refuses more": evidence(paired(refusals[Arm.CONTROL], refusals[Arm.CANDIDATE])),
            "costs more": evidence([one / DEARER for one in dearer]),
        },
    )


def verdict(found: Standing, people: int) -> Verdict | None:
    """Whether an experiment ends now, and how. `people`: its stop rule. What speaks against the candidate goes first."""
    liked = " and ".join(f"{found.liked[arm]:.0%} of {found.voters[arm]} ({arm})" for arm in Arm)
    if found.evidence["worse"] >= ENOUGH:
        return Verdict("rejected", f"The candidate is liked less: {liked}.")
    if found.evidence["refuses more"] >= ENOUGH:
        refused = " and ".join(f"{found.refused[arm]:.0%} of {found.people[arm]} ({arm})" for arm in Arm)
        return Verdict("rejected", f"The candidate refuses more: {refused}.")
    if found.evidence["costs more"] >= ENOUGH:
        cost = " and ".join(f"${found.cost[arm]:.4f} ({arm})" for arm in Arm)
        return Verdict("rejected", f"An answer of the candidate costs over {DEARER} times as much: {cost}.")
    if found.evidence["better"] >= ENOUGH:
        return Verdict("adopted", f"The candidate is liked more: {liked}.")
    if min(found.voters.values()) >= people:
        return Verdict("undecided", f"No difference was found: liked by {liked}.")
    return None


async def start(
    session: AsyncSession,
    control: tuple[PromptFile, str],
    candidate: tuple[PromptFile, str],
    *,
    share: float,
    people: int,
) -> UUID:
    """Begin an experiment between two prompts, each with its model.

    Raises:
        BadInput: another one decides already what people are answered with, or both are the same.
    """
    if (control[0].version, control[1]) == (candidate[0].version, candidate[1]):
        raise BadInput("Both arms are the same prompt and model; there is nothing to find out.")
    for prompt, _ in (control, candidate):
        row = {"version": prompt.version, "name": prompt.name, "text": prompt.source}
        await session.execute(insert(PromptVersion).values(row).on_conflict_do_nothing())
    begun = insert(Experiment).values(
        control_prompt=control[0].version,
        control_model=control[1],
        candidate_prompt=candidate[0].version,
        candidate_model=candidate[1],
        share=share,
        people=people,
    )
    made = await session.scalar(begun.on_conflict_do_nothing().returning(Experiment.experiment_id))
    if made is None:
        raise BadInput(
            "An experiment is running, or its winner serves everybody: end it first with `otklik evals experiment stop`."
        )
    return made


async def stop(session: AsyncSession) -> Experiment:
    """End the experiment that runs, or that was adopted: from now on everybody gets the live prompt.

    Raises:
        BadInput: there is none.
    """
    live = select(Experiment).where(Experiment.state.in_(("running", "adopted"))).with_for_update()
    found = (await session.scalars(live)).one_or_none()
    if found is None:
        raise BadInput("No experiment decides what people are answered with.")
    found.verdict = found.verdict or "It was stopped by hand."
    found.state, found.decided_at = "stopped", datetime.now(UTC)
    return found


async def people_of(session: ReadSession | AsyncSession, experiment_id: UUID) -> Sequence[Person]:
    """Who took part, in the order in which they came."""
    rows = await session.execute(_PEOPLE, {"experiment_id": experiment_id})
    return [
        Person(Arm(row.arm), row.refused, row.cost, row.voted_at, row.votes is not None and row.votes > 0)
        for row in rows
    ]


async def latest(session: ReadSession, limit: int) -> Sequence[Tried]:
    """The latest experiments, newest first."""
    rows = await session.scalars(select(Experiment).order_by(Experiment.started_at.desc()).limit(limit))
    return [
        Tried(
            experiment_id=row.experiment_id,
            state=row.state,
            verdict=row.verdict,
            started_at=row.started_at,
            decided_at=row.decided_at,
            share=row.share,
            stops_at=row.people,
            arms={
                Arm.CONTROL: (f"answer@{row.control_prompt}", row.control_model),
                Arm.CANDIDATE: (f"answer@{row.candidate_prompt}", row.candidate_model),
            },
            standing=standing(await people_of(session, row.experiment_id)),
        )
        for row in rows.all()
    ]


async def decide(session: AsyncSession, now: datetime) -> Verdict | None:
    """End the running experiment if it is decided; what was decided."""
    running = select(Experiment).where(Experiment.state == "running").with_for_update(skip_locked=True)
    found = (await session.scalars(running)).one_or_none()
    if found is None:
        return None
    ended = verdict(standing(await people_of(session, found.experiment_id)), found.people)
    if ended is not None:
        found.state, found.verdict, found.decided_at = ended.state, ended.why, now
    return ended


class Watch:
    """Looks at the running experiment while the bot runs, and switches the loser off."""

    def __init__(self, database: Database, every: float = LOOK_SECONDS) -> None:
        self._database = database
        self._every = every

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with self._database.transaction() as session:
                    ended = await decide(session, datetime.now(UTC))
            except (*DATABASE_ERRORS, OSError) as error:
                if not is_transient(error):
                    raise
                log.warning("the experiment could not be looked at: postgresql is away")
            else:
                if ended is not None:
                    log.info("an experiment has ended", state=ended.state, why=ended.why)
            await asyncio.sleep(self._every)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
