"""`python -m benchmarks.retrieval eval CORPUS_DIR` and `python -m benchmarks.retrieval latency [--units N]`."""

import argparse
import asyncio
from pathlib import Path

from benchmarks.retrieval.latency import measure
from benchmarks.retrieval.quality import evaluate


def main() -> None:
    """Choose what is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    quality = commands.add_parser("eval", help="hit@1, hit@10 and MRR on a labelled folder")
    quality.add_argument("folder", type=Path)
    latency = commands.add_parser("latency", help="milliseconds a search")
    latency.add_argument("--units", type=int, default=50_000)
    arguments = parser.parse_args()
    asyncio.run(evaluate(arguments.folder) if arguments.command == "eval" else measure(arguments.units))


main()
