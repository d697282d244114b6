"""What is typed about fees: scales, reminders, payments, reasons; and what a list looks for."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from core.organisations.forms.fields import RevisedForm
from core.organisations.models import Cpts
from core.ui.fields import amount_field, day_field
from members.domain.fee_calls import LONGEST_REASON
from members.domain.fee_listing import WantedCalls
from members.domain.fee_scales import CAMPAIGN_FIELDS
from members.enums import Body, FeeState, MemberCategory, MemberKind, PaymentMeans
from members.forms.verbs import VerbForm
from members.models import FeeCampaign, FeeScale, VotingCollege
from members.models.fee import FIRST_YEAR, LAST_YEAR

_PAYING = [(each.value, each.label) for each in MemberCategory if each != MemberCategory.HONORARY]
_DECIDING = [(each.value, each.label) for each in Body if each != Body.NOBODY]


def year_field() -> forms.IntegerField:
    """Return the field of a civil year."""
    wrong = f"Donnez une année, de {FIRST_YEAR} à {LAST_YEAR}."
    messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(
        label="Année",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=messages,
    )


class ScaleForm(VerbForm):
    """What an assembly decided."""

    year = year_field()
    category = forms.ChoiceField(label="Catégorie", choices=_PAYING)
    kind = forms.ChoiceField(
        label="Pour", required=False, choices=[("", "Personnes physiques et morales"), *MemberKind.choices]
    )
    college = forms.ModelChoiceField(
        VotingCollege.objects.none(), label="Collège", required=False, empty_label="Tous les collèges"
    )
    amount = amount_field("Cotisation", min_value=0, help_text="0\u00a0€ si cette catégorie ne paie rien.")
    entry_fee = amount_field(
        "Droit d’entrée",
        required=False,
        min_value=0,
        help_text="Ajouté la première année d’adhésion dans la catégorie.",
    )
    due_on = day_field("À payer avant le")
    decided_by = forms.ChoiceField(label="Décidé par", choices=_DECIDING)
    decided_on = day_field("Décidé le")
    decision_reference = forms.CharField(
        label="Référence de la décision",
        max_length=200,
        help_text="Par exemple\u00a0: procès-verbal du 4 décembre 2025, résolution 4.",
        error_messages={"required": "Citez la décision\u00a0: c’est elle qui rend la cotisation exigible."},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, cpts: Cpts, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        colleges = VotingCollege.objects.filter(cpts=cpts, archived_at=None)
        self.fields["college"].queryset = colleges  # type: ignore[attr-defined]

    def clean_entry_fee(self) -> Any:
        """None is no entry fee."""
        return self.cleaned_data["entry_fee"] or 0


def initial_scale(scale: FeeScale | None, *, year: int) -> dict[str, Any]:
    """Return what the form of a scale starts from: the one to replace, or a year."""
    if scale is None:
        return {"year": year, "decided_by": Body.GENERAL_ASSEMBLY, "entry_fee": 0}
    names = ("category", "kind", "college", "amount", "entry_fee", "due_on", "decided_by")
    return {"year": year} | {name: getattr(scale, name) for name in names}


class CampaignForm(RevisedForm, VerbForm):
    """How the fees of a year are reminded."""

    reminders = forms.BooleanField(label="Envoyer les relances automatiquement", required=False)
    days_before = forms.IntegerField(
        label="Rappel avant l’échéance", min_value=0, max_value=366, help_text="En jours\u00a0; 0 pour aucun."
    )
    first_after = forms.IntegerField(
        label="Première relance après l’échéance", min_value=1, max_value=366, help_text="En jours."
    )
    second_after = forms.IntegerField(
        label="Deuxième relance après l’échéance", min_value=2, max_value=366, help_text="En jours."
    )
    message = forms.CharField(
        label="Message joint à l’appel",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Comment payer\u00a0: RIB de l’association, ordre du chèque, adresse de paiement en ligne.",
    )

    def __init__(self, data: Mapping[str, Any] | None, *, campaign: FeeCampaign) -> None:
        names = (*CAMPAIGN_FIELDS, "revision")
        super().__init__(data, initial={name: getattr(campaign, name) for name in names})


class _OnceForm(VerbForm):
    """A form that money follows: its number makes that it counts once."""

    once = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "Cette page était incomplète\u00a0: rechargez-la."
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None, **options: Any) -> None:
        initial = {"once": uuid4()} | options.pop("initial", {})
        super().__init__(data, initial=initial, **options)


class PaymentForm(_OnceForm):
    """Money that came in."""

    amount = amount_field("Montant reçu", min_value=0)
    paid_on = day_field("Reçu le")
    means = forms.ChoiceField(label="Moyen", choices=PaymentMeans.choices)
    reference = forms.CharField(
        label="Référence",
        required=False,
        max_length=100,
        help_text="Numéro du chèque, libellé du virement\u00a0: ce qui permet de le retrouver.",
    )


class RefundForm(_OnceForm):
    """Money that went back."""

    amount = amount_field("Montant rendu", min_value=0)
    paid_on = day_field("Rendu le")
    means = forms.ChoiceField(label="Moyen", choices=PaymentMeans.choices)
    reference = forms.CharField(label="Référence", required=False, max_length=100)
    reason = forms.CharField(
        label="Raison",
        max_length=LONGEST_REASON,
        error_messages={"required": "Dites pourquoi cet argent est rendu."},
    )


class ReasonForm(VerbForm):
    """Why something is taken back, or forgiven."""

    reason = forms.CharField(
        label="Raison", max_length=LONGEST_REASON, error_messages={"required": "Dites pourquoi."}
    )


class CallFilter(forms.Form):
    """What a list of calls looks for; what means nothing is left out."""

    recherche = forms.CharField(
        label="Nom ou numéro",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    etat = forms.ChoiceField(
        label="État", required=False, choices=[("", "Tous les états"), *FeeState.choices]
    )
    categorie = forms.ChoiceField(
        label="Catégorie", required=False, choices=[("", "Toutes les catégories"), *MemberCategory.choices]
    )

    @property
    def wanted(self) -> WantedCalls:
        """What is looked for."""
        self.is_valid()
        valid = self.cleaned_data
        return WantedCalls(valid.get("recherche", ""), valid.get("etat", ""), valid.get("categorie", ""))

    def chips(self) -> list[tuple[str, str]]:
        """Return the name of each filter in force, and what it says."""
        wanted = self.wanted
        said = (
            ("recherche", f"«\u00a0{wanted.search}\u00a0»" if wanted.search else ""),
            ("etat", str(FeeState(wanted.state).label) if wanted.state else ""),
            ("categorie", str(MemberCategory(wanted.category).label) if wanted.category else ""),
        )
        return [(name, words) for name, words in said if words]


def asked_year(typed: str | None, *, today: date) -> int:
    """Return the year of an address, this year's when it names none that is possible."""
    if typed and re.fullmatch(r"[0-9]{4}", typed) and FIRST_YEAR <= int(typed) <= LAST_YEAR:
        return int(typed)
    return today.year
