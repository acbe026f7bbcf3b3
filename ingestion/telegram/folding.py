"""A basic group that was heard and then became a supergroup: its rows become the supergroup's (see `origins`)."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.locks import DELETING
from core.db.models.deleted_message import SHARED
from ingestion.placing import PLACER_LOCK
from ingestion.telegram.origins import SHIFT

_HELD = text("SELECT EXISTS (SELECT FROM chats WHERE chat_id = :former)")

# The units are cut and embedded anew under the supergroup's id: their own ids begin with it.
_FOLD = (
    # Deleted while its first edition was on its way: without its row in `listened_chats` storing does not know it.
    text("""
        DELETE FROM messages WHERE chat_id = :former AND message_id IN (
            SELECT message_id FROM deleted_messages WHERE chat_id IN (:shared, :former))
    """),
    text("""
        DELETE FROM messages m USING messages already WHERE m.chat_id = :former
            AND already.chat_id = :heir AND already.message_id = m.message_id + :shift
    """),
    text("""
        UPDATE messages SET chat_id = :heir, message_id = message_id + :shift, reply_to = reply_to + :shift,
            threaded = false, parent_id = NULL, thread_id = NULL, link_how = NULL, link_evidence = NULL
        WHERE chat_id = :former
    """),
    text("""
        INSERT INTO coverage (chat_id, held)
        SELECT :heir, range_agg(int8range(lower(held) + :shift, upper(held) + :shift))
        FROM (SELECT unnest(held) AS held FROM coverage WHERE chat_id = :former) AS former HAVING count(*) > 0
        ON CONFLICT (chat_id) DO UPDATE SET held = coverage.held + excluded.held
    """),
    text("DELETE FROM coverage WHERE chat_id = :former"),
    text("""
        INSERT INTO deleted_messages (chat_id, message_id, deleted_at)
        SELECT :heir, message_id + :shift, deleted_at FROM deleted_messages WHERE chat_id = :former
        ON CONFLICT DO NOTHING
    """),
    text("""
        INSERT INTO unmasked (chat_id, message_id, error, failed_at)
        SELECT :heir, message_id + :shift, error, failed_at FROM unmasked WHERE chat_id = :former ON CONFLICT DO NOTHING
    """),
    text("DELETE FROM unmasked WHERE chat_id = :former"),
    text("""
        UPDATE citations SET chat_id = :heir, message_ids = ARRAY(SELECT id + :shift FROM unnest(message_ids) AS id)
        WHERE chat_id = :former
    """),
    text("""
        UPDATE listened_chats SET wanted_depth = greatest(wanted_depth,
            (SELECT f.wanted_depth FROM listened_chats f WHERE f.chat_id = :former))
        WHERE chat_id = :heir
    """),
    text("DELETE FROM listened_chats WHERE chat_id = :former"),
    text("DELETE FROM data_units WHERE chat_id = :former"),
    text("DELETE FROM chats WHERE chat_id = :former"),
)


async def fold(session: AsyncSession, former: int, heir: int) -> bool:
    """Move everything of the group into the supergroup, whose rows are there. True where there was something.

    What was still on its way to the tables comes under the group's id afterwards: it moves the next time.
    """
    if not await session.scalar(_HELD, {"former": former}):
        return False
    await session.execute(DELETING)
    for chat_id in sorted((former, heir)):
        await session.execute(PLACER_LOCK, {"chat_id": chat_id})
    values = {"former": former, "heir": heir, "shift": SHIFT, "shared": SHARED}
    for statement in _FOLD:
        await session.execute(statement, {name: values[name] for name in statement.compile().params})
    return True
