"""How much Python does, counted instead of timed: the same on every machine, however slow and however busy."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass
class Effort:
    """What was counted so far."""

    lines: int = 0
    """Executed lines, every turn of a loop or a comprehension among them.

    What C does within one line (slicing, a regular expression, looking through a list) is one line."""


@contextmanager
def effort() -> Iterator[Effort]:
    """Count what this thread executes in functions called within the block, awaited ones too.

    Caches should be warm: what fills them is counted.
    """
    counted, former = Effort(), sys.gettrace()

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        counted.lines += event == "line"
        return trace

    sys.settrace(trace)
    try:
        yield counted
    finally:
        sys.settrace(former)
