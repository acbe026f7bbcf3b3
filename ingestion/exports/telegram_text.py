"""The text of an exported message: a string, or pieces of which some carry an entity."""

from core.privacy.types import RawText, TextEntity
from ingestion.exports.entries import MAX_TEXT, Refused, SkipReason, clean

Fields = dict[str, object]

MEDIA_KEYS = (
    "media_type",
    "photo",
    "file",
    "location_information",
    "contact_information",
    "poll",
    "game_title",
    "invoice_information",
    "giveaway_information",
    "paid_stars_amount",
    "todo_list",
)
"""An entry without text that has one of these is media."""


def text_of(message: Fields) -> tuple[RawText, tuple[TextEntity, ...]]:
    """Text or caption with its entities. Raises `Refused` where there is none, it is too long or of a wrong type."""
    text, entities = _written(message)
    if not text.strip():
        text, entities = _poll(message.get("poll")), ()
    if len(text) > MAX_TEXT:
        raise Refused(SkipReason.OVERSIZE_TEXT)
    if not text.strip():
        raise Refused(_without_text(message))
    return RawText(text), entities


def _written(message: Fields) -> tuple[str, tuple[TextEntity, ...]]:
    """`text_entities` where they spell the same text as `text`; exports before 2022 have only `text`."""
    text, entities = message.get("text"), message.get("text_entities")
    if isinstance(text, str) and not entities:
        return clean(text), ()
    if text is None:
        return ("", ()) if entities is None else _join(entities)
    written, marked = _join(text)
    if not isinstance(entities, list):
        return written, marked
    try:
        spelled, better = _join(entities)
    except Refused:
        return written, marked
    return (spelled, better) if spelled == written else (written, marked)


def _join(pieces: object) -> tuple[str, tuple[TextEntity, ...]]:
    """One text from its pieces; offsets are counted in the cleaned text, in code points."""
    if isinstance(pieces, str):
        return clean(pieces), ()
    if not isinstance(pieces, list):
        raise Refused(SkipReason.MALFORMED)
    texts: list[str] = []
    entities: list[TextEntity] = []
    at = 0
    for piece in pieces:
        raw = piece if isinstance(piece, str) else piece.get("text") if isinstance(piece, dict) else None
        if not isinstance(raw, str):
            raise Refused(SkipReason.MALFORMED)
        text = clean(raw)
        texts.append(text)
        if isinstance(piece, dict) and text:
            kind = piece.get("type")
            if isinstance(kind, str) and kind != "plain":
                entities.append(TextEntity(at, at + len(text), clean(kind), _target(piece)))
        at += len(text)
    return "".join(texts), tuple(entities)


def _target(piece: Fields) -> str | None:
    """Where the entity leads: a `text_link` to its address, a `mention_name` to the person, as Telegram's own link."""
    href, user = piece.get("href"), piece.get("user_id")
    if isinstance(href, str):
        return clean(href)
    return f"tg://user?id={user}" if isinstance(user, int) else None


def _poll(poll: object) -> str:
    """A poll says what it asks and what one could choose, a line each."""
    if not isinstance(poll, dict):
        return ""
    answers = poll.get("answers")
    lines = [poll.get("question")]
    lines += [answer.get("text") for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []
    try:
        return "\n".join(_join(line)[0] for line in lines if line)
    except Refused:
        return ""


def _without_text(message: Fields) -> SkipReason:
    if message.get("media_type") == "sticker":
        return SkipReason.STICKER
    return SkipReason.MEDIA if any(key in message for key in MEDIA_KEYS) else SkipReason.EMPTY_TEXT
