"""Loads outlines of communes from the file an operator downloads; memory stays flat whatever its size.

Two shapes are read: the official GeoJSON feature collection (« Contours administratifs », properties
`code` and `nom`), and `{code: [ring, …]}`. Either may be compressed with gzip.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from core.territories.models import Commune, CommuneContour, Vintage

UNITS_PER_DEGREE = 10_000
_BATCH = 500
_CHUNK = 1 << 16
_MAX_VALUE = 16 * 1024 * 1024


class ContourError(Exception):
    """A file of outlines that cannot be loaded; the message is a French sentence for the operator."""


@dataclass(frozen=True)
class ContourReport:
    """What a load did: outlines stored, and how many of the file's codes are not in the vintage."""

    stored: int
    unknown: int


def load_contours(path: Path, vintage: Vintage) -> ContourReport:
    """Store the outline of each commune of `vintage` found in the file, in one transaction.

    An outline already there is replaced. Raises ContourError for a file that is not one of the two shapes.
    """
    ids = dict(Commune.objects.filter(vintage=vintage).values_list("code", "pk"))
    stored = unknown = 0
    outlines = _outlines(path)
    with transaction.atomic():
        while batch := dict(islice(outlines, _BATCH)):
            rows = [_contour(ids[code], rings) for code, rings in batch.items() if code in ids and rings]
            CommuneContour.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["commune"],
                update_fields=["rings", "west", "south", "east", "north"],
            )
            stored += len(rows)
            unknown += sum(code not in ids for code in batch)
        if not stored:
            raise ContourError(f"Le fichier {path} ne contient le contour d’aucune commune connue.")
    return ContourReport(stored, unknown)


def _contour(commune_id: int, rings: list[list[int]]) -> CommuneContour:
    longitudes = [value for ring in rings for value in ring[0::2]]
    latitudes = [value for ring in rings for value in ring[1::2]]
    return CommuneContour(
        commune_id=commune_id,
        rings=rings,
        west=min(longitudes),
        east=max(longitudes),
        south=min(latitudes),
        north=max(latitudes),
    )


def _outlines(path: Path) -> Iterator[tuple[str, list[list[int]]]]:
    try:
        with _opened(path) as file:
            yield from _read(_JsonStream(file))
    except (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ContourError(
            f"Le fichier {path} n’est pas un GeoJSON de contours de communes lisible\u00a0: {error}."
        ) from error


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="utf-8") if compressed else path.open(encoding="utf-8")


def _read(stream: "_JsonStream") -> Iterator[tuple[str, list[list[int]]]]:
    stream.expect("{")
    while not stream.skip("}"):
        key = stream.value()
        stream.expect(":")
        if key == "features":
            yield from map(_feature, _features(stream))
        else:
            value = stream.value()
            if isinstance(value, list) and value and isinstance(value[0], list):
                yield key, _rings(value)
        stream.skip(",")


def _features(stream: "_JsonStream") -> Iterator[dict[str, Any]]:
    stream.expect("[")
    while not stream.skip("]"):
        yield stream.value()
        stream.skip(",")


def _feature(feature: dict[str, Any]) -> tuple[str, list[list[int]]]:
    geometry = feature["geometry"]
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return feature["properties"]["code"], _rings([ring for polygon in polygons for ring in polygon])


def _rings(rings: Sequence[Sequence[Sequence[float]]]) -> list[list[int]]:
    """Return rings on the grid of UNITS_PER_DEGREE, repeated points and degenerate rings left out."""
    flat = []
    for ring in rings:
        points: list[tuple[int, int]] = []
        for longitude, latitude, *_height in ring:
            point = (round(longitude * UNITS_PER_DEGREE), round(latitude * UNITS_PER_DEGREE))
            if not points or point != points[-1]:
                points.append(point)
        if points[0] == points[-1]:
            points.pop()
        if len(points) >= 3:
            flat.append([value for point in points for value in point])
    return flat


class _JsonStream:
    """Reads one JSON value at a time from a text file."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._buffer = ""
        self._position = 0
        self._decoder = json.JSONDecoder()

    def skip(self, token: str) -> bool:
        """Step over `token` if it comes next."""
        self._skip_blanks()
        found = self._buffer.startswith(token, self._position)
        self._position += found
        return found

    def expect(self, token: str) -> None:
        """Step over `token`; raises ValueError when something else comes next."""
        if not self.skip(token):
            raise ValueError(f"«\u00a0{token}\u00a0» attendu")

    def value(self) -> Any:
        """Return the next value; raises ValueError when there is none."""
        self._skip_blanks()
        wanted = _CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._position)
            except ValueError:
                end = len(self._buffer)
            # A number cut by the end of the buffer would decode as a shorter one.
            if end < len(self._buffer):
                self._position = end
                return value
            if len(self._buffer) - self._position > _MAX_VALUE or not self._more(wanted):
                raise ValueError("valeur illisible ou trop longue")
            wanted *= 2

    def _skip_blanks(self) -> None:
        while True:
            while self._position < len(self._buffer) and self._buffer[self._position].isspace():
                self._position += 1
            if self._position < len(self._buffer) or not self._more(_CHUNK):
                return

    def _more(self, size: int) -> bool:
        chunk = self._file.read(size)
        self._buffer = self._buffer[self._position :] + chunk
        self._position = 0
        return bool(chunk)
