"""Somebody, or a structure, in the registry of a CPTS."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When
from django.urls import reverse
from phonenumber_field.modelfields import PhoneNumberField

from core.organisations.models import Cpts
from core.territories.domain.names import words_in
from members.enums import (
    HELD_STATES,
    DoctorKind,
    ExerciseMode,
    MemberKind,
    MembershipState,
    MemberStatus,
    Participation,
    Profession,
    StructureKind,
)
from members.models.membership import Suspension

_NATURAL_ONLY = ("first_name", "profession", "doctor_kind", "speciality", "exercise_mode", "rpps", "adeli")
_LEGAL_ONLY = ("structure_kind", "finess", "siret", "address", "postal_code")


def _blank(names: tuple[str, ...]) -> Q:
    return Q(**dict.fromkeys(names, ""))


class MemberQuerySet(models.QuerySet["Member"]):
    """The questions asked of a registry."""

    def listed(self) -> "MemberQuerySet":
        """Those that a list shows: not merged into another, not made anonymous."""
        return self.filter(merged_into=None, anonymised_at=None)

    def matching(self, query: str) -> "MemberQuerySet":
        """Those with words that begin as those of `query`: name, profession, structure or commune.

        Accents, case and hyphens do not matter.
        """
        return self.filter(words_in("search_text", query))

    def with_status(self, day: date) -> "MemberQuerySet":
        """With `status` as of `day` (a `MemberStatus`), read from the last period in the same query."""
        return self.annotate(status=_status(day))

    def in_order(self) -> "MemberQuerySet":
        """By name, as a directory goes."""
        return self.order_by("sort_name", "pk")


def _status(day: date) -> Case:
    held = Q(last_membership__state__in=HELD_STATES, last_membership__starts_on__lte=day)
    ended = Q(last_membership__ends_on__lte=day)
    suspended = Exists(Suspension.objects.in_force(day).filter(membership=OuterRef("last_membership")))
    return Case(
        When(last_membership__state=MembershipState.APPLIED, then=Value(MemberStatus.APPLICANT)),
        When(held & ended, then=Value(MemberStatus.FORMER)),
        When(held & suspended, then=Value(MemberStatus.SUSPENDED)),
        When(held, then=Value(MemberStatus.MEMBER)),
        When(last_membership__state__in=HELD_STATES, then=Value(MemberStatus.COMING)),
        default=Value(MemberStatus.CONTACT),
        output_field=CharField(),
    )


class Member(models.Model):
    """A natural or legal person of the registry: member, applicant, former member, or only known so far.

    What somebody is (member or not, in which category and college) is in their dated `Membership` periods;
    `last_membership` is the latest of them, whatever its state. `number` never serves twice in a CPTS and is
    how a file finds its rows again. `commune_code` and `commune_name` are those of a structure, or of a
    person's main practice place. `search_text` and `sort_name` are folded copies (`members.domain.names`).
    `shown_to_members` and `shown_to_public` name the fields that the person lets a directory show: none by
    default. A member merged into another keeps its row, and is found through `merged_into`.
    """

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="members", verbose_name="CPTS")
    number = models.PositiveIntegerField("numéro au registre")
    kind = models.CharField("personne", max_length=8, choices=MemberKind)
    last_name = models.CharField("nom ou raison sociale", max_length=150)
    first_name = models.CharField("prénom", max_length=100, blank=True)
    profession = models.CharField("profession", max_length=2, choices=Profession, blank=True)
    doctor_kind = models.CharField("médecine", max_length=10, choices=DoctorKind, blank=True)
    speciality = models.CharField("spécialité ou qualification", max_length=100, blank=True)
    exercise_mode = models.CharField("mode d’exercice", max_length=10, choices=ExerciseMode, blank=True)
    rpps = models.CharField("numéro RPPS", max_length=11, blank=True)
    adeli = models.CharField("ancien numéro ADELI", max_length=9, blank=True)
    structure_kind = models.CharField("nature de structure", max_length=20, choices=StructureKind, blank=True)
    finess = models.CharField("FINESS", max_length=9, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    address = models.CharField("adresse", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    commune_code = models.CharField("code INSEE de la commune", max_length=5, blank=True)
    commune_name = models.CharField("commune", max_length=100, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    phone = PhoneNumberField("téléphone", blank=True)
    participation = models.CharField(
        "participation", max_length=10, choices=Participation, default=Participation.CERTAIN
    )
    in_governance = models.BooleanField("participe à la gouvernance", default=False)
    notes = models.TextField("notes de la coordination", max_length=5000, blank=True)
    shown_to_members = models.JSONField("champs montrés aux membres", default=list, blank=True)
    shown_to_public = models.JSONField("champs publiés", default=list, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="member_entries",
        verbose_name="compte",
    )
    last_membership = models.OneToOneField(
        "members.Membership",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="dernière période d’adhésion",
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="fusionné dans"
    )
    search_text = models.CharField("texte replié pour la recherche", max_length=1000, blank=True)
    sort_name = models.CharField("nom replié pour le tri", max_length=260)
    created_at = models.DateTimeField("inscrit le")
    anonymised_at = models.DateTimeField("anonymisé le", null=True, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)

    objects: ClassVar[MemberQuerySet] = MemberQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "inscrit au registre"
        verbose_name_plural = "inscrits au registre"
        indexes = [
            models.Index(fields=["cpts", "sort_name"], name="members_member_in_order"),
            models.Index(fields=["cpts", "profession"], name="members_member_profession"),
            # Read alone, without the rows, by the counts of the list.
            models.Index(
                fields=["cpts", "participation"],
                condition=Q(merged_into=None, anonymised_at=None),
                name="members_member_listed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "number"],
                name="members_member_number_once",
                violation_error_message="Ce numéro est déjà celui d’un autre inscrit.",
            ),
            models.UniqueConstraint(
                fields=["cpts", "rpps"],
                condition=~Q(rpps="") & Q(merged_into=None),
                name="members_member_rpps_once",
                violation_error_message="Ce numéro RPPS est déjà celui d’un autre inscrit de la CPTS.",
            ),
            models.UniqueConstraint(
                fields=["cpts", "user"],
                condition=Q(merged_into=None),
                name="members_member_user_once",
                violation_error_message="Ce compte est déjà celui d’un autre inscrit de la CPTS.",
            ),
            models.CheckConstraint(
                condition=Q(kind=MemberKind.NATURAL, structure_kind="") & _blank(_LEGAL_ONLY)
                | Q(kind=MemberKind.LEGAL) & ~Q(structure_kind="") & _blank(_NATURAL_ONLY),
                name="members_member_fields_of_its_kind",
                violation_error_message=(
                    "Une personne morale a une nature de structure et aucune profession\u00a0; "
                    "une personne physique, l’inverse."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(last_name=""),
                name="members_member_has_name",
                violation_error_message="Donnez un nom.",
            ),
            models.CheckConstraint(
                condition=Q(rpps="") | Q(rpps__regex=r"^[0-9]{11}$"),
                name="members_member_rpps_format",
                violation_error_message="Un numéro RPPS compte onze chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(siret="") | Q(siret__regex=r"^[0-9]{14}$"),
                name="members_member_siret_format",
                violation_error_message="Un SIRET compte quatorze chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(finess="") | Q(finess__regex=r"^[0-9][0-9AB][0-9]{7}$"),
                name="members_member_finess_format",
                violation_error_message="Un numéro FINESS compte neuf caractères.",
            ),
            models.CheckConstraint(
                condition=Q(profession="") | Q(profession__in=Profession.values),
                name="members_member_profession_known",
                violation_error_message="Cette profession est inconnue.",
            ),
            models.CheckConstraint(
                condition=Q(doctor_kind="") | Q(profession=Profession.DOCTOR),
                name="members_member_medicine_of_a_doctor",
                violation_error_message="Seul un médecin a une médecine, générale ou autre.",
            ),
            models.CheckConstraint(
                condition=Q(participation__in=Participation.values),
                name="members_member_participation_known",
                violation_error_message="Cette participation est inconnue.",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("pk")),
                name="members_member_not_into_itself",
                violation_error_message="Un inscrit ne se fusionne pas avec lui-même.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the sheet."""
        return reverse("members:member", args=[self.cpts.slug, self.pk])

    @property
    def name(self) -> str:
        """The name as people read it: « Camille Essai », or that of the structure."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_person(self) -> bool:
        """Whether this is a natural person."""
        return self.kind == MemberKind.NATURAL
