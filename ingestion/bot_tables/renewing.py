"""New pseudonyms in the bot's tables."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.models import BotMessage, Question
from core.privacy.pseudonyms import Sealer

_COLUMNS = (
    ("questions", "asker"),
    ("feedback", "voter"),
    ("handovers", "answered_by"),
    ("suggestions", "decided_by"),
    ("vetted_answers", "asker"),
    ("vetted_answers", "vetted_by"),
)
"""Where people stand."""
_PLACES = ("questions", "question_messages", "bot_messages", "suggestions", "vetted_answers")
"""Tables with a `chat_id`, which may be a private chat's."""

PEOPLE = " UNION ".join(
    f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - the names above
    for table, column in _COLUMNS
)
"""A query for all of them."""
PRIVATE_CHATS = " UNION ".join(f"SELECT chat_id FROM {table} WHERE chat_id > 0" for table in _PLACES)  # noqa: S608
"""A query for the private chats, some of which only the bot knows. Ids of groups are negative."""

_RENEW_PEOPLE = tuple(
    text(f"""
        UPDATE {table} SET {column} = later
        FROM unnest(CAST(:former AS text[]), CAST(:later AS text[])) AS renewed(former, later)
        WHERE {column} = former
    """)  # noqa: S608
    for table, column in _COLUMNS
)
# A vetted answer's unit has its chat in the metadata, and once more inside LlamaIndex's own copy of them. Nothing of it was
# made from the id, so it keeps its vector.
_RENEW_CHAT = (
    *(text(f"UPDATE {table} SET chat_id = :later WHERE chat_id = :former") for table in _PLACES),  # noqa: S608
    text("""
        UPDATE data_units SET metadata_ = CAST(
            replace(CAST(metadata_ AS text), CAST(CAST(:former AS bigint) AS text), CAST(CAST(:later AS bigint) AS text))
            AS jsonb)
        WHERE chat_id = CAST(:former AS bigint) AND vetted
    """),
    text("""
        UPDATE answers SET scope = CAST(
            replace(CAST(scope AS text), CAST(CAST(:former AS bigint) AS text), CAST(CAST(:later AS bigint) AS text))
            AS jsonb)
        WHERE scope->'chats' @> to_jsonb(CAST(:former AS bigint))
    """),
)


async def renew_people(session: AsyncSession, former: Sequence[str], later: Sequence[str]) -> None:
    """Put these pseudonyms in the place of those, each for the one at its position."""
    for statement in _RENEW_PEOPLE:
        await session.execute(statement, {"former": former, "later": later})


async def renew_private_chat(session: AsyncSession, ids: Mapping[str, int]) -> None:
    """Put one private chat's new id (`later`) in the place of its `former` one."""
    for statement in _RENEW_CHAT:
        await session.execute(statement, ids)


async def seal_anew(session: AsyncSession, former: Sealer, later: Sealer) -> None:
    """Seal the real ids of the private chats to which something has still to be sent under the new key."""
    for table, key in ((Question, Question.question_id), (BotMessage, BotMessage.bot_message_id)):
        sealed = select(key, table.sealed_chat).where(table.sealed_chat.is_not(None))
        for number, box in (await session.execute(sealed)).all():
            anew = later.seal(former.open(box))
            await session.execute(update(table).where(key == number).values(sealed_chat=anew))
