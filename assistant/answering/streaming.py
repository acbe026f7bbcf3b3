"""What of an answer may be shown while it is still being written: whole sentences, masked, of a reply with a source."""

import asyncio
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
"""A reply is looked through when it is so many times as long as at the last look, and told when that is so many times as
long as what was told: with every word, or every sentence, the work would grow with the square of the length. Of 16,384
characters that do not end the looks alone took 4 s, and masking each sentence with all before it 40 s."""


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
    """Read a reply to its end, and tell its finished part, masked, whenever that has grown by a tenth or a little more.

    Nothing is told of a refusal, nor of a reply before it has cited a source that it was given: one without sources is
    not shown at the end either.

    Raises:
        CallFailed: the reply cannot be used; what was told has to be replaced.
        MaskingError: it cannot be masked.
    """
    written = told = ""
    looked = 0
    async for piece in showable(aiter(stream)):
        written += piece
        if len(written) <= looked * GROWTH or not stream.cites:
            continue
        looked, ready = len(written), finished(written)
        if len(ready) > len(told) * GROWTH:
            told = ready
            masked = await asyncio.to_thread(masker.mask, RawText(ready))
            await words(masked.text)
