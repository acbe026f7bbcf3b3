"""Numbers beside words, where Russian has three forms and a trap at eleven, and English a trap at one."""

from decimal import Decimal

import pytest

from analytics.reports import phrases as say
from analytics.reports.numbers import (
    NBSP,
    change,
    decimal,
    dollars,
    duration,
    minutes_down,
    minutes_up,
    number,
    percent,
    short_duration,
    things,
)

TRAPS = (0, 1, 2, 5, 11, 12, 21, 22, 25, 101, 111, 1_001)


def plain(words: str) -> str:
    return words.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (say.MESSAGES, "сообщений сообщение сообщения сообщений сообщений сообщений сообщение сообщения сообщений "
                       "сообщение сообщений сообщение"),
        (say.QUESTIONS, "вопросов вопрос вопроса вопросов вопросов вопросов вопрос вопроса вопросов вопрос вопросов вопрос"),
        (say.OF_QUESTIONS, "вопросов вопроса вопросов вопросов вопросов вопросов вопроса вопросов вопросов вопроса "
                           "вопросов вопроса"),
        (say.REQUESTS, "обращений обращение обращения обращений обращений обращений обращение обращения обращений "
                       "обращение обращений обращение"),
        (say.CHATS, "чатов чат чата чатов чатов чатов чат чата чатов чат чатов чат"),
    ],
)  # fmt: skip
def test_russian_things(forms: say.Counted, expected: str) -> None:
    assert [things(count, forms["ru"], "ru").split(NBSP)[-1] for count in TRAPS] == expected.split()


@pytest.mark.parametrize("forms", [say.MESSAGES, say.QUESTIONS, say.OF_QUESTIONS, say.REQUESTS, say.CHATS])
def test_english_things_are_one_or_more(forms: say.Counted) -> None:
    one, more = forms["en"]
    assert [things(count, forms["en"], "en") for count in (0, 1, 2, 11, 21, 101)] == [
        f"0{NBSP}{more}", f"1{NBSP}{one}", f"2{NBSP}{more}", f"11{NBSP}{more}", f"21{NBSP}{more}", f"101{NBSP}{more}",
    ]  # fmt: skip


def test_thousands_points_and_shares() -> None:
    assert (number(1_234_567, "ru"), number(1_234_567, "en")) == (f"1{NBSP}234{NBSP}567", "1,234,567")
    assert (decimal(1234.5, 2, "ru"), decimal(1234.5, 2, "en")) == (f"1{NBSP}234,50", "1,234.50")
    assert (percent(0.126, "ru"), percent(0.126, "en")) == (f"13{NBSP}%", "13%")


@pytest.mark.parametrize(
    ("amount", "russian"),
    [("1234.5", "1 234,50 $"), ("0.999", "1,00 $"), ("0.04", "0,04 $"), ("0.000123", "0,00012 $"), ("0", "0 $")],
)
def test_dollars_below_a_cent_have_two_digits_that_count(amount: str, russian: str) -> None:
    assert plain(dollars(Decimal(amount), "ru")) == russian


@pytest.mark.parametrize(
    ("minutes", "russian", "english", "short"),
    [
        (1, "1 минуту", "1 minute", "1 мин"),
        (2, "2 минуты", "2 minutes", "2 мин"),
        (11, "11 минут", "11 minutes", "11 мин"),
        (60, "1 час", "1 hour", "1 ч"),
        (61, "1 час 1 минуту", "1 hour 1 minute", "1 ч 1 мин"),
        (21 * 60 + 5, "21 час 5 минут", "21 hours 5 minutes", "21 ч 5 мин"),
        (1_440, "1 день", "1 day", "1 дн."),
        (1_440 + 59, "1 день", "1 day", "1 дн."),
        (2 * 1_440 + 120, "2 дня 2 часа", "2 days 2 hours", "2 дн. 2 ч"),
    ],
)
def test_durations_have_their_two_largest_units(minutes: int, russian: str, english: str, short: str) -> None:
    assert plain(duration(minutes, "ru")) == russian
    assert plain(duration(minutes, "en")) == english
    assert plain(short_duration(minutes, "ru")) == short


def test_what_was_done_is_rounded_up_and_what_has_gone_down() -> None:
    assert [minutes_up(seconds) for seconds in (0, 1, 60, 60.5, 3_600)] == [1, 1, 1, 2, 60]
    assert [minutes_down(seconds) for seconds in (0, 59, 119, 120)] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("now", "before", "russian", "english"),
    [
        (20, 20, "столько же, сколько раньше", "as many as before"),
        (1_003, 1_000, "почти столько же, сколько раньше", "almost as many as before"),
        (5, 0, "в прошлом периоде ни одного", "none in the period before"),
        (0, 21, "против 21 раньше", "against 21 before"),
        (19, 18, "на 1 больше, чем раньше", "1 more than before"),
        (3, 19, "на 16 меньше, чем раньше", "16 fewer than before"),
        (112, 100, "на 12 % больше, чем раньше", "12% more than before"),
        (50, 100, "на 50 % меньше, чем раньше", "50% fewer than before"),
        (40, 20, "в 2 раза больше, чем раньше", "twice as many as before"),
        (53, 20, "в 2,6 раза больше, чем раньше", "2.6 times as many as before"),
        (100, 20, "в 5 раз больше, чем раньше", "5 times as many as before"),
        (420, 20, "в 21 раз больше, чем раньше", "21 times as many as before"),
        (440, 20, "в 22 раза больше, чем раньше", "22 times as many as before"),
    ],
)  # fmt: skip
def test_a_change_is_told_as_people_tell_it(now: int, before: int, russian: str, english: str) -> None:
    than = {"ru": "раньше", "en": "before"}
    told = change(now, before, "ru", than["ru"]), change(now, before, "en", than["en"])
    assert tuple(map(plain, told)) == (russian, english)


def test_where_the_comparison_was_just_made_it_is_left_out() -> None:
    assert plain(change(112, 100, "ru")) == "на 12 % больше"
    assert plain(change(20, 20, "en")) == "as many"
