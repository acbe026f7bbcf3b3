"""Topics that last: which names mean the same, and what people put right."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from analytics.analysis.naming import ChatWords
from analytics.editing import merge, rename, topic_list
from analytics.topics import ChatTopics, Known, known_topics, same_words, settled, vectors_of
from core.db.session import Database
from core.embeddings.bundled import BundledE5
from core.errors import BadInput
from core.privacy.types import MaskedText
from tests.analytics.scene import batch_lane, model, reads, run_dry, said, stored
from tests.ingestion.road import CHAT, QuickEmbedding, rows, value

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "evals/datasets/topics.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_of_the_labelled_pairs_none_is_taken_for_the_same_wrongly() -> None:
    taken = [pair for pair in PAIRS if same_words(pair["one"], pair["other"])]
    assert all(pair["same"] for pair in taken)
    assert len(taken) >= 3
    assert len(PAIRS) >= 40


async def test_what_means_the_same_is_among_what_the_model_is_offered() -> None:
    names = list(dict.fromkeys(MaskedText(name) for pair in PAIRS for name in (pair["one"], pair["other"])))
    vectors = await vectors_of(BundledE5(), names)
    topics = ChatTopics([Known(uuid4(), name, vectors[name], True) for name in names])
    assert len(names) > 80
    same = [pair for pair in PAIRS if pair["same"]]
    offered = [pair for pair in same if pair["other"] in topics.nearest_names(vectors[pair["one"]])]
    assert len(offered) >= 0.9 * len(same)


async def settle(database: Database, *names: str) -> list[str]:
    """The names under which these are kept."""
    vectors = await vectors_of(QuickEmbedding(), [MaskedText(name) for name in names])
    async with database.transaction() as session:
        ids = await settled(session, CHAT, vectors)
    kept = {row["topic_id"]: row["name"] for row in await rows(database, "SELECT topic_id, name FROM topics")}
    return [kept[ids[MaskedText(name)]] for name in names]


async def test_a_name_keeps_its_topic_in_other_forms_and_within_one_window(database: Database) -> None:
    await stored(database, said(1, "привет"))
    assert await settle(database, "возврат по чеку", "Возвраты чеков", "смена") == [
        "возврат по чеку", "возврат по чеку", "смена",
    ]  # fmt: skip
    assert await settle(database, "Возврат товара по чеку", "закрытие смены") == ["возврат по чеку", "закрытие смены"]


async def test_what_was_renamed_or_merged_stays_so(database: Database) -> None:
    await stored(database, said(1, "привет"))
    await settle(database, "касса", "оплата")
    async with database.transaction() as session:
        await rename(session, QuickEmbedding(), CHAT, "касса", MaskedText("работа кассы"))
        await merge(session, CHAT, "оплата", "работа кассы")
    assert await settle(database, "касса", "оплата") == ["работа кассы", "работа кассы"]
    async with database.reading() as session:
        assert [one["name"] for one in await topic_list(session, CHAT)] == ["работа кассы"]
        assert list((await known_topics(session, CHAT)).names) == ["работа кассы"]
        with pytest.raises(BadInput, match=r"no topic 'принтер'.*работа кассы"):
            await merge(session, CHAT, "принтер", "работа кассы")
        with pytest.raises(BadInput, match="already"):
            await rename(session, QuickEmbedding(), CHAT, "работа кассы", MaskedText("оплата"))
        with pytest.raises(BadInput, match="itself"):
            await merge(session, CHAT, "работа кассы", "работа кассы")


async def test_merging_takes_the_windows_along(database: Database) -> None:
    await stored(database, *[said(n, "Не печатается чек") for n in range(1, 6)])
    async with model(database, otherwise=reads) as (_, door):
        await run_dry(batch_lane(database, door))
    await settle(database, "другое дело")
    async with database.transaction() as session:
        await merge(session, CHAT, "работа кассы", "другое дело")
    name = "SELECT name FROM topics JOIN window_topics USING (topic_id)"
    assert await value(database, name) == "другое дело"
    async with database.reading() as session:
        [topic] = await topic_list(session, CHAT)
    assert (topic["windows"], topic["messages"]) == (1, 5)


async def test_rules_take_a_topic_that_the_chat_has_where_all_its_words_are_said(database: Database) -> None:
    await stored(database, *[said(n, "Как оформить возврат по чеку?", who=f"user{n}") for n in range(1, 6)])
    await settle(database, "возврат по чеку", "возврат по чеку без чека", "чек")
    await run_dry(batch_lane(database, None))
    assert (
        await value(database, "SELECT DISTINCT name FROM topics JOIN window_topics USING (topic_id)")
        == "возврат по чеку"
    )


def test_a_word_that_comes_once_names_nothing() -> None:
    chat = ChatWords(["Пустой чек", "чек не выходит", "Где Polka?"])
    assert chat.name("самсунг а9, полёт нормальный", ["самсунг а9, полёт нормальный"]) is None
    assert chat.name("самсунг и чек", ["самсунг и чек"]) == "чек", "the chat comes back to it"
    assert chat.name("самсунг и чек", ["самсунг и чек", "какой самсунг?"]) == "самсунг", "the conversation does"
    assert chat.name("Does anyone still sell it?", ["Does anyone still sell it?", "anyone? still?"]) is None
    assert chat.name("two printers", ["two printers", "which printer?"]) == "printers"
    assert ChatWords(["my printer"]).name("two printers", ["two printers", "which printer?"]) == "printer"
