"""The five-year contract between a CPTS, its CPAM and the ARS, as far as its payments need it."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from aci.enums import ProrationBasis
from core.access.actors import Actor
from core.organisations.models import Cpts, TerritoryVersion
from core.ui.formatting import long_date

CONTRACT_YEARS = 5


class ContractQuerySet(models.QuerySet["Contract"]):
    """The questions asked about contracts."""

    def visible_to(self, actor: Actor | None) -> "ContractQuerySet":
        """Contracts of the CPTS that somebody may know about."""
        return self.filter(cpts__in=Cpts.objects.visible_to(actor))

    def running(self, day: date) -> "ContractQuerySet":
        """Contracts signed on `day` or before, and not at their end yet."""
        return self.filter(signed_on__lte=day, ends_on__gt=day)

    def with_terms(self) -> "ContractQuerySet":
        """With all that a schedule and a page read of them: two more queries, whatever the number."""
        return self.select_related("cpts", "territory").prefetch_related("missions", "attainments")


class Contract(models.Model):
    """What was signed. Amounts are not here: they follow from it (`funding`).

    `size` is the one that the contract states; `computed_size` the one that follows from `population`, frozen
    with its source: a difference has its written reason. `bareme` is the code of the text the contract fixes,
    "" letting each contract year follow the text in force on its first day. `expected_attainment` (0 to 1)
    stands for the variable share of the years whose attainment is not recorded yet.
    """

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="contracts", verbose_name="CPTS")
    reference = models.CharField("référence du contrat", max_length=60, blank=True)
    signed_on = models.DateField("date de signature")
    ends_on = models.DateField("terme")
    ars_party = models.CharField("agence régionale de santé signataire", max_length=150)
    cpam_party = models.CharField("caisse primaire signataire", max_length=150)
    msa_party = models.CharField("MSA associée", max_length=150, blank=True)
    representative_name = models.CharField("représentant de la CPTS à la signature", max_length=150)
    representative_capacity = models.CharField("qualité du représentant", max_length=100)
    territory = models.ForeignKey(
        TerritoryVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name="territoire",
    )
    population = models.PositiveIntegerField("population retenue")
    population_source = models.CharField("source de la population", max_length=300)
    computed_size = models.PositiveSmallIntegerField("taille calculée")
    size = models.PositiveSmallIntegerField("taille du contrat")
    size_reason = models.CharField("raison de la taille", max_length=500, blank=True)
    bareme = models.CharField("texte fixé par le contrat", max_length=30, blank=True)
    proration = models.CharField(
        "prorata de la première année", max_length=10, choices=ProrationBasis, default=ProrationBasis.DAYS
    )
    prorate_first_variable = models.BooleanField(
        "volet variable de la première année au prorata", default=True
    )
    supplements = models.JSONField("suppléments", default=list, blank=True)
    expected_attainment = models.DecimalField(
        "taux d’atteinte prévu",
        max_digits=5,
        decimal_places=4,
        default=Decimal(1),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    crisis_plan_year = models.PositiveSmallIntegerField(
        "année de première rédaction du plan de crise", null=True, blank=True
    )
    crisis_years = models.JSONField("années de crise sanitaire grave", default=list, blank=True)
    recorded_at = models.DateTimeField("enregistré le")
    revision = models.PositiveIntegerField("révision", default=1)

    objects: ClassVar[ContractQuerySet] = ContractQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "contrat"
        indexes = [models.Index(fields=["signed_on"], name="aci_contract_signed_on")]
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "signed_on"],
                name="aci_contract_one_per_signature",
                violation_error_message="Cette CPTS a déjà un contrat signé ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("signed_on")),
                name="aci_contract_ends_after_signature",
                violation_error_message="Le terme du contrat suit sa signature.",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1, computed_size__gte=1),
                name="aci_contract_size_from_one",
                violation_error_message="Les tailles commencent à 1.",
            ),
            models.CheckConstraint(
                condition=Q(size=F("computed_size")) | ~Q(size_reason=""),
                name="aci_contract_other_size_has_reason",
                violation_error_message="Une taille autre que celle de la population a une raison écrite.",
            ),
            models.CheckConstraint(
                condition=Q(population__gte=1),
                name="aci_contract_has_population",
                violation_error_message="La population compte au moins un habitant.",
            ),
            models.CheckConstraint(
                condition=Q(expected_attainment__gte=0, expected_attainment__lte=1),
                name="aci_contract_expected_attainment_range",
                violation_error_message="Un taux d’atteinte est compris entre 0 et 1.",
            ),
            models.CheckConstraint(
                condition=Q(crisis_plan_year=None) | Q(crisis_plan_year__gte=1, crisis_plan_year__lte=5),
                name="aci_contract_crisis_plan_year_range",
                violation_error_message="Les années du contrat vont de 1 à 5.",
            ),
            models.CheckConstraint(
                condition=Q(proration__in=ProrationBasis.values),
                name="aci_contract_proration_known",
                violation_error_message="Ce prorata est inconnu.",
            ),
        ]

    def __str__(self) -> str:
        return f"Contrat du {long_date(self.signed_on)}"


class ContractMission(models.Model):
    """A mission of the contract and the day it starts; withdrawn, its row stays."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="missions", verbose_name="contrat")
    code = models.CharField("mission", max_length=40)
    starts_on = models.DateField("démarre le")
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "mission du contrat"
        verbose_name_plural = "missions du contrat"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "code"],
                name="aci_contractmission_once",
                violation_error_message="Cette mission est déjà dans le contrat.",
            )
        ]

    def __str__(self) -> str:
        return self.code


class Attainment(models.Model):
    """The part of its objectives that a mission reached in a contract year, from 0 to 1."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="attainments", verbose_name="contrat")
    mission = models.CharField("mission", max_length=40)
    contract_year = models.PositiveSmallIntegerField("année de contrat")
    rate = models.DecimalField("taux d’atteinte", max_digits=5, decimal_places=4)
    reason = models.CharField("d’où vient ce taux", max_length=500)
    recorded_at = models.DateTimeField("enregistré le")

    class Meta:
        verbose_name = "taux d’atteinte"
        verbose_name_plural = "taux d’atteinte"
        ordering = ["contract_year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "mission", "contract_year"],
                name="aci_attainment_once_per_year",
                violation_error_message="Le taux de cette mission est déjà enregistré pour cette année.",
            ),
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=1),
                name="aci_attainment_rate_range",
                violation_error_message="Un taux d’atteinte est compris entre 0 et 1.",
            ),
            models.CheckConstraint(
                condition=Q(contract_year__gte=1, contract_year__lte=CONTRACT_YEARS),
                name="aci_attainment_year_range",
                violation_error_message="Les années du contrat vont de 1 à 5.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="aci_attainment_says_why",
                violation_error_message="Un taux d’atteinte dit d’où il vient.",
            ),
        ]

    def __str__(self) -> str:
        # Labels of missions are those of the conventional texts, which this app does not know.
        return f"Année {self.contract_year}"
