"""Whether a thread is resolved: by the latest window that speaks of it, until somebody asks again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, text

from analytics.editing import merge
from core.contracts.messages import MessagesDeleted
from core.db.models import AnalysisWindow, Topic, WindowTopic
from core.db.session import Database
from core.db.verdicts import renew_verdicts_in
from ingestion.deleting import delete
from tests.analytics.scene import batch_lane, run_dry, said, stored
from tests.ingestion.road import CHAT, NOON, observed, place_all, put, rows, value

ASKS, TELLS = "Не печатается чек, что делать?", "Перезагрузите кассу"


async def window(database: Database, minute: int, *message_ids: int, **verdicts: bool | None) -> UUID:
    """A window of these messages that ended in this minute, with topics that are about all of them."""
    window_id, at = uuid4(), NOON + timedelta(minutes=minute)
    async with database.transaction() as session:
        row = {"window_id": window_id, "chat_id": CHAT, "first_at": at, "last_at": at, "live": True}
        await session.execute(insert(AnalysisWindow).values(row))
        ids = list(message_ids)
        mark = "UPDATE messages SET window_id = :window WHERE message_id = ANY(:ids)"
        await session.execute(text(mark), {"window": window_id, "ids": ids})
        for name, resolved in verdicts.items():
            known = await session.scalar(text("SELECT topic_id FROM topics WHERE name = :name"), {"name": name})
            topic = insert(Topic).values(chat_id=CHAT, name=name, embedding=[1.0]).returning(Topic.topic_id)
            topic_id = known or await session.scalar(topic)
            found = {"window_id": window_id, "topic_id": topic_id, "message_ids": ids, "sentiment": 0.0}
            await session.execute(insert(WindowTopic).values(**found, resolved=resolved))
        await renew_verdicts_in(session, CHAT, [window_id])
    return window_id


async def verdict(database: Database, thread_id: int = 1) -> tuple[bool | None, bool | None]:
    """The verdict, and whether the thread is resolved."""
    query = "SELECT verdict, resolved FROM threads WHERE thread_id = :thread"
    (found,) = await rows(database, query, thread=thread_id)
    return found["verdict"], found["resolved"]


async def conversation(database: Database) -> None:
    await put(
        database, [observed(1, ASKS), observed(2, TELLS, who="staff1", reply_to=1), observed(3, "ок", reply_to=2)]
    )
    await place_all(database)
    assert await value(database, "SELECT count(DISTINCT thread_id) FROM messages") == 1


async def test_no_window_no_verdict_and_an_answer_alone_resolves_nothing(database: Database) -> None:
    await conversation(database)
    assert await verdict(database) == (None, None)


async def test_the_latest_window_decides(database: Database) -> None:
    await conversation(database)
    await window(database, 10, 3, later=True)
    await window(database, 5, 1, 2, earlier=False)
    assert await verdict(database) == (True, True)
    assert await value(database, "SELECT judged_at FROM threads") == NOON + timedelta(minutes=10)


async def test_one_open_topic_keeps_a_thread_open(database: Database) -> None:
    await conversation(database)
    await window(database, 5, 1, 2, 3, chek=True, kassa=False, sklad=None)
    assert await verdict(database) == (False, False)
    await window(database, 6, 1, 2, 3, chek=True, sklad=None)
    assert await verdict(database) == (None, None)


async def test_a_question_after_the_verdict_opens_it_again(database: Database) -> None:
    await conversation(database)
    await window(database, 5, 1, 2, 3, chek=True)
    await put(database, [observed(4, "Опять не печатается, что делать?", reply_to=3, minutes=60)])
    await place_all(database)
    assert await verdict(database) == (True, False)
    await put(database, [observed(5, TELLS, who="staff1", reply_to=4, minutes=61)])
    await place_all(database)
    assert await verdict(database) == (True, True)


async def test_what_is_withdrawn_is_no_verdict_any_more(database: Database) -> None:
    """Of every thread in the window, not only of the one whose message was deleted."""
    await conversation(database)
    await put(database, [observed(500, ASKS, who="user5", minutes=900)])
    await place_all(database)
    await window(database, 950, 1, 2, 3, 500, chek=True)
    assert await verdict(database) == await verdict(database, 500) == (True, True)
    async with database.transaction() as session:
        await delete(session, [MessagesDeleted(chat_id=CHAT, message_ids=(500,), seen_at=NOON)])
    assert await verdict(database) == (None, None)


async def test_a_message_takes_its_verdict_along_to_another_thread(database: Database) -> None:
    await conversation(database)
    await put(database, [observed(4, ASKS, who="user4", reply_to=3, minutes=4)])
    await place_all(database)
    await window(database, 5, 4, chek=True)
    assert await verdict(database) == (True, True)
    await put(database, [observed(4, ASKS, who="user4", minutes=4, topic_id=77, seen=1)])
    await place_all(database)
    assert await verdict(database, 4) == (True, True)
    assert await verdict(database) == (None, None)


async def test_merged_topics_judge_anew(database: Database) -> None:
    await conversation(database)
    await window(database, 5, 1, 2, 3, chek=True, kassa=False)
    assert await verdict(database) == (False, False)
    async with database.transaction() as session:
        await session.execute(text("UPDATE window_topics SET resolved = NULL WHERE resolved = false"))
        await merge(session, CHAT, "kassa", "chek")
    assert await verdict(database) == (None, None)


async def test_an_analysis_brings_the_verdicts_of_its_threads(database: Database) -> None:
    asked = said(1, ASKS, who="user1")
    told, thanked = said(2, TELLS, who="staff1", reply_to=1), said(3, "Чек вышел, спасибо!", who="user1", reply_to=2)
    other = said(20, "Где отчёт за среду?", who="user5", topic_id=9)
    more = said(21, "Без отчёта смену не закрыть", who="user5", reply_to=20, topic_id=9)
    await stored(database, asked, told, thanked, other, more)
    async with database.transaction() as session:
        await session.execute(
            text("UPDATE messages SET stored_at = :then"), {"then": datetime.now(UTC) - timedelta(hours=1)}
        )
    assert await run_dry(batch_lane(database, None)) == 1
    assert await verdict(database, 1) == (True, True)
    assert await verdict(database, 20) == (False, False)
