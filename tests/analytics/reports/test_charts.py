"""Charts are pictures as wide as the page, with labels that can be read; what they show is `series`' to say."""

from struct import unpack

import pytest

from analytics.reports import charts
from analytics.reports.charts import DPI, TICKS, WIDTH, png
from analytics.reports.series import Bars, Pairs, Spans
from core.domain.language import Language

WEEK = [f"{day}.11" for day in range(23, 30)]
YEAR = [f"{week} нед" for week in range(53)]


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = unpack(">II", picture[16:24])
    return width, height


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "shown",
    [
        Bars(WEEK, {"команда": [1, 0, 3, 9, 0, 0, 2], "клиенты": [0] * 7}, {"before": [1] * 7}, ""),
        Bars(WEEK, {"answers": [0.0004] * 7}, {}, ""),
        Bars(YEAR, {"клиенты": [10**6] * 53}, {"shorter": [1] * 50}, ""),
        Bars(["1"], {"$x_$": [0]}, {}, ""),
        Spans([str(hour) for hour in range(24)], [None] * 23 + [(1, 100_000)], ("p50", "p90"), ""),
        Spans([str(hour) for hour in range(24)], [(5, 5)] * 24, ("p50", "p90"), ""),
        Pairs(["Касса 🙏", "🙏", "$5 за чек\nБета"], {"сейчас": [9, 1, 0], "раньше": [0, 0, 0]}, ""),
        Pairs(["Одна"], {"now": [0]}, ""),
    ],
)  # fmt: skip
def test_whatever_it_shows_it_is_drawn_without_a_warning(shown: Bars | Spans | Pairs, language: Language) -> None:
    width, height = size(png(shown, language))
    assert abs(width - WIDTH * DPI) < 1
    assert height < width


def test_dollars_have_cents_and_messages_have_none() -> None:
    for value, label in ((2.0, "0.00"), (2, "0")):
        figure = charts._bars(Bars(WEEK, {"x": [value] * 7}, {}, ""), "en")
        figure.canvas.draw()
        assert figure.axes[0].get_yticklabels()[0].get_text() == label


def test_small_sums_have_as_many_digits_as_their_scale_needs() -> None:
    figure = charts._bars(Bars(WEEK, {"answers": [0.0, 0.018, 0, 0, 0, 0, 0.02]}, {}, ""), "ru")
    figure.canvas.draw()
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[:3] == ["0,000", "0,005", "0,010"]
    assert len(set(labels)) == len(labels)


def test_a_year_of_weeks_has_room_for_some_of_their_names() -> None:
    figure = charts._bars(Bars(YEAR, {"клиенты": [1] * 53}, {}, ""), "ru")
    assert len(figure.axes[0].get_xticks()) <= TICKS
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()][:2] == [YEAR[0], YEAR[4]]


def test_signs_that_the_font_has_not_are_left_out() -> None:
    assert [charts._drawable(name) for name in ("Касса 🙏", "🙏", "Żółć «Ø»")] == ["Касса", "…", "Żółć «Ø»"]


def test_a_picture_tells_nothing_of_what_drew_it() -> None:
    assert b"Software" not in png(Bars(["1"], {"a": [1]}, {}, ""), "en")
