"""Units for the tests of the store."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.db.session import Database
from core.embeddings.base import UnitEmbedding
from core.index.records import UnitRecord, Vetting, unit_id_of, vetted_unit_id
from core.index.vectors import set_embeddings, unembedded, unit_vectors
from core.index.writing import Changed, put_vetted_unit, replace_thread_units
from core.privacy.types import MaskedText

CHAT = -1001234567890
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def unit(
    first: int,
    question: str,
    answer: str | None = "Перезапустите кассу.",
    *,
    chat: int = CHAT,
    thread: int | None = None,
) -> UnitRecord:
    """One unit; its thread is its first message unless told."""
    asked_at = START + timedelta(minutes=first)
    return UnitRecord(
        unit_id=unit_id_of(chat, first),
        chat_id=chat,
        thread_id=first if thread is None else thread,
        message_ids=(first, first + 1),
        text=MaskedText(question if answer is None else f"{question}\n{answer}"),
        question=MaskedText(question),
        answer=None if answer is None else MaskedText(answer),
        asked_at=asked_at,
        last_at=asked_at + timedelta(minutes=5),
        staff_answered=answer is not None,
    )


def vetted_unit(
    number: int, question: str, answer: str = "Перезапустите кассу.", *, chat: int = CHAT, vetting: Vetting = "private"
) -> UnitRecord:
    """What staff said is right."""
    return UnitRecord(
        unit_id=vetted_unit_id(UUID(int=number)),
        chat_id=chat,
        thread_id=0,
        message_ids=(),
        text=MaskedText(f"{question}\n{answer}"),
        question=MaskedText(question),
        answer=MaskedText(answer),
        asked_at=START,
        last_at=START,
        staff_answered=True,
        vetted=vetting,
    )


async def put(database: Database, *units: UnitRecord) -> None:
    """Write vetted units."""
    async with database.transaction() as session:
        for unit in units:
            await put_vetted_unit(session, unit)


async def store(database: Database, *units: UnitRecord) -> Changed:
    """Replace the threads of these units (of one chat) by them."""
    async with database.transaction() as session:
        return await replace_thread_units(session, units[0].chat_id, {unit.thread_id for unit in units}, units)


async def embed(database: Database, embedder: UnitEmbedding, chat: int = CHAT) -> int:
    """Give every unit of the chat its vector."""
    async with database.reading() as session:
        pending = await unembedded(session, chat, 1_000)
    vectors = await unit_vectors(embedder, pending)
    made = [(unit.node_id, unit.text_hash, vector) for unit, vector in zip(pending, vectors, strict=True)]
    async with database.transaction() as session:
        return await set_embeddings(session, made)
