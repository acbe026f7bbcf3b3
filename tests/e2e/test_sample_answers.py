"""The sample chats, imported over the real road and asked without a key: the right source first, or an honest refusal."""

import json
from pathlib import Path

from core.domain.access import AccessScope
from core.embedded.servers import Servers
from core.privacy.types import RawText
from core.settings import Settings
from ingestion.exports.source import open_export
from otklik.progress import Bar
from otklik.wiring import runtime

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = 2**52
"""Ids from here on are pseudonyms of private chats (`core.privacy.pseudonyms`)."""


async def test_the_labelled_questions_find_their_source_or_are_refused(
    running_servers: Servers, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path, config=ROOT / "samples" / "otklik.toml", database_url=database_url, redis_url=redis_url
    )
    cases = [json.loads(line) for line in (ROOT / "evals/datasets/sample.jsonl").read_text().splitlines()]
    right, answered_wrongly, refused = [], [], []
    async with runtime(settings) as parts:
        await parts.start_storing()
        with Bar() as bar:
            for path in sorted((ROOT / "samples").glob("polka_*.json")):
                await parts.importer(bar).run(open_export(path), wait=True)
        for case in cases:
            found = await parts.answerer.ask(RawText(case["question"]), AccessScope.operator(), channel="test")
            if found.refused:
                refused.append(case["id"])
            elif case["must_refuse"]:
                answered_wrongly.append(case["id"])
            elif cites(found.citations[0].chat_id, found.citations[0].message_ids, case["relevant_messages"]):
                right.append(case["id"])
    unanswerable = {case["id"] for case in cases if case["must_refuse"]}
    assert (len(cases), len(unanswerable)) == (84, 22)
    assert len(right) >= 50
    assert len(unanswerable & set(refused)) >= 18
    assert not set(right) & unanswerable


def cites(chat_id: int, message_ids: tuple[int, ...], relevant: list[list[int]]) -> bool:
    """Whether the cited messages are among the labelled ones. The data set names a private chat by its real id."""
    wanted = {(chat, message) for chat, message in relevant}
    private = {message for chat, message in relevant if chat > 0}
    return any((chat_id, one) in wanted or (chat_id >= PRIVATE and one in private) for one in message_ids)
