"""Building and loading the geographic code."""

import gzip
import hashlib
import json
import tarfile
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from core.territories.domain.geographic_code import GeographicCodeError, load_geographic_code, packaged_file
from core.territories.domain.selection import resolve_selection
from core.territories.models import Commune, Departement, Epci, FormerCommune, PostalCode, Region, Vintage
from tests.factories.territories import FOUGERES, GRANVILLE, VILLEDIEU, sample_code

MODELS = (Vintage, Region, Departement, Epci, Commune, PostalCode, FormerCommune)
PACKAGE = {
    "package.json": {"name": "@etalab/decoupage-administratif", "version": "6.0.0"},
    "data/regions.json": [{"code": "28", "nom": "Normandie"}],
    "data/departements.json": [
        {"code": "75", "nom": "Paris", "region": "28"}, {"code": "50", "nom": "Manche", "region": "28"},
    ],
    "data/epci.json": [{"code": "200000001", "type": "CC", "nom": "CC Une", "membres": [{"code": "50002"}]}],
    "data/communes.json": [
        {"code": "50002", "nom": "Deux", "type": "commune-actuelle", "departement": "50", "population": 2,
         "codesPostaux": ["50200", "50100"], "anciensCodes": ["50004", "50005"]},
        {"code": "50001", "nom": "Une", "type": "commune-actuelle", "departement": "50"},
        {"code": "75056", "nom": "Paris", "type": "commune-actuelle", "departement": "75", "population": 9},
        {"code": "75101", "nom": "Paris 1er", "type": "arrondissement-municipal", "commune": "75056",
         "population": 9},
        {"code": "50003", "nom": "Trois", "type": "commune-deleguee", "chefLieu": "50002"},
        {"code": "50002", "nom": "Deux", "type": "commune-deleguee", "chefLieu": "50002"},
        {"code": "50004", "nom": "Quatre", "type": "commune-associee", "chefLieu": "50002"},
    ],
}  # fmt: skip


def snapshot() -> dict[str, list[tuple]]:
    return {model.__name__: sorted(model.objects.values_list()) for model in MODELS}


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    (folder / "data").mkdir(parents=True)
    for name, content in PACKAGE.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def build(package, output) -> str:
    out = StringIO()
    call_command(
        "build_geographic_code", str(package), "--vintage", "2026", "--population-year", "2023",
        "--other-year", "75=2017", "--other-year", "50=", "--output", str(output), stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_the_package_is_reduced_to_sorted_rows(package, tmp_path):
    out = build(package, tmp_path / "code.json.gz")
    assert out.endswith("code.json.gz\u00a0: 3 communes, 11 habitants, 1 arrondissements, 1 EPCI.\n")
    assert json.loads(gzip.decompress((tmp_path / "code.json.gz").read_bytes())) == {
        "vintage": 2026,
        "population_label": "INSEE, populations municipales",
        "package": "@etalab/decoupage-administratif 6.0.0",
        "licence": "Licence Ouverte 2.0 (Etalab)",
        "regions": [["28", "Normandie"]],
        "departements": [["50", "Manche", "28", None], ["75", "Paris", "28", 2017]],
        "epci": [["200000001", "CC", "CC Une"]],
        "communes": [
            ["50001", "Une", None, "50", None, []],
            ["50002", "Deux", 2, "50", "200000001", ["50100", "50200"]],
            ["75056", "Paris", 9, "75", None, []],
        ],
        "arrondissements": [["75101", "Paris 1er", 9, "75056", []]],
        "former": [["50003", "Trois", "50002"], ["50004", "Quatre", "50002"], ["50005", "", "50002"]],
    }


def test_building_twice_gives_the_same_bytes_from_the_folder_and_from_the_archive(package, tmp_path):
    with tarfile.open(tmp_path / "package.tgz", "w:gz") as archive:
        archive.add(package, arcname="package")
    build(package, tmp_path / "a.gz")
    build(tmp_path / "package.tgz", tmp_path / "b.gz")
    first = (tmp_path / "a.gz").read_bytes()
    assert first == (tmp_path / "b.gz").read_bytes()
    assert first[4:8] == b"\0\0\0\0"


def test_a_package_that_is_not_one_is_refused(tmp_path):
    (tmp_path / "x.tgz").write_bytes(b"nothing")
    with pytest.raises(CommandError, match="Paquet illisible"):
        build(tmp_path / "x.tgz", tmp_path / "out.gz")
    assert not (tmp_path / "out.gz").exists()


def test_the_packaged_file_is_the_official_one():
    content = gzip.decompress(packaged_file().read_bytes())
    data = json.loads(content)
    assert packaged_file().name == "geographic-code-2026.json.gz"
    assert len(data["communes"]) == 34_969
    assert sum(row[2] or 0 for row in data["communes"]) == 68_952_941
    assert [row[0] for row in data["communes"] if row[2] is None] == [
        "98411", "98412", "98413", "98414", "98415", "98901",
    ]  # fmt: skip
    assert len(data["arrondissements"]) == 45
    assert len(data["epci"]) == 1255
    years = {row[0]: row[3] for row in data["departements"]}
    # INSEE gives 68 094 000 inhabitants on 1 January 2023, Mayotte apart: these are the 2023 figures.
    assert sum(row[2] or 0 for row in data["communes"] if years[row[3]] == 2023) == 68_094_280
    assert years["976"] == 2017
    assert hashlib.sha256(content).hexdigest() == DIGEST


DIGEST = "8dc534d6121a116504475cb2577f8863f7e30baf86d111a721768ae2605c96be"


def test_the_national_code_loads_in_time(db):
    # The budget is 15 s; time spent in this process does not depend on what else the machine does.
    started = time.process_time()
    call_command("load_geographic_code", stdout=(out := StringIO()))
    assert time.process_time() - started < 15
    assert out.getvalue() == "Millésime 2026 chargé\u00a0: 34969 communes, 45 arrondissements, 1255 EPCI.\n"
    communes = Commune.objects.filter(kind="commune")
    assert communes.count() == 34_969
    assert communes.aggregate(total=Sum("population"))["total"] == 68_952_941
    assert Commune.objects.filter(kind="arrondissement").count() == 45
    counts = {code: Epci.objects.get(code=code).communes.count() for code in (GRANVILLE, VILLEDIEU, FOUGERES)}
    assert counts == {GRANVILLE: 32, VILLEDIEU: 27, FOUGERES: 28}
    assert resolve_selection(epci=[GRANVILLE, VILLEDIEU], communes=[]).population == 61_429
    for epci in Epci.objects.filter(code__in=[GRANVILLE, VILLEDIEU]):
        assert epci.population == epci.communes.aggregate(total=Sum("population"))["total"]


def test_loading_the_same_file_again_changes_nothing(granville, geographic_code_file):
    before = snapshot()
    report = load_geographic_code(geographic_code_file())
    assert (report.changed, report.vintage) == (False, granville)
    assert snapshot() == before


def test_a_changed_file_of_the_same_vintage_is_refused(granville, geographic_code_file):
    before = snapshot()
    with pytest.raises(
        GeographicCodeError, match=r"Le millésime 2026 est déjà chargé avec un autre contenu\."
    ):
        load_geographic_code(geographic_code_file(licence="Autre"))
    assert snapshot() == before


def test_replacing_updates_rows_in_place_and_removes_those_gone(granville, geographic_code_file):
    ids = dict(Commune.objects.values_list("code", "pk"))
    communes = [
        [row[0], "Granville-les-Bains" if row[0] == "50218" else row[1], *row[2:]]
        for row in sample_code()["communes"]
        if row[0] != "29155"
    ]
    report = load_geographic_code(geographic_code_file(communes=communes), replace=True)
    assert report.changed
    assert dict(Commune.objects.values_list("code", "pk")) == {
        code: pk for code, pk in ids.items() if code != "29155"
    }
    renamed = Commune.objects.get(code="50218")
    assert (renamed.name, renamed.search_name) == ("Granville-les-Bains", " granville les bains")
    assert PostalCode.objects.filter(commune=renamed).count() == 1


def test_a_later_vintage_stands_beside_the_former(granville, geographic_code_file):
    before = {model.__name__: list(model.objects.values_list("pk", flat=True)) for model in MODELS}
    later = load_geographic_code(geographic_code_file(vintage=2027)).vintage
    assert Vintage.objects.current() == later
    assert resolve_selection(epci=[GRANVILLE], communes=[]).vintage == later
    for asked, vintage in ((None, later), (granville, granville)):
        selection = resolve_selection(epci=[GRANVILLE], communes=["50639"], vintage=asked)
        assert len(selection.communes) == 33
        assert {commune.vintage for commune in selection.communes} == {vintage}
    for model in MODELS:
        ids = set(model.objects.values_list("pk", flat=True))
        assert ids > set(before[model.__name__])
        assert len(ids) == 2 * len(before[model.__name__])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{", mtime=0),
        gzip.compress(b'{"vintage": 2026}', mtime=0),
        gzip.compress(b"3", mtime=0),
    ],
)
def test_an_unreadable_file_is_refused_with_a_sentence(db, tmp_path, content):
    (tmp_path / "x.gz").write_bytes(content)
    with pytest.raises(CommandError, match=r"^Le fichier .* est (illisible|incomplet)"):
        call_command("load_geographic_code", str(tmp_path / "x.gz"))
    assert Vintage.objects.count() == 0
