"""The rules that read without a model, on the sample chats: who waits, how it sounds, what it is about."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from analytics.analysis.local import window_findings
from analytics.analysis.naming import ChatWords
from analytics.analysis.sentiment import sentiment
from analytics.analysis.waiting import waiting_in
from analytics.reading import Reading, Said
from core.db.session import Database
from core.domain.text import is_question, is_substantive
from core.domain.threads import summarise
from core.privacy.types import MaskedText
from tests.ingestion.road import SAMPLE_CHATS, place_all, put, sample_messages

MOODS = {
    (one["chat_id"], one["message_id"]): one["mood"]
    for one in map(
        json.loads,
        (Path(__file__).parents[2] / "evals/datasets/moods.jsonl").read_text(encoding="utf-8").splitlines(),
    )
}
UNANSWERED = {83, 150, 3250, 3299, 3346, 40617, 40626, 40628, 40684, 40687, 40762}
"""Messages that staff answered elsewhere, or never, and that a person would say wait."""
Thread = Sequence[Said]


@pytest.fixture
async def threads(database: Database) -> Sequence[Thread]:
    """Those of all sample chats."""
    for path in SAMPLE_CHATS:
        messages = sample_messages(path)
        await put(database, messages)
        await place_all(database, messages[0].chat.chat_id)
    query = "SELECT * FROM messages ORDER BY chat_id, thread_id, message_id"
    found: dict[tuple[int, int], list[Said]] = {}
    async with database.reading() as session:
        for row in await session.execute(text(query)):
            said = Said(
                row.message_id, row.sender, row.is_staff, row.sent_at, row.reply_to, row.thread_id,
                MaskedText(row.text), answered=False,
            )  # fmt: skip
            found.setdefault((row.chat_id, row.thread_id), []).append(said)
    return list(found.values())


def cut_off(thread: Thread, after: int) -> Thread:
    """As it stood then."""
    kept = thread[: after + 1]
    return [
        Said(
            one.message_id, one.sender, one.is_staff, one.sent_at, one.reply_to, one.thread_id, one.text,
            answered=any(later.is_staff for later in kept[at + 1 :]),
        )
        for at, one in enumerate(kept)
    ]  # fmt: skip


def rated(threads: Sequence[Thread], waits: Callable[[Thread], bool]) -> tuple[float, float]:
    """Precision and recall over every moment at which a client had just spoken. Truth: staff did answer later."""
    right = wrong = missed = 0
    for thread in threads:
        for at, message in enumerate(thread):
            if message.is_staff:
                continue
            truth = any(later.is_staff for later in thread[at + 1 :]) or message.message_id in UNANSWERED
            found = waits(cut_off(thread, at))
            right, wrong, missed = right + (found and truth), wrong + (found > truth), missed + (found < truth)
    return right / (right + wrong), right / (right + missed)


def by_questions(thread: Thread) -> bool:
    return any(
        not one.is_staff and not one.answered and is_substantive(one.text) and is_question(one.text) for one in thread
    )


async def test_who_waits_is_found_far_better_than_by_questions_alone(threads: Sequence[Thread]) -> None:
    precision, recall = rated(threads, lambda thread: any(waiting_in(thread)))
    assert precision >= 0.9
    assert recall >= 0.9
    assert rated(threads, by_questions)[1] < 0.6


async def test_the_sums_of_threads_tell_as_well_who_waits(threads: Sequence[Thread]) -> None:
    precision, recall = rated(threads, lambda thread: summarise(thread).open_id is not None)
    assert precision >= 0.9
    assert recall >= 0.9


async def test_one_client_waits_once_in_a_thread(threads: Sequence[Thread]) -> None:
    for thread in threads:
        for at in range(len(thread)):
            found = [one.sender for one in waiting_in(cut_off(thread, at))]
            assert len(found) == len(set(found))


@pytest.mark.parametrize(("mood", "precision", "recall"), [(-1, 0.85, 0.75), (1, 0.85, 0.75)])
def test_moods_are_those_that_a_person_hears(mood: int, precision: float, recall: float) -> None:
    right = wrong = missed = 0
    for path in SAMPLE_CHATS:
        for message in sample_messages(path):
            if not message.is_staff:
                truth = MOODS.get((message.chat.chat_id, message.message_id), 0) == mood
                found = sentiment(message.text) * mood >= 0.5
                right, wrong, missed = right + (found and truth), wrong + (found > truth), missed + (found < truth)
    assert right / (right + wrong) >= precision
    assert right / (right + missed) >= recall


async def test_topics_are_things_and_come_again(threads: Sequence[Thread]) -> None:
    """No "anyone", "says", "still", "девочка": what half of the names were while every word could be one."""
    questions = [next((one.text for one in thread if not one.is_staff), MaskedText("")) for thread in threads]
    chat = ChatWords(questions)
    found = [topic for thread in threads for topic in window_findings(Reading(thread), chat).topics]
    names = [topic.name for topic in found]
    assert {"printer", "принтер", "чек", "касса", "сканер", "webhook", "обмен"} <= set(names)
    assert not {"anyone", "says", "still", "back", "old", "add", "девочка", "обед", "чета", "удача"} & set(names)
    assert len(set(names)) <= len(names) * 0.6, "the same matter has the same name"
    assert len(names) >= len(threads) * 0.7
