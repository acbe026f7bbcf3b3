"""Charts as pictures: PNG, readable in print and without colours. They show what `series` says and nothing else.

Figures are made without pyplot, which keeps every figure of a process; Agg draws without a display.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator
from matplotlib.typing import RcKeyType

from analytics.reports.numbers import decimal, short_duration
from analytics.reports.series import Bars, Pairs, Spans
from core.domain.language import Language

DPI: Final = 200
WIDTH: Final = 6.7
"""Inches: the width of the text on the page."""
SHADES: Final = ("#1f4e79", "#9cc3e5", "#dfe7ee")
"""From dark to light, so that they differ in grey too."""
INK, FAINT, LINE = "#222222", "#bfbfbf", "#6b6b6b"
TICKS: Final = 16
"""Labels below a chart, at most; between them bars have none."""
DURATIONS: Final = (1, 5, 15, 60, 240, 1_440, 10_080, 43_200)
"""Minutes at which the scale of durations has a line."""
STYLE: Final[dict[RcKeyType, Any]] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, and has Cyrillic
    "font.size": 8,
    "text.color": INK,
    "text.parse_math": False,  # "$5" is no formula
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.bottom": False,
    "ytick.left": False,
    "legend.frameon": False,
}


def png(shown: Bars | Spans | Pairs, language: Language) -> bytes:
    """The picture, `WIDTH` inches wide at `DPI`."""
    with mpl.rc_context(STYLE):
        match shown:
            case Bars():
                figure = _bars(shown, language)
            case Spans():
                figure = _spans(shown, language)
            case Pairs():
                figure = _pairs(shown, language)
        content = BytesIO()
        figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()


def _bars(shown: Bars, language: Language) -> Figure:
    figure, axes = _canvas(2.4)
    places = range(len(shown.ticks))
    below = [0.0] * len(shown.ticks)
    for (name, values), shade in zip(shown.parts.items(), SHADES, strict=False):
        axes.bar(places, values, bottom=below, width=0.78, color=shade, label=name)
        below = [one + other for one, other in zip(below, values, strict=True)]
    for name, values in shown.line.items():
        axes.plot(
            places[: len(values)],
            values,
            color=LINE,
            linestyle="--",
            linewidth=1.2,
            marker="o",
            markersize=2.5,
            label=name,
        )
    _name_places(axes, shown.ticks)
    whole = all(isinstance(value, int) for values in shown.parts.values() for value in values)  # dollars are floats
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=whole))
    axes.set_ylim(bottom=0)
    digits = 0 if whole else max(_digits(tick) for tick in axes.get_yticks())
    axes.yaxis.set_major_formatter(lambda value, _: decimal(value, digits, language))
    _legend(axes, columns=4)
    return figure


def _digits(tick: float) -> int:
    """After the point; of dollars there are two, or more where they are needed."""
    return max(2, -int(Decimal(f"{tick:.6f}").normalize().as_tuple().exponent))


def _spans(shown: Spans, language: Language) -> Figure:
    """A dumb-bell for each tick on a logarithmic scale of durations that people know: a day would flatten all minutes."""
    figure, axes = _canvas(2.5)
    known = [(place, *ends) for place, ends in enumerate(shown.ends) if ends is not None]
    places, low, high = zip(*known, strict=True)
    axes.vlines(places, low, high, color=FAINT, linewidth=2)
    axes.scatter(places, low, s=26, color=SHADES[0], label=shown.names[0], zorder=3)
    axes.scatter(
        places, high, s=26, facecolor="white", edgecolor=SHADES[0], linewidth=1.2, label=shown.names[1], zorder=3
    )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(DURATIONS))
    axes.yaxis.set_major_formatter(FixedFormatter([short_duration(one, language) for one in DURATIONS]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(_bounds(min(low), max(high)))
    axes.set_xlim(-0.6, len(shown.ticks) - 0.4)
    _name_places(axes, shown.ticks, every=1)
    _legend(axes, columns=2)
    return figure


def _bounds(least: int, most: int) -> tuple[float, float]:
    """From below one line of the scale to above another one."""
    lower = max((one for one in DURATIONS if one <= least), default=DURATIONS[0])
    upper = min((one for one in DURATIONS if one >= most), default=most)
    return lower / 1.4, upper * 1.4


def _pairs(shown: Pairs, language: Language) -> Figure:
    figure, axes = _canvas(0.6 + 0.17 * len(shown.names) * (1 + len(shown.values)) / 1.5)
    thick = 0.8 / len(shown.values)
    for number, ((name, values), shade) in enumerate(zip(shown.values.items(), SHADES, strict=False)):
        places = [place + (number - (len(shown.values) - 1) / 2) * thick for place in range(len(values))]
        bars = axes.barh(places, values, height=thick * 0.92, color=shade, label=name)
        axes.bar_label(bars, labels=[decimal(value, 0, language) for value in values], padding=2, fontsize=7)
    axes.set_yticks(
        range(len(shown.names)), labels=["\n".join(map(_drawable, name.splitlines())) for name in shown.names]
    )
    axes.set_ylim(len(shown.names) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    _legend(axes, columns=2)
    return figure


def _canvas(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _name_places(axes: Axes, ticks: Sequence[str], every: int | None = None) -> None:
    """Labels for as many places as there is room for."""
    stride = every or -(-len(ticks) // TICKS)
    axes.set_xticks(range(0, len(ticks), stride), labels=ticks[::stride])
    axes.margins(x=0.01)


def _legend(axes: Axes, columns: int) -> None:
    """Above the chart, where it hides nothing; bars before lines. None for a single thing."""
    named = sorted(zip(*axes.get_legend_handles_labels(), strict=True), key=lambda one: isinstance(one[0], Line2D))
    if len(named) > 1:
        handles, labels = zip(*named, strict=True)
        axes.legend(
            handles, labels, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.2, handlelength=1.4
        )


def _drawable(name: str) -> str:
    """Without what the font has no sign for, as emoji: there would be boxes."""
    return "".join(letter for letter in name if ord(letter) in _signs()).strip() or "…"


@cache
def _signs() -> frozenset[int]:
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())
