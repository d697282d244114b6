"""The national directory that the demonstration reads: invented people, on the communes of its main CPTS.

Members of the story are in it but for a few, with others who are not members. As in the story, surnames are
those of things of the shore, and numbers begin with 999, which none does.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone
from stdnum import luhn

from core.organisations.models import Cpts
from cpts.demonstration.registry_story import STRUCTURES, MemberStory, mixed_names, people
from members.domain.directory_lines import FILE_NAME
from members.domain.national_directory import load_directory
from members.enums import DoctorKind, ExerciseMode, Profession

_MADE_BEFORE = timedelta(days=5)
_COLUMNS = (
    "Identification nationale PP",
    "Nom d'exercice",
    "Prénom d'exercice",
    "Code profession",
    "Code catégorie professionnelle",
    "Code savoir-faire",
    "Code mode exercice",
    "Raison sociale site",
    "Enseigne commerciale site",
    "Code commune (coord. structure)",
)
_FIRST_NAMES = (
    "Andréa", "Anaël", "Axel", "Dany", "Élie", "Gaby", "Jocelyn", "Lois", "Maël", "Modeste", "Noé", "Pascal",
    "Sam", "Stéphane", "Valéry", "Yannick",
)  # fmt: skip
_LAST_NAMES = (
    "Balise", "Bernache", "Boussole", "Cale", "Courlis", "Criste-Marine", "Dundee", "Falaise", "Filet",
    "Grève", "Havre", "Herbu", "Jusant", "Lamparo", "Misaine", "Mouette", "Obione", "Pertuis", "Pomme-d’Api",
    "Salicorne", "Tadorne",
)  # fmt: skip
_OTHERS = (
    (Profession.NURSE, 92),
    (Profession.DOCTOR, 58),
    (Profession.PHYSIOTHERAPIST, 41),
    (Profession.PHARMACIST, 27),
    (Profession.DENTIST, 21),
    (Profession.SPEECH_THERAPIST, 15),
    (Profession.OPTICIAN, 12),
    (Profession.PODIATRIST, 9),
    (Profession.PSYCHOLOGIST, 8),
    (Profession.MIDWIFE, 7),
    (Profession.OCCUPATIONAL_THERAPIST, 5),
    (Profession.DIETITIAN, 4),
    (Profession.ORTHOPTIST, 2),
)
"""Who practises and is not a member, by profession."""
_FIRST_OTHER = 5_000
_LEFT_OUT = 23
"""One member in so many practises where the directory does not know of."""
_MODES = {ExerciseMode.LIBERAL: "L", ExerciseMode.SALARIED: "S", ExerciseMode.MIXED: "L"}

Cells = tuple[str, ...]


def load_demonstration_directory(cpts: Cpts, *, now: datetime) -> None:
    """Read the invented file as a real one is read: five days old, on the territory of a CPTS."""
    made_on = timezone.localdate(now) - _MADE_BEFORE
    territory = cpts.territories.in_force(timezone.localdate(now)).get()
    communes = list(territory.communes.order_by("-population", "code").values_list("code", flat=True))
    lines = [_COLUMNS, *_members(communes), *_others(communes)]
    stream = io.BytesIO("".join("|".join(cells) + "\r\n" for cells in lines).encode())
    load_directory(f"{FILE_NAME}_{made_on:%Y%m%d}0800.txt", stream, published_on=made_on, now=now)


def _members(communes: list[str]) -> Iterator[Cells]:
    for story in people(date(2021, 1, 1), date(2026, 1, 1)):
        if story.rpps and story.rank % _LEFT_OUT:
            yield _line(
                story.rpps,
                story.last_name,
                story.first_name,
                story.profession,
                skill=_skill(story.profession, is_general=story.doctor_kind == DoctorKind.GENERAL),
                mode=_MODES[ExerciseMode(story.exercise_mode)],
                place=_place(story, communes),
            )


def _place(story: MemberStory, communes: list[str]) -> tuple[str, str]:
    """Return the structure and the commune of a member, "" for who practises on their own."""
    if story.structure_rank is None:
        return "", communes[story.commune_rank]
    structure = STRUCTURES[story.structure_rank]
    return structure.name, communes[structure.commune_rank]


def _others(communes: list[str]) -> Iterator[Cells]:
    professions = [profession for profession, count in _OTHERS for _ in range(count)]
    names = mixed_names(_FIRST_NAMES, _LAST_NAMES, len(professions), step=137)
    for rank, (first_name, last_name) in enumerate(names):
        profession = professions[rank * 97 % len(professions)]
        # The larger a commune, the more practise there: the square keeps most of them in the first ones.
        commune = communes[(rank * 7 % 24) ** 2 * len(communes) // 24**2]
        stem = f"999{_FIRST_OTHER + rank:07d}"
        yield _line(
            stem + luhn.calc_check_digit(stem),
            last_name,
            first_name,
            profession,
            skill=_skill(profession, is_general=rank % 5 > 1),
            mode="S" if rank % 6 == 0 else "L",
            place=(f"CABINET FICTIF N° {rank % 60 + 1}", commune),
        )


def _skill(profession: Profession, *, is_general: bool) -> str:
    if profession != Profession.DOCTOR:
        return ""
    return "SM26" if is_general else "SM04"


def _line(
    rpps: str,
    last_name: str,
    first_name: str,
    profession: Profession,
    *,
    skill: str,
    mode: str,
    place: tuple[str, str],
) -> Cells:
    structure, commune = place
    # The directory writes names in capitals.
    names = last_name.upper(), first_name.upper()
    return f"8{rpps}", *names, profession.value, "C", skill, mode, structure, "", commune
