"""Professions as people write them: in any gender, abbreviated, with what they tell beside."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from django.core.exceptions import ValidationError

from core.ui.folding import fold
from members.enums import DoctorKind, ExerciseMode, Profession

_OTHER_NAMES: Mapping[Profession, str] = {
    Profession.DOCTOR: "docteur; dr; medecins; docteur en medecine; doctoresse",
    Profession.PHARMACIST: "pharmacienne; pharmacien d officine; pharmacien titulaire; docteur en pharmacie",
    Profession.OPTICIAN: "opticien; opticienne; opticienne lunetiere; opticien lunetier e",
    Profession.DENTAL_ASSISTANT: "assistante dentaire",
    Profession.MEDICAL_PHYSICIST: "physicienne medicale",
    Profession.NURSING_ASSISTANT: "aide soignante; as; aide soignant e",
    Profession.AMBULANCE_DRIVER: "ambulanciere",
    Profession.CHILDCARE_ASSISTANT: "auxiliaire puericulture",
    Profession.HOSPITAL_PHARMACY_TECHNICIAN: "preparatrice en pharmacie hospitaliere",
    Profession.PHARMACY_TECHNICIAN: "preparatrice en pharmacie; preparateur; preparatrice",
    Profession.DENTIST: "chirurgienne dentiste; dentiste; chirurgien dentistes",
    Profession.SOCIAL_WORKER: (
        "assistante sociale; assistant social; assistante de service social; travailleur social"
    ),
    Profession.HOME_HELPER: "auxiliaire de vie; aide a domicile; avs",
    Profession.FAMILY_SUPPORT_WORKER: "technicienne de l intervention sociale et familiale; tisf",
    Profession.FAMILY_ECONOMY_ADVISER: "conseillere en economie sociale et familiale; cesf; conseillere esf",
    Profession.MIDWIFE: "sage femmes; sf; maieuticien",
    Profession.SPECIAL_EDUCATOR: "educatrice specialisee; educateur; educatrice",
    Profession.NURSE: (
        "infirmiere; infirmier e; ide; infirmier infirmiere; infirmiere diplomee d etat; "
        "infirmier diplome d etat; "
        "idec; infirmiers; inf; infirmier de; infirmiere de"
    ),
    Profession.PSYCHIATRIC_NURSE: "infirmiere psychiatrique",
    Profession.PHYSIOTHERAPIST: (
        "kine; kinesitherapeute; masseuse kinesitherapeute; masseur kine; mk; mkde; "
        "masseur kinesitherapeutes; "
        "masseur euse kinesitherapeute; kinesitherapeutes; kines"
    ),
    Profession.PODIATRIST: "podologue; pedicure; pedicure podologues; podologues",
    Profession.ORTHOTIC_PODIATRIST: "podo orthesiste",
    Profession.LABORATORY_TECHNICIAN: (
        "technicienne de laboratoire medical; technicien de laboratoire; technicienne de laboratoire"
    ),
    Profession.SPEECH_THERAPIST: "orthophonistes",
    Profession.PSYCHOLOGIST: "psychologue clinicien; psychologue clinicienne; psy; psychologues",
    Profession.OCCUPATIONAL_THERAPIST: "ergo; ergotherapeutes",
    Profession.DIETITIAN: (
        "dieteticienne; dieteticien ne; dieteticien nutritionniste; dieteticienne nutritionniste; "
        "diet"
    ),
    Profession.PSYCHOMOTOR_THERAPIST: "psychomotricienne; psychomotricien ne; psychomot",
    Profession.RADIOGRAPHER: (
        "manipulatrice d electroradiologie; manip radio; manipulateur radio; manipulatrice radio; "
        "manipulateur en electroradiologie medicale; manipulatrice en electroradiologie medicale"
    ),
}  # fmt: skip
_GENERALIST = (
    "medecin generaliste; generaliste; mg; medecine generale; medecin generalistes; docteur generaliste; "
    "medecin traitant; medecin gene; med generaliste; medecins generalistes; omnipraticien; "
    "medecin omnipraticien"
)
_SPECIALIST = "medecin specialiste; specialiste; medecins specialistes; autre specialite medicale"
_SPECIALITIES = (
    "Allergologue; Anesthésiste; Angiologue; Cardiologue; Dermatologue; Endocrinologue; Gastro-entérologue; "
    "Gériatre; Gynécologue; Hématologue; Neurologue; Oncologue; Ophtalmologue; Ophtalmologiste; "
    "ORL; Pédiatre; "
    "Pneumologue; Psychiatre; Pédopsychiatre; Radiologue; Rhumatologue; Urologue; Néphrologue; Addictologue; "
    "Médecin du sport; Médecin de PMI; Médecin coordonnateur; Stomatologue; Chirurgien; Biologiste médical; "
    "Rhumatologiste; Cardiologiste; Infectiologue; Interniste; Gériatrie; Cardiologie; Pédiatrie; Psychiatrie"
)
_ADVANCED_NURSE = "Infirmier en pratique avancée"
_ADVANCED_NURSES = (
    "ipa; infirmier en pratique avancee; infirmiere en pratique avancee; infirmier de pratique avancee; "
    "infirmiere de pratique avancee; infirmier pratique avancee; infirmiere pratique avancee; "
    "infirmier e en pratique avancee"
)
_ASALEE = "ide asalee; infirmiere asalee; infirmier asalee; asalee; infirmier de sante publique"
_PAEDIATRIC = "puericultrice; infirmiere puericultrice; infirmier puericulteur; puericulteur"
_LIBERAL_NURSES = (
    "idel; infirmier liberal; infirmiere liberale; ide liberale; ide liberal; ide l; infirmier e liberal e; "
    "infirmiere diplomee d etat liberale; infirmiers liberaux"
)


@dataclass(frozen=True, slots=True)
class ParsedProfession:
    """A profession, and what its name tells beside: "" for nothing."""

    code: Profession
    doctor_kind: str = ""
    speciality: str = ""
    exercise_mode: str = ""


@lru_cache(maxsize=4096)
def parse_profession(text: str) -> ParsedProfession:
    """Return the profession that a cell names; raises ValidationError in French, with near names."""
    bare = _bare(text)
    if found := _NAMES.get(bare):
        return found
    raise ValidationError(f"«\u00a0{text}\u00a0» n’est pas une profession connue. {_hint(bare)}")


@lru_cache(maxsize=4096)
def _hint(bare: str) -> str:
    """Return what to write instead. Kept: it takes milliseconds, and a file repeats what it mistakes."""
    near = get_close_matches(bare, _NAMES, n=3, cutoff=0.7)
    meant = list(dict.fromkeys(str(_NAMES[name].speciality or _NAMES[name].code.label) for name in near))
    if meant:
        return f"Vouliez-vous dire {' ou '.join(meant)}\u00a0?"
    return "Donnez un nom de la liste du modèle, ou videz la cellule pour qui n’en a pas."


def _bare(text: str) -> str:
    """Return a name folded, without the code that directories write before it: « 60 - Infirmier »."""
    folded = fold(text)
    return re.sub(r"^[0-9]{2} (?=[a-z])", "", folded)


def _listed(names: str, parsed: ParsedProfession) -> Iterator[tuple[str, ParsedProfession]]:
    for name in names.split(";"):
        yield fold(name), parsed


def _all_names() -> Iterator[tuple[str, ParsedProfession]]:
    for code, names in _OTHER_NAMES.items():
        yield from _listed(names, ParsedProfession(code))
    nurse, doctor, specialist = Profession.NURSE, Profession.DOCTOR, DoctorKind.SPECIALIST
    yield from _listed(_GENERALIST, ParsedProfession(doctor, DoctorKind.GENERAL))
    yield from _listed(_SPECIALIST, ParsedProfession(doctor, specialist))
    yield from _listed(_ADVANCED_NURSES, ParsedProfession(nurse, speciality=_ADVANCED_NURSE))
    yield from _listed(_ASALEE, ParsedProfession(nurse, speciality="Asalée"))
    yield from _listed(_PAEDIATRIC, ParsedProfession(nurse, speciality="Puériculture"))
    yield from _listed(_LIBERAL_NURSES, ParsedProfession(nurse, exercise_mode=ExerciseMode.LIBERAL))
    for name in _SPECIALITIES.split(";"):
        parsed = ParsedProfession(doctor, specialist, speciality=name.strip())
        yield from _listed(f"{name}; medecin {name}", parsed)
    for code in Profession:
        parsed = ParsedProfession(code)
        yield from _listed(f"{code.value}; {code.label}; {code.label}s", parsed)


_NAMES: Mapping[str, ParsedProfession] = dict(_all_names())
