"""What a word is, for the recognisers of names: a name, an ordinary word, or unknown; and where words are not read at all."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import regex

from core.privacy import models
from core.privacy.diminutives import all_forms
from core.privacy.recognisers.base import Context, Word
from core.privacy.recognisers.network import URL

CYRILLIC = regex.compile(r"[а-яё]", regex.IGNORECASE)
_OPAQUE = regex.compile(
    r"(?<![\w.+%@-])[\w.+%-]*+@[\w.-]*+|(?<![\p{L}\d.-])(?:[\p{L}\d-]++\.)++[a-z]{2,}+(?:/\S*+)?|"
    r"(?<![\p{L}\d])/[\p{L}_]++(?:@\w++)?|"
    r"(?<![\w-])[\p{L}\d-]*+[_\\]\S*+|#\w++",
    regex.IGNORECASE,
)
"""Words here are parts of a machine's name: domains, paths, commands, identifiers, hashtags."""

_NOT_NAMES = regex.compile(
    r"(?:ли|лев|льв[аеуы]|нифига|ник|ники|ником|нике|мини|гели[йияюе]|гелием|рахмат|атол|лайм|сим|ада|авиа|або|дан|"
    r"дана|даны|вели|мира|мире|миру|миром|"
    r"май|мая|маем|августа?|марта?|роман[аеуы]?|лад|лука|карина?е|тема|теме|теми|темой|темы|света|светом|"
    r"слав[аеуыой]{1,2}|вер[аы]|"
    r"вере|верой|надежд[аеуы]?|надеждой|любов[ьи]|любовью|роз[аеуы]|алло|ира?к|адам|том[аеу]?|томом|ян|рой|рут|"
    r"рута|мэри)$"
)
"""Lower-case words that the dictionary counts as names and people hardly mean so."""

_SLANG = regex.compile(
    r"(?:пасп$|ник[аиеу]?$|ников$|ником$|мини$|рахмат|рахмет|токен|нифига|самовывоз|гели[йияюе]$|вебхук|веб-хук|"
    r"хук[аиоу]|скрин|свайп|рефреш|аутсорс|блютус|блютуз|бэкап|бекап|дашборд|логин|плиз|пжл|"
    r"пжст|пожалст|пожалуст|спс|"
    r"спасиб|здра[вс]|здоров[ао]|здаров|прив|дратути|чтоли|чтото|ктото|какойто|какието|вообщем|ваще|щас|счас|чё|"
    r"чо$|шо$|"
    r"экспел|эксел|ексел|ворд[аеу]?$|пдф|джсон|апи|апдейт|апгрейд|аппрув|баг|багу|фич|фикс|деплой|релиз|"
    r"прод[еа]?$|тестов|стейдж|"
    r"таск|тикет|саппорт|сапорт|техподдерж|юзер|админ|модер|бот[аеу]?$|чат[аеу]?$|онлайн|оффлайн|офлайн|онлайн-|"
    r"лендинг|лэндинг|"
    r"кликн|клика|чек-?лист|чекбокс|фильтр|гугл|яндекс|телег|ватсап|вацап|вотсап|вайбер|скайп|зум[аеу]?$|дискорд|"
    r"ютуб|инст|"
    r"тикток|фейсбук|вконтакт|озон|вайлдберри|вб$|авито|сдэк|сбер|тиньк|альфа|втб|киви|юмани|юкасс|эквайринг|терминал|"
    r"сканер|принтер|роутер|вайфа[йяюе]|вай-фай|интернет|браузер|хром|сафари|андроид|райф+айзен[а-я]*|айфон|айпад|айос|"
    r"самсунг|сяоми|"
    r"ксиоми|хуавей|"
    r"приложен|обнов|переустан|перезагр|перелогин|залогин|разлогин|зареген|зарегистр|подключ|настро|отключ|переподключ|"
    r"безопасник|айтишник|бухгалтер|менеджер|курьер|продавец|консультант|оператор|директор|"
    r"безнал|кэшб[эе]к|кешб[эе]к|промокод|кодик|чек[иа]?$|снилс|инн$|огрн|кпп$|бик$|егаис|маркиров|честный|"
    r"лагает|глючит|тупит|виснет|завис|вылета|крашит|краш|ошиб|проблемк|вопросик|минутк|секундочк|"
    r"соеден|сообщен|получаеться|извен|извин|нрав|счита|скока|скольк|тока$|токо$|норм|ок(?:ей|ау)?$|окей|лол|хз$|"
    r"имхо|кст|"
    r"внутр|пом$|пон$|корп|подъезд|домофон|индекс|адрес|тел$|моб$|номер)",
    regex.IGNORECASE,
)
"""Beginnings of words of support chats that the dictionary does not have, or that people mistype."""

_FIRMS = regex.compile(
    r"(?:озон|вайлдберр?из|битрикс|атол|эвотор|диадок|меркури|авито|яндекс|сбер|тинькофф|альфа|втб|киви|юмани|"
    r"юкасс|самсунг|сяоми|ксиоми|"
    r"хуавей|телеграм+|ватсап|вотсап|вацап|вайбер|скайп|гугл|ютуб|инстаграм+|фейсбук|вконтакте|полк|мегафон|"
    r"билайн|сдэк|боксберри|"
    r"ламод|алиэкспресс|вордпресс|тильд|найк|адидас|нивея|колгейт|рутокен|такском|пакс|рикс|мертех|верифон|ингенико|"
    r"дримкас|"
    r"элвес|пирит|фрегат|бифит|модулькасс|сбис|мойсклад|тинькофф|уралсиб|росбанк|совкомбанк|почтабанк|магнит|"
    r"пят[её]рочк|"
    r"леруа|икеа|деливери|ситимобил|дзен|рутуб|одноклассник|майкрософт|эппл|интел|эпсон|кэнон|кенон|ксерокс|"
    r"райф+айзен[а-я]*|айфон|айпад|андроид|виндовс|линукс|эксель|ворд|постгрес|редис|докер|"
    r"кубер)[а-яё]{0,2}$",
    regex.IGNORECASE,
)
"""Firms and products whose Russian spelling the tagger takes for people."""

_NO_NAME_ENDINGS = (
    "ция",
    "ции",
    "цию",
    "цией",
    "ость",
    "ости",
    "остью",
    "ение",
    "ения",
    "ению",
    "ением",
    "изм",
    "изма",
    "ание",
    "ания",
    "анию",
    "анием",
    "ство",
    "ства",
)
_NAME_TAGS = frozenset({"Name", "Surn", "Patr"})
MAX_WORD = 40
"""Longer strings of letters are no words, and the dictionary would be slow with them."""


class Weights(NamedTuple):
    """How much the readings of a word weigh by kind, together at most 1."""

    first: float = 0.0
    """As a first name or patronymic."""
    surname: float = 0.0
    name: float = 0.0
    """As a name of any kind."""
    place: float = 0.0
    other: float = 0.0
    """As an ordinary word, and as a place."""
    known: bool = False
    """The dictionary has the word."""
    like_surname: bool = False
    """The dictionary has it not, or not so, but its ending is a surname's."""
    noun: bool = False


@lru_cache(maxsize=50_000)
def weigh(word: str) -> Weights:
    """What the dictionary of Russian word forms says of a word in lower case."""
    if len(word) > MAX_WORD:
        return Weights()
    readings = models.readings(word)
    known = [reading for reading in readings if reading.known]
    # "Ивановой" is also a possessive adjective: an adjective with the lemma of a surname is that surname.
    surnames = {
        reading.lemma for reading in known if "Surn" in reading.grammemes and reading.lemma.endswith(("ов", "ев", "ин"))
    }
    names = [r for r in known if r.grammemes & _NAME_TAGS or ("ADJF" in r.grammemes and r.lemma in surnames)]
    name = sum(reading.score for reading in names)
    return Weights(
        first=sum(r.score for r in names if r.grammemes & {"Name", "Patr"}),
        surname=sum(r.score for r in names if "Surn" in r.grammemes),
        name=name,
        place=sum(r.score for r in known if "Geox" in r.grammemes),
        other=sum(r.score for r in known) - name,
        known=bool(known),
        like_surname=any("Surn" in r.grammemes for r in readings),
        noun=bool(readings) and "NOUN" in readings[0].grammemes and not word.endswith(_NO_NAME_ENDINGS),
    )


def is_ambiguous(word: str) -> bool:
    """Whether a lower-case word can be a name, but is mostly none."""
    return _NOT_NAMES.match(word) is not None


def is_slang(word: str) -> bool:
    """Whether a word is one of those that chats use and the dictionary does not know."""
    return _SLANG.match(word) is not None


def is_chat_word(word: str) -> bool:
    """Whether a lower-case word is no name by itself, whatever the dictionary says."""
    return is_ambiguous(word) or is_slang(word)


def is_firm(word: str) -> bool:
    """Whether a word, with any letters, is a firm or product of `_FIRMS`."""
    return _FIRMS.match(word) is not None


@lru_cache(maxsize=10_000)
def is_common_name(word: str) -> bool:
    """Whether a lower-case word is a form of a first name that people really have.

    The dictionary counts twenty thousand words among the names, `апи` and `авиа` among them.
    """
    forms = all_forms()
    return any(r.lemma.replace("ё", "е") in forms and r.known and r.grammemes & {"Name"} for r in models.readings(word))


@lru_cache(maxsize=10_000)
def is_first_name(word: str) -> bool:
    """Whether a word is a full or short first name in some case form, or in the form by which people are called ("ксюх")."""
    low = word.lower().replace("ё", "е")
    forms = all_forms()
    return low + "а" in forms or any(r.lemma.replace("ё", "е") in forms for r in models.readings(low))


@lru_cache(maxsize=10_000)
def is_thing(word: str) -> bool:
    """Whether a word cannot be a name by its make: `Штрих-М`, `Юбилейное`, `Оприходование`, `КриптоПро`."""
    low = word.lower()
    if len(low) > MAX_WORD or not CYRILLIC.match(low):
        return False
    if low.endswith(("ое", "ее", "ые", "ие")) and "ADJF" in models.readings(low)[0].grammemes:
        return True
    if low.endswith(_NO_NAME_ENDINGS) and len(low) > LONG and not weigh(low).name:
        return True
    inner = _INNER_CAPITAL.search(word)
    if inner is not None:
        return not is_first_name(inner.group())
    return any(len(part) == 1 for part in low.split("-"))


@lru_cache(maxsize=10_000)
def may_be_name(word: str) -> bool:
    """Whether anything in a word says that it is a name: the dictionary, a surname's ending, a list of first names."""
    weights = weigh(word.lower())
    return weights.name > 0 or weights.like_surname or is_first_name(word)


@lru_cache(maxsize=10_000)
def is_compound(word: str) -> bool:
    """Whether a word that no dictionary has is made of ordinary ones: `продавец-консультант`, `кофемашина`."""
    low = word.lower()
    parts = low.split("-")
    if len(parts) > 1:
        return any(_is_ordinary(part) for part in parts) and not any(may_be_name(part) for part in parts)
    return (
        len(low) <= MAX_WORD
        and not weigh(low).known
        and any(
            _is_ordinary(low[cut:]) and weigh(low[cut:]).noun and (_is_ordinary(low[:cut]) or low[:cut] in _FIRST_PARTS)
            for cut in range(MIN_FIRST_PART, len(low) - MIN_LAST_PART + 1)
        )
    )


def _is_ordinary(word: str) -> bool:
    return models.is_known(word) and not weigh(word).name


_FIRST_PARTS = frozenset(
    ("авто", "видео", "фото", "аудио", "веб", "интернет", "теле", "мото", "вело", "кино", "эко", "био", "мини", "макси")
)
_INNER_CAPITAL = regex.compile(r"(?<=\p{Ll})\p{Lu}[\p{L}]*+$")
LONG = 6
MIN_FIRST_PART, MIN_LAST_PART = 3, 5


_ARROW = regex.compile(r"\s?(?:[→➔➜⟶⋮]|[-=]>|[ ]>[ ])")


def beside_arrow(text: str, start: int, end: int) -> bool:
    """Whether a word begins or ends an item in the path of a menu."""
    before = text[max(0, start - 4) : start].rpartition("\n")[2]
    return _ARROW.search(before) is not None or _ARROW.match(text, end) is not None


def opaque_ranges(text: str) -> Sequence[tuple[int, int]]:
    """Where no names are looked for."""
    ranges = [match.span() for match in URL.finditer(text)]
    ranges.extend(match.span() for match in _OPAQUE.finditer(text))
    return sorted(ranges)


def readable_words(context: Context) -> Iterator[Word]:
    """The words of the text that people wrote as words."""
    ranges = opaque_ranges(context.text)
    place = 0
    for word in context.words:
        while place < len(ranges) and ranges[place][1] <= word.start:
            place += 1
        if place == len(ranges) or word.end <= ranges[place][0]:
            yield word
