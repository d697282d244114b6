"""Closed lists of this app."""

from django.db.models import TextChoices


class ProrationBasis(TextChoices):
    """How the first year of a mission is prorated (domain reference, section 5, settings)."""

    DAYS = "days", "Au jour près"
    MONTHS = "months", "En mois entiers"
