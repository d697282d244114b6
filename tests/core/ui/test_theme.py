"""The colours of the theme can be read, and those of the plots told apart, by everybody."""

import re
from itertools import combinations

import pytest

from core.ui.charts import PALETTE

TEXT_PAIRS = [
    *(("ink", ground) for ground in ("ground", "paper", "sunken")),
    *(("ink-soft", ground) for ground in ("ground", "paper", "sunken")),
    *(("primary", ground) for ground in ("ground", "paper", "primary-tint")),
    ("primary-strong", "primary-tint"),
    ("on-primary", "primary"),
    ("on-primary", "primary-strong"),
    *((kind, f"{kind}-tint") for kind in ("accent", "success", "info", "danger")),
    *((kind, "paper") for kind in ("accent", "success", "info", "danger")),
    *((f"plot-ink-{n}", f"plot-{n}") for n in range(1, 5)),
]
SHAPE_PAIRS = [("line-strong", "paper"), ("focus", "ground"), ("focus", "paper"), ("primary", "sunken")]

# Machado, Oliveira and Fernandes (2009), severity 1.
VISIONS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "common": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


@pytest.fixture(params=["light", "dark"])
def colours(request, read):
    """The colours of a theme, by name, as linear red, green and blue."""
    block = re.search(
        rf'\[data-bs-theme="{request.param}"\] \{{(.*?)\n\}}', read("static/css/theme.css"), re.S
    )
    return {name: linear(code) for name, code in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1])}


def linear(code):
    parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one, other):
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (one, other))
    return (high + 0.05) / (low + 0.05)


def seen(colour, matrix):
    """CIE L*a*b* of a colour as one kind of vision sees it."""
    r, g, b = (min(1, max(0, sum(a * c for a, c in zip(row, colour, strict=True)))) for row in matrix)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_readable(colours, text, ground):
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_borders_and_focus_are_visible(colours, shape, ground):
    assert contrast(colours[shape], colours[ground]) >= 3


@pytest.mark.parametrize("vision", VISIONS)
def test_plots_are_told_apart(colours, vision):
    shown = [seen(colours[f"plot-{n}"], VISIONS[vision]) for n in range(1, 5)]
    gaps = [sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 for pair in combinations(shown, 2)]
    assert min(gaps) > 20


def test_documents_and_the_light_theme_have_the_same_plots(read):
    css = read("static/css/theme.css")
    fills = re.findall(r"--plot-\d: (#\w+);", css)[:4]
    inks = re.findall(r"--plot-ink-\d: (#\w+);", css)[:4]
    assert [(ink.fill, ink.text) for ink in PALETTE] == list(zip(fills, inks, strict=True))
