"""What a reader takes for the same name folds to the same string."""

import pytest

from core.ui.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Étienne", "etienne"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("L’Haÿ les Roses", "l hay les roses"),
        ("SŒUR", "soeur"),
        ("Ægidius", "aegidius"),
        ("  Saint--Lô ", "saint lo"),
        ("St-Lô", "st lo"),
        ("50410", "50410"),
        ("e\u0301te\u0301", "ete"),
        ("N°\u00a01", "n 1"),
        ("…", ""),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


def test_folding_twice_changes_nothing():
    assert fold(fold("Saint-Hilaire-du-Harcouët")) == fold("Saint-Hilaire-du-Harcouët")
