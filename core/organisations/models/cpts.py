"""A CPTS: the association, and where it stands."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from core.access.actors import Actor
from core.access.enums import CPTS_ROLES, Role
from core.organisations.enums import Stage, StageSource
from core.organisations.models.territory import TerritoryCommune, TerritoryVersion


class CptsQuerySet(models.QuerySet["Cpts"]):
    """The questions asked about CPTS."""

    def visible_to(self, actor: Actor | None) -> "CptsQuerySet":
        """CPTS that somebody may know about, as what they act: theirs, those of their scope, or all.

        A CPTS is in the scope of an institution by its seat, or by a commune it holds today or will hold.
        """
        if actor is None:
            return self.none()
        if actor.role in CPTS_ROLES:
            return self.filter(pk=actor.cpts_id)
        if actor.role == Role.REVIEWER:
            return self.filter(_in_scope(actor))
        return self.all() if actor.role in {Role.ADMINISTRATOR, Role.PLATFORM} else self.none()


def _in_scope(actor: Actor) -> Q:
    place = Q(departement_code__in=sorted(actor.departements)) | Q(region_code__in=sorted(actor.regions))
    holding = TerritoryVersion.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=timezone.localdate()),
        pk__in=TerritoryCommune.objects.filter(place).values("territory"),
    )
    return place | Q(pk__in=holding.values("cpts"))


def logo_path(cpts: "Cpts", filename: str) -> str:
    """Return where a logo is kept under MEDIA_ROOT, which no address serves; `filename` is ours."""
    return f"logos/{cpts.pk}/{filename}"


class Cpts(models.Model):
    """The association and its stage.

    `stage` is declared by people as long as nothing on the platform proves it, then follows the facts that
    higher apps push down (`core.organisations.domain.lifecycle`). `revision` counts the writes of the sheet:
    what was written since a form was shown is not written over.
    """

    name = models.CharField("nom", max_length=150, unique=True)
    search_name = models.CharField(
        "nom replié pour la recherche", max_length=200, blank=True, default="", db_default=""
    )
    slug = models.SlugField("nom dans les adresses", max_length=60, unique=True)
    rna = models.CharField("numéro RNA", max_length=10, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    finess = models.CharField("FINESS", max_length=9, blank=True)
    address = models.CharField("adresse du siège", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    departement_code = models.CharField("département du siège", max_length=3)
    departement_name = models.CharField("nom du département", max_length=100)
    region_code = models.CharField("région du siège", max_length=3)
    representative_name = models.CharField("représentant légal", max_length=150, blank=True)
    representative_capacity = models.CharField("qualité du représentant", max_length=100, blank=True)
    contact_email = models.EmailField("adresse électronique de contact", blank=True)
    contact_phone = PhoneNumberField("téléphone de contact", blank=True)
    logo = models.ImageField("logo", upload_to=logo_path, blank=True)
    ars_referent = models.ForeignKey(
        "organisations.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="référent à l’ARS",
    )
    cpam_referent = models.ForeignKey(
        "organisations.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="référent à la CPAM",
    )
    msa_referent = models.ForeignKey(
        "organisations.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="référent à la MSA",
    )
    stage = models.CharField("étape", max_length=24, choices=Stage, default=Stage.INTEREST)
    stage_since = models.DateField("étape depuis le")
    stage_source = models.CharField(
        "origine de l’étape", max_length=10, choices=StageSource, default=StageSource.DECLARED
    )
    created_at = models.DateTimeField("créée le")
    revision = models.PositiveIntegerField("révision", default=1)

    objects: ClassVar[CptsQuerySet] = CptsQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "CPTS"
        verbose_name_plural = "CPTS"
        indexes = [
            models.Index(fields=["stage"], name="organisations_cpts_stage"),
            models.Index(fields=["departement_code"], name="organisations_cpts_departement"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values),
                name="organisations_cpts_stage_known",
                violation_error_message="Cette étape est inconnue.",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.UNDER_ACI) | Q(stage_source=StageSource.FACT),
                name="organisations_cpts_contract_is_a_fact",
                violation_error_message="Une CPTS est adhérente à l’ACI par un contrat enregistré ici.",
            ),
            models.CheckConstraint(
                condition=Q(rna="") | Q(rna__regex=r"^W[0-9]{9}$"),
                name="organisations_cpts_rna_format",
                violation_error_message="Un numéro RNA est un W suivi de neuf chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(siret="") | Q(siret__regex=r"^[0-9]{14}$"),
                name="organisations_cpts_siret_format",
                violation_error_message="Un SIRET compte quatorze chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(finess="") | Q(finess__regex=r"^[0-9][0-9AB][0-9]{7}$"),
                name="organisations_cpts_finess_format",
                violation_error_message="Un numéro FINESS compte neuf caractères.",
            ),
            *(
                models.UniqueConstraint(
                    fields=[field],
                    condition=~Q(**{field: ""}),
                    name=f"organisations_cpts_{field}_once",
                    violation_error_message=f"Ce numéro {label} est déjà celui d’une autre CPTS.",
                )
                for field, label in (("rna", "RNA"), ("siret", "SIRET"), ("finess", "FINESS"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the association's sheet."""
        return reverse("organisations:association", args=[self.slug])
