"""Charts are exact drawings: well-formed, titled, to scale, with the same figures in the table."""

import re
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from core.ui.charts import Bar, Series, StackedBars, draw_proportion, draw_stacked_bars

SERIES = [Series("fixed", "Volet fixe"), Series("variable", "Volet variable")]


def chart(*bars, unit="euros", series=SERIES):
    return StackedBars("Par année", "Deux parts par année.", series, bars, unit)


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314 -- drawn by us, a line above


def drawn(value):
    return parsed(draw_stacked_bars(value))


def segments(svg):
    return [rect for rect in svg.iter("rect") if rect.find("title") is not None]


def texts(svg):
    return [text.text for text in svg.iter("text")]


def test_the_drawing_is_an_image_with_a_title_and_a_description():
    svg = drawn(chart(Bar("Année 1", {"fixed": 10})))
    assert svg.get("role") == "img"
    assert [(child.tag, child.text) for child in list(svg)[:2]] == [
        ("title", "Par année"),
        ("desc", "Deux parts par année."),
    ]


def test_heights_are_to_scale_and_stacked_without_a_gap():
    svg = drawn(
        chart(Bar("1", {"fixed": Decimal("50000.00"), "variable": 25000}), Bar("2", {"fixed": 100000}))
    )
    low, alone, high = segments(svg)
    assert (low.get("height"), high.get("height"), alone.get("height")) == ("100.0", "50.0", "200.0")
    assert float(high.get("y")) + float(high.get("height")) == float(low.get("y"))
    assert float(low.get("y")) + 100 == float(alone.get("y")) + 200 == 220


def test_what_is_below_zero_goes_under_the_axis():
    svg = drawn(
        chart(
            Bar("1", {"fixed": 60, "variable": -30}), Bar("2", {"fixed": -10, "variable": -30}), Bar("3", {})
        )
    )
    # From -40 to 60 by 20 over 200 pixels: zero is 120 under the top, at 140.
    spans = [(rect.get("y"), rect.get("height")) for rect in segments(svg)]
    assert spans == [("20.0", "120.0"), ("140.0", "20.0"), ("140.0", "60.0"), ("160.0", "60.0")]
    zero = next(line for line in svg.iter("line") if line.get("class") == "plot-zero")
    assert (zero.get("y1"), zero.get("y2")) == ("140.0", "140.0")


def test_the_total_of_a_bar_that_goes_below_zero_is_marked_and_told():
    svg = drawn(chart(Bar("1", {"fixed": 60, "variable": -30}), Bar("2", {"fixed": 50})))
    in_bar, in_legend = (rect for rect in svg.iter("rect") if rect.get("class") == "plot-total")
    # From -40 to 60: the mark of 30 is centred 60 pixels above zero, and the bars go without.
    assert float(in_bar.get("y")) + 1.5 == 80.0
    bar = segments(svg)[0]
    assert float(in_bar.get("x")[:-1]) < float(bar.get("x")[:-1])
    assert in_legend.get("x") == "0"
    assert svg.find("desc").text == "Deux parts par année. Ce qui est sous zéro se déduit du total."
    assert texts(svg)[-1] == "Total, une fois déduit ce qui est sous zéro"
    # The mark would cross the figure of the first part, which stays in its hint.
    assert texts(svg).count("60") == 0
    assert texts(svg).count("30") == 1
    assert bar.find("title").text == "1, Volet fixe\u00a0: 60,00\u00a0€"
    assert float(svg.get("height")) == float(drawn(chart(Bar("2", {"fixed": 50}))).get("height")) + 22


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (
            {"fixed": 12_000, "variable": -30_000},
            [f"{n}\u00a0k€" for n in ("\u221230", "\u221220", "\u221210", "0", "10", "20")],
        ),
        ({"fixed": -3}, [f"{n}\u00a0€" for n in ("\u22123", "\u22122", "\u22121", "0")]),
        ({"fixed": Decimal("-120.50"), "variable": 60_000}, [f"{n}\u00a0k€" for n in ("\u221220", *"0")]),
    ],
)
def test_the_axis_goes_below_zero_by_the_same_steps(values, labels):
    assert [label for _, label in chart(Bar("1", values)).ticks][: len(labels)] == labels


def test_a_drawing_above_zero_tells_nothing_of_below():
    svg = draw_stacked_bars(chart(Bar("1", {"fixed": 10, "variable": 0})))
    assert not any(word in svg for word in ("plot-zero", "plot-total", "sous zéro"))


def test_bars_share_the_width_and_stay_inside():
    svg = drawn(chart(*(Bar(str(n), {"fixed": 10 + n}) for n in range(6))))
    spans = [(float(r.get("x")[:-1]), float(r.get("width")[:-1])) for r in segments(svg)]
    assert spans[0][0] >= 13
    assert all(x + width < following for (x, width), (following, _) in pairwise(spans))
    assert sum(spans[-1]) < 100


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (240000, ["0\u00a0k€", "50\u00a0k€", "100\u00a0k€", "150\u00a0k€", "200\u00a0k€", "250\u00a0k€"]),
        (
            Decimal("487500.00"),
            ["0\u00a0k€", "100\u00a0k€", "200\u00a0k€", "300\u00a0k€", "400\u00a0k€", "500\u00a0k€"],
        ),
        (12500, ["0\u00a0k€", "2,5\u00a0k€", "5\u00a0k€", "7,5\u00a0k€", "10\u00a0k€", "12,5\u00a0k€"]),
        (900, ["0\u00a0€", "200\u00a0€", "400\u00a0€", "600\u00a0€", "800\u00a0€", "1\u202f000\u00a0€"]),
        (0, ["0\u00a0€", "1\u00a0€"]),
    ],
)
def test_the_axis_has_round_ticks_up_to_the_highest_bar(highest, labels):
    assert [label for _, label in chart(Bar("1", {"fixed": highest})).ticks] == labels


def test_segments_bars_and_totals_carry_their_figures():
    svg = drawn(chart(Bar("Année 1", {"fixed": Decimal("41250.33"), "variable": 60000})))
    assert [rect.find("title").text for rect in segments(svg)] == [
        "Année 1, Volet fixe\u00a0: 41\u202f250,33\u00a0€",
        "Année 1, Volet variable\u00a0: 60\u202f000,00\u00a0€",
    ]
    assert [text for text in texts(svg) if "€" not in text] == [
        "41,3",
        "60",
        "Année 1",
        "101,3",
        "Volet fixe",
        "Volet variable",
    ]


def test_a_segment_too_low_for_its_figure_keeps_it_in_its_hint():
    svg = drawn(chart(Bar("1", {"fixed": 100, "variable": 99900})))
    assert texts(svg).count("0,1") == 0
    assert segments(svg)[0].find("title").text == "1, Volet fixe\u00a0: 100,00\u00a0€"


def test_plain_numbers_have_no_currency():
    svg = drawn(chart(Bar("1", {"fixed": 60200}), unit="number"))
    assert not any("€" in text for text in texts(svg))
    assert "60\u202f200" in texts(svg)


def test_labels_are_escaped():
    svg = drawn(chart(Bar("<b>&", {"fixed": 1}), series=[Series("fixed", "<i>")]))
    assert {"<b>&", "<i>"} <= set(texts(svg))


@pytest.mark.parametrize(
    ("bars", "series", "reason"),
    [
        ([], SERIES, "at least one bar"),
        ([Bar("1", {})], [], "at least one bar"),
        ([Bar("1", {"other": 1})], SERIES, r"bar '1' holds unknown series \['other'\]"),
        ([Bar("1", {})], [Series(str(n), "") for n in range(5)], "at most 4 series"),
    ],
)
def test_what_cannot_be_drawn_is_refused(bars, series, reason):
    with pytest.raises(ValueError, match=reason):
        chart(*bars, series=series)


def test_the_table_holds_the_figures_of_the_drawing(render):
    bars = [Bar("Année 1", {"fixed": 10}), Bar("Année 2", {"fixed": Decimal("0.50"), "variable": 2})]
    html = render("{% load charts %}{% stacked_bars chart %}", chart=chart(*bars))
    cells = re.findall(r'data-label="(.*?)">(.*?)</td>', html)
    assert cells == [
        ("Volet fixe", "10,00\u00a0€"),
        ("Volet variable", "0,00\u00a0€"),
        ("Total", "10,00\u00a0€"),
        ("Volet fixe", "0,50\u00a0€"),
        ("Volet variable", "2,00\u00a0€"),
        ("Total", "2,50\u00a0€"),
    ]


def test_a_document_may_leave_the_table_out(render):
    html = render(
        "{% load charts %}{% stacked_bars chart figures=False %}", chart=chart(Bar("1", {"fixed": 1}))
    )
    assert "<svg" in html
    assert "<table" not in html


def test_a_chart_needs_no_inline_style(render):
    html = render("{% load charts %}{% stacked_bars chart %}", chart=chart(Bar("1", {"fixed": 1})))
    assert "style=" not in html


@pytest.mark.parametrize(
    ("value", "maximum", "width"),
    [(0, 10, "0.00%"), (10, 10, "100.00%"), (44464, 60200, "73.86%"), (Decimal("0.5"), Decimal(2), "25.00%")],
)
def test_a_proportion_is_as_wide_as_its_part(value, maximum, width):
    svg = parsed(draw_proportion(value, maximum, "une <part>"))
    assert svg.find("title").text == "une <part>"
    assert [rect.get("width") for rect in svg.iter("rect")] == ["100%", width]


@pytest.mark.parametrize(("value", "maximum"), [(-1, 10), (11, 10), (0, 0)])
def test_what_is_not_a_part_is_refused(value, maximum):
    with pytest.raises(ValueError, match="is not a part of"):
        draw_proportion(value, maximum, "")
