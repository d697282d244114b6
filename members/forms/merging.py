"""Which value of two entries is kept, field by field."""

from collections.abc import Sequence

from django import forms
from django.http import QueryDict

from members.domain.comparison import Difference
from members.models import Member

KEPT, LEFT = "garder", "prendre"


class MergeForm(forms.Form):
    """One choice for each difference; the revisions on which they were shown."""

    kept_revision = forms.IntegerField(widget=forms.HiddenInput)
    left_revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None, *, kept: Member, left: Member, differences: Sequence[Difference]
    ) -> None:
        revisions = {"kept_revision": kept.revision, "left_revision": left.revision}
        super().__init__(data, initial=revisions)
        self.differences = differences
        for each in differences:
            self.fields[each.name] = forms.ChoiceField(
                label=each.label,
                choices=[(KEPT, each.kept), (LEFT, each.left)],
                initial=LEFT if each.prefers_left else KEPT,
                widget=forms.RadioSelect,
                error_messages={"required": "Choisissez ce qui est gardé."},
            )

    @property
    def choices(self) -> list[forms.BoundField]:
        """The fields to choose, in order."""
        return [self[each.name] for each in self.differences]

    @property
    def taken(self) -> set[str]:
        """The names of what comes from the entry that is left, in a valid form."""
        return {each.name for each in self.differences if self.cleaned_data[each.name] == LEFT}

    @property
    def revisions(self) -> tuple[int, int]:
        """Those of a valid form."""
        return self.cleaned_data["kept_revision"], self.cleaned_data["left_revision"]

    def again(self, kept: Member, left: Member, differences: Sequence[Difference]) -> "MergeForm":
        """Return the choices made, over the entries as they are now."""
        made = QueryDict(mutable=True)
        made.update(dict(self.data.items()))
        made.update({"kept_revision": str(kept.revision), "left_revision": str(left.revision)})
        # `update` adds to what is there: the last value is the one that is read.
        return MergeForm(made, kept=kept, left=left, differences=differences)


class PairForm(forms.Form):
    """Two entries by their numbers in the registry, to be compared."""

    garder = forms.IntegerField(label="N° au registre de la fiche à garder", min_value=1, max_value=10**8)
    reunir = forms.IntegerField(label="N° de la fiche à y réunir", min_value=1, max_value=10**8)
