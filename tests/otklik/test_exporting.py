"""`otklik export` as a person runs it."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.db.session import Database
from tests.ingestion.road import CHAT, observed, place_all, put
from tests.otklik.test_cli import otklik, place, said

__all__ = ["place"]
OTHER = CHAT - 1


@pytest.fixture
async def servers(database: Database, database_url: str, redis_url: str) -> dict[str, str]:
    """The environment of an installation that holds three messages of two chats: at 12:01 and 12:02 in Moscow, and the day
    after."""
    await put(database, [observed(1, "=1+1"), observed(2, chat_id=OTHER), observed(3, minutes=1440)])
    for chat_id in (CHAT, OTHER):
        await place_all(database, chat_id)
    return {"OTKLIK_DATABASE_URL": database_url, "OTKLIK_REDIS_URL": redis_url}


def test_each_form_and_table_is_written_and_nothing_is_overwritten(place: Path, servers: dict[str, str]) -> None:
    done = otklik("export", "messages", "--format", "csv", "--out", "all.csv", home=place, environment=servers)
    assert (done.returncode, done.stdout) == (0, "all.csv: 3 rows of messages.\n"), done.stderr
    rows = list(csv.DictReader(io.StringIO((place / "all.csv").read_text(encoding="utf-8-sig"))))
    assert [row["message_id"] for row in rows] == ["2", "1", "3"]
    assert rows[1]["text"] == "'=1+1"
    assert rows[1]["sent_at"] == "2026-03-02T12:01:00+03:00"

    again = otklik("export", "costs", "--format", "csv", "--out", "all.csv", home=place, environment=servers)
    assert "all.csv exists; give --force to replace it, or another name." in said(again, 2)
    arguments = ["export", "costs", "--format", "parquet", "--out", "all.csv", "--force", "--json"]
    forced = otklik(*arguments, home=place, environment=servers)
    size = (place / "all.csv").stat().st_size
    assert json.loads(forced.stdout) == {"table": "costs", "rows": 0, "file": "all.csv", "bytes": size}
    assert pq.read_table(place / "all.csv").num_rows == 0
    assert sorted(path.name for path in place.iterdir()) == ["all.csv", "h"]


def test_days_are_of_the_operators_zone_and_both_are_included(place: Path, servers: dict[str, str]) -> None:
    limits = ["--since", "2026-03-02", "--until", "2026-03-02", "--chat", "1234567890"]
    arguments = ["export", "messages", "--format", "jsonl", "--out", "day.jsonl", *limits]
    done = otklik(*arguments, home=place, environment=servers)
    assert done.returncode == 0, done.stderr
    (row,) = map(json.loads, (place / "day.jsonl").read_text(encoding="utf-8").splitlines())
    assert (row["chat_id"], row["message_id"], row["text"]) == (CHAT, 1, "=1+1")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--since", "yesterday"], "'yesterday' is not a date; write it like 2026-11-01."),
        (
            ["--since", "2026-03-03", "--until", "2026-03-02"],
            "is after --until 2026-03-02; give the earlier day first.",
        ),
        (["--chat", "5"], "No chat 5 is held."),
        (["--out", "absent/x.csv"], "absent/x.csv cannot be written (No such file or directory)"),
    ],
)
def test_what_cannot_be_used_is_told_and_leaves_no_file(
    place: Path, servers: dict[str, str], more: list[str], sentence: str
) -> None:
    arguments = ["export", "messages", "--format", "csv", "--out", "x.csv", *more]
    assert sentence in said(otklik(*arguments, home=place, environment=servers), 2)
    assert {path.name for path in place.iterdir()} <= {"h"}
