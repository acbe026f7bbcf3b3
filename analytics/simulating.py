"""What other lane rules would have made of the messages that are held. Pure: messages in, decisions out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from core.domain.lanes import Lane, LaneDecision, LaneFacts, decide
from core.privacy.pseudonyms import Pseudonyms
from core.privacy.types import MaskedText
from core.rules import Rules


@dataclass(frozen=True, slots=True)
class Held:
    """A stored message, and the lane that it came in."""

    chat_id: int
    message_id: int
    sender: str
    is_staff: bool
    sent_at: datetime
    reply_to: int | None
    text: MaskedText
    lane: Lane


@dataclass(frozen=True, slots=True)
class Replayed:
    """A message, and what the other rules say of it."""

    held: Held
    decision: LaneDecision

    @property
    def changes(self) -> bool:
        """Whether it would have come in another lane."""
        return self.held.lane is not self.decision.lane


def replay(messages: Iterable[Held], rules: Rules, pseudonyms: Pseudonyms) -> Iterator[Replayed]:
    """Each message under the rules, as intake would decide it. Chat by chat, and in their order: a reply to what was
    important weighs more. What was staff's stays staff's."""
    vip = {pseudonyms.person(f"{kind}{number}") for number in rules.lanes.vip for kind in ("user", "channel")}
    important: set[tuple[int, int]] = set()
    for held in messages:
        replies = held.reply_to is not None and (held.chat_id, held.reply_to) in important
        facts = LaneFacts(held.text, held.sent_at, rules.zone(held.chat_id), held.sender in vip, held.is_staff, replies)
        decision = decide(facts, rules.lanes)
        if decision.lane is Lane.HIGH or replies:
            important.add((held.chat_id, held.message_id))
        yield Replayed(held, decision)
