"""Members beside the professionals in practice on a territory. No row is written.

Both sides of the comparison are those of one territory: a few thousand rows at most, read whole, for who is
the same person on both sides cannot be asked of the database.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef

from core.organisations.models import Cpts, TerritoryCommune
from core.territories.models import Commune, Vintage
from core.ui.folding import fold
from members.domain.listing import territory_communes
from members.enums import DoctorKind, MemberKind, MemberStatus, Profession
from members.models import DirectoryEdition, Member, Membership, PracticePlace, Professional

GENERAL_PRACTITIONER = "10-mg"
"""The activity of general practitioners; that of everybody else is the code of their profession."""
NO_EPCI = "aucun"
_OTHER_DOCTOR = "Médecin, autre spécialité"
_FIELDS = (
    "identifier", "profession", "is_general_practitioner", "last_name", "first_name", "commune_code",
    "structure_name", "exercise_mode",
)  # fmt: skip
_ENTRY_FIELDS = (
    "pk", "first_name", "last_name", "sort_name", "rpps", "profession", "doctor_kind", "commune_code",
    "status", "is_member",
)  # fmt: skip


def activity_of(profession: str, *, is_general_practitioner: bool) -> str:
    """Return what somebody is counted under: their profession, general practitioners apart."""
    is_general = is_general_practitioner and profession == Profession.DOCTOR
    return GENERAL_PRACTITIONER if is_general else profession


def activity_label(activity: str) -> str:
    """Return an activity in French."""
    if activity == GENERAL_PRACTITIONER:
        return "Médecin généraliste"
    return _OTHER_DOCTOR if activity == Profession.DOCTOR else str(Profession(activity).label)


@dataclass(frozen=True, slots=True)
class Figure:
    """Professionals in practice, members among them, and members whom the directory does not hold there."""

    in_practice: int
    members: int
    absent: int

    @property
    def missing(self) -> int:
        """Professionals in practice who are not members."""
        return self.in_practice - self.members

    @property
    def rate(self) -> Decimal | None:
        """Members among the professionals in practice, from 0 to 1, None where nobody practises.

        Rounded down to a tenth of a point: all of them alone make 1.
        """
        if not self.in_practice:
            return None
        return (Decimal(self.members) / self.in_practice).quantize(Decimal("0.001"), ROUND_FLOOR)


@dataclass(slots=True)
class Practitioner:
    """Somebody in practice on the territory, in one activity, and who they are in the registry.

    `places`: the structure where they practise, "" where it is not said, by code of commune.
    """

    identifier: str
    profession: str
    activity: str
    last_name: str
    first_name: str
    exercise_mode: str
    places: dict[str, str] = field(default_factory=dict)
    entry: "RegistryEntry | None" = None

    @property
    def is_member(self) -> bool:
        """Whether they are a member on the day of the coverage."""
        return self.entry is not None and self.entry.is_member

    @property
    def name(self) -> str:
        """The name as people read it."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def key(self) -> str:
        """What a form calls them by: it outlives an edition."""
        return f"{self.identifier}-{self.profession}"


@dataclass(slots=True)
class RegistryEntry:
    """A person of the registry, as they are compared: `communes` are those where they practise."""

    pk: int
    name: str
    sort_name: str
    rpps: str
    profession: str
    activity: str
    status: str
    is_member: bool
    communes: set[str]


_NOBODY = Figure(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of an EPCI."""

    code: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of an activity: over the whole, then by EPCI in the order of `Coverage.epcis`."""

    activity: str
    label: str
    total: Figure
    by_epci: list[Part]


@dataclass(frozen=True)
class Coverage:
    """Members on a day beside an edition of the directory, in some communes of a territory.

    `unplaced`: professionals of a city of which the territory holds arrondissements, whom the directory
    places in none; they are counted nowhere else.
    """

    edition: DirectoryEdition
    communes: Sequence[TerritoryCommune]
    practitioners: Sequence[Practitioner]
    absent: Sequence[RegistryEntry]
    unplaced: int

    def within(self, codes: Collection[str]) -> "Coverage":
        """Return the same in some of the communes."""
        return Coverage(
            self.edition,
            [each for each in self.communes if each.code in codes],
            [each for each in self.practitioners if not set(codes).isdisjoint(each.places)],
            [each for each in self.absent if not each.communes.isdisjoint(codes)],
            self.unplaced,
        )

    @cached_property
    def epcis(self) -> dict[str, str]:
        """The EPCI of the communes by code, in the order of their names; NO_EPCI for communes without one."""
        named = {epci_of(each): each.epci_name or "Sans intercommunalité" for each in self.communes}
        return dict(sorted(named.items(), key=lambda pair: (pair[0] == NO_EPCI, fold(pair[1]))))

    @cached_property
    def total(self) -> Figure:
        """Everybody, each person once, whatever their activities and places."""
        in_practice = {each.identifier for each in self.practitioners}
        members = {each.identifier for each in self.practitioners if each.is_member}
        return Figure(len(in_practice), len(members), len(self.absent))

    @cached_property
    def lines(self) -> list[Line]:
        """The figures by activity, that of most professionals first."""
        columns = [(code, name, part.by_activity) for code, name, part in self._parts]
        lines = [
            Line(
                activity,
                activity_label(activity),
                figure,
                [Part(code, name, column.get(activity, _NOBODY)) for code, name, column in columns],
            )
            for activity, figure in self.by_activity.items()
        ]
        return sorted(lines, key=lambda line: (-line.total.in_practice, -line.total.absent, fold(line.label)))

    @cached_property
    def by_activity(self) -> dict[str, Figure]:
        """The figures of each activity that somebody has, on one side or the other."""
        counts: dict[str, list[int]] = {}
        for practitioner in self.practitioners:
            count = counts.setdefault(practitioner.activity, [0, 0, 0])
            count[0] += 1
            count[1] += practitioner.is_member
        for entry in self.absent:
            counts.setdefault(entry.activity, [0, 0, 0])[2] += 1
        return {activity: Figure(*count) for activity, count in counts.items()}

    @cached_property
    def by_epci(self) -> list[Part]:
        """The figures of each EPCI, in the order of `epcis`."""
        return [Part(code, name, part.total) for code, name, part in self._parts]

    @cached_property
    def missing(self) -> list[Practitioner]:
        """Professionals in practice who are not members, by name."""
        return [each for each in self.practitioners if not each.is_member]

    @cached_property
    def _parts(self) -> list[tuple[str, str, "Coverage"]]:
        """The code, the name and the coverage of each EPCI."""
        return [
            (epci, name, self.within({each.code for each in self.communes if epci_of(each) == epci}))
            for epci, name in self.epcis.items()
        ]


def epci_of(commune: TerritoryCommune) -> str:
    """Return the code of the EPCI of a commune, NO_EPCI for none."""
    return commune.epci_code or NO_EPCI


def coverage_of(cpts: Cpts, day: date) -> Coverage | None:
    """Return the coverage of a CPTS on a day, over its territory of that day; None before any edition.

    The same few queries, whatever the size.
    """
    edition = DirectoryEdition.objects.current()
    if edition is None:
        return None
    communes = territory_communes(cpts, day)
    kept_as = _kept_as(communes)
    practitioners = _practitioners(edition, kept_as)
    entries = _entries(cpts, day)
    found = _recognise(practitioners, entries)
    absent = [entry for entry in entries if entry.is_member and entry.pk not in found]
    return Coverage(edition, communes, practitioners, absent, _unplaced(edition, communes))


def _kept_as(communes: Sequence[TerritoryCommune]) -> dict[str, str]:
    """Return the communes of the directory that count, with the one of the territory each counts for.

    The arrondissements of a city held whole count for the city.
    """
    kept_as = {each.code: each.code for each in communes}
    districts = Commune.objects.filter(vintage=Vintage.objects.current(), parent__code__in=kept_as)
    return dict(districts.values_list("code", "parent__code")) | kept_as


def _practitioners(edition: DirectoryEdition, kept_as: dict[str, str]) -> list[Practitioner]:
    rows = edition.professionals.filter(commune_code__in=kept_as)
    people: dict[tuple[str, str], Practitioner] = {}
    for row in rows.order_by("pk").values_list(*_FIELDS):
        identifier, profession, is_general, last_name, first_name, commune, structure, mode = row
        person = people.get((identifier, profession))
        if person is None:
            activity = activity_of(profession, is_general_practitioner=is_general)
            names = readable(last_name), readable(first_name)
            person = Practitioner(identifier, profession, activity, *names, mode)
            people[identifier, profession] = person
        code = kept_as[commune]
        person.places[code] = person.places.get(code) or structure
    return sorted(people.values(), key=_order)


def _order(practitioner: Practitioner) -> tuple[str, str, str]:
    """By name; the directory writes most of them without accents, and folding costs."""
    names = practitioner.last_name, practitioner.first_name
    last_name, first_name = (name.lower() if name.isascii() else fold(name) for name in names)
    return last_name, first_name, practitioner.identifier


def _entries(cpts: Cpts, day: date) -> list[RegistryEntry]:
    """Return the professionals of a registry, members first. Two queries."""
    in_force = Membership.objects.in_force(day).filter(member=OuterRef("pk"))
    people = Member.objects.listed().filter(cpts=cpts, kind=MemberKind.NATURAL).exclude(profession="")
    rows = people.with_status(day).annotate(is_member=Exists(in_force))
    places = _places_of(cpts)
    in_order = rows.order_by("-is_member", "sort_name", "pk").values(*_ENTRY_FIELDS)
    return [_entry(row, places.get(row["pk"], set())) for row in in_order]


def _places_of(cpts: Cpts) -> dict[int, set[str]]:
    places: dict[int, set[str]] = {}
    rows = PracticePlace.objects.filter(member__cpts=cpts, archived_at=None)
    for member, own, of_structure in rows.values_list("member", "commune_code", "structure__commune_code"):
        places.setdefault(member, set()).add(own or of_structure or "")
    return places


def _entry(row: Mapping[str, Any], places: set[str]) -> RegistryEntry:
    profession, is_general = row["profession"], row["doctor_kind"] == DoctorKind.GENERAL
    return RegistryEntry(
        pk=row["pk"],
        name=f"{row['first_name']} {row['last_name']}".strip(),
        sort_name=row["sort_name"],
        rpps=row["rpps"],
        profession=profession,
        activity=activity_of(profession, is_general_practitioner=is_general),
        status=str(MemberStatus(row["status"]).label),
        is_member=row["is_member"],
        communes=(places | {row["commune_code"]}) - {""},
    )


def _recognise(practitioners: Sequence[Practitioner], entries: Sequence[RegistryEntry]) -> set[int]:
    """Tell each practitioner who they are in the registry, and return the entries that are somebody.

    By RPPS number; else, where one side has none, by name and profession, the commune telling homonyms
    apart. Members come first: nobody is taken for a former homonym.
    """
    known: dict[str, RegistryEntry] = {}
    identifiers = {each.identifier for each in practitioners}
    for entry in entries:
        if entry.rpps and (identifier := f"8{entry.rpps}") in identifiers:
            known.setdefault(identifier, entry)
    by_rpps = {entry.pk for entry in known.values()}
    rest = [entry for entry in entries if entry.pk not in by_rpps]
    namesakes = _by_name(practitioners, rest)
    for entry in rest:
        same = namesakes.get((entry.sort_name, entry.profession), [])
        if identifier := _sole(entry, [each for each in same if each.identifier not in known]):
            known[identifier] = entry
    for practitioner in practitioners:
        practitioner.entry = known.get(practitioner.identifier)
    return {entry.pk for entry in known.values()}


def _by_name(
    practitioners: Iterable[Practitioner], entries: Sequence[RegistryEntry]
) -> dict[tuple[str, str], list[Practitioner]]:
    """Return those who may have the name and the profession of an entry, by folded name and profession."""
    first_words = {(entry.sort_name.partition(" ")[0], entry.profession) for entry in entries}
    named: dict[tuple[str, str], list[Practitioner]] = {}
    for each in practitioners:
        if (_first_word(each.last_name), each.profession) in first_words:
            name = fold(f"{each.last_name} {each.first_name}")
            named.setdefault((name, each.profession), []).append(each)
    return named


def _first_word(last_name: str) -> str:
    """Return the first word of a folded name; most are plain letters, and folding them all takes long."""
    word = last_name.partition(" ")[0]
    return word.lower() if word.isascii() and word.isalpha() else fold(last_name).partition(" ")[0]


def _sole(entry: RegistryEntry, namesakes: Iterable[Practitioner]) -> str:
    """Return the identifier of the only namesake that may be this entry, "" for none or several."""
    # Two numbers that differ are two people.
    possible = [each for each in namesakes if not (entry.rpps and is_rpps(each.identifier))]
    if len(possible) > 1:
        possible = [each for each in possible if not entry.communes.isdisjoint(each.places)]
    return possible[0].identifier if len(possible) == 1 else ""


def readable(name: str) -> str:
    """Return a name that the directory writes in capitals as people read it."""
    return name.title() if name.isupper() else name


def is_rpps(identifier: str) -> bool:
    """Tell whether a national identification is that of an RPPS number, whose type is 8."""
    return identifier.startswith("8") and len(identifier) == 12


def _unplaced(edition: DirectoryEdition, communes: Iterable[TerritoryCommune]) -> int:
    cities = {each.city_code for each in communes if each.city_code != each.code}
    in_no_district = Professional.objects.filter(edition=edition, commune_code__in=cities)
    return in_no_district.values("identifier").distinct().count()


def matching(practitioners: Iterable[Practitioner], words: str) -> Iterator[Practitioner]:
    """Yield those whose name or structure has a word that begins as each of these words do."""
    wanted = [f" {word}" for word in fold(words).split()]
    for each in practitioners:
        said = " " + fold(" ".join((each.last_name, each.first_name, *each.places.values())))
        if all(word in said for word in wanted):
            yield each
