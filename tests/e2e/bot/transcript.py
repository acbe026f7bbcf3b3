"""What people saw, as Markdown."""

import re
from collections.abc import Iterator
from typing import Final

from aiogram.types import MessageEntity

from tests.fakes.botapi import Draft, Message, Person, Press

_MARKS: Final = {"bold": "**", "italic": "*", "code": "`"}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>])")
_DATE: Final = re.compile(r"\b\d\d\.\d\d\.\d{4}\b|\b\d{4}-\d\d-\d\d\b")


class Transcript:
    """Written down in the order in which it happens."""

    def __init__(self, introduction: str) -> None:
        self._paragraphs = [introduction]

    def scene(self, title: str, told: str) -> None:
        """Something new begins."""
        self._paragraphs += [f"## {title}", told]

    def place(self, name: str) -> None:
        """The next messages stand there."""
        self._paragraphs.append(f"*{name}*")

    def said(self, *messages: Message) -> None:
        """Messages as they are now, of people or the bot."""
        for message in messages:
            replies = f", in reply to {message.reply_to.sender.first_name}" if message.reply_to is not None else ""
            self._paragraphs.append(f"**{message.sender.first_name}**{replies}:")
            self._paragraphs.append(_quote(_marked(message)))

    def changed(self, message: Message) -> None:
        """A message of the bot that says something else now."""
        self._paragraphs.append(f"The message of **{message.sender.first_name}** becomes:")
        self._paragraphs.append(_quote(_marked(message)))

    def grew(self, draft: Draft) -> None:
        """An answer while it was written."""
        for number, text in enumerate(draft.texts, start=1):
            self._paragraphs.append(f"*{draft.chat.title} sees the answer being written, {number}:*")
            self._paragraphs.append(_quote(_escaped(text)))

    def pressed(self, who: Person, label: str, press: Press) -> None:
        """A button, and the words that popped up."""
        told = f" and is told: “{press.text}”" if press.text else "."
        self._paragraphs.append(f"**{who.first_name}** presses `{label}`{told}")

    def markdown(self) -> str:
        """The whole."""
        return "\n\n".join(self._paragraphs) + "\n"


def _marked(message: Message) -> str:
    body = _entities(message.text, message.entities)
    buttons = " | ".join(" ".join(f"`{label}`" for label in row) for row in message.keyboard)
    return _DATE.sub("[date]", f"{body}\n\n{buttons}" if buttons else body)


def _entities(text: str, entities: tuple[MessageEntity, ...]) -> str:
    """Telegram counts in units of UTF-16. Marks are not nested: the bot makes none that are."""
    units, done, parts = text.encode("utf-16-le"), 0, []
    for entity in sorted(entities, key=lambda entity: entity.offset):
        mark = _MARKS.get(entity.type)
        if mark is None and entity.url is None:
            continue
        start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
        inner = units[start:end].decode("utf-16-le")
        parts.append(_escaped(units[done:start].decode("utf-16-le")))
        bare = inner.strip()
        before, after = inner.split(bare)
        marked = f"[{_escaped(bare)}]({entity.url})" if entity.url else f"{mark}{bare}{mark}"
        parts += [before, marked, after]
        done = end
    return "".join([*parts, _escaped(units[done:].decode("utf-16-le"))])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _quote(text: str) -> str:
    return "\n".join(_lines(text.split("\n")))


def _lines(lines: list[str]) -> Iterator[str]:
    """A line break of Telegram is one of Markdown only with a backslash before it."""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        ends = "\\" if line and following and not re.match(r"\d+\. ", following) else ""
        yield f"> {line}{ends}".rstrip()
