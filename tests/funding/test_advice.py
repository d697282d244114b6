"""What a person is told beside the figures."""

from datetime import date

import pytest

from funding.domain.advice import occasion, thresholds, warnings
from funding.domain.assumptions import assumptions
from tests.factories.territories import VILLEDIEU
from tests.funding.simulations import EXAMPLE_A, simulated


@pytest.mark.parametrize(
    ("population", "reached", "gaps"),
    [
        (14_999, [False] * 4, [1, 25_001, 65_001, 160_002]),
        (15_000, [True, False, False, False], [0, 25_000, 65_000, 160_001]),
        (39_999, [True, False, False, False], [24_999, 1, 40_001, 135_002]),
        (40_000, [True, True, False, False], [25_000, 0, 40_000, 135_001]),
        (80_000, [True, True, True, False], [65_000, 40_000, 0, 95_001]),
        (175_000, [True, True, True, False], [160_000, 135_000, 95_000, 1]),
        (175_001, [True] * 4, [160_001, 135_001, 95_001, 0]),
    ],
)
def test_distance_to_the_thresholds(population, reached, gaps):
    told = thresholds(simulated(population=population))
    assert [threshold.label for threshold in told] == [
        "Cohérence du territoire (15\u202f000)",
        "Taille 2 (40\u202f000)",
        "Taille 3 (80\u202f000)",
        "Taille 4 (plus de 175\u202f000)",
    ]
    assert [threshold.reached for threshold in told] == reached
    assert [threshold.distance.missing or threshold.distance.above for threshold in told] == gaps


def test_no_distance_without_a_population():
    assert thresholds(simulated(population=None, size=2)) == []


def test_nothing_to_say_of_a_sound_contract():
    assert warnings(simulated()) == []


def test_missing_core_missions_are_named():
    (sentence,) = warnings(
        simulated(missions={k: v for k, v in EXAMPLE_A["missions"].items() if k != "prevention"})
    )
    assert "Prévention" in sentence


def test_late_mission_and_small_population_are_told():
    late = {**EXAMPLE_A["missions"], "acces_soins": "2023-09-16"}
    sentences = warnings(simulated(missions=late, population=14_999))
    assert len(sentences) == 2
    assert "16 septembre 2023" in sentences[0]
    assert sentences[1].startswith("Moins de 15\u202f000 habitants")
    assert warnings(simulated(population=15_000)) == []


def test_why_something_is_due_that_day():
    schedule = simulated().schedule
    assert occasion(date(2023, 3, 15), schedule.terms.signed_on) == "Signature"
    assert occasion(date(2023, 9, 15), schedule.terms.signed_on) == "Démarrage de mission"
    assert occasion(date(2024, 3, 15), schedule.terms.signed_on) == "1er\u00a0anniversaire"
    assert occasion(date(2028, 3, 15), schedule.terms.signed_on) == "5e\u00a0anniversaire"


def test_assumptions_group_the_years_of_each_text():
    told = dict(assumptions(simulated(signed_on="2021-05-01", missions={})))
    assert (
        told["Texte appliqué, année 1"]
        == simulated(bareme="aci-2019", missions={}).schedule.years[0].bareme.title
    )
    assert "Texte appliqué, années 2 à 5" in told


def test_assumptions_tell_every_setting_of_the_crisis_mission():
    told = dict(assumptions(simulated(crisis_plan_year=3, crisis_years=[5, 2])))
    assert told["Année de première rédaction du plan de crise"] == "3"
    assert told["Années de crise sanitaire grave"] == "2, 5"
    untold = dict(assumptions(simulated()))
    assert not {"Année de première rédaction du plan de crise", "Années de crise sanitaire grave"} & set(
        untold
    )


def test_assumptions_tell_how_the_first_year_is_counted():
    told = dict(assumptions(simulated()))
    assert told["Prorata de la première année d’une mission"] == "au jour près"
    assert told["Volet variable de la première année"] == "au prorata"
    told = dict(assumptions(simulated(proration="months", prorate_first_variable=False)))
    assert told["Prorata de la première année d’une mission"] == "en mois entiers"
    assert told["Volet variable de la première année"] == "en totalité"


@pytest.mark.django_db
@pytest.mark.usefixtures("granville")
def test_a_territory_is_told_with_its_source_and_its_uncounted_communes():
    result = simulated(population=None, territory={"epci": [VILLEDIEU], "communes": ["98412"]})
    told = dict(assumptions(result))
    assert told["Population"] == "15\u202f779 habitants"
    assert "code officiel géographique 2026" in told["Source de la population"]
    (sentence,) = warnings(result)
    assert sentence.startswith("Sans chiffre de population, donc non comptés\u00a0: ")
