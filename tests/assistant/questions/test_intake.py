"""What is asked is taken once, joined, followed, limited, and answered anew when it is edited."""

import asyncio
from dataclasses import replace

from sqlalchemy import text

from assistant import messages
from assistant.questions import intake
from assistant.questions.joining import CHARACTERS
from assistant.questions.records import How, Ignored, Limit, Origin, Refused, Taken, Why
from core.contracts.messages import MessagesDeleted
from core.db.models import Handover
from core.db.session import Database
from core.domain.access import Role
from core.privacy.types import MaskedText
from core.rules import BotRules
from ingestion.deleting import delete
from tests.assistant.questions.asking import (
    BURST,
    RULES,
    after,
    asked,
    claim,
    claimed,
    edit,
    finish,
    question,
    questions,
    show,
    take,
    taken,
    texts,
)
from tests.e2e.processes import until
from tests.ingestion.road import CHAT

UNLIMITED = BotRules(per_minute=1_000)
STAFF_CHAT = -500


async def test_a_question_is_due_when_its_burst_is_over(database: Database) -> None:
    outcome = await taken(database, asked(1), now=after(1))
    assert (outcome.how, outcome.due_at) == (How.BEGAN, after(1) + BURST)
    row = await question(database, outcome.question_id)
    assert (row.state, row.asked_at, row.last_at, row.revision) == ("waiting", after(0), after(0), 1)


async def test_delivered_twice_it_is_taken_once(database: Database) -> None:
    await taken(database, asked(1))
    assert await take(database, asked(1), now=after(9)) == Ignored(Why.KNOWN)
    assert (await questions(database), len(await texts(database))) == (1, 1)


async def test_delivered_twice_at_once_it_is_taken_once(database: Database) -> None:
    outcomes = await asyncio.gather(*(take(database, asked(1)) for _ in range(6)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Ignored"] * 5 + ["Taken"]


async def test_a_burst_delivered_at_once_is_one_question(database: Database) -> None:
    parts = [asked(number, f"часть {number}", seconds=number / 10) for number in range(6)]
    outcomes = await asyncio.gather(*(take(database, part, now=after(1)) for part in reversed(parts)))
    assert all(isinstance(outcome, Taken) for outcome in outcomes)
    assert await questions(database) == 1
    held = await claimed(database, 4)
    assert held.text == "\n".join(f"часть {number}" for number in range(6))
    assert (held.message_ids, held.revision) == (tuple(range(6)), 6)


async def test_two_people_and_two_topics_do_not_join(database: Database) -> None:
    await taken(database, asked(1))
    await taken(database, asked(2, who="user2"))
    await taken(database, asked(3, topic_id=7))
    assert await questions(database) == 3


async def test_what_was_sent_hours_apart_does_not_join_when_it_is_delivered_together(database: Database) -> None:
    first = await taken(database, asked(1), now=after(7200))
    second = await taken(database, asked(2, seconds=3600), now=after(7200))
    assert (second.how, await questions(database)) == (How.BEGAN, 2)
    assert (await question(database, second.question_id)).follows is None
    assert (await question(database, first.question_id)).asked_at == after(0)


async def test_a_burst_that_is_delivered_late_is_still_one_question(database: Database) -> None:
    outcomes = [await taken(database, asked(number, seconds=number * 1.5), now=after(100)) for number in range(3)]
    assert [outcome.how for outcome in outcomes] == [How.BEGAN, How.JOINED, How.JOINED]


async def test_a_message_that_joins_takes_the_question_from_whoever_answers_it(database: Database) -> None:
    first = await taken(database, asked(1, "Касса"))
    held = await claimed(database, 2)
    joined = await taken(database, asked(2, "не печатает", seconds=2), now=after(3))
    assert joined == Taken(first.question_id, How.JOINED, after(3) + BURST)
    assert not await finish(database, held, 4)
    again = await claimed(database, 5)
    assert (again.text, again.revision, again.tries) == ("Касса\nне печатает", 2, 1)
    assert await finish(database, again, 6)


async def test_what_comes_after_the_answer_follows_it(database: Database) -> None:
    first = await taken(database, asked(1))
    await finish(database, await claimed(database, 2), 2.5)
    second = await taken(database, asked(2, "И ещё", seconds=1), now=after(3))
    assert second.how is How.BEGAN
    assert (await question(database, second.question_id)).follows == first.question_id


async def test_a_conversation_goes_on_from_its_latest_question(database: Database) -> None:
    outcomes = [await taken(database, asked(number, seconds=number * 10)) for number in range(3)]
    assert (await question(database, outcomes[2].question_id)).follows == outcomes[1].question_id


async def test_a_reply_to_the_bot_follows_that_question_of_whomever(database: Database) -> None:
    first = await taken(database, asked(1))
    await finish(database, await claimed(database, 2), 3)
    a_month = 30 * 86400
    reply = await taken(database, asked(2, who="user2", replies_to=1001, seconds=a_month))
    assert (await question(database, reply.question_id)).follows == first.question_id
    elsewhere = await taken(database, asked(3, who="user3", replies_to=1001, seconds=a_month, chat_id=-5))
    nobody = await taken(database, asked(4, who="user4", replies_to=77, seconds=a_month))
    for outcome in (elsewhere, nobody):
        assert (await question(database, outcome.question_id)).follows is None


async def test_a_reply_to_what_staff_answered_follows_that_question_in_its_own_chat_only(database: Database) -> None:
    first = await taken(database, asked(1))
    await finish(database, await claimed(database, 2), 3)
    async with database.transaction() as session:
        handover = Handover(question_id=first.question_id, why="asked", candidates=[])
        session.add(handover)
        await session.flush()
        for kind, chat_id, message_id in (("card", STAFF_CHAT, 50), ("reply", CHAT, 60)):
            shown = await show(session, kind, handover.handover_id, chat_id)
            await messages.reserved(session, shown, message_id)
    reply = await taken(database, asked(2, who="user2", replies_to=60))
    assert (await question(database, reply.question_id)).follows == first.question_id
    of_staff = await taken(database, asked(3, who="staff1", replies_to=50, chat_id=STAFF_CHAT))
    assert (await question(database, of_staff.question_id)).follows is None


async def test_more_than_the_limits_is_refused_and_leaves_nothing(database: Database) -> None:
    rules = BotRules(per_minute=2, per_day=3)
    for number in (1, 2):
        await taken(database, asked(number, seconds=number * 10), rules=rules)
    assert await take(database, asked(3, seconds=30), rules=rules) == Refused(Limit.PER_MINUTE)
    await taken(database, asked(4, seconds=31, who="user2"), rules=rules)
    await taken(database, asked(5, seconds=90), rules=rules)
    assert await take(database, asked(6, seconds=200), rules=rules) == Refused(Limit.PER_DAY)
    await taken(database, asked(7, seconds=86_500), rules=rules)
    assert (await questions(database), len(await texts(database))) == (5, 5)


async def test_limits_look_at_when_it_was_sent_and_at_all_chats(database: Database) -> None:
    rules = BotRules(per_minute=1)
    delivered = after(9000)
    await taken(database, asked(1), rules=rules, now=delivered)
    await taken(database, asked(2, seconds=300), rules=rules, now=delivered)
    elsewhere = asked(3, seconds=310, chat_id=-5)
    assert await take(database, elsewhere, rules=rules, now=delivered) == Refused(Limit.PER_MINUTE)


async def test_joining_costs_nothing(database: Database) -> None:
    rules = BotRules(per_minute=1, queue=1)
    await taken(database, asked(1), rules=rules)
    assert (await taken(database, asked(2, seconds=1), rules=rules)).how is How.JOINED


async def test_a_full_queue_refuses_until_there_is_room(database: Database) -> None:
    rules = BotRules(queue=2)
    for number in (1, 2):
        await taken(database, asked(number, who=f"user{number}"), rules=rules)
    assert await take(database, asked(3, who="user3"), rules=rules) == Refused(Limit.QUEUE_FULL)
    await finish(database, await claimed(database, 2), 3)
    await taken(database, asked(3, who="user3"), rules=rules)


async def test_what_the_bot_says_unasked_is_not_on_anybodys_account(database: Database) -> None:
    rules = BotRules(per_minute=1)
    await taken(database, asked(1, origin=Origin.UNASKED), rules=rules)
    await taken(database, asked(2, seconds=1), rules=rules)


async def test_a_text_beyond_the_bound_is_refused_and_a_burst_is_cut(database: Database) -> None:
    assert await take(database, asked(1, "я" * (CHARACTERS + 1))) == Refused(Limit.TOO_LONG)
    await taken(database, asked(2, "я" * 5_000))
    assert (await taken(database, asked(3, "я" * 3_001, seconds=1))).how is How.BEGAN


async def test_an_edit_opens_an_answered_question_in_its_place(database: Database) -> None:
    first = await taken(database, asked(1, "Касса"))
    held = await claimed(database, 2)
    await finish(database, held, 3)
    answered = await question(database, first.question_id)
    outcome = await edit(database, asked(1, "Касса Эвотор", role=Role.AGENT, sealed_chat=b"seal"), 60)
    assert outcome == Taken(first.question_id, How.REOPENED, after(60) + BURST)
    row = await question(database, first.question_id)
    assert (row.state, row.closed_at, row.role, row.sealed_chat) == ("waiting", None, "agent", b"seal")
    assert (row.answer_id, row.last_at) == (answered.answer_id, after(60))
    again = await claimed(database, 62)
    assert (again.text, again.question_id) == ("Касса Эвотор", held.question_id)


async def test_an_edit_while_it_is_answered_discards_that_answer(database: Database) -> None:
    await taken(database, asked(1))
    held = await claimed(database, 2)
    await edit(database, asked(1, "Касса Эвотор"), 3)
    assert not await finish(database, held, 4)
    assert await finish(database, await claimed(database, 5), 6)


async def test_only_a_later_edition_in_other_words_counts(database: Database) -> None:
    await taken(database, asked(1, "один"))
    assert isinstance(await edit(database, asked(1, "три"), 30), Taken)
    assert await edit(database, asked(1, "два"), 20) == Ignored(Why.OLDER)
    assert await edit(database, asked(1, "три"), 40) == Ignored(Why.SAME_WORDS)
    assert isinstance(await edit(database, asked(1, "четыре"), 30), Taken)  # in the same second
    assert await edit(database, asked(9, "пять"), 30) == Ignored(Why.UNKNOWN)
    assert await edit(database, asked(1, "шесть"), 86_401) == Ignored(Why.TOO_LATE)
    assert await texts(database) == ["четыре"]
    assert (await claimed(database, 32)).revision == 3


async def test_edits_of_what_was_answered_count_as_questions(database: Database) -> None:
    rules = BotRules(per_day=2)
    await taken(database, asked(1), rules=rules)
    await finish(database, await claimed(database, 10), 11)
    assert isinstance(await edit(database, asked(1, "раз"), 20, rules=rules), Taken)
    for number in range(3):  # it waits: nothing was spent on it yet
        assert isinstance(await edit(database, asked(1, f"два {number}"), 21, rules=rules), Taken)
    await finish(database, await claimed(database, 30), 31)
    assert await edit(database, asked(1, "три"), 40, rules=rules) == Refused(Limit.PER_DAY)
    assert await texts(database) == ["два 2"]


async def test_an_edit_cannot_outgrow_the_bound(database: Database) -> None:
    await taken(database, asked(1, "я" * 5_000))
    await taken(database, asked(2, "я" * 3_000, seconds=1))
    assert await edit(database, asked(2, "я" * 3_001), 2) == Refused(Limit.TOO_LONG)


async def test_an_edit_that_overtakes_its_message_waits_for_it(database: Database) -> None:
    message = asked(1, "Касса")
    async with database.transaction() as session:
        await intake.take(session, message, RULES, after(0))
        editing = asyncio.create_task(edit(database, replace(message, text=MaskedText("Касса Эвотор")), 1))
        await until(lambda: _somebody_waits(database))
    assert isinstance(await editing, Taken)
    assert await texts(database) == ["Касса Эвотор"]


async def _somebody_waits(database: Database) -> bool:
    async with database.reading() as session:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(await session.scalar(waiting))


async def test_nothing_waits_once_all_is_answered(database: Database) -> None:
    for number in range(3):
        await taken(database, asked(number, seconds=number * 10), rules=UNLIMITED)
    for number in range(3):
        await finish(database, await claimed(database, 60 + number), 60 + number)
    assert await claim(database, 100) is None


async def test_what_is_deleted_already_is_not_stored(database: Database) -> None:
    async with database.transaction() as session:
        await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=(1,), seen_at=after(1))])
    assert await take(database, asked(1)) == Ignored(Why.DELETED)
    assert await texts(database) == []
    await taken(database, asked(2))
    await taken(database, asked(1, chat_id=CHAT - 1))
