"""A selection of members: read from the list, frozen and signed for the page that asks to confirm."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict

from members.domain.bulk import BULK_ACTIONS, BulkAction

TICKED, EVERY = "coches", "tous"
_SALT = "members.bulk"
_A_DAY = 24 * 3600
_EXPIRED = "Cette sélection n’est plus valable\u00a0: refaites-la dans la liste."
_NUMBER = 19


@dataclass(frozen=True)
class Selection:
    """What was confirmed: an action, on exactly these members."""

    action: BulkAction
    member_ids: list[int]


def action_asked(query: QueryDict) -> BulkAction | None:
    """Return the action that the address names, None for none that is known."""
    return BULK_ACTIONS.get(query.get("action", ""))


def ticked(query: QueryDict) -> list[int]:
    """Return the numbers of the rows ticked, leaving out what is no number."""
    return [int(each) for each in query.getlist("membre") if _is_number(each)]


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) < _NUMBER


class SelectionForm(forms.Form):
    """The agreement to an action on a selection that was shown; nobody can have touched it."""

    selection = forms.CharField(widget=forms.HiddenInput, error_messages={"required": _EXPIRED})

    def __init__(self, data: QueryDict | None = None, *, owner: str, initial: str = "") -> None:
        super().__init__(data, initial={"selection": initial})
        self.owner = owner

    @classmethod
    def to(cls, action: BulkAction, member_ids: Sequence[int], *, owner: str) -> "SelectionForm":
        """Return the form that agrees; `owner` says who may send it, and in which registry."""
        payload = {"owner": owner, "action": action.name, "steps": _steps(member_ids)}
        return cls(owner=owner, initial=signing.dumps(payload, salt=_SALT, compress=True))

    def clean_selection(self) -> Selection:
        """Return what was agreed to."""
        try:
            payload = signing.loads(self.cleaned_data["selection"], salt=_SALT, max_age=_A_DAY)
        except signing.BadSignature as error:
            raise ValidationError(_EXPIRED) from error
        action = BULK_ACTIONS.get(payload["action"])
        if payload["owner"] != self.owner or action is None:
            raise ValidationError(_EXPIRED)
        return Selection(action, list(accumulate(payload["steps"])))


def _steps(member_ids: Sequence[int]) -> list[int]:
    """Return the distances between numbers: thousands of neighbours weigh next to nothing once compressed."""
    return [after - before for before, after in pairwise([0, *sorted(member_ids)])]
