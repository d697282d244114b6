"""The address bar in, the payload of the simulation out."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from funding.forms.simulation import SimulationForm
from tests.funding.simulations import EXAMPLE_A

TODAY = date(2026, 11, 22)
EXTENT = {"population": 60_200}


def form_of(query: QueryDict | str) -> SimulationForm:
    return SimulationForm(QueryDict(query) if isinstance(query, str) else query, today=TODAY)


def test_a_blank_page_proposes_the_core_missions_from_today():
    form = form_of("")
    assert not form.is_bound
    assert form["signature"].value() == TODAY
    assert [(row.mission.code, row.chosen) for row in form.mission_rows] == [
        ("acces_soins", True),
        ("parcours", True),
        ("prevention", True),
        ("crise_sanitaire", True),
        ("qualite_pertinence", False),
        ("accompagnement_ps", False),
    ]
    assert [(row.kind, row.delay) for row in form.mission_rows[:1]] == [("socle", "dans les 6\u00a0mois")]
    assert form.mission_rows[-1].delay == ""
    assert form.canonical_items() == []
    assert not form.has_changed_settings


def test_a_territory_alone_is_not_yet_a_simulation():
    assert not form_of("epci=200042604").is_bound


def test_the_example_gives_its_payload(example_query):
    form = form_of(example_query)
    assert form.is_valid()
    settings = {"proration": "days", "prorate_first_variable": True, "crisis_years": [], "supplements": []}
    assert form.payload(EXTENT) == EXAMPLE_A | settings


@pytest.mark.parametrize("day", ["0001-01-01", "0202-03-15", "2016-01-25", "2100-01-01", "9999-12-31"])
def test_an_unlikely_year_of_signature_is_asked_again(example_query, day):
    example_query["signature"] = day
    example_query["bareme"] = "aci-2019"
    assert form_of(example_query).errors == {
        "signature": ["Vérifiez l’année\u00a0: un contrat se signe entre 2016 et 2099."]
    }


@pytest.mark.parametrize("day", ["2016-01-26", "2020-02-29", "2099-12-31"])
def test_any_likely_year_of_signature_is_taken(example_query, day):
    example_query["signature"] = day
    assert "signature" not in form_of(example_query).errors


def test_every_setting_reaches_the_payload(example_query):
    example_query.update(
        {
            "bareme": "aci-2019",
            "proration": "months",
            "prorata_variable": "non",
            "plan_crise": "2",
            "supplements": "snp",
        }
    )
    example_query.setlist("crises", ["1", "3"])
    form = form_of(example_query)
    assert form.is_valid()
    assert form.has_changed_settings
    payload = form.payload(EXTENT)
    assert payload["bareme"] == "aci-2019"
    assert payload["proration"] == "months"
    assert payload["prorate_first_variable"] is False
    assert payload["crisis_plan_year"] == 2
    assert payload["crisis_years"] == [1, 3]
    assert payload["supplements"] == ["snp"]


def test_a_blank_start_means_from_the_signature_and_an_unticked_mission_is_left_out():
    form = form_of("signature=2024-02-29&missions=parcours&debut_parcours=&debut_prevention=2024-05-01")
    assert form.is_valid()
    assert form.payload(EXTENT)["missions"] == {"parcours": "2024-02-29"}


def test_the_population_is_the_typed_one_only_when_it_is_the_chosen_source(example_query):
    form = form_of(example_query)
    assert form.is_valid()
    assert form.typed_population == 60_200
    example_query["source"] = "territoire"
    form = form_of(example_query)
    assert form.is_valid()
    assert form.typed_population is None


def test_dates_may_be_typed_the_french_way():
    form = form_of("signature=15/03/2023&missions=parcours&debut_parcours=01/04/2023")
    assert form.is_valid()
    assert form.payload(EXTENT)["signed_on"] == "2023-03-15"
    assert form.payload(EXTENT)["missions"] == {"parcours": "2023-04-01"}


def test_the_canonical_address_leaves_out_initial_values_and_gives_the_same_payload(example_query):
    example_query["proration"] = "days"
    example_query["prorata_variable"] = "oui"
    form = form_of(example_query)
    items = form.canonical_items()
    names = [name for name, _value in items]
    assert "proration" not in names
    assert "prorata_variable" not in names
    again = QueryDict(mutable=True)
    for name, value in items:
        again.appendlist(name, value)
    assert form.is_valid()
    reloaded = form_of(again)
    assert reloaded.is_valid()
    assert reloaded.payload(EXTENT) == form.payload(EXTENT)
    assert reloaded.canonical_items() == items


def test_the_signature_and_the_missions_stand_in_the_address_even_as_a_blank_page_proposes_them():
    """Without them the same address would mean something else tomorrow, or under another text."""
    items = [
        ("signature", TODAY.isoformat()),
        *(("missions", code) for code in form_of("").initial["missions"]),
    ]
    assert form_of(urlencode(items)).canonical_items() == items


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signature", ""),
        ("signature", "31/02/2024"),
        ("signature", "demain"),
        ("population", "0"),
        ("population", "-3"),
        ("population", "beaucoup"),
        ("population", "100000001"),
        ("population", ""),
        ("source", "ailleurs"),
        ("missions", "inconnue"),
        ("debut_parcours", "2024-13-01"),
        ("atteinte", "101"),
        ("atteinte", "-1"),
        ("atteinte", "NaN"),
        ("atteinte", ""),
        ("bareme", "avenant-9"),
        ("proration", "weeks"),
        ("prorata_variable", "peut-être"),
        ("plan_crise", "6"),
        ("crises", "0"),
        ("supplements", "autre"),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field_and_kept(example_query, field, value):
    example_query.setlist(field, [value])
    form = form_of(example_query)
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert len(form.errors[field]) == 1
    assert form.data.getlist(field) == [value]


def test_refusals_of_the_engine_stand_beside_the_right_field(example_query):
    form = form_of(example_query)
    assert form.is_valid()
    form.show_refusals(
        {
            "signed_on": "a",
            "missions.parcours": "b",
            "attainment.parcours.1": "c",
            "default_attainment": "d",
            "unheard_of": "e",
        }
    )
    assert form.errors == {
        "signature": ["a"],
        "debut_parcours": ["b"],
        "atteinte": ["c"],
        "__all__": ["e"],
    }
