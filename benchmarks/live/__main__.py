"""`python -m benchmarks.live [--quick | --full] [--json OUT]`: from Telegram's push to a row, and to a vector."""

import argparse
import asyncio
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.live.measuring import LiveFigures, measure_live
from benchmarks.road.measuring import Progress
from benchmarks.road.scene import KEY, samples
from benchmarks.road.stage import stage
from core.domain.text import is_question, is_substantive
from core.errors import OtklikError
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms
from ingestion.intake import Intake
from otklik.cli import THREADS

QUICK, NORMAL, FULL = 30, 150, 600
"""Messages. p95 of thirty is a guess."""


async def measure(count: int, progress: Progress) -> LiveFigures:
    """On throw-away servers."""
    texts = questions()
    progress.step("starting PostgreSQL and Valkey")
    with tempfile.TemporaryDirectory(prefix="otklik-live-") as folder:
        async with stage() as place:
            figures = await measure_live(place, [texts[n % len(texts)] for n in range(count)], Path(folder), progress)
            progress.step("stopping the servers")
    progress.step("done")
    return figures


def questions() -> list[str]:
    """What the sample chats ask, as it was written: each is a unit by itself."""
    raw = [message.text.reveal() for one in samples(Intake(Masker(), Pseudonyms(KEY))) for message in one.messages]
    return [text for text in dict.fromkeys(raw) if is_question(text) and is_substantive(text)]


def table(figures: LiveFigures) -> str:
    """The figures for a person."""
    row, meaning, bare = figures.to_row, figures.to_meaning, figures.bare
    lines = [
        ("push to row", row.p50, row.p95,
         f"{figures.row_times_commit_p50:.1f} and {figures.row_times_commit_p95:.1f} times the bare commit"),
        ("push to meaning", meaning.p50, meaning.p95,
         f"{figures.times_bare_p50:.2f} and {figures.times_bare_p95:.2f} times the bare way; "
         f"{figures.messages} messages, max {meaning.max:.0f} ms"),
        ("  the bare way", bare.p50, bare.p95,
         f"one embedding and one commit of the same text of {figures.characters} characters"),
        ("    embedding", figures.bare_embedding.p50, figures.bare_embedding.p95, ""),
        ("    commit", figures.bare_commit.p50, figures.bare_commit.p95, ""),
    ]  # fmt: skip
    return "\n".join(
        f"{what:18} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   {more}".rstrip() for what, p50, p95, more in lines
    )


async def _until_stopped(count: int, progress: Progress) -> LiveFigures:
    measuring = asyncio.current_task()
    assert measuring is not None
    # Ctrl-C cancels by itself; `kill` shall stop the servers as well.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    return await measure(count, progress)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the JSON."""
    options = _parser().parse_args(arguments)
    for name in [name for name in os.environ if name.startswith(("OTKLIK_", "ANTHROPIC_"))]:
        del os.environ[name]  # the roles would take them for theirs
    for name, value in THREADS.items():  # the bare way, in this process, under the same terms as the roles
        os.environ.setdefault(name, value)
    machine = {
        "embedder_threads": os.environ.get("OMP_NUM_THREADS", "one a core"),
        "cores": os.cpu_count(),
        "load_before": [round(one, 2) for one in os.getloadavg()],
        "python": platform.python_version(),
        "architecture": platform.machine(),
    }
    try:
        figures = asyncio.run(_until_stopped(QUICK if options.quick else FULL if options.full else NORMAL, Progress()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("Stopped; the servers are down and their data is gone.")
    except OtklikError as error:
        sys.exit(str(error))
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "live": asdict(figures)}, indent=2) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help=f"{QUICK} messages; rougher figures")
    size.add_argument("--full", action="store_true", help=f"{FULL} messages")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    return parser


if __name__ == "__main__":
    main()
