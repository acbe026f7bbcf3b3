"""One question is one worker's at a time; none is lost, however the worker ends; nobody holds up others."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from assistant.questions import queue
from assistant.questions.queue import HANDICAP, LEASE, MAX_TRIES
from assistant.questions.records import Claim, Ending
from core.db.models import Handover
from core.db.session import Database
from core.rules import BotRules
from tests.assistant.questions.asking import BURST, RULES, after, asked, claim, claimed, edit, finish, question, taken

UNLIMITED = BotRules(per_minute=1_000, per_day=10_000)
LEASED = LEASE.total_seconds()


async def give_up(database: Database, seconds: float) -> list[tuple[UUID, Ending]]:
    """What is given up so long after noon, and why."""
    async with database.transaction() as session:
        found = await queue.give_up(session, RULES, after(seconds))
    return [(one.question.question_id, one.ending) for one in found]


async def next_due(database: Database) -> float | None:
    """Seconds after noon."""
    async with database.transaction() as session:
        moment = await queue.next_due(session)
    return None if moment is None else (moment - after(0)).total_seconds()


async def test_it_is_claimed_when_it_is_due_by_one_alone(database: Database) -> None:
    await taken(database, asked(1))
    assert await claim(database, 1.9) is None
    claims = await asyncio.gather(*(claim(database, 2) for _ in range(6)))
    assert len([held for held in claims if held]) == 1


async def test_many_workers_answer_every_question_once(database: Database) -> None:
    for number in range(60):
        await taken(database, asked(number, who=f"user{number % 20}", seconds=number % 3 * 10), rules=UNLIMITED)
    answered: list[UUID] = []
    busy: set[str] = set()

    async def work() -> None:
        while held := await claim(database, 60):
            assert held.asker not in busy
            busy.add(held.asker)
            assert await finish(database, held, 61)
            busy.remove(held.asker)
            answered.append(held.question_id)

    await asyncio.gather(*(work() for _ in range(6)))
    assert len(answered) == len(set(answered)) == 60


async def test_a_dead_workers_question_is_claimed_again_after_the_lease(database: Database) -> None:
    await taken(database, asked(1))
    dead = await claimed(database, 2)
    assert await claim(database, 2 + LEASED - 0.1) is None
    again = await claimed(database, 2 + LEASED)
    assert (again.question_id, again.revision, again.tries) == (dead.question_id, dead.revision, 2)
    assert not await finish(database, dead, 40)  # it was not dead, only slow
    assert await finish(database, again, 41)


async def test_a_renewed_lease_lasts_and_a_lost_one_cannot_be_renewed(database: Database) -> None:
    await taken(database, asked(1))
    held = await claimed(database, 2)
    async with database.transaction() as session:
        assert await queue.renew(session, held, after(20))
    assert await claim(database, 2 + LEASED) is None
    await edit(database, asked(1, "Касса Эвотор"), 30)
    async with database.transaction() as session:
        assert not await queue.renew(session, held, after(31))
        assert not await queue.retry(session, held, timedelta(0), after(31))
        assert not await queue.drop(session, held, after(31))


async def test_a_claim_is_lost_to_whoever_claims_the_next_revision(database: Database) -> None:
    await taken(database, asked(1))
    former = await claimed(database, 2)
    await edit(database, asked(1, "Касса Эвотор"), 3)
    held = await claimed(database, 5)
    assert held.tries == former.tries
    assert not await finish(database, former, 6)
    assert await finish(database, held, 7)


async def test_what_was_put_back_is_not_held_any_more(database: Database) -> None:
    await taken(database, asked(1))
    held = await claimed(database, 2)
    async with database.transaction() as session:
        assert await queue.retry(session, held, timedelta(seconds=9), after(3))
        assert not await queue.renew(session, held, after(4))
    assert not await finish(database, held, 5)


async def test_a_persons_questions_are_answered_one_at_a_time_in_their_order(database: Database) -> None:
    first = await taken(database, asked(1))
    second = await taken(database, asked(2, seconds=10))
    held = await claimed(database, 20)
    assert held.question_id == first.question_id
    assert await claim(database, 21) is None
    async with database.transaction() as session:
        assert await queue.retry(session, held, timedelta(seconds=60), after(21))
    assert await claim(database, 22) is None  # the first still comes first
    await finish(database, await claimed(database, 81), 82)
    assert (await claimed(database, 83)).question_id == second.question_id


async def test_in_another_chat_the_same_person_does_not_wait(database: Database) -> None:
    await taken(database, asked(1))
    await taken(database, asked(2, chat_id=-5))
    assert {(await claimed(database, 3)).chat_id, (await claimed(database, 3)).chat_id} == {asked(1).chat_id, -5}


async def test_a_reopened_question_waits_for_the_one_that_is_being_answered(database: Database) -> None:
    await taken(database, asked(1))
    await finish(database, await claimed(database, 2), 3)
    await taken(database, asked(2, seconds=10))
    held = await claimed(database, 12)
    await edit(database, asked(1, "Касса Эвотор"), 13)
    assert await claim(database, 16) is None
    await finish(database, held, 17)
    assert (await claimed(database, 18)).message_ids == (1,)


async def test_a_lost_claim_and_a_reopened_question_do_not_wait_for_each_other(database: Database) -> None:
    await taken(database, asked(1))
    await finish(database, await claimed(database, 2), 3)
    await taken(database, asked(2, seconds=10))
    await claimed(database, 12)  # and dies
    await edit(database, asked(1, "Касса Эвотор"), 13)
    assert await next_due(database) == 12 + LEASED
    await finish(database, await claimed(database, 12 + LEASED), 45)
    assert (await claimed(database, 46)).message_ids == (2,)


async def test_who_asks_much_does_not_hold_up_others(database: Database) -> None:
    for number in range(10):
        await taken(database, asked(number, chat_id=-number - 1), rules=UNLIMITED)
    await taken(database, asked(50, who="user2", seconds=HANDICAP.total_seconds() - 1), rules=UNLIMITED)
    order = [(await claimed(database, 60)).message_ids[0] for _ in range(3)]
    assert order == [0, 50, 1]


async def test_but_a_head_start_is_not_for_ever(database: Database) -> None:
    for number in range(2):
        await taken(database, asked(number, chat_id=-number - 1))
    late = 2 * HANDICAP.total_seconds()
    await taken(database, asked(50, who="user2", seconds=late))
    assert [(await claimed(database, late + 9)).message_ids[0] for _ in range(3)] == [0, 1, 50]


async def test_what_fails_too_often_is_given_up_at_once_and_lets_the_next_pass(database: Database) -> None:
    first = await taken(database, asked(1, sealed_chat=b"seal"))
    await taken(database, asked(2, seconds=10))
    held: Claim | None = None
    for attempt in range(MAX_TRIES):
        assert await give_up(database, 20 + attempt) == []
        held = await claimed(database, 20 + attempt)
        async with database.transaction() as session:
            assert await queue.retry(session, held, timedelta(0), after(20 + attempt))
    assert held is not None
    assert held.tries == MAX_TRIES
    assert await claim(database, 30) is None
    assert await give_up(database, 30) == [(first.question_id, Ending.TRIED_OUT)]
    row = await question(database, first.question_id)
    assert (row.state, row.closed_at, row.sealed_chat) == ("failed", after(30), None)
    assert (await claimed(database, 31)).message_ids == (2,)


async def test_what_kills_its_workers_is_given_up_too(database: Database) -> None:
    first = await taken(database, asked(1))
    for attempt in range(MAX_TRIES):
        await claimed(database, 2 + attempt * LEASED)
    assert await give_up(database, 1 + MAX_TRIES * LEASED) == []  # the last one may yet live
    assert await give_up(database, 2 + MAX_TRIES * LEASED) == [(first.question_id, Ending.TRIED_OUT)]


async def test_an_edit_gives_a_failed_question_a_new_chance(database: Database) -> None:
    await taken(database, asked(1))
    for attempt in range(MAX_TRIES):
        await claimed(database, 2 + attempt * LEASED)
    await give_up(database, 1000)
    await edit(database, asked(1, "Касса Эвотор"), 1001)
    assert (await claimed(database, 1004)).tries == 1


async def test_what_nobody_waits_for_any_more_is_dropped(database: Database) -> None:
    old = await taken(database, asked(1))
    erased = await taken(database, asked(2, who="user2", seconds=86_000))
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM question_messages WHERE message_id = 2"))
    assert await give_up(database, 86_390) == [(erased.question_id, Ending.NO_MESSAGES)]
    assert await give_up(database, 86_401) == [(old.question_id, Ending.TOO_OLD)]
    assert (await question(database, old.question_id)).state == "dropped"
    assert await claim(database, 86_402) is None


async def test_the_seal_goes_with_the_answer_unless_staff_has_still_to_answer(database: Database) -> None:
    seals = []
    for number, handed_over in enumerate([False, True]):
        outcome = await taken(database, asked(number, who=f"user{number}", sealed_chat=b"seal"))
        if handed_over:
            async with database.transaction() as session:
                session.add(Handover(question_id=outcome.question_id, why="asked", candidates=[]))
        await finish(database, await claimed(database, 3), 4)
        seals.append((await question(database, outcome.question_id)).sealed_chat)
    assert seals == [None, b"seal"]


async def test_unasked_and_without_strong_evidence_it_is_dropped(database: Database) -> None:
    outcome = await taken(database, asked(1))
    held = await claimed(database, 2)
    async with database.transaction() as session:
        assert await queue.drop(session, held, after(3))
    assert (await question(database, outcome.question_id)).state == "dropped"


async def test_who_waits_learns_when_to_look_again(database: Database) -> None:
    assert await next_due(database) is None
    await taken(database, asked(1))
    assert await next_due(database) == BURST.total_seconds()
    await taken(database, asked(2, who="user2", seconds=5))
    held = await claimed(database, 3)
    assert await next_due(database) == 7
    await claimed(database, 8)
    assert await next_due(database) == 3 + LEASED
    await taken(database, asked(3, seconds=9))
    assert await next_due(database) == 3 + LEASED  # it waits for the first
    await finish(database, held, 10)
    assert await next_due(database) == 11
