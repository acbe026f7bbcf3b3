"""Telegram numbers its events: the account's `pts` for private chats and basic groups, and one for each channel.

An event carries the number after it, and how many it counts for. So it can be told whether it is the next one, was
heard before, or whether something between was missed and has to be fetched.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What to do with an event."""

    NEXT = "next"
    KNOWN = "known"
    GAP = "gap"


@dataclass(slots=True)
class Box:
    """One sequence of events, and how far it has been heard in this process."""

    box_id: int
    """The channel's marked id; `ACCOUNT` for what private chats and basic groups share."""
    pts: int
    told_at: datetime | None = None
    """The account's box: Telegram's own time of this state."""
    fetching: bool = False
    """What was missed is on its way. Pushes that come meanwhile are not looked at,"""
    again: bool = False
    """and are asked for afterwards."""

    def judge(self, pts: int, count: int) -> Verdict:
        """Where an event stands.

        >>> box = Box(1, pts=10)
        >>> box.judge(11, 1), box.judge(10, 1), box.judge(13, 1)
        (<Verdict.NEXT: 'next'>, <Verdict.KNOWN: 'known'>, <Verdict.GAP: 'gap'>)
        """
        if pts - count == self.pts:
            return Verdict.NEXT if count else Verdict.KNOWN
        return Verdict.KNOWN if pts <= self.pts else Verdict.GAP
