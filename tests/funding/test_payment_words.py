"""The French words of a payment."""

import pytest

from funding.engine import InstalmentKind, Share
from funding.enums import KIND_LABELS, SHARE_LABELS, payment_words


def test_every_code_has_its_words() -> None:
    assert set(SHARE_LABELS) == set(Share)
    assert set(KIND_LABELS) == set(InstalmentKind)


@pytest.mark.parametrize(
    ("share", "kind", "words"),
    [
        (Share.OPERATING, InstalmentKind.FULL, "Fonctionnement, versement intégral"),
        (Share.FIXED, InstalmentKind.BALANCE, "Volet fixe, solde"),
        (Share.VARIABLE, InstalmentKind.VARIABLE, "Volet variable"),
        (Share.VARIABLE, InstalmentKind.ADJUSTMENT, "Volet variable, régularisation"),
    ],
)
def test_a_payment_in_words(share: Share, kind: InstalmentKind, words: str) -> None:
    assert payment_words(share, kind) == words
