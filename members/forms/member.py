"""A person or a structure of the registry, as a form: the entry itself, and where a person practises."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from core.organisations.domain.identifiers import clean_finess, clean_postal_code, clean_siret
from core.organisations.forms.fields import PhoneField, RevisedForm, email_field, longest_in
from core.organisations.models import Cpts
from core.ui.folding import fold
from members.domain.identifiers import clean_adeli, clean_rpps
from members.domain.lookups import commune_text
from members.domain.members import PlaceValues, places_of, places_told
from members.enums import (
    SOCIAL_PROFESSIONS,
    DoctorKind,
    ExerciseMode,
    MemberKind,
    Participation,
    Profession,
    StructureKind,
)
from members.forms.lookups import LookupField
from members.forms.places import BasePlaceFormSet, place_formset, read_commune, stored_communes
from members.models import Member

_NUMBER = {"autocomplete": "off", "spellcheck": "false"}
_DIGITS = _NUMBER | {"inputmode": "numeric"}
_NOT_IN_LIST = {"invalid_choice": "Choisissez dans la liste."}


def _text(label: str, name: str, *, attrs: dict[str, str] | None = None, **options: Any) -> forms.CharField:
    """A field of one line, as long as the column allows; numbers leave room for their blanks."""
    longest = options.pop("max_length", longest_in(Member, name))
    options.setdefault("required", False)
    widget = forms.TextInput(attrs=attrs or {"autocomplete": "off"})
    return forms.CharField(label=label, max_length=longest, widget=widget, **options)


def _choice(label: str, choices: Any, *, none: str, **options: Any) -> forms.ChoiceField:
    options.setdefault("required", False)
    messages = _NOT_IN_LIST | options.pop("error_messages", {})
    return forms.ChoiceField(label=label, choices=[("", none), *choices], error_messages=messages, **options)


def profession_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return professions as lists show them: of health, then social, each in the order of the alphabet."""
    in_order = sorted(Profession, key=lambda profession: fold(profession.label))
    return [
        (name, [(each.value, each.label) for each in in_order if (each in SOCIAL_PROFESSIONS) == is_social])
        for name, is_social in (("Professions de santé", False), ("Professions sociales", True))
    ]


class MemberForm(RevisedForm):
    """What people and structures have in common."""

    email = email_field()
    phone = PhoneField(label="Téléphone", required=False)
    participation = forms.ChoiceField(
        label="Participation au projet",
        choices=Participation.choices,
        widget=forms.RadioSelect,
        error_messages=_NOT_IN_LIST | {"required": "Dites si la participation est certaine ou à confirmer."},
    )
    in_governance = forms.BooleanField(label="Participe à la gouvernance", required=False)
    notes = forms.CharField(
        label="Notes de la coordination",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: QueryDict | None = None, *, member: Member) -> None:
        super().__init__(data, initial=self.shown(member))
        self.member = member

    @classmethod
    def shown(cls, member: Member) -> dict[str, Any]:
        """Return what the form shows of an entry."""
        return {name: getattr(member, name) for name in cls.base_fields}

    def conflicts(self, current: Member) -> list[tuple[str, str]]:  # type: ignore[override]
        """Return the fields that hold now another value than the one typed: label, present value."""
        now, typed = self.shown(current), self.values()
        return [
            (str(field.label), self._shown(name, now[name]))
            for name, field in self.fields.items()
            if name in now and name != "revision" and typed.get(name, now[name]) != now[name]
        ]

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "oui" if value else "non"
        if name == "profession":
            return str(dict(Profession.choices).get(value, "vide"))
        return super()._shown(name, value)


class PersonForm(MemberForm):
    """A natural person."""

    last_name = _text("Nom", "last_name", required=True)
    first_name = _text("Prénom", "first_name", required=True)
    profession = _choice("Profession", profession_choices(), none="Non renseignée")
    doctor_kind = _choice("Médecine", DoctorKind.choices, none="Non renseignée")
    speciality = _text(
        "Spécialité ou qualification",
        "speciality",
        help_text="Par exemple cardiologie, ou IPA pour une infirmière en pratique avancée.",
    )
    exercise_mode = _choice("Mode d’exercice", ExerciseMode.choices, none="Non renseigné")
    rpps = _text(
        "Numéro RPPS",
        "rpps",
        max_length=30,
        attrs=_DIGITS,
        help_text="Onze chiffres. Laissez vide pour qui n’en a pas\u00a0: aide-soignant, ambulancier…",
    )
    adeli = _text(
        "Ancien numéro ADELI",
        "adeli",
        max_length=20,
        attrs=_NUMBER,
        help_text="Ces numéros ne servent plus\u00a0: pour mémoire seulement.",
    )
    field_order = (
        *("revision", "last_name", "first_name", "profession", "doctor_kind", "speciality", "exercise_mode"),
        *("rpps", "adeli", "email", "phone", "participation", "in_governance", "notes"),
    )

    def clean_rpps(self) -> str:
        """Return the eleven digits; a wrong key is told afterwards, it stops nobody."""
        return clean_rpps(self.cleaned_data["rpps"])

    def clean_adeli(self) -> str:
        """Return the nine characters."""
        return clean_adeli(self.cleaned_data["adeli"])

    def values(self) -> dict[str, Any]:
        """Return the values of a valid form; a medicine is that of a doctor alone."""
        values = super().values()
        if values["profession"] != Profession.DOCTOR:
            values["doctor_kind"] = ""
        return values


class StructureForm(MemberForm):
    """A legal person."""

    last_name = _text("Nom ou raison sociale", "last_name", required=True)
    structure_kind = _choice(
        "Nature",
        StructureKind.choices,
        none="Choisissez",
        required=True,
        error_messages={"required": "Choisissez la nature de la structure."},
    )
    finess = _text("Numéro FINESS", "finess", max_length=20, attrs=_NUMBER, help_text="Neuf caractères.")
    siret = _text("SIRET", "siret", max_length=30, attrs=_DIGITS, help_text="Quatorze chiffres.")
    address = _text("Adresse", "address")
    postal_code = _text("Code postal", "postal_code", attrs=_DIGITS)
    commune = LookupField("Commune, par son nom ou son code postal", kind="communes")
    field_order = (
        *("revision", "last_name", "structure_kind", "finess", "siret", "address", "postal_code", "commune"),
        *("email", "phone", "participation", "in_governance", "notes"),
    )

    @classmethod
    def shown(cls, member: Member) -> dict[str, Any]:
        """Return what the form shows of an entry; the commune by its name and code."""
        shown = {name: getattr(member, name) for name in cls.base_fields if name != "commune"}
        return shown | {"commune": commune_text(member.commune_name, member.commune_code)}

    def clean_finess(self) -> str:
        """Return the number without what pads it."""
        return clean_finess(self.cleaned_data["finess"])

    def clean_siret(self) -> str:
        """Return the number without what pads it, its key checked."""
        return clean_siret(self.cleaned_data["siret"])

    def clean_postal_code(self) -> str:
        """Return five digits, "" for none."""
        return clean_postal_code(self.cleaned_data["postal_code"])

    def clean(self) -> dict[str, Any]:
        """Read the commune typed: its code and name."""
        data = super().clean() or self.cleaned_data
        stored = stored_communes([(self.member.commune_code, self.member.commune_name)])
        try:
            data["commune"] = read_commune(self, self.member.cpts, stored) or ("", "")
        except forms.ValidationError as error:
            self.add_error("commune", error)
        return data

    def values(self) -> dict[str, Any]:
        """Return the values of a valid form, the commune as its code and name."""
        values = super().values()
        code, name = values.pop("commune")
        return values | {"commune_code": code, "commune_name": name}

    def conflicts(self, current: Member) -> list[tuple[str, str]]:  # type: ignore[override]
        """Return the fields that hold now another value than the one typed: label, present value."""
        typed = self.cleaned_data["commune"]
        now = commune_text(current.commune_name, current.commune_code)
        elsewhere = [("Commune", now or "vide")] if typed[0] != current.commune_code else []
        return super().conflicts(current) + elsewhere


@dataclass(frozen=True)
class EntryForms:
    """All that a page sends about an entry: its form, and for a person the rows of its places."""

    form: MemberForm
    places: BasePlaceFormSet | None

    @classmethod
    def of(cls, member: Member, data: QueryDict | None = None) -> "EntryForms":
        """Return the forms of an entry, saved or not, or what was typed over it."""
        if not member.is_person:
            return cls(StructureForm(data, member=member), None)
        places = _places_shown(member)
        return cls(PersonForm(data, member=member), place_formset(data, cpts=member.cpts, places=places))

    @property
    def parts(self) -> list[Any]:
        """The forms, as an error summary takes them."""
        return [self.form] if self.places is None else [self.form, self.places]

    def is_valid(self) -> bool:
        """Whether every part is right; all of them are read."""
        return False not in [part.is_valid() for part in self.parts]

    def values(self) -> dict[str, Any]:
        """Return the values of valid forms; who practises nowhere any more has no commune."""
        return self.form.values() | (
            {"commune_code": "", "commune_name": ""} if self.place_values() == [] else {}
        )

    def place_values(self) -> list[PlaceValues] | None:
        """Return the places of a person, None for a structure."""
        return None if self.places is None else self.places.places()

    def conflicts(self, current: Member) -> list[tuple[str, str]]:
        """Return what the entry says now and the valid forms would change: label, present value."""
        found = self.form.conflicts(current)
        if self.places is not None and (now := places_of(current)) != self.place_values():
            found.append(("Lieux d’exercice", "\u00a0; ".join(places_told(now)) or "vide"))
        return found


def new_entry(cpts: Cpts, kind: MemberKind) -> Member:
    """Return an entry that says nothing yet."""
    return Member(cpts=cpts, kind=kind)


def _places_shown(member: Member) -> list[PlaceValues]:
    """The places of a person; who has none but a commune, as some files say, is shown there."""
    if member.pk is None:
        return []
    if (places := places_of(member)) or not member.commune_code:
        return places
    return [PlaceValues(commune_code=member.commune_code, commune_name=member.commune_name)]
