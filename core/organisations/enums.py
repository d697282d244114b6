"""Closed lists of this app."""

from django.db.models import TextChoices


class Stage(TextChoices):
    """Stages of a CPTS's life, in order (domain reference, section 2; the seed of Paris, section 3)."""

    INTEREST = "interest", "Manifestation d’intérêt"
    PRE_PROJECT_DRAFTING = "pre_project_drafting", "Pré-projet en formalisation"
    PRE_PROJECT_REVIEW = "pre_project_review", "Pré-projet en instruction"
    PHASE_1 = "phase_1", "Phase 1"
    HEALTH_PROJECT_REVIEW = "health_project_review", "Projet de santé en instruction"
    JOINING_ACI = "joining_aci", "En cours d’adhésion à l’ACI"
    UNDER_ACI = "under_aci", "Adhérente à l’ACI"


class StageSource(TextChoices):
    """How a stage is known: somebody said so, or something recorded on the platform proves it."""

    DECLARED = "declared", "Déclarée"
    FACT = "fact", "Constatée"


class TerritoryState(TextChoices):
    """Where a version of a territory stands on the day it is looked at."""

    CURRENT = "current", "En vigueur"
    COMING = "coming", "À venir"
    PAST = "past", "Passé"
    # Another one took its place on its very first day.
    REPLACED = "replaced", "Remplacé avant d’avoir servi"


class InstitutionKind(TextChoices):
    """Institutions whose agents review."""

    ARS = "ars", "ARS"
    CPAM = "cpam", "CPAM"
    MSA = "msa", "MSA"


class ContactKind(TextChoices):
    """Who a CPTS writes to (the guide of Auvergne-Rhône-Alpes, annexe 1)."""

    ARS = "ars", "Délégation départementale de l’ARS"
    CPAM = "cpam", "CPAM"
    ELSM = "elsm", "Échelon local du service médical"
    MSA = "msa", "MSA"
    URPS = "urps", "URPS"
    FEDERATION = "federation", "Fédération ou groupement"
    COMMUNE = "commune", "Commune"
    EPCI = "epci", "Intercommunalité"
    OTHER = "other", "Autre"


class ImportVerdict(TextChoices):
    """What an import of contacts would do with a row of the file."""

    NEW = "new", "Nouveau"
    CHANGED = "changed", "Modifié"
    UNCHANGED = "unchanged", "Inchangé"
    REFUSED = "refused", "À corriger"
