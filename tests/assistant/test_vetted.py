"""What staff said is right: kept, found, preferred, shared, taken back."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from assistant.answering.inquiry import Inquiry
from assistant.answering.results import AnswerResult
from assistant.vetted import Origin, Vetted, set_public, vet, withdraw
from core.db.models import Unit, VettedAnswer
from core.db.session import Database
from core.domain.access import AccessScope
from core.privacy.types import MaskedText
from tests.assistant.answerers import EMBEDDER, answerer
from tests.core.index.units import CHAT, embed, store, unit

QUESTION = MaskedText("Как вернуть деньги покупателю?")
OLD, NEW = "Чек → Возврат.", "Продажи → Журнал чеков → Оформить возврат."


def vetted(answer: str = NEW, source: UUID | None = None) -> Vetted:
    return Vetted(
        question=QUESTION,
        answer=MaskedText(answer),
        chat_id=CHAT,
        asker="p_asker",
        origin=Origin.CORRECTION,
        source=source or uuid4(),
        vetted_by="p_staff",
    )


async def keep(database: Database, given: Vetted) -> UUID:
    async with database.transaction() as session:
        return await vet(session, given)


async def told(database: Database, scope: AccessScope | None = None) -> str:
    return (await asked(database, scope or AccessScope.operator())).answer


async def asked(database: Database, scope: AccessScope) -> AnswerResult:
    return await answerer(database).answer(Inquiry(question=QUESTION, scope=scope), channel="test")


async def rows(database: Database) -> tuple[int, int]:
    async with database.reading() as session:
        answers = await session.scalar(select(func.count()).select_from(VettedAnswer))
        units = await session.scalar(select(func.count()).select_from(Unit).where(Unit.vetted))
    return answers or 0, units or 0


async def test_a_correction_changes_the_next_answer_at_once_and_stays_when_embedded(database: Database) -> None:
    await store(database, unit(1, QUESTION, OLD))
    await embed(database, EMBEDDER)
    assert OLD in await told(database)
    vetted_id = await keep(database, vetted())
    assert NEW in await told(database)
    await embed(database, EMBEDDER)
    found = await asked(database, AccessScope.operator())
    assert NEW in found.answer
    (source,) = found.citations
    assert (source.unit_id, source.vetted, source.message_ids, source.link) == (f"vetted:{vetted_id}", True, (), None)


async def test_a_later_word_of_the_same_source_takes_the_place_of_the_former(database: Database) -> None:
    first = vetted("Спросите владельца.")
    vetted_id = await keep(database, first)
    async with database.transaction() as session:
        assert await set_public(session, vetted_id, public=True)
    assert await keep(database, vetted(NEW, first.source)) == vetted_id
    assert await rows(database) == (1, 1)
    assert NEW in await told(database, AccessScope.client(-5))  # it stays public


async def test_the_clients_of_other_chats_find_it_only_while_it_is_public(database: Database) -> None:
    vetted_id = await keep(database, vetted())
    elsewhere = AccessScope.client(-5)
    assert NEW in await told(database, AccessScope.client(CHAT))
    for public in (False, True, False):
        async with database.transaction() as session:
            await set_public(session, vetted_id, public=public)
        assert (NEW in await told(database, elsewhere)) is public
        assert NEW not in await told(database, AccessScope.chats([-5]))


async def test_what_is_taken_back_is_gone(database: Database) -> None:
    vetted_id = await keep(database, vetted())
    async with database.transaction() as session:
        assert await withdraw(session, vetted_id)
    assert await rows(database) == (0, 0)
    async with database.transaction() as session:
        assert not await withdraw(session, vetted_id)
        assert not await set_public(session, vetted_id, public=True)


async def test_it_is_kept_with_the_callers_transaction_or_not_at_all(database: Database) -> None:
    async def vet_and_fail() -> None:
        async with database.transaction() as session:
            await vet(session, vetted())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await vet_and_fail()
    assert await rows(database) == (0, 0)
