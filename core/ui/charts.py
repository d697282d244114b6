"""Charts as small SVG drawings: the figures to plot, their scale, and the drawing itself.

The same SVG serves on screen and in documents, hence two choices. Widths are percentages and heights
are pixels, so that text keeps its size on a phone, on a desk and on paper. Colours are literal
attributes, which a document reads as they are and which the site's style sheet overrides by class
(`plot-1`…), so that dark mode has its own. Drawn by Python rather than by a template: ten times faster.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Literal, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString

from core.ui.formatting import euros, number

Unit = Literal["euros", "number"]
Figure = int | Decimal


class Ink(NamedTuple):
    """A colour of the palette, and the colour of text written on it."""

    fill: str
    text: str


# Told apart in every colour vision (a test measures it); `static/css/theme.css` has those of dark mode too.
PALETTE = (
    Ink("#0b5f66", "#ffffff"),
    Ink("#efb65a", "#1c2528"),
    Ink("#6c8fc7", "#1c2528"),
    Ink("#c3cccf", "#1c2528"),
)
_INK = "#1c2528"
_SOFT_INK = "#53616a"
_LINE = "#d6dede"
_TRACK = "#e6ebeb"

_LEFT = 13.0  # percent of the width kept for the figures of the axis
_BAR = 0.78  # part of its slot that a bar takes
_TOP = 20  # pixels above the highest tick, for a total
_PLOT = 200
_BASE = _TOP + _PLOT
_LEGEND_TOP = _BASE + 32
_LEGEND_LINE = 22
_READABLE = 16  # a lower segment does not show its figure: the table of figures does

_MAX_TICKS = 5
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_THOUSAND = 1000


class _Segment(NamedTuple):
    """One rectangle: percent across, pixels down, its figure and what it says when pointed at."""

    centre: float
    y: float
    height: float
    figure: str
    hint: str


@dataclass(frozen=True)
class Series:
    """What one colour stands for."""

    key: str
    label: str


@dataclass(frozen=True)
class Bar:
    """One bar: its label, and its values by series (a series left out has no segment)."""

    label: str
    values: Mapping[str, Figure]

    @cached_property
    def total(self) -> Figure:
        """Return the value of the whole stack."""
        return sum(self.values.values())


@dataclass(frozen=True)
class StackedBars:
    """Bars of several parts each, like the shares of the years of a contract.

    Raises ValueError when there is nothing to draw, when a bar holds a negative value or an unknown
    series, or when there are more series than colours.
    """

    title: str
    description: str
    series: Sequence[Series]
    bars: Sequence[Bar]
    unit: Unit = "euros"

    def __post_init__(self) -> None:
        if not self.bars or not self.series:
            raise ValueError("a chart needs at least one bar and one series")
        if len(self.series) > len(PALETTE):
            raise ValueError(f"a chart has at most {len(PALETTE)} series")
        known = {series.key for series in self.series}
        for bar in self.bars:
            if unknown := set(bar.values) - known:
                raise ValueError(f"bar {bar.label!r} holds unknown series {sorted(unknown)}")
            if any(value < 0 for value in bar.values.values()):
                raise ValueError(f"bar {bar.label!r} holds a negative value")

    @cached_property
    def step(self) -> Decimal:
        """Return the distance between two ticks: 1, 2, 2.5 or 5 times a power of ten."""
        rough = self._highest / _MAX_TICKS or Decimal(1)
        power = Decimal(10) ** rough.adjusted()
        return next(step * power for step in _STEPS if step * power >= rough)

    @cached_property
    def top(self) -> Decimal:
        """Return the value of the highest tick."""
        return max(Decimal(1), (self._highest / self.step).to_integral_value(ROUND_CEILING)) * self.step

    @cached_property
    def ticks(self) -> list[tuple[Decimal, str]]:
        """Return the values of the axis with their labels, zero first."""
        suffix = "\u00a0k€" if self._in_thousands else "\u00a0€" if self.unit == "euros" else ""
        values = [self.step * count for count in range(int(self.top / self.step) + 1)]
        return [(value, f"{self.short(value)}{suffix}") for value in values]

    def short(self, value: Figure) -> str:
        """Return a figure as the drawing shows it: thousands of euros to one decimal, else whole units."""
        scale, unit = (_THOUSAND, "0.1") if self._in_thousands else (1, "1")
        rounded = (Decimal(value) / scale).quantize(Decimal(unit), ROUND_HALF_UP)
        return number(int(rounded) if rounded == int(rounded) else rounded)

    def exact(self, value: Figure) -> str:
        """Return a figure as the table shows it."""
        return euros(Decimal(value)) if self.unit == "euros" else number(value)

    @property
    def rows(self) -> Iterator[tuple[str, list[tuple[str, str]], str]]:
        """Return the table of figures: label, one (series, figure) by series, total."""
        for bar in self.bars:
            cells = [(series.label, self.exact(bar.values.get(series.key, 0))) for series in self.series]
            yield bar.label, cells, self.exact(bar.total)

    @cached_property
    def _highest(self) -> Decimal:
        return Decimal(max(bar.total for bar in self.bars))

    @cached_property
    def _in_thousands(self) -> bool:
        return self.unit == "euros" and self.top >= 10 * _THOUSAND


def draw_stacked_bars(chart: StackedBars) -> SafeString:
    """Return the chart as an inline SVG with its title and description."""
    height = _LEGEND_TOP + len(chart.series) * _LEGEND_LINE
    inside = "".join((*_axis(chart), *_bars(chart), *_labels(chart), *_legend(chart)))
    return SafeString(
        f'<svg width="100%" height="{height}" role="img" fill="{_INK}" '
        f'font-family="sans-serif" font-size="12">'
        f"<title>{escape(chart.title)}</title><desc>{escape(chart.description)}</desc>{inside}</svg>"
    )


def draw_proportion(value: Figure, maximum: Figure, label: str) -> SafeString:
    """Return `value` out of `maximum` as a thin bar, said in words by `label`.

    Raises ValueError unless 0 <= value <= maximum and maximum > 0.
    """
    if not 0 <= value <= maximum or not maximum:
        raise ValueError(f"{value} is not a part of {maximum}")
    width = f"{float(value / maximum):.2%}"
    return SafeString(
        f'<svg class="proportion" width="100%" height="8" role="img"><title>{escape(label)}</title>'
        f'<rect class="plot-track" width="100%" height="8" rx="4" fill="{_TRACK}"/>'
        f'<rect class="plot-1" width="{width}" height="8" rx="4" fill="{PALETTE[0].fill}"/></svg>'
    )


def _axis(chart: StackedBars) -> Iterator[str]:
    ticks = [(_y(chart, value), label) for value, label in chart.ticks]
    yield f'<g class="plot-grid" stroke="{_LINE}">'
    yield from (f'<line x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>' for y, _ in ticks)
    yield f'</g><g class="plot-tick" fill="{_SOFT_INK}">'
    yield from (f'<text y="{y - 4:.1f}">{label}</text>' for y, label in ticks)
    yield "</g>"


def _bars(chart: StackedBars) -> Iterator[str]:
    width = _slot(chart) * _BAR
    bases: list[Figure] = [0] * len(chart.bars)
    for rank, (series, ink) in enumerate(zip(chart.series, PALETTE, strict=False), start=1):
        segments = list(_segments(chart, series, bases))
        yield f'<g class="plot-{rank}" fill="{ink.fill}">'
        for segment in segments:
            yield (
                f'<rect x="{segment.centre - width / 2:.2f}%" y="{segment.y:.1f}" width="{width:.2f}%" '
                f'height="{segment.height:.1f}"><title>{segment.hint}</title></rect>'
            )
        yield f'</g><g class="plot-ink-{rank}" fill="{ink.text}" text-anchor="middle">'
        for segment in segments:
            if segment.height >= _READABLE:
                yield _text(segment.centre, segment.y + segment.height / 2 + 4, segment.figure)
        yield "</g>"


def _segments(chart: StackedBars, series: Series, bases: list[Figure]) -> Iterator[_Segment]:
    """Yield the segments of one series, and raise `bases` by their values."""
    for index, bar in enumerate(chart.bars):
        if value := bar.values.get(series.key, 0):
            low, high = _y(chart, bases[index]), _y(chart, bases[index] + value)
            bases[index] += value
            hint = escape(f"{bar.label}, {series.label}\u00a0: {chart.exact(value)}")
            yield _Segment(_centre(chart, index), high, low - high, chart.short(value), hint)


def _labels(chart: StackedBars) -> Iterator[str]:
    yield '<g text-anchor="middle">'
    for index, bar in enumerate(chart.bars):
        yield _text(_centre(chart, index), _BASE + 18, escape(bar.label))
    yield '</g><g text-anchor="middle" font-weight="bold">'
    for index, bar in enumerate(chart.bars):
        yield _text(_centre(chart, index), _y(chart, bar.total) - 6, chart.short(bar.total))
    yield "</g>"


def _legend(chart: StackedBars) -> Iterator[str]:
    for index, series in enumerate(chart.series):
        y, fill = _LEGEND_TOP + index * _LEGEND_LINE, PALETTE[index].fill
        yield f'<rect class="plot-{index + 1}" y="{y}" width="14" height="14" fill="{fill}"/>'
        yield f'<text x="22" y="{y + 12}" font-size="13">{escape(series.label)}</text>'


def _text(x: float, y: float, content: str) -> str:
    return f'<text x="{x:.2f}%" y="{y:.1f}">{content}</text>'


def _slot(chart: StackedBars) -> float:
    return (100 - _LEFT) / len(chart.bars)


def _centre(chart: StackedBars, index: int) -> float:
    return _LEFT + _slot(chart) * (index + 0.5)


def _y(chart: StackedBars, value: Figure) -> float:
    return _BASE - float(value / chart.top) * _PLOT
