"""What a name typed in a form stands for: a commune, a structure or a person of the registry."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.organisations.models import Cpts
from core.territories.domain.names import search_form
from core.territories.domain.search import LIMIT, communes_named, search_places
from core.territories.models import Commune, Vintage
from core.ui.folding import fold
from members.enums import MemberKind
from members.models import Member

_COMMUNE_CODE = re.compile(r"\((\w{5})\)\s*$")
_NUMBER = re.compile(r"\(n°\s*([0-9]{1,9})\)\s*$")
_POSTAL_CODE = re.compile(r"[0-9]{5}$")
_ENOUGH = 50
_LONGEST = 100
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Found(Generic[Thing]):
    """What a name stands for; when that is not sure (`exact` None), what it may stand for."""

    exact: Thing | None = None
    near: Sequence[Thing] = ()


def commune_text(name: str, code: str) -> str:
    """Return a commune as a form shows it and reads it again: « Granville (50218) », "" for none."""
    return f"{name} ({code})" if code else name


def entry_text(member: Member) -> str:
    """Return an entry of the registry as a form shows it and reads it again: « Camille Essai (n° 12) »."""
    return f"{member.name} (n°\u00a0{member.number})"


def find_commune(typed: str, departement_code: str = "") -> Found[Commune]:
    """Return what a commune's name, postal code or text (`commune_text`) stands for in the latest code.

    Homonyms are near, those of the département first; so are the arrondissements of a city that has some.
    """
    vintage = Vintage.objects.current()
    if vintage is None:
        return Found()
    same = _same_communes(typed, vintage)
    if len(same) == 1:
        inside = Commune.objects.filter(parent=same[0]).select_related("departement")
        districts = tuple(inside.order_by("code"))
        return Found(near=districts) if districts else Found(same[0])
    near = _near(typed, vintage, departement_code, same)
    if len(near) == 1 and _POSTAL_CODE.match(typed.strip()):
        return Found(near[0])
    return Found(near=near)


def suggested_communes(typed: str, departement_code: str = "") -> Sequence[Commune]:
    """Return the communes that begin as what is being typed, the likeliest first."""
    vintage = Vintage.objects.current()
    return _near(typed, vintage, departement_code, ()) if vintage else ()


def find_entry(cpts: Cpts, kind: MemberKind, typed: str) -> Found[Member]:
    """Return what a name, or an entry's text (`entry_text`), stands for in the registry of a CPTS."""
    entries = Member.objects.listed().filter(cpts=cpts, kind=kind)
    if numbered := _NUMBER.search(typed):
        return Found(entries.filter(number=int(numbered[1])).first())
    near = suggested_entries(cpts, kind, typed, limit=_ENOUGH)
    words = sorted(search_form(typed).split())
    same = [entry for entry in near if sorted(search_form(entry.name).split()) == words]
    if len(same) == 1:
        return Found(same[0])
    return Found(near=(same or near)[:LIMIT])


def suggested_entries(cpts: Cpts, kind: MemberKind, typed: str, *, limit: int = LIMIT) -> list[Member]:
    """Return the entries of a registry found by what is being typed, none before a first letter."""
    if not fold(typed):
        return []
    return list(
        Member.objects.listed().filter(cpts=cpts, kind=kind).matching(typed[:_LONGEST]).in_order()[:limit]
    )


def _near(
    typed: str, vintage: Vintage, departement_code: str, same: Sequence[Commune]
) -> tuple[Commune, ...]:
    """Return communes of the département that begin so, then these or, without any, those of the country."""
    around = communes_named(typed, vintage).filter(departement__code=departement_code)
    beside = around.select_related("departement").order_by("search_name", "code")[:LIMIT]
    found = [*beside, *(same or search_places(typed, vintage).communes)]
    return tuple({commune.pk: commune for commune in found}.values())[:LIMIT]


def _same_communes(typed: str, vintage: Vintage) -> list[Commune]:
    communes = Commune.objects.filter(vintage=vintage).select_related("departement")
    if coded := _COMMUNE_CODE.search(typed):
        return list(communes.filter(code=coded[1].upper()))
    return list(communes.filter(search_name=search_form(typed)).order_by("code")[: LIMIT * 2])
