"""The directory of institutional contacts."""

from typing import ClassVar

from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When
from phonenumber_field.modelfields import PhoneNumberField

from core.organisations.enums import ContactKind
from core.territories.domain.names import words_in


class ContactQuerySet(models.QuerySet["Contact"]):
    """The questions asked of the directory."""

    def open_to(self, cpts_id: int) -> "ContactQuerySet":
        """Contacts that a CPTS may use: those shared by the installation, and its own."""
        return self.filter(Q(cpts=None) | Q(cpts=cpts_id), archived_at=None)

    def shared(self) -> "ContactQuerySet":
        """Contacts that the administrator keeps for every CPTS of the installation."""
        return self.filter(cpts=None, archived_at=None)

    def matching(self, query: str) -> "ContactQuerySet":
        """Contacts with words that begin as those of `query`, accents and hyphens ignored."""
        return self.filter(words_in("search_name", query))

    def in_order(self) -> "ContactQuerySet":
        """By kind as the guide lists them, then by département, institution and person."""
        ranks = [When(kind=kind, then=Value(rank)) for rank, kind in enumerate(ContactKind)]
        rank = Case(*ranks, output_field=IntegerField())
        return self.order_by(rank, "departement_code", "institution", "person", "pk")


class Contact(models.Model):
    """Somebody, or a service, to write to; shared by the whole installation unless `cpts` is given.

    `territory` says in words whom it serves; `departement_code`, when known, lets a CPTS find its own.
    """

    cpts = models.ForeignKey(
        "organisations.Cpts",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="own_contacts",
        verbose_name="CPTS",
    )
    kind = models.CharField("nature", max_length=12, choices=ContactKind)
    institution = models.CharField("institution", max_length=150)
    departement_code = models.CharField("code du département", max_length=3, blank=True)
    territory = models.CharField("territoire", max_length=150, blank=True)
    person = models.CharField("personne", max_length=150, blank=True)
    function = models.CharField("fonction", max_length=150, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    phone = PhoneNumberField("téléphone", blank=True)
    address = models.CharField("adresse postale", max_length=250, blank=True)
    search_name = models.CharField("texte replié pour la recherche", max_length=500, blank=True)
    archived_at = models.DateTimeField("retiré le", null=True, blank=True)
    revision = models.PositiveIntegerField("révision", default=1)

    objects: ClassVar[ContactQuerySet] = ContactQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "contact"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ContactKind.values),
                name="organisations_contact_kind_known",
                violation_error_message="Cette nature de contact est inconnue.",
            ),
            models.CheckConstraint(
                condition=~Q(institution=""),
                name="organisations_contact_has_institution",
                violation_error_message="Un contact appartient à une institution.",
            ),
            models.CheckConstraint(
                condition=~Q(email="", phone="", address=""),
                name="organisations_contact_can_be_reached",
                violation_error_message="Donnez un e-mail, un téléphone ou une adresse postale.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.institution})" if self.person else self.institution
