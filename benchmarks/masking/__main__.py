"""`python -m benchmarks.masking FILE... [--json OUT]`: recall and precision by type and file, clean rows touched, messages/s.

A file has a line per row: `{"text": ..., "spans": [{"start", "end", "type"}]}`, offsets in code points. Without a file, the
project's own labelled set is measured. `--without LAYER` leaves a layer out, `--ablate` each in turn; `--errors TYPE` prints
what was missed and what was masked wrongly.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.masking.score import LABELS, Counts, Label, Row, Score
from core.privacy.masker import Masker
from core.privacy.recognisers import RECOGNISERS
from core.privacy.types import Masked, RawText

OWN = Path(__file__).parent / "data"


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    left_out = set(options.without)
    if unknown := left_out - {recogniser.name for recogniser in RECOGNISERS}:
        sys.exit(f"no such layer: {', '.join(sorted(unknown))}; there are {', '.join(r.name for r in RECOGNISERS)}")
    if options.ablate:
        _ablate(options.files or sorted(OWN.glob("*.jsonl")))
        return
    masker = Masker([recogniser for recogniser in RECOGNISERS if recogniser.name not in left_out])
    started = time.perf_counter()
    masker.warm_up()
    report: dict[str, object] = {
        "warm_up_seconds": round(time.perf_counter() - started, 2),
        "without": sorted(left_out),
    }
    files: dict[str, object] = {}
    for path in options.files or sorted(OWN.glob("*.jsonl")):
        files[path.name] = _measure(path, masker, options.errors)
    report["files"] = files
    report["max_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if options.json:
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.masking", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every figure there")
    parser.add_argument("--ablate", action="store_true", help="leave out each layer in turn and print what is lost")
    parser.add_argument("--without", action="append", default=[], metavar="LAYER")
    parser.add_argument(
        "--errors", metavar="TYPE", help="print what was missed (-) and wrongly masked (+) of this type"
    )
    return parser


def read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield Row(row["text"], [Label(span["start"], span["end"], span["type"]) for span in row["spans"]])


def _measure(path: Path, masker: Masker, errors: str | None) -> dict[str, object]:
    rows = list(read(path))
    score = Score()
    masked = []
    times = []
    for row in rows:
        started = time.process_time()
        masked.append(masker.mask(RawText(row.text)))
        times.append(time.process_time() - started)
    for row, result in zip(rows, masked, strict=True):
        score.add(row, result.spans)
    figures = score.figures()
    figures["messages_per_second"] = round(len(rows) / sum(times))
    figures["slowest_ms"] = round(max(times) * 1000, 1)
    _print(path.name, score, figures)
    if errors:
        _print_errors(rows, masked, errors)
    return figures


def _ablate(paths: Sequence[Path]) -> None:
    """A line per layer and file: labelled spans shown and characters rightly left alone once the layer is missing."""
    rows = {path.name: list(read(path)) for path in paths}
    whole = {name: _score(Masker(), found) for name, found in rows.items()}
    print(f"{'layer':18}" + "".join(f"{name.removesuffix('.jsonl'):>26}" for name in rows))
    for recogniser in RECOGNISERS:
        masker = Masker([other for other in RECOGNISERS if other is not recogniser])
        cells = []
        for name, found in rows.items():
            full, less = whole[name], _score(masker, found)
            cells.append(f"{full.whole - less.whole:+d} shown, {full.wrong - less.wrong:+d} wrong")
        print(f"{recogniser.name:18}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


def _score(masker: Masker, rows: Sequence[Row]) -> Counts:
    score = Score()
    for row in rows:
        score.add(row, masker.mask(RawText(row.text)).spans)
    return score.all_types()


def _print(name: str, score: Score, figures: dict[str, object]) -> None:
    print(
        f"{name}: {score.rows} rows, {figures['messages_per_second']} messages/s, slowest {figures['slowest_ms']} ms; "
        f"{score.clean} clean rows, {score.touched} touched"
    )
    print(f"  {'type':10}{'recall':>8}{'precision':>11}{'hidden':>8}{'labelled':>10}{'masked':>8}")
    labelled = [(name, counts) for name, counts in sorted(score.types.items()) if counts.spans]
    for kind, counts in [*labelled, ("all", score.all_types())]:
        row = counts.figures()
        print(
            f"  {kind:10}{row['recall']!s:>8}{row['precision']!s:>11}{row['span_hidden']!s:>8}{counts.spans:>10}{counts.found:>8}"
        )
    print(flush=True)


def _print_errors(rows: Sequence[Row], masked: Sequence[Masked], kind: str) -> None:
    for row, result in zip(rows, masked, strict=True):
        same = {p for span in result.spans if span.type == LABELS[kind] for p in range(span.start, span.end)}
        gold = {
            p for label in row.labels if LABELS.get(label.name) is LABELS[kind] for p in range(label.start, label.end)
        }
        for sign, part in (("-", _runs(gold - same)), ("+", _runs(same - gold))):
            for start, end in part:
                who = {span.recogniser for span in result.spans if span.start < end and span.end > start}
                around = (
                    row.text[max(0, start - 40) : start] + "⟦" + row.text[start:end] + "⟧" + row.text[end : end + 30]
                )
                print(f"{sign} {around!r} {' '.join(who)}")


def _runs(places: set[int]) -> Iterator[tuple[int, int]]:
    start = None
    for place in sorted(places):
        if place - 1 not in places:
            start = place
        if place + 1 not in places and start is not None:
            yield start, place + 1


if __name__ == "__main__":
    main()
