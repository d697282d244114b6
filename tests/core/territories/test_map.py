"""Outlines loaded from a file, and the map drawn from them, on an invented shape of three squares."""

import gzip
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.territories.domain.contours import ContourError, load_contours
from core.territories.domain.map import draw_map, has_map
from core.territories.domain.selection import resolve_selection
from core.territories.models import CommuneContour

# Three squares of a tenth of a degree in a row, from west to east; the last two share an EPCI.
SQUARES = {"50639": 0, "50218": 1, "50647": 2, "50502": 3}


def square(position: int) -> list[list[float]]:
    west, east = 2 + position / 10, 2 + (position + 1) / 10
    return [[west, 45.0], [east, 45.0], [east, 45.1], [west, 45.1], [west, 45.0]]


def feature(code: str, position: int, kind: str = "Polygon") -> dict:
    coordinates = [square(position)] if kind == "Polygon" else [[square(position)]]
    return {
        "type": "Feature",
        "properties": {"code": code, "nom": "x"},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features: dict) -> str:
    return json.dumps(
        {"type": "FeatureCollection", "crs": {"a": [1, 2]}, "features": list(features)}, indent=1
    )


GEOJSON = collection(
    *(feature(code, at, ["Polygon", "MultiPolygon"][at % 2]) for code, at in SQUARES.items())
)


@pytest.fixture
def contours(granville, tmp_path):
    path = tmp_path / "communes.geojson"
    path.write_text(GEOJSON, encoding="utf-8")
    load_contours(path, granville)


@pytest.mark.parametrize(
    "content",
    [
        GEOJSON.encode(),
        gzip.compress(GEOJSON.encode(), mtime=0),
        gzip.compress(json.dumps({code: [square(at)] for code, at in SQUARES.items()}).encode(), mtime=0),
    ],
)
def test_official_and_compact_shapes_are_read(granville, tmp_path, content):
    path = tmp_path / "contours"
    path.write_bytes(content)
    for _time in range(2):
        call_command("load_commune_contours", str(path), stdout=(out := StringIO()))
        assert out.getvalue() == (
            "4 contours chargés pour le millésime 2026, 0 codes du fichier inconnus de ce millésime.\n"
        )
    contour = CommuneContour.objects.get(commune__code="50218")
    assert contour.rings == [[21_000, 450_000, 22_000, 450_000, 22_000, 451_000, 21_000, 451_000]]
    assert (contour.west, contour.south, contour.east, contour.north) == (21_000, 450_000, 22_000, 451_000)
    assert CommuneContour.objects.count() == 4


def test_unknown_codes_are_counted_and_left_out(granville, tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text(collection(feature("50218", 0), feature("99999", 1)))
    report = load_contours(path, granville)
    assert (report.stored, report.unknown) == (1, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{", b'{"features": [{"properties": {}}]}', b'{"features": [',
        b"\x1f\x8bnot gzip", b"\xff\xfe",
        collection(feature("99999", 0)).encode(), b'{"features": []}', GEOJSON[:-40].encode(),
        b'{"features": [{"properties": {"code": "50218"}, "geometry": null}]}', b'{"50218": [[["a", "b"]]]}',
    ],
)  # fmt: skip
def test_other_files_are_refused_and_write_nothing(granville, tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(ContourError):
        load_contours(path, granville)
    assert not CommuneContour.objects.exists()
    with pytest.raises(CommandError, match=r"^Le fichier "):
        call_command("load_commune_contours", str(path))


def test_a_vintage_that_is_not_loaded_is_refused(granville, tmp_path):
    with pytest.raises(CommandError, match="Ce millésime n’est pas chargé"):
        call_command("load_commune_contours", str(tmp_path / "x"), "--vintage", "2030")


def test_without_contours_there_is_no_map(granville):
    selection = resolve_selection(epci=[], communes=["50218"])
    assert draw_map(selection) is None
    assert not has_map(selection)


@pytest.mark.usefixtures("contours")
class TestDrawing:
    def test_the_aspect_is_right(self):
        drawing = draw_map(resolve_selection(epci=[], communes=["50218"]))
        # One tenth of a degree of longitude at 45 degrees north is 0.707 of one of latitude.
        assert drawing.width / drawing.height == pytest.approx(0.7071, abs=0.01)

    def test_borders_of_epci_are_dissolved(self):
        drawing = draw_map(resolve_selection(epci=[], communes=["50639", "50218", "50647"]))
        assert [shape.commune.code for shape in drawing.shapes] == ["50218", "50639", "50647"]
        # 720 units wide for three tenths of a degree and two margins: one vertical line a third of the way.
        assert drawing.epci_borders == "M249 38l0 314"
        assert drawing.outline == "M27 38l0 314 666 0 0-314-666 0"

    def test_neighbours_are_drawn_lightly_and_the_missing_named(self):
        drawing = draw_map(resolve_selection(epci=[], communes=["50218", "50237"]))
        assert drawing.neighbours
        assert [commune.code for commune in drawing.missing] == ["50237"]

    def test_overlaps_get_a_pattern(self):
        selection = resolve_selection(epci=[], communes=["50218", "50647"])
        drawing = draw_map(selection, overlaps={"50647", "99999"})
        assert [(shape.commune.code, shape.overlaps) for shape in drawing.shapes] == [
            ("50218", False),
            ("50647", True),
        ]
        assert drawing.has_overlaps
        assert not draw_map(selection).has_overlaps

    def test_labels_say_the_name_and_the_population(self):
        (shape,) = draw_map(resolve_selection(epci=[], communes=["50218"])).shapes
        assert shape.label == "Granville, 12\u202f510 habitants"

    @pytest.mark.parametrize("communes", [["50218"], ["50218", "50639", "50647"]])
    def test_queries_do_not_grow(self, django_assert_num_queries, communes):
        selection = resolve_selection(epci=[], communes=communes)
        with django_assert_num_queries(2):
            draw_map(selection)
