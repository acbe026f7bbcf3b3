"""What of an answer may be shown while it is still being written: whole sentences, masked, of a reply with a source."""

import re

from assistant.answering.results import Words
from core.llm.gateway import ReplyStream
from core.llm.refusal import showable
from core.privacy.masker import Masker
from core.privacy.types import RawText

# The character behind the border has to be there: until then nobody knows what goes on. A sentence ends behind a word of
# three signs or more ("д. 5" and "Mr. Smith" go on) before a capital letter; a line ends unless a number, a list of
# names or an address may go on in the next one.
_BORDER = re.compile(
    r"""(?:(?<=\w{3})|(?<=\w\w[)»”"*_`]))[.!?…]+["»”)*_`]*\s+(?=["«“(*_`]*[A-ZА-ЯЁ])"""
    r"""|(?<![\d\s,+(/@–—-])[^\S\n]*\n\s*(?=\S)"""
)

GROWTH = 1.1
"""What is told is so many times as long as what was told before: masking each sentence of a long reply with all that
stands before it takes a time that grows with the square of its length, 40 s for 16,384 characters."""


def finished(text: str) -> str:
    """The beginning of a growing text that what follows cannot change any more: half a phone number looks like none, and
    half a name like a word.

    >>> finished("Позвоните нам. Или напи")
    'Позвоните нам.'
    >>> finished("Нажмите «Сброс».\\nНомер: 8 916")
    'Нажмите «Сброс».'
    >>> finished("Номер: 8 916 1")
    ''
    """
    borders = list(_BORDER.finditer(text))
    return text[: borders[-1].end()].rstrip() if borders else ""


async def show(stream: ReplyStream, masker: Masker, words: Words) -> None:
    """Read a reply to its end, and tell its finished part, masked, whenever that has grown by a tenth.

    Nothing is told of a refusal, nor of a reply before it has cited a source that it was given: one without sources is
    not shown at the end either.

    Raises:
        CallFailed: the reply cannot be used; what was told has to be replaced.
        MaskingError: it cannot be masked.
    """
    written = told = ""
    async for piece in showable(aiter(stream)):
        written += piece
        ready = finished(written)
        if len(ready) > len(told) * GROWTH and stream.cites:
            told = ready
            await words(masker.mask(RawText(ready)).text)
