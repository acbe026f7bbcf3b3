"""How much one person, and all together, may ask. Pure."""

from dataclasses import dataclass

from assistant.questions.records import Limit
from core.rules import BotRules


@dataclass(frozen=True, slots=True)
class Load:
    """What has been asked already. What had to be answered anew counts each time: it costs as much as a question."""

    in_minute: int
    """By this person, in the minute before."""
    in_day: int
    own_open: int
    """Questions of this person that are not answered yet."""
    open: int
    """Everybody's."""


def exceeded(load: Load, rules: BotRules) -> Limit | None:
    """The limit that stands against one more question, if any."""
    if load.in_minute >= rules.per_minute:
        return Limit.PER_MINUTE
    if load.in_day >= rules.per_day:
        return Limit.PER_DAY
    if load.open >= rules.queue:
        return Limit.QUEUE_FULL
    return None
