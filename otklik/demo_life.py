"""A month in the life of the demo: what clients asked the bot, how they liked it, and what Claude would have cost.

The chats of the samples are invented, and so are the votes and what Claude cost; the terminal says so. It is written once, in
the demo's own home.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.answering.answerer import Answerer
from assistant.answering.inquiry import Inquiry
from assistant.answering.results import AnswerResult
from core.db.models import Answer, Chat, Feedback, Handover, ModelCall, Question, QuestionMessage
from core.db.session import Database
from core.domain.access import AccessScope
from core.llm.calls import Purpose, Usage
from core.llm.prices import Prices
from core.llm.prompts import PromptRegistry
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms
from core.privacy.types import RawText
from evals.cases import Case
from evals.loading import from_file

DAYS: Final = 30
ASKED: Final = 56
"""Questions that the chats answer, or refuse to,"""
MATTERS: Final = (
    "Можно ли открывать смену с телефона?", "Как открыть смену с телефона?", "открытие смены с мобильного приложения",
    "Можно ли оплачивать тариф криптовалютой?", "вы принимаете оплату криптой?",
    "Do you have a dark theme?", "dark mode in the app, where is it?",
    "Когда будет интеграция с 1С:Розница?",
)  # fmt: skip
"""and what nobody has answered yet, some of it in several wordings."""
PEOPLE: Final = 14
FORMER_PROMPT: Final = "answer@a41f09c27be3"
"""What wrote the answers of the first half, and was liked less."""
ANSWER_MODEL: Final = "claude-sonnet-5"
READING_MODEL: Final = "claude-haiku-4-5"
SEED: Final = 11
LATER_IDS: Final = 900_000_000
"""Message ids that no sample has."""


@dataclass(frozen=True, slots=True)
class Life:
    """What it is written with."""

    database: Database
    answerer: Answerer
    masker: Masker
    pseudonyms: Pseudonyms
    prices: Prices
    zone: ZoneInfo

    async def live(self, now: datetime) -> int:
        """Live the month before now; how many questions were asked. A second time nothing happens."""
        async with self.database.reading() as session:
            if await session.scalar(select(func.count()).select_from(Question)):
                return 0
            chats = (
                await session.scalars(select(Chat.chat_id).where(Chat.kind != "private").order_by(Chat.chat_id))
            ).all()
        chance = random.Random(SEED)  # noqa: S311 - the same month each time
        moments = _moments(chance, now, self.zone, ASKED + len(MATTERS))
        asked = [*_some(chance, from_file("sample"), chats), *((matter, chats[-1]) for matter in MATTERS)]
        chance.shuffle(asked)
        for place, ((question, chat_id), at) in enumerate(zip(asked, moments, strict=True)):
            await self._ask(chance, place, question, at, chat_id)
        async with self.database.transaction() as session:
            await session.execute(insert(ModelCall), list(_calls(chance, now, self.zone, self.prices)))
        return len(asked)

    async def _ask(self, chance: random.Random, place: int, words: str, at: datetime, chat_id: int) -> None:
        person = self.pseudonyms.person(f"demo-client-{chance.randrange(PEOPLE)}")
        question = self.masker.mask(RawText(words)).text
        is_new = place >= ASKED // 2

        async def settle(session: AsyncSession, result: AnswerResult) -> None:
            row = {
                "asker": person,
                "role": "client",
                "chat_id": chat_id,
                "origin": "group",
                "asked_at": at,
                "last_at": at,
            }
            closed = {
                "state": "refused" if result.refused else "answered",
                "closed_at": at,
                "answer_id": result.answer_id,
            }
            question_id = await session.scalar(insert(Question).values(**row, **closed).returning(Question.question_id))
            assert question_id is not None
            said = {"question_id": question_id, "chat_id": chat_id, "message_id": LATER_IDS + place, "text": question}
            await session.execute(insert(QuestionMessage).values(**said, edit_version=0))
            written = {} if result.refused else _as_if_written(result, is_new)
            of_it = update(Answer).where(Answer.answer_id == result.answer_id)
            await session.execute(of_it.values(question_id=question_id, asked_at=at, **written))
            await self._judge(session, chance, words, result, question_id, at, is_new)

        scope = AccessScope.operator() if place % 5 == 0 else AccessScope.client(chat_id)
        await self.answerer.answer(Inquiry(question=question, scope=scope), channel="group", settle=settle)

    async def _judge(
        self,
        session: AsyncSession,
        chance: random.Random,
        words: str,
        result: AnswerResult,
        question_id: UUID,
        at: datetime,
        is_new: bool,
    ) -> None:
        """What people thought of it."""
        if result.refused:
            if words in MATTERS and chance.random() < 0.5:
                await session.execute(insert(Handover).values(_handover(question_id, at)))
            return
        if chance.random() > 0.7:
            return
        is_liked = chance.random() < (0.9 if is_new else 0.65)
        vote: dict[str, Any] = (
            {"vote": 1} if is_liked else {"vote": -1, "reason": chance.choice(("wrong", "outdated", "incomplete"))}
        )
        voter = {
            "voter": self.pseudonyms.person(f"demo-client-{chance.randrange(PEOPLE)}"),
            "role": "client",
            "by": "button",
        }
        later = at + timedelta(minutes=chance.randrange(1, 40))
        await session.execute(insert(Feedback).values(answer_id=result.answer_id, voted_at=later, **voter, **vote))


def _some(chance: random.Random, cases: Sequence[Case], chats: Sequence[int]) -> list[tuple[str, int]]:
    """Questions about the product, each with the chat that answers it, if it is a group."""
    found = []
    for case in chance.sample([case for case in cases if "off-topic" not in case.tags], ASKED):
        answering = [chat_id for chat_id, _ in case.relevant_messages if chat_id in chats]
        found.append((case.question, answering[0] if answering else chats[-1]))
    return found


def _moments(chance: random.Random, now: datetime, zone: ZoneInfo, count: int) -> list[datetime]:
    """In working hours, in order, none in the future."""
    today = now.astimezone(zone)
    found = [
        (today - timedelta(days=chance.randrange(DAYS))).replace(
            hour=chance.randrange(9, 20), minute=chance.randrange(60)
        )
        for _ in range(count)
    ]
    return sorted(min(one, now - timedelta(minutes=chance.randrange(5, 90))).astimezone(UTC) for one in found)


def _as_if_written(result: AnswerResult, is_new: bool) -> dict[str, Any]:
    """A quotation in the clothes of an answer by Claude."""
    live = PromptRegistry().load("answer")
    prompt = f"{live.name}@{live.version}" if is_new else FORMER_PROMPT
    return {"answer": result.said, "prompt": prompt, "model": ANSWER_MODEL}


def _handover(question_id: UUID, at: datetime) -> dict[str, Any]:
    return {
        "question_id": question_id,
        "why": "asked",
        "candidates": [],
        "opened_at": at,
        "state": "answered",
        "answered_at": at + timedelta(hours=2),
        "answered_by": "p_demo",
        "reply": "Пока нет, но это в планах: напишем в чат, как только появится.",
    }


def _calls(chance: random.Random, now: datetime, zone: ZoneInfo, prices: Prices) -> Sequence[dict[str, Any]]:
    """The ledger of the month: reading the stream every day, answers, drafts, an eval once a week."""
    today, rows = now.astimezone(zone).replace(minute=20), list[dict[str, Any]]()
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        works = 0.35 if day.weekday() >= 5 else 1.0
        plan = [
            (Purpose.ANALYSIS_BATCH, READING_MODEL, "batches", int(14 * works), Usage(2_600, 420, 1_900, 0, 0)),
            (Purpose.ANALYSIS_FAST, READING_MODEL, "messages", int(5 * works), Usage(1_900, 160, 900, 300, 0)),
            (
                Purpose.ANSWER,
                ANSWER_MODEL,
                "messages",
                int(chance.randrange(8, 15) * works),
                Usage(2_900, 310, 1_400, 200, 0),
            ),
            (Purpose.SUGGESTION, ANSWER_MODEL, "messages", int(3 * works), Usage(2_700, 280, 1_400, 0, 0)),
            (Purpose.JUDGE, ANSWER_MODEL, "messages", 24 if back % 7 == 3 else 0, Usage(1_600, 220, 1_200, 0, 0)),
        ]
        for purpose, model, api, count, usage in plan:
            for _ in range(count):
                at = min(day.replace(hour=chance.randrange(8, 21)), now - timedelta(minutes=1)).astimezone(UTC)
                rows.append(_call(purpose, model, api, at, usage, prices))
    return rows


def _call(purpose: Purpose, model: str, api: str, at: datetime, usage: Usage, prices: Prices) -> dict[str, Any]:
    known = prices.at(model, at.date())
    price = known.of(usage) * (1 - known.batch_discount if api == "batches" else 1)
    return {
        "call_id": uuid4(),
        "purpose": purpose.value,
        "chat_id": None,
        "prompt": None,
        "model": model,
        "api": api,
        "reserved": Decimal(0),
        "opened_at": at,
        "settled_at": at + timedelta(seconds=3),
        "outcome": "ok",
        "price": price,
        "latency_ms": 2_400,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_5m_tokens": usage.cache_write_5m_tokens,
    }
