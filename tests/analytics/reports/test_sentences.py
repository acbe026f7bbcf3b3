"""What the first page says, in both languages; what is not known is not said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from analytics.reports.facts import Facts
from analytics.reports.sentences import caption, filled, plain, summary
from analytics.saving import Saved
from analytics.trends import Trend
from core.domain.language import Language
from core.privacy.types import MaskedText
from tests.analytics.reports.making import MONDAY, facts, responses, topic, waiting, waits, words


def said(found: Facts, language: Language) -> list[str]:
    return words([plain(sentence) for sentence in summary(found, language)])


BUSY: dict[str, Any] = {
    "figures": {
        "messages": 112, "responses": responses(21, 19, (18, 170)), "resolved": 9, "unresolved": 1, "questions": 22,
        "refused": 1, "dollars": Decimal("1.76"), "calls": 40,
    },
    "before": {
        "messages": 100, "responses": responses(22, 22, (21, 61)), "resolved": 1, "unresolved": 1,
        "dollars": Decimal("1.61"), "calls": 30,
    },
    "saved": Saved(Decimal("0.5"), Decimal("0.18"), frozenset()),
    "topics": [topic("Касса", 12, 2, Trend.RISING), topic("тариф «Старт»", 5, 0, Trend.NEW), topic("Весы", 3)],
    **waiting(waits(32), waits(1.5, "Алло?", message_id=None), waits(0.001, ""), more=18),
}  # fmt: skip


def test_five_sentences_in_russian() -> None:
    assert said(facts(**BUSY), "ru") == [
        "Пришло 112 сообщений, на 12 % больше, чем в предыдущие 7 дней; клиенты задали 21 вопрос, на 5 % меньше.",
        "Половина ответов пришла за 18 минут, девять из десяти — за 2 часа 50 минут (в предыдущие 7 дней — за 21 минуту и "
        "1 час 1 минуту). Без ответа осталось 2 вопроса. По оценке анализа решено 90 % вопросов (9 из 10; было 50 %).",
        "Ждёт ответа 21 обращение, дольше всех: «Где чек?» (1 день 8 часов), «Алло?» (1 час 30 минут), 1 минуту.",
        "Новое: «тариф „Старт“» (5 сообщений). Пишут чаще: «Касса» (12 сообщений, было 2).",
        "ИИ обошёлся в 1,76 $ (в предыдущие 7 дней — 1,61 $); пакеты и кэш сберегли 0,68 $. Ассистент ответил на 21 из "
        "22 вопросов.",
    ]


def test_five_sentences_in_english() -> None:
    assert said(facts(**BUSY), "en") == [
        "112 messages came in, 12% more than in the 7 days before; clients asked 21 questions, 5% fewer.",
        "Half of the answers came within 18 minutes, nine in ten within 2 hours 50 minutes (in the 7 days before: 21 minutes "
        "and 1 hour 1 minute). 2 questions were left without an answer. By the analysis 90% of the questions are resolved (9 "
        "of 10; it was 50%).",
        "21 requests wait for an answer, longest of all: “Где чек?” (1 day 8 hours), “Алло?” (1 hour 30 minutes), 1 minute.",
        "New: “тариф ‘Старт’” (5 messages). More often than before: “Касса” (12 messages, it was 2).",
        "The AI cost $1.76 (in the 7 days before: $1.61); batches and the cache saved $0.68. The assistant answered 21 of "
        "22 questions.",
    ]


def test_who_waits_is_a_link_away() -> None:
    (sentence,) = [one for one in summary(facts(**BUSY), "ru") if plain(one).startswith("Жд")]
    links = {piece.text: piece.link for piece in sentence if piece.link}
    assert links == {"«Где чек?»": "https://t.me/c/1234567890/7", "1\u00a0минуту": "https://t.me/c/1234567890/7"}


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (1, "Ждёт ответа 1 обращение:", "1 request waits for an answer:"),
        (2, "Ждут ответа 2 обращения, дольше всех:", "2 requests wait for an answer, longest of all:"),
        (5, "Ждут ответа 5 обращений, дольше всех:", "5 requests wait for an answer, longest of all:"),
        (11, "Ждут ответа 11 обращений, дольше всех:", "11 requests wait for an answer, longest of all:"),
        (101, "Ждёт ответа 101 обращение, дольше всех:", "101 requests wait for an answer, longest of all:"),
    ],
)
def test_verbs_go_with_their_numbers(count: int, russian: str, english: str) -> None:
    found = facts({"messages": 1}, **waiting(waits(1), more=count - 1))
    assert [said(found, language)[1].partition(" «")[0].partition(" “")[0] for language in ("ru", "en")] == [
        russian, english,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unanswered", "russian", "english"),
    [
        (1, "Без ответа остался 1 вопрос.", "1 question was left without an answer."),
        (2, "Без ответа осталось 2 вопроса.", "2 questions were left without an answer."),
        (11, "Без ответа осталось 11 вопросов.", "11 questions were left without an answer."),
        (21, "Без ответа остался 21 вопрос.", "21 questions were left without an answer."),
    ],
)
def test_what_was_left_goes_with_its_number(unanswered: int, russian: str, english: str) -> None:
    found = facts({"messages": 99, "responses": responses(unanswered + 2, 2, (1, 1))})
    assert russian in said(found, "ru")[1]
    assert english in said(found, "en")[1]


def test_an_empty_week_is_said_in_three_words() -> None:
    assert (said(facts(), "ru"), said(facts(), "en")) == (["Никто не писал."], ["Nobody wrote."])
    after = facts(before={"messages": 21})
    assert said(after, "ru") == ["Никто не писал; в предыдущие 7 дней было 21 сообщение."]


def test_without_a_time_before_nothing_is_compared() -> None:
    alone = facts(
        {"messages": 5, "responses": responses(3, 2, (2, 5)), "dollars": Decimal(1), "calls": 3},
        topics=[topic("Касса", 5, 0, Trend.NEW)], began_at=MONDAY - timedelta(days=1),
    )  # fmt: skip
    assert said(alone, "ru") == [
        "Пришло 5 сообщений; клиенты задали 3 вопроса. Сравнить не с чем: переписка есть только с 22 ноября 2026.",
        "Половина ответов пришла за 2 минуты, девять из десяти — за 5 минут. Без ответа остался 1 вопрос.",
        "Никто не ждёт ответа.",
        "Больше всего писали про «Касса» (5 сообщений).",
        "ИИ обошёлся в 1,00 $.",
    ]


def test_one_answer_has_no_median_and_none_has_none() -> None:
    one, none = (facts({"messages": 9, "responses": responses(2, count, (7, 7))}) for count in (1, 0))
    assert said(one, "ru")[1] == "Единственный ответ пришёл за 7 минут. Без ответа остался 1 вопрос."
    assert said(none, "en")[1] == "None of the questions has been answered yet (asked: 2)."


def test_where_nothing_is_new_it_is_said() -> None:
    steady = facts({"messages": 9}, {"messages": 9}, topics=[topic("Весы", 9)])
    assert said(steady, "ru")[-1] == "Новых и растущих тем нет. Больше всего писали про «Весы» (9 сообщений)."


def test_a_cache_that_cost_more_than_it_saved_saved_nothing() -> None:
    loss = facts(
        {"messages": 1, "calls": 1, "dollars": Decimal(1)}, saved=Saved(Decimal(0), Decimal("-0.1"), frozenset())
    )
    assert said(loss, "en")[-1] == "The AI cost $1.00."


def test_braces_that_people_write_are_words() -> None:
    found = facts({"messages": 1}, **waiting(waits(1, "{asked} {0} {"), waits(1, summary=MaskedText("{x}"))))
    assert "«{asked} {0} {» (1 час), «{x}» (1 час)" in said(found, "ru")[1]
    assert plain(filled("{a}!", a="{b}")) == "{b}!"


def test_two_lines_bring_the_report() -> None:
    assert words(caption(facts(**BUSY), "ru").splitlines()) == [
        "Отчёт поддержки, 23–29 ноября 2026",
        "112 сообщений, на 12 % больше, чем в предыдущие 7 дней; половина ответов за 18 минут; ждут ответа: 21",
    ]
    assert words(caption(facts(), "en").splitlines()) == ["Support report, 23–29 November 2026", "0 messages"]
