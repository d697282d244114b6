"""Coverage, and who is missing, as spreadsheets."""

from collections.abc import Iterable, Mapping

from core.spreadsheets.writing import Column, Sheet, Value
from core.ui.formatting import long_date
from members.domain.coverage import Coverage, Figure, Practitioner, activity_label
from members.domain.directory_lines import LICENCE, SOURCE
from members.models import DirectoryEdition

_PEOPLE = (
    Column("Nom", width=24),
    Column("Prénom", width=20),
    Column("Profession", width=28),
    Column("Identification nationale", width=18),
    Column("Commune", width=28),
    Column("Structure", width=36),
    Column("Au registre", width=20),
)


def coverage_table(coverage: Coverage) -> Sheet:
    """Return the figures by profession, over the whole then by EPCI."""
    names = ["Ensemble", *coverage.epcis.values()]
    columns = [
        Column("Profession", width=34),
        *(column for name in names for column in _figure_columns(name)),
        Column("Membres hors annuaire", "integer", 22),
    ]
    rows = [
        *(_row(line.label, [line.total, *(part.figure for part in line.by_epci)]) for line in coverage.lines),
        _row("Toutes professions", [coverage.total, *(part.figure for part in coverage.by_epci)]),
    ]
    return Sheet("Couverture", columns, rows, notes=[source_of(coverage.edition)])


def missing_list(people: Iterable[Practitioner], communes: Mapping[str, str]) -> Sheet:
    """Return these professionals; `communes` names the communes of the territory by code."""
    return Sheet("Qui manque", _PEOPLE, [_person(each, communes) for each in people])


def source_of(edition: DirectoryEdition) -> str:
    """Return where the figures come from, and under which licence."""
    return f"Source\u00a0: {SOURCE}, édition du {long_date(edition.published_on)}, {LICENCE}."


def _figure_columns(name: str) -> list[Column]:
    return [
        Column(f"{name}, en exercice", "integer", 22),
        Column(f"{name}, membres", "integer", 22),
        Column(f"{name}, couverture", "percent", 22),
    ]


def _row(label: str, figures: list[Figure]) -> list[Value]:
    cells = [value for figure in figures for value in (figure.in_practice, figure.members, figure.rate)]
    return [label, *cells, figures[0].absent]


def _person(each: Practitioner, communes: Mapping[str, str]) -> list[Value]:
    return [
        each.last_name,
        each.first_name,
        activity_label(each.activity),
        each.identifier,
        ", ".join(communes[code] for code in each.places if code in communes),
        ", ".join(dict.fromkeys(filter(None, each.places.values()))),
        each.entry.status if each.entry else "",
    ]
