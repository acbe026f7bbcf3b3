"""Putting the year into the tables: by COPY, and the sums by the product's own code."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.dashboard.year import DAYS, ENDS, TOPICS, WAITING, ChatYear, Said
from benchmarks.road.measuring import Progress
from core.db.session import Database
from core.domain.lanes import Lane
from core.llm.calls import Purpose
from ingestion.rollups import put_threads, recount_hours

DIMENSION = 384
MEANINGS = 300
"""Directions in which vectors lie, with noise: e5's are no more alike than that."""
PROMPTS = ("answer@3f1c", "answer@77ab", "answer@c0de", "answer@e5e5")
"""One after the other."""

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much there is of everything."""

    messages: int
    units: int
    answers: int
    votes: int
    calls: int


class Filling:
    """Fills one database. Foreign keys are not looked at meanwhile, and indexes are made when the rows are there."""

    def __init__(self, database: Database, url: str, amounts: Amounts, progress: Progress) -> None:
        self._database = database
        self._url = url
        self._amounts = amounts
        self._progress = progress
        self._chance = Random(20_261_128)
        self._meanings = np.random.default_rng(20_261_128).normal(size=(MEANINGS, DIMENSION))
        self.chats: list[int] = []

    async def fill(self, chats: Iterable[ChatYear]) -> None:
        """All of it."""
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
            async with _without_indexes(connection):
                done = 0
                for chat in chats:
                    await self._chat(connection, chat)
                    done += len(chat.said)
                    self._progress.reach(done, self._amounts.messages)
                await self._bot(connection)
                await self._ledger(connection)
                await self._pipeline(connection)
                await self._units(connection)
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()

    async def sum_up(self, chats: Iterable[ChatYear]) -> None:
        """`threads` and `chat_hours`, as the consumers keep them."""
        done = 0
        for chat in chats:
            async with self._database.transaction() as session:
                await _sums(session, chat)
            done += len(chat.said)
            self._progress.reach(done, self._amounts.messages)
        connection = await asyncpg.connect(self._url)
        await connection.execute("VACUUM ANALYZE threads, chat_hours")
        await connection.close()

    async def _chat(self, connection: asyncpg.Connection, chat: ChatYear) -> None:
        self.chats.append(chat.chat_id)
        title = f"Support chat {len(self.chats)}"
        await _copy(connection, "chats", "chat_id kind title", [(chat.chat_id, "supergroup", title)])
        await _copy(
            connection,
            "messages",
            "chat_id message_id sender is_staff sent_at mentions text lane lane_score lane_reasons stored_at threaded "
            "thread_id window_id",
            [
                (
                    chat.chat_id, one.message_id, one.sender, one.is_staff, one.sent_at, [], one.text, one.lane.value, 0, "[]",
                    one.sent_at, True, one.thread_id, chat.window_id(one.window),
                )
                for one in chat.said
            ],
        )  # fmt: skip
        await self._windows(connection, chat)
        await self._appraisals(connection, chat)
        held = "chat_id held"
        ids = asyncpg.Range(1, len(chat.said) + 1)
        await _copy(
            connection, "coverage", held, [(chat.chat_id, [ids, asyncpg.Range(2 * ids.upper, 2 * ids.upper + 9)])]
        )

    async def _windows(self, connection: asyncpg.Connection, chat: ChatYear) -> None:
        windows: dict[int, list[Said]] = {}
        for one in chat.said:
            windows.setdefault(one.window, []).append(one)
        rows, found = [], []
        for number, said in windows.items():
            window_id, mood = chat.window_id(number), self._mood()
            last = said[-1].sent_at
            rows.append(
                (
                    window_id,
                    chat.chat_id,
                    said[0].sent_at,
                    last,
                    True,
                    "done",
                    last,
                    "model",
                    "Клиенты спрашивают. " * 8,
                    mood,
                )
            )
            about: dict[int, list[int]] = {}
            for one in said:
                about.setdefault(chat.topic_of(one.thread_id), []).append(one.message_id)
            for topic in sorted(about, key=lambda topic: (-len(about[topic]), topic))[:3]:
                resolved = self._chance.choice([True, True, True, False, None])
                found.append((window_id, chat.topic_id(topic), about[topic], "Не печатается", self._mood(), resolved))
        names = "window_id chat_id first_at last_at live state analysed_at analysed_by summary sentiment"
        await _copy(connection, "analysis_windows", names, rows)
        await _copy(connection, "window_topics", "window_id topic_id message_ids problem sentiment resolved", found)
        topics = [
            (chat.topic_id(topic), chat.chat_id, f"тема номер {topic}", [float(one) for one in self._vector(topic)])
            for topic in range(TOPICS)
        ]
        await _copy(connection, "topics", "topic_id chat_id name embedding", topics)

    async def _appraisals(self, connection: asyncpg.Connection, chat: ChatYear) -> None:
        rows = []
        for one in chat.said:
            if one.is_staff:
                continue
            urgent = one.lane is Lane.HIGH
            if not urgent and self._chance.random() >= WAITING:
                continue
            window = None if urgent else chat.window_id(one.window)
            requires = not urgent or self._chance.random() < 0.7
            rows.append(
                (chat.chat_id, one.message_id, window, "done", one.sent_at, one.sent_at, "model", "problem", urgent,
                 self._mood(), requires, "Не печатается чек", "Перезагрузите")
            )  # fmt: skip
        names = "chat_id message_id window_id state made_at analysed_at analysed_by category urgent sentiment requires_response summary suggestion"
        await _copy(connection, "appraisals", names, rows)

    async def _bot(self, connection: asyncpg.Connection) -> None:
        answers, questions, handovers, suggestions, votes, citations = [], [], [], [], [], []
        count = self._amounts.answers
        for number in range(count):
            answer_id, question_id = UUID(int=number + 1), UUID(int=(1 << 100) + number)
            at = self._moment(number / count)
            chat_id = self._chance.choice(self.chats)
            channel = self._chance.choice(["bot", "bot", "bot", "suggestion", "cli"])
            refused = self._chance.random() < 0.15
            everywhere = self._chance.random() < 0.5
            scope = {
                "channel": channel,
                "every_chat": everywhere,
                "chats": [] if everywhere else [chat_id],
                "public": False,
            }
            meaning = int(self._chance.random() * MEANINGS)
            vector = [float(one) for one in self._vector(meaning)] if refused else None
            asked = channel == "bot"
            prompt = None if number % 9 == 0 else PROMPTS[number * len(PROMPTS) // count]
            answers.append(
                (answer_id, question_id if asked else None, at, f"Как сделать дело номер {meaning}?", "Сделайте так. " * 20,
                 refused, "ru", json.dumps(scope), json.dumps({"reason": "weak" if refused else "strong"}), prompt,
                 None if prompt is None else "claude-sonnet-5", json.dumps({"total": 900}), vector)
            )  # fmt: skip
            citations.append((answer_id, 1, f"{chat_id}:1", chat_id, [1, 2], 0.9))
            if asked:
                questions.append(
                    (
                        question_id,
                        "asker",
                        "client",
                        chat_id,
                        "group",
                        "refused" if refused else "answered",
                        at,
                        at,
                        at,
                        answer_id,
                    )
                )
                if self._chance.random() < 0.1:
                    is_open = number > count * 0.99
                    handovers.append(
                        (UUID(int=(1 << 101) + number), question_id, "asked", [], "open" if is_open else "answered", at,
                         None if is_open else "Сделайте вот так")
                    )  # fmt: skip
            elif channel == "suggestion":
                suggestions.append(
                    (chat_id, number + 1, "кратко", False, None if refused else "черновик", answer_id, "sent", at)
                )
        for number in sorted(self._chance.sample(range(count), self._amounts.votes)):
            up = self._chance.random() < 0.8
            reason = None if up else self._chance.choice(["wrong", "outdated", None])
            votes.append(
                (
                    UUID(int=number + 1),
                    "voter",
                    "client",
                    1 if up else -1,
                    reason,
                    "button",
                    self._moment(number / count),
                )
            )
        await _copy(
            connection,
            "answers",
            "answer_id question_id asked_at question answer refused language scope evidence prompt model latency_ms question_vector",
            answers,
        )
        await _copy(
            connection,
            "questions",
            "question_id asker role chat_id origin state asked_at last_at due_at answer_id",
            questions,
        )
        await _copy(connection, "handovers", "handover_id question_id why candidates state opened_at reply", handovers)
        await _copy(
            connection, "suggestions", "chat_id message_id summary urgent draft answer_id state made_at", suggestions
        )
        await _copy(connection, "citations", "answer_id rank unit_id chat_id message_ids score", citations)
        await _copy(connection, "feedback", "answer_id voter role vote reason by voted_at", votes)

    async def _ledger(self, connection: asyncpg.Connection) -> None:
        rows, count = [], self._amounts.calls
        purposes = (
            [Purpose.ANALYSIS_BATCH] * 4 + [Purpose.ANALYSIS_FAST] * 2 + [Purpose.ANSWER] * 3 + [Purpose.CONDENSE]
        )
        for number in range(count):
            purpose = self._chance.choice(purposes)
            at = self._moment(number / count)
            model = "claude-sonnet-5" if purpose in (Purpose.ANSWER, Purpose.CONDENSE) else "claude-haiku-4-5"
            chat_id = self._chance.choice(self.chats) if self._chance.random() < 0.8 else None
            api = "batches" if purpose is Purpose.ANALYSIS_BATCH and number % 2 else "messages"
            price = Decimal(int(self._chance.random() * 20_000)) / 1_000_000
            rows.append(
                (
                    UUID(int=(1 << 102) + number),
                    purpose.value,
                    chat_id,
                    model,
                    api,
                    price,
                    at,
                    at,
                    "ok",
                    1_000,
                    200,
                    3_000,
                    100,
                    price,
                    900,
                )
            )
        names = "call_id purpose chat_id model api reserved opened_at settled_at outcome input_tokens output_tokens cache_read_tokens cache_write_5m_tokens price latency_ms"
        await _copy(connection, "model_calls", names, rows)

    async def _pipeline(self, connection: asyncpg.Connection) -> None:
        letters = [("otklik:messages:batch", f"{number}-0", b"{}", "ValueError: no") for number in range(200)]
        await _copy(connection, "dead_letters", "stream entry_id body error", letters)
        alarms = [
            ("day", (ENDS - timedelta(days=day)).date(), "total", 80, ENDS - timedelta(days=day)) for day in range(DAYS)
        ]
        await _copy(connection, "budget_alarms", "period begins budget percent raised_at", alarms)
        unmasked = [(chat_id, 10**9 + number, "too long") for number, chat_id in enumerate(self.chats)]
        await _copy(connection, "unmasked", "chat_id message_id error", unmasked)
        await _copy(connection, "index_info", "model dimension", [("bench", DIMENSION)])

    async def _units(self, connection: asyncpg.Connection) -> None:
        self._progress.step("units and their index of vectors")
        await connection.execute("CREATE TEMP TABLE made (node_id text, metadata text, vector text)")
        rows = []
        for number in range(self._amounts.units):
            chat_id = self.chats[number % len(self.chats)]
            facts = {"chat_id": chat_id, "thread_id": number, "message_ids": [number + 1], "last_at": 0.0,
                     "staff_answered": number % 5 > 0, "question": "Как?", "answer": "Так." if number % 5 else None}  # fmt: skip
            vector = ",".join(f"{one:.4f}" for one in self._vector(number % MEANINGS))
            rows.append((f"{chat_id}:{number + 1}", json.dumps(facts), f"[{vector}]"))
        await connection.copy_records_to_table("made", records=rows, columns=["node_id", "metadata", "vector"])
        await connection.execute("""
            INSERT INTO data_units (node_id, text, metadata_, embedding)
            SELECT node_id, 'Как? Так.', metadata::jsonb, vector::halfvec FROM made
        """)
        await connection.execute("UPDATE data_units SET embedding = NULL WHERE id % 1000 = 0; DROP TABLE made")

    def _mood(self) -> float:
        return round(self._chance.uniform(-1, 1), 2)

    def _moment(self, share: float) -> datetime:
        """When so much of the year had gone."""
        return ENDS - timedelta(days=DAYS * (1 - share))

    def _vector(self, meaning: int) -> Sequence[float]:
        noise = [self._chance.gauss(0, 0.3) for _ in range(DIMENSION)]
        vector = self._meanings[meaning % MEANINGS] + np.asarray(noise)
        found: list[float] = (vector / np.linalg.norm(vector)).tolist()
        return found


async def _sums(session: AsyncSession, chat: ChatYear) -> None:
    held = chat.threads()
    await put_threads(session, chat.chat_id, held.keys(), held)
    await recount_hours(session, chat.chat_id, [one.sent_at for one in chat.said])


async def _copy(connection: asyncpg.Connection, table: str, columns: str, rows: Sequence[Row]) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=columns.split())


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Drop what is neither a key nor unique, and make it again at the end."""
    dropped = await connection.fetch("""
        SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid
        WHERE NOT i.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 1
    """)
    for row in dropped:
        await connection.execute(f"DROP INDEX {row['name']}")
    yield
    for row in dropped:
        await connection.execute(row["definition"])
