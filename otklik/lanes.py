"""`otklik lanes check`: the rules as they are understood, and what they make of a message."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.lanes import LaneFacts, decide
from core.privacy.masker import Masker
from core.privacy.types import RawText
from core.rules import Rules


def tried_lines(lines: Iterable[str], rules: Rules) -> Iterator[dict[str, Any]]:
    """The lane of each line, as a client's message sent now in the default time zone."""
    masker = Masker(keep=rules.masking.keep)
    for line in lines:
        if not line.strip():
            continue
        text = masker.mask(RawText(line)).text
        facts = LaneFacts(text, datetime.now(UTC), ZoneInfo(rules.time_zone), False, False, False)
        decision = decide(facts, rules.lanes)
        yield {
            "text": text,
            "lane": decision.lane.value,
            "score": decision.score,
            "reasons": list(decision.reasons),
        }


def rules_summary(rules: Rules, path: Path) -> str:
    """The rules in a few lines."""
    lanes = rules.lanes
    return (
        f"{path if path.exists() else 'no rules file, the defaults'}: ok\n"
        f"  HIGH from {lanes.high}, MEDIUM from {lanes.medium}; urgent word +{lanes.weights.urgent},"
        f" VIP +{lanes.weights.vip}, night +{lanes.weights.night}, reply to an important thread +{lanes.weights.reply}\n"
        f"  night {lanes.night.start:%H:%M}-{lanes.night.end:%H:%M}, time zone {rules.time_zone}"
        f" ({len(rules.chats)} chats with settings of their own)\n"
        f"  {len(lanes.words)} urgent words, {len(lanes.vip)} VIPs, {len(rules.staff.ids)} staff"
    )
