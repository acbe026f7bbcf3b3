"""Russian names: slovnet's tagger, a dictionary of word forms, and what each knows better than the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from core.privacy import models
from core.privacy.recognisers.base import Context, Found, Rank, Word
from core.privacy.recognisers.lexicon import word_set
from core.privacy.recognisers.words import (
    CYRILLIC,
    Weights,
    beside_arrow,
    is_ambiguous,
    is_chat_word,
    is_common_name,
    is_compound,
    is_firm,
    is_first_name,
    is_slang,
    is_thing,
    may_be_name,
    readable_words,
    weigh,
)
from core.privacy.types import PiiType

SURE = 0.05
"""The tagger's probability from which a word that may be a name is one. A name shown is worse than a word masked: on
Russian news 0.25 gives a recall of 0.979 at a precision of 0.978, 0.1 gives 0.983 at 0.977."""
SURE_UNKNOWN = 0.65
"""The same for a lower-case word that no dictionary knows, which may be slang. On the same news in lower case 0.8 gives
0.880 at 0.983, 0.65 gives 0.895 at 0.974; in chats every step doubles the slang that is masked."""
SURE_ORDINARY = 0.7
"""The same for an ordinary word with a capital letter, within a sentence: 0.5 gives no more names in news, 0.8 loses some…"""
SURE_BEGINNING = 0.95
"""…and at its beginning, or after anything that is no word, where the capital says nothing."""
SURE_AMBIGUOUS = 0.88
"""The same for a lower-case word that is oftener something else: "спросите у веры" against "вера в лучшее"."""
SURE_FOREIGN = 0.8
"""The same for a word in Latin letters within a Russian text, which is mostly a product."""
ALSO_ORDINARY = 0.2
SURE_HALF = 0.35
"""A lower-case name that is so often another word ("марка чека") is left to the tagger, from this probability on. On news in
lower case 0.15 gives 0.8953 at 0.9734, 0.35 0.8948 at 0.9746, 0.5 0.8941 at 0.9745."""
DOUBTFUL = 0.05
"""From here on the tagger does not contradict the dictionary."""

MIN_NAME = 3
_MASKS = frozenset(PiiType)
_SENTENCE = regex.compile(r"(?:^|[.!?\n]\s*+)[^\p{L}\n]*+(\p{L})")
_INITIALS = regex.compile(r"(?<![\p{L}\d.])\p{L}\.\s?(?:\p{L}\.\s?)?$")
_PARTICLES = word_set("ибн бин фон ван де ди да дер ла ле эль аль оглы кызы заде дос дю")
_HALF_LATIN = regex.compile(r"\p{Latin}-\p{Cyrillic}|\p{Cyrillic}-\p{Latin}")
"""`API-ключи`"""
_STREET_BEFORE = regex.compile(
    r"(?<!\p{L})(?:г|город\p{L}{0,2}|ул|улиц\p{L}{1,2}|просп|проспект\p{L}{0,2}|пр|пл|площад\p{L}{1,3}|пер|"
    r"переул\p{L}{2,3}|"
    r"бульвар\p{L}{0,2}|наб|метро|станци\p{L}|шоссе)"
    r"[. ]{1,2}$",
    regex.IGNORECASE,
)
"""Streets bear the names of people whom nobody has to be protected from."""
_GOODS_BEFORE = regex.compile(
    r"(?<!\p{L})(?:сыр|хлеб|вино|чай|кофе|шоколад|торт|салат|печенье|конфеты|мороженое|духи|пиво|сок|вода|молоко|йогурт|"
    r"колбаса|сосиски|водка|коньяк|шампанское|шампунь|крем|паста|порошок|мыло|корм|пельмени|чипсы|сигареты|кроссовки|"
    r"пицца|роллы?|суп|роза|тюльпан|букет|стрижка|окраска|коллекция|размер|цвет) [«\"]?$",
    regex.IGNORECASE,
)
"""What stands behind these is a brand or a sort, unless it is a first name: "сыр Дарницкий", "чипсы Лейс"."""
_THING_BEFORE = regex.compile(
    r"(?<!\p{L})(?:касса|принтер|сканер|терминал|весы|планшет|фискальник|драйвер|плагин|модуль|программа|приложение|"
    r"сервис|сайт|документ|отч[её]т|справочник|форма|раздел|вкладка|кнопка|пункт|меню|роль|статус|тариф|акция|ошибка|"
    r"модель|марка|бренд|фирма|компания|банк|офд|магазин|точка|склад|тц|трц) [«\"]?$",
    regex.IGNORECASE,
)
"""Behind these nothing that may be a name is taken for a thing, since they have owners: "касса Петровой", "принтер Рикс"."""
_STREETS = word_set(
    "ленина гагарина пушкина кирова маркса горького чапаева чехова толстого гоголя лермонтова калинина фрунзе жукова "
    "дзержинского суворова кутузова свердлова куйбышева королёва королева ломоносова тургенева некрасова маяковского"
)
"""After "на" these are streets that every town has."""
_SOLE_TRADER = regex.compile(r"(?<!\p{L})(?:ИП|ФЛП|ФОП|ЧП) [«\"]?$")
"""Behind it stands a surname, whatever the word is otherwise."""
_GLUED = regex.compile(r"(?<=\p{Ll}{2})\p{Lu}\p{Ll}{2,}$")
_ABROAD = regex.compile(r"[әғқңөұүһіїєґў]")
"""Letters that Russian has not: two such words make another language, whose words no Russian dictionary knows."""
_INITIALS_AFTER = regex.compile(r"\s?\p{Lu}\.(?:\s?\p{Lu}\.)?|\s?\p{L}\.\s?\p{L}\.")


@dataclass(slots=True)
class _Word:
    """A word on its way to a decision."""

    text: str
    start: int
    end: int
    weights: Weights
    person: float = 0.0
    other: float = 0.0
    named: bool = False
    within: bool = False
    """Another word stands before it, with nothing but a space between."""
    listed: bool = False
    """Stands beside an arrow, in the path to a menu item."""

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def cyrillic(self) -> bool:
        return CYRILLIC.search(self.text) is not None

    @property
    def free(self) -> bool:
        """The tagger does not see a place or a firm here."""
        return self.other < 0.5


class RussianNames:
    """First names, patronymics and surnames in any case form and in lower case, with initials."""

    name = "russian name"

    def find(self, context: Context) -> Iterable[Found]:
        if not CYRILLIC.search(context.text):
            return
        words = [
            _word(word)
            for word in readable_words(context)
            if word.text.upper() not in _MASKS and not _is_thing(context.text, word)
        ]
        if not words:
            return
        for before, word in pairwise(words):
            word.within = context.text[before.end : word.start] == " "
        careless = writes_small(context.text)
        _ask_the_tagger(context.text, words, careless)
        abroad = sum(_ABROAD.search(word.text) is not None for word in words) > 1
        for word in words:
            word.listed = beside_arrow(context.text, word.start, word.end)
            word.named = (
                _is_tagged(word) and not (abroad and not word.capital and not word.weights.known)
            ) or _is_sure_first_name(word)
        _complete_names(context.text, words, careless)
        for word in words:
            if word.named:
                start, end = _with_initials(context.text, word)
                yield Found(start, end, PiiType.PERSON, Rank.NAME)
            elif (glued := _GLUED.search(word.text)) and is_first_name(glued.group()):
                yield Found(word.start + glued.start(), word.end, PiiType.PERSON, Rank.NAME)


def _is_thing(text: str, word: Word) -> bool:
    """Words that name a firm, a street or a product whatever they look like."""
    return (
        is_firm(word.text)
        or is_thing(word.text)
        or _HALF_LATIN.search(word.text) is not None
        or _STREET_BEFORE.search(text, max(0, word.start - 16), word.start) is not None
        or (
            not is_first_name(word.text) and _GOODS_BEFORE.search(text, max(0, word.start - 16), word.start) is not None
        )
        or (not may_be_name(word.text) and _THING_BEFORE.search(text, max(0, word.start - 16), word.start) is not None)
        or (word.text.lower() in _STREETS and text[max(0, word.start - 3) : word.start].lower().strip() == "на")
    )


def writes_small(text: str) -> bool:
    """Whether the writer begins sentences with small letters; then no small letter says anything."""
    beginnings: list[bool] = [match[1].islower() for match in _SENTENCE.finditer(text)]
    return sum(beginnings) * 2 >= max(1, len(beginnings))


def _word(word: Word) -> _Word:
    return _Word(word.text, word.start, word.end, weigh(word.text.lower()) if CYRILLIC.search(word.text) else Weights())


def _ask_the_tagger(text: str, words: Sequence[_Word], careless: bool) -> None:
    """Gives every word the tagger's opinion. It reads newspapers, so that lower-case names need capitals first."""
    letters = list(text)
    for word in words:
        if not word.capital and _wants_capital(word, careless):
            for place, letter in enumerate(word.text):
                if place == 0 or word.text[place - 1] == "-":
                    letters[word.start + place] = letter.upper()
    tokens = iter(models.tag("".join(letters)))
    token = next(tokens, None)
    for word in words:
        while token is not None and token.end <= word.start:
            token = next(tokens, None)
        while token is not None and token.start < word.end:
            word.person, word.other = max(word.person, token.person), max(word.other, token.other)
            if token.end > word.end:
                break
            token = next(tokens, None)


def _wants_capital(word: _Word, careless: bool) -> bool:
    weights = word.weights
    if len(word.text) < MIN_NAME or is_slang(word.text):
        return False
    if not careless:
        return weights.name >= 0.6 and weights.name > weights.other
    return weights.name >= 0.3 or weights.place >= 0.5 or not weights.known


def _is_tagged(word: _Word) -> bool:
    weights = word.weights
    if len(word.text) < 2 or word.person < SURE or (word.listed and weights.name <= 0):
        return False
    if not word.cyrillic:
        return word.capital and word.person >= SURE_FOREIGN
    if word.capital and not weights.known and not (weights.noun or weights.like_surname or word.within):
        return word.person >= SURE_BEGINNING
    if word.person < SURE_BEGINNING and is_compound(word.text):
        return False
    if is_slang(word.text) and not (word.capital and (weights.name or weights.like_surname)):
        return False
    if word.capital:
        return (
            weights.name > 0
            or not weights.known
            or weights.other < 0.9
            or word.person >= (SURE_ORDINARY if word.within else SURE_BEGINNING)
        )
    if is_ambiguous(word.text) or weights.other > weights.name > 0:
        return word.person >= SURE_AMBIGUOUS
    if weights.name >= 0.3:
        return weights.other < ALSO_ORDINARY or word.person >= SURE_HALF
    return word.person >= SURE_UNKNOWN and not weights.known and (weights.noun or weights.like_surname)


def _is_sure_first_name(word: _Word) -> bool:
    weights = word.weights
    if word.cyrillic and not weights.known and is_first_name(word.text):
        return True
    if not word.capital and weights.other >= ALSO_ORDINARY and word.person < SURE_HALF:
        return False
    if (
        not word.cyrillic
        or weights.first < 0.6
        or weights.first <= weights.other
        or len(word.text) < MIN_NAME
        or not word.free
    ):
        return False
    if not word.capital and is_chat_word(word.text):
        return False
    return word.person >= DOUBTFUL or is_common_name(word.text.lower())


def _complete_names(text: str, words: Sequence[_Word], careless: bool) -> None:
    """What stands beside a name, after initials, or looks like a surname and nothing else, is a name as well."""
    for place, word in enumerate(words):
        if not word.named:
            before = words[place - 1] if place else None
            after = words[place + 1] if place + 1 < len(words) else None
            word.named = (
                _is_surname_alone(word)
                or (word.text.istitle() and _SOLE_TRADER.search(text, max(0, word.start - 6), word.start) is not None)
                or (before is not None and _is_second(text, before, word, careless))
                or (after is not None and _is_first_of(text, word, after, careless))
                or (
                    (word.capital or careless)
                    and _may_be_surname(word)
                    and _INITIALS.search(text[max(0, word.start - 8) : word.start]) is not None
                )
            )
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if before.named and after.named and not word.named and _is_bridge(text, before, word, after):
            word.named = True
        if word.named and before.text.lower() in _PARTICLES and text[before.end : word.start] in (" ", "-"):
            before.named = True
    for first, second in pairwise(words):
        if not (first.named or second.named) and _is_unknown_pair(text, first, second):
            first.named = second.named = True


def _may_be_surname(word: _Word) -> bool:
    weights = word.weights
    return (
        word.cyrillic
        and len(word.text) >= MIN_NAME
        and (weights.surname > 0 or not weights.known)
        and not is_chat_word(word.text.lower())
    )


def _is_surname_alone(word: _Word) -> bool:
    """ "Калоев, потерявший…": capital, and no dictionary reads it as anything else."""
    weights = word.weights
    if (
        not word.cyrillic
        or not word.capital
        or not word.text[1:].islower()
        or len(word.text) < 4
        or is_chat_word(word.text.lower())
    ):
        return False
    if not word.free:
        return weights.surname >= 0.5 and weights.name > weights.other and (word.within or word.person >= DOUBTFUL / 2)
    if weights.known:
        return weights.surname >= 0.5 and weights.name > weights.other
    return weights.like_surname and word.person >= DOUBTFUL


def _is_bridge(text: str, before: _Word, word: _Word, after: _Word) -> bool:
    """ "Усамы бин Ладена", "Жан-Мари Ле Пен"."""
    return text[before.end : word.start] == " " == text[word.end : after.start] and (
        word.text.lower() in _PARTICLES or (word.capital and len(word.text) <= 5 and word.weights.other < 0.5)
    )


def _is_second(text: str, before: _Word, word: _Word, careless: bool) -> bool:
    """A surname after a first name: "юрию долгорукому"."""
    if not (before.named and text[before.end : word.start] == " "):
        return False
    if not (before.cyrillic and word.cyrillic):
        return not (before.cyrillic or word.cyrillic) and word.person >= 0.5
    if before.weights.first < 0.3 and (before.weights.known or not before.capital):
        return False
    weights = word.weights
    if not word.free or weights.place >= 0.3:
        return False
    if word.capital:
        return word.text[1:].islower() and (word.person >= DOUBTFUL / 2 or _may_be_surname(word))
    return careless and _may_be_surname(word) and (weights.other < 0.5 or weights.surname >= 0.3)


def _is_first_of(text: str, word: _Word, after: _Word, careless: bool) -> bool:
    """What stands before a name and belongs to it: "Ивановой Маше", "Массимо Бузакка", "Sami al-Haj"."""
    if not (after.named and text[word.end : after.start] == " " and word.free and word.weights.place < 0.3):
        return False
    weights = word.weights
    if not (word.capital or careless) or weights.other >= 0.5 or is_chat_word(word.text.lower()):
        return False
    if after.weights.first >= 0.3:
        return weights.surname >= 0.3 or (not weights.known and weights.like_surname)
    return (
        word.cyrillic
        and word.capital
        and word.text[1:].islower()
        and (weights.first > 0 or not weights.known)
        and word.person >= DOUBTFUL / 5
    )


def _is_unknown_pair(text: str, first: _Word, second: _Word) -> bool:
    """Two words with capitals side by side of which neither is an ordinary one: "Горацио Элисондо"."""
    return (
        text[first.end : second.start] == " "
        and all(
            word.capital and word.text[1:].islower() and len(word.text) >= MIN_NAME and word.free
            for word in (first, second)
        )
        and first.weights.first > 0
        and _may_be_surname(second)
        and second.weights.place < 0.3
    )


def _with_initials(text: str, word: _Word) -> tuple[int, int]:
    start, end = word.start, word.end
    if match := _INITIALS.search(text[max(0, start - 8) : start]):
        start -= len(match.group())
    if (word.weights.surname or not word.weights.known) and (match := _INITIALS_AFTER.match(text, end)):
        end = match.end()
    return start, end
