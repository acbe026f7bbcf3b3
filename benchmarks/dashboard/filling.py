"""Putting the year into the tables: by COPY, and the sums by the product's own code."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import numpy as np

from benchmarks.dashboard.year import CHATS, DAYS, ENDS, TOPICS, WAITING, ChatYear, Said
from benchmarks.road.measuring import Progress
from core.db.session import Database
from core.domain.lanes import Lane
from core.llm.calls import Purpose
from ingestion.rollups import put_threads, recount_hours

DIMENSION = 384
MEANINGS = 300
"""Directions in which vectors lie, with noise; nothing is made of words here."""
PROMPTS = ("answer@3f1c", "answer@77ab", "answer@c0de", "answer@e5e5")
"""One after the other in the year."""
PURPOSES = (
    *[Purpose.ANALYSIS_BATCH] * 4, *[Purpose.ANALYSIS_FAST] * 2, *[Purpose.ANSWER] * 3, Purpose.CONDENSE,
)  # fmt: skip
FIRST_QUESTION, FIRST_HANDOVER, FIRST_CALL = 1 << 100, 1 << 101, 1 << 102

Rows: TypeAlias = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much there is of everything."""

    messages: int
    units: int
    answers: int
    votes: int
    calls: int


class Filling:
    """Fills one database."""

    def __init__(self, database: Database, url: str, amounts: Amounts, progress: Progress) -> None:
        self._database = database
        self._url = url
        self._amounts = amounts
        self._progress = progress
        self._chance = Random(20_261_128)
        self._meanings = np.random.default_rng(20_261_128).normal(size=(MEANINGS, DIMENSION))
        self._noise = np.random.default_rng(2)

    async def fill(self, chats: Sequence[ChatYear]) -> None:
        """All of it. Foreign keys are not looked at meanwhile, and indexes are made when the rows are there."""
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute("SET maintenance_work_mem = '512MB'")
            async with _without_indexes(connection):
                ids: list[int] = []
                for chat in chats:
                    await self._chat(connection, chat, len(ids))
                    ids.append(chat.chat_id)
                    self._progress.reach(len(ids), CHATS)
                await self._bot(connection, ids)
                await self._ledger(connection, ids)
                await self._pipeline(connection, ids)
                await self._units(connection, ids)
                self._progress.step("indexes")
            await connection.execute("VACUUM ANALYZE")
            await self._sum_up(chats)
            await connection.execute("VACUUM ANALYZE threads, chat_hours")
        finally:
            await connection.close()

    async def _chat(self, connection: asyncpg.Connection, chat: ChatYear, number: int) -> None:
        facts = {"chat_id": chat.chat_id, "kind": "supergroup", "title": f"Support chat {number}"}
        await _copy(connection, "chats", [facts])
        await _copy(connection, "messages", [_message(chat, one) for one in chat.said])
        held = [asyncpg.Range(1, len(chat.said)), asyncpg.Range(2 * len(chat.said), 3 * len(chat.said))]
        await _copy(connection, "coverage", [{"chat_id": chat.chat_id, "held": held}])
        await self._windows(connection, chat)
        await self._appraisals(connection, chat)

    async def _sum_up(self, chats: Sequence[ChatYear]) -> None:
        """`threads` and `chat_hours`."""
        self._progress.step("sums")
        for done, chat in enumerate(chats):
            self._progress.reach(done, CHATS)
            threads = chat.threads()
            async with self._database.transaction() as session:
                await put_threads(session, chat.chat_id, threads.keys(), threads)
                await recount_hours(session, chat.chat_id, [one.sent_at for one in chat.said])

    async def _windows(self, connection: asyncpg.Connection, chat: ChatYear) -> None:
        windows: Rows = []
        found: Rows = []
        for number, said in chat.windows().items():
            window_id, last = chat.window_id(number), said[-1].sent_at
            ids = {"window_id": window_id, "chat_id": chat.chat_id, "first_at": said[0].sent_at, "last_at": last}
            how = {"live": True, "state": "done", "analysed_at": last, "analysed_by": "model"}
            windows.append({**ids, **how, "summary": "Клиенты спрашивают о кассе. " * 8, "sentiment": self._mood()})
            found += self._findings(chat, window_id, said)
        topics = [
            {
                "topic_id": chat.topic_id(topic),
                "chat_id": chat.chat_id,
                "name": f"тема {topic}",
                "embedding": self._vector(topic),
            }
            for topic in range(TOPICS)
        ]
        for table, rows in (("topics", topics), ("analysis_windows", windows), ("window_topics", found)):
            await _copy(connection, table, rows)

    def _findings(self, chat: ChatYear, window_id: UUID, said: Sequence[Said]) -> Rows:
        """The three topics of a window that most is said about."""
        about: dict[int, list[int]] = {}
        for one in said:
            about.setdefault(chat.topic_of(one.thread_id), []).append(one.message_id)
        return [
            {
                "window_id": window_id,
                "topic_id": chat.topic_id(topic),
                "message_ids": about[topic],
                "problem": "Не печатается чек",
                "sentiment": self._mood(),
                "resolved": self._chance.choice([True, True, True, False, None]),
            }
            for topic in sorted(about, key=lambda topic: (-len(about[topic]), topic))[:3]
        ]

    async def _appraisals(self, connection: asyncpg.Connection, chat: ChatYear) -> None:
        rows: Rows = []
        for one in chat.said:
            urgent = one.lane is Lane.HIGH
            if one.is_staff or not (urgent or self._chance.random() < WAITING):
                continue
            ids = {"chat_id": chat.chat_id, "message_id": one.message_id, "made_at": one.sent_at}
            window_id = None if urgent else chat.window_id(one.window)
            how = {"window_id": window_id, "state": "done", "analysed_at": one.sent_at, "analysed_by": "model"}
            found = {"category": "problem", "urgent": urgent, "sentiment": self._mood(), "summary": "Не печатается чек"}
            rows.append({**ids, **how, **found, "requires_response": not urgent or self._chance.random() < 0.7})
        await _copy(connection, "appraisals", rows)

    async def _bot(self, connection: asyncpg.Connection, chats: Sequence[int]) -> None:
        self._progress.step("what was asked of the bot")
        tables: dict[str, Rows] = {
            name: [] for name in ("answers", "questions", "handovers", "suggestions", "citations", "feedback")
        }
        for number in range(self._amounts.answers):
            self._answer(tables, number, self._chance.choice(chats))
        for number in sorted(self._chance.sample(range(self._amounts.answers), self._amounts.votes)):
            up, at = self._chance.random() < 0.8, self._moment(number / self._amounts.answers)
            reason = None if up else self._chance.choice(["wrong", "outdated", None])
            vote = {"answer_id": UUID(int=number), "voter": "voter", "role": "client", "vote": 1 if up else -1}
            tables["feedback"].append({**vote, "reason": reason, "by": "button", "voted_at": at})
        for table, rows in tables.items():
            await _copy(connection, table, rows)

    def _answer(self, tables: Mapping[str, Rows], number: int, chat_id: int) -> None:
        share = number / self._amounts.answers
        at, answer_id, question_id = self._moment(share), UUID(int=number), UUID(int=FIRST_QUESTION + number)
        channel = self._chance.choice(["bot", "bot", "bot", "suggestion", "cli"])
        refused, everywhere = self._chance.random() < 0.15, self._chance.random() < 0.5
        prompt = None if number % 9 == 0 else PROMPTS[int(share * len(PROMPTS))]
        scope = {
            "channel": channel,
            "every_chat": everywhere,
            "chats": [] if everywhere else [chat_id],
            "public": False,
        }
        meaning = int(self._chance.random() * MEANINGS)
        tables["answers"].append({
            "answer_id": answer_id, "question_id": question_id if channel == "bot" else None, "asked_at": at,
            "question": f"Как сделать дело номер {meaning}, попытка {number}?", "answer": "Сделайте так. " * 20,
            "refused": refused, "language": "ru", "scope": json.dumps(scope), "prompt": prompt,
            "evidence": json.dumps({"reason": "weak" if refused else "strong"}), "latency_ms": json.dumps({"total": 900}),
            "model": prompt and "claude-sonnet-5", "question_vector": self._vector(meaning) if refused else None,
        })  # fmt: skip
        cited = {"answer_id": answer_id, "rank": 1, "unit_id": f"{chat_id}:1", "chat_id": chat_id}
        tables["citations"].append({**cited, "message_ids": [1, 2], "score": 0.9})
        if channel == "suggestion":
            drafted = {"chat_id": chat_id, "message_id": number + 1, "summary": "кратко", "urgent": False}
            state = "open" if share > 0.999 else "sent"
            tables["suggestions"].append({**drafted, "answer_id": answer_id, "state": state, "made_at": at})
        if channel == "bot":
            asked = {
                "question_id": question_id,
                "asker": "asker",
                "role": "client",
                "chat_id": chat_id,
                "origin": "group",
            }
            times = {"asked_at": at, "last_at": at, "due_at": at}
            state = "refused" if refused else "answered"
            tables["questions"].append({**asked, **times, "state": state, "answer_id": answer_id})
            if self._chance.random() < 0.1:
                open_ = share > 0.99
                handed = {"handover_id": UUID(int=FIRST_HANDOVER + number), "question_id": question_id, "why": "asked"}
                how: dict[str, Any] = {"candidates": [], "state": "open" if open_ else "answered", "opened_at": at}
                tables["handovers"].append({**handed, **how, "reply": None if open_ else "Сделайте вот так"})

    async def _ledger(self, connection: asyncpg.Connection, chats: Sequence[int]) -> None:
        self._progress.step("the ledger")
        rows: Rows = []
        for number in range(self._amounts.calls):
            purpose, at = self._chance.choice(PURPOSES), self._moment(number / self._amounts.calls)
            price = Decimal(int(self._chance.random() * 20_000)) / 1_000_000
            asked = purpose in (Purpose.ANSWER, Purpose.CONDENSE)
            rows.append({
                "call_id": UUID(int=FIRST_CALL + number), "purpose": purpose.value,
                "chat_id": self._chance.choice(chats) if self._chance.random() < 0.8 else None,
                "model": "claude-sonnet-5" if asked else "claude-haiku-4-5",
                "api": "batches" if purpose is Purpose.ANALYSIS_BATCH and number % 2 else "messages",
                "reserved": price, "price": price, "opened_at": at, "settled_at": at, "outcome": "ok",
                "input_tokens": 1_000, "output_tokens": 200, "cache_read_tokens": 3_000, "cache_write_5m_tokens": 100,
            })  # fmt: skip
        await _copy(connection, "model_calls", rows)

    async def _pipeline(self, connection: asyncpg.Connection, chats: Sequence[int]) -> None:
        letters: Rows = [
            {"stream": "otklik:messages:batch", "entry_id": f"{number}-0", "body": b"{}", "error": "ValueError: no"}
            for number in range(200)
        ]
        days = [ENDS - timedelta(days=day) for day in range(DAYS)]
        alarms: Rows = [
            {"period": "day", "begins": day.date(), "budget": "total", "percent": 80, "raised_at": day} for day in days
        ]
        unmasked: Rows = [{"chat_id": chat_id, "message_id": 10**9, "error": "too long"} for chat_id in chats]
        await _copy(connection, "dead_letters", letters)
        await _copy(connection, "budget_alarms", alarms)
        await _copy(connection, "unmasked", unmasked)
        await _copy(connection, "index_info", [{"model": "bench", "dimension": DIMENSION}])

    async def _units(self, connection: asyncpg.Connection, chats: Sequence[int]) -> None:
        self._progress.step("units")
        await connection.execute("CREATE TEMP TABLE made (node_id text, metadata text, vector text)")
        rows: Rows = []
        for number in range(self._amounts.units):
            chat_id, answer = chats[number % len(chats)], "Сделайте так." if number // CHATS % 5 else None
            facts = {"chat_id": chat_id, "thread_id": number, "message_ids": [number + 1], "last_at": 0.0}
            said = {"staff_answered": answer is not None, "question": "Как?", "answer": answer}
            vector = ",".join(f"{one:.4f}" for one in self._vector(number % MEANINGS))
            rows.append(
                {"node_id": f"{chat_id}:{number}", "metadata": json.dumps(facts | said), "vector": f"[{vector}]"}
            )
        await _copy(connection, "made", rows)
        await connection.execute("""
            INSERT INTO data_units (node_id, text, metadata_, embedding)
            SELECT node_id, 'Как? Сделайте так.', CAST(metadata AS jsonb), CAST(vector AS halfvec) FROM made
        """)
        await connection.execute("UPDATE data_units SET embedding = NULL WHERE id % 1000 = 0")
        await connection.execute("DROP TABLE made")

    def _mood(self) -> float:
        return round(self._chance.uniform(-1, 1), 2)

    def _moment(self, share: float) -> datetime:
        """When so much of the year had gone."""
        return ENDS - timedelta(days=DAYS * (1 - share), seconds=1)

    def _vector(self, meaning: int) -> list[float]:
        vector = self._meanings[meaning] + self._noise.normal(0, 0.3, DIMENSION)
        found: list[float] = (vector / np.linalg.norm(vector)).tolist()
        return found


def _message(chat: ChatYear, one: Said) -> dict[str, Any]:
    return {
        "chat_id": chat.chat_id, "message_id": one.message_id, "sender": one.sender, "is_staff": one.is_staff,
        "sent_at": one.sent_at, "stored_at": one.sent_at, "mentions": [], "text": one.text, "lane": one.lane.value,
        "lane_score": 0, "lane_reasons": "[]", "threaded": True, "thread_id": one.thread_id,
        "window_id": chat.window_id(one.window),
    }  # fmt: skip


async def _copy(connection: asyncpg.Connection, table: str, rows: Rows) -> None:
    records = [tuple(row.values()) for row in rows]
    await connection.copy_records_to_table(table, records=records, columns=list(rows[0]))


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Drop what is neither a key nor unique, and make it again at the end."""
    dropped = await connection.fetch("""
        SELECT CAST(CAST(i.indexrelid AS regclass) AS text) AS name, pg_get_indexdef(i.indexrelid) AS definition
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE NOT i.indisunique AND c.relnamespace = CAST('public' AS regnamespace)
    """)
    for row in dropped:
        await connection.execute(f"DROP INDEX {row['name']}")
    yield
    for row in dropped:
        await connection.execute(row["definition"])
