"""What a registry entry is found and sorted by: folded copies of its words."""

from collections.abc import Iterable

from core.territories.domain.names import search_form
from core.ui.folding import fold
from members.models import Member

_LONGEST_SEARCH, _LONGEST_SORT = 1000, 260


def fold_names(member: Member, places: Iterable[str] = ()) -> Member:
    """Set `search_text` and `sort_name` from what a member says, and return it; nothing is saved.

    `places` are the names of the structures and communes where a person practises, beside their own commune.
    """
    words = (
        member.last_name,
        member.first_name,
        member.get_profession_display(),
        member.speciality,
        member.get_structure_kind_display(),
        member.commune_name,
        *places,
    )
    member.search_text = search_form(" ".join(dict.fromkeys(filter(None, words))))[:_LONGEST_SEARCH]
    member.sort_name = fold(f"{member.last_name} {member.first_name}")[:_LONGEST_SORT]
    return member
