"""Loads a vintage of the official geographic code, beside the vintages already there."""

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import ProtectedError

from core.territories.domain.names import search_form
from core.territories.enums import CommuneKind
from core.territories.models import Commune, Departement, Epci, FormerCommune, PostalCode, Region, Vintage

PACKAGED_DIR = Path(__file__).resolve().parent.parent / "data"
_BATCH = 2000
Row = TypeVar("Row", Region, Departement, Epci, Commune)


class GeographicCodeError(Exception):
    """A geographic code that cannot be loaded; the message is a French sentence for the operator."""


@dataclass(frozen=True)
class LoadReport:
    """What a load did: `changed` is False when the same file was already there."""

    vintage: Vintage
    communes: int
    arrondissements: int
    epcis: int
    changed: bool


def packaged_file() -> Path:
    """Return the latest geographic code delivered with the application."""
    return max(PACKAGED_DIR.glob("geographic-code-*.json.gz"))


def load_geographic_code(path: Path, *, replace: bool = False) -> LoadReport:
    """Load the file written by `build_geographic_code`, in one transaction.

    Loading the same file again changes nothing. A different file for a vintage already loaded raises
    GeographicCodeError, unless `replace`: rows are then updated in place and keep their ids.
    """
    data, digest = _read(path)
    with transaction.atomic():
        known = Vintage.objects.select_for_update().filter(year=data["vintage"]).first()
        if known and known.digest != digest and not replace:
            raise GeographicCodeError(
                f"Le millésime {known.year} est déjà chargé avec un autre contenu. "
                "Relancez avec --replace pour le remplacer."
            )
        unchanged = known is not None and known.digest == digest
        vintage = known if known and unchanged else _store(data, digest)
    return LoadReport(
        vintage=vintage,
        communes=len(data["communes"]),
        arrondissements=len(data["arrondissements"]),
        epcis=len(data["epci"]),
        changed=not unchanged,
    )


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        content = gzip.decompress(path.read_bytes())
        data = json.loads(content)
        missing = {
            "vintage",
            "regions",
            "departements",
            "epci",
            "communes",
            "arrondissements",
            "former",
        } - set(data)
    except (OSError, EOFError, zlib.error, ValueError, TypeError) as error:
        raise GeographicCodeError(f"Le fichier {path} est illisible\u00a0: {error}.") from error
    if missing:
        raise GeographicCodeError(
            f"Le fichier {path} est incomplet\u00a0: il manque {', '.join(sorted(missing))}."
        )
    return data, hashlib.sha256(content).hexdigest()


def _store(data: Mapping[str, Any], digest: str) -> Vintage:
    facts = {key: data[key] for key in ("population_label", "package", "licence")}
    vintage, _ = Vintage.objects.update_or_create(year=data["vintage"], defaults={**facts, "digest": digest})
    PostalCode.objects.filter(commune__vintage=vintage).delete()
    FormerCommune.objects.filter(commune__vintage=vintage).delete()
    regions = _upsert(
        Region, (Region(vintage=vintage, code=code, name=name) for code, name in data["regions"])
    )
    departements = _upsert(
        Departement,
        (
            Departement(
                vintage=vintage, code=code, name=name, region_id=regions[region], population_year=year
            )
            for code, name, region, year in data["departements"]
        ),
    )
    epcis = _upsert(Epci, _epcis(data, vintage))
    communes = _upsert(Commune, _communes(data, vintage, departements, epcis))
    communes |= _upsert(Commune, _arrondissements(data, vintage, departements, communes))
    _store_codes(data, communes)
    _remove_gone(vintage, regions, departements, epcis, communes)
    _refresh_statistics()
    return vintage


def _epcis(data: Mapping[str, Any], vintage: Vintage) -> Iterable[Epci]:
    population: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for _code, _name, inhabitants, _departement, epci, _postal_codes in data["communes"]:
        if epci:
            population[epci] += inhabitants or 0
            count[epci] += 1
    for code, kind, name in data["epci"]:
        yield Epci(
            vintage=vintage,
            code=code,
            kind=kind,
            name=name,
            search_name=search_form(name),
            population=population[code],
            commune_count=count[code],
        )


def _communes(
    data: Mapping[str, Any], vintage: Vintage, departements: Mapping[str, int], epcis: Mapping[str, int]
) -> Iterable[Commune]:
    for code, name, inhabitants, departement, epci, _postal_codes in data["communes"]:
        yield Commune(
            vintage=vintage,
            departement_id=departements[departement],
            epci_id=epcis[epci] if epci else None,
            kind=CommuneKind.COMMUNE,
            code=code,
            name=name,
            search_name=search_form(name),
            population=inhabitants,
        )


def _arrondissements(
    data: Mapping[str, Any], vintage: Vintage, departements: Mapping[str, int], communes: Mapping[str, int]
) -> Iterable[Commune]:
    departement_of = {row[0]: row[3] for row in data["communes"]}
    for code, name, inhabitants, parent, _postal_codes in data["arrondissements"]:
        yield Commune(
            vintage=vintage,
            departement_id=departements[departement_of[parent]],
            parent_id=communes[parent],
            kind=CommuneKind.ARRONDISSEMENT,
            code=code,
            name=name,
            search_name=search_form(name),
            population=inhabitants,
        )


def _upsert(model: type[Row], rows: Iterable[Row]) -> dict[str, int]:
    """Insert or update `rows` by (vintage, code); return their ids by code."""
    keys = {"vintage", "code"}
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    stored = model._default_manager.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=sorted(keys),
        update_fields=[name for name in fields if name not in keys],
    )
    return {row.code: row.pk for row in stored}


def _store_codes(data: Mapping[str, Any], communes: Mapping[str, int]) -> None:
    rows = [*data["communes"], *data["arrondissements"]]
    PostalCode.objects.bulk_create(
        (PostalCode(commune_id=communes[row[0]], code=code) for row in rows for code in row[-1]),
        batch_size=_BATCH,
    )
    FormerCommune.objects.bulk_create(
        (
            FormerCommune(commune_id=communes[heir], code=code, name=name, search_name=search_form(name))
            for code, name, heir in data["former"]
        ),
        batch_size=_BATCH,
    )


def _refresh_statistics() -> None:
    # Tens of thousands of new rows: the planner's old figures make the first searches twice as slow.
    with connection.cursor() as cursor:
        for model in (Departement, Epci, Commune, PostalCode, FormerCommune):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _remove_gone(
    vintage: Vintage,
    regions: Mapping[str, int],
    departements: Mapping[str, int],
    epcis: Mapping[str, int],
    communes: Mapping[str, int],
) -> None:
    """Delete what the vintage's former file had and this one has not, children first."""
    kept: list[tuple[type[models.Model], Mapping[str, int]]] = [
        (Commune, communes),
        (Epci, epcis),
        (Departement, departements),
        (Region, regions),
    ]
    for model, by_code in kept:
        stored = dict(model._default_manager.filter(vintage=vintage).values_list("code", "pk"))
        gone = [pk for code, pk in stored.items() if code not in by_code]
        try:
            model._default_manager.filter(pk__in=gone).delete()
        except ProtectedError as error:
            raise GeographicCodeError(
                f"Des lignes absentes du nouveau fichier du millésime {vintage.year} sont encore utilisées."
            ) from error
