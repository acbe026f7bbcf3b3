"""Where the time of an answer went."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Milliseconds by step."""

    began: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)
    steps: dict[str, int] = field(default_factory=dict)

    def lap(self, step: str) -> None:
        """The step that began with the last lap is over."""
        now = time.monotonic()
        self.steps[step] = round((now - self.last) * 1000)
        self.last = now

    def total(self) -> Mapping[str, int]:
        """All steps, and `total` until now."""
        return self.steps | {"total": round((time.monotonic() - self.began) * 1000)}
