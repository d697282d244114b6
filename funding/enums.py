"""French words of the engine's codes, wherever a user reads them."""

from funding.engine import InstalmentKind, Share

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
