"""`otklik report` as a person runs it, in this process: what it refuses in one sentence, and what it writes."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
from docx import Document

from assistant import reports
from core.db.session import Database
from core.domain.access import AccessScope
from core.errors import BadInput
from core.settings import Settings
from otklik.cli import main
from otklik.reporting import period_of, weekly
from otklik.wiring import runtime
from tests.ingestion.road import CHAT, NOON, observed, place_all, put

MOSCOW = ZoneInfo("Europe/Moscow")
OTHER = CHAT - 1
SINCE = ["--since", "2026-03-02"]
DAY = [*SINCE, "--until", "2026-03-02"]


@pytest.fixture
def _logging() -> Iterator[None]:
    """A command sets up the logging of its process."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


@pytest.fixture
async def place(
    database: Database,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    _logging: None,
) -> Path:
    """A working directory whose installation holds a question of each of two chats."""
    await put(database, [observed(1), observed(2, "How do I return money?", chat_id=OTHER, title="English")])
    for chat_id in (CHAT, OTHER):
        await place_all(database, chat_id)
    monkeypatch.chdir(tmp_path)
    home = {"OTKLIK_HOME": "h", "OTKLIK_DATABASE_URL": database_url, "OTKLIK_REDIS_URL": redis_url}
    for name, value in home.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def report(*arguments: str, out: str = "a.docx") -> None:
    main.main(["report", *arguments, "--out", out], standalone_mode=False)


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if path.name != "h")


def test_it_is_written_in_the_language_of_the_chats_or_another(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report("--chat", "all", *DAY)
    said = capsys.readouterr().out
    assert said.startswith("a.docx: 2 March 2026, 2 chats, ")
    assert left(place) == ["a.docx"]
    assert (place / "a.docx").stat().st_mode & 0o777 == 0o600
    assert Document(str(place / "a.docx")).core_properties.title == "Отчёт поддержки, 2 марта 2026"
    report("--chat", str(OTHER), *DAY, out="b.docx")
    english = Document(str(place / "b.docx"))
    assert english.paragraphs[0].text == "Support report"
    assert "English" in english.paragraphs[1].text
    assert ", 1 chat, " in capsys.readouterr().out
    report("--chat", "1234567890", *DAY, "--language", "en", "--force", out="b.docx")
    assert "Polka: support" in Document(str(place / "b.docx")).paragraphs[1].text


TOMORROW = (datetime.now(MOSCOW) + timedelta(days=1)).date()


@pytest.mark.parametrize(
    ("arguments", "out", "sentence"),
    [
        (["--chat", "5", *DAY], "a.docx", "No chat 5 is held. There are: "),
        (["--chat", "касса", *DAY], "a.docx", "--chat 'касса' names no chats; give ids as `otklik status` tells them, or all."),
        (["--chat", "all", "--chat", "5", *DAY], "a.docx", "--chat 'all 5' names no chats"),
        (["--since", "yesterday"], "a.docx", "'yesterday' is not a date; write it like 2026-11-01."),
        (["--since", str(TOMORROW)], "a.docx", f"--since {TOMORROW} is in the future; today is "),
        ([*SINCE, "--until", str(TOMORROW)], "a.docx", f"--until {TOMORROW} is in the future; today is "),
        ([*SINCE, "--until", "2026-03-01"], "a.docx", "--since 2026-03-02 is after --until 2026-03-01; give the earlier day"),
        (DAY, "a.pdf", "a.pdf would be a Word document; end its name with .docx."),
        (DAY, "absent/a.docx", "absent/a.docx cannot be written (No such file or directory)"),
        (DAY, "taken.docx", "taken.docx exists; give --force to replace it, or another name."),
        (DAY, "folder.docx", "folder.docx is not a file; name one that can be written."),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_and_nothing_is_touched(
    place: Path, arguments: list[str], out: str, sentence: str
) -> None:
    (place / "taken.docx").write_bytes(b"mine")
    (place / "folder.docx").mkdir()
    with pytest.raises(BadInput) as told:
        report(*arguments, out=out)
    assert sentence in str(told.value)
    assert told.value.exit_status == 2
    assert left(place) == ["folder.docx", "taken.docx"]
    assert (place / "taken.docx").read_bytes() == b"mine"


def test_without_chats_there_is_no_report_on_them(place: Path) -> None:
    report("--since", "2020-01-01", "--until", "2020-01-02")
    assert [one.text for one in Document(str(place / "a.docx")).paragraphs][-1] == "Никто не писал."


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2026-11-23", "2026-11-29", "2026-11-23T00:00", "2026-11-30T00:00"),
        ("2026-11-23", None, "2026-11-23T00:00", "2026-11-30T10:00"),
        ("2026-11-30", "2026-11-30", "2026-11-30T00:00", "2026-11-30T10:00"),
    ],
)
def test_days_are_whole_and_today_goes_as_far_as_its_hour(since: str, until: str | None, first: str, last: str) -> None:
    now = datetime(2026, 11, 30, 9, 30, tzinfo=MOSCOW).astimezone(UTC)
    period = period_of(date.fromisoformat(since), None if until is None else date.fromisoformat(until), MOSCOW, now)
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in (period.since, period.until)] == [first, last]


async def test_the_bots_own_is_the_same_report(place: Path) -> None:
    settings = Settings(home=place / "h", health_port=0)
    midnight = NOON.astimezone(MOSCOW).replace(hour=0)
    scope = AccessScope.chats([OTHER])
    wanted = reports.Wanted(scope, midnight, midnight + timedelta(days=7), MOSCOW, "auto")
    async with runtime(settings) as parts:
        document = await weekly(parts)(wanted)
    assert document.caption.splitlines()[0] == "Support report, 2–8 March 2026"
    assert document.content.startswith(b"PK")
