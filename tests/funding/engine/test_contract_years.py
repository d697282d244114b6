"""Anniversaries, and the text each contract year follows."""

from datetime import date

import pytest

from funding.domain.baremes import published_baremes
from funding.engine import EngineError, applicable_bareme
from tests.funding.engine.builders import schedule


def test_a_year_runs_from_an_anniversary_to_the_eve_of_the_next():
    years = schedule(signed_on=date(2023, 3, 15)).years
    assert [year.number for year in years] == [1, 2, 3, 4, 5]
    assert [year.days for year in years] == [366, 365, 365, 365, 366]
    assert years[4].next_anniversary == date(2028, 3, 15)
    assert years[0].holds(date(2023, 3, 15))
    assert years[0].holds(date(2024, 3, 14))
    assert not years[0].holds(date(2024, 3, 15))


def test_a_29_february_signature_has_its_anniversaries_on_the_28th_of_common_years():
    years = schedule(signed_on=date(2024, 2, 29)).years
    assert [year.starts_on for year in years] == [
        date(2024, 2, 29),
        date(2025, 2, 28),
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]
    assert years[4].next_anniversary == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("signed_on", "texts"),
    [
        (date(2019, 8, 25), ["aci-2019"] * 3 + ["avenant-2"] * 2),
        (date(2020, 4, 1), ["aci-2019"] * 2 + ["avenant-2"] * 3),
        (date(2021, 3, 31), ["aci-2019"] * 2 + ["avenant-2"] * 3),
        (date(2021, 4, 1), ["aci-2019"] + ["avenant-2"] * 4),
        (date(2022, 3, 31), ["aci-2019"] + ["avenant-2"] * 4),
        (date(2022, 4, 1), ["avenant-2"] * 5),
    ],
)
def test_each_year_follows_the_text_in_force_on_its_first_day(signed_on, texts):
    assert [year.bareme.code for year in schedule(signed_on=signed_on).years] == texts


def test_the_order_in_which_texts_are_given_does_not_matter():
    texts = published_baremes()
    assert applicable_bareme(date(2023, 1, 1), texts[::-1]).code == "avenant-2"


@pytest.mark.parametrize("fixed", ["aci-2019", "avenant-2"])
def test_a_contract_may_fix_its_text(fixed):
    years = schedule(signed_on=date(2021, 4, 1), bareme=fixed).years
    assert {year.bareme.code for year in years} == {fixed}


@pytest.mark.parametrize(
    ("terms", "field", "sentence"),
    [
        (
            {"signed_on": date(2019, 8, 24)},
            "signed_on",
            "Aucun texte conventionnel n’est en vigueur le 24 août",
        ),
        ({"signed_on": date(9990, 1, 1)}, "signed_on", "trop lointaine"),
        (
            {"bareme": "avenant-3"},
            "bareme",
            "« avenant-3 » est inconnu ; textes connus : aci-2019, avenant-2.",
        ),
    ],
)
def test_refusals_name_the_field(terms, field, sentence):
    with pytest.raises(EngineError) as refused:
        schedule(**terms)
    assert sentence in refused.value.errors[field].replace("\u00a0", " ")


def test_the_last_signature_date_still_computes():
    assert schedule(signed_on=date(9989, 12, 31)).years[4].next_anniversary == date(9994, 12, 31)
