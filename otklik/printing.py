"""How results look: as JSON documents, whose fields are an interface, and as text for a person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from assistant.answering.results import AnswerResult, Citation
from core.db.models import DeadLetter
from core.index.records import Hit


def answer_document(found: AnswerResult) -> dict[str, Any]:
    """The JSON of `otklik ask`."""
    return {
        "answer": found.answer,
        "refused": found.refused,
        "language": found.language,
        "citations": [_citation(citation) for citation in found.citations],
        "prompt": found.prompt,
        "model": found.model,
        "cost_usd": float(found.cost_usd),
        "latency_ms": dict(found.latency_ms),
    }


def answer_text(found: AnswerResult) -> str:
    """An answer with its sources, for a terminal."""
    lines: list[str] = [found.answer]
    for number, citation in enumerate(found.citations, start=1):
        where = _where(citation)
        lines.append(f"  [{number}] {citation.sent_at:%Y-%m-%d}  {where}")
    return "\n".join(lines)


def hit_document(hit: Hit) -> dict[str, Any]:
    """One element of the JSON of `otklik search`."""
    return {
        "unit_id": hit.unit_id,
        "chat_id": hit.chat_id,
        "message_ids": list(hit.message_ids),
        "sent_at": hit.asked_at.isoformat(),
        "score": hit.score,
        "dense": hit.dense,
        "lexical": hit.lexical,
        "text": hit.text,
    }


def hit_text(hit: Hit) -> str:
    """A unit that was found, for a terminal."""
    where = _where(Citation.of(hit))
    meaning = "not embedded yet" if hit.dense is None else f"meaning {hit.dense:.3f}"
    return (
        f"{hit.score:.3f} ({meaning}, words {hit.lexical:.2f})  {hit.asked_at:%Y-%m-%d}  {where}\n{_indented(hit.text)}"
    )


def threads_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The links of a chat, a line a message."""
    return "\n".join(
        f"{row['message_id']:>8} "
        + (f"starts thread {row['thread_id']}" if row["how"] == "start" else f"← {row['parent']} ({row['how']})")
        + (f"  {_evidence(row['evidence'])}" if row["evidence"] else "")
        for row in rows
    )


def status_text(document: Mapping[str, Any]) -> str:
    """`otklik status` for a terminal."""
    lines = [f"{len(document['chats'])} chats, {document['units']} units, {document['unembedded']} wait for a vector"]
    for chat in document["chats"]:
        holes = ", ".join(f"{first}-{last}" for first, last in chat["holes"])
        state = f"complete to {chat['complete_to']}" if chat["complete_to"] is not None else "coverage unknown"
        lines.append(
            f"  {chat['chat_id']:>16}  {chat['title']}: {chat['messages']} messages, {state}{f', holes: {holes}' * bool(holes)}"
        )
    for name, depth in document["streams"].items():
        lines.append(f"  {name}: {depth['length']} to do ({depth['pending']} in work, {depth['lag']} unread)")
    lines.append(
        f"{document['dead_letters']} dead letters" + (" (otklik dead-letters list)" * bool(document["dead_letters"]))
    )
    if document["unmasked"]:
        lines.append(f"{document['unmasked']} messages could not be masked and wait where they came from")
    if document["windows"]:
        waiting = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in document["windows"].items())
        lines.append(f"analysis windows: {waiting}")
    return "\n".join([*lines, *_spend_lines(document["spend"])])


def _spend_lines(spend: Mapping[str, Any]) -> Iterator[str]:
    reserved = f"; ${spend['reserved']:.4f} more is reserved for calls under way" if spend["reserved"] else ""
    yield (
        f"spent today {_of(spend['today'], spend['budget_today'])}, "
        f"this month {_of(spend['month'], spend['budget'])}{reserved}"
    )
    for name, one in spend["purposes"].items():
        today, month = _of(one["today"], one["budget_today"]), _of(one["month"], one["budget"])
        yield f"  {name}: today {today}, this month {month}"
    if spend["unsettled"]:
        count = "1 call was" if spend["unsettled"] == 1 else f"{spend['unsettled']} calls were"
        yield f"  {count} never settled: the process died, and what it can have cost at most counts as reserved"
    for alarm in spend["alarms"]:
        yield f"  {alarm['percent']} % of the {alarm['budget']} budget of this {alarm['period']} is used up"


def _of(spent: float, budget: float | None) -> str:
    return f"${spent:.4f}" if budget is None else f"${spent:.4f} of ${budget:.2f}"


def dead_letter_document(letter: DeadLetter, *, whole: bool = False) -> dict[str, Any]:
    """A dead letter; its body only where one is looked into."""
    document = {
        "id": letter.id,
        "stream": letter.stream,
        "entry_id": letter.entry_id,
        "error": letter.error,
        "failed_at": letter.failed_at.isoformat(),
    }
    return document | {"body": letter.body.decode("utf-8", "backslashreplace")} if whole else document


def dead_letter_text(letter: DeadLetter) -> str:
    """A dead letter in a line."""
    return f"{letter.id:>6}  {_minute(letter.failed_at)}  {letter.stream}  {letter.error}"


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "chat_id": citation.chat_id,
        "message_ids": list(citation.message_ids),
        "sent_at": citation.sent_at.isoformat(),
        "link": citation.link,
        "text": citation.text,
        "score": citation.score,
    }


def _where(citation: Citation) -> str:
    """The place of a source: its link, or what there is instead."""
    if citation.vetted:
        return "vetted by the team"
    return citation.link or f"chat {citation.chat_id}, message {citation.message_ids[0]}"


def _evidence(evidence: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{one['name']} {one['weight']:+.1f}" for one in evidence)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
