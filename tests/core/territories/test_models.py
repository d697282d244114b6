"""The database refuses an impossible geographic code."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.territories.enums import CommuneKind
from core.territories.models import (
    Commune,
    CommuneContour,
    Departement,
    Epci,
    FormerCommune,
    PostalCode,
    Region,
    Vintage,
)
from tests.factories.territories import GRANVILLE

ROW = {"departement_id": 0, "kind": CommuneKind.COMMUNE, "code": "99001", "name": "X", "search_name": " x"}


def commune(vintage: Vintage, **changes: object) -> Commune:
    departement = Departement.objects.get(vintage=vintage, code="50")
    return Commune(**{**ROW, "vintage": vintage, "departement_id": departement.pk, **changes})


def refused_by(name: str, row: object) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        row.save(force_insert=True)
    # SQLite names the columns of a broken unique constraint, PostgreSQL names the constraint.
    columns = name.endswith("_unique") and f"UNIQUE constraint failed: {row._meta.db_table}."
    assert name in str(caught.value) or (columns and columns in str(caught.value))


def test_a_vintage_is_a_plausible_year(db):
    refused_by("territories_vintage_year_plausible", Vintage(year=1999, digest="x"))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("territories_region_unique", lambda v: Region(vintage=v, code="28", name="X")),
        (
            "territories_departement_unique",
            lambda v: Departement(
                vintage=v, code="50", name="X", region=Region.objects.get(vintage=v, code="28")
            ),
        ),
        (
            "territories_epci_unique",
            lambda v: Epci(vintage=v, code=GRANVILLE, kind="CC", name="X", population=1, commune_count=1),
        ),
        (
            "territories_epci_has_communes",
            lambda v: Epci(vintage=v, code="1", kind="CC", name="X", population=1, commune_count=0),
        ),
        ("territories_commune_unique", lambda v: commune(v, code="50218")),
        ("territories_commune_kind_fits_parent", lambda v: commune(v, kind=CommuneKind.ARRONDISSEMENT)),
        (
            "territories_commune_kind_fits_parent",
            lambda v: commune(v, parent=Commune.objects.get(vintage=v, code="75056")),
        ),
        (
            "territories_commune_kind_fits_parent",
            lambda v: commune(
                v,
                kind=CommuneKind.ARRONDISSEMENT,
                parent=Commune.objects.get(vintage=v, code="75056"),
                epci=Epci.objects.get(vintage=v, code=GRANVILLE),
            ),
        ),
        (
            "territories_postal_code_unique",
            lambda v: PostalCode(commune=Commune.objects.get(vintage=v, code="50218"), code="50400"),
        ),
        (
            "territories_former_commune_unique",
            lambda v: FormerCommune(
                commune=(former := FormerCommune.objects.filter(commune__vintage=v).first()).commune,
                code=former.code,
            ),
        ),
        (
            "territories_contour_box_ordered",
            lambda v: CommuneContour(
                commune=Commune.objects.get(vintage=v, code="50218"),
                rings=[],
                west=2,
                east=1,
                south=0,
                north=1,
            ),
        ),
    ],
)
def test_constraints_refuse_by_name(granville, name, make):
    refused_by(name, make(granville))


def test_what_is_used_cannot_be_deleted(granville):
    for row in (
        granville,
        Region.objects.get(code="28"),
        Departement.objects.get(code="50"),
        Epci.objects.first(),
    ):
        with pytest.raises(ProtectedError):
            row.delete()
    with pytest.raises(ProtectedError):
        Commune.objects.get(code="75056").delete()
    assert Commune.objects.count() == Commune.objects.filter(vintage=granville).count()


def test_the_current_vintage_is_the_latest(db):
    assert Vintage.objects.current() is None
    for year in (2026, 2027, 2025):
        Vintage.objects.create(year=year, digest=str(year))
    assert Vintage.objects.current().year == 2027
