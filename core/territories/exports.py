"""The list of a territory's communes as a spreadsheet."""

from core.spreadsheets.writing import Column, Sheet
from core.territories.domain.selection import TerritorySelection
from core.territories.models import Commune

COMMUNE_COLUMNS = (
    Column("Code INSEE", width=12),
    Column("Commune", width=32),
    Column("Code département", width=12),
    Column("Département", width=24),
    Column("Code EPCI", width=12),
    Column("EPCI", width=40),
    Column("Population municipale", kind="integer", width=14, total=True),
)


def commune_list(selection: TerritorySelection) -> Sheet:
    """Return the communes grouped by EPCI, in the form the import reads back."""
    notes = [f"Source\u00a0: {selection.source}."] if selection else []
    if selection.without_figure:
        names = ", ".join(commune.name for commune in selection.without_figure)
        notes.append(f"Sans chiffre de population, non comptées dans le total\u00a0: {names}.")
    rows = [_row(commune) for group in selection.groups for commune in group.communes]
    return Sheet(name="Communes", columns=COMMUNE_COLUMNS, rows=rows, notes=notes)


def _row(commune: Commune) -> list[str | int | None]:
    epci = commune.listed_epci
    return [
        commune.code,
        commune.name,
        commune.departement.code,
        commune.departement.name,
        epci.code if epci else "",
        epci.name if epci else "",
        commune.population,
    ]
