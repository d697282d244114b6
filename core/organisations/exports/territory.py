"""The communes of a decided territory as a spreadsheet."""

from core.organisations.domain.territories import DatedTerritory
from core.organisations.models import TerritoryCommune
from core.spreadsheets.writing import Sheet
from core.territories.exports import COMMUNE_COLUMNS


def territory_list(territory: DatedTerritory) -> Sheet:
    """Return the communes as they were when the territory was decided, in the form the import reads back."""
    version = territory.version
    communes = list(version.communes.order_by("pk"))
    notes = [f"{territory.sentence}.", f"Source\u00a0: {version.population_source}."]
    if unknown := [row.name for row in communes if row.population is None]:
        notes.append(f"Sans chiffre de population, non comptées dans le total\u00a0: {', '.join(unknown)}.")
    return Sheet(name="Communes", columns=COMMUNE_COLUMNS, rows=[_row(row) for row in communes], notes=notes)


def _row(commune: TerritoryCommune) -> list[str | int | None]:
    return [
        commune.code,
        commune.name,
        commune.departement_code,
        commune.departement_name,
        commune.epci_code,
        commune.epci_name,
        commune.population,
    ]
