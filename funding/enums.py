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
}
