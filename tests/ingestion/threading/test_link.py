"""Threading: which earlier message a message continues, told by cases of support chats and by properties."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.threads import Link, LinkHow, ThreadMessage
from core.privacy.types import MaskedText
from ingestion.threading import MAX_AGE, WINDOW, link, prepare

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Chat:
    """A chat that is written down line by line, each linked as it comes."""

    def __init__(self, staff: tuple[str, ...] = ("ольга", "игорь")) -> None:
        self.staff = staff
        self.messages: list[ThreadMessage] = []
        self.links: list[Link] = []

    def say(
        self,
        minute: float,
        sender: str,
        text: str,
        *,
        to: str | None = None,
        reply: int | None = None,
        topic: int | None = None,
    ) -> int:
        """Add a message; `to` is a participant whom it names. The message's id."""
        message = ThreadMessage(
            message_id=len(self.messages) + 1,
            sender=sender,
            is_staff=sender in self.staff,
            sent_at=MORNING + timedelta(minutes=minute),
            text=MaskedText(text),
            reply_to=reply,
            topic_id=topic,
            mentions=(to,) if to else (),
        )
        self.links.append(link(prepare(message), [prepare(earlier) for earlier in self.messages]))
        self.messages.append(message)
        return message.message_id

    def parent(self, number: int) -> int | None:
        return self.links[number - 1].parent

    def start_of(self, number: int) -> int:
        """The message that began the thread."""
        parent = self.parent(number)
        return number if parent is None else self.start_of(parent)


def test_the_first_message_starts() -> None:
    chat = Chat()
    first = chat.say(0, "анна", "Добрый день! Не приходит код подтверждения")
    assert chat.links[0].how is LinkHow.START
    assert chat.parent(first) is None


def test_an_explicit_reply_is_obeyed_even_to_an_absent_message() -> None:
    chat = Chat()
    chat.say(0, "анна", "Не приходит код")
    chat.say(1, "ольга", "проверили, всё исправно", reply=777)
    assert (chat.links[1].parent, chat.links[1].how) == (777, LinkHow.EXPLICIT)
    assert chat.links[1].evidence[0].name == "reply"


def test_a_topics_root_is_no_reply_and_topics_never_mix() -> None:
    chat = Chat()
    chat.say(0, "анна", "как получить ключ API?", topic=500, reply=500)
    chat.say(1, "ольга", "в кабинете, раздел «Интеграции»", topic=600, reply=600)
    answer = chat.say(2, "игорь", "в кабинете, раздел «Интеграции»", topic=500, reply=500)
    assert chat.links[0].how is LinkHow.START
    assert chat.parent(2) is None
    assert chat.parent(answer) == 1


def test_short_lines_in_a_row_belong_together() -> None:
    chat = Chat()
    chat.say(0, "рустам", "СРОЧНО касса не пробивает чеки, очередь")
    chat.say(0.2, "рустам", "пишет E-120")
    chat.say(0.5, "рустам", "что делать")
    answer = chat.say(4, "ольга", "Смена открыта больше суток. Закройте смену и откройте снова")
    thanks = chat.say(9, "рустам", "спасибо, заработало!")
    assert [chat.start_of(number) for number in (2, 3, answer, thanks)] == [1, 1, 1, 1]


def test_interleaved_clients_are_told_apart_by_name_and_by_words() -> None:
    chat = Chat()
    printer = chat.say(0, "марина", "доброе утро! после обновления планшета принтер чеков не видится")
    refund = chat.say(3, "гусева", "Здравствуйте, как сделать возврат по вчерашнему чеку?")
    first = chat.say(
        12, "ольга", "[PERSON], откройте настройки, оборудование, принтер и найдите его заново", to="марина"
    )
    second = chat.say(14, "игорь", "Возврат: откройте вчерашний чек и нажмите кнопку «Возврат»")
    thanks = chat.say(20, "марина", "да, принтер нашёлся, спасибо")
    assert chat.start_of(first) == printer
    assert chat.start_of(second) == refund
    assert chat.start_of(thanks) == printer


def test_staff_answer_late() -> None:
    chat = Chat()
    question = chat.say(0, "наталья", "удалила случайно папку товаров, её можно вернуть?")
    answer = chat.say(11 * 60, "ольга", "Можно: Товары, Корзина, удалённое хранится 30 дней")
    assert chat.parent(answer) == question


def test_a_new_question_of_the_next_day_starts() -> None:
    chat = Chat()
    chat.say(0, "анна", "не открывается отчёт за февраль")
    chat.say(5, "ольга", "обновите страницу")
    chat.say(7, "анна", "помогло, спасибо")
    assert chat.parent(chat.say(26 * 60, "анна", "Здравствуйте! А как подключить второй склад?")) is None


def test_without_known_staff_the_next_person_who_tells_answers() -> None:
    chat = Chat(staff=())
    question = chat.say(0, "павел", "у кого какие планшеты стоят? думаю брать второй")
    assert chat.parent(chat.say(3, "дмитрий", "леново, дёшево и сердито")) == question


def test_an_inferred_link_tells_why() -> None:
    chat = Chat()
    chat.say(0, "анна", "не печатает этикетки, ошибка E-214")
    chat.say(2, "ольга", "[PERSON], E-214 это сеть: проверьте адрес принтера", to="анна")
    assert chat.links[1].how is LinkHow.INFERRED
    reasons = [evidence.name for evidence in chat.links[1].evidence]
    assert "named" in reasons
    assert all(evidence.weight for evidence in chat.links[1].evidence)


@pytest.mark.parametrize("late", [False, True])
def test_too_old_is_out_of_sight(late: bool) -> None:
    chat = Chat()
    chat.say(0, "анна", "не печатает принтер?")
    minutes = MAX_AGE / 60 + 1 if late else 5
    chat.say(minutes, "ольга", "[PERSON], включите принтер", to="анна")
    assert chat.parent(2) == (None if late else 1)


LINES = st.sampled_from(
    ["не работает вход?", "ок", "спасибо", "сбросьте пароль", "E-1043 снова", "", "👍", "привет всем"]
)
ROWS = st.tuples(
    st.sampled_from("абвг"), LINES, st.integers(0, 600), st.sampled_from([None, None, "а", "б"]), st.booleans()
)


@given(st.lists(ROWS, max_size=25))
def test_a_link_points_back_within_the_topic_and_is_the_same_again(
    rows: list[tuple[str, str, int, str | None, bool]],
) -> None:
    chat = Chat(staff=("г",))
    minute = 0
    for sender, text, gap, to, in_topic in rows:
        minute += gap
        chat.say(minute, sender, text, to=to, topic=500 if in_topic else None)
    prepared = [prepare(message) for message in chat.messages]
    for i, (message, decision) in enumerate(zip(chat.messages, chat.links, strict=True)):
        assert link(prepared[i], prepared[:i]) == decision
        if decision.parent is not None:
            assert decision.parent < message.message_id
            assert chat.messages[decision.parent - 1].topic_id == message.topic_id


def test_only_the_window_counts() -> None:
    chat = Chat()
    for i in range(WINDOW + 20):
        chat.say(i / 10, f"клиент {i % 7}", f"строка {i} о складе")
    prepared = [prepare(message) for message in chat.messages]
    assert link(prepared[-1], prepared[:-1]) == link(prepared[-1], prepared[-1 - WINDOW : -1])
