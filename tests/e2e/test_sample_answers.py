"""The sample chats, imported over the real road and asked without a key: the right source first, or an honest refusal."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from assistant.answering.inquiry import Inquiry
from assistant.answering.results import AnswerResult
from assistant.turns import Turn
from core.domain.access import AccessScope
from core.embedded.servers import Servers
from core.privacy.types import MaskedText, RawText
from core.settings import Settings
from evals.figures import figures
from evals.gate import gate
from ingestion.exports.source import open_export
from otklik.evaluating.measuring import Measuring, Options
from otklik.progress import Bar
from otklik.wiring import Runtime, runtime
from tests.assistant.bot.running import Remembering

ROOT = Path(__file__).resolve().parents[2]
EMBEDDER = Remembering()
DETERMINISTIC = {
    "right", "hit@1", "hit@3", "hit@8", "mrr", "ndcg", "answered", "refusal precision", "refusal recall", "facts",
    "citation precision", "citation recall", "grounded", "safe", "language", "personal data", "sources outside",
    "characters", "latency p50, ms", "latency p95, ms", "cost of one, $",
}  # fmt: skip
"""The figures that need no judge."""
DEALT_ANEW = text("""
    WITH dealt AS (
        SELECT node_id, lead(embedding, 1, first) OVER (ORDER BY node_id) AS embedding FROM (
            SELECT node_id, embedding, first_value(embedding) OVER (ORDER BY node_id) AS first FROM data_units
        ) AS units
    )
    UPDATE data_units AS u SET embedding = dealt.embedding FROM dealt WHERE u.node_id = dealt.node_id
""")
"""Each unit has the vector of the next."""
PRIVATE = 2**52
"""Ids from here on are pseudonyms of private chats (`core.privacy.pseudonyms`)."""


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / "evals" / "datasets" / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.timeout(900)
async def test_the_labelled_questions_find_their_source_or_are_refused(
    running_servers: Servers, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path, config=ROOT / "samples" / "otklik.toml", database_url=database_url, redis_url=redis_url
    )
    async with runtime(settings) as parts:
        vars(parts)["embedder"] = EMBEDDER
        await parts.start_storing()
        with Bar() as bar:
            for path in sorted((ROOT / "samples").glob("polka_*.json")):
                await parts.importer(bar).run(open_export(path), wait=True)
        await questions_alone(parts)
        await questions_in_a_conversation(parts)
        await worse_retrieval_shuts_the_gate(parts, tmp_path / "report.html")


async def questions_alone(parts: Runtime) -> None:
    right, refused = [], []
    for case in cases("sample"):
        found = await parts.answerer.ask(RawText(case["question"]), AccessScope.operator(), channel="test")
        if found.refused:
            refused.append(case["id"])
        elif is_right(found, case):
            right.append(case["id"])
    unanswerable = {case["id"] for case in cases("sample") if case["must_refuse"]}
    assert (len(cases("sample")), len(unanswerable)) == (84, 22)
    assert len(right) >= 51
    assert len(unanswerable & set(refused)) >= 20
    assert not set(right) & unanswerable


async def questions_in_a_conversation(parts: Runtime) -> None:
    """Without a key: 39 of 40 follow-ups find their unit (11 alone), of 24 other next questions 21 (as alone), and of 24
    that have no answer 19 are refused (18 alone)."""
    right: Counter[str] = Counter()
    for case in cases("followups"):
        before = [Turn(masked(parts, question), None) for question in case["before"]]
        inquiry = Inquiry(question=masked(parts, case["question"]), scope=AccessScope.operator(), before=before)
        found = await parts.answerer.answer(inquiry, channel="test")
        kind = "refused" if case["must_refuse"] else case["tags"][0]
        right[kind] += found.refused if case["must_refuse"] else is_right(found, case)
    assert right["follow"] >= 37
    assert right["new"] >= 20
    assert right["refused"] >= 17


async def worse_retrieval_shuts_the_gate(parts: Runtime, page: Path) -> None:
    """Without a key. 77 % of all labelled questions go right, of these harder ones 63 %, and half as many when each unit has the
    vector of another."""
    measuring = Measuring(parts, Options(datasets=("contradictions", "others")))
    before = await measuring.run(["live"], "before")
    found = figures(before.results)
    assert set(found) == DETERMINISTIC
    assert found["right"].value >= 0.6
    assert gate(before, await measuring.run(["live"], "again")).is_open
    async with parts.database.transaction() as session:
        await session.execute(DEALT_ANEW)
    worse = await measuring.run(["live"], "worse")
    verdict = gate(before, worse)
    assert not verdict.is_open
    assert {"right", "found"} <= {one.measure.name for one in verdict.worse}
    await measuring.report(page, before, worse, verdict)
    tells_everything(page)


def tells_everything(page: Path) -> None:
    written = page.read_text(encoding="utf-8")
    assert all(name in written for name in DETERMINISTIC)
    assert "The gate is shut" in written


def masked(parts: Runtime, question: str) -> MaskedText:
    return parts.masker.mask(RawText(question)).text


def is_right(found: AnswerResult, case: Mapping[str, Any]) -> bool:
    if found.refused:
        return False
    source = found.citations[0]
    return cites(source.chat_id, source.message_ids, case["relevant_messages"])


def cites(chat_id: int, message_ids: tuple[int, ...], relevant: list[list[int]]) -> bool:
    """Whether the cited messages are among the labelled ones. The data set names a private chat by its real id."""
    wanted = {(chat, message) for chat, message in relevant}
    private = {message for chat, message in relevant if chat > 0}
    return any((chat_id, one) in wanted or (chat_id >= PRIVATE and one in private) for one in message_ids)
