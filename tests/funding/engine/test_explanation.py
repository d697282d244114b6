"""Every line says in French how its amount follows from the table of a text."""

from datetime import date
from decimal import Decimal

import pytest

from funding.engine import InstalmentKind, PaymentSchedule, Proration, compute_schedule
from tests.funding.engine.builders import AVENANT_2, contract, schedule, with_rules

PARTIAL = {"size": 2, "missions": {"acces_soins": date(2023, 9, 15)}, "default_attainment": Decimal("0.8")}


def said(computed: PaymentSchedule, mission: str, kind: str, contract_year: int) -> str:
    """The explanation of one line, with ordinary spaces."""
    line = next(
        line
        for line in computed.instalments
        if (line.mission, line.kind, line.contract_year) == (mission, kind, contract_year)
    )
    return line.explanation.text.replace("\u00a0", " ").replace("\u202f", " ")


def test_operating_in_full():
    assert said(schedule(size=2), "fonctionnement", "full", 1) == (
        "Fonctionnement, taille 2, année 1 : 60 000 €. Versé en totalité à la signature. "
        "Avenant 2 à l’ACI des CPTS."
    )


def test_an_advance_at_the_start_of_a_mission_by_days():
    assert said(schedule(**PARTIAL), "acces_soins", "advance", 1) == (
        "Accès aux soins, volet fixe, taille 2, année 1 : 70 000 € × 182/366 jours × 75 % = 26 106,56 € "
        "(arrondi au centime). Avance au démarrage de la mission. Avenant 2 à l’ACI des CPTS."
    )


def test_a_balance_says_what_was_advanced():
    assert said(schedule(**PARTIAL), "acces_soins", "balance", 1) == (
        "Accès aux soins, volet fixe, taille 2, année 1 : 70 000 € × 182/366 jours = 34 808,74 € "
        "(arrondi au centime) − 26 106,56 € déjà avancés = 8 702,18 €. Solde à la date anniversaire. "
        "Avenant 2 à l’ACI des CPTS."
    )


def test_a_variable_share_says_its_attainment():
    assert said(schedule(**PARTIAL), "acces_soins", "variable", 1) == (
        "Accès aux soins, volet variable, taille 2, année 1 : 30 000 € × 182/366 jours × 80 % d’atteinte = "
        "11 934,43 € (arrondi au centime). Versé à la date anniversaire selon l’atteinte des objectifs. "
        "Avenant 2 à l’ACI des CPTS."
    )


def test_months_and_exact_amounts_are_said_as_such():
    text = said(schedule(**PARTIAL, proration=Proration.MONTHS), "acces_soins", "advance", 1)
    assert "70 000 € × 6/12 mois × 75 % = 26 250,00 €. Avance" in text


def test_a_full_year_has_no_ratio():
    computed = schedule(**PARTIAL)
    assert "année 2 : 70 000 € × 75 % = 52 500,00 €. Avance au début de l’année du contrat." in said(
        computed, "acces_soins", "advance", 2
    )
    assert "année 2 : 70 000 € − 52 500,00 € déjà avancés = 17 500,00 €. Solde" in said(
        computed, "acces_soins", "balance", 2
    )


def test_the_first_advance_of_operating_is_not_the_start_of_a_mission():
    text = with_rules(AVENANT_2, first_operating_year_in_full=False)
    computed = compute_schedule(contract(), [text])
    assert "Avance au début de l’année du contrat." in said(computed, "fonctionnement", "advance", 1)


def test_supplements_are_named():
    computed = schedule(
        signed_on=date(2020, 3, 16),
        missions={"acces_soins": date(2020, 3, 16)},
        supplements=frozenset({"snp", "medecin_traitant"}),
    )
    assert said(computed, "acces_soins", "advance", 1) == (
        "Accès aux soins, volet fixe, taille 1, année 1 : "
        "(15 000 € + supplément soins non programmés 35 000 €) × 75 % = 37 500,00 €. "
        "Avance au démarrage de la mission. ACI des CPTS de 2019."
    )
    assert "(15 000 € + supplément médecin traitant 10 000 €) × 100 % d’atteinte" in said(
        computed, "acces_soins", "variable", 1
    )


def test_the_crisis_plan_is_written_then_updated():
    computed = schedule(missions={"crise_sanitaire": date(2023, 3, 15)}, crisis_years=frozenset({1}))
    assert "volet fixe, première rédaction du plan" in said(computed, "crise_sanitaire", "advance", 1)
    assert "volet variable, crise grave survenue" in said(computed, "crise_sanitaire", "variable", 1)
    assert "volet fixe, mise à jour du plan" in said(computed, "crise_sanitaire", "advance", 2)


def test_the_figures_of_the_sentence_are_also_there_one_by_one():
    advance = next(line for line in schedule(**PARTIAL).instalments if line.mission == "acces_soins")
    explanation, entitlement = advance.explanation, advance.explanation.entitlement
    assert advance.kind is InstalmentKind.ADVANCE
    assert [(line.label, line.amount) for line in entitlement.table] == [("volet fixe", 70_000)]
    assert (entitlement.ratio.part, entitlement.ratio.whole) == (182, 366)
    assert entitlement.ratio.basis is Proration.DAYS
    assert entitlement.due == Decimal("34808.74")
    assert (explanation.rate, explanation.amount) == (Decimal("0.75"), Decimal("26106.56"))
    assert explanation.is_rounded
    assert entitlement.year.bareme.reference.publication.startswith("Journal officiel")


@pytest.mark.parametrize("proration", list(Proration))
def test_the_longest_explanation_still_fits_on_a_page_of_sixty(proration):
    missions = {mission.code: date(2023, 9, 16) for mission in AVENANT_2.missions}
    computed = schedule(
        size=3,
        missions=missions,
        proration=proration,
        default_attainment=Decimal("0.8333"),
        crisis_years=frozenset({1, 2, 3, 4, 5}),
    )
    texts = [line.explanation.text for line in computed.instalments]
    assert max(map(len, texts)) < 270
    assert sum(map(len, texts)) / len(texts) < 200
