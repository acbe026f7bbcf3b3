"""One embedding at a time per process, questions first."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turns:
    """Who may compute now.

    A model already uses every core for one batch: two at once only slow each other down. Someone who asks waits for at
    most the batch that is running, never for the thousands of passages that an import has queued behind it; a plain
    lock would let the import's thread take it again before the question's thread has woken up.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._busy = False
        self._questions = 0

    @contextmanager
    def question(self) -> Iterator[None]:
        """A turn for a question that somebody waits for."""
        with self._changed:
            self._questions += 1
            try:
                self._changed.wait_for(lambda: not self._busy)
                self._busy = True
            finally:
                self._questions -= 1
        with self._released():
            yield

    @contextmanager
    def passages(self) -> Iterator[None]:
        """A turn for a batch of passages, when no question waits."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy and not self._questions)
            self._busy = True
        with self._released():
            yield

    @contextmanager
    def _released(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
