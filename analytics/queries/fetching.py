"""How every query reads its rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause

from core.db.session import ReadSession


async def fetched(
    session: ReadSession, statement: TextClause, values: Mapping[str, Any], zone: ZoneInfo
) -> list[dict[str, Any]]:
    """The rows, with their moments in the zone: PostgreSQL gives them in UTC."""
    rows = (await session.execute(statement, values)).mappings()
    return [{str(name): _in_zone(value, zone) for name, value in row.items()} for row in rows]


def _in_zone(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone) if isinstance(value, datetime) else value
