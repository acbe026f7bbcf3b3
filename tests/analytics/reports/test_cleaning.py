"""What people write fits on a line of a document, whatever is in it."""

from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from analytics.reports.cleaning import quoted, shortened

PAGE = Document()


def test_it_is_cut_between_words_and_never_longer() -> None:
    assert shortened("Не печатается чек, что делать?", 100) == "Не печатается чек, что делать?"
    assert shortened("Не печатается чек, что делать?", 20) == "Не печатается чек…"
    assert shortened("щ" * 30, 10) == "щ" * 9 + "…"
    assert shortened(" а\n\n\tб ", 10) == "а б"


def test_what_turns_or_breaks_a_line_is_away() -> None:
    assert shortened("a\x00b\x1b\u202ec\u2066d\ufffe", 20) == "a b c d"


def test_quotes_within_quotes_are_others() -> None:
    assert quoted("тариф «Старт»", "ru") == "«тариф „Старт“»"
    assert quoted("the “Start” plan", "en") == "“the ‘Start’ plan”"


@given(st.text(max_size=60), st.integers(2, 40))
def test_word_takes_any_of_it(text: str, longest: int) -> None:
    line = shortened(text, longest)
    assert len(line) <= longest
    assert PAGE.add_paragraph(line).text == line  # raises for what XML cannot say
