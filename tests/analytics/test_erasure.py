"""Erasing a person and renewing the key reach what was analysed."""

from sqlalchemy import text

from core.contracts.messages import MessageObserved
from core.db.session import Database
from core.domain.chats import ChatKind
from core.privacy.pseudonyms import Pseudonyms
from core.streams.broker import connect, make_broker
from ingestion.erasure import forget
from ingestion.rotation import renew
from tests.analytics.scene import batch_lane, run_dry, said, stored
from tests.ingestion.road import CHAT, KEY, PSEUDONYMS, rows, value

PERSON, PRIVATE = PSEUDONYMS.person("user7"), PSEUDONYMS.private_chat(7)
OTHER = CHAT - 1
KEPT = """
    SELECT coalesce(string_agg(concat_ws('|', w.summary, t.name, x.problem, a.summary, a.suggestion), ' '), '')
    FROM analysis_windows w LEFT JOIN window_topics x USING (window_id) LEFT JOIN topics t USING (topic_id)
    LEFT JOIN appraisals a ON a.chat_id = w.chat_id
"""


def in_private(message: MessageObserved) -> MessageObserved:
    chat = message.chat.model_copy(update={"chat_id": PRIVATE, "kind": ChatKind.PRIVATE})
    return message.model_copy(update={"chat": chat})


async def test_nothing_that_was_made_of_a_persons_words_stays(database: Database, redis_url: str) -> None:
    await stored(database, *[said(n, "Эвотор не видит сканер", who="user7") for n in (1, 2, 3)])
    await stored(database, *[said(n, "Где возврат?", who=f"user{n + 4}") for n in (4, 5)])
    await stored(database, *[said(n, "Где возврат?", who="user8", chat_id=OTHER) for n in range(1, 6)])
    await stored(database, *[in_private(said(n, "Эвотор не видит весы", who="user7")) for n in range(1, 6)])
    assert await run_dry(batch_lane(database, None)) == 3
    async with database.transaction() as session:  # a draft in another message's appraisal, made of the person's words
        drafted = "UPDATE appraisals SET suggestion = 'Эвотор', sources = ARRAY[1, 9] WHERE chat_id = :chat AND message_id = 5"
        await session.execute(text(drafted), {"chat": CHAT})
    assert "Эвотор" in await value(database, KEPT)
    broker = make_broker(redis_url)
    erased = await forget(database, await connect(broker), PERSON, PRIVATE)
    await broker.stop()
    assert (erased.messages, erased.windows, erased.chats) == (8, 2, 1)
    assert "эвотор" not in (await value(database, KEPT)).lower()
    assert (
        await value(database, "SELECT count(*) FROM topics WHERE name ILIKE '%эвотор%' OR name ILIKE '%сканер%'") == 0
    )
    assert await value(database, f"SELECT count(*) FROM analysis_windows WHERE chat_id = {PRIVATE}") == 0
    states = await rows(database, "SELECT chat_id, state FROM analysis_windows ORDER BY chat_id DESC")
    assert states == [{"chat_id": CHAT, "state": "ready"}, {"chat_id": OTHER, "state": "done"}]
    assert await run_dry(batch_lane(database, None)) == 1
    assert await value(database, f"SELECT array_agg(message_id) FROM appraisals WHERE chat_id = {CHAT}") == [4, 5]


async def test_under_a_new_key_a_private_chats_analysis_is_found(database: Database) -> None:
    await stored(database, *[in_private(said(n, "Эвотор не видит весы", who="user7")) for n in range(1, 6)])
    await run_dry(batch_lane(database, None))
    keys = (KEY, bytes(reversed(KEY)))
    later = Pseudonyms(*keys)
    async with database.transaction() as session:
        await renew(session, *keys)
    for table in ("analysis_windows", "topics", "appraisals"):
        chats = await value(database, f"SELECT array_agg(DISTINCT chat_id) FROM {table}")
        assert chats == [later.private_chat(7)], table
