"""`otklik mask`: lines in, masked lines out."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from core.errors import BadInput, MaskingError
from core.privacy.masker import Masker
from core.privacy.types import Masked, RawText
from core.rules import Rules

NOT_MASKED = "[NOT MASKED]"


def masked_lines(lines: Iterable[bytes], rules: Rules, *, form: str, explain: bool, as_json: bool) -> Iterator[str]:
    """Each line, masked. Offsets in the JSON are code points of the input line (of its `text`, with `jsonl`).

    A line that cannot be masked gives nothing of itself but its place in the output, and the others go on.

    Raises:
        BadInput: a line of `jsonl` is not an object with a text; the line's number is told, never its words.
        MaskingError: at the end, when there were lines that could not be masked.
    """
    failed = 0
    masker = Masker(keep=rules.masking.keep)
    for number, line in enumerate(lines, start=1):
        raw = line.decode("utf-8", "replace").rstrip("\r\n")
        text = _text(raw, number) if form == "jsonl" else raw
        try:
            masked = masker.mask(RawText(text))
        except MaskingError as error:
            failed += 1
            yield json.dumps({"text": None, "spans": [], "error": str(error)}) if as_json else NOT_MASKED
        else:
            yield _document(masked, explain=explain) if as_json else _plain(masked, explain=explain)
    if failed:
        raise MaskingError(f"{failed} lines could not be masked; each has {NOT_MASKED} or a null in its place.")


def _text(line: str, number: int) -> str:
    try:
        document = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        raise BadInput(f'Line {number} is not JSON; give one {{"text": ...}} a line.') from None
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        raise BadInput(f'Line {number} has no text; give one {{"text": ...}} a line.')
    text: str = document["text"]
    return text


def _document(masked: Masked, *, explain: bool) -> str:
    spans: list[dict[str, Any]] = []
    for span in masked.spans:
        found: dict[str, Any] = {"start": span.start, "end": span.end, "type": span.type.value}
        spans.append(found | {"recogniser": span.recogniser} if explain else found)
    return json.dumps({"text": masked.text, "spans": spans}, ensure_ascii=False)


def _plain(masked: Masked, *, explain: bool) -> str:
    if not explain:
        return masked.text
    found = ", ".join(f"{span.type.value} {span.start}-{span.end} by {span.recogniser}" for span in masked.spans)
    return f"{masked.text}\n    {found or 'nothing found'}"
