"""The association's sheet."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from core.organisations.domain.association import REFERENT_KINDS, seat_of
from core.organisations.domain.identifiers import clean_finess, clean_postal_code, clean_rna, clean_siret
from core.organisations.forms.fields import (
    PhoneField,
    RevisedForm,
    current_departements,
    departement_choices,
    email_field,
    longest_in,
)
from core.organisations.models import Contact, Cpts

_TYPED = {"autocomplete": "off", "spellcheck": "false"}


def _text(label: str, name: str, *, attrs: dict[str, str] | None = None, **options: Any) -> forms.CharField:
    """A field of one line, as long as the column allows; numbers leave room for their blanks."""
    longest = options.pop("max_length", longest_in(Cpts, name))
    widget = forms.TextInput(attrs=attrs or {})
    return forms.CharField(label=label, max_length=longest, widget=widget, **options)


class ReferentField(forms.ModelChoiceField):
    """A contact chosen in the directory: whoever is not open to the CPTS is refused."""

    def __init__(self, label: str) -> None:
        super().__init__(
            Contact.objects.none(),
            label=label,
            required=False,
            empty_label="Aucun pour le moment",
            error_messages={
                "invalid_choice": (
                    "Ce contact n’est pas dans l’annuaire de la CPTS\u00a0: choisissez-en un autre."
                )
            },
        )

    def label_from_instance(self, contact: Contact) -> str:
        """Return who it is, and for which département."""
        place = contact.territory or contact.departement_code
        archived = ", retiré de l’annuaire" if contact.archived_at else ""
        return f"{contact}{f' – {place}' if place else ''}{archived}"


class AssociationForm(RevisedForm):
    """The sheet."""

    name = _text("Nom de l’association", "name", help_text="L’adresse de vos pages ne change pas avec lui.")
    rna = _text(
        "Numéro RNA",
        "rna",
        max_length=20,
        required=False,
        attrs=_TYPED,
        help_text="W et neuf chiffres, sur le récépissé de la préfecture.",
    )
    siret = _text(
        "SIRET",
        "siret",
        max_length=30,
        required=False,
        attrs=_TYPED | {"inputmode": "numeric"},
        help_text="Quatorze chiffres\u00a0; les espaces ne comptent pas.",
    )
    finess = _text(
        "Numéro FINESS",
        "finess",
        max_length=20,
        required=False,
        attrs=_TYPED,
        help_text="Neuf caractères, si l’ARS vous en a donné un.",
    )
    address = _text("Adresse", "address", required=False)
    postal_code = _text("Code postal", "postal_code", required=False, attrs={"inputmode": "numeric"})
    city = _text("Ville", "city", required=False)
    departement_code = forms.ChoiceField(
        label="Département",
        help_text="Celui du siège\u00a0: il désigne l’ARS et la CPAM qui vous suivent.",
        error_messages={"invalid_choice": "Ce département n’est pas dans le code officiel géographique."},
    )
    representative_name = _text("Nom du représentant légal", "representative_name", required=False)
    representative_capacity = _text("Qualité du représentant", "representative_capacity", required=False)
    contact_email = email_field()
    contact_phone = PhoneField(label="Téléphone", required=False)
    ars_referent = ReferentField("Référent à l’ARS")
    cpam_referent = ReferentField("Référent à la CPAM")
    msa_referent = ReferentField("Référent à la MSA")

    def __init__(self, data: QueryDict | None = None, *, cpts: Cpts) -> None:
        super().__init__(data, initial={name: getattr(cpts, name) for name in self.base_fields})
        self.cpts = cpts
        self._departements = current_departements()
        choices = {code: departement.name for code, departement in self._departements.items()}
        # The present seat stays a choice, were its département gone from the latest code.
        choices.setdefault(cpts.departement_code, cpts.departement_name)
        self.fields["departement_code"].choices = departement_choices(choices)  # type: ignore[attr-defined]
        for name in REFERENT_KINDS:
            self.fields[name].queryset = referents(cpts, name)  # type: ignore[attr-defined]

    def clean_rna(self) -> str:
        """Return the number without what pads it."""
        return clean_rna(self.cleaned_data["rna"])

    def clean_siret(self) -> str:
        """Return the number without what pads it, its key checked."""
        return clean_siret(self.cleaned_data["siret"])

    def clean_finess(self) -> str:
        """Return the number without what pads it."""
        return clean_finess(self.cleaned_data["finess"])

    def clean_postal_code(self) -> str:
        """Return five digits."""
        return clean_postal_code(self.cleaned_data["postal_code"])

    def values(self) -> dict[str, Any]:
        """Return the values of a valid form, the région copied with the département."""
        values = super().values()
        departement = self._departements.get(values["departement_code"])
        return values | seat_of(departement) if departement else values


def referents(cpts: Cpts, name: str) -> QuerySet[Contact]:
    """Return who may be this referent: the CPTS's own contacts, the shared ones of its département or none.

    The country's hundred CPAM would make a list that nobody reads. The present referent stays in any case.
    """
    chosen = Contact.objects.filter(pk=getattr(cpts, f"{name}_id"))
    near = Q(cpts=cpts.pk) | Q(departement_code__in=[cpts.departement_code, ""])
    fitting = Contact.objects.open_to(cpts.pk).filter(near, kind__in=REFERENT_KINDS[name]) | chosen
    return fitting.order_by("-departement_code", "institution", "person", "pk")
