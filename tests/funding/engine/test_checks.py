"""Terms that cannot be computed are refused with a sentence beside each field."""

from datetime import date
from decimal import Decimal

import pytest

from funding.engine import EngineError
from tests.funding.engine.builders import schedule

REFUSALS = [
    ({"size": 0}, "size", "La taille 0 n’existe pas ; tailles possibles : 1, 2, 3, 4."),
    ({"size": 5}, "size", "La taille 5 n’existe pas"),
    (
        {"missions": {"x": date(2023, 4, 1)}},
        "missions.x",
        "La mission « x » est inconnue ; missions connues : acces",
    ),
    (
        {"missions": {"parcours": date(2023, 3, 14)}},
        "missions.parcours",
        "commence le 14 mars 2023, avant la signature du contrat (15 mars 2023).",
    ),
    (
        {"missions": {"parcours": date(2028, 3, 15)}},
        "missions.parcours",
        "commence le 15 mars 2028, alors que le contrat se termine le 15 mars 2028.",
    ),
    (
        {"missions": {"crise_sanitaire": date(2020, 6, 1)}, "signed_on": date(2020, 1, 1)},
        "missions.crise_sanitaire",
        (
            "Le texte « ACI des CPTS de 2019 », qui régit l’année 1, "
            "ne connaît pas la mission « Crises sanitaires graves »."
        ),
    ),
    (
        {"missions": {"crise_sanitaire": date(2026, 6, 1)}, "bareme": "aci-2019"},
        "missions.crise_sanitaire",
        "Le texte « ACI des CPTS de 2019 », qui régit l’année 4",
    ),
    ({"default_attainment": Decimal("1.01")}, "default_attainment", "compris entre 0 et 1"),
    ({"default_attainment": Decimal("-0.01")}, "default_attainment", "compris entre 0 et 1"),
    ({"default_attainment": Decimal("NaN")}, "default_attainment", "compris entre 0 et 1"),
    ({"default_attainment": Decimal("Infinity")}, "default_attainment", "compris entre 0 et 1"),
    ({"default_attainment": Decimal("1E-999999")}, "default_attainment", "au plus 30 décimales"),
    ({"default_attainment": Decimal("0E+999999")}, "default_attainment", "au plus 30 décimales"),
    ({"attainment": {"x": {1: Decimal(1)}}}, "attainment.x", "La mission « x » est inconnue"),
    ({"attainment": {"parcours": {1: Decimal(2)}}}, "attainment.parcours.1", "compris entre 0 et 1"),
    ({"attainment": {"parcours": {6: Decimal(1)}}}, "attainment.parcours.6", "vont de 1 à 5, pas 6."),
    ({"attainment": {"parcours": {0: Decimal(1)}}}, "attainment.parcours.0", "vont de 1 à 5, pas 0."),
    ({"crisis_plan_year": 0}, "crisis_plan_year", "vont de 1 à 5, pas 0."),
    ({"crisis_plan_year": 6}, "crisis_plan_year", "vont de 1 à 5, pas 6."),
    ({"crisis_years": frozenset({1, 6})}, "crisis_years", "vont de 1 à 5, pas 6."),
    (
        {"supplements": frozenset({"x"})},
        "supplements",
        "« x » est inconnu ; suppléments connus : medecin_traitant, snp.",
    ),
]


@pytest.mark.parametrize(("terms", "field", "sentence"), REFUSALS)
def test_a_fault_is_said_beside_its_field(terms, field, sentence):
    with pytest.raises(EngineError) as refused:
        schedule(**terms)
    assert list(refused.value.errors) == [field]
    assert sentence in refused.value.errors[field].replace("\u00a0", " ")


def test_all_faults_are_said_at_once_on_one_line():
    with pytest.raises(EngineError) as refused:
        schedule(size=7, missions={"parcours": date(2020, 1, 1)}, crisis_plan_year=9)
    assert list(refused.value.errors) == ["size", "missions.parcours", "crisis_plan_year"]
    assert str(refused.value).startswith("size\u00a0: La taille 7")
    assert "\n" not in str(refused.value)


def test_an_early_mission_is_first_of_all_early():
    with pytest.raises(EngineError, match="avant la signature"):
        schedule(signed_on=date(2020, 1, 1), missions={"crise_sanitaire": date(2019, 1, 1)})


@pytest.mark.parametrize("rate", ["0", "1", "0." + "3" * 30])
def test_rates_from_zero_to_one_are_taken(rate):
    schedule(missions={"parcours": date(2023, 3, 15)}, default_attainment=Decimal(rate))


def test_the_attainment_of_a_known_mission_outside_the_contract_is_of_no_consequence():
    assert schedule(attainment={"parcours": {1: Decimal(0)}}).total == schedule().total


def test_a_crisis_mission_may_start_in_the_first_year_of_its_text():
    computed = schedule(signed_on=date(2021, 4, 1), missions={"crise_sanitaire": date(2022, 4, 1)})
    assert computed.by_contract_year()[1].fixed == 0
    assert computed.by_contract_year()[2].fixed == 25_000
