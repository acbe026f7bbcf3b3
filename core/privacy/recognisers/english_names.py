"""Names in Latin letters, in the noise of a chat: a score card over what a word is, how it is written and what stands beside it.

The weights are those of a logistic regression (`python -m benchmarks.masking.fit`). Every feature is a class of words, never a
word, so that the card knows how names are used and nobody's name.
"""

import json
import math
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import regex

from core.privacy.recognisers.base import Context, Found, Rank, Word
from core.privacy.recognisers.english_beside import complete
from core.privacy.recognisers.lexicon import (
    foreign_words,
    is_contraction,
    is_english_word,
    kind_of,
    looks_like_name,
    plain,
    russian_words,
    word_set,
)
from core.privacy.recognisers.translit import is_only_russian, is_russian
from core.privacy.recognisers.words import CYRILLIC, beside_arrow, readable_words
from core.privacy.types import PiiType

NAME = 0.14
"""The probability from which a word is masked."""

ORDINARY = 0.25
"""The same for an ordinary word, and for a name that is mostly one: menus have capitals too, and so have orders ("Mark the
item"). On WNUT-17, cross-validated, 0.14 for all gives 0.726/0.614, this 0.715/0.640."""

SECOND = 0.05
"""The same for a word with a capital letter right after a first name with one."""

_WEIGHTS = Path(__file__).parent.parent / "data" / "english_weights.json"
_MASKS = frozenset(PiiType)
_LATIN = regex.compile(r"^[\p{Latin}'’-]+$")
_POSSESSIVE = regex.compile(r"['’]s$| ?['’] ?s\b", regex.IGNORECASE)

_BEFORE: Mapping[str, frozenset[str]] = {
    "article": word_set("the a an this that these those no any some each another which what"),
    "owner": word_set("my your his her our their its"),
    "place": word_set("in at near to into via onto through inside around on using use used"),
    "from": word_set("from by with without for than about like and or of as vs versus plus cc ft feat featuring u"),
    "verb": word_set(
        "love loves loved hate hates miss ask asks asked tell tells told let lets call called calls see saw met meet "
        "know knows think thinks said says say hope poor forward write pay paid contact ping text"
    ),
    "hello": word_set(
        "hi hey hello dear thanks thank thx cheers congrats bye yo morning sorry welcome wow privet spasibo regards "
        "sincerely"
    ),
    "title": word_set("mr mrs ms miss dr prof sir lord lady uncle aunt captain king queen president officer"),
    "kin": word_set(
        "brother sister son daughter wife husband friend colleague boss manager admin director mother father mom dad "
        "agent named name's customer client user cousin partner"
    ),
    "is": word_set("is was are be it's its that's this'll i'm im when if but because why does did has"),
}
_AFTER: Mapping[str, frozenset[str]] = {
    "verb": word_set(
        "is was has had will would said says looks looked can could should did does needs need got gets really just "
        "always never seems told wants want went made makes knows asked and or still you you're your i please thanks "
        "could where who"
    ),
    "object": word_set("the a an this that these those my your our all each every it them up down out off on in"),
}


class _Seen(NamedTuple):
    """A word with what does not depend on its neighbours."""

    text: str
    plain: str
    start: int
    end: int
    shape: str
    kind: str
    first: bool
    """Begins a sentence."""
    listed: bool
    """Stands beside an arrow, in the path to a menu item, or begins what a colon ends: "Field separator: comma"."""


class EnglishNames:
    """English names in any case, foreign and transliterated ones, with surnames and initials beside them."""

    name = "english name"

    def find(self, context: Context) -> Iterable[Found]:
        words = [word for word in readable_words(context) if word.text not in _MASKS]
        if not any(_LATIN.match(word.text) for word in words):
            return
        named: list[bool] = []
        for place, (word, chance) in enumerate(zip(words, chances(context.text, words), strict=True)):
            second = place > 0 and named[-1] and _is_second(context.text, words[place - 1], word)
            ordinary = kind_of(plain(word.text)) in ("-o", "Fo")
            named.append(chance >= (SECOND if second else ORDINARY if ordinary else NAME))
        complete(context.text, words, named)
        for word, is_name in zip(words, named, strict=True):
            if is_name:
                end = word.end - 2 if _POSSESSIVE.search(word.text) else word.end
                yield Found(_with_initials(context.text, word), end, PiiType.PERSON, Rank.NAME)


def _is_second(text: str, before: Word, word: Word) -> bool:
    capitals = before.text[0].isupper() and word.text[0].isupper() and not word.text.isupper()
    return capitals and text[before.end : word.start] == " " and kind_of(plain(before.text)) in _BORNE


def _with_initials(text: str, word: Word) -> int:
    """Where the name begins with the initials before it: "E. Clarke", "Ingrid B. Solberg"."""
    match = _INITIAL.search(text, max(0, word.start - 8), word.start) if word.text[0].isupper() else None
    if match is None or (match.group().strip() in ("I", "A") and not match.group().strip().endswith(".")):
        return word.start
    return match.start()


@cache
def _card() -> Mapping[str, float]:
    weights: dict[str, float] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return weights


def chances(text: str, words: Sequence[Word]) -> Iterator[float]:
    """How likely each word is a name."""
    card = _card()
    for features in describe(text, words):
        yield 1 / (1 + math.exp(-sum(card.get(feature, 0.0) for feature in features))) if features else 0.0


_INITIAL = regex.compile(r"(?<![\p{L}\d])\p{Lu}\.?[ ]{1,2}(?:\p{Lu}\.?[ ]{1,2})?$")


def describe(text: str, words: Sequence[Word]) -> Iterator[Sequence[str]]:
    """The features of each word; none for words that are no candidates."""
    seen = [_look(text, words, place) for place in range(len(words))]
    frame = _frame(seen, text)
    for place in range(len(seen)):
        if not _is_candidate(seen, place, frame):
            yield ()
        else:
            yield _features(text, seen, place, frame)


_MIXED_NAME = regex.compile(r"(?:Mc|Mac|De|Di|Du|La|Le|Van|Fitz|O)\p{Lu}\p{Ll}+$")


def _is_candidate(seen: Sequence[_Seen], place: int, frame: Sequence[str]) -> bool:
    """Whether a word may be a name at all. Support chats are full of capitals that name menus, commands and products."""
    word = seen[place]
    if word.shape == "other" or word.kind in ("place", "brand") or len(word.plain) < MIN_LENGTH:
        return False
    if is_contraction(word.plain) or _is_compound(word.plain) or (word.listed and word.kind != "F"):
        return False
    if word.shape == "caps" and len(word.plain) <= MAX_ACRONYM and word.kind not in _BORNE:
        return False
    if word.shape == "low" and _is_of_other_language(word, frame):
        return False
    if word.shape == "camel":
        return _MIXED_NAME.match(word.text) is not None
    before, after = (seen[place - 1] if place else None), (seen[place + 1] if place + 1 < len(seen) else None)
    if _is_of_site(before, word, after):
        return False
    if "russian" in frame:
        return word.shape in ("Cap", "caps") and (
            word.kind in _BORNE or _is_borne(before, word) or _is_borne(after, word)
        )
    if not word.kind.endswith("o"):
        return True
    if word.shape == "low":
        return word.kind == "Fo" and before is not None and before.plain in _GREETINGS
    return word.kind == "Fo" or not word.first or (word.kind != "-o" and _is_borne(after, word))


def _is_of_other_language(word: _Seen, frame: Sequence[str]) -> bool:
    if word.kind.startswith("F"):
        return "translit" in frame and is_only_russian(word.plain)
    return "foreign" in frame or ("translit" in frame and is_russian(word.plain))


def _is_compound(word: str) -> bool:
    """`auto-reply`, `Shopify-like`, `e-mail`."""
    parts = word.split("-")
    return len(parts) > 1 and any(kind_of(part).endswith(("o", "brand")) or len(part) == 1 for part in parts)


_LABEL = regex.compile(r" (?!said|says|wrote|writes|asks|asked)(?:\p{Ll}+ )?\p{Ll}+:(?=\s|$)")
_WORDS_FIRST = word_set("-o Lo Ro Bo")
"""Kinds of words that are oftener words than names."""
_BORNE = frozenset("FBR")


def _is_of_site(before: _Seen | None, word: _Seen, after: _Seen | None) -> bool:
    """ "San Diego", "Dean Street"."""
    if before is not None and before.plain in _CITY_BEGINS and word.start - before.end == 1:
        return True
    return after is not None and after.shape == "Cap" and after.plain in _SITES and after.start - word.end == 1


_SITES = word_set("street road avenue lane square station airport park bridge hall college university hospital line")
"""What bears the name of somebody whom nobody has to be protected from."""
_CITY_BEGINS = word_set("san santa los las new saint st fort port mount lake")
_GREETINGS = _BEFORE["hello"] | _BEFORE["title"]
LETTERS = (-0.5, -0.2, 0.1, 0.4, 0.8)
"""Between these lie the classes of unknown words by their letters. Five classes are worth 0.015 of precision."""
MIN_LENGTH = 2
MAX_ACRONYM = 5


def _is_borne(other: _Seen | None, word: _Seen) -> bool:
    if other is None or other.kind not in _BORNE or other.shape != word.shape:
        return False
    return max(other.start - word.end, word.start - other.end) == 1


def _look(text: str, words: Sequence[Word], place: int) -> _Seen:
    word = words[place]
    if not _LATIN.match(word.text):
        return _Seen(word.text, word.text.lower(), word.start, word.end, "other", "other", False, False)
    bare = plain(word.text)
    if len(word.text) > 1 and word.text.isupper():
        shape = "caps"
    elif any(b.isupper() and a not in "-'’" for a, b in pairwise(word.text)):
        shape = "camel"
    elif word.text[0].isupper():
        shape = "Cap"
    else:
        shape = "low"
    between = text[words[place - 1].end : word.start] if place else "\n"
    first = any(mark in between for mark in '.!?:\n•>"«“*') or place == 0
    kind = kind_of(bare)
    listed = beside_arrow(text, word.start, word.end) or (kind in _WORDS_FIRST and bool(_LABEL.match(text, word.end)))
    return _Seen(word.text, bare, word.start, word.end, shape, kind, first, listed)


def _frame(seen: Sequence[_Seen], text: str) -> Sequence[str]:
    """What is said of the whole text: how it uses capitals, and its alphabet."""
    latin = [word for word in seen if word.shape != "other"]
    said = []
    if sum(word.shape == "caps" for word in latin) * 2 > len(latin):
        said.append("shouted")
    elif len(latin) > 6 and sum(word.shape in ("Cap", "camel") for word in latin) * 3 > len(latin) * 2:
        said.append("titled")
    if all(word.shape == "low" or word.plain == "i" for word in latin):
        said.append("small")
    if CYRILLIC.search(text):
        said.append("russian")
    low = [word.plain for word in latin if word.shape == "low"]
    english = sum(is_english_word(word) and word not in russian_words() for word in low)
    if sum(word in foreign_words() for word in low) > max(1, english):
        said.append("foreign")
    russian = sum(word in russian_words() or (not is_english_word(word) and is_russian(word)) for word in low)
    if russian > (1 if english else 0):
        said.append("translit")
    return said


def _features(text: str, seen: Sequence[_Seen], place: int, frame: Sequence[str]) -> Sequence[str]:
    word = seen[place]
    shape, kind = word.shape, word.kind
    spot = "first" if word.first else "within"
    unknown = "unknown" if not kind.endswith("o") and kind not in ("place", "brand") else "ordinary"
    own = f"{shape} {kind}"
    said = ["always", shape, own, f"{shape} {spot} {unknown}", f"{own} {spot}", f"{shape} {min(len(word.plain), 8)}"]
    said += [f"{shape} {note}" for note in frame] + [f"{own} {note}" for note in frame]
    if kind == "-":
        letters = bisect(LETTERS, looks_like_name(word.plain))
        said += (f"letters {letters}", f"{shape} letters {letters}")
    before = seen[place - 1] if place and text[seen[place - 1].end : word.start].strip(" '’,.") == "" else None
    after = (
        seen[place + 1] if place + 1 < len(seen) and text[word.end : seen[place + 1].start].strip(" ") == "" else None
    )
    if before is not None:
        for name, expected in _BEFORE.items():
            if before.plain in expected:
                said += (f"after {name} {shape}", f"after {name} {shape} {unknown}")
        said += (f"after {before.kind} {shape}", f"after {before.shape} {before.kind} {own}")
        if before.plain == "and" and place > 1:
            said.append(f"and {seen[place - 2].kind} {shape}")
    if after is not None:
        for name, expected in _AFTER.items():
            if after.plain in expected:
                said += (f"before {name} {shape}", f"before {name} {shape} {unknown}", f"before {name} {own} {spot}")
        said += (f"before {after.kind} {shape}", f"before {after.shape} {after.kind} {own}")
    said += _said_after(text, word, unknown, spot)
    return said


def _said_after(text: str, word: _Seen, unknown: str, spot: str) -> Sequence[str]:
    """What the characters right after a word say."""
    said = []
    shape = word.shape
    following = text[word.end : word.end + 3].lstrip(" ")
    if _POSSESSIVE.match(text[word.end : word.end + 4]) or _POSSESSIVE.search(text[word.start : word.end]):
        said.append(f"owns {shape} {unknown}")
    if not following or following[0] in ".!?\n":
        said.append(f"ends {shape} {unknown}")
    elif following[0] == ",":
        said.append(f"comma {shape} {unknown} {spot}")
    elif following[0].isdigit():
        said.append(f"before number {shape}")
    return said
