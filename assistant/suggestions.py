"""Suggestions to staff: a card with a draft for each client's message that requires a response, and its life.

A draft rests on the client's own chat alone (`AccessScope.client`), since that is where it is sent. Only groups are
served: in a private chat of the listening account the bot cannot write.

A snoozed card comes back as a new message, because nobody is told of an edited one; the old one points at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from assistant import messages
from assistant.answering.answerer import Answerer
from assistant.answering.inquiry import Inquiry
from assistant.answering.results import AnswerResult
from assistant.references import references_to
from assistant.shown import Actor, Spot
from assistant.texts.card_phrases import MOVED
from assistant.texts.cards import SuggestionFacts, SuggestionVerb, sent_html, suggestion_buttons, suggestion_html
from assistant.texts.render import plain_html
from assistant.waiting import settled
from core.contracts.messages import ResponseNeeded
from core.db.models import BotMessage, Citation, Suggestion
from core.db.session import Database
from core.domain.access import AccessScope
from core.domain.chats import message_link
from core.domain.language import language_of
from core.llm.calls import Purpose
from core.privacy.types import MaskedText
from core.rules import RulesFile

log = structlog.get_logger(__name__)

CHANNEL: Final = "suggestion"
SNOOZE: Final = timedelta(hours=1)

# Who asks twice in one thread waits for one answer. What has become urgent since is worth another card.
_HAS_CARD = text("""
    SELECT EXISTS (
        SELECT FROM messages AS m JOIN messages AS other USING (chat_id, thread_id, sender)
        JOIN suggestions AS s ON (s.chat_id, s.message_id) = (other.chat_id, other.message_id)
        WHERE m.chat_id = :chat_id AND m.message_id = :message_id AND s.state IN ('open', 'snoozed'))
""")


class Needless(Exception):
    """While the model wrote somebody answered the message, or took it back, or drafted an answer too."""


class Outcome(StrEnum):
    """What a press, or a reply to a card, did."""

    SENT = "sent"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    TO_EDIT = "to_edit"
    """Nothing yet: the person should reply to the card with their text."""
    DECIDED = "decided"
    """Nothing: somebody was quicker, or nobody waits any more."""
    NO_DRAFT = "no_draft"
    """Nothing: there is no draft to send (any more)."""
    NOT_STAFF = "not_staff"
    GONE = "gone"
    """There is no such card."""


def outcome_of(verb: SuggestionVerb, state: str, *, has_draft: bool) -> Outcome:
    """What a pressed button means for a suggestion in this state. Pure."""
    if state not in ("open", "snoozed"):
        return Outcome.DECIDED
    match verb:
        case SuggestionVerb.SEND:
            return Outcome.SENT if has_draft else Outcome.NO_DRAFT
        case SuggestionVerb.EDIT:
            return Outcome.TO_EDIT
        case SuggestionVerb.DISMISS:
            return Outcome.DISMISSED
        case SuggestionVerb.SNOOZE:
            return Outcome.SNOOZED


@dataclass(frozen=True)
class Suggesting:
    """The handler of the stream of messages that require a response."""

    database: Database
    answerer: Answerer
    rules: RulesFile

    async def __call__(self, needed: Sequence[ResponseNeeded]) -> None:
        """Draft an answer to each that still waits, and show the card."""
        for one in needed:
            staff_chat = self.rules.current().access.staff_chat
            if not staff_chat or one.chat_id > 0:
                log.info("a suggestion has nobody to go to", has_staff_chat=bool(staff_chat))
            elif await self._is_wanted(one):
                await self._suggest(one, staff_chat)

    async def _is_wanted(self, one: ResponseNeeded) -> bool:
        async with self.database.reading() as session:
            return (
                await _is_new(session, one)
                and await settled(session, one.chat_id, one.message_id) is None
                and (one.urgent or not await _has_card(session, one))
            )

    async def _suggest(self, one: ResponseNeeded, staff_chat: int) -> None:
        async def settle(session: AsyncSession, found: AnswerResult) -> None:
            if await settled(session, one.chat_id, one.message_id) is not None:
                raise Needless
            await show_again(session, await _begin(session, one, found), staff_chat)

        try:
            scope = AccessScope.client(one.chat_id)
            inquiry = Inquiry(question=one.question, scope=scope, purpose=Purpose.SUGGESTION)
            await self.answerer.answer(inquiry, channel=CHANNEL, settle=settle)
        except Needless:
            log.info("nobody waits for a suggestion any more")


async def press(session: AsyncSession, card: Spot, actor: Actor, verb: SuggestionVerb, now: datetime) -> Outcome:
    """Do what a button says. Of two who press at once the first decides, and the second is told."""
    suggestion = await _at(session, card)
    if not actor.role.is_staff:
        return Outcome.NOT_STAFF
    if suggestion is None:
        return Outcome.GONE
    outcome = outcome_of(verb, suggestion.state, has_draft=suggestion.draft is not None)
    match outcome:
        case Outcome.SENT:
            assert suggestion.draft is not None
            await _send(session, suggestion, MaskedText(suggestion.draft), actor, now)
        case Outcome.DISMISSED:
            _decide(suggestion, "dismissed", actor, now)
        case Outcome.SNOOZED:
            suggestion.state, suggestion.due_at = "snoozed", now + SNOOZE
        case _:
            return outcome
    await _show(session, suggestion, card.chat_id)
    return outcome


async def send_instead(session: AsyncSession, card: Spot, actor: Actor, words: MaskedText, now: datetime) -> Outcome:
    """Send what a member of staff replied to the card in the place of the draft. A later reply, to a card that was sent
    already, changes nothing: the client has read the first."""
    suggestion = await _at(session, card)
    if not actor.role.is_staff:
        return Outcome.NOT_STAFF
    if suggestion is None:
        return Outcome.GONE
    if suggestion.state not in ("open", "snoozed"):
        return Outcome.DECIDED
    suggestion.draft = words
    await _send(session, suggestion, words, actor, now)
    await _show(session, suggestion, card.chat_id)
    return Outcome.SENT


async def wake(session: AsyncSession, staff_chat: int, now: datetime) -> int:
    """Bring back the snoozed cards whose time has come; returns how many. Those that were answered meanwhile stay away."""
    due = select(Suggestion).where(Suggestion.state == "snoozed", Suggestion.due_at <= now)
    woken = (await session.scalars(due.with_for_update(skip_locked=True))).all()
    for suggestion in woken:
        answered = await settled(session, suggestion.chat_id, suggestion.message_id) is not None
        suggestion.state, suggestion.due_at = ("withdrawn" if answered else "open"), None
        if not answered:
            await _leave_card(session, suggestion)
        await _show(session, suggestion, staff_chat)
    return len(woken)


async def show_again(session: AsyncSession, suggestion_id: UUID, staff_chat: int) -> bool:
    """Bring the card up to date. False where the suggestion is gone."""
    suggestion = await session.get(Suggestion, suggestion_id, with_for_update=True)
    if suggestion is None:
        return False
    await _show(session, suggestion, staff_chat)
    return True


async def _begin(session: AsyncSession, one: ResponseNeeded, found: AnswerResult) -> UUID:
    row = insert(Suggestion).values(
        chat_id=one.chat_id,
        message_id=one.message_id,
        topic_id=one.topic_id,
        summary=one.summary,
        urgent=one.urgent,
        draft=None if found.refused else found.said,
        answer_id=found.answer_id,
    )
    once = row.on_conflict_do_nothing(index_elements=["chat_id", "message_id"])
    suggestion_id = await session.scalar(once.returning(Suggestion.suggestion_id))
    if suggestion_id is None:
        raise Needless
    return suggestion_id


async def _is_new(session: AsyncSession, one: ResponseNeeded) -> bool:
    same = select(Suggestion.suggestion_id).where(
        Suggestion.chat_id == one.chat_id, Suggestion.message_id == one.message_id
    )
    return await session.scalar(same) is None


async def _has_card(session: AsyncSession, one: ResponseNeeded) -> bool:
    return bool(await session.scalar(_HAS_CARD, {"chat_id": one.chat_id, "message_id": one.message_id}))


async def _at(session: AsyncSession, card: Spot) -> Suggestion | None:
    """The suggestion of a card; locked, so that one of two wins."""
    said = await messages.find(session, card.chat_id, card.message_id)
    if said is None or said.kind != "suggestion":
        return None
    return await session.get(Suggestion, said.subject, with_for_update=True)


def _decide(suggestion: Suggestion, state: str, actor: Actor, now: datetime) -> None:
    suggestion.state, suggestion.due_at = state, None
    suggestion.decided_at, suggestion.decided_by = now, actor.person


async def _send(session: AsyncSession, suggestion: Suggestion, words: MaskedText, actor: Actor, now: datetime) -> None:
    _decide(suggestion, "sent", actor, now)
    await messages.put(
        session,
        kind="reply",
        subject=suggestion.suggestion_id,
        chat_id=suggestion.chat_id,
        sealed_chat=None,
        topic_id=suggestion.topic_id,
        reply_to=suggestion.message_id,
        html=sent_html(words),
    )


async def _leave_card(session: AsyncSession, suggestion: Suggestion) -> None:
    """Give the old card a subject of its own, so that the suggestion gets a new one: presses on the old find nothing."""
    own = (BotMessage.kind == "suggestion", BotMessage.subject == suggestion.suggestion_id)
    html = plain_html(MOVED[language_of(suggestion.summary)])
    left = {"subject": func.gen_random_uuid(), "html": html, "buttons": [], "wanted": BotMessage.wanted + 1}
    await session.execute(update(BotMessage).where(*own).values(**left))


async def _show(session: AsyncSession, suggestion: Suggestion, staff_chat: int) -> None:
    await session.flush()
    cited = select(Citation.unit_id).where(Citation.answer_id == suggestion.answer_id).order_by(Citation.rank)
    facts = SuggestionFacts(
        suggestion_id=suggestion.suggestion_id,
        state=suggestion.state,
        summary=MaskedText(suggestion.summary),
        urgent=suggestion.urgent,
        link=message_link(suggestion.chat_id, suggestion.message_id),
        draft=None if suggestion.draft is None else MaskedText(suggestion.draft),
        sources=await references_to(session, (await session.scalars(cited)).all()) if suggestion.draft else [],
    )
    language = language_of(suggestion.summary)
    await messages.put(
        session,
        kind="suggestion",
        subject=suggestion.suggestion_id,
        chat_id=staff_chat,
        sealed_chat=None,
        topic_id=None,
        reply_to=None,
        html=suggestion_html(facts, language),
        buttons=suggestion_buttons(facts, language),
    )
