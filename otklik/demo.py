"""`otklik demo`: the whole road on the sample chats, in a home of its own, in under a minute.

And what `otklik up --demo` shows: the same chats as if they went on until today, with a month of life in them.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import text

from analytics.batch import BatchLane
from core.domain.access import AccessScope
from core.errors import OtklikError
from core.llm.prices import load_prices
from core.privacy.types import RawText
from core.settings import Settings
from evals.harvest import harvest
from ingestion.exports.source import Export, Progress, Skipped, Survey, open_export
from ingestion.raw import RawMessage
from otklik.demo_life import DAYS, Life
from otklik.evaluating.measuring import Measuring, Options
from otklik.printing import answer_text
from otklik.progress import Bar
from otklik.wiring import Runtime, runtime

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
WRITTEN = datetime(2026, 11, 19, 9, tzinfo=UTC)
"""Some minutes after the latest message in them."""

QUESTIONS = (
    "На чеке вместо русского текста непонятные символы, как исправить?",
    "Star printer spits out empty receipts",
    "как испечь яблочный пирог?",
)
"""One in Russian, one in English, one that the history cannot answer."""

_LANES = text("SELECT lane, count(*) AS messages FROM messages GROUP BY lane ORDER BY lane")

_WINDOWS = text("""
    SELECT count(*) AS count, (SELECT count(*) FROM appraisals WHERE requires_response) AS waiting FROM analysis_windows
    WHERE state = 'done'
""")
_TOPICS = text("""
    SELECT topics.name, chats.title, sum(cardinality(message_ids)) AS messages FROM window_topics
    JOIN topics USING (topic_id) JOIN chats USING (chat_id)
    GROUP BY topic_id, topics.name, chats.title ORDER BY messages DESC, topics.name LIMIT 3
""")

NEXT = """\
What to do next
  ask it yourself      OTKLIK_HOME={home} {otklik} ask "где теперь возврат?"
  see why              OTKLIK_HOME={home} {otklik} search "где теперь возврат?" -k 3
  read your own chat   {otklik} import result.json      (Telegram Desktop: Export chat history, JSON)
  let Claude answer    export ANTHROPIC_API_KEY=...   and ask again
  check the setup      {otklik} doctor"""


class Moved:
    """An export whose messages were all sent so much later, in whole days: who wrote in the morning still did."""

    def __init__(self, export: Export, later: timedelta) -> None:
        self._export = export
        self._later = timedelta(days=later.days)
        self.format, self.size = export.format, export.size

    def survey(self, progress: Progress) -> Survey:
        """As it is."""
        return self._export.survey(progress)

    def read(self, progress: Progress) -> Iterator[RawMessage | Skipped]:
        """Every entry, later."""
        for item in self._export.read(progress):
            yield item if isinstance(item, Skipped) else self._moved(item)

    def _moved(self, message: RawMessage) -> RawMessage:
        edited = None if message.edited_at is None else message.edited_at + self._later
        return replace(message, sent_at=message.sent_at + self._later, edited_at=edited)


def demo_settings(settings: Settings) -> Settings:
    """The demo's own settings: embedded servers in a home beside the real one, and the samples' staff."""
    home = settings.home.with_name(f"{settings.home.name}-demo")
    return settings.model_copy(
        update={"home": home, "config": SAMPLES / "otklik.toml", "database_url": None, "redis_url": None}
    )


async def prepare_demo(settings: Settings) -> None:
    """Import the sample chats as if they had been written until today, analyse them, and live a month with them, so that every
    page of the dashboard has something to show. A second time nothing is added."""
    began = time.monotonic()
    async with runtime(settings) as parts:
        await _import_samples(parts, until=datetime.now(UTC))
        await _analyse(parts)
        zone = ZoneInfo(parts.rules.current().time_zone)
        life = Life(parts.database, parts.answerer, parts.masker, parts.pseudonyms, load_prices(), zone)
        asked = await life.live(datetime.now(UTC))
        if asked:
            await harvest(parts.database, parts.embedder, datetime.now(UTC) - timedelta(days=DAYS))
            await _measure(parts)
    _tell("Month", f"{asked} questions asked, with invented votes and costs", began)


async def run_demo(settings: Settings) -> None:
    """Import, ask, tell; everything is stopped at the end.

    Raises:
        OtklikError: the demo did not do what it promises.
    """
    began = time.monotonic()
    async with runtime(settings) as parts:
        _tell("Servers", f"PostgreSQL and Valkey are up in {settings.home}", began)
        await _import_samples(parts)
        await _tell_lanes(parts)
        await _tell_analysis(parts)
        await _ask_all(parts)
    click.echo(NEXT.format(home=_shown(settings.home), otklik=_shown(Path(sys.argv[0]))))
    _tell("Done", "all servers are stopped", began)


async def _import_samples(parts: Runtime, until: datetime | None = None) -> None:
    """`until`: when the latest message shall have been sent; None leaves the times as they stand in the files."""
    began = time.monotonic()
    await parts.check_key()
    await parts.start_storing()
    stored = duplicates = units = 0
    with Bar() as bar:
        for path in sorted(SAMPLES.glob("polka_*.json")):
            export = open_export(path, "telegram")
            report = await parts.importer(bar).run(
                export if until is None else Moved(export, until - WRITTEN), wait=True
            )
            stored, duplicates, units = stored + report.stored, duplicates + report.duplicates, units + report.units
    if not units:
        raise OtklikError(f"The sample chats in {SAMPLES} brought no units; is the checkout complete?")
    _tell("Import", f"{stored} messages stored, {duplicates} were there already, {units} units with vectors", began)


async def _tell_lanes(parts: Runtime) -> None:
    async with parts.database.reading() as session:
        rows = (await session.execute(_LANES)).all()
    click.echo("Lanes     " + ", ".join(f"{row.messages} {row.lane}" for row in rows) + "\n")


async def _analyse(parts: Runtime) -> None:
    """By rules: Claude is not asked in a demo."""
    lane = BatchLane(parts.database, parts.embedder, None, parts.rules.current)
    await lane.cut()
    while await lane.step():
        pass


async def _measure(parts: Runtime) -> None:
    """An eval run over the questions that come with the samples."""
    await Measuring(parts, Options(datasets=("sample",))).run(("live",), "demo")


async def _tell_analysis(parts: Runtime) -> None:
    """What the analysis makes of the samples."""
    began = time.monotonic()
    await _analyse(parts)
    async with parts.database.reading() as session:
        windows = (await session.execute(_WINDOWS)).one()
        topics = (await session.execute(_TOPICS)).all()
    _tell("Analysis", f"{windows.count} windows read by rules, {windows.waiting} messages wait for an answer", began)
    for topic in topics:
        click.echo(f"          {topic.messages:3} messages about {topic.name!r} in {topic.title!r}")
    click.echo()


async def _ask_all(parts: Runtime) -> None:
    for question in QUESTIONS:
        found = await parts.answerer.ask(RawText(question), AccessScope.operator(), channel="demo")
        click.echo(f"? {question}\n{answer_text(found)}")
        took = ", ".join(f"{step} {milliseconds} ms" for step, milliseconds in found.latency_ms.items())
        click.echo(f"  ({'refused; ' * found.refused}{took})\n")


def _shown(path: Path) -> str:
    """A path as it can be typed from here."""
    if shutil.which(path.name):
        return path.name
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _tell(what: str, says: str, began: float) -> None:
    click.echo(f"{what:9} {says} ({time.monotonic() - began:.1f} s)")
