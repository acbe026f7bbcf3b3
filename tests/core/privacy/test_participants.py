import pytest

from core.privacy.masker import Masker
from core.privacy.participants import NO_PARTICIPANTS, Participants
from core.privacy.types import RawText
from tests.effort import effort


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Мария Иванова", "маши"),
        ("Иванова Мария", "ивановой"),
        ("Александр Кузнецов", "санькой"),
        ("Александр Кузнецов", "кузнецову"),
        ("Ксюшенька ❤️", "Ксюшеньку"),
        ("dron_777", "dron_777"),
        ("dron_777", "dron"),
        ("Бздыщ", "бздыщу"),
        ("Andrey Krasnoperov", "krasnoperov"),
        ("Ма\u200bрия", "марией"),
    ],
)
def test_people_are_found_by_what_they_are_called(name: str, said: str) -> None:
    people = Participants.of([RawText(name)])
    text = f"а {said} где"
    masked = Masker().mask(RawText(text), participants=people)
    assert masked.text == "а [PERSON] где"
    assert [span.recogniser for span in masked.spans] == ["participant"]


def test_the_cost_of_a_name_does_not_grow_with_the_chat() -> None:
    def lines(size: int) -> int:
        names = [RawText(f"Участник{n} Фамилия{n}ова") for n in range(size)]
        with effort() as counted:
            Participants.of(names)
        return counted.lines

    assert lines(5_000) < 12 * lines(500)


def test_names_do_not_leak_from_the_object() -> None:
    assert "мари" not in repr(Participants.of([RawText("Мария")])).lower()
    assert not NO_PARTICIPANTS


def test_a_whole_name_of_ordinary_words_is_found_where_it_is_written_as_one() -> None:
    people = Participants.of([RawText("Green Market"), RawText("Polka Support")])
    said = "Green Market is right, ask Polka Support; the market is green"
    assert (
        Masker().mask(RawText(said), participants=people).text
        == "[PERSON] is right, ask Polka Support; the market is green"
    )
