"""Draws a territory as an SVG map: its communes, the borders of its EPCI, its neighbours.

Points are rounded to the drawing's grid; the border of an EPCI is made of the sides of its communes that
have no other commune of the EPCI beyond them.
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
# The rest of the budget goes to borders and neighbours.
_SHAPES_SHARE = 0.6
# A side is inside when both its sides are covered this fraction of the width away.
_REACH = 180
_CELL = 16
_MAX_HEIGHT_RATIO = 1.6
_MARGIN = 0.04
# Names cost more bytes than shapes: beyond, only the list names the communes.
_MAX_NAMED = 120
# Beyond, only the borders of the EPCI are drawn.
_MAX_DRAWN = 500
_COARSE_WIDTH = 240
_MAX_NEIGHBOURS = 300
_MAX_SPAN_DEGREES = 4
Point = tuple[int, int]
Edge = tuple[Point, Point]
Rings = list[list[Point]]


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
    """A drawing of `width` by `height` units.

    `missing` are the communes whose outline is not loaded; `detailed` is False when there are too many
    communes to draw each one.
    """

    width: int
    height: int
    shapes: tuple[Shape, ...]
    neighbours: str
    epci_borders: str
    outline: str
    missing: tuple[Commune, ...]
    detailed: bool

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
        return self.detailed and len(self.shapes) <= _MAX_NAMED

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
    named = _NAME_BYTES * len(contours) if len(contours) <= _MAX_NAMED else 0
    detailed = len(contours) <= _MAX_DRAWN
    neighbours = _neighbours(selection, frame, contours) if detailed else []
    for width in _WIDTHS if detailed else (_COARSE_WIDTH,):
        grid = frame.on_grid(width)
        rings = {pk: grid.rings(contour) for pk, contour in contours.items()}
        paths = {pk: _closed_path(each) for pk, each in rings.items()}
        if sum(map(len, paths.values())) <= _SHAPES_SHARE * (_MAX_BYTES - named):
            break
    borders = _borders(selection, rings, reach=width / _REACH)
    around = _edges(ring for contour in neighbours for ring in grid.rings(contour))
    width, height = grid.size
    return TerritoryMap(
        width=width,
        height=height,
        shapes=tuple(
            Shape(commune, paths[commune.pk], commune.code in overlaps)
            for commune in selection.communes
            if commune.pk in paths and (detailed or commune.code in overlaps)
        ),
        detailed=detailed,
        neighbours=_lines_path({edge for edge in around if edge not in borders.outline and grid.shows(edge)}),
        epci_borders=_lines_path(borders.inner),
        outline=_lines_path(borders.outline),
        missing=tuple(commune for commune in selection.communes if commune.pk not in paths),
    )


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

    def rings(self, contour: CommuneContour) -> Rings:
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


@dataclass(frozen=True)
class _Borders:
    """Sides of communes that bound the whole territory, and those between two of its EPCI."""

    outline: set[Edge]
    inner: set[Edge]


def _borders(selection: TerritorySelection, rings: Mapping[int, Rings], reach: float) -> _Borders:
    outline = _outer_edges(
        [rings[commune.pk] for commune in selection.communes if commune.pk in rings], reach
    )
    inner: set[Edge] = set()
    for group in selection.groups:
        inner |= _outer_edges([rings[commune.pk] for commune in group.communes if commune.pk in rings], reach)
    return _Borders(outline, inner - outline)


def _outer_edges(areas: Sequence[Rings], reach: float) -> set[Edge]:
    """Return the sides beyond which the areas end.

    A side that two rings share is inside. Files simplified commune by commune do not share every point:
    a side that only one ring has is inside too when the areas cover both its sides, `reach` units away.
    """
    lonely = {edge for edge, count in _edges(ring for rings in areas for ring in rings).items() if count == 1}
    cover = _Cover(areas)
    return {edge for edge in lonely if not all(point in cover for point in _sides(edge, reach))}


def _sides(edge: Edge, reach: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the points `reach` units left and right of the middle of an edge."""
    (x0, y0), (x1, y1) = edge
    length = math.hypot(x1 - x0, y1 - y0)
    across, down = (y0 - y1) / length * reach, (x1 - x0) / length * reach
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return (x + across, y + down), (x - across, y - down)


class _Cover:
    """Tells whether a point is inside one of the areas; areas are found through a coarse grid."""

    def __init__(self, areas: Sequence[Rings]) -> None:
        self._cells: dict[Point, list[Rings]] = defaultdict(list)
        for rings in areas:
            xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
            for column in range(min(xs) // _CELL, max(xs) // _CELL + 1):
                for row in range(min(ys) // _CELL, max(ys) // _CELL + 1):
                    self._cells[column, row].append(rings)

    def __contains__(self, point: tuple[float, float]) -> bool:
        cell = (int(point[0] // _CELL), int(point[1] // _CELL))
        return any(_is_inside(point, rings) for rings in self._cells.get(cell, ()))


def _is_inside(point: tuple[float, float], rings: Rings) -> bool:
    """Count the sides a ray to the east crosses: odd is inside."""
    x, y = point
    inside = False
    for ring in rings:
        x0, y0 = ring[-1]
        for x1, y1 in ring:
            if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                inside = not inside
            x0, y0 = x1, y1
    return inside


def _edges(rings: Iterable[Sequence[Point]]) -> Counter[Edge]:
    """Count each side of the rings, whichever way it runs."""
    return Counter(
        (min(start, end), max(start, end))
        for ring in rings
        for start, end in zip(ring, [*ring[1:], ring[0]], strict=True)
        if start != end
    )


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
