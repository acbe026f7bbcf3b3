"""What the score card of English names does not see: names in several parts, in capitals, and after "my name is"."""

from collections.abc import Sequence
from itertools import pairwise

import regex

from core.privacy.recognisers.base import Word
from core.privacy.recognisers.lexicon import is_contraction, is_english_word, kind_of, plain, word_set

_NAMED = "FBRLC"
"""The kinds of words that some list of names has."""
_PARTICLES = word_set("van von der den ter ten bin ibn binti al el de da di du dos del della la le af zu")
_SURE_PARTICLES = word_set("van von der bin ibn binti")
"""Which are hardly anything but the beginning of a surname."""
_BETWEEN_CAPITALS = regex.compile(r",? (?:\p{Lu}\.? )?")
_INTRODUCED = regex.compile(
    r"\b(?:(?:my|his|her|their|full|first|last|holder|customer|client)(?:'s)? name(?:'s| is|:)|\bi go by|\bsigned by:?) $",
    regex.IGNORECASE,
)
WINDOW = 24


def complete(text: str, words: Sequence[Word], named: list[bool]) -> None:
    """Marks what belongs to a name though the card is not sure of it."""
    for place, word in enumerate(words):
        if not named[place] and _INTRODUCED.search(text, max(0, word.start - WINDOW), word.start):
            named[place] = not is_english_word(plain(word.text)) and not is_contraction(plain(word.text))
    for place, (before, word) in enumerate(pairwise(words)):
        between = text[before.end : word.start]
        if _is_pair_in_capitals(before, word, between):
            named[place] = named[place + 1] = True
        elif between == " ":
            short = place > 0 and named[place - 1] and len(words[place - 1].text) <= SHORT
            named[place + 1] |= named[place] and _continues(before, word, short=short)
            named[place + 1] |= plain(before.text) in _SURE_PARTICLES and _may_be_name(word)
    for place in range(len(words) - 2, -1, -1):
        word, after = words[place], words[place + 1]
        goes_on = after.text[0].isupper() or plain(after.text) in _PARTICLES
        if named[place + 1] and goes_on and text[word.end : after.start] == " ":
            named[place] |= plain(word.text) in _PARTICLES and (
                word.text[0].isupper() or _is_framed(words, named, place)
            )


def _continues(before: Word, word: Word, *, short: bool) -> bool:
    """ "Siew Ling Tan", "Lee Min Ho": short words with capitals go on, after two short ones whatever else they are."""
    if not (before.text.istitle() and word.text.istitle()):
        return False
    if len(word.text) <= SHORT:
        return kind_of(plain(word.text))[0] in _NAMED or (short and len(before.text) <= SHORT)
    return kind_of(plain(word.text))[0] in _NAMED and not kind_of(plain(word.text)).endswith("o")


SHORT = 4


def _may_be_name(word: Word) -> bool:
    return word.text[0].isupper() and kind_of(plain(word.text))[0] in _NAMED + "-" and kind_of(plain(word.text)) != "-o"


def _is_framed(words: Sequence[Word], named: Sequence[bool], place: int) -> bool:
    """A small particle belongs to a surname after a first name, or when nothing else begins so ("van der Berg")."""
    return plain(words[place].text) in _SURE_PARTICLES or (place > 0 and named[place - 1])


def _is_pair_in_capitals(first: Word, second: Word, between: str) -> bool:
    """ "MARTINEZ, ROSA", "HELEN R BAXTER": as cards and papers print them."""
    if not (first.text.isupper() and second.text.isupper() and _BETWEEN_CAPITALS.fullmatch(between)):
        return False
    kinds = {kind_of(plain(first.text)), kind_of(plain(second.text))}
    return min(len(first.text), len(second.text)) > 2 and bool(kinds & {"F"}) and kinds <= {*_NAMED, "-"}
