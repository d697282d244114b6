"""Late missions raise an alert, absent core missions are named; neither stops the calculation."""

from datetime import date

import pytest

from funding.engine import deployment_deadline, start_deadline
from tests.funding.engine.builders import AVENANT_2, schedule

MISSIONS = {mission.code: mission for mission in AVENANT_2.missions}


@pytest.mark.parametrize(
    ("code", "start", "deployment"),
    [
        ("acces_soins", date(2024, 2, 29), date(2025, 2, 28)),
        ("crise_sanitaire", date(2024, 2, 29), date(2025, 2, 28)),
        ("parcours", date(2024, 8, 31), date(2025, 8, 31)),
        ("prevention", date(2024, 8, 31), date(2025, 8, 31)),
        ("qualite_pertinence", None, None),
        ("accompagnement_ps", None, None),
    ],
)
def test_deadlines_count_in_months_from_the_signature(code, start, deployment):
    signed_on = date(2023, 8, 31)
    assert start_deadline(MISSIONS[code], signed_on) == start
    assert deployment_deadline(MISSIONS[code], signed_on) == deployment


def test_a_mission_may_start_on_its_last_day():
    assert schedule(missions={"acces_soins": date(2023, 9, 15)}).alerts == ()


def test_a_late_mission_is_an_alert_and_is_paid_all_the_same():
    computed = schedule(missions={"acces_soins": date(2023, 9, 16)})
    expected = (
        "La mission « Accès aux soins » commence le 16 septembre 2023, "
        "après la date limite du 15 septembre 2023."
    )
    assert [alert.replace("\u00a0", " ") for alert in computed.alerts] == [expected]
    assert computed.by_contract_year()[1].fixed > 0


def test_optional_missions_are_never_late():
    assert schedule(missions={"qualite_pertinence": date(2028, 3, 1)}).alerts == ()


@pytest.mark.parametrize(("starts_on", "late"), [(date(2022, 10, 1), 0), (date(2022, 10, 2), 1)])
def test_a_mission_brought_by_a_later_text_counts_from_the_first_year_under_it(starts_on, late):
    computed = schedule(signed_on=date(2021, 4, 1), missions={"crise_sanitaire": starts_on})
    assert len(computed.alerts) == late


def test_the_core_missions_left_out_are_named():
    missing = schedule(missions={"parcours": date(2023, 3, 15)}).missing_core_missions
    assert [mission.code for mission in missing] == ["acces_soins", "prevention", "crise_sanitaire"]


def test_the_fourth_core_mission_is_missing_as_soon_as_a_text_asks_for_it():
    first_day = date(2021, 4, 1)
    three = dict.fromkeys(["acces_soins", "parcours", "prevention"], first_day)
    across = schedule(signed_on=first_day, missions=three)
    assert [mission.code for mission in across.missing_core_missions] == ["crise_sanitaire"]
    assert schedule(signed_on=first_day, missions=three, bareme="aci-2019").missing_core_missions == ()
