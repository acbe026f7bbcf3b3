"""The sample chats, and people of them, as if the last message had been written a day ago."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.ingestion.road import SAMPLES

RU: Final = -1_001_987_340_625
EN: Final = -1_002_251_906_348
STAFF: Final = -1_002_000_000_777
"""The team's own chat, which is in no export."""

OLGA: Final = 1_873_402_215
"""Of the support team."""
KIRILL: Final = 919_274_405
"""A client of the Russian chat."""
GALINA: Final = 1_620_483_957
"""A client who wrote in private only."""
EMMA: Final = 5_518_203_947
"""A client of the English chat."""

KEY: Final = bytes(range(32)).hex()
"""With which the pseudonyms in the history are made, and those of whoever asks."""

_EXPORTS: Final = ("polka_ru_support", "polka_en_support", "polka_ru_personal")
_DAY: Final = 86_400


def account(path: Path) -> Path:
    """One export of the chats. An answer tells the age of its sources, which is then the same whenever a test runs."""
    chats = [json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8")) for name in _EXPORTS]
    last = max(int(message["date_unixtime"]) for chat in chats for message in chat["messages"])
    by = int(time.time()) - _DAY - last
    moved = [{**chat, "messages": [_moved(message, by) for message in chat["messages"]]} for chat in chats]
    path.write_text(json.dumps({"chats": {"list": moved}}), encoding="utf-8")
    return path


def _moved(message: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    later = {key: str(int(message[key]) + seconds) for key in ("date_unixtime", "edited_unixtime") if key in message}
    return {**message, **later}
