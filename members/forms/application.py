"""The public form of application: short, for somebody on a phone between two patients."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from core.organisations.domain.identifiers import clean_finess, clean_siret
from core.organisations.forms.fields import PhoneField, longest_in
from core.territories.domain.names import search_form
from members.domain.applications import Application
from members.domain.identifiers import clean_rpps
from members.domain.lookups import find_commune
from members.domain.members import PlaceValues
from members.domain.representatives import RepresentativeValues
from members.enums import ExerciseMode, MemberKind, Profession, StructureKind
from members.forms.verbs import VerbForm
from members.models import Member, PracticePlace, Representative

_NUMBER = {"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}
COMMUNES = "communes-du-territoire"
"""Identifier of the list of communes that the page proposes."""

Communes = Sequence[tuple[str, str]]


def _text(label: str, longest: int | None, *, required: str = "", **options: Any) -> forms.CharField:
    """A field of one line; `required` says what to do when it is left empty, "" when it may be."""
    widget = forms.TextInput(attrs=options.pop("attrs", {}))
    errors = {"required": required, "max_length": f"Ce texte tient en {longest}\u00a0caractères."}
    return forms.CharField(
        label=label,
        max_length=longest,
        widget=widget,
        required=bool(required),
        error_messages=errors,
        **options,
    )


class ApplicationForm(VerbForm):
    """What every applicant gives: how to answer them, where they are, that they accept the statutes."""

    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        help_text="La réponse de l’association y arrive.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Donnez une adresse où l’association puisse vous répondre.",
            "invalid": "Cette adresse n’est pas complète\u00a0: nom@exemple.fr.",
        },
    )
    phone = PhoneField(label="Téléphone", required=False)
    commune = _text(
        "Commune d’exercice",
        longest_in(Member, "commune_name"),
        required="Donnez la commune où vous exercez.",
        attrs={"list": COMMUNES, "autocomplete": "address-level2"},
    )
    statutes = forms.BooleanField(
        label="J’ai lu les statuts de l’association et je les accepte",
        error_messages={"required": "Pour adhérer, il faut accepter les statuts."},
    )
    # Nobody sees it: who fills it in is a machine.
    website = forms.CharField(
        label="Ne remplissez pas ce champ",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    kind = MemberKind.NATURAL
    fields_of_member: tuple[str, ...] = ()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, communes: Communes = (), departement_code: str = ""
    ) -> None:
        """In: the communes of the territory (code, name), and the département of the seat."""
        super().__init__(data)
        self.communes, self.departement_code = communes, departement_code
        self.fields["phone"].widget.attrs["autocomplete"] = "tel"

    @property
    def is_trapped(self) -> bool:
        """Whether the field that nobody sees is filled in."""
        return bool(self.data.get("website", "").strip())

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields in the order of the page, but the two that have their own place."""
        return [self[name] for name in self.fields if name not in {"statutes", "website"}]

    def application(self) -> Application:
        """Return what a valid form says."""
        code, name = self._commune()
        typed = self.cleaned_data
        values = {name: typed[name] for name in ("email", "phone", *self.fields_of_member)}
        values |= {"kind": self.kind, "commune_code": code, "commune_name": name}
        return Application(values, self.places(code, name), self.representative())

    def places(self, _code: str, _name: str) -> tuple[PlaceValues, ...]:
        """Return where somebody practises."""
        return ()

    def representative(self) -> RepresentativeValues | None:
        """Return who speaks for a structure."""
        return None

    def _commune(self) -> tuple[str, str]:
        """The code and name of what was typed; a name that stands for nothing sure is left to people."""
        typed = " ".join(self.cleaned_data["commune"].split())
        wanted = search_form(typed)
        for code, name in self.communes:
            if search_form(name) == wanted:
                return code, name
        found = find_commune(typed, self.departement_code).exact
        return (found.code, found.name) if found else ("", typed)


class PersonApplicationForm(ApplicationForm):
    """A professional who applies."""

    first_name = _text(
        "Prénom",
        longest_in(Member, "first_name"),
        required="Donnez votre prénom.",
        attrs={"autocomplete": "given-name"},
    )
    last_name = _text(
        "Nom",
        longest_in(Member, "last_name"),
        required="Donnez votre nom.",
        attrs={"autocomplete": "family-name"},
    )
    profession = forms.ChoiceField(
        label="Profession",
        choices=[("", "Choisissez"), *sorted(Profession.choices, key=lambda each: search_form(str(each[1])))],
        error_messages={
            "required": "Choisissez votre profession.",
            "invalid_choice": "Choisissez une profession de la liste.",
        },
    )
    exercise_mode = forms.ChoiceField(
        label="Mode d’exercice",
        choices=[("", "Non précisé"), *ExerciseMode.choices],
        required=False,
        error_messages={"invalid_choice": "Choisissez un mode de la liste."},
    )
    rpps = _text(
        "Numéro RPPS",
        30,
        attrs=_NUMBER,
        help_text="Onze chiffres, sur votre carte CPS. Laissez vide si vous n’en avez pas.",
    )
    structure = _text(
        "Cabinet, maison de santé, établissement",
        longest_in(PracticePlace, "label"),
        attrs={"autocomplete": "organization"},
    )

    fields_of_member = ("first_name", "last_name", "profession", "exercise_mode", "rpps")
    field_order = (
        "first_name", "last_name", "profession", "exercise_mode", "rpps", "structure", "commune", "email",
        "phone", "statutes", "website",
    )  # fmt: skip

    def clean_rpps(self) -> str:
        """Return the number without what pads it."""
        return clean_rpps(self.cleaned_data["rpps"])

    def places(self, code: str, name: str) -> tuple[PlaceValues, ...]:
        """Return the one place that the form asks for."""
        label = " ".join(self.cleaned_data["structure"].split())
        return (PlaceValues(label=label or ("" if code else name), commune_code=code, commune_name=name),)


class StructureApplicationForm(ApplicationForm):
    """A structure that applies, by who speaks for it."""

    structure_kind = forms.ChoiceField(
        label="Nature de la structure",
        choices=[("", "Choisissez"), *StructureKind.choices],
        error_messages={
            "required": "Choisissez la nature de la structure.",
            "invalid_choice": "Choisissez une nature de la liste.",
        },
    )
    last_name = _text(
        "Nom de la structure",
        longest_in(Member, "last_name"),
        required="Donnez le nom de la structure.",
        attrs={"autocomplete": "organization"},
    )
    finess = _text("Numéro FINESS", 20, attrs=_NUMBER | {"inputmode": "text"})
    siret = _text("SIRET", 30, attrs=_NUMBER)
    speaker = _text(
        "Votre nom",
        longest_in(Representative, "name"),
        required="Donnez votre nom\u00a0: vous représentez la structure.",
        attrs={"autocomplete": "name"},
    )
    capacity = _text(
        "Votre qualité",
        longest_in(Representative, "capacity"),
        help_text="Par exemple\u00a0: directrice, gérant, coordinatrice.",
        attrs={"autocomplete": "organization-title"},
    )

    kind = MemberKind.LEGAL
    fields_of_member = ("structure_kind", "last_name", "finess", "siret")
    field_order = (
        "structure_kind", "last_name", "finess", "siret", "commune", "speaker", "capacity", "email", "phone",
        "statutes", "website",
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["commune"].label = "Commune"
        self.fields["commune"].error_messages["required"] = "Donnez la commune de la structure."

    def clean_finess(self) -> str:
        """Return the number without what pads it."""
        return clean_finess(self.cleaned_data["finess"])

    def clean_siret(self) -> str:
        """Return the number without what pads it, its key checked."""
        return clean_siret(self.cleaned_data["siret"])

    def representative(self) -> RepresentativeValues:
        """Return who fills the form in."""
        typed = self.cleaned_data
        return RepresentativeValues(name=typed["speaker"], capacity=typed["capacity"], email=typed["email"])
