"""What the list of a registry shows of each: columns that one chooses, beside the name."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.ui.formatting import long_date
from members.domain.columns import COLUMNS, status_of
from members.enums import MemberStatus, Participation
from members.models import Member

_KINDS = {
    MemberStatus.CONTACT: "neutral",
    MemberStatus.APPLICANT: "warning",
    MemberStatus.COMING: "info",
    MemberStatus.MEMBER: "success",
    MemberStatus.SUSPENDED: "warning",
    MemberStatus.FORMER: "neutral",
}
_LINKS = {"email": "mailto:", "phone": "tel:"}


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of the list beside the name: its header, and the columns of a file that it shows together."""

    name: str
    label: str
    parts: tuple[str, ...]

    def cell(self, member: Member) -> "Cell":
        """Return what it shows of a member: the first of its parts that says something, then the others."""
        first, *others = [*filter(None, (_text(COLUMNS[part].shown(member)) for part in self.parts)), ""]
        label = self.label if self.parts != ("status",) else ""
        return Cell(label, first, ", ".join(filter(None, others)), *self._accent(member, first))

    def _accent(self, member: Member, text: str) -> tuple[str, str]:
        part = self.parts[0]
        if part == "status":
            return status_kind(member), ""
        if part == "participation" and member.participation == Participation.TO_CONFIRM:
            return "warning", ""
        return "", f"{_LINKS[part]}{text.replace(' ', '')}" if part in _LINKS and text else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column shows of somebody: text, a note under it, the kind of a status, an address to open.

    `label` is for who reads no header: a phone; "" where the text needs none, as a status does.
    """

    label: str
    text: str
    note: str
    kind: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in the list."""

    pk: int
    last_name: str
    first_name: str
    to_confirm: bool
    cells: list[Cell]


NAME_COLUMNS = ("last_name", "first_name")
"""What an export says first, as the list does by the name."""
_LIST_COLUMNS = (
    ListColumn("activite", "Profession", ("profession", "structure_kind", "doctor_kind", "speciality")),
    ListColumn("lieu", "Lieu", ("commune_name", "structure")),
    ListColumn("situation", "Situation", ("status",)),
    ListColumn("adhesion", "Adhésion", ("category", "college")),
    ListColumn("numero", "Numéro", ("number",)),
    ListColumn("participation", "Participation", ("participation",)),
    ListColumn("gouvernance", "Gouvernance", ("in_governance",)),
    ListColumn("courriel", "Adresse électronique", ("email",)),
    ListColumn("telephone", "Téléphone", ("phone",)),
    ListColumn("medecine", "Médecine", ("doctor_kind",)),
    ListColumn("exercice", "Mode d’exercice", ("exercise_mode",)),
    ListColumn("rpps", "Numéro RPPS", ("rpps",)),
    ListColumn("adeli", "Ancien ADELI", ("adeli",)),
    ListColumn("finess", "FINESS", ("finess",)),
    ListColumn("siret", "SIRET", ("siret",)),
    ListColumn("adresse", "Adresse", ("address", "postal_code")),
    ListColumn("commune", "Code INSEE", ("commune_code",)),
    ListColumn("depuis", "Membre depuis le", ("starts_on",)),
    ListColumn("fin", "Fin d’adhésion", ("ends_on",)),
)
LIST_COLUMNS: Mapping[str, ListColumn] = {column.name: column for column in _LIST_COLUMNS}
DEFAULT_COLUMNS = ("activite", "lieu", "situation", "adhesion")


def file_columns(chosen: Iterable[str]) -> list[str]:
    """Return the columns of a file that shows the list under these columns: the name first, each once."""
    parts = [part for name in chosen for part in LIST_COLUMNS[name].parts]
    return list(dict.fromkeys([*NAME_COLUMNS, *parts]))


def unread_by(names: Collection[str]) -> list[str]:
    """Return the fields that these columns of a file do not show and that are slow to read."""
    return [] if "phone" in names else ["phone"]


def rows_of(members: Iterable[Member], chosen: Iterable[str]) -> list[Row]:
    """Return these members, which `for_columns` loaded, under these columns."""
    columns = [LIST_COLUMNS[name] for name in chosen]
    # Said beside the name, unless a column says it.
    beside = all(column.name != "participation" for column in columns)
    return [_row(member, columns, beside) for member in members]


def status_kind(member: Member) -> str:
    """Return the kind of status, as components draw them, of a member whose status was read."""
    return _KINDS[status_of(member)]


def _row(member: Member, columns: list[ListColumn], beside: bool) -> Row:
    return Row(
        pk=member.pk,
        last_name=member.last_name,
        first_name=member.first_name,
        to_confirm=beside and member.participation == Participation.TO_CONFIRM,
        cells=[column.cell(member) for column in columns],
    )


def _text(value: object) -> str:
    if isinstance(value, date):
        return long_date(value)
    return "" if value is None else str(value)
