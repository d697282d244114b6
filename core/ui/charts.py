"""Charts as small SVG drawings: the figures to plot, their scale, and the drawing itself.

The same SVG serves on screen and in documents, hence two choices. Widths are percentages and heights
are pixels, so that text keeps its size on a phone, on a desk and on paper. Colours are literal
attributes, which a document reads as they are and which the site's style sheet overrides by class
(`plot-1`…), so that dark mode has its own. Drawn by Python rather than by a template: ten times faster.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
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
_PAPER = "#ffffff"

_LEFT = 13.0  # percent of the width kept for the figures of the axis
_BAR = 0.78  # part of its slot that a bar takes
_TOP = 20  # pixels above the highest tick, for a total
_PLOT = 200
_BASE = _TOP + _PLOT
_LEGEND_TOP = _BASE + 32
_LEGEND_LINE = 22
_READABLE = 16  # a lower segment does not show its figure: the table of figures does
_MARK = 3  # height of the mark of a total
_OVERHANG = 0.08  # part of its slot that the mark of a total goes beyond its bar, on each side

_SAID_BELOW = " Ce qui est sous zéro se déduit du total."
_MARK_LABEL = "Total, une fois déduit ce qui est sous zéro"

_MAX_TICKS = 5
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_THOUSAND = 1000


class _Segment(NamedTuple):
    """One rectangle: percent across, pixels down, its figure and what it says when pointed at.

    `total_y` is where the total of its bar is marked, None when the top of the bar shows it.
    """

    centre: float
    y: float
    height: float
    figure: str
    hint: str
    total_y: float | None

    @property
    def shows_figure(self) -> bool:
        """Tell whether the figure fits, and no mark of a total crosses it."""
        crossed = self.total_y is not None and abs(self.y + self.height / 2 - self.total_y) < _READABLE / 2
        return self.height >= _READABLE and not crossed


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
        """Return what the bar comes to: what is above zero, less what is below."""
        return sum(self.values.values())

    @cached_property
    def above(self) -> Figure:
        """Return the height of the stack above zero."""
        return sum(value for value in self.values.values() if value > 0)

    @cached_property
    def below(self) -> Figure:
        """Return the depth of the stack below zero, as a negative value; 0 when nothing is."""
        return sum(value for value in self.values.values() if value < 0)


@dataclass(frozen=True)
class StackedBars:
    """Bars of several parts each, like the shares of the years of a contract.

    A part below zero, like what an adjustment takes back, goes under the axis. Raises ValueError when there
    is nothing to draw, when a bar holds an unknown series, or when there are more series than colours.
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

    @cached_property
    def step(self) -> Decimal:
        """Return the distance between two ticks: 1, 2, 2.5 or 5 times a power of ten."""
        rough = (self._highest - self._lowest) / _MAX_TICKS or Decimal(1)
        power = Decimal(10) ** rough.adjusted()
        return next(step * power for step in _STEPS if step * power >= rough)

    @cached_property
    def top(self) -> Decimal:
        """Return the value of the highest tick."""
        steps = (self._highest / self.step).to_integral_value(ROUND_CEILING)
        return (steps if self.goes_below else max(Decimal(1), steps)) * self.step

    @cached_property
    def bottom(self) -> Decimal:
        """Return the value of the lowest tick: 0 unless a part is below zero."""
        return (self._lowest / self.step).to_integral_value(ROUND_FLOOR) * self.step

    @property
    def goes_below(self) -> bool:
        """Tell whether a part of a bar is below zero."""
        return self._lowest < 0

    @cached_property
    def ticks(self) -> list[tuple[Decimal, str]]:
        """Return the values of the axis with their labels, the lowest first."""
        suffix = "\u00a0k€" if self._in_thousands else "\u00a0€" if self.unit == "euros" else ""
        counts = range(int(self.bottom / self.step), int(self.top / self.step) + 1)
        values = [self.step * count for count in counts]
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
        return Decimal(max(bar.above for bar in self.bars))

    @cached_property
    def _lowest(self) -> Decimal:
        return Decimal(min(bar.below for bar in self.bars))

    @cached_property
    def _in_thousands(self) -> bool:
        return self.unit == "euros" and max(self.top, -self.bottom) >= 10 * _THOUSAND


def draw_stacked_bars(chart: StackedBars) -> SafeString:
    """Return the chart as an inline SVG with its title and description."""
    height = _LEGEND_TOP + (len(chart.series) + chart.goes_below) * _LEGEND_LINE
    inside = "".join((*_axis(chart), *_bars(chart), *_marks(chart), *_labels(chart), *_legend(chart)))
    description = chart.description + (_SAID_BELOW if chart.goes_below else "")
    return SafeString(
        f'<svg width="100%" height="{height}" role="img" fill="{_INK}" '
        f'font-family="sans-serif" font-size="12">'
        f"<title>{escape(chart.title)}</title><desc>{escape(description)}</desc>{inside}</svg>"
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
    bases: list[list[Figure]] = [[0, 0] for _ in chart.bars]
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
            if segment.shows_figure:
                yield _text(segment.centre, segment.y + segment.height / 2 + 4, segment.figure)
        yield "</g>"


def _segments(chart: StackedBars, series: Series, bases: list[list[Figure]]) -> Iterator[_Segment]:
    """Yield the segments of one series, and move `bases`, above and below zero by bar, by their values."""
    for index, bar in enumerate(chart.bars):
        if value := bar.values.get(series.key, 0):
            below = value < 0
            start, end = _y(chart, bases[index][below]), _y(chart, bases[index][below] + value)
            bases[index][below] += value
            hint = escape(f"{bar.label}, {series.label}\u00a0: {chart.exact(value)}")
            total_y = _y(chart, bar.total) if bar.below else None
            yield _Segment(
                _centre(chart, index), min(start, end), abs(start - end), chart.short(value), hint, total_y
            )


def _marks(chart: StackedBars) -> Iterator[str]:
    """Yield the line of zero and the totals that the top of their bar does not show."""
    if not chart.goes_below:
        return
    zero, width = _y(chart, 0), _slot(chart) * (_BAR + 2 * _OVERHANG)
    yield f'<line class="plot-zero" x2="100%" y1="{zero:.1f}" y2="{zero:.1f}" stroke="{_SOFT_INK}"/>'
    for index, bar in enumerate(chart.bars):
        if bar.below:
            x, y = _centre(chart, index) - width / 2, _y(chart, bar.total) - _MARK / 2
            yield _mark(f"{x:.2f}%", f"{y:.1f}", f"{width:.2f}%")


def _mark(x: str, y: str, width: str) -> str:
    return (
        f'<rect class="plot-total" x="{x}" y="{y}" width="{width}" height="{_MARK}" '
        f'fill="{_INK}" stroke="{_PAPER}"/>'
    )


def _labels(chart: StackedBars) -> Iterator[str]:
    yield '<g text-anchor="middle">'
    for index, bar in enumerate(chart.bars):
        yield _text(_centre(chart, index), _BASE + 18, escape(bar.label))
    yield '</g><g text-anchor="middle" font-weight="bold">'
    for index, bar in enumerate(chart.bars):
        yield _text(_centre(chart, index), _y(chart, bar.above) - 6, chart.short(bar.total))
    yield "</g>"


def _legend(chart: StackedBars) -> Iterator[str]:
    for index, series in enumerate(chart.series):
        y, fill = _LEGEND_TOP + index * _LEGEND_LINE, PALETTE[index].fill
        yield f'<rect class="plot-{index + 1}" y="{y}" width="14" height="14" fill="{fill}"/>'
        yield f'<text x="22" y="{y + 12}" font-size="13">{escape(series.label)}</text>'
    if chart.goes_below:
        y = _LEGEND_TOP + len(chart.series) * _LEGEND_LINE
        yield _mark("0", str(y + 6), "14")
        yield f'<text x="22" y="{y + 12}" font-size="13">{_MARK_LABEL}</text>'


def _text(x: float, y: float, content: str) -> str:
    return f'<text x="{x:.2f}%" y="{y:.1f}">{content}</text>'


def _slot(chart: StackedBars) -> float:
    return (100 - _LEFT) / len(chart.bars)


def _centre(chart: StackedBars, index: int) -> float:
    return _LEFT + _slot(chart) * (index + 0.5)


def _y(chart: StackedBars, value: Figure) -> float:
    return _BASE - float((value - chart.bottom) / (chart.top - chart.bottom)) * _PLOT
