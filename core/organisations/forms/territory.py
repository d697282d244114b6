"""Parses the territory that somebody composes, and shows again one that was decided."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from core.organisations.models import TerritoryVersion
from core.territories.forms import TerritoryPicker

SEEN = "depuis"
"""Name of the field that says which version was the latest when the composition began."""


class TerritoryForm(forms.Form):
    """The day a territory begins; the communes are the picker's."""

    effet = forms.DateField(
        label="Date d’effet",
        help_text=(
            "Le territoire enregistré aujourd’hui vaut jusqu’à la veille. "
            "La date peut être passée, ou à venir dans les deux ans."
        ),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"required": "Donnez le jour où ce territoire commence."},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: QueryDict | None, *, picker: TerritoryPicker, effet: str) -> None:
        """Bind to `data`; without any, show the day `effet` as it was typed."""
        super().__init__(data, initial={"effet": effet})
        self._picker = picker

    def clean(self) -> dict[str, object]:
        """A territory has communes, and codes that cannot be used are not left out in silence."""
        if self._picker.errors:
            self.add_error(None, "Des communes de cette adresse ne peuvent pas être utilisées.")
        elif self._picker.is_empty:
            self.add_error(None, "Choisissez au moins une commune.")
        return super().clean() or {}


@dataclass(frozen=True)
class TerritoryDraft:
    """A territory being composed: it lives in the address, nothing is stored before it is decided.

    `seen` is the number of the version that was the latest when the composition began, 0 for none.
    """

    picker: TerritoryPicker
    form: TerritoryForm
    seen: int

    @classmethod
    def read(
        cls, sent: QueryDict, *, latest: TerritoryVersion | None, today: date, complete: bool
    ) -> "TerritoryDraft":
        """Read what was sent, or begin with the latest territory. Never raises.

        `complete`: the person says it is all there, what is missing is an error.
        """
        begun = complete or SEEN in sent
        seen = sent.get(SEEN, "") if begun else str(latest.pk if latest else 0)
        picker = TerritoryPicker.from_query(sent) if begun else decided_picker(latest)
        first_day = max(today, latest.starts_on) if latest else today
        effet = sent.get("effet", "") if begun else first_day.isoformat()
        form = TerritoryForm(sent if complete else None, picker=picker, effet=effet)
        return cls(picker, form, int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else 0)

    @property
    def query(self) -> str:
        """The address' query that shows this draft again."""
        effet = str(self.form["effet"].value() or "")
        items = [(SEEN, str(self.seen)), ("effet", effet), *self.picker.canonical_items()]
        return urlencode(items, safe=",")


def decided_picker(version: TerritoryVersion | None) -> TerritoryPicker:
    """Return the choice of communes of a decided territory, in the latest vintage.

    Its `errors` name the codes that this vintage does not know any more.
    """
    query = QueryDict(mutable=True)
    if version:
        query["communes"] = ",".join(version.communes.order_by("pk").values_list("code", flat=True))
    return TerritoryPicker.from_query(query)
