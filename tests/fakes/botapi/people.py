"""People, and all that they can do in Telegram. Everything takes effect before the call returns."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from tests.fakes.botapi import entities as found
from tests.fakes.botapi import render
from tests.fakes.botapi.limits import DRAFT_SECONDS, REACTIONS, TEXT
from tests.fakes.botapi.model import Chat, Draft, File, Forward, Kind, Message, Status, Topic, User
from tests.fakes.botapi.queries import InlineAsk, Press

if TYPE_CHECKING:
    from tests.fakes.botapi.world import World


@dataclass(eq=False, slots=True, repr=False)
class Person(User):
    """Somebody who acts. `private` is the chat with the bot."""

    world: "World" = field(kw_only=True, repr=False)

    @property
    def private(self) -> Chat:
        """The private chat with the bot."""
        return self.world.private(self)

    # -- messages

    def says(
        self,
        chat: Chat,
        text: str,
        *,
        reply_to: Message | None = None,
        quote: str | None = None,
        topic: Topic | None = None,
        forwarded_from: User | str | None = None,
        entities: Sequence[MessageEntity] = (),
        document: File | None = None,
        date: datetime | None = None,
    ) -> Message:
        """Write a message. A name as `forwarded_from` is somebody who hides their account."""
        with self.world.lock:
            self._check_writes(chat, topic)
            if found.utf16(text) > TEXT:
                raise ValueError(f"Telegram's clients send no more than {TEXT} characters at once.")
            forward = self._forward(forwarded_from)
            marked = found.find(text, entities)
            if topic is None and reply_to is not None:
                topic = reply_to.topic
            details = {"reply_to": reply_to, "quote": quote, "topic": topic, "document": document, "date": date}
            return self.world.post(chat, self, text, entities=marked, forward=forward, **details)

    def edits(self, message: Message, text: str) -> None:
        """Change an own message."""
        with self.world.lock:
            if message.sender is not self or message.deleted or message.forward:
                raise ValueError(f"{self.first_name} can not edit this: {message}")
            message.earlier.append(message.text)
            message.text, message.entities, message.edited = text, found.find(text), self.world.now()
            self.world.tell("edited_message", message)

    def deletes(self, *messages: Message) -> None:
        """Delete messages for everybody. Telegram tells bots nothing of it."""
        with self.world.lock:
            for message in messages:
                message.deleted = True

    def starts(self, payload: str = "") -> Message:
        """Press Start in the private chat; a link `t.me/bot?start=payload` carries the payload."""
        return self.says(self.private, f"/start {payload}".strip())

    # -- buttons, reactions, inline

    def presses(self, message: Message, button: str) -> Press:
        """Tap an inline button, named by (a part of) its label or by its data."""
        with self.world.lock:
            pressed = _button(message, button)
            if pressed.callback_data is None:
                raise ValueError(f"The button {pressed.text!r} sends no callback.")
            press = Press(self.world.next_query_id(), self, message, pressed.callback_data)
            self.world.presses[press.id] = press
            body = {"message": render.message(message), "data": press.data, "chat_instance": str(hash(message.chat.id))}
            self.world.updates.add("callback_query", {"id": press.id, "from": render.user(self), **body})
            return press

    def reacts(self, message: Message, *emoji: str) -> None:
        """Set reactions, none to take them back. The bot hears of it in private, and where it administers."""
        if unknown := set(emoji) - REACTIONS:
            raise ValueError(f"Telegram has no such reactions: {sorted(unknown)}")
        with self.world.lock:
            old = message.reactions.pop(self.id, ())
            if emoji:
                message.reactions[self.id] = emoji
            chat = message.chat
            if old == emoji or not (chat.kind is Kind.PRIVATE or chat.status(self.world.bot).rules):
                return
            change = {"old_reaction": [*map(render.reaction, old)], "new_reaction": [*map(render.reaction, emoji)]}
            about = {"message_id": message.id, "date": render.stamp(self.world.now()), "user": render.user(self)}
            self.world.updates.add("message_reaction", {"chat": render.chat(chat), **about, **change})

    def asks_inline(self, query: str, chat: Chat | None = None, offset: str = "") -> InlineAsk:
        """Type `@bot query` in a chat; by default in the private one."""
        with self.world.lock:
            ask = InlineAsk(self.world.next_query_id(), self, query)
            self.world.asks[ask.id] = ask
            kind = "sender" if chat is None or chat.user is self else chat.kind.value
            body = {"query": query, "offset": offset, "chat_type": kind}
            self.world.updates.add("inline_query", {"id": ask.id, "from": render.user(self), **body})
            return ask

    def picks(self, ask: InlineAsk, number: int, chat: Chat) -> Message:
        """Send one of the results that an inline query brought to a chat."""
        with self.world.lock:
            chosen = ask.results[number]
            content, world = chosen.input_message_content, self.world
            body = {"result_id": chosen.id, "from": render.user(self), "query": ask.query}
            message = world.post(
                chat, self, content.message_text, entities=tuple(content.entities or ()), via_bot=world.bot
            )
            if world.inline_feedback:
                world.updates.add("chosen_inline_result", body)
            return message

    def stops(self, draft: Draft) -> None:
        """Press the button that stops a draft."""
        if not draft.can_stop:
            raise ValueError("This draft has no button to stop it.")
        draft.stopped = True
        self.world.updates.add("stopped_message_generation", render.stopped(draft))

    # -- coming and going

    def blocks(self) -> None:
        """Block the bot: it can not write any more, and is told so."""
        self.blocked = True
        self.world.set_status(self.private, self.world.bot, Status.KICKED, by=self)

    def unblocks(self) -> None:
        """Unblock the bot. It is told so; Telegram's clients then also send /start."""
        self.blocked = False
        self.world.set_status(self.private, self.world.bot, Status.MEMBER, by=self)

    def joins(self, chat: Chat) -> None:
        """Come into a chat."""
        self.adds(self, chat)

    def leaves(self, chat: Chat) -> None:
        """Go out of a chat."""
        self.removes(self, chat)

    def adds(self, who: User, chat: Chat, status: Status = Status.MEMBER) -> None:
        """Bring somebody into a chat."""
        with self.world.lock:
            self.world.set_status(chat, who, status, by=self)
            self.world.service(chat, self, {"new_chat_members": [render.user(who)]})

    def removes(self, who: User, chat: Chat) -> None:
        """Put somebody out of a chat (or oneself, which is leaving)."""
        with self.world.lock:
            self.world.service(chat, self, {"left_chat_member": render.user(who)})
            self.world.set_status(chat, who, Status.LEFT if who is self else Status.KICKED, by=self)

    def adds_bot(self, chat: Chat, status: Status = Status.MEMBER) -> None:
        """Bring the bot into a chat."""
        self.adds(self.world.bot, chat, status)

    def removes_bot(self, chat: Chat) -> None:
        """Put the bot out of a chat."""
        self.removes(self.world.bot, chat)

    def promotes(self, who: User, chat: Chat, status: Status = Status.ADMINISTRATOR) -> None:
        """Make somebody an administrator, or with MEMBER no longer."""
        self.world.set_status(chat, who, status, by=self)

    def migrates(self, group: Chat) -> Chat:
        """Make a basic group a supergroup: a new id and an empty history; the old id answers with the new one."""
        with self.world.lock:
            world = self.world
            new = world.add_supergroup(group.title, bot=group.status(world.bot))
            new.members = dict(group.members)
            world.service(group, self, {"migrate_to_chat_id": new.id})
            group.migrated_to = new
            world.service(new, self, {"migrate_from_chat_id": group.id})
            return new

    # -- looking

    def sees(self, chat: Chat, topic: Topic | None = None) -> list[Message]:
        """What is in the chat now (with `topic`, in that), oldest first, service messages left out."""
        with self.world.lock:
            if not chat.status(self).inside:
                raise ValueError(f"{self.first_name} is not in {chat.title!r}.")
            shown = [message for message in chat.messages if message.service is None]
            return [message for message in shown if topic is None or message.topic is topic]

    def sees_draft(self) -> Draft | None:
        """The draft that shows in the private chat: for 30 seconds, until a message comes or it is stopped."""
        for draft in reversed(self.private.drafts):
            gone = draft.finished or (draft.stopped and not draft.keep_on_stop)
            if not gone and time.time() - draft.at < DRAFT_SECONDS:
                return draft
        return None

    # -- inside

    def _forward(self, source: User | str | None) -> Forward | None:
        if source is None:
            return None
        now = self.world.now()
        return Forward(now, name=source) if isinstance(source, str) else Forward(now, user=source)

    def _check_writes(self, chat: Chat, topic: Topic | None) -> None:
        if chat.kind is Kind.PRIVATE:
            if chat.user is not self or self.blocked:
                raise ValueError(f"{self.first_name} can not write there: not their chat, or the bot is blocked.")
            self.started = True
        elif not chat.status(self).inside or chat.migrated_to:
            raise ValueError(f"{self.first_name} is not in {chat.title!r}, or it became a supergroup.")
        elif topic is not None and chat.topics.get(topic.id) is not topic:
            raise ValueError(f"{topic.title!r} is no topic of {chat.title!r}.")


def _button(message: Message, wanted: str) -> InlineKeyboardButton:
    rows = message.markup.inline_keyboard if isinstance(message.markup, InlineKeyboardMarkup) else []
    buttons = [button for row in rows for button in row]
    exact = [button for button in buttons if wanted in (button.text, button.callback_data)]
    fitting = exact or [button for button in buttons if wanted in button.text]
    if len(fitting) != 1 or message.deleted:
        raise LookupError(f"{wanted!r} names {len(fitting)} buttons of: {message}")
    return fitting[0]
