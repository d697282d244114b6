"""Official numbers and telephone numbers, as people type them."""

import pytest
from django.core.exceptions import ValidationError

from core.organisations.domain.identifiers import clean_finess, clean_rna, clean_siret, spaced_siret
from core.organisations.domain.phones import parse_phone, phone_text


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("73282932000074", "73282932000074"),
        (" 732 829 320 00074 ", "73282932000074"),
        ("732\u00a0829\u202f320.00074", "73282932000074"),
        # La Poste's establishments keep a rule of their own.
        ("356 000 000 49837", "35600000049837"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_a_siret_is_kept_without_what_pads_it(typed, number):
    assert clean_siret(typed) == number


@pytest.mark.parametrize("typed", ["12345678912345", "73282932000075", "35600000049838"])
def test_a_siret_with_a_wrong_key_is_refused(typed):
    with pytest.raises(ValidationError, match="clé fausse"):
        clean_siret(typed)


@pytest.mark.parametrize("typed", ["7328293200007", "732829320000745", "7328293200007A", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"])
def test_a_siret_of_another_form_is_refused(typed):
    with pytest.raises(ValidationError, match="quatorze chiffres"):
        clean_siret(typed)


def test_an_rna_is_a_w_and_nine_digits():
    assert clean_rna(" w 502 001 234 ") == "W502001234"
    assert clean_rna("") == ""
    for typed in ("502001234", "W50200123", "W5020012345", "X502001234", "W50200123A"):
        with pytest.raises(ValidationError, match="W suivi de neuf chiffres"):
            clean_rna(typed)


def test_a_finess_has_nine_characters_letters_in_corsica_only():
    assert clean_finess("50 001 2345") == "500012345"
    assert clean_finess("2a0012345") == "2A0012345"
    assert clean_finess("") == ""
    for typed in ("50001234", "5000123456", "5C0012345", "A50012345", "50001234B"):
        with pytest.raises(ValidationError, match="neuf chiffres"):
            clean_finess(typed)


def test_a_siret_is_shown_in_groups():
    assert spaced_siret("73282932000074") == "732\u00a0829\u00a0320\u00a000074"
    assert spaced_siret("") == ""


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("02 33 50 00 00", "+33233500000", "02 33 50 00 00"),
        ("+33 2.33.50.00.00", "+33233500000", "02 33 50 00 00"),
        ("0262 90 12 34", "+262262901234", "0262 90 12 34"),
        ("+44 20 7946 0000", "+442079460000", "+44 20 7946 0000"),
    ],
)
def test_a_telephone_is_read_the_french_way(typed, stored, shown):
    number = parse_phone(typed)

    assert str(number) == stored
    assert phone_text(number) == shown
    assert parse_phone(phone_text(number)) == number


@pytest.mark.parametrize("typed", ["12", "abc", "0000000000", "02 33 50 00 00 12 34", "é" * 40, "+"])
def test_what_cannot_be_dialled_is_no_telephone(typed):
    assert parse_phone(typed) is None


def test_no_telephone_is_an_empty_text():
    assert phone_text("") == ""
