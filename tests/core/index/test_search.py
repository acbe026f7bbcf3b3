import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.db.session import Database
from core.domain.access import AccessScope
from core.embeddings.bundled import BundledE5
from core.index.records import Hit
from core.index.search import search
from core.index.vectors import set_embeddings, unembedded
from core.privacy.types import MaskedText
from tests.core.index.units import CHAT, embed, put, store, unit, vetted_unit

EMBEDDER = BundledE5()
EVERYTHING = AccessScope.operator()

QUESTIONS = {
    1: ("Принтер не печатает чек, ошибка E-214", "Проверьте бумагу и перезапустите принтер."),
    10: ("Как вернуть деньги за один товар?", "Откройте чек и нажмите «Возврат»."),
    20: ("Сколько товаров можно завести на тарифе Старт?", "До тысячи."),
    30: ("Не приходит код подтверждения", "Проверьте, что номер введён верно."),
    40: ("Can I change the language of the receipts?", "Yes: Settings, Receipts, Language."),
}


async def ask(database: Database, question: str, scope: AccessScope = EVERYTHING, limit: int = 10) -> list[Hit]:
    vector = EMBEDDER.get_query_embedding(question)
    async with database.reading() as session:
        return await search(session, scope, MaskedText(question), vector, limit)


@pytest.fixture
async def filled(database: Database) -> Database:
    await store(database, *(unit(first, question, answer) for first, (question, answer) in QUESTIONS.items()))
    await embed(database, EMBEDDER)
    return database


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("чековый принтер молчит, E-214", 1),
        ("оформить возврат покупателю", 10),
        ("лимит номенклатуры на Старте", 20),
        ("смс с кодом нет", 30),
        ("Как поменять язык чеков?", 40),
        ("I do not receive the confirmation code", 30),
    ],
)
async def test_the_right_unit_comes_first_in_either_language(filled: Database, question: str, first: int) -> None:
    hits = await ask(filled, question)
    assert hits[0].message_ids == (first, first + 1)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.dense is not None and 0 <= hit.lexical <= 1 for hit in hits)


async def test_a_hit_tells_everything_about_its_unit(filled: Database) -> None:
    hit, stored = (await ask(filled, "E-214", limit=1))[0], unit(1, *QUESTIONS[1])
    assert (hit.unit_id, hit.chat_id, hit.thread_id, hit.message_ids) == (stored.unit_id, CHAT, 1, (1, 2))
    assert (hit.text, hit.question, hit.answer) == (stored.text, stored.question, stored.answer)
    assert (hit.asked_at, hit.last_at, hit.staff_answered) == (stored.asked_at, stored.last_at, True)


async def test_units_that_are_not_embedded_yet_are_found_by_their_words(filled: Database) -> None:
    await store(filled, unit(50, "Терминал пишет E-777 и просит перезагрузку", None))
    [hit, *others] = await ask(filled, "пишет E-777, просит перезагрузку")
    assert (hit.unit_id, hit.dense, hit.answer) == (f"{CHAT}:50", None, None)
    assert hit.lexical > 0.5
    assert all(other.dense is not None for other in others)


async def test_words_alone_find_where_nothing_is_embedded(database: Database) -> None:
    await store(database, *(unit(first, question, answer) for first, (question, answer) in QUESTIONS.items()))
    hits = await ask(database, "ошибка принтера E-214")
    assert hits[0].unit_id == f"{CHAT}:1"


async def test_an_empty_store_finds_nothing(database: Database) -> None:
    assert await ask(database, "касса") == []


@pytest.mark.parametrize(
    "question",
    [
        "", " ", "и в на", "?!", "\0", "касса\0принтер", "\ud800 принтер", "' OR 1=1 --", "a' | 'b", "x & !y <-> z:*A",
        "\\", "'\\''", "$1 :words %(x)s {scope}", "принтер'); DROP TABLE data_units; --", "a" * 65_536,
        "принтер " * 9_000, " ".join(f"слово{number}" for number in range(9_000)), "😅😅😅", "http://x.y/a?b=c&d='e",
    ],
)  # fmt: skip
async def test_any_question_is_survived(filled: Database, question: str) -> None:
    assert len(await ask(filled, question)) == len(QUESTIONS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=60))
async def test_any_text_is_survived(filled: Database, question: str) -> None:
    async with filled.reading() as session:
        assert await search(session, EVERYTHING, MaskedText(question), [0.05] * 384, 10)


CHATS = (-1001, -1002, -1003, 77)


@pytest.fixture
async def shared_by_many(database: Database) -> Database:
    for chat in CHATS:
        await store(
            database, *(unit(first, question, answer, chat=chat) for first, (question, answer) in QUESTIONS.items())
        )
        await store(database, unit(60, "Свежий вопрос о принтере", chat=chat))  # joins without a vector
    for chat in CHATS[:3]:
        await embed(database, EMBEDDER, chat)
    return database


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chats=st.sets(st.sampled_from((*CHATS, -999, 2**62)), min_size=1),
    question=st.sampled_from([*(question for question, _ in QUESTIONS.values()), "принтер", "", "' OR true --"]),
)
async def test_nothing_from_outside_the_scope_is_ever_found(
    shared_by_many: Database, chats: set[int], question: str
) -> None:
    hits = await ask(shared_by_many, question, AccessScope.chats(chats), limit=100)
    assert {hit.chat_id for hit in hits} <= chats
    assert {hit.chat_id for hit in hits} >= chats & set(CHATS[:3])


async def test_an_operator_finds_every_chat(shared_by_many: Database) -> None:
    hits = await ask(shared_by_many, "Принтер не печатает чек", limit=100)
    assert {hit.chat_id for hit in hits} == set(CHATS)


async def test_a_small_chat_is_found_among_a_large_one(database: Database) -> None:
    crowd = [unit(number, f"Принтер не печатает чек номер {number}") for number in range(1, 400)]
    await store(database, *crowd)
    await embed_flat(database)
    few = [unit(first, question, answer, chat=-5) for first, (question, answer) in QUESTIONS.items()]
    await store(database, *few)
    await embed(database, EMBEDDER, -5)
    hits = await ask(database, "Принтер не печатает чек", AccessScope.chats([-5]))
    assert len(hits) == len(few)


@pytest.mark.parametrize("analysed", [False, True])
async def test_a_client_finds_a_small_chat_and_what_is_public_among_a_large_one(
    database: Database, analysed: bool
) -> None:
    question = "Принтер не печатает чек"
    await store(database, *(unit(number, f"{question} номер {number}") for number in range(1, 400)))
    await embed_flat(database)
    few = [unit(first, question, answer, chat=-5) for first, (question, answer) in QUESTIONS.items()]
    await store(database, *few)
    public = vetted_unit(1, "Настройки открываются долго", chat=-9, vetting="public")
    await put(database, public, vetted_unit(2, question, chat=-9))
    for chat in (-5, -9):
        await embed(database, EMBEDDER, chat)
    if analysed:
        async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("VACUUM ANALYZE data_units"))
    hits = await ask(database, question, AccessScope.client(-5))
    assert {hit.unit_id for hit in hits} == {public.unit_id, *(one.unit_id for one in few)}


async def test_what_staff_vetted_comes_before_its_equal(filled: Database) -> None:
    question, answer = QUESTIONS[10]
    twin = vetted_unit(1, question, answer)
    await put(filled, twin)
    await embed(filled, EMBEDDER)
    first, second, *_ = await ask(filled, "оформить возврат покупателю")
    assert (first.unit_id, first.vetted, first.message_ids) == (twin.unit_id, True, ())
    assert (second.message_ids, second.vetted) == ((10, 11), False)


async def test_a_vetted_unit_is_found_by_its_words_before_it_is_embedded(filled: Database) -> None:
    await put(filled, vetted_unit(1, "Касса просит пароль администратора", "Пароль меняет владелец."))
    [first, *_] = await ask(filled, "касса просит пароль администратора")
    assert (first.vetted, first.dense, first.answer) == (True, None, "Пароль меняет владелец.")


async def test_only_what_is_public_leaves_its_chat_and_only_for_clients(filled: Database) -> None:
    question, _ = QUESTIONS[1]
    public, private = vetted_unit(1, question, vetting="public"), vetted_unit(2, question)
    await put(filled, public, private)
    assert [hit.unit_id for hit in await ask(filled, question, AccessScope.client(-5))] == [public.unit_id]
    assert await ask(filled, question, AccessScope.chats([-5])) == []
    assert {public.unit_id, private.unit_id} <= {hit.unit_id for hit in await ask(filled, question)}


async def embed_flat(database: Database) -> None:
    """One and the same vector for the crowd: embedding 400 texts would take seconds."""
    vector = EMBEDDER.get_text_embedding("Принтер не печатает чек")
    async with database.reading() as session:
        pending = await unembedded(session, CHAT, 1_000)
    async with database.transaction() as session:
        await set_embeddings(session, [(waiting.node_id, waiting.text_hash, vector) for waiting in pending])


async def test_search_settings_do_not_leak_to_the_next_user_of_the_connection(filled: Database) -> None:
    await ask(filled, "принтер")
    async with filled.reading() as session:
        assert (await session.execute(text("SHOW plan_cache_mode"))).scalar_one() == "auto"
        assert (await session.execute(text("SHOW hnsw.ef_search"))).scalar_one() == "40"
