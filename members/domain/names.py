"""What a registry entry is found and sorted by: folded copies of its words."""

from collections.abc import Iterable

from core.territories.domain.names import search_form
from core.ui.folding import fold
from members.enums import Profession, StructureKind
from members.models import Member

# Django's own `get_…_display` looks through all choices at each call: too slow for thousands of rows.
_PROFESSIONS = {code.value: str(code.label) for code in Profession}
_STRUCTURES = {kind.value: str(kind.label) for kind in StructureKind}
_LONGEST_SEARCH, _LONGEST_SORT = 1000, 260


def fold_names(member: Member, places: Iterable[str] = ()) -> Member:
    """Set `search_text` and `sort_name` from what a member says, and return it; nothing is saved.

    `places` are the names of the structures and communes where a person practises, beside their own commune.
    """
    words = (
        member.last_name,
        member.first_name,
        _PROFESSIONS.get(member.profession, ""),
        member.speciality,
        _STRUCTURES.get(member.structure_kind, ""),
        member.commune_name,
        *places,
    )
    member.search_text = search_form(" ".join(dict.fromkeys(filter(None, words))))[:_LONGEST_SEARCH]
    member.sort_name = fold(f"{member.last_name} {member.first_name}")[:_LONGEST_SORT]
    return member
