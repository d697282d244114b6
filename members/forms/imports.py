"""A file of members to read, what its columns fill, and what is decided of its possible duplicates."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict

from core.spreadsheets.errors import SpreadsheetError
from members.domain.import_columns import FIELDS, mapping_fault
from members.domain.import_files import Choice
from members.domain.import_plan import Reading
from members.domain.import_rows import MOST_ROWS, SheetFile, SheetRow, column_name, read_file
from members.enums import RowChoice
from members.models import ImportFile, ImportRow

_SAMPLES = 3
_WITHOUT_ENTRY = tuple((each.value, each.label) for each in (RowChoice.NEW, RowChoice.SKIP))
_LONGEST_SAMPLE = 40


class MemberFileForm(forms.Form):
    """The spreadsheet of members; once valid, `fichier` is what it says and `name` how it is called."""

    fichier = forms.FileField(
        label="Fichier de membres",
        help_text=(
            "Classeur .xlsx ou .ods, ou fichier .csv, de 8\u00a0Mo et "
            f"{MOST_ROWS // 1000}\u00a0000 lignes au plus. La première ligne donne le nom des colonnes."
        ),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv,.txt"}),
    )
    name = ""

    def clean_fichier(self) -> SheetFile:
        """Return the rows of the file."""
        file = self.cleaned_data["fichier"]
        self.name = file.name or "fichier"
        try:
            return read_file(file, filename=self.name)
        except SpreadsheetError as error:
            raise ValidationError(str(error)) from error


class ColumnsForm(forms.Form):
    """What each column of a file fills, whether empty cells erase, since when new entries are members."""

    depuis = forms.DateField(
        label="Les nouvelles inscriptions sont membres depuis le",
        help_text=(
            "Pour un fichier sans date d’adhésion. Laissez vide pour inscrire ces personnes sans adhésion. "
            "Une date donnée dans le fichier passe toujours avant."
        ),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    vides = forms.BooleanField(
        label="Une cellule vide efface ce que dit le registre",
        help_text=(
            "Sans cela, une cellule vide ne change rien. Le nom, la profession, la commune, la structure et "
            "l’adhésion ne sont jamais effacés par un import."
        ),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, file: ImportFile, rows: Sequence[SheetRow]) -> None:
        initial = {"vides": file.empties, "depuis": file.members_since}
        super().__init__(data, initial=initial)
        choices = [("", "Ignorer cette colonne"), *FIELDS.items()]
        self.width = len(file.headers)
        for index, name in enumerate(file.mapping):
            self.fields[f"colonne-{index}"] = forms.ChoiceField(
                label=column_name(file.headers, index),
                help_text=_sample(rows, index),
                choices=choices,
                initial=name,
                required=False,
            )

    def columns(self) -> Iterator[BoundField]:
        """Yield the fields of the columns, in the order of the file."""
        return (self[f"colonne-{index}"] for index in range(self.width))

    def clean(self) -> dict[str, Any]:
        """Ask for columns that name people, each once."""
        data = super().clean() or self.cleaned_data
        if not self.errors and (fault := mapping_fault(self._mapping(data))):
            raise ValidationError(fault)
        return data

    def reading(self) -> Reading:
        """Return how a valid form reads the file."""
        since: date | None = self.cleaned_data["depuis"]
        mapping = self._mapping(self.cleaned_data)
        return Reading(mapping, empties=self.cleaned_data["vides"], members_since=since)

    def _mapping(self, data: dict[str, Any]) -> tuple[str, ...]:
        return tuple(data.get(f"colonne-{index}", "") for index in range(self.width))


class DuplicatesForm(forms.Form):
    """What is decided of rows that resemble entries: a choice for each row shown, one for all those left."""

    toutes = forms.ChoiceField(
        label="Pour toutes les lignes sans choix",
        choices=[("", "Ne rien décider"), *_WITHOUT_ENTRY],
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, rows: Iterable[ImportRow]) -> None:
        super().__init__(data)
        self.rows = list(rows)
        for row in self.rows:
            self.fields[f"ligne-{row.number}"] = forms.ChoiceField(
                label=f"Ligne {row.number}\u00a0: {row.label}",
                choices=[*_candidates(row), *_WITHOUT_ENTRY],
                initial=f"same-{row.chosen_id}" if row.chosen_id else row.choice,
                required=False,
                widget=forms.RadioSelect,
            )

    def shown(self) -> Iterator[tuple[BoundField, ImportRow]]:
        """Yield the field of each row, with the row."""
        return ((self[f"ligne-{row.number}"], row) for row in self.rows)

    def choices_made(self, undecided: Iterable[int]) -> dict[int, Choice]:
        """Return what a valid form decides, by row; `undecided` are the rows without a choice so far."""
        made = {
            row.number: _choice(value)
            for row in self.rows
            if (value := self.cleaned_data[f"ligne-{row.number}"])
        }
        if everywhere := self.cleaned_data["toutes"]:
            made = {number: Choice(RowChoice(everywhere)) for number in undecided} | made
        return made


def _candidates(row: ImportRow) -> Iterator[tuple[str, str]]:
    for candidate in row.candidates:
        reasons = ", ".join(candidate["reasons"])
        yield f"same-{candidate['member']}", f"Même inscription que {candidate['name']}\u00a0: {reasons}"


def _choice(value: str) -> Choice:
    if value.startswith("same-"):
        return Choice(RowChoice.SAME, int(value.removeprefix("same-")))
    return Choice(RowChoice(value))


def _sample(rows: Sequence[SheetRow], index: int) -> str:
    filled = (
        row.cells[index][:_LONGEST_SAMPLE] for row in rows if index < len(row.cells) and row.cells[index]
    )
    values = [value for value, _ in zip(filled, range(_SAMPLES), strict=False)]
    shown = "\u00a0; ".join(values)
    return f"Par exemple\u00a0: {shown}" if shown else "Colonne vide"
