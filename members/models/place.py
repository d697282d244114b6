"""Where people practise, and who speaks for a structure."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from members.models.member import Member


class PracticePlace(models.Model):
    """A place where a person practises: in a structure of the registry, or at an address, or both.

    One is the main one (`is_main`); its commune is copied into the member's row.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="places", verbose_name="inscrit")
    structure = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="people", verbose_name="structure"
    )
    label = models.CharField("nom du lieu", max_length=150, blank=True)
    address = models.CharField("adresse", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    commune_code = models.CharField("code INSEE de la commune", max_length=5, blank=True)
    commune_name = models.CharField("commune", max_length=100, blank=True)
    is_main = models.BooleanField("lieu principal", default=False)
    archived_at = models.DateTimeField("quitté le", null=True, blank=True)

    class Meta:
        verbose_name = "lieu d’exercice"
        verbose_name_plural = "lieux d’exercice"
        indexes = [models.Index(fields=["commune_code", "member"], name="members_place_commune")]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(is_main=True, archived_at=None),
                name="members_practiceplace_one_main",
                violation_error_message="Un seul lieu d’exercice est le principal.",
            ),
            models.CheckConstraint(
                condition=Q(structure__isnull=False) | ~Q(label="", address="", commune_code=""),
                name="members_practiceplace_says_where",
                violation_error_message="Donnez une structure, une adresse ou une commune.",
            ),
            models.CheckConstraint(
                condition=~Q(structure=F("member")),
                name="members_practiceplace_not_in_itself",
                violation_error_message="Une structure n’exerce pas en elle-même.",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.address or self.commune_name or str(self.structure or "")


class RepresentativeQuerySet(models.QuerySet["Representative"]):
    """The questions asked about representatives."""

    def in_force(self, day: date) -> "RepresentativeQuerySet":
        """Those who speak for their structure on `day`: one each at most."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


class Representative(models.Model):
    """Who represents a legal person from `starts_on` to the eve of `ends_on`.

    `person` is given when they are in the registry themselves.
    """

    structure = models.ForeignKey(
        Member, models.PROTECT, related_name="representatives", verbose_name="structure"
    )
    person = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="represented", verbose_name="inscrit"
    )
    name = models.CharField("nom", max_length=150)
    capacity = models.CharField("qualité", max_length=100, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au (exclu)", null=True, blank=True)

    objects: ClassVar[RepresentativeQuerySet] = RepresentativeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "représentant"
        constraints = [
            models.UniqueConstraint(
                fields=["structure"],
                condition=Q(ends_on=None),
                name="members_representative_one_open",
                violation_error_message="Une structure a un seul représentant à la fois.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="members_representative_dates_in_order",
                violation_error_message="Une représentation finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="members_representative_has_name",
                violation_error_message="Nommez le représentant.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.capacity}" if self.capacity else self.name

    @property
    def is_empty(self) -> bool:
        """Whether another was named for the very day: they never spoke."""
        return self.ends_on == self.starts_on

    @property
    def last_day(self) -> date | None:
        """The last day of a period that ends, None of one that does not."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None
