"""The migration fills the rollups as the consumers keep them."""

from alembic import command
from sqlalchemy import text

from core.db.schema import alembic_config
from core.db.session import Database
from tests.analytics.scene import batch_lane, run_dry, stored
from tests.ingestion.road import SAMPLE_CHATS, rows, sample_messages

BEFORE = (
    "DROP TABLE threads, chat_hours",
    "ALTER TABLE model_calls DROP COLUMN chat_id",
    "ALTER TABLE answers DROP COLUMN question_vector",
    "DROP INDEX ix_messages_chat_id_sent_at",
    "CREATE INDEX ix_messages_sent_at ON messages (sent_at)",
    "DROP INDEX ix_appraisals_fast",
    "DROP INDEX ix_answers_refused",
    "UPDATE alembic_version SET version_num = '0004'",
)
"""To what was there before."""
KEPT = (
    "SELECT * FROM threads ORDER BY chat_id, thread_id",
    "SELECT * FROM chat_hours ORDER BY chat_id, hour",
    "SELECT call_id, chat_id FROM model_calls ORDER BY call_id",
)
CALLS = """
    WITH made AS (
        INSERT INTO model_calls (purpose, model, chat_id) SELECT DISTINCT 'analysis.batch', 'm', chat_id
        FROM analysis_windows RETURNING call_id, chat_id
    ), again AS (
        INSERT INTO model_calls (purpose, model, chat_id, retry_of) SELECT 'analysis.batch', 'm', chat_id, call_id FROM made
    )
    UPDATE analysis_windows w SET call_id = made.call_id FROM made WHERE w.window_id IN (
        SELECT window_id FROM analysis_windows other WHERE other.chat_id = made.chat_id LIMIT 1)
"""


async def test_what_was_held_before_is_summed_up_by_the_migration(database: Database) -> None:
    await stored(database, *(message for path in SAMPLE_CHATS for message in sample_messages(path)))
    assert await run_dry(batch_lane(database, None)) > 5
    async with database.transaction() as session:
        await session.execute(text(CALLS))
    wanted = [await rows(database, query) for query in KEPT]
    assert {row["resolved"] for row in wanted[0]} == {True, False, None}
    assert all(wanted)
    async with database.transaction() as session:
        for statement in BEFORE:
            await session.execute(text(statement))
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0005"))
    assert [await rows(database, query) for query in KEPT] == wanted
