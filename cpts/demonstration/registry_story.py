"""The registry that the demonstration tells: people and structures whose names no directory holds.

Surnames are those of plants and shores, first names suit anybody, RPPS numbers begin with 999, which none
does: nobody can take these people for real ones. The same story comes out each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, product

from stdnum import luhn

from members.enums import DoctorKind, ExerciseMode, Profession, StructureKind

_FIRST_NAMES = (
    "Alix", "Ange", "Camille", "Céleste", "Charlie", "Claude", "Dominique", "Eden", "Gwenn", "Loïs",
    "Lou", "Maé", "Maxime", "Morgan", "Noa", "Sacha", "Swann", "Yaël",
)  # fmt: skip
_LAST_NAMES = (
    "Ajonc", "Aubépine", "Bruyère", "Chèvrefeuille", "Estran", "Fougère", "Galet", "Genêt", "Goémon",
    "Églantier", "Laminaire", "Marjolaine", "Noisetier", "Œillet-Marin", "Prunellier", "Roselière", "Sureau",
    "Varech", "d’Embruns", "Le Hêtre",
)  # fmt: skip


@dataclass(frozen=True)
class StructureStory:
    """A structure: its name, what it is, the rank of its commune among those of the territory, by size."""

    name: str
    kind: StructureKind
    commune_rank: int


STRUCTURES = (
    StructureStory("Maison de santé des Marées (fictive)", StructureKind.MSP, 0),
    StructureStory("Maison de santé du Bocage (fictive)", StructureKind.MSP, 1),
    StructureStory("Maison de santé des Embruns (fictive)", StructureKind.MSP, 4),
    StructureStory("Centre de santé du Port (fictif)", StructureKind.HEALTH_CENTRE, 0),
    StructureStory("Équipe de soins primaires du Roc (fictive)", StructureKind.ESP, 2),
    StructureStory("Hôpital des Grèves (fictif)", StructureKind.HOSPITAL, 0),
    StructureStory("Clinique de la Baie (fictive)", StructureKind.CLINIC, 3),
    StructureStory("HAD du Littoral (fictive)", StructureKind.HAD, 0),
    StructureStory("EHPAD Les Ajoncs (fictif)", StructureKind.EHPAD, 1),
    StructureStory("EHPAD Le Varech (fictif)", StructureKind.EHPAD, 2),
    StructureStory("EHPAD Les Pommiers (fictif)", StructureKind.EHPAD, 5),
    StructureStory("SSIAD des Deux-Rives (fictif)", StructureKind.SSIAD, 1),
    StructureStory("SESSAD Les Mouettes (fictif)", StructureKind.SESSAD, 0),
    StructureStory("CSAPA du Phare (fictif)", StructureKind.CSAPA, 0),
    StructureStory("Pharmacie de l’Estran (fictive)", StructureKind.PHARMACY, 0),
    StructureStory("Pharmacie des Poêliers (fictive)", StructureKind.PHARMACY, 1),
    StructureStory("Pharmacie du Havre (fictive)", StructureKind.PHARMACY, 2),
    StructureStory("Laboratoire des Dunes (fictif)", StructureKind.LABORATORY, 0),
    StructureStory("Cabinet infirmier du Cap (fictif)", StructureKind.PRACTICE, 3),
    StructureStory("Cabinet de kinésithérapie de la Lande (fictif)", StructureKind.PRACTICE, 1),
    StructureStory("Cabinet dentaire du Donjon (fictif)", StructureKind.PRACTICE, 0),
    StructureStory("Service social du Littoral (fictif)", StructureKind.SOCIAL_SERVICE, 0),
    StructureStory("Association des usagers de la Baie (fictive)", StructureKind.USERS_ASSOCIATION, 0),
    StructureStory("Dispositif d’appui du Bocage (fictif)", StructureKind.DAC, 1),
)
# How many of each profession, in the order in which they joined.
_PROFESSIONS = (
    (Profession.DOCTOR, 37),
    (Profession.NURSE, 40),
    (Profession.PHYSIOTHERAPIST, 18),
    (Profession.PHARMACIST, 16),
    (Profession.DENTIST, 8),
    (Profession.MIDWIFE, 7),
    (Profession.SPEECH_THERAPIST, 6),
    (Profession.PODIATRIST, 5),
    (Profession.PSYCHOLOGIST, 4),
    (Profession.DIETITIAN, 3),
    (Profession.OCCUPATIONAL_THERAPIST, 3),
    (Profession.NURSING_ASSISTANT, 3),
    (Profession.SOCIAL_WORKER, 3),
    (Profession.ORTHOPTIST, 2),
    (Profession.AMBULANCE_DRIVER, 1),
)
# Their registers have no RPPS number, or not all have one yet.
_WITHOUT_RPPS = frozenset(
    {Profession.NURSING_ASSISTANT, Profession.AMBULANCE_DRIVER, Profession.SOCIAL_WORKER}
)
_HOMES: dict[Profession, tuple[int, ...]] = {
    Profession.DOCTOR: (0, 1, 2, 3, 5),
    Profession.NURSE: (18, 0, 1, 7, 11),
    Profession.PHYSIOTHERAPIST: (19, 1, 0),
    Profession.PHARMACIST: (14, 15, 16, 17),
    Profession.DENTIST: (20, 3),
    Profession.NURSING_ASSISTANT: (8, 9, 10),
    Profession.SOCIAL_WORKER: (21, 23),
}
"""In which structures, by rank, each profession practises; the others have a place of their own."""


@dataclass(frozen=True)
class MemberStory:
    """A person: who they are, when they joined, the rank of their structure or of their commune."""

    rank: int
    first_name: str
    last_name: str
    profession: Profession
    joined_on: date
    structure_rank: int | None
    commune_rank: int

    @property
    def email(self) -> str:
        """Their address; the last ones to come gave none."""
        return f"membre-{self.rank}@demo.test" if self.rank % 13 else ""

    @property
    def rpps(self) -> str:
        """A number with its right key, "" for who has none."""
        stem = f"999{self.rank:07d}"
        return "" if self.profession in _WITHOUT_RPPS else stem + luhn.calc_check_digit(stem)

    @property
    def doctor_kind(self) -> str:
        """Two doctors in three practise general medicine."""
        if self.profession != Profession.DOCTOR:
            return ""
        return DoctorKind.SPECIALIST if self.rank % 3 == 0 else DoctorKind.GENERAL

    @property
    def speciality(self) -> str:
        """A nurse in twelve is a nurse practitioner."""
        is_ipa = self.profession == Profession.NURSE and self.rank % 12 == 0
        return "Infirmier en pratique avancée" if is_ipa else ""

    @property
    def exercise_mode(self) -> str:
        """Most have their own practice."""
        if self.profession in _WITHOUT_RPPS:
            return ExerciseMode.SALARIED
        modes = (ExerciseMode.LIBERAL,) * 5 + (ExerciseMode.SALARIED, ExerciseMode.MIXED)
        return modes[self.rank % len(modes)]

    @property
    def is_to_confirm(self) -> bool:
        """One in sixteen has not said yes for certain."""
        return self.rank % 16 == 5


def people(beginning: date, end: date) -> Iterator[MemberStory]:
    """Yield the people of the registry, in the order in which they joined, evenly between two days."""
    professions = [profession for profession, count in _PROFESSIONS for _ in range(count)]
    step = (end - beginning) // len(professions)
    names = mixed_names(_FIRST_NAMES, _LAST_NAMES, len(professions), step=149)
    for rank, (first_name, last_name) in enumerate(names, start=1):
        # A step prime with the number of people mixes professions, and meets each of them once.
        profession = professions[rank * 37 % len(professions)]
        homes = _HOMES.get(profession, ())
        yield MemberStory(
            rank=rank,
            first_name=first_name,
            last_name=last_name,
            profession=profession,
            joined_on=beginning + timedelta(days=step.days * rank),
            structure_rank=homes[rank % len(homes)] if homes and rank % 4 else None,
            commune_rank=(0, 0, 1, 2, 0, 3, 4, 1, 5, 6)[rank % 10],
        )


def mixed_names(
    first_names: Sequence[str], last_names: Sequence[str], count: int, *, step: int
) -> Iterator[tuple[str, str]]:
    """Yield names, first name then surname, no two of which are the same.

    `step` is prime with the number of pairs: it meets each of them once.
    """
    pairs = list(product(first_names, last_names))
    mixed = (pairs[rank * step % len(pairs)] for rank in range(len(pairs)))
    return islice(mixed, count)
