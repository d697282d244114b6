"""French words of the engine's codes, wherever a user reads them."""

from django.db.models import TextChoices

from funding.engine import InstalmentKind, Share


class Occasion(TextChoices):
    """Why a statement was established."""

    SIGNATURE = "signature", "Signature"
    ANNIVERSARY = "anniversary", "Anniversaire"
    CHANGE = "change", "Changement"


class LineState(TextChoices):
    """What became of a line of the schedule, on a day. The codes are those of addresses, hence in French."""

    RECEIVED = "recu", "Reçu"
    LATE = "en-retard", "En retard"
    EXPECTED = "attendu", "Attendu"
    COMING = "a-venir", "À venir"


SHARE_LABELS = {
    Share.OPERATING: "Fonctionnement",
    Share.FIXED: "Volet fixe",
    Share.VARIABLE: "Volet variable",
}

KIND_LABELS = {
    InstalmentKind.FULL: "Versement intégral",
    InstalmentKind.ADVANCE: "Avance",
    InstalmentKind.BALANCE: "Solde",
    InstalmentKind.VARIABLE: "Variable",
    InstalmentKind.ADJUSTMENT: "Régularisation",
}


def payment_words(share: Share, kind: InstalmentKind) -> str:
    """Return a payment in words: « Volet fixe, solde », « Volet variable »."""
    if kind is InstalmentKind.VARIABLE:
        return SHARE_LABELS[share]
    return f"{SHARE_LABELS[share]}, {KIND_LABELS[kind].lower()}"
