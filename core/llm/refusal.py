"""How an answering prompt says "I don't know" in a way that code can see, also while the reply is still arriving."""

from collections.abc import AsyncIterator

REFUSAL_MARKER = "NO_ANSWER"
"""Stated once: prompts get it as the variable `refusal_marker`. A refusal begins with it, on a line of its own, and
goes on with one sentence for the person. A made-up word, so that no honest answer in any language begins with it."""

_DECORATION = " \t\r\n*_`#>\"'[("
"""What models put around a word that stands alone."""


def is_refusal(text: str) -> bool:
    """True where the marker stands anywhere: a reply that hesitates must not be taken for an answer."""
    return REFUSAL_MARKER in text.upper()


def explanation(text: str) -> str:
    """The sentence of a refusal without its marker; may be empty."""
    at = text.upper().find(REFUSAL_MARKER)
    return text[at + len(REFUSAL_MARKER) :].strip(_DECORATION + "])*:.-—") if at >= 0 else text.strip()


async def showable(deltas: AsyncIterator[str]) -> AsyncIterator[str]:
    """The pieces that may be shown as they arrive: all of an answer, nothing of a refusal.

    The beginning is held back for as long as it could still become the marker. Everything is read to the end, so that
    the reply behind the deltas is complete afterwards; ask `is_refusal` of the whole text then, because a marker
    in the middle of a reply shows itself only when something has been shown already.
    """
    held = ""
    decided = False
    async for delta in deltas:
        held += delta
        if not decided:
            head = held.lstrip(_DECORATION).upper()
            if len(head) < len(REFUSAL_MARKER) and REFUSAL_MARKER.startswith(head):
                continue
            decided = True
        if is_refusal(held):
            continue
        keep = _tail_that_may_become_the_marker(held)
        if shown := held[: len(held) - keep]:
            yield shown
        held = held[len(held) - keep :]
    if held and not is_refusal(held):
        yield held


def _tail_that_may_become_the_marker(text: str) -> int:
    for length in range(min(len(REFUSAL_MARKER) - 1, len(text)), 0, -1):
        if REFUSAL_MARKER.startswith(text[-length:].upper()):
            return length
    return 0
