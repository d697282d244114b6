"""What a treasurer types when money came in, and when it was written down by mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms

from core.ui.fields import amount_field, day_field
from core.ui.formatting import euros
from funding.domain.followed_lines import FollowedDueDate, FollowedLine
from funding.domain.receipts import LONGEST_REASON, LONGEST_REFERENCE, ReceiptError
from funding.engine import total_amount
from funding.enums import payment_words


@dataclass(frozen=True)
class LineChoice:
    """A line to tick, its payment in words."""

    line: FollowedLine
    payment: str
    is_ticked: bool


@dataclass(frozen=True)
class DueDateChoices:
    """A due date and its lines to tick."""

    due: FollowedDueDate
    lines: list[LineChoice]


class ReceiptForm(forms.Form):
    """A payment seen on the account: the lines it settles, the amount read there, its day, its reference.

    The amount is typed and not shown: it must be that of the ticked lines, which a mistake rarely makes.
    """

    lignes = forms.TypedMultipleChoiceField(
        label="Lignes réglées",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins une ligne.",
            "invalid_choice": "L’échéancier a changé depuis l’affichage de cette page\u00a0: "
            "cochez de nouveau ce que le virement règle.",
        },
    )
    montant = amount_field(
        "Montant lu sur le relevé bancaire",
        help_text="Il doit être celui des lignes cochées.",
        max_digits=12,
        error_messages={"required": "Recopiez le montant du virement."},
    )
    recu_le = day_field("Reçu le", error_messages={"required": "Donnez la date du virement."})
    reference = forms.CharField(
        label="Référence bancaire",
        help_text="Le libellé du virement, pour le retrouver sur le relevé.",
        required=False,
        max_length=LONGEST_REFERENCE,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        lines: Sequence[FollowedLine],
        shown: Sequence[FollowedDueDate],
        today: date,
    ) -> None:
        """In: every line of the statement in force, and the due dates to choose from.

        A line that was received meanwhile stays a choice: the verb knows a double click from a mistake.
        """
        pending = [line.row_id for due in shown for line in due.pending]
        super().__init__(data, initial={"lignes": pending, "recu_le": today})
        self.lines, self.shown = lines, shown
        field = cast("forms.TypedMultipleChoiceField", self.fields["lignes"])
        field.choices = [(line.row_id, line.mission_label) for line in lines]

    @property
    def due_dates(self) -> list[DueDateChoices]:
        """The due dates shown, each with its lines to tick, in order."""
        ticked = {str(value) for value in self["lignes"].value() or ()}
        return [
            DueDateChoices(
                due,
                [
                    LineChoice(line, payment_words(line.share, line.kind), str(line.row_id) in ticked)
                    for line in due.pending
                ],
            )
            for due in self.shown
        ]

    @property
    def chosen(self) -> list[FollowedLine]:
        """The ticked lines, once the form is known to be valid."""
        ticked = self.cleaned_data.get("lignes") or ()
        return [line for line in self.lines if line.row_id in ticked]

    def show(self, error: ReceiptError) -> None:
        """Put each refusal of the verb beside its field."""
        show_refusals(self, error, {"lines": "lignes", "received_on": "recu_le", "reference": "reference"})

    def clean(self) -> dict[str, Any]:
        """Compare the amount of the bank statement with that of the ticked lines."""
        amount, chosen = self.cleaned_data.get("montant"), self.chosen
        if amount is not None and chosen and amount != total_amount(chosen):
            self.add_error("montant", _gap(amount, total_amount(chosen)))
        return self.cleaned_data


class CancellationForm(forms.Form):
    """Why a receipt is taken back."""

    raison = forms.CharField(
        label="Pourquoi l’annuler\u00a0?",
        help_text="Par exemple\u00a0: saisi deux fois, mauvaise échéance.",
        max_length=LONGEST_REASON,
        error_messages={"required": "Dites pourquoi ce versement est annulé."},
    )

    def show(self, error: ReceiptError) -> None:
        """Put each refusal of the verb beside its field."""
        show_refusals(self, error, {"reason": "raison"})


def show_refusals(form: forms.Form, error: ReceiptError, fields: Mapping[str, str]) -> None:
    """Add what a verb refuses to a form; `fields` gives the field of each argument."""
    for argument, message in error.errors.items():
        form.add_error(fields[argument], message)


def _gap(amount: Decimal, expected: Decimal) -> str:
    gap = amount - expected
    words = f"il manque {euros(-gap)}" if gap < 0 else f"il y a {euros(gap)} de trop"
    return (
        f"Les lignes cochées font {euros(expected)}\u00a0: {words}. Cochez les lignes que ce virement règle."
    )
