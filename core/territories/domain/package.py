"""Reduces the npm package @etalab/decoupage-administratif to the file packaged with the application."""

import gzip
import json
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]
_CURRENT, _ARRONDISSEMENT = "commune-actuelle", "arrondissement-municipal"
_FORMER = {"commune-deleguee", "commune-associee"}
POPULATION_LABEL = "INSEE, populations municipales"
LICENCE = "Licence Ouverte 2.0 (Etalab)"


def read_package(path: Path) -> dict[str, Any]:
    """Return the package's files by stem (`communes`, `epci`, `departements`, `regions`, `package`).

    `path` is the unpacked directory or the archive made by `npm pack`. Raises OSError, KeyError or
    ValueError when a file is missing or unreadable.
    """
    if path.is_dir():
        return _read_files(lambda name: (path / name).read_bytes())
    with tarfile.open(path) as archive:

        def member(name: str) -> bytes:
            stream = archive.extractfile(f"package/{name}")
            if stream is None:
                raise KeyError(name)
            return stream.read()

        return _read_files(member)


def reduce_package(
    files: Mapping[str, Any], *, vintage: int, population_year: int, other_years: Mapping[str, int | None]
) -> dict[str, Any]:
    """Return the geographic code: lists of rows sorted by code, ready for JSON.

    `population_year` is the year the municipal populations were counted; `other_years` gives, by
    département code, the year of the figures that differ (None when it is not one known year).
    """
    communes: Rows = files["communes"]
    epci_of = {member["code"]: epci["code"] for epci in files["epci"] for member in epci["membres"]}
    package = files["package"]
    return {
        "vintage": vintage,
        "population_label": POPULATION_LABEL,
        "package": f"{package['name']} {package['version']}",
        "licence": LICENCE,
        "regions": sorted([row["code"], row["nom"]] for row in files["regions"]),
        "departements": sorted(
            [row["code"], row["nom"], row["region"], other_years.get(row["code"], population_year)]
            for row in files["departements"]
        ),
        "epci": sorted([row["code"], row["type"], row["nom"]] for row in files["epci"]),
        "communes": [
            [*_commune(row), row["departement"], epci_of.get(row["code"]), _postal_codes(row)]
            for row in _of_types(communes, {_CURRENT})
        ],
        "arrondissements": [
            [*_commune(row), row["commune"], _postal_codes(row)]
            for row in _of_types(communes, {_ARRONDISSEMENT})
        ],
        "former": sorted(_former(communes)),
    }


def write_geographic_code(data: Mapping[str, Any], path: Path) -> None:
    """Write `data` as compressed JSON; the same data always gives the same bytes."""
    content = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as stream:
        stream.write(content)


def _read_files(read: Callable[[str], bytes]) -> dict[str, Any]:
    names = {name: f"data/{name}.json" for name in ("communes", "epci", "departements", "regions")}
    return {name: json.loads(read(path)) for name, path in {**names, "package": "package.json"}.items()}


def _of_types(communes: Rows, types: set[str]) -> Rows:
    return sorted((row for row in communes if row["type"] in types), key=lambda row: str(row["code"]))


def _commune(row: Mapping[str, Any]) -> list[Any]:
    return [row["code"], row["nom"], row.get("population")]


def _postal_codes(row: Mapping[str, Any]) -> list[str]:
    return sorted(row.get("codesPostaux", []))


def _former(communes: Rows) -> Iterable[list[str]]:
    """Yield (code, name, current code) of communes that merged; the name is empty when it is unknown."""
    current = {row["code"]: row for row in _of_types(communes, {_CURRENT})}
    named = set()
    for row in _of_types(communes, _FORMER):
        heir = current[row["chefLieu"]]
        named.add((row["code"], heir["code"]))
        if row["code"] != heir["code"] or row["nom"] != heir["nom"]:
            yield [row["code"], row["nom"], heir["code"]]
    for heir in current.values():
        for code in heir.get("anciensCodes", []):
            if (code, heir["code"]) not in named:
                yield [code, "", heir["code"]]
