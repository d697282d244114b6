"""The list of a reviewer as a spreadsheet: what is on screen, every page of it."""

from collections.abc import Iterable, Sequence
from datetime import date

from core.spreadsheets.writing import Column, Sheet, Value
from core.ui.formatting import long_date
from cpts.reviewed.rows import ReviewedCpts

_COLUMNS = (
    Column("CPTS", width=44),
    Column("Étape", width=32),
    Column("Depuis le", kind="date", width=12),
    Column("Origine de l’étape", width=12),
    Column("Code département", width=12),
    Column("Département du siège", width=22),
    Column("Population", kind="integer", width=12, total=True),
    Column("Source de la population", width=60),
    Column("Taille", kind="integer", width=8),
    Column("Origine de la taille", width=14),
    Column("Communes", kind="integer", width=11, total=True),
    Column("Autres CPTS sur les mêmes communes", kind="integer", width=16),
    Column("Signature du contrat", kind="date", width=12),
    Column("Terme du contrat", kind="date", width=12),
)


def reviewed_list(rows: Iterable[ReviewedCpts], filters: Sequence[str], day: date) -> Sheet:
    """Return the sheet of these CPTS; `filters` say in French what the list was narrowed to."""
    narrowed = f"Filtres\u00a0: {', '.join(filters)}." if filters else "Toutes les CPTS du ressort."
    return Sheet(
        name="CPTS",
        columns=_COLUMNS,
        rows=[_row(each) for each in rows],
        notes=[f"Au {long_date(day)}. {narrowed}"],
    )


def _row(each: ReviewedCpts) -> list[Value]:
    cpts, territory, contract = each.cpts, each.territory, each.contract
    return [
        cpts.name,
        cpts.get_stage_display(),
        cpts.stage_since,
        cpts.get_stage_source_display(),
        cpts.departement_code,
        cpts.departement_name,
        territory.population if territory else None,
        territory.population_source if territory else "",
        each.size,
        each.size_source,
        territory.commune_count if territory else None,
        each.overlap_count,
        contract.signed_on if contract else None,
        contract.ends_on if contract else None,
    ]
