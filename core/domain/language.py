"""The language of a question: the answer is written in the same one."""

import re
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ru", "en"]

DEFAULT: Language = "ru"
"""Where nothing tells (digits, emoji, an empty text): the product's first language."""

RUSSIAN_SHARE = 0.25
"""A question with this share of Cyrillic words is Russian. Low on purpose: Russians write product names, error texts
and commands in Latin letters in the middle of a Russian sentence; the reverse hardly happens."""

_FOREIGN = re.compile(
    r"```.*?(?:```|\Z)"
    r"|`[^`\n]{0,200}`"
    r"|«[^»\n]{0,200}»"
    r'|"[^"\n]{0,200}"'
    r"|\[[A-Z]{2,9}(?:_\d+)?\]",
    re.DOTALL,
)
"""Code, quotations (of a screen, mostly) and the masker's placeholders: not the person's own words. Bounded, so that a
text of nothing but quotation marks takes no longer than another."""

_MARK = re.compile(r"[\d_/\\=<>{}@]")
"""No word of prose has one: links, addresses, paths, options, identifiers."""

_CYRILLIC = re.compile(r"[а-яё]+", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]+(?:['’][a-z]+)?", re.IGNORECASE)


def language_of(text: str) -> Language:
    """The language that a text is written in, by the share of its words in each script; code does not count.

    >>> language_of("Почему `docker compose up` падает с Connection refused?")
    'ru'
    >>> language_of("How do I enable Честный знак?")
    'en'
    """
    own_words = " ".join(word for word in _FOREIGN.sub(" ", text).split() if not _MARK.search(word))
    return _told(own_words) or _told(text) or DEFAULT


def _told(text: str) -> Language | None:
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    if cyrillic + latin == 0:
        return None
    return "ru" if cyrillic / (cyrillic + latin) > RUSSIAN_SHARE else "en"
