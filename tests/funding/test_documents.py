"""What a printed schedule is given: the engine's figures, none of its own."""

from datetime import date

from funding.documents import schedule_context
from funding.domain.simulation import SimulationResult
from tests.funding.simulations import simulated


def context_of(result: SimulationResult) -> dict:
    return schedule_context(result.schedule, assumptions=[], warnings=[], territory=None, address="")


def test_the_sums_are_those_of_the_engine():
    result = simulated()
    context = context_of(result)
    assert context["contract_years"] == result.schedule.by_contract_year()
    assert context["calendar_years"] == result.schedule.by_calendar_year()
    assert {due["due_on"]: due["total"] for due in context["due_dates"]} == result.schedule.by_date()
    assert context["ends_on"] == date(2028, 3, 15)


def test_a_line_is_said_in_words():
    second = context_of(simulated())["due_dates"][1]
    assert (second["due_on"], second["payable_by"]) == (date(2023, 9, 15), date(2023, 11, 15))
    line = second["lines"][0]
    assert (line["mission"], line["payment"], line["contract_year"]) == (
        "Accès aux soins",
        "Volet fixe, avance",
        1,
    )
    assert line["explanation"].startswith("Accès aux soins, volet fixe, taille 2, année 1")


def test_each_text_is_cited_once():
    codes = [bareme.code for bareme in context_of(simulated(signed_on="2021-05-01", missions={}))["baremes"]]
    assert codes == ["aci-2019", "avenant-2"]
