"""The door: a raw message is masked, given a lane, and becomes what may leave this process."""

from collections import OrderedDict
from dataclasses import dataclass, field

from core.contracts.messages import ChatRef, MessageObserved, edit_version
from core.domain.chats import ChatKind
from core.domain.lanes import Lane, LaneFacts, decide
from core.privacy.masker import Masker
from core.privacy.participants import Participants
from core.privacy.pseudonyms import Pseudonyms
from core.privacy.types import MaskedText
from core.rules import Rules
from ingestion.mentions import Names
from ingestion.raw import RawChat, RawMessage

IMPORTANT_REMEMBERED = 50_000
"""Messages of important threads that one process remembers: a reply comes within days, not within years."""


@dataclass(slots=True)
class ChatDesk:
    """What intake keeps of one chat while the process runs: never stored."""

    ref: ChatRef
    real_id: int
    participants: Participants
    names: Names
    important: "OrderedDict[int, None]" = field(default_factory=OrderedDict)
    """Ids of messages in important threads: HIGH themselves, or replies to such."""

    def remember_important(self, message_id: int) -> None:
        """Replies to this message weigh more from now on."""
        self.important[message_id] = None
        if len(self.important) > IMPORTANT_REMEMBERED:
            self.important.popitem(last=False)


class Intake:
    """Masks, decides the lane, and puts pseudonyms for people. Synchronous and heavy: run it off the event loop."""

    def __init__(self, masker: Masker, pseudonyms: Pseudonyms, own_bot: int | None = None) -> None:
        """`own_bot`: the Telegram id of this installation's bot, where it has one."""
        self._masker = masker
        self._pseudonyms = pseudonyms
        self._own_bot = own_bot

    def is_own_bot(self, sender_id: str) -> bool:
        """Whether our own bot says it. Its words are no history: it would answer from its own answers."""
        return self._own_bot is not None and _number(sender_id) == self._own_bot

    def open_chat(self, chat: RawChat) -> ChatDesk:
        """Get ready for a chat's messages. A private chat's title is the person's name, so it gets another.

        Raises:
            MaskingError: the title could not be masked.
        """
        participants = Participants.of(chat.participants.values())
        return ChatDesk(
            ref=ChatRef(
                chat_id=self.stored_chat_id(chat.chat_id, chat.kind),
                kind=chat.kind,
                title=MaskedText("Private chat")
                if chat.kind is ChatKind.PRIVATE
                else self._masker.mask(chat.title, participants=participants).text,
            ),
            real_id=chat.chat_id,
            participants=participants,
            names=Names(chat.participants),
        )

    def stored_chat_id(self, chat_id: int, kind: ChatKind) -> int:
        """The id under which a chat is stored: a private chat's own id is the person's."""
        return self._pseudonyms.private_chat(chat_id) if kind is ChatKind.PRIVATE else chat_id

    def admit(self, message: RawMessage, desk: ChatDesk, rules: Rules) -> MessageObserved:
        """The message as it may be published.

        Raises:
            MaskingError: it could not be masked; it must wait, and never goes on raw.
        """
        masked = self._masker.mask(message.text, entities=message.entities, participants=desk.participants)
        is_staff = rules.is_staff(message.sender_id, desk.real_id)
        decision = decide(
            LaneFacts(
                text=masked.text,
                sent_at=message.sent_at,
                time_zone=rules.zone(desk.ref.chat_id),
                is_vip=_number(message.sender_id) in rules.lanes.vip,
                is_staff=is_staff,
                replies_to_important=message.reply_to in desk.important,
            ),
            rules.lanes,
        )
        if decision.lane is Lane.HIGH or message.reply_to in desk.important:
            desk.remember_important(message.message_id)
        return MessageObserved(
            chat=desk.ref,
            message_id=message.message_id,
            edit_version=edit_version(message.edited_at),
            seen=message.seen,
            sender=self._pseudonyms.person(message.sender_id),
            is_staff=is_staff,
            sent_at=message.sent_at,
            reply_to=message.reply_to,
            topic_id=message.topic_id,
            mentions=tuple(self._pseudonyms.person(sender) for sender in desk.names.named_in(message.text)),
            text=masked.text,
            lane=decision.lane,
            lane_score=decision.score,
            lane_reasons=decision.reasons,
        )


def _number(sender_id: str) -> int | None:
    digits = sender_id.removeprefix("user")
    return int(digits) if digits.isdecimal() else None
