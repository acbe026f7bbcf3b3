"""A support team's month in a database: what the pages are shown with, in tests and in the pictures of the docs.

Made over the real road as far as that needs no Telegram and no Claude: sample chats masked, stored, placed, embedded and
analysed by rules, questions answered from them, votes harvested, a run measured. What only Telegram or Claude would bring is
written as rows: the names of topics, drafts, a second run, an experiment, dead letters.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from analytics.batch import BatchLane
from assistant.answering.answerer import Answerer
from core.contracts.messages import MessageObserved
from core.db.session import Database
from core.domain.lanes import Lane
from core.embeddings.base import UnitEmbedding
from core.llm.budget import Budgets
from core.llm.calls import Usage
from core.llm.ledger import Ledger, Purse, Settlement
from core.llm.prices import load_prices
from core.llm.prompts import PromptRegistry
from core.privacy.types import RawText
from core.rules import load_rules
from core.streams.dead_letters import bury
from core.streams.entry import Entry
from evals.harvest import harvest
from evals.remembering import Allowance
from evals.running import Plan, Runner
from evals.versions import Version
from otklik.demo import WRITTEN
from otklik.demo_life import DAYS, FORMER_PROMPT, Life
from otklik.evaluating.datasets import load_cases
from tests.core.index.units import embed
from tests.ingestion.road import MASKER, PSEUDONYMS, SAMPLE_CHATS, SAMPLES, place_all, put, sample_messages

MOSCOW = ZoneInfo("Europe/Moscow")
SUPPORT, BETA, ENGLISH = -1001987340625, -1002104417893, -1002251906348
"""The three sample groups."""
RULES_FILE = SAMPLES / "otklik.toml"
RULES = load_rules(RULES_FILE)
FORMER = FORMER_PROMPT.removeprefix("answer@")

WAITING = (
    (SUPPORT, "Срочно! Касса не пробивает чеки, на экране ошибка 3924, в зале очередь. Что делать?", Lane.HIGH, 23),
    (ENGLISH, "Hi, how do I move the loyalty balance of a customer to another card?", Lane.LOW, 190),
    (BETA, "Подскажите, в какой версии появится выгрузка остатков через API?", Lane.LOW, 1_500),
)
"""Clients whom nobody has answered: chat, words, lane, minutes ago."""

TOPICS = (
    (SUPPORT, "Печать чеков", "чек|печат|принтер"),
    (SUPPORT, "Возвраты", "возврат|вернуть"),
    (SUPPORT, "Сканер и штрихкоды", "сканер|штрих"),
    (SUPPORT, "Оплата тарифа", "тариф|оплат|подписк"),
    (BETA, "API и вебхуки", "api|вебхук|webhook|токен"),
    (BETA, "Обмен с 1С", "1с|обмен|выгруз"),
    (ENGLISH, "Printing receipts", "print|receipt"),
    (ENGLISH, "Login and accounts", "log ?in|account|password"),
)
"""Chat, name, and what its messages say."""

_NAMED = text("INSERT INTO topics (chat_id, name, embedding) VALUES (:chat, :name, '{}') RETURNING topic_id")
_FOUND = text("""
    INSERT INTO window_topics (window_id, topic_id, message_ids, problem, sentiment, resolved)
    SELECT window_id, :topic, array_agg(message_id ORDER BY message_id), NULL, coalesce(max(w.sentiment), 0) - 0.2,
        count(*) FILTER (WHERE m.is_staff) > 0
    FROM messages m JOIN analysis_windows w USING (window_id) WHERE m.chat_id = :chat AND m.text ~* :says GROUP BY window_id
""")
_URGENT = text("""
    INSERT INTO appraisals (chat_id, message_id, state, made_at, analysed_at, analysed_by, category, urgent, sentiment,
        requires_response, summary)
    SELECT chat_id, message_id, 'done', sent_at + interval '20 seconds', :now, 'local', 'outage', true, -0.6, true,
        'Касса не работает, клиент ждёт у прилавка'
    FROM messages WHERE lane = 'HIGH' AND NOT is_staff AND sent_at >= :since
    ON CONFLICT (chat_id, message_id) DO UPDATE SET window_id = NULL, urgent = true, category = 'outage'
""")
_DRAFTS = text("""
    INSERT INTO suggestions (chat_id, message_id, summary, urgent, draft)
    SELECT a.chat_id, a.message_id, coalesce(a.summary, ''), true, 'Перезагрузите кассу и проверьте кабель принтера.'
    FROM appraisals a JOIN threads t ON t.chat_id = a.chat_id AND t.open_id = a.message_id
    WHERE a.made_at >= :since
""")
_COVERAGE = text("""
    INSERT INTO coverage (chat_id, held)
    SELECT chat_id, CASE WHEN chat_id = :holed THEN int8multirange(int8range(1, 40300), int8range(40311, max(message_id) + 1))
        ELSE int8multirange(int8range(1, max(message_id) + 1)) END
    FROM messages WHERE message_id > 0 GROUP BY chat_id
""")
_CHATS_OF_CALLS = text("UPDATE model_calls SET chat_id = (CAST(:chats AS bigint[]))[1 + ascii(call_id::text) % 4]")
_VERSIONS = text(
    "INSERT INTO prompt_versions (version, name, text) VALUES (:version, 'answer', '…') ON CONFLICT DO NOTHING"
)
_EXPERIMENT = text("""
    INSERT INTO experiments (control_prompt, control_model, candidate_prompt, candidate_model, share, people, state, verdict,
        started_at, decided_at)
    VALUES (:old, 'claude-sonnet-5', :new, 'claude-sonnet-5', 0.5, 40, 'adopted',
        'The candidate is liked more: 64% of 41 (control) and 89% of 40 (candidate).',
        CAST(:now AS timestamptz) - interval '21 days', CAST(:now AS timestamptz) - interval '14 days')
""")
_SECOND_RUN = text("""
    WITH earlier AS (
        UPDATE eval_runs SET started_at = started_at - interval '1 day', finished_at = finished_at - interval '1 day'
        WHERE label = 'live' RETURNING *
    )
    INSERT INTO eval_runs (label, setup, fingerprint, cases, started_at, finished_at)
    SELECT 'shorter answers', setup || '{"model": "claude-haiku-4-5"}', fingerprint, cases, started_at + interval '23 hours',
        finished_at + interval '23 hours'
    FROM earlier
""")
_SECOND_RESULTS = text("""
    INSERT INTO eval_results (run_id, case_id, sample, question, answer, refused, rests_on, scores, verdict, cost_usd, paid_usd,
        latency_ms)
    SELECT c.run_id, r.case_id, sample, question, answer, refused, rests_on,
        CASE WHEN row_number() OVER (ORDER BY r.case_id) % 6 = 0 THEN scores || '{"right": 0, "grounded": 0}' ELSE scores END,
        verdict, 0.0031, 0.0031, latency_ms + 140
    FROM eval_results r JOIN eval_runs l ON l.run_id = r.run_id AND l.label = 'live'
        CROSS JOIN eval_runs c WHERE c.label = 'shorter answers'
""")


async def seed(database: Database, embedder: UnitEmbedding, now: datetime) -> None:
    """Fill an empty database, so that everything ends about now."""
    await _chats(database, embedder, now)
    await _analysis(database, embedder, now)
    answerer = Answerer(
        database=database,
        embedder=embedder,
        masker=MASKER,
        gateway=None,
        prompts=PromptRegistry(),
        model="claude-sonnet-5",
    )
    await Life(database, answerer, MASKER, PSEUDONYMS, load_prices(), MOSCOW).live(now)
    await harvest(database, embedder, now - timedelta(days=DAYS))
    await _evals(database, embedder, now)
    async with database.transaction() as session:
        await session.execute(_COVERAGE, {"holed": SUPPORT})
        await session.execute(_CHATS_OF_CALLS, {"chats": [SUPPORT, BETA, ENGLISH]})
        lost, unknown = Entry("1763000000000-0", b"{}"), Entry("1763000050000-0", b"{}")
        await bury(session, "otklik:messages:batch", [(lost, "ValidationError: 3 fields are missing")])
        await bury(session, "otklik:units:changed", [(unknown, "IndexMismatch: another embedding model")])
    ledger = Ledger(database, lambda: Purse(Budgets(day=Decimal(1), month=Decimal(10)), MOSCOW))
    await ledger.settle(uuid4(), Settlement("answered", Usage(), Decimal(0), 0))  # after each call the money is counted


async def _chats(database: Database, embedder: UnitEmbedding, now: datetime) -> None:
    """The sample chats, until now, and those who wait."""
    later = timedelta(days=(now - WRITTEN).days)
    held: dict[int, list[MessageObserved]] = {}
    for path in SAMPLE_CHATS:
        for message in sample_messages(path):
            moved = message.model_copy(update={"sent_at": message.sent_at + later})
            held.setdefault(message.chat.chat_id, []).append(moved)
    for chat_id, words, lane, minutes in WAITING:
        held[chat_id].append(_asked(held[chat_id], words, lane, now - timedelta(minutes=minutes)))
    for chat_id, messages in held.items():
        await put(database, messages)
        await place_all(database, chat_id)
        await embed(database, embedder, chat_id)


def _asked(held: Sequence[MessageObserved], words: str, lane: Lane, at: datetime) -> MessageObserved:
    last = max(held, key=lambda message: message.message_id)
    client = next(message for message in held if not message.is_staff)
    return client.model_copy(
        update={
            "message_id": last.message_id + 10,
            "text": MASKER.mask(RawText(words)).text,
            "sent_at": at,
            "lane": lane,
            "lane_score": 50 if lane is Lane.HIGH else 0,
            "sender": PSEUDONYMS.person(f"asks {words}"),
            "reply_to": None,
            "topic_id": None,
            "mentions": (),
            "edit_version": 0,
        }
    )


async def _analysis(database: Database, embedder: UnitEmbedding, now: datetime) -> None:
    """By rules, whose topics are then named as Claude would."""
    batch = BatchLane(database, embedder, None, lambda: RULES)
    await batch.cut()
    while await batch.step():
        pass
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM topics"))
        for chat_id, name, says in TOPICS:
            topic_id = await session.scalar(_NAMED, {"chat": chat_id, "name": name})
            await session.execute(_FOUND, {"topic": topic_id, "chat": chat_id, "says": says})
        await session.execute(_URGENT, {"since": now - timedelta(days=7), "now": now})
        await session.execute(_DRAFTS, {"since": now - timedelta(days=2)})


async def _evals(database: Database, embedder: UnitEmbedding, now: datetime) -> None:
    """Two runs over the same cases, of which the second has lost some; and an experiment that has ended."""
    async with database.reading() as session:
        cases = await load_cases(session, ["sample"], PSEUDONYMS)
    prompts = PromptRegistry()
    plan = Plan(
        label="live", version=Version("live", prompts), model="claude-sonnet-5", cases=cases, datasets=("sample",)
    )
    await Runner(database, embedder, MASKER, None, Allowance(None)).run(plan, lambda *_: None)
    live = prompts.load("answer").version
    async with database.transaction() as session:
        await session.execute(_SECOND_RUN)
        await session.execute(_SECOND_RESULTS)
        for version in (FORMER, live):
            await session.execute(_VERSIONS, {"version": version})
        await session.execute(_EXPERIMENT, {"old": FORMER, "new": live, "now": now})
