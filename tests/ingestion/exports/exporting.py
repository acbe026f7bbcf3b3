"""What export files hold, and what one import of a file sees of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.exports.source import Export, Format, Skipped, Survey, open_export
from ingestion.raw import RawMessage

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@dataclass
class Reading:
    """What one import of a file would have seen."""

    export: Export
    survey: Survey
    messages: list[RawMessage]
    skipped: Counter[str]
    skips: list[Skipped]

    @property
    def texts(self) -> list[str]:
        return [message.text.reveal() for message in self.messages]

    @property
    def only(self) -> RawMessage:
        (message,) = self.messages
        return message


def read(path: Path, format: Format = "auto") -> Reading:  # noqa: A002
    export = open_export(path, format, now=NOW)
    survey = export.survey(lambda _bytes: None)
    items = list(export.read(lambda _bytes: None))
    skips = [item for item in items if isinstance(item, Skipped)]
    messages = [item for item in items if isinstance(item, RawMessage)]
    assert survey.entries == len(items)
    return Reading(export, survey, messages, Counter(str(skip.reason) for skip in skips), skips)


def message(id: Any = 1, text: Any = "здравствуйте", **fields: Any) -> dict[str, Any]:  # noqa: A002
    """An entry as Telegram Desktop writes it; a field given as `...` is left out."""
    entry = {
        "id": id,
        "type": "message",
        "date": "2024-05-01T13:00:00",
        "date_unixtime": "1714557600",
        "from": "Анна",
        "from_id": "user111",
        "text": text,
        **fields,
    }
    return {key: value for key, value in entry.items() if value is not ...}


def chat(*messages: Any, type: Any = "private_supergroup", id: Any = 1234567890, **fields: Any) -> dict[str, Any]:  # noqa: A002
    return {"name": "Поддержка", "type": type, "id": id, **fields, "messages": list(messages)}
