"""Masking alone, on one core. A process of its own, so that its libraries have one thread: `python -m …road.masking`."""

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.road.measuring import Latency, median
from benchmarks.road.scene import KEY, samples
from core.errors import OtklikError
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms
from ingestion.intake import Intake

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class MaskingFigures:
    """How fast texts of people become masked texts."""

    messages: int
    characters: int
    """The mean of a message."""
    per_second: float
    """Every text for the first time, the models being loaded."""
    per_second_again: float
    """The same texts again, the median of rounds: words met before are remembered."""
    milliseconds: Latency
    """Of single messages, in the first round."""
    load_seconds: float
    """Until the models are there, once a process."""


async def measure_masking(rounds: int) -> MaskingFigures:
    """Measure in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.road.masking", str(rounds),
        stdout=asyncio.subprocess.PIPE, env=os.environ | ONE_THREAD,
    )  # fmt: skip
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise OtklikError("masking could not be measured; the reason stands above")
    found: dict[str, Any] = json.loads(out)
    return MaskingFigures(**found | {"milliseconds": Latency(**found["milliseconds"])})


def _measure(rounds: int) -> MaskingFigures:
    masker = Masker()
    began = time.perf_counter()
    masker.warm_up()
    loaded = time.perf_counter() - began
    work = [(message, one.desk) for one in samples(Intake(masker, Pseudonyms(KEY))) for message in one.messages]
    passes: list[list[float]] = []
    for _ in range(1 + rounds):
        took = []
        for message, desk in work:
            began = time.perf_counter()
            masker.mask(message.text, entities=message.entities, participants=desk.participants)
            took.append(time.perf_counter() - began)
        passes.append(took)
    first, *again = passes
    return MaskingFigures(
        messages=len(work),
        characters=round(sum(len(message.text) for message, _ in work) / len(work)),
        per_second=round(len(work) / sum(first), 1),
        per_second_again=median([len(work) / sum(took) for took in again]),
        milliseconds=Latency.of(first),
        load_seconds=round(loaded, 2),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(int(sys.argv[1])))))
