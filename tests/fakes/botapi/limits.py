"""The sizes that Telegram allows, and what it does with a text before it looks at its size."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from tests.fakes.botapi.entities import find, utf16
from tests.fakes.botapi.faults import Refused
from tests.fakes.botapi.html import checked_url, parse

TEXT = 4096
CAPTION = 1024
ENTITIES = 100
CALLBACK_DATA = 64  # bytes
BUTTONS = 100
BUTTONS_IN_A_ROW = 8
CALLBACK_ANSWER = 200
INLINE_RESULTS = 50
DRAFT_SECONDS = 30
UPLOAD = 50 * 2**20  # bytes

_EMOJI = """
❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥
🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨
🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡
"""
REACTIONS = frozenset(_EMOJI.split())
"""The emoji that `ReactionTypeEmoji` knows."""

Complain = Callable[[str], None]
"""Hears of what the real API lets pass in silence, and a careful bot never sends."""

_CONTROLS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\ufeff\u2800"
"""Of these and white space alone a text may not consist."""
_ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
            "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as it is stored."""

    text: str
    entities: tuple[MessageEntity, ...]


def formatted(
    source: str | None,
    parse_mode: str | None,
    entities: Sequence[MessageEntity] | None,
    complain: Complain,
    limit: int = TEXT,
) -> Formatted:
    """Parse, clean and trim a text, in the order of the real API, and only then measure it."""
    text, marked = source or "", list(entities or ())
    if parse_mode is not None and parse_mode.upper() == "HTML":
        text, marked = parse(text, complain)
    elif parse_mode is not None:
        raise NotImplementedError(f"parse_mode {parse_mode!r} is not modelled")
    for entity in marked:
        if entity.offset < 0 or entity.length < 1 or entity.offset + entity.length > utf16(text):
            complain(f"an entity outside of its text: {entity.type} at {entity.offset}, length {entity.length}")
    kept = _trimmed(_CONTROLS.sub(" ", text), marked)
    if utf16(kept.text) > limit:
        what = "message is too long" if limit == TEXT else "message caption is too long"
        raise Refused(400, f"Bad Request: {what}")
    everything = find(kept.text, kept.entities)
    if len(everything) > ENTITIES:
        complain(f"{len(everything)} entities in a message: Telegram drops all after the first {ENTITIES}")
    return Formatted(kept.text, everything[:ENTITIES])


def check_keyboard(markup: InlineKeyboardMarkup, complain: Complain) -> None:
    """Refuse what Telegram refuses of an inline keyboard."""
    rows = markup.inline_keyboard
    if sum(map(len, rows)) > BUTTONS:
        raise Refused(400, "Bad Request: reply markup is too long")
    if any(len(row) > BUTTONS_IN_A_ROW for row in rows):
        complain(f"more than {BUTTONS_IN_A_ROW} buttons in a row")
    for button in (button for row in rows for button in row):
        _check_button(button)


def _check_button(button: InlineKeyboardButton) -> None:
    actions = [name for name in _ACTIONS if getattr(button, name) is not None]
    if not button.text.strip():
        raise Refused(400, 'Bad Request: can\'t parse inline keyboard button: Field "text" must be of type String')
    if len(actions) != 1:
        unallowed = "Text buttons are unallowed in the inline keyboard"
        raise Refused(400, f"Bad Request: can't parse inline keyboard button: {unallowed}")
    if button.callback_data is not None and not 1 <= len(button.callback_data.encode()) <= CALLBACK_DATA:
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if button.url is not None and checked_url(button.url) is None:
        raise Refused(400, f"Bad Request: inline keyboard button URL '{button.url}' is invalid: Wrong HTTP URL")


def _trimmed(text: str, entities: Sequence[MessageEntity]) -> Formatted:
    """Without what Telegram drops from a text, and white space at its ends; entities move along."""
    dropped = {match.start() for match in _DROPPED.finditer(text)}
    visible = [at for at, char in enumerate(text) if at not in dropped and not char.isspace()]
    if all(text[at] in _INVISIBLE for at in visible):
        return Formatted("", ())
    kept = [at for at in range(visible[0], visible[-1] + 1) if at not in dropped]
    # Where each UTF-16 position of the old text stands in the new one.
    moved, old, new, keep = [0], 0, 0, set(kept)
    for at, char in enumerate(text):
        for _ in range(utf16(char)):
            old, new = old + 1, new + (at in keep)
            moved.append(new)
    fitting = []
    for entity in entities:
        start, end = (moved[min(max(at, 0), old)] for at in (entity.offset, entity.offset + entity.length))
        if end > start:
            fitting.append(entity.model_copy(update={"offset": start, "length": end - start}))
    return Formatted("".join(text[at] for at in kept), tuple(fitting))
