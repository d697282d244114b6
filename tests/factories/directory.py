"""Files of the national directory, made of invented lines under the real columns, in their order."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from core.organisations.models import Cpts, TerritoryVersion
from members.domain.national_directory import Reading, load_directory
from tests.factories.contracts import coordinator_of
from tests.factories.decisions import decide

BEFORE = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PUBLISHED_ON = date(2026, 2, 27)
NAME = "PS_LibreAcces_Personne_activite_202602270812.txt"
_ADDRESS = (
    "Complément destinataire", "Complément point géographique", "Numéro Voie", "Indice répétition voie",
    "Code type de voie", "Libellé type de voie", "Libellé Voie", "Mention distribution", "Bureau cedex",
    "Code postal", "Code commune", "Libellé commune", "Code pays", "Libellé pays", "Téléphone", "Téléphone 2",
    "Télécopie", "Adresse e-mail",
)  # fmt: skip
COLUMNS = (
    "Type d'identifiant PP", "Identifiant PP", "Identification nationale PP", "Code civilité d'exercice",
    "Libellé civilité d'exercice", "Code civilité", "Libellé civilité", "Nom d'exercice",
    "Prénom d'exercice", "Code profession", "Libellé profession", "Code catégorie professionnelle",
    "Libellé catégorie professionnelle", "Code type savoir-faire", "Libellé type savoir-faire",
    "Code savoir-faire", "Libellé savoir-faire", "Code mode exercice", "Libellé mode exercice",
    "Numéro SIRET site", "Numéro SIREN site", "Numéro FINESS site",
    "Numéro FINESS établissement juridique", "Identifiant technique de la structure", "Raison sociale site",
    "Enseigne commerciale site", *(f"{name} (coord. structure)" for name in _ADDRESS),
    "Code Département (structure)", "Libellé Département (structure)", "Ancien identifiant de la structure",
    "Autorité d'enregistrement", "Code secteur d'activité", "Libellé secteur d'activité",
    "Code section tableau pharmaciens", "Libellé section tableau pharmaciens", "Code rôle", "Libellé rôle",
    "Code genre activité", "Libellé genre activité",
)  # fmt: skip
_SHORT = {
    "identifier": "Identification nationale PP",
    "last_name": "Nom d'exercice",
    "first_name": "Prénom d'exercice",
    "profession": "Code profession",
    "category": "Code catégorie professionnelle",
    "skill": "Code savoir-faire",
    "mode": "Code mode exercice",
    "company": "Raison sociale site",
    "sign": "Enseigne commerciale site",
    "commune": "Code commune (coord. structure)",
    "phone": "Téléphone (coord. structure)",
    "email": "Adresse e-mail (coord. structure)",
}
_NURSE = {
    "identifier": "899900000001",
    "last_name": "ESSAI",
    "first_name": "CAMILLE",
    "profession": "60",
    "category": "C",
    "mode": "L",
    "company": "CABINET D'ESSAI",
    "commune": "50218",
    "phone": "0233000000",
    "email": "personne@example.org",
}


def line(*, columns: tuple[str, ...] = COLUMNS, **values: str) -> str:
    """Return a line: a nurse of Granville, but for what is given."""
    said = {_SHORT[name]: value for name, value in (_NURSE | values).items()}
    return "|".join(said.get(column, "") for column in columns)


def directory(
    *lines: str, encoding: str = "utf-8", columns: tuple[str, ...] = COLUMNS, end: str = "\r\n"
) -> BinaryIO:
    """Return a file of these lines, its header first."""
    return io.BytesIO("".join(each + end for each in ("|".join(columns), *lines)).encode(encoding))


def load(*lines: str, stream: BinaryIO | None = None, **values: Any) -> Reading:
    """Load a file of these lines, or this one."""
    given: dict[str, Any] = {"published_on": PUBLISHED_ON, "now": NOW} | values
    return load_directory(given.pop("name", NAME), stream or directory(*lines), **given)


def hold(
    cpts: Cpts, *, epci: Sequence[str] = (), communes: Sequence[str] = (), starts_on: date = date(2024, 1, 1)
) -> TerritoryVersion:
    """Give a CPTS these EPCI and communes for its territory."""
    by = coordinator_of(cpts)
    return decide(cpts, epci=epci, communes=communes, starts_on=starts_on, by=by, now=BEFORE)
