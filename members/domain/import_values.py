"""What the cells of a file of members stand for: a resource of django-import-export, with widgets of ours.

A cell as people write it gives a value of the registry, or a French sentence that says what is expected.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from core.organisations.domain.identifiers import clean_finess, clean_postal_code, clean_siret
from core.organisations.domain.phones import parse_phone
from core.ui.folding import fold
from core.ui.formatting import MONTHS
from members.domain.identifiers import clean_adeli, clean_rpps
from members.domain.import_columns import FIELDS
from members.domain.import_professions import parse_profession
from members.enums import (
    DoctorKind,
    ExerciseMode,
    MemberCategory,
    MemberKind,
    Participation,
    StructureKind,
)

_EXCEL_EPOCH = date(1899, 12, 30)
_MONTHS = [fold(month) for month in MONTHS]
_YES = {"oui", "o", "x", "1", "vrai", "yes", "true", "ok"}
_NO = {"non", "n", "0", "faux", "no", "false"}
_OTHER_WORDS: Mapping[type[TextChoices], Mapping[TextChoices, str]] = {
    MemberKind: {
        MemberKind.NATURAL: "physique; personne; pp; p physique; individu; professionnel; particulier",
        MemberKind.LEGAL: "morale; structure; pm; p morale; etablissement; organisme; association",
    },
    DoctorKind: {
        DoctorKind.GENERAL: "generale; general; generaliste; medecin generaliste; mg; medecine generale",
        DoctorKind.SPECIALIST: (
            "specialiste; specialite; specialites; medecin specialiste; autre; autres specialites"
        ),
    },
    ExerciseMode: {
        ExerciseMode.LIBERAL: "liberale; liberal e; lib; liberal individuel; exercice liberal; en liberal",
        ExerciseMode.SALARIED: (
            "salariee; salarie e; sal; exercice salarie; hospitalier; hospitaliere; benevole"
        ),
        ExerciseMode.MIXED: "mixte liberal salarie; liberal et salarie; exercice mixte; liberal salarie",
        ExerciseMode.SUBSTITUTE: "remplacante; remplacant e; remplacement; rempla",
    },
    StructureKind: {
        StructureKind.MSP: "msp; maison de sante; maison de sante pluridisciplinaire; maison medicale",
        StructureKind.HEALTH_CENTRE: "cds; centre de soins; centre de sante infirmier; csi",
        StructureKind.ESP: "esp",
        StructureKind.ESS: "ess",
        StructureKind.PRACTICE: (
            "cabinet medical; cabinet infirmier; cabinet de groupe; cabinet liberal; scm; selarl"
        ),
        StructureKind.PHARMACY: "officine; pharmacie d officine",
        StructureKind.LABORATORY: (
            "labo; laboratoire d analyses; laboratoire de biologie; laboratoire de biologie medicale"
        ),
        StructureKind.HOSPITAL: "ch; centre hospitalier; chu; etablissement de sante; hopital local",
        StructureKind.CLINIC: "clinique privee; polyclinique",
        StructureKind.HAD: "had",
        StructureKind.EHPAD: "maison de retraite; residence autonomie",
        StructureKind.SSIAD: "service de soins infirmiers a domicile; ssiad; spasad",
        StructureKind.SOCIAL_SERVICE: "service social; ccas; social; saad; service d aide a domicile",
        StructureKind.PREVENTION: "prevention; association de prevention",
        StructureKind.LOCAL_AUTHORITY: (
            "commune; mairie; epci; departement; communaute de communes; collectivite territoriale"
        ),
        StructureKind.USERS_ASSOCIATION: "association de patients; association d usagers; usagers; patients",
        StructureKind.DAC: "dac; pta; clic; maia",
        StructureKind.OTHER: "autre; autres; association",
    },
    Participation: {
        Participation.CERTAIN: "certain; oui; confirme; confirmee; confirme e; sur; acquis; certain e",
        Participation.TO_CONFIRM: (
            "a confirmer; orange; incertain; incertaine; non confirme; en attente; peut etre; non"
        ),
    },
    MemberCategory: {
        MemberCategory.ACTIVE: "actif; active; adherent; membre; membre actif e; titulaire",
        MemberCategory.BENEFACTOR: "bienfaiteur; bienfaitrice; bienfaiteurs; donateur",
        MemberCategory.HONORARY: "honneur; d honneur; honoraire; membre honoraire; honorifique",
    },
}  # fmt: skip


class _Cell(Widget):
    """A cell read by a function of ours, which raises ValidationError with a French sentence."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        super().__init__()
        self.parse = parse

    def clean(self, value: str, row: Mapping[str, str] | None = None, **_options: Any) -> Any:  # noqa: ARG002
        """Return the value that a filled cell stands for."""
        return self.parse(value)


class _Choice(Widget):
    """A cell that names a value of a closed list, by its label, its code or words that people use."""

    def __init__(self, choices: type[TextChoices]) -> None:
        super().__init__()
        self.labels = ", ".join(str(label) for label in choices.labels)
        others = _OTHER_WORDS.get(choices, {})
        self.words = {fold(word): value for value, words in others.items() for word in words.split(";")}
        for value in choices:
            self.words |= {fold(value.value): value, fold(str(value.label)): value}

    def clean(self, value: str, row: Mapping[str, str] | None = None, **_options: Any) -> Any:  # noqa: ARG002
        """Return the value of the list."""
        found = self.words.get(fold(value))
        if found is None:
            raise ValidationError(
                f"«\u00a0{value}\u00a0» n’est pas connu. Valeurs possibles\u00a0: {self.labels}."
            )
        return found.value


def parse_date(text: str) -> date:
    """Return the day that a cell says, the French way, the ISO way, in words or as Excel counts days.

    Raises ValidationError with a French sentence.
    """
    for parse in (_by_figures, _by_words, _by_serial):
        try:
            if day := parse(text):
                return day
        except ValueError:
            break
    raise ValidationError(f"«\u00a0{text}\u00a0» n’est pas une date\u00a0: écrivez-la comme 15/01/2024.")


def _by_figures(text: str) -> date | None:
    if match := re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?: 00:00(?::00)?)?", text):
        day, month, year = (int(part) for part in match.groups())
        return date(year + (2000 if year < 100 else 0), month, day)
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", text):
        return date(*(int(part) for part in match.groups()))
    return None


def _by_words(text: str) -> date | None:
    match = re.fullmatch(r"(\d{1,2}|1er) ([a-z]+) (\d{4})", fold(text))
    if match is None or match[2] not in _MONTHS:
        return None
    return date(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1].removesuffix("er")))


def _by_serial(text: str) -> date | None:
    # From 1954 to 2064: other numbers are years, or mistakes.
    number = int(text) if re.fullmatch(r"\d{5}", text) else 0
    return _EXCEL_EPOCH + timedelta(days=number) if 20_000 <= number <= 60_000 else None


def _number(text: str) -> int:
    digits = re.sub(r"\s", "", text.removeprefix("n°").removeprefix("N°"))
    if not (digits.isascii() and digits.isdecimal() and 0 < len(digits) < 10):
        raise ValidationError(f"«\u00a0{text}\u00a0» n’est pas un numéro du registre.")
    return int(digits)


def _yes_or_no(text: str) -> bool:
    word = fold(text)
    if word not in _YES | _NO:
        raise ValidationError(f"«\u00a0{text}\u00a0»\u00a0: écrivez oui ou non.")
    return word in _YES


def _phone(text: str) -> Any:
    digits = re.sub(r"[\s.\-]", "", text)
    # A column of numbers loses the zero they begin with.
    number = parse_phone(f"0{digits}" if digits.isdecimal() and len(digits) == 9 else text)
    if number is None:
        raise ValidationError(
            f"«\u00a0{text}\u00a0» ne peut pas être composé\u00a0: il faut dix chiffres, un seul numéro."
        )
    return number


def _rpps(text: str) -> str:
    digits = re.sub(r"[\s.\-_/]", "", text)
    # The national directory writes the type of identification, 8, before the number.
    return clean_rpps(digits[1:] if len(digits) == 12 and digits.startswith("8") else digits)


def _email(text: str) -> str:
    address = text.removeprefix("mailto:").strip(" <>")
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(
            f"«\u00a0{text}\u00a0» n’est pas une adresse électronique\u00a0: "
            "une seule, comme camille@example.org."
        ) from error
    return address


def _padded(clean: Callable[[str], str], length: int) -> Callable[[str], str]:
    """Give back, before cleaning, the zeros that a column of numbers lost at the beginning."""

    def parse(text: str) -> str:
        digits = re.sub(r"[\s.\-_/]", "", text)
        return clean(digits.zfill(length) if digits.isdecimal() and len(digits) == length - 1 else digits)

    return parse


def _commune_code(text: str) -> str:
    code = text.upper().replace(" ", "")
    code = code.zfill(5) if code.isdecimal() else code
    if not re.fullmatch(r"[0-9][0-9AB][0-9]{3}", code):
        raise ValidationError(
            f"«\u00a0{text}\u00a0» n’est pas un code INSEE\u00a0: cinq caractères, par exemple 50218."
        )
    return code


_PARSERS: Mapping[str, Widget] = {
    "number": _Cell(_number),
    "structure_number": _Cell(_number),
    "kind": _Choice(MemberKind),
    "profession": _Cell(parse_profession),
    "doctor_kind": _Choice(DoctorKind),
    "exercise_mode": _Choice(ExerciseMode),
    "structure_kind": _Choice(StructureKind),
    "participation": _Choice(Participation),
    "category": _Choice(MemberCategory),
    "in_governance": _Cell(_yes_or_no),
    "starts_on": _Cell(parse_date),
    "rpps": _Cell(_rpps),
    "adeli": _Cell(_padded(clean_adeli, 9)),
    "finess": _Cell(_padded(clean_finess, 9)),
    "siret": _Cell(_padded(clean_siret, 14)),
    "postal_code": _Cell(_padded(clean_postal_code, 5)),
    "commune_code": _Cell(_commune_code),
    "phone": _Cell(_phone),
    "email": _Cell(_email),
}


class MemberResource(Resource):
    """The columns that a file of members may fill, each with the widget that reads its cells."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fields = {
            name: Field(attribute=name, column_name=name, widget=_PARSERS.get(name) or _Cell(str))
            for name in FIELDS
        }

    def values_of(self, row: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """Return what the filled cells of a row stand for, and the French sentences of those that cannot be.

        In: the text of each known column; an empty cell is in neither answer.
        """
        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for name, text in row.items():
            if not text:
                continue
            try:
                values[name] = self.fields[name].clean(row)
            except ValidationError as error:
                errors[name] = list(error.messages)
        return values, errors
