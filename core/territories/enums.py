"""Codes stored by this app and their French labels."""

from django.db import models


class CommuneKind(models.TextChoices):
    """A commune, or one of the arrondissements municipaux of Paris, Lyon and Marseille."""

    COMMUNE = "commune", "Commune"
    ARRONDISSEMENT = "arrondissement", "Arrondissement municipal"
