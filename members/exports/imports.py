"""The two files of an import: one to fill in, and one's own to correct."""

from collections.abc import Iterable, Mapping, Sequence

from core.spreadsheets.writing import Column, Sheet
from members.domain.columns import COLUMNS
from members.domain.import_columns import FIELDS
from members.domain.import_rows import SheetRow, column_name
from members.enums import (
    DoctorKind,
    ExerciseMode,
    MemberCategory,
    MemberKind,
    Participation,
    Profession,
    StructureKind,
)

TO_CORRECT = "À corriger"
"""The header of the reasons: no column of the registry has it, the import leaves it aside."""
_LISTS = {
    "kind": MemberKind,
    "profession": Profession,
    "doctor_kind": DoctorKind,
    "exercise_mode": ExerciseMode,
    "structure_kind": StructureKind,
    "participation": Participation,
    "category": MemberCategory,
}
_WIDTH = 20


def model_sheets(colleges: Sequence[str]) -> list[Sheet]:
    """Return a file to fill in: its columns, then on another sheet the values that some of them take."""
    columns = [Column(label, "text", COLUMNS[name].width) for name, label in FIELDS.items()]
    values = {FIELDS[name]: [str(label) for label in choices.labels] for name, choices in _LISTS.items()}
    values |= {FIELDS["in_governance"]: ["oui", "non"], FIELDS["college"]: list(colleges)}
    longest = max(len(labels) for labels in values.values())
    return [
        Sheet(name="Membres", columns=columns, rows=[]),
        Sheet(
            name="Valeurs possibles",
            columns=[Column(label, "text", 30) for label in values],
            rows=[
                [labels[rank] if rank < len(labels) else None for labels in values.values()]
                for rank in range(longest)
            ],
        ),
    ]


def corrected_sheet(headers: Sequence[str], rows: Iterable[SheetRow], reasons: Mapping[int, str]) -> Sheet:
    """Return the rows of somebody's own file, each with what is to be corrected in it, by number of row."""
    names = [column_name(headers, index) for index in range(len(headers))]
    return Sheet(
        name="Membres à corriger",
        columns=[Column(TO_CORRECT, "text", 60), *(Column(name, "text", _WIDTH) for name in names)],
        rows=[[reasons.get(row.number, ""), *_padded(row.cells, len(headers))] for row in rows],
    )


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))][:width]
