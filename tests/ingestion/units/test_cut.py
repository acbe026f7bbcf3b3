"""Units: one problem and what was said to it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.text import is_substantive
from core.privacy.types import MaskedText
from ingestion.units import MAX_CONTEXT, MAX_TEXT, NEW_PROBLEM_AFTER, UnitMessage, cut
from tests.effort import effort

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def said(number: int, sender: str, text: str, minutes: float | None = None) -> UnitMessage:
    """A message; staff are those whose name begins with "staff"."""
    at = MORNING + timedelta(minutes=number if minutes is None else minutes)
    return UnitMessage(number, sender.startswith("staff"), sender, at, MaskedText(text))


def test_question_then_answer_with_one_persons_lines_merged() -> None:
    (unit,) = cut(
        [
            said(1, "ann", "Здравствуйте!"),
            said(2, "ann", "не приходит чек"),
            said(3, "ann", "оплата прошла вчера"),
            said(4, "staff", "Чек уходит на почту из профиля"),
            said(5, "staff", "проверьте папку «Спам»"),
            said(6, "ann", "спасибо, нашла"),
        ]
    )
    assert unit.question == "не приходит чек оплата прошла вчера"
    assert unit.answer == "Чек уходит на почту из профиля проверьте папку «Спам»"
    assert unit.text == f"{unit.question}\n{unit.answer}\nспасибо, нашла"
    assert unit.messages == (1, 2, 3, 4, 5, 6)
    assert (unit.first_id, unit.staff_answered) == (1, True)
    assert unit.asked_at == MORNING + timedelta(minutes=2)
    assert unit.answered_at == MORNING + timedelta(minutes=4)
    assert unit.last_at == MORNING + timedelta(minutes=6)


def test_an_unanswered_question_is_a_unit() -> None:
    (unit,) = cut([said(1, "ann", "где посмотреть счёт?")])
    assert (unit.answer, unit.answered_at, unit.staff_answered) == (None, None, False)


def test_small_talk_is_no_unit() -> None:
    assert (
        cut(
            [
                said(1, "ann", "Добрый день"),
                said(2, "staff", "привет!"),
                said(3, "ann", "ок, спасибо"),
                said(4, "b", "+"),
            ]
        )
        == []
    )
    assert cut([]) == []


def test_a_bare_yes_from_staff_is_an_answer() -> None:
    (unit,) = cut([said(1, "ann", "можно вернуть деньги за март?"), said(2, "staff", "Да")])
    assert (unit.answer, unit.staff_answered) == ("Да", True)


def test_where_no_staff_is_known_others_answer() -> None:
    (unit,) = cut([said(1, "ann", "how do I reset the router?"), said(2, "bob", "hold the button for ten seconds")])
    assert (unit.answer, unit.staff_answered) == ("hold the button for ten seconds", False)


def test_an_announcement_of_staff_is_told_not_asked() -> None:
    (unit,) = cut([said(1, "staff", "Завтра с 02:00 до 04:00 обновляем серверы")])
    assert (unit.question, unit.answer, unit.staff_answered) == ("", "Завтра с 02:00 до 04:00 обновляем серверы", True)


def test_a_new_problem_after_an_answer_and_a_long_silence_splits() -> None:
    later = NEW_PROBLEM_AFTER.total_seconds() / 60 + 10
    thread = [
        said(1, "ann", "не открывается отчёт"),
        said(2, "staff", "обновите страницу с Ctrl+F5"),
        said(3, "ann", "а как выгрузить его в Excel?", later),
        said(4, "staff", "кнопка «Экспорт» справа", later + 1),
    ]
    first, second = cut(thread)
    assert (first.messages, second.messages) == ((1, 2), (3, 4))
    assert second.question == "а как выгрузить его в Excel?"


def test_neither_thanks_nor_an_unanswered_reminder_splits() -> None:
    later = NEW_PROBLEM_AFTER.total_seconds() / 60 + 10
    thanks = [
        said(1, "ann", "сбой оплаты"),
        said(2, "staff", "исправили"),
        said(3, "ann", "спасибо, ошибки нет", later),
    ]
    reminder = [said(1, "ann", "сбой оплаты"), said(2, "ann", "кто-нибудь ответит по оплате?", later)]
    assert len(cut(thanks)) == 1
    assert len(cut(reminder)) == 1


def test_a_long_thread_is_cut_at_turns_and_repeats_its_question() -> None:
    thread = [said(0, "ann", "не печатает этикетки на складе")]
    for i in range(1, 30, 2):
        thread += [
            said(i, "staff", f"шаг {i}: " + "проверьте драйвер " * 8),
            said(i + 1, "ann", f"вышло вот что, номер {i}"),
        ]
    units = cut(thread)
    assert len(units) > 2
    assert all(len(unit.text) <= MAX_TEXT for unit in units)
    for unit in units[1:]:
        assert unit.question.startswith("не печатает этикетки на складе")
        assert unit.messages[0] == 0
        assert unit.asked_at == MORNING
        assert unit.first_id % 2 == 0, "cut before the client's turn"


def test_one_enormous_message_stays_whole() -> None:
    text = ("Сервис отвечает ошибкой. " * 200)[:4096].strip()
    (unit,) = cut([said(1, "ann", text)])
    assert unit.text == text
    units = cut([said(1, "ann", text), said(2, "staff", "перезапустите службу печати")])
    assert len(units[1].question) <= MAX_CONTEXT
    assert units[1].answer == "перезапустите службу печати"


def test_ten_thousand_messages_are_cut_in_linear_time() -> None:
    def lines(size: int) -> int:
        thread = [
            said(i, ("ann", "staff")[i % 2], f"строка {i % 99} про принтер" if i % 3 else "ок") for i in range(size)
        ]
        with effort() as counted:
            cut(thread)
        return counted.lines

    lines(500)  # fills the caches of stems
    assert lines(10_000) < 12 * lines(1_000)


LINES = st.sampled_from(
    ["не работает вход", "ок", "спасибо", "попробуйте сбросить пароль " * 9, "а где счёт?", "+", "да", "", "лог " * 700]
)
THREADS = st.lists(
    st.tuples(st.sampled_from(["ann", "bob", "staff", "staff2"]), LINES, st.integers(0, 400)), max_size=40
)


def build(rows: list[tuple[str, str, int]]) -> list[UnitMessage]:
    minutes, thread = 0, []
    for number, (sender, text, gap) in enumerate(rows, start=1):
        minutes += gap
        thread.append(said(number, sender, text, minutes))
    return thread


@given(THREADS)
def test_every_substantive_message_is_in_a_unit_and_ids_are_unique(rows: list[tuple[str, str, int]]) -> None:
    thread = build(rows)
    units = cut(thread)
    covered = {number for unit in units for number in unit.messages}
    assert {message.message_id for message in thread if is_substantive(message.text)} <= covered
    assert len({unit.first_id for unit in units}) == len(units)
    assert all(unit.text and unit.first_id in unit.messages for unit in units)


@given(THREADS)
@settings(max_examples=50)
def test_growth_keeps_the_ids_of_earlier_units(rows: list[tuple[str, str, int]]) -> None:
    thread = build(rows)
    before: list[int] = []
    for size in range(len(thread) + 1):
        now = [unit.first_id for unit in cut(thread[:size])]
        assert now[: len(before)] == before
        before = now


@given(THREADS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(rows: list[tuple[str, str, int]], shuffler: object) -> None:
    thread = build(rows)
    shuffled = list(thread)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cut(shuffled) == cut(thread)
