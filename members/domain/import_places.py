"""Where a row of a file says that people practise: in which structure, at which address, in which commune."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError

from core.ui.folding import fold
from members.domain.import_columns import FIELDS
from members.domain.import_communes import Pair
from members.domain.import_periods import Difference
from members.domain.import_registry import Registry, places_known
from members.domain.members import PlaceValues
from members.enums import MemberKind
from members.models import Member, PracticePlace

_ADDRESS = ("address", "postal_code")
_COLUMNS = {"label": "structure", "address": "address", "commune_name": "commune_name"}
_LONGEST = tuple(
    (field.name, _COLUMNS[field.name], field.max_length or 0)
    for field in PracticePlace._meta.fields
    if field.name in _COLUMNS
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """The structure that a row names: one of the registry or of the file, else only its name."""

    structure: Member | None = None
    label: str = ""


class Structures:
    """The structures that rows may name: those of the registry, and those that the file writes first."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.named: dict[str, list[Member]] = {}
        self.names: dict[int, set[str]] = {}
        for entry in registry.entries.values():
            if entry.kind == MemberKind.LEGAL:
                self.add(entry, entry.last_name)

    def add(self, structure: Member, name: str) -> None:
        """Make a structure known by a name: a new one, or the name that one will have."""
        names = self.names.setdefault(id(structure), set())
        if fold(name) not in names:
            names.add(fold(name))
            self.named.setdefault(fold(name), []).append(structure)

    def workplace(
        self, values: Mapping[str, Any], entry: Member | None, commune: Pair | None
    ) -> Workplace | None:
        """Return the structure that a row gives somebody, None when it says nothing new.

        Raises ValidationError by field for a number of nobody, or a name that several structures have.
        """
        name, number = values.get("structure", ""), values.get("structure_number")
        if not name and number is None:
            return None
        present = _main(entry)
        if number is not None:
            return self._numbered(number, name, present)
        if present is not None and fold(name) == fold(_name_of(present)):
            return None
        found = self._named(name, commune)
        return Workplace(found) if found else Workplace(label=name)

    def _numbered(self, number: int, name: str, present: PlaceValues | None) -> Workplace | None:
        try:
            structure = self.registry.numbered(number)
        except ValidationError as error:
            raise ValidationError({"structure_number": error.messages}) from error
        if structure.kind != MemberKind.LEGAL:
            raise ValidationError({"structure_number": f"Le numéro {number} est celui d’une personne."})
        if name and fold(name) not in self.names[id(structure)]:
            raise ValidationError(
                {
                    "structure_number": f"Le numéro {number} est celui de {structure.name}, pas de {name}"
                    "\u00a0: corrigez l’un des deux, ou videz le numéro."
                }
            )
        unchanged = present is not None and present.structure == structure
        return None if unchanged else Workplace(structure)

    def _named(self, name: str, commune: Pair | None) -> Member | None:
        found = self.named.get(fold(name), [])
        if len(found) > 1 and commune:
            found = [each for each in found if each.commune_code == commune[0]] or found
        if len(found) > 1:
            shown = ", ".join(
                f"n°\u00a0{each.number} ({each.commune_name or 'sans commune'})" for each in found[:5]
            )
            raise ValidationError(
                {
                    "structure": f"Plusieurs structures s’appellent «\u00a0{name}\u00a0»\u00a0: {shown}. "
                    "Donnez le numéro de la structure."
                }
            )
        return found[0] if found else None


def places_wanted(
    values: Mapping[str, Any], entry: Member | None, workplace: Workplace | None, commune: Pair | None
) -> list[PlaceValues]:
    """Return where a person practises once the row is written: their main place changed, the others kept.

    In: the values of the row; the entry that it speaks of; the structure and the commune that it gives.
    """
    known = places_known(entry) if entry else []
    present = _main(entry) or PlaceValues()
    if workplace is None and _is_there(values, entry, present, commune):
        return known
    if workplace is not None:
        present = PlaceValues(structure=workplace.structure, label=workplace.label)
    wanted = replace(present, **{name: values[name] for name in _ADDRESS if name in values})
    wanted = _in_commune(wanted, commune or _kept_commune(entry, workplace))
    _check_lengths(wanted)
    others = known[1:] if _main(entry) else known
    return [wanted, *others] if _says_where(wanted) else others


def place_differences(known: Sequence[PlaceValues], wanted: Sequence[PlaceValues]) -> Iterator[Difference]:
    """Yield what would change of somebody's main place, beside its commune."""
    before, after = _said(known), _said(wanted)
    yield from ((FIELDS[name], before[name], after[name]) for name in before if before[name] != after[name])


def _said(places: Sequence[PlaceValues]) -> dict[str, str]:
    place = places[0] if places else PlaceValues()
    number = str(place.structure.number or "nouvelle structure") if place.structure else ""
    return {
        "address": place.address,
        "postal_code": place.postal_code,
        "structure": _name_of(place),
        "structure_number": number,
    }


def _check_lengths(place: PlaceValues) -> None:
    """Raise ValidationError by field for what a place cannot hold."""
    long = {
        field: f"Ce texte est trop long\u00a0: {longest} caractères au plus."
        for name, field, longest in _LONGEST
        if len(getattr(place, name)) > longest
    }
    if long:
        raise ValidationError(long)


def _is_there(
    values: Mapping[str, Any], entry: Member | None, present: PlaceValues, commune: Pair | None
) -> bool:
    """Whether a row says of a place what is known of it."""
    same_address = all(
        values.get(name, getattr(present, name)) == getattr(present, name) for name in _ADDRESS
    )
    known = (entry.commune_code, entry.commune_name) if entry else None
    return same_address and commune in (None, known)


def _in_commune(place: PlaceValues, commune: Pair | None) -> PlaceValues:
    """Write a commune on a place, unless its structure is there already."""
    if commune is None:
        return place
    structure = place.structure
    there = (structure.commune_code, structure.commune_name) if structure else ("", "")
    here = (place.commune_code, place.commune_name)
    if commune in (here, there if not place.commune_code else here):
        return place
    return replace(place, commune_code=commune[0], commune_name=commune[1])


def _kept_commune(entry: Member | None, workplace: Workplace | None) -> Pair | None:
    """The commune that somebody keeps, unless they now work in a structure that is somewhere."""
    if entry is None or (workplace and workplace.structure and workplace.structure.commune_code):
        return None
    return (entry.commune_code, entry.commune_name) if entry.commune_code or entry.commune_name else None


def _main(entry: Member | None) -> PlaceValues | None:
    """The main place of an entry, None without one: a place that is not the main one stays so."""
    known = places_known(entry) if entry and entry.main_places else []  # type: ignore[attr-defined]
    return known[0] if known else None


def _name_of(place: PlaceValues) -> str:
    return place.structure.last_name if place.structure else place.label


def _says_where(place: PlaceValues) -> bool:
    return bool(place.structure or place.label or place.address or place.commune_code)
