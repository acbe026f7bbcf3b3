"""What Telegram finds in a plain text by itself: commands, mentions, hashtags, links, addresses."""

import re
from collections.abc import Sequence

from aiogram.types import MessageEntity

# Telegram knows every top-level domain; these are enough for hosts without a scheme in tests.
_FOUND = (
    ("url", re.compile(r"(?<![\w@.])(?:https?://|tg://|(?:[\w-]+\.)+(?:com|org|net|ru|me|io|example)\b)[^\s<>\"»]*[^\s<>\"».,;:!?)]")),
    ("email", re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z0-9_]{2,32}\b")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}")),
)  # fmt: skip


def utf16(text: str) -> int:
    """The length as Telegram counts it: in code units of UTF-16, of which an emoji mostly has two."""
    return len(text.encode("utf-16-le")) // 2


def find(text: str, taken: Sequence[MessageEntity] = ()) -> tuple[MessageEntity, ...]:
    """`taken`, and with it what Telegram finds where none of them is a link or code."""
    closed = [_span(entity) for entity in taken if entity.type in ("code", "pre", "text_link", "text_mention")]
    found = list(taken)
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            span = (utf16(text[: match.start()]), utf16(text[: match.end()]))
            if any(start < span[1] and span[0] < end for start, end in closed):
                continue
            closed.append(span)
            found.append(MessageEntity(type=kind, offset=span[0], length=span[1] - span[0]))
    return tuple(sorted(found, key=lambda entity: (entity.offset, -entity.length)))


def piece(text: str, entity: MessageEntity) -> str:
    """The words that an entity covers."""
    return text.encode("utf-16-le")[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le")


def _span(entity: MessageEntity) -> tuple[int, int]:
    return entity.offset, entity.offset + entity.length
