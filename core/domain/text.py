"""What can be read off a message's words, in Russian and English: tokens, stems, and its shape.

The shapes (question, greeting, thanks, reaction) are word lists on purpose: they run on every message of the store, and
both threading and cutting into units must agree on them.
"""

import re
import threading
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer


class _Stemmers(threading.local):
    """A pair for each thread: they keep the word they work on in themselves, and two threads that stemmed at once got wrong
    stems and IndexErrors (93 in a short race)."""

    def __init__(self) -> None:
        self.russian = snowballstemmer.stemmer("russian")
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()

STEM_CACHE = 1 << 16
"""Stemming a word costs 16-20 µs, a look into the cache 0.1 µs; 65,536 word forms (about 12 MB) cover a busy chat."""

WORDS_CACHE = 1 << 11
"""Texts whose words are kept: a text is asked for them some ten times while it is placed, with 600 others around it."""

LONG_TEXT = 2_000
"""Characters after which a message says nothing new about its subject: a pasted log, mostly."""

PLACEHOLDER = re.compile(r"\[[A-Z]{2,9}(?:_\d+)?\]")
"""What the masker leaves: `[PERSON]`, `[PHONE]`, … It says nothing about the subject, so it is no token."""

_TOKEN = re.compile(r"[^\W_]+(?:[-_./:'’][^\W_]+)*")
_WORD = re.compile(r"[^\W_]+")
_URL = re.compile(r"https?://\S+")


def fold(text: str) -> str:
    """Lower case, with ё as е: people type either.

    >>> fold("Всё ОК")
    'все ок'
    """
    return text.lower().replace("ё", "е")


def tokens(text: str) -> list[str]:
    """The words of a text, folded; numbers, versions, codes and file names stay whole, placeholders are left out.

    >>> tokens("[PERSON], ошибка E-1043 в v2.3 на /etc/fstab")
    ['ошибка', 'e-1043', 'в', 'v2.3', 'на', 'etc/fstab']
    """
    return _TOKEN.findall(fold(PLACEHOLDER.sub(" ", text)))


@lru_cache(maxsize=WORDS_CACHE)
def words(text: str) -> tuple[str, ...]:
    """The plain words of a text, folded, without placeholders."""
    return tuple(_WORD.findall(fold(PLACEHOLDER.sub(" ", text))))


@lru_cache(maxsize=STEM_CACHE)
def stem(word: str) -> str:
    """The stem of a folded word; the language is told by its letters.

    >>> stem("ошибкой"), stem("errors")
    ('ошибк', 'error')
    """
    stemmer = _STEMMERS.english if word.isascii() else _STEMMERS.russian
    return str(stemmer.stemWord(word))


@lru_cache(maxsize=STEM_CACHE)
def is_code(token: str) -> bool:
    """Whether a token names one exact thing: it has a digit, or an inner mark as file names and options have.

    >>> [is_code(token) for token in ("e-1043", "504", "etc/fstab", "как-то", "2")]
    [True, True, True, False, False]
    """
    if len(token) < 3:  # "2" or "10" are counted, not named
        return False
    return any(c.isdigit() for c in token) or any(c in token for c in "./_:")


def _listed(*groups: str) -> frozenset[str]:
    return frozenset(word for group in groups for word in fold(group).split())


STOP_WORDS = _listed(
    "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня"
    " еще нет о из ему теперь когда даже ну вдруг ли если уже или ни быть был него до вас нибудь опять уж вам ведь"
    " там потом себя ничего ей может они тут где есть надо ней для мы тебя их чем была сам чтоб без будто чего раз"
    " тоже себе под будет ж тогда кто этот того потому этого какой совсем ним здесь этом один почти мой тем чтобы"
    " нее были куда зачем всех никогда можно при наконец два об другой хоть после над больше тот через эти нас про"
    " всего них какая много разве три эту моя впрочем хорошо свою этой перед иногда лучше чуть том нельзя такой им"
    " более всегда конечно всю между это просто вообще очень пока нужно могу можете мой мои",
    "a about above after again all also am an and any are as at be because been before being but by can cant could did"
    " didnt do does doesnt doing don dont down during each few for from further had has have having he her here hers"
    " him his how i id if ill im in into is isnt it its ive just let like me more most my need no nor not now of off"
    " on once one only or other our out over own same she should so some such than that thats the their them then"
    " there these they this those through to too try u under until up use ur very want was way we well were what when"
    " where which while who why will with would yes you your s t m re ve ll d know think get got go see",
)
"""Words too common to tell one subject from another."""

_QUESTION_STARTS = _listed(
    "как почему зачем где куда когда кто что чем какой какая какие какое сколько можно подскажите подскажи помогите"
    " есть ли а чего разве какую каким",
    "how why where when who what which whats wheres hows can could is are does do did anyone anybody has have any"
    " should would will",
)
_QUESTION_WORDS = _listed(
    "подскажите подскажи помогите помоги кто-нибудь кто-то почему зачем сколько",
    "anyone anybody somebody someone how why help",
)
_PROBLEM_STEMS = frozenset(
    stem(word)
    for word in _listed(
        "проблема ошибка вылетает зависает зависло сломалось глючит сбой упал тормозит пропал пропали висит",
        "problem issue error fails failed crash crashes broken stuck trouble",
    )
)
_NEGATED_WORK = re.compile(r"\bне (?:работа|получа|приход|откры|могу|удает|запуска|груз|отправ|вид|пуска|проход)")
_GREETINGS = _listed(
    "привет приветствую здравствуйте здравствуй здрасьте здрасте добрый доброе доброго доброй день дня вечер вечера"
    " утро утра ночи времени суток всем хай ку салют коллеги ребят ребята народ друзья",
    "hi hello hey hiya howdy greetings good morning evening afternoon all everyone guys folks there yo",
)
_GREETING_HEADS = _listed(
    "привет приветствую здравствуйте здравствуй здрасьте здрасте добрый доброе доброго доброй хай ку салют",
    "hi hello hey hiya howdy greetings yo",
)
_THANKS = _listed(
    "спасибо спасиб спс спасибочки благодарю пасиб сенкс сенк",
    "thanks thank thx ty thnx tnx cheers thankyou tks",
)
_SOLVED_WORDS = _listed(
    "заработало помогло получилось разобрался разобралась решилось решено сработало завелось",
    "worked solved fixed works",
)
_FILLERS = _listed(
    "да нет ага угу ок окей окк океюшки хорошо ладно понял поняла понятно ясно принял принято ну всё все вам тебе"
    " большое огромное ок пожалуйста не за что спасибо супер отлично класс круто здорово точно верно согласен"
    " сейчас щас ща секунду минуту минутку посмотрю попробую проверю сделаю жду ждем окей лол хаха ха ой упс"
    " заработало помогло получилось сработало у меня теперь уже очень и о а это так",
    "yes no yeah yep yup nope nah ok okay okey k kk sure right cool great nice lol haha hah heh hehe hmm hm oh ah ahh"
    " i see got it thanks thank you thx ty welcome np problem done fine good works worked that a lot so much very"
    " again will do try wow sorry brb me too indeed exactly true and the is it's well",
)

SHORT_WORDS = 3
"""A message of at most three words, with no question in it, is read as a reaction."""


def is_question(text: str) -> bool:
    """Whether a message asks or reports a problem: a question mark, an asking first word, or words of trouble.

    >>> is_question("у меня не работает оплата"), is_question("Готово, проверяйте")
    (True, False)
    """
    without_links = _URL.sub(" ", text)
    if "?" in without_links:
        return True
    found = words(without_links)
    if not found:
        return False
    if found[0] in _QUESTION_STARTS and len(found) > SHORT_WORDS:
        return True
    return has_problem(without_links, found) or not _QUESTION_WORDS.isdisjoint(found)


def has_problem(text: str, found: Sequence[str] | None = None) -> bool:
    """Whether a message says that something is broken."""
    found = words(text) if found is None else found
    return any(stem(word) in _PROBLEM_STEMS for word in found) or _NEGATED_WORK.search(fold(text)) is not None


GREETING_WITHIN = 60
"""Characters within which a greeting stands, if there is one."""


def has_greeting(text: str) -> bool:
    """Whether a message opens with a greeting.

    >>> has_greeting("Добрый день! Не приходит код"), has_greeting("Передайте ей привет")
    (True, False)
    """
    return not _GREETING_HEADS.isdisjoint(words(text[:GREETING_WITHIN])[:2])  # "всем привет", "Оля, здравствуйте"


def is_thanks(text: str) -> bool:
    """Whether a message thanks, or says that it helped."""
    found = frozenset(words(text))
    return not found.isdisjoint(_THANKS) or not found.isdisjoint(_SOLVED_WORDS)


def is_filler(text: str) -> bool:
    """Whether a message is only greeting, thanks or assent: nothing that could be asked or learnt.

    >>> [is_filler(text) for text in ("ок, спасибо!", "+", "Добрый день", "порт 8443", "👍")]
    [True, True, True, False, True]
    """
    if "?" in text:
        return all(word in _GREETINGS for word in words(text)) and PLACEHOLDER.search(text) is None
    return all(word in _FILLERS or word in _GREETINGS for word in words(text)) and not _has_datum(text)


def _has_datum(text: str) -> bool:
    """A placeholder of something that was given (a phone, an address) is content; a person's name is only address."""
    return any(match.group() not in {"[PERSON]", "[USERNAME]"} for match in PLACEHOLDER.finditer(text))


def is_reaction(text: str) -> bool:
    """Whether a message is a very short answer to something said just before: "да", "ok", "+", ":)"."""
    return len(words(text)) <= SHORT_WORDS and "?" not in text


_VERDICTS = _listed("да нет ага неа можно нельзя конечно yes no yep yeah nope sure нет-нет")


def is_verdict(text: str) -> bool:
    """Whether a message is a bare yes or no: nothing by itself, but a whole answer to a question.

    >>> is_verdict("Да, конечно"), is_verdict("спасибо")
    (True, False)
    """
    return not frozenset(words(text)).isdisjoint(_VERDICTS)


def is_substantive(text: str) -> bool:
    """Whether a message says something that could be asked or learnt by itself."""
    return not is_filler(text)
