"""What is measured with: the sample chats as they come through the door, and many copies of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

from core.contracts.messages import ChatRef, MessageObserved
from core.domain.chats import ChatKind
from core.domain.lanes import Lane
from core.privacy.masker import Masker
from core.privacy.pseudonyms import Pseudonyms
from core.privacy.types import MaskedText
from core.rules import Rules, RulesFile
from ingestion.exports.source import open_export
from ingestion.intake import ChatDesk, Intake
from ingestion.raw import RawMessage

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
KEY = bytes(range(32))
"""The samples are invented, and so is their key."""

COPIES = 50
"""Chats that the samples are copied into."""
TEXT_BYTES = 400
HIGH_SHARE = 0.1
"""Of the copies' messages go to the fast lane, every tenth: the samples alone have too few to keep its consumer busy."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The messages of one sample chat, raw, and the desk that they pass."""

    messages: Sequence[RawMessage]
    desk: ChatDesk


def rules() -> Rules:
    """The samples' own: their staff and words."""
    return RulesFile(SAMPLES / "otklik.toml").current()


def samples(intake: Intake) -> list[Sample]:
    """Every sample chat."""
    return [sample for path in sorted(SAMPLES.glob("polka_*.json")) for sample in _samples(path, intake)]


def _samples(path: Path, intake: Intake) -> Iterator[Sample]:
    export = open_export(path, "telegram")
    survey = export.survey(_nobody)
    messages = [item for item in export.read(_nobody) if isinstance(item, RawMessage)]
    for chat_id, chat in survey.chats.items():
        yield Sample([message for message in messages if message.chat_id == chat_id], intake.open_chat(chat))


def observed_samples() -> list[list[MessageObserved]]:
    """The sample chats, masked and with their lanes: what `otklik import` would publish. The latest edition of each."""
    intake, known = Intake(Masker(), Pseudonyms(KEY)), rules()
    return [[intake.admit(message, one.desk, known) for message in one.messages] for one in samples(intake)]


def copies(originals: Sequence[Sequence[MessageObserved]], count: int) -> list[MessageObserved]:
    """`count` messages of some 400 bytes in 50 chats, as a busy day mixes them: one of each chat, then the next of each.

    Every chat repeats one sample chat, day after day, replies included. Short messages are lengthened with what is said
    after them, up to 400 bytes of UTF-8.
    """
    chats = [_copied(number, original) for number, original in zip(range(COPIES), cycle(originals), strict=False)]
    return list(islice((message for row in zip(*chats, strict=True) for message in row), count))


def _copied(number: int, original: Sequence[MessageObserved]) -> Iterator[MessageObserved]:
    chat = ChatRef(
        chat_id=-1_002_000_000_000 - number, kind=ChatKind.SUPERGROUP, title=MaskedText(f"Support chat {number}")
    )
    place = {message.message_id: place for place, message in enumerate(original, start=1)}
    texts = [_lengthened(original, start) for start in range(len(original))]
    span = max(message.sent_at for message in original) - min(message.sent_at for message in original)
    for passage in range(1_000_000):
        first, later = passage * len(original), passage * (span + timedelta(days=1))
        for index, message in enumerate(original):
            high = (number + first + index) % round(1 / HIGH_SHARE) == 0
            yield message.model_copy(
                update={
                    "chat": chat,
                    "message_id": first + index + 1,
                    "reply_to": first + place[message.reply_to] if message.reply_to in place else None,
                    "sent_at": message.sent_at + later,
                    "text": texts[index],
                    "lane": Lane.HIGH if high else Lane.LOW,
                }
            )


def _lengthened(original: Sequence[MessageObserved], start: int) -> MaskedText:
    text = original[start].text
    for message in islice(cycle(original), start + 1, None):
        if len(text.encode()) >= TEXT_BYTES:
            break
        text = MaskedText(f"{text} {message.text}")
    return MaskedText(text.encode()[:TEXT_BYTES].decode(errors="ignore"))


def _nobody(_bytes: int) -> None:
    """Nobody waits for the samples to be read."""
