"""Draws a territory as an SVG map: its communes, the borders of its EPCI, its neighbours.

Points are rounded to the drawing's grid. Neighbouring communes share their points, so a border between
two communes stays one line after rounding, and the border of an EPCI is what only one of its communes has.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.territories.domain.contours import UNITS_PER_DEGREE
from core.territories.domain.selection import TerritorySelection
from core.territories.models import Commune, CommuneContour
from core.ui.formatting import number

# Widths tried until the paths weigh less than the budget.
_WIDTHS = (720, 480, 320, 200, 120, 60)
_MAX_BYTES = 34_000
_NAME_BYTES = 190
_MAX_HEIGHT_RATIO = 1.6
_MARGIN = 0.04
# Names cost more bytes than shapes: beyond, only the list names the communes.
_MAX_NAMED = 120
_MAX_NEIGHBOURS = 300
_MAX_SPAN_DEGREES = 4
Point = tuple[int, int]
Edge = tuple[Point, Point]


@dataclass(frozen=True)
class Shape:
    """One commune: SVG path, name and population in words, whether another territory also covers it."""

    commune: Commune
    path: str
    overlaps: bool

    @property
    def label(self) -> str:
        """Name and population, in French."""
        population = self.commune.population
        said = "sans chiffre de population" if population is None else f"{number(population)} habitants"
        return f"{self.commune.name}, {said}"


@dataclass(frozen=True)
class TerritoryMap:
    """A drawing of `width` by `height` units; `missing` are the communes whose outline is not loaded."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    neighbours: str
    epci_borders: str
    outline: str
    missing: tuple[Commune, ...]

    @property
    def weight(self) -> int:
        """Bytes of its paths."""
        lines = len(self.neighbours) + len(self.epci_borders) + len(self.outline)
        return lines + sum(len(shape.path) for shape in self.shapes)

    @property
    def label_size(self) -> float:
        """Height of the label's text, in units of the drawing."""
        return round(max(self.width, self.height * 0.8) / 34, 1)

    @property
    def full_height(self) -> float:
        """Height with the line of text under the drawing."""
        return round(self.height + self.label_size * 2, 1)

    @property
    def label_y(self) -> float:
        """Where the line of text under the drawing stands."""
        return round(self.height + self.label_size * 1.5, 1)

    @property
    def has_names(self) -> bool:
        """Whether each commune is a stop of the keyboard with its name."""
        return len(self.shapes) <= _MAX_NAMED

    @property
    def has_overlaps(self) -> bool:
        """Whether a commune is shared with another territory."""
        return any(shape.overlaps for shape in self.shapes)


def has_map(selection: TerritorySelection) -> bool:
    """Whether the outline of a commune of this territory is loaded; one query."""
    communes = [commune.pk for commune in selection.communes]
    return bool(communes) and CommuneContour.objects.filter(pk__in=communes).exists()


def draw_map(selection: TerritorySelection, *, overlaps: Collection[str] = ()) -> TerritoryMap | None:
    """Return the map of a territory, None when no outline of its communes is loaded.

    `overlaps` are the codes of communes that another territory also covers: they get a pattern.
    Two queries whatever the size.
    """
    contours = CommuneContour.objects.in_bulk([commune.pk for commune in selection.communes])
    if not contours:
        return None
    frame = _Frame.around(contours.values())
    neighbours = _neighbours(selection, frame, contours)
    budget = _MAX_BYTES - (_NAME_BYTES * len(contours) if len(contours) <= _MAX_NAMED else 0)
    for width in _WIDTHS:
        drawing = _draw(selection, contours, neighbours, frame.on_grid(width), frozenset(overlaps))
        if drawing.weight <= budget:
            break
    return drawing


@dataclass(frozen=True)
class _Frame:
    """The rectangle drawn, in stored units, and the scale to the drawing's grid."""

    west: int
    south: int
    east: int
    north: int
    scale: float = 1.0

    @classmethod
    def around(cls, contours: Iterable[CommuneContour]) -> "_Frame":
        rows = list(contours)
        west, east = min(row.west for row in rows), max(row.east for row in rows)
        south, north = min(row.south for row in rows), max(row.north for row in rows)
        margin = round(max(east - west, north - south) * _MARGIN) + 1
        return cls(west - margin, south - margin, east + margin, north + margin)

    @property
    def aspect(self) -> float:
        """Length of a degree of longitude against a degree of latitude, in the middle of the map."""
        return math.cos(math.radians((self.south + self.north) / 2 / UNITS_PER_DEGREE))

    @property
    def is_local(self) -> bool:
        """Whether the frame is small enough for neighbours to mean something."""
        return max(self.east - self.west, self.north - self.south) <= _MAX_SPAN_DEGREES * UNITS_PER_DEGREE

    def on_grid(self, width: int) -> "_Frame":
        """Return this frame, `width` units wide, or narrower when the territory is tall."""
        wide, tall = (self.east - self.west) * self.aspect, self.north - self.south
        scale = min(width / wide, width * _MAX_HEIGHT_RATIO / tall)
        return _Frame(self.west, self.south, self.east, self.north, scale)

    @property
    def size(self) -> Point:
        return self.place(self.east, self.south)

    def place(self, longitude: int, latitude: int) -> Point:
        """Return a point of the drawing, north at the top."""
        x = (longitude - self.west) * self.aspect * self.scale
        return round(x), round((self.north - latitude) * self.scale)

    def shows(self, edge: Edge) -> bool:
        """Whether one end of the edge is inside the drawing."""
        width, height = self.size
        return any(0 <= x <= width and 0 <= y <= height for x, y in edge)

    def rings(self, contour: CommuneContour) -> list[list[Point]]:
        """Return the rings of an outline on the grid, points that fell together merged."""
        rings = []
        for flat in contour.rings:
            points: list[Point] = []
            for longitude, latitude in zip(flat[0::2], flat[1::2], strict=True):
                point = self.place(longitude, latitude)
                if not points or points[-1] != point:
                    points.append(point)
            if len(points) > 1 and points[0] == points[-1]:
                points.pop()
            if len(points) >= 3:
                rings.append(points)
        return rings or [[self.place(contour.west, contour.north)]]


def _neighbours(
    selection: TerritorySelection, frame: _Frame, selected: Collection[int]
) -> list[CommuneContour]:
    """Return the outlines of other communes that touch the frame."""
    if not frame.is_local:
        return []
    touching = CommuneContour.objects.filter(
        commune__vintage=selection.vintage,
        commune__parent=None,
        west__lte=frame.east,
        east__gte=frame.west,
        south__lte=frame.north,
        north__gte=frame.south,
    )
    return [row for row in touching[:_MAX_NEIGHBOURS] if row.pk not in selected]


def _draw(
    selection: TerritorySelection,
    contours: Mapping[int, CommuneContour],
    neighbours: Sequence[CommuneContour],
    frame: _Frame,
    overlaps: frozenset[str],
) -> TerritoryMap:
    drawn = [commune for commune in selection.communes if commune.pk in contours]
    rings = {commune.pk: frame.rings(contours[commune.pk]) for commune in drawn}
    by_epci: dict[int | None, list[list[Point]]] = defaultdict(list)
    for commune in drawn:
        epci = commune.listed_epci
        by_epci[epci.pk if epci else None].extend(rings[commune.pk])
    outline = _border(ring for each in rings.values() for ring in each)
    inner = {edge for group in by_epci.values() for edge in _border(group)} - outline
    around = _edges(ring for contour in neighbours for ring in frame.rings(contour))
    near = {edge for edge in around if edge not in outline and frame.shows(edge)}
    width, height = frame.size
    return TerritoryMap(
        width=width,
        height=height,
        shapes=tuple(
            Shape(commune, _closed_path(rings[commune.pk]), commune.code in overlaps) for commune in drawn
        ),
        neighbours=_lines_path(near),
        epci_borders=_lines_path(inner),
        outline=_lines_path(outline),
        missing=tuple(commune for commune in selection.communes if commune.pk not in contours),
    )


def _edges(rings: Iterable[Sequence[Point]]) -> Counter[Edge]:
    """Count each side of the rings, whichever way it runs."""
    return Counter(
        (min(start, end), max(start, end))
        for ring in rings
        for start, end in zip(ring, [*ring[1:], ring[0]], strict=True)
        if start != end
    )


def _border(rings: Iterable[Sequence[Point]]) -> set[Edge]:
    """Return the sides that only one ring has: what two neighbours share is inside."""
    return {edge for edge, count in _edges(rings).items() if count == 1}


def _closed_path(rings: Iterable[Sequence[Point]]) -> str:
    return "".join(f"{_path(ring)}z" for ring in rings)


def _lines_path(edges: Collection[Edge]) -> str:
    """Return edges joined end to end into as few lines as a simple walk finds."""
    ends: dict[Point, set[Point]] = defaultdict(set)
    for start, end in edges:
        ends[start].add(end)
        ends[end].add(start)
    # Loose ends first, so that a line is not begun in its middle; sorted, so that the drawing is stable.
    starts = sorted(ends, key=lambda point: (len(ends[point]) % 2 == 0, point))
    return "".join(_path(line) for start in starts for line in _walks(start, ends))


def _walks(start: Point, ends: dict[Point, set[Point]]) -> Iterator[list[Point]]:
    while ends[start]:
        line = [start]
        while ends[line[-1]]:
            here = line[-1]
            there = min(ends[here])
            ends[here].remove(there)
            ends[there].remove(here)
            line.append(there)
        yield line


def _path(points: Sequence[Point]) -> str:
    """Return an SVG path in relative coordinates, steps along the same line merged."""
    steps: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(points):
        step = (x1 - x0, y1 - y0)
        if steps and _same_way(steps[-1], step):
            step = (steps[-1][0] + step[0], steps[-1][1] + step[1])
            steps.pop()
        steps.append(step)
    drawn = " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-")
    return f"M{points[0][0]} {points[0][1]}l{drawn}" if steps else f"M{points[0][0]} {points[0][1]}h1"


def _same_way(one: Point, other: Point) -> bool:
    return one[0] * other[1] == one[1] * other[0] and one[0] * other[0] + one[1] * other[1] > 0
