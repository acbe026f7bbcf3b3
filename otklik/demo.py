"""`otklik demo`: the whole road on the sample chats, in a home of its own, in under a minute."""

import shutil
import sys
import time
from pathlib import Path

import click
from sqlalchemy import text

from analytics.batch import BatchLane
from core.domain.access import AccessScope
from core.errors import OtklikError
from core.privacy.types import RawText
from core.settings import Settings
from ingestion.exports.source import open_export
from otklik.printing import answer_text
from otklik.progress import Bar
from otklik.wiring import Runtime, runtime

SAMPLES = Path(__file__).resolve().parents[1] / "samples"

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


def demo_settings(settings: Settings) -> Settings:
    """The demo's own settings: embedded servers in a home beside the real one, and the samples' staff."""
    home = settings.home.with_name(f"{settings.home.name}-demo")
    return settings.model_copy(
        update={"home": home, "config": SAMPLES / "otklik.toml", "database_url": None, "redis_url": None}
    )


async def import_samples(settings: Settings) -> None:
    """Import the sample chats; a second time stores nothing."""
    async with runtime(settings) as parts:
        await _import_samples(parts)


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


async def _import_samples(parts: Runtime) -> None:
    began = time.monotonic()
    await parts.check_key()
    await parts.start_storing()
    stored = duplicates = units = 0
    with Bar() as bar:
        for path in sorted(SAMPLES.glob("polka_*.json")):
            report = await parts.importer(bar).run(open_export(path, "telegram"), wait=True)
            stored, duplicates, units = stored + report.stored, duplicates + report.duplicates, units + report.units
    if not units:
        raise OtklikError(f"The sample chats in {SAMPLES} brought no units; is the checkout complete?")
    _tell("Import", f"{stored} messages stored, {duplicates} were there already, {units} units with vectors", began)


async def _tell_lanes(parts: Runtime) -> None:
    async with parts.database.reading() as session:
        rows = (await session.execute(_LANES)).all()
    click.echo("Lanes     " + ", ".join(f"{row.messages} {row.lane}" for row in rows) + "\n")


async def _tell_analysis(parts: Runtime) -> None:
    """What the analysis by rules makes of the samples: Claude is not asked in a demo."""
    began = time.monotonic()
    lane = BatchLane(parts.database, parts.embedder, None, parts.rules.current)
    await lane.cut()
    while await lane.step():
        pass
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
