"""What the routers work with, and what they all do: see who somebody is, mask what they wrote, say a polite word."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.types import Chat, LinkPreviewOptions, Message, ReplyParameters, User
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.access import Person, Place, Standing, role_of
from assistant.answering.answerer import Answerer
from assistant.bot.bell import Bell
from assistant.bot.errands import Errands
from assistant.bot.members import Members
from assistant.bot.reading import Said, is_private, sender_of, topic_of
from assistant.bot.session import patiently
from assistant.known import has_written, is_held
from core.contracts.messages import UnitsChanged
from core.contracts.streams import UNITS
from core.db.session import Database
from core.domain.language import Language, language_of
from core.privacy.masker import Masker
from core.privacy.participants import Participants
from core.privacy.pseudonyms import Pseudonyms, Sealer
from core.privacy.types import MaskedText, RawText
from core.rules import RulesFile
from core.streams.publisher import Publisher

T = TypeVar("T")

WORD_SECONDS: Final = 20.0
"""Between two polite words in one chat: an album of stickers gets one."""
REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody in some place, as access and the tables know them."""

    name: str
    """Pseudonym."""
    user_id: int | None
    place: Place
    sealed_chat: bytes | None
    """A private chat's real id, sealed."""
    in_staff_chat: bool


@dataclass
class Courtesy:
    """Lets one polite word a while pass to each chat."""

    clock: Callable[[], float] = time.monotonic
    _said: OrderedDict[int, float] = field(default_factory=OrderedDict)

    def may(self, chat_id: int, seconds: float = WORD_SECONDS) -> bool:
        """Whether something may be said now; then it counts as said."""
        now = self.clock()
        if now - self._said.get(chat_id, -seconds) < seconds:
            return False
        self._said[chat_id] = now
        self._said.move_to_end(chat_id)
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        return True


@dataclass(frozen=True)
class Desk:
    """The parts of a running bot."""

    bot: Bot
    me: User
    database: Database
    answerer: Answerer
    masker: Masker
    pseudonyms: Pseudonyms
    sealer: Sealer
    rules: RulesFile
    members: Members
    errands: Errands
    publisher: Publisher
    to_answer: Bell
    to_show: Bell
    courtesy: Courtesy = field(default_factory=Courtesy)

    async def visitor(self, message: Message) -> Visitor:
        """Who wrote a message."""
        sender, user_id = sender_of(message)
        return await self._visitor(sender, user_id, message.chat)

    async def visitor_of(self, user: User, chat: Chat | None) -> Visitor:
        """Who pressed a button, or reacted; without a chat: who searches in the inline mode, for themselves alone."""
        return await self._visitor(f"user{user.id}", user.id, chat)

    async def _visitor(self, sender: str, user_id: int | None, chat: Chat | None) -> Visitor:
        in_staff_chat = await self.members.has(self.rules.current().access.staff_chat, user_id)
        if chat is not None and not is_private(chat):
            place, sealed = await self._place(chat.id, private=False), None
        else:
            real = chat.id if chat is not None else user_id
            assert real is not None
            place = await self._place(self.pseudonyms.private_chat(real), private=True)
            sealed = self.sealer.seal(real)
        return Visitor(self.pseudonyms.person(sender), user_id, place, sealed, in_staff_chat)

    async def _place(self, chat_id: int, *, private: bool) -> Place:
        async with self.database.reading() as session:
            return Place(chat_id, is_private=private, is_held=await is_held(session, chat_id))

    async def standing(self, session: AsyncSession, visitor: Visitor) -> Standing:
        """What somebody is to the bot there."""
        person = Person(
            user_id=visitor.user_id,
            in_staff_chat=visitor.in_staff_chat,
            has_written=await has_written(session, visitor.name),
        )
        return role_of(person, visitor.place, self.rules.current())

    async def mask(self, said: Said, user: User | None) -> MaskedText:
        """What was written, without personal data; not on the event loop, since it takes tens of milliseconds.

        Raises:
            MaskingError: it could not be masked, and must go nowhere.
        """
        names = [RawText(user.full_name)] if user is not None else []
        masked = await asyncio.to_thread(
            self.masker.mask, said.text, entities=said.entities, participants=Participants.of(names)
        )
        return MaskedText(masked.text.strip())

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One unit of work."""
        async with self.database.transaction() as session:
            return await work(session)

    def units_changed(self, units: UnitsChanged) -> None:
        """Tell the store, which embeds them. It looks for what nobody told it of when it starts."""
        self.errands.run(self.publisher.publish(UNITS, [units]))

    def typing(self, message: Message) -> None:
        """Show at once that a question was heard."""
        chat, topic = message.chat.id, topic_of(message)
        self.errands.run(self.bot.send_chat_action(chat, ChatAction.TYPING, message_thread_id=topic))

    def say(self, message: Message, text: str, *, always: bool = False) -> None:
        """Answer a message with a polite word: plain text, not more often than is polite.

        It is no row: who is turned away leaves nothing with us, and what nobody took needs no word that outlives a crash.
        A few seconds without Telegram are waited out; a word that comes twice by that does no harm.
        """
        if not (always or self.courtesy.may(message.chat.id)):
            return

        async def send() -> Message:
            return await self.bot.send_message(
                message.chat.id,
                text,
                message_thread_id=topic_of(message),
                reply_parameters=None
                if is_private(message.chat)
                else ReplyParameters(message_id=message.message_id, allow_sending_without_reply=True),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )

        self.errands.run(patiently()(send))


def language_in(message: Message) -> Language:
    """The language to answer a message in."""
    return language_of(message.text or message.caption or "")
