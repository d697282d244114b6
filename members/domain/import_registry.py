"""A registry read at once for an import: who is in it, and of whom a row of a file speaks."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from core.organisations.models import Cpts
from core.ui.folding import fold
from members.domain.members import PlaceValues, place_values
from members.models import Member, PracticePlace, VotingCollege

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sought:
    """What a row says of who it speaks of, "" for what it does not say; `name` is folded for sorting."""

    kind: str
    name: str
    commune_code: str = ""
    rpps: str = ""
    email: str = ""
    siret: str = ""
    finess: str = ""

    @classmethod
    def of(cls, member: Member) -> "Sought":
        """Return what an entry says."""
        name = fold(f"{member.last_name} {member.first_name}")
        numbers = {"rpps": member.rpps, "siret": member.siret, "finess": member.finess}
        email = member.email.lower()
        return cls(member.kind, name, commune_code=member.commune_code, email=email, **numbers)

    def contradicts(self, other: "Sought") -> bool:
        """Whether both have a number of their own, and not the same."""
        pairs = ((self.rpps, other.rpps), (self.siret, other.siret))
        return any(one and two and one != two for one, two in pairs)

    def marks(self) -> list[Hashable]:
        """Return what makes two rows of a file speak of the same person or structure."""
        keys: list[Hashable] = [
            (name, number) for name in ("rpps", "siret", "finess") if (number := getattr(self, name))
        ]
        keys.append((self.kind, self.name, "commune", self.commune_code))
        return [*keys, (self.kind, self.name, "email", self.email)] if self.email else keys


@dataclass(frozen=True, slots=True)
class Match:
    """Of whom a row speaks: an entry for sure, or entries that it resembles, each with the reasons."""

    entry: Member | None = None
    candidates: tuple[tuple[Member, tuple[str, ...]], ...] = ()


class Registry:
    """The listed entries of a CPTS, with their places and their last period: six queries however many.

    Each entry has `current_places` (as `PlaceValues`, the main one first) and `main_places`, as columns show.
    """

    def __init__(self, cpts: Cpts) -> None:
        self.cpts = cpts
        self.colleges = {
            college.pk: college for college in VotingCollege.objects.filter(cpts=cpts).order_by("pk")
        }
        found = Member.objects.listed().filter(cpts=cpts).select_related("last_membership").order_by("number")
        self.entries: dict[int, Member] = {}
        for entry in found:
            entry.cpts = cpts
            entry.current_places = []  # type: ignore[attr-defined]  # see above
            entry.main_places = []  # type: ignore[attr-defined]
            if (period := entry.last_membership) and period.college_id:
                period.college = self.colleges[period.college_id]
            self.entries[entry.pk] = entry
        self._read_places()
        self.by_number = {entry.number: entry for entry in self.entries.values()}
        self.gone = dict(
            Member.objects.filter(cpts=cpts)
            .exclude(pk__in=Member.objects.listed())
            .values_list("number", "merged_into__number")
        )
        self._index()

    def numbered(self, number: int) -> Member:
        """Return an entry by its number; raises ValidationError with a French sentence."""
        if entry := self.by_number.get(number):
            return entry
        if merged := self.gone.get(number):
            raise ValidationError(
                f"Le numéro {number} a été fusionné avec le numéro {merged}\u00a0: reprenez celui-ci."
            )
        raise ValidationError(
            f"Aucune inscription du registre n’a le numéro {number}\u00a0: "
            "videz cette cellule pour une nouvelle inscription."
        )

    def match(self, sought: Sought) -> Match:
        """Return of whom a row speaks, when it gives no number of the registry."""
        certain = self._certain(sought)
        if len(certain) == 1:
            return Match(certain[0])
        likely = certain or self._likely(sought)
        return Match(
            candidates=tuple((entry, _reasons(Sought.of(entry), sought)) for entry in likely[:_SHOWN])
        )

    def _certain(self, sought: Sought) -> list[Member]:
        if sought.rpps and (holder := self.by_rpps.get(sought.rpps)) and holder.kind == sought.kind:
            return [holder]
        if found := self._same("siret", sought.siret, sought) or self._same("finess", sought.finess, sought):
            return found
        namesakes = [
            each
            for each in self.by_name.get((sought.kind, sought.name), [])
            if not self._differs(each, sought)
        ]
        by_email = [each for each in namesakes if sought.email and each.email.lower() == sought.email]
        here = [
            each for each in namesakes if sought.commune_code and each.commune_code == sought.commune_code
        ]
        return by_email or here

    def _likely(self, sought: Sought) -> list[Member]:
        """Namesakes, and others of the same address; not namesakes elsewhere who have another number."""
        namesakes = [
            each
            for each in self.by_name.get((sought.kind, sought.name), [])
            if not self._differs(each, sought) or each.commune_code == sought.commune_code
        ]
        neighbours = [
            each
            for each in self.by_email.get(sought.email, [])
            if each.kind == sought.kind and not self._differs(each, sought)
        ]
        return list({each.pk: each for each in [*namesakes, *neighbours]}.values())

    def _same(self, name: str, number: str, sought: Sought) -> list[Member]:
        if not number:
            return []
        index: dict[str, list[Member]] = getattr(self, f"by_{name}")
        return [each for each in index.get(number, []) if name == "siret" or not self._differs(each, sought)]

    def _differs(self, entry: Member, sought: Sought) -> bool:
        return Sought.of(entry).contradicts(sought)

    def _index(self) -> None:
        entries = self.entries.values()
        self.by_rpps = {entry.rpps: entry for entry in entries if entry.rpps}
        self.by_siret = _grouped(entries, lambda entry: entry.siret)
        self.by_finess = _grouped(entries, lambda entry: entry.finess)
        self.by_email = _grouped(entries, lambda entry: entry.email.lower())
        self.by_name = _grouped(entries, lambda entry: (entry.kind, Sought.of(entry).name))

    def _read_places(self) -> None:
        rows: QuerySet[PracticePlace] = PracticePlace.objects.filter(
            member__cpts=self.cpts, archived_at=None
        ).order_by("-is_main", "pk")
        for row in rows:
            entry = self.entries.get(row.member_id)
            if entry is None:
                continue
            if row.structure_id:
                # A structure that was merged, or made anonymous, is read by itself: there are few.
                row.structure = self.entries.get(row.structure_id) or row.structure
            entry.current_places.append(place_values(row))  # type: ignore[attr-defined]
            if row.is_main:
                entry.main_places.append(row)  # type: ignore[attr-defined]


def places_known(entry: Member) -> list[PlaceValues]:
    """Return the places of an entry that a `Registry` read."""
    places: list[PlaceValues] = entry.current_places  # type: ignore[attr-defined]
    return places


def _grouped(entries: Iterable[Member], key: Callable[[Member], Hashable]) -> dict:
    groups: dict[Hashable, list[Member]] = {}
    for entry in entries:
        if value := key(entry):
            groups.setdefault(value, []).append(entry)
    return groups


def _reasons(entry: Sought, sought: Sought) -> tuple[str, ...]:
    reasons = {
        "même nom": entry.name == sought.name,
        "même commune": sought.commune_code and entry.commune_code == sought.commune_code,
        "même adresse électronique": sought.email and entry.email == sought.email,
        "même SIRET": sought.siret and entry.siret == sought.siret,
        "même FINESS": sought.finess and entry.finess == sought.finess,
        "autre numéro RPPS": sought.rpps and entry.rpps and entry.rpps != sought.rpps,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


class Claims:
    """Who the rows of a file already spoke of: a second row about somebody is an error of the file."""

    def __init__(self) -> None:
        self.entries: dict[int, int] = {}
        self.new: dict[Hashable, list[tuple[int, Sought]]] = {}

    def take(self, number: int, entry: Member | None, sought: Sought) -> None:
        """Note of whom a row speaks; raises ValidationError naming the first row that did."""
        if entry is not None:
            former = self.entries.setdefault(entry.pk, number)
            if former != number:
                raise ValidationError(
                    f"La ligne {former} parle déjà de cette inscription (n°\u00a0{entry.number})."
                )
            return
        if (first := self._first(sought)) is not None:
            raise ValidationError(
                f"La ligne {first} parle déjà de la même personne ou structure\u00a0: gardez-en une, ou "
                "donnez à chacune son numéro RPPS, son SIRET ou son adresse électronique."
            )
        for key in sought.marks():
            self.new.setdefault(key, []).append((number, sought))

    def _first(self, sought: Sought) -> int | None:
        for key in sought.marks():
            for number, other in self.new.get(key, []):
                if not (sought.contradicts(other) or _other_address(sought, other)):
                    return number
        return None


def _other_address(one: Sought, two: Sought) -> bool:
    """Homonyms of one commune are told apart by their addresses; a common number decides first."""
    same_number = any(
        getattr(one, name) and getattr(one, name) == getattr(two, name) for name in ("rpps", "siret")
    )
    return bool(one.email and two.email and one.email != two.email and not same_number)


def folded_college(colleges: Iterable[VotingCollege], text: str) -> list[VotingCollege]:
    """Return the colleges of that name, those that the statutes still have first."""
    wanted = fold(text)
    found = [college for college in colleges if fold(college.name) == wanted]
    return sorted(found, key=lambda college: college.archived_at is not None)


def names_of_colleges(colleges: Sequence[VotingCollege]) -> str:
    """Return, in French, the colleges that one may write."""
    names = ", ".join(college.name for college in colleges if not college.archived_at)
    return (
        f"Collèges des statuts\u00a0: {names}."
        if names
        else "Les statuts n’ont pas de collège\u00a0: videz la cellule."
    )
