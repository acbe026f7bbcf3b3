"""Erasing a person: everything of theirs goes, everything else stays, and twice is once."""

from dataclasses import asdict

from sqlalchemy import text

from core.contracts.messages import MessageObserved
from core.contracts.streams import BATCH, STREAMS
from core.db.session import Database
from core.domain.chats import ChatKind
from core.embeddings.bundled import BundledE5
from core.privacy.types import MaskedText
from core.streams.broker import connect, depth, make_broker, prepare_groups
from core.streams.publisher import Publisher
from ingestion.erasure import Erased, forget
from tests.core.index.units import embed
from tests.ingestion.road import CHAT, PSEUDONYMS, SAMPLE_CHATS, observed, place_all, put, sample_messages, value

PERSON, PRIVATE = PSEUDONYMS.person("user7"), PSEUDONYMS.private_chat(7)

ANSWERS = """
    WITH made AS (
        INSERT INTO answers (question, answer, refused, language, scope, evidence, latency_ms)
        SELECT 'q' || n, 'a', false, 'ru', '{}', '{}', '{}' FROM generate_series(1, 2) AS n RETURNING answer_id, question
    )
    INSERT INTO citations
    SELECT answer_id, 1, 'u', :chat, CASE question WHEN 'q1' THEN ARRAY[1, 2] ELSE ARRAY[3, 4] END, 1 FROM made
"""
"""Two answers: q1 rests on messages 1 and 2, q2 on 3 and 4."""
STATE = """
    SELECT md5(string_agg(concat_ws('|', message_id, sender, text, thread_id, parent_id), ',' ORDER BY message_id))
    FROM messages
"""


def conversation() -> list[MessageObserved]:
    """Two problems: one of the person, answered; one of somebody else, in which the person is named."""
    return [
        observed(1, "Касса Эвотор не видит сканер", who="user7", minutes=1),
        observed(2, "Перезагрузите сканер", who="staff1", reply_to=1, minutes=2),
        observed(3, "Как вернуть деньги покупателю?", who="user8", minutes=300),
        observed(4, "Чек → Возврат", who="staff1", reply_to=3, mentions=(PERSON,), minutes=301),
    ]


async def test_messages_units_vectors_answers_and_mentions_go_and_the_rest_stays(
    database: Database, redis_url: str
) -> None:
    await put(database, conversation())
    await place_all(database)
    await embed(database, BundledE5(), CHAT)
    async with database.transaction() as session:
        await session.execute(text(ANSWERS), {"chat": CHAT})
    broker = make_broker(redis_url)
    client = await connect(broker)
    erased = await forget(database, client, PERSON, PRIVATE)
    assert asdict(erased) == asdict(Erased(messages=1, units=1, answers=1, mentions=1))
    assert await value(database, "SELECT array_agg(message_id ORDER BY message_id) FROM messages") == [2, 3, 4]
    assert await value(database, "SELECT count(*) FROM messages WHERE NOT threaded") == 0
    assert await value(database, "SELECT array_agg(question) FROM answers") == ["q2"]
    assert await value(database, "SELECT count(*) FROM data_units WHERE text LIKE '%Эвотор%'") == 0
    kept = "SELECT count(*) FROM data_units WHERE text LIKE '%покупателю%' AND embedding IS NOT NULL"
    assert await value(database, kept) == 1
    assert await forget(database, client, PERSON, PRIVATE) == Erased()
    await put(database, conversation())
    assert await value(database, "SELECT array_agg(message_id ORDER BY message_id) FROM messages") == [2, 3, 4]
    await broker.stop()


async def test_the_private_chat_goes_whole_with_what_staff_said_in_it(database: Database, redis_url: str) -> None:
    private = observed(1, chat_id=PRIVATE, who="user7").chat.model_copy(update={"kind": ChatKind.PRIVATE})
    messages = [
        observed(n, f"слово{n} про кассу", who=who, chat_id=PRIVATE).model_copy(update={"chat": private})
        for n, who in enumerate(["user7", "staff1", "user7"], start=1)
    ]
    await put(database, [*messages, *conversation()[2:]])
    await place_all(database)
    broker = make_broker(redis_url)
    erased = await forget(database, await connect(broker), PERSON, PRIVATE)
    assert (erased.messages, erased.chats) == (3, 1)
    assert await value(database, "SELECT array_agg(chat_id) FROM chats") == [CHAT]
    assert await value(database, f"SELECT count(*) FROM data_units WHERE chat_id = {PRIVATE}") == 0
    await broker.stop()


async def test_what_is_still_in_the_streams_goes_too(database: Database, redis_url: str) -> None:
    broker = make_broker(redis_url)
    client = await connect(broker)
    await prepare_groups(client, STREAMS)
    theirs = [observed(n, who="user7") for n in range(1, 700)]
    await Publisher(broker, bound=10_000).publish(BATCH, [*theirs, observed(1000, who="user8"), conversation()[3]])
    await client.xreadgroup(BATCH.group, "someone", {BATCH.name: ">"}, count=10)
    erased = await forget(database, client, PERSON, PRIVATE)
    assert erased.stream_entries == 700  # the one that names the person too
    left = await depth(client, BATCH)
    assert (left.length, left.pending) == (1, 0)
    await broker.stop()


async def test_nobody_else_is_touched(database: Database, redis_url: str) -> None:
    await put(database, sample_messages(SAMPLE_CHATS[0]))
    await place_all(database)
    before = await value(database, STATE)
    broker = make_broker(redis_url)
    assert await forget(database, await connect(broker), PERSON, PRIVATE) == Erased()
    assert await value(database, STATE) == before
    await broker.stop()


async def test_a_phantom_thread_of_the_erased_keeps_its_replies_together(database: Database, redis_url: str) -> None:
    first = observed(1, "Не работает терминал", who="user7")
    replies = [observed(n, MaskedText(f"ответ номер {n} про терминал"), who=f"user{n}", reply_to=1) for n in (20, 30)]
    await put(database, [first, *replies])
    await place_all(database)
    broker = make_broker(redis_url)
    await forget(database, await connect(broker), PERSON, PRIVATE)
    assert await value(database, "SELECT array_agg(DISTINCT thread_id) FROM messages") == [1]
    await broker.stop()
