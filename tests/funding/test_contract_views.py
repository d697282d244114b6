"""The contract on screen: read, recorded, revised, rated; and everything that these pages refuse."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import HttpResponse, QueryDict
from django.test import Client

from aci.domain.attainments import record_attainments
from aci.domain.contracts import revise_contract, values_of
from aci.models import Attainment, Contract, ContractMission
from core.access.enums import Role
from core.audit.models import AuditEntry
from core.organisations.models import Contact
from funding.forms.rates import RatesForm
from funding.models import Statement
from tests.factories.contracts import EXAMPLE_A, EXAMPLE_B, NOW, coordinator_of, make_territory, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

_READERS = {Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.REVIEWER}
_REFUSED_READERS = {Role.MEMBER, Role.ADMINISTRATOR}
_FROM_SIGNATURE = dict.fromkeys((f"debut_{code}" for code in EXAMPLE_A.missions), "")
_ROLES = sorted(_READERS | _REFUSED_READERS)


@pytest.fixture
def today():
    """Stop the clock at noon on 2 June 2025."""
    with time_machine.travel(datetime(2025, 6, 2, 12, tzinfo=UTC), tick=False):
        yield


def typed(**changes: Any) -> dict[str, Any]:
    """Return example A as a coordinator types it; None takes a field away."""
    values = {
        "signature": "2023-03-15",
        "ars": "ARS d’essai",
        "cpam": "CPAM d’essai",
        "representant": EXAMPLE_A.representative_name,
        "qualite": EXAMPLE_A.representative_capacity,
        "source": "population",
        "population": "60200",
        "source_population": EXAMPLE_A.population_source,
        "taille": "",
        "missions": list(EXAMPLE_A.missions),
        **{f"debut_{code}": start.isoformat() for code, start in EXAMPLE_A.missions.items()},
        "atteinte": "80",
        "bareme": "",
        "proration": "days",
        "prorata_variable": "oui",
        "plan_crise": "",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def rated(**changes: Any) -> dict[str, Any]:
    """Return the rates of year 2 as a coordinator types them, parcours alone."""
    blank = {f"{kind}_{code}": "" for kind in ("taux", "connu") for code in (*EXAMPLE_A.missions, "inconnue")}
    return blank | {"taux_parcours": "85", "raison": "Dialogue de gestion"} | changes


def record(contract: Contract, year: int, reason: str = "Dialogue", **rates: str) -> None:
    """Record rates as somebody else of the CPTS does."""
    given = {mission: Decimal(rate) for mission, rate in rates.items()}
    by = coordinator_of(contract.cpts)
    record_attainments(contract, year, given, reason, by=by, now=NOW, replacing={})


def url(page: str = "", slug: str = "littoral") -> str:
    return f"/cpts/{slug}/contrat/{page}"


def text(response: HttpResponse) -> str:
    return response.content.decode()


def stored() -> list[Any]:
    """Return all that these pages may write, to see that nothing did."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Contract, ContractMission, Attainment, AuditEntry)
    ]


# --- Reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(_READERS))
def test_those_who_run_or_review_the_cpts_read_its_contract(sign_in, cpts, role):
    recorded(cpts, replace(EXAMPLE_A, reference="2023-50-01"))
    page = text(sign_in(role).get(url()))

    assert "Contrat du 15 mars 2023" in page
    assert "référence 2023-50-01" in page
    assert "1\u202f170\u202f147,54\u00a0€" in page
    assert "60\u202f200" in page
    assert 'aria-current="true"' in page
    assert "Aujourd’hui, 2 juin 2025" in page
    assert ("Corriger ou modifier" in page) is (role == Role.COORDINATOR)
    assert ("/atteinte/" in page) is (role == Role.COORDINATOR)


@pytest.mark.parametrize("role", sorted(_REFUSED_READERS))
def test_the_others_are_told_why_not(sign_in, cpts, role):
    recorded(cpts)
    response = sign_in(role).get(url())

    assert response.status_code == 403
    assert "Le contrat est ouvert à la coordination" in text(response)


def test_each_year_leads_to_the_form_of_its_rates(coordinator, cpts):
    contract = recorded(cpts)
    record(contract, 1, acces_soins="0.755", crise_sanitaire="1")
    record(contract, 2, acces_soins="0.8")
    page = text(coordinator.get(url()))

    assert "75,5\u00a0%" in page
    links = page.split(f'<a href="{url(f"{contract.pk}/atteinte/")}?annee=')[1:]
    # The fourth year has not begun.
    assert [(link[0], link.split(">")[1].split("<")[0]) for link in links] == [
        ("1", "Modifier"),
        ("2", "Enregistrer"),
        ("3", "Enregistrer"),
    ]


def test_a_year_without_a_mission_leads_to_no_form(coordinator, cpts):
    recorded(cpts, replace(EXAMPLE_A, missions={"parcours": date(2024, 3, 15)}))
    page = text(coordinator.get(url()))

    assert "annee=1" not in page
    assert "annee=2" in page


def test_late_and_missing_missions_are_told(coordinator, cpts):
    recorded(cpts, replace(EXAMPLE_A, missions={"acces_soins": date(2023, 10, 1)}))
    page = text(coordinator.get(url()))

    assert "Démarrée en retard" in page
    assert "après la date limite du 15 septembre 2023" in page
    assert "Il manque au moins une mission socle" in page


def test_a_stated_size_shows_its_reason(coordinator, cpts):
    recorded(cpts, replace(EXAMPLE_A, size=3, size_reason="Accord de la CPAM du 2 mars"))
    page = text(coordinator.get(url()))

    assert "La population donnerait la taille 2. Accord de la CPAM du 2 mars" in " ".join(page.split())


def test_the_page_shows_the_running_contract_and_leads_to_the_others(coordinator, cpts):
    old = recorded(cpts, replace(EXAMPLE_B, signed_on=date(2020, 3, 15), bareme="avenant-2"))
    recorded(cpts, replace(EXAMPLE_A, signed_on=date(2025, 3, 15), missions={"parcours": date(2025, 3, 15)}))

    page = text(coordinator.get(url()))
    assert "Contrat du 15 mars 2025" in page
    assert f'href="{url()}?contrat={old.pk}"' in page
    assert "Contrat du 15 mars 2020</h1>" not in page
    before = text(coordinator.get(url(f"?contrat={old.pk}")))
    assert "Terminé" in before
    assert "jusqu’au 15 mars 2025" in before


@pytest.mark.parametrize("wrong", ["0", "999999", "99999999999999999999", "x", "-1", ""])
def test_the_number_of_no_contract_is_not_found(coordinator, cpts, wrong):
    recorded(cpts)
    assert coordinator.get(url(f"?contrat={wrong}")).status_code == 404


def test_a_contract_that_the_texts_no_longer_pay_is_still_readable(coordinator, cpts):
    contract = recorded(cpts)
    Contract.objects.filter(pk=contract.pk).update(bareme="retire")
    response = coordinator.get(url())

    assert response.status_code == 200
    assert "L’échéancier de ce contrat ne peut plus être calculé" in text(response)
    assert "Le texte «\u00a0retire\u00a0» est inconnu" in text(response)
    assert "CPAM d’essai" in text(response)


def test_without_a_contract_nor_a_territory_the_page_says_how_to_begin(coordinator, cpts):
    page = text(coordinator.get(url()))

    assert "Commencez par le territoire" in page
    assert 'href="/cpts/littoral/territoire/modifier/"' in page
    assert f'href="{url("enregistrer/")}"' in page
    assert 'href="/simulateur/"' in page


def test_with_a_territory_the_simulator_starts_from_it(coordinator, cpts):
    territory = make_territory(cpts)
    for code, name in (("50218", "Granville"), ("50041", "La Baleine d’essai")):
        territory.communes.create(
            code=code,
            city_code=code,
            name=name,
            departement_code="50",
            departement_name="Manche",
            region_code="28",
        )
    page = text(coordinator.get(url()))

    assert 'href="/simulateur/?communes=50218,50041"' in page
    assert "44\u202f464 habitants" in page


def test_without_a_contract_the_others_wait_for_the_coordinator(sign_in, cpts):
    page = text(sign_in(Role.TREASURER).get(url()))

    assert "La coordination l’enregistre une fois signé" in page
    assert url("enregistrer/") not in page


@pytest.mark.parametrize("others", [0, 2])
def test_the_page_costs_the_same_whatever_was_signed_before(
    coordinator, cpts, django_assert_max_num_queries, others
):
    for rank in range(others):
        day = date(2010 + 5 * rank, 3, 15)
        values = replace(EXAMPLE_B, signed_on=day, bareme="avenant-2", missions={"parcours": day})
        recorded(cpts, values)
    contract = recorded(cpts)
    record(contract, 1, **dict.fromkeys(("acces_soins", "crise_sanitaire")[: others or 1], "1"))
    with django_assert_max_num_queries(7) as queries:
        coordinator.get(url())
    assert len(queries) == 7


# --- Recording -----------------------------------------------------------------------------------


def test_the_form_proposes_what_the_platform_knows(coordinator, cpts):
    cpts.ars_referent = Contact.objects.create(kind="ars", institution="ARS d’essai", email="a@example.org")
    cpts.representative_name, cpts.representative_capacity = "Dominique Essai", "présidente"
    cpts.save()
    make_territory(cpts)
    page = text(coordinator.get(url("enregistrer/")))

    assert 'name="ars" value="ARS d’essai"' in page
    assert 'name="representant" value="Dominique Essai"' in page
    assert 'name="qualite" value="présidente"' in page
    assert "checked" in page.split('value="territoire"')[1].split(">")[0]


def test_recording_gives_the_contract_of_example_a(coordinator, cpts):
    response = coordinator.post(url("enregistrer/"), typed())

    assert (response.status_code, response["Location"]) == (302, url())
    assert values_of(Contract.objects.get()) == EXAMPLE_A
    assert "Le contrat est enregistré." in text(coordinator.get(url()))


def test_the_population_of_the_territory_is_frozen_with_its_source(coordinator, cpts):
    territory = make_territory(cpts)
    coordinator.post(url("enregistrer/"), typed(source="territoire", population="", source_population=""))
    contract = Contract.objects.get()

    assert (contract.territory, contract.population, contract.computed_size) == (territory, 44_464, 2)
    assert contract.population_source == "Populations municipales d’essai"


def test_the_territory_is_that_of_the_day_of_the_signature(coordinator, cpts):
    make_territory(cpts, starts_on=date(2022, 1, 1), ends_on=date(2024, 1, 1), population=30_000)
    make_territory(cpts, starts_on=date(2024, 1, 1), population=90_000)
    coordinator.post(url("enregistrer/"), typed(source="territoire"))

    assert Contract.objects.get().computed_size == 1


def test_another_size_is_recorded_with_its_reason(coordinator):
    coordinator.post(url("enregistrer/"), typed(taille="3", raison_taille="Accord\nde la  CPAM"))
    contract = Contract.objects.get()

    assert (contract.size, contract.computed_size, contract.size_reason) == (3, 2, "Accord de la CPAM")


def test_a_double_click_records_one_contract(coordinator):
    first = coordinator.post(url("enregistrer/"), typed())
    once = stored()
    second = coordinator.post(url("enregistrer/"), typed())

    assert (first.status_code, second.status_code) == (302, 302)
    assert stored() == once


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"signature": ""}, "signature"),
        ({"signature": "31/02/2023"}, "signature"),
        ({"signature": "0001-01-01"}, "signature"),
        ({"signature": "9999-12-31"}, "signature"),
        ({"signature": "2019-01-01"}, "signature"),
        ({"signature": "2025-06-03", **_FROM_SIGNATURE}, "signature"),
        ({"signature": "demain"}, "signature"),
        ({"ars": " "}, "ars"),
        ({"ars": "ARS\x00"}, "ars"),
        ({"cpam": "x" * 100_000}, "cpam"),
        ({"cpam": "CPAM\x07"}, "cpam"),
        ({"representant": ""}, "representant"),
        ({"qualite": "q" * 101}, "qualite"),
        ({"reference": "r" * 61}, "reference"),
        ({"source": "ailleurs"}, "source"),
        ({"source": "contrat"}, "source"),
        ({"source": "territoire"}, "source"),
        ({"population": ""}, "population"),
        ({"population": "0"}, "population"),
        ({"population": "-60200"}, "population"),
        ({"population": "1e6"}, "population"),
        ({"population": "9" * 5_000}, "population"),
        ({"source_population": ""}, "source_population"),
        ({"taille": "5"}, "taille"),
        ({"taille": "deux"}, "taille"),
        ({"taille": "3"}, "raison_taille"),
        ({"missions": ["inconnue"]}, "missions"),
        ({"missions": []}, "missions"),
        ({"debut_parcours": "2023-03-14"}, "debut_parcours"),
        ({"debut_parcours": "2028-03-15"}, "debut_parcours"),
        ({"debut_parcours": "31/02/2024"}, "debut_parcours"),
        ({"atteinte": "150"}, "atteinte"),
        ({"atteinte": "-1"}, "atteinte"),
        ({"atteinte": "NaN"}, "atteinte"),
        ({"atteinte": "33.333"}, "atteinte"),
        ({"bareme": "avenant-9"}, "bareme"),
        ({"bareme": "aci-2019"}, "debut_crise_sanitaire"),
        ({"proration": "weeks"}, "proration"),
        ({"prorata_variable": "peut-être"}, "prorata_variable"),
        ({"plan_crise": "6"}, "plan_crise"),
        ({"crises": ["0"]}, "crises"),
        ({"supplements": ["autre"]}, "supplements"),
    ],
)
def test_bad_input_is_refused_beside_its_field_and_kept(coordinator, changes, field):
    before = stored()
    response = coordinator.post(url("enregistrer/"), typed(**changes))
    page = text(response)

    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert " à corriger" in page
    assert 'name="representant"' in page
    assert 'value="présidente"' in page or "qualite" in changes
    assert stored() == before


def test_an_empty_form_says_all_that_is_missing(coordinator):
    response = coordinator.post(url("enregistrer/"), {})

    assert response.status_code == 400
    assert "erreurs sont à corriger" in text(response)
    assert {"signature", "ars", "cpam", "representant", "qualite", "source"} <= set(
        response.context["form"].errors
    )


def test_an_overlap_is_said_beside_the_signature(coordinator, cpts):
    recorded(cpts)
    before = stored()
    response = coordinator.post(url("enregistrer/"), typed(signature="2024-03-15", **_FROM_SIGNATURE))

    assert response.status_code == 400
    dates = "du 15/03/2023 au 15/03/2028"
    assert response.context["form"].errors == {
        "signature": [f"La CPTS a déjà un contrat {dates}\u00a0: deux contrats ne se chevauchent pas."]
    }
    assert stored() == before


def test_what_the_body_says_of_another_cpts_is_not_heard(coordinator, cpts, other_cpts):
    theirs = recorded(other_cpts)
    extra = {"cpts": other_cpts.pk, "cpts_id": other_cpts.pk, "contract": theirs.pk, "territory": "1"}
    coordinator.post(url("enregistrer/"), typed(**extra))

    assert Contract.objects.get(cpts=cpts).territory is None
    assert Contract.objects.get(cpts=other_cpts) == theirs


# --- Preview -------------------------------------------------------------------------------------


def test_what_follows_is_shown_before_anything_is_saved(coordinator):
    before = stored()
    sent = typed(apercu="1", ars="", cpam="", representant="", qualite="")
    response = coordinator.post(url("enregistrer/"), sent, headers={"HX-Request": "true"})
    page = text(response)

    assert response.status_code == 200
    assert "<html" not in page
    assert "Taille 2" in page
    assert "1\u202f170\u202f147,54\u00a0€" in page
    assert "15 septembre 2024" in page
    assert stored() == before


def test_the_preview_says_why_there_is_none(coordinator):
    def preview(**changes: Any) -> str:
        sent = typed(apercu="1", **changes)
        return text(coordinator.post(url("enregistrer/"), sent, headers={"HX-Request": "true"}))

    assert "avant la signature du contrat" in preview(debut_parcours="2022-01-01")
    assert "Dès que la signature" in preview(signature="")
    assert "Aucun territoire n’est enregistré pour le 15 mars 2023" in preview(source="territoire")


@pytest.mark.parametrize(("changes", "status"), [({}, 200), ({"ars": ""}, 400)])
def test_without_scripts_a_button_recalculates_and_keeps_what_was_typed(coordinator, changes, status):
    before = stored()
    response = coordinator.post(url("enregistrer/"), typed(apercu="1", reference="R1", **changes))

    assert response.status_code == status
    assert "1\u202f170\u202f147,54\u00a0€" in text(response)
    assert 'name="reference" value="R1"' in text(response)
    assert stored() == before


# --- Revising ------------------------------------------------------------------------------------


def _edited(contract: Contract, **changes: Any) -> dict[str, Any]:
    given = {"source": "contrat", "revision": str(contract.revision), "raison": "Avenant du 2 juin 2025"}
    return typed(**(given | changes))


def test_the_form_shows_the_contract_and_what_follows_from_it(coordinator, cpts):
    contract = recorded(cpts, replace(EXAMPLE_A, size=3, size_reason="Accord", reference="R1"))
    page = text(coordinator.get(url(f"{contract.pk}/modifier/")))

    assert 'name="reference" value="R1"' in page
    assert 'name="signature" value="2023-03-15"' in page
    assert 'name="debut_parcours" value="2024-03-15"' in page
    assert '<option value="3" selected>Taille 3</option>' in page
    assert 'name="atteinte" value="80"' in page
    assert "Celle du contrat aujourd’hui (60\u202f200 habitants)" in page
    assert 'name="revision" value="1"' in page
    assert "Taille 3</strong>" in page


def test_sending_the_form_as_it_was_shown_changes_nothing(coordinator, cpts):
    contract = recorded(cpts)
    before = stored()
    response = coordinator.post(url(f"{contract.pk}/modifier/"), _edited(contract))

    assert response.status_code == 302
    assert stored() == before


def test_a_revision_is_written_with_its_reason(coordinator, cpts):
    contract = recorded(cpts)
    sent = _edited(contract, reference="R2", missions=["acces_soins", "parcours"])
    response = coordinator.post(url(f"{contract.pk}/modifier/"), sent)
    contract.refresh_from_db()

    assert (response.status_code, response["Location"]) == (302, url(f"?contrat={contract.pk}"))
    assert (contract.reference, contract.revision) == ("R2", 2)
    assert set(contract.missions.filter(withdrawn_at=None).values_list("code", flat=True)) == {
        "acces_soins",
        "parcours",
    }
    assert AuditEntry.objects.get(action="aci.contract_revised").note == "Avenant du 2 juin 2025"


def test_the_kept_population_stays_when_the_territory_changes(coordinator, cpts):
    territory = make_territory(cpts)
    values = replace(
        EXAMPLE_A,
        territory=territory,
        population=territory.population,
        population_source=territory.population_source,
    )
    contract = recorded(cpts, values)
    type(territory).objects.filter(pk=territory.pk).update(ends_on=date(2022, 1, 1))
    coordinator.post(url(f"{contract.pk}/modifier/"), _edited(contract, reference="R2"))
    contract.refresh_from_db()

    assert (contract.reference, contract.territory, contract.population) == ("R2", territory, 44_464)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"raison": ""}, "raison"),
        ({"raison": "x" * 301}, "raison"),
        ({"revision": ""}, "revision"),
        ({"revision": "0"}, "revision"),
        ({"revision": "9" * 50}, "revision"),
        ({"signature": "2023-03-16", "reference": "x" * 61}, "reference"),
        ({"debut_parcours": "2023-01-01"}, "debut_parcours"),
    ],
)
def test_a_wrong_revision_is_refused_beside_its_field(coordinator, cpts, changes, field):
    contract = recorded(cpts)
    before = stored()
    response = coordinator.post(url(f"{contract.pk}/modifier/"), _edited(contract, **changes))

    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert stored() == before


def test_a_stale_form_shows_both_and_may_be_sent_again(coordinator, cpts):
    contract = recorded(cpts)
    values = replace(EXAMPLE_A, reference="R-collègue", expected_attainment=Decimal("0.9"))
    by = coordinator_of(cpts)
    revise_contract(contract, values, revision=1, reason="Correction", by=by, now=NOW)
    before = stored()
    response = coordinator.post(url(f"{contract.pk}/modifier/"), _edited(contract, reference="R-moi"))
    page = text(response)

    assert response.status_code == 409
    assert "Ce contrat a changé pendant votre saisie" in page
    assert "Référence du contrat, aujourd’hui&nbsp;: R-collègue" in page
    assert "Taux d’atteinte des objectifs (%), aujourd’hui&nbsp;: 90" in page
    assert 'name="reference" value="R-moi"' in page
    assert 'name="revision" value="2"' in page
    assert stored() == before

    again = _edited(contract, reference="R-moi", revision="2")
    assert coordinator.post(url(f"{contract.pk}/modifier/"), again).status_code == 302
    contract.refresh_from_db()
    assert (contract.reference, contract.expected_attainment) == ("R-moi", Decimal("0.8"))


def test_the_same_revision_sent_twice_is_written_once(coordinator, cpts):
    contract = recorded(cpts)
    sent = _edited(contract, reference="R2")
    coordinator.post(url(f"{contract.pk}/modifier/"), sent)
    once = stored()
    response = coordinator.post(url(f"{contract.pk}/modifier/"), sent)

    assert response.status_code == 302
    assert stored() == once


# --- Rates ---------------------------------------------------------------------------------------


def _rates() -> dict[str, tuple[str, str]]:
    return {row.mission: (str(row.rate), row.reason) for row in Attainment.objects.all()}


def test_the_form_of_a_year_starts_from_what_is_recorded(coordinator, cpts):
    contract = recorded(cpts)
    record(contract, 2, "Dialogue du 12 mai", parcours="0.855")
    page = text(coordinator.get(url(f"{contract.pk}/atteinte/?annee=2")))

    assert "Les taux d’atteinte de l’année 2" in page
    assert 'name="taux_parcours" value="85,5"' in page
    assert 'name="connu_parcours" value="85.5"' in page
    assert 'name="raison" value="Dialogue du 12 mai"' in page
    assert 'name="taux_prevention" inputmode' in page
    assert f'action="{url(f"{contract.pk}/atteinte/")}?annee=2"' in page


def test_the_form_has_the_missions_that_ran_that_year(coordinator, cpts):
    contract = recorded(cpts)
    page = text(coordinator.get(url(f"{contract.pk}/atteinte/?annee=1")))

    assert "taux_acces_soins" in page
    assert "taux_crise_sanitaire" in page
    assert "taux_parcours" not in page


def test_rates_of_several_origins_leave_theirs_to_be_said(coordinator, cpts):
    contract = recorded(cpts)
    record(contract, 2, "Dialogue du 12 mai", parcours="0.855")
    record(contract, 2, "Avis du 3 juin", prevention="1")
    form = coordinator.get(url(f"{contract.pk}/atteinte/?annee=2")).context["form"]

    assert "raison" not in form.initial


def test_without_a_year_the_form_is_that_of_the_latest(coordinator, cpts):
    contract = recorded(cpts)
    assert coordinator.get(url(f"{contract.pk}/atteinte/")).context["form"].year == 3


@pytest.mark.parametrize("wrong", ["", "0", "4", "-1", "x", "%00", "1.0", "9" * 500, "²"])
def test_a_year_that_has_not_begun_is_not_found(coordinator, cpts, wrong):
    path = url(f"{recorded(cpts).pk}/atteinte/?annee={wrong}")
    before = stored()

    assert coordinator.get(path).status_code == 404
    assert coordinator.post(path, rated()).status_code == 404
    assert stored() == before


def test_a_year_without_a_mission_has_nothing_to_record(coordinator, cpts):
    contract = recorded(cpts, replace(EXAMPLE_A, missions={"parcours": date(2024, 3, 15)}))
    before = stored()
    path = url(f"{contract.pk}/atteinte/?annee=1")

    assert "Aucun taux à enregistrer" in text(coordinator.get(path))
    assert coordinator.post(path, rated()).status_code == 400
    assert stored() == before


@pytest.mark.parametrize(
    ("taux", "rate"), [("85", "0.8500"), ("85,5", "0.8550"), ("0", "0.0000"), ("1,5", "0.0150")]
)
def test_a_rate_is_recorded(coordinator, cpts, taux, rate):
    contract = recorded(cpts)
    response = coordinator.post(url(f"{contract.pk}/atteinte/?annee=2"), rated(taux_parcours=taux))

    assert (response.status_code, response["Location"]) == (302, url(f"?contrat={contract.pk}"))
    assert _rates() == {"parcours": (rate, "Dialogue de gestion")}
    assert Attainment.objects.get().contract_year == 2
    assert "Les taux d’atteinte de l’année 2 sont enregistrés." in text(coordinator.get(url()))


def test_the_rates_of_a_year_make_one_statement(coordinator, cpts):
    contract = recorded(cpts)
    versions = Statement.objects.filter(contract=contract)
    before = versions.count()
    typed_ = rated(taux_acces_soins="100", taux_crise_sanitaire="50", taux_prevention="0")
    coordinator.post(url(f"{contract.pk}/atteinte/?annee=2"), typed_)

    assert (versions.count(), Attainment.objects.count()) == (before + 1, 4)
    assert versions.latest("version").reason == "Taux d’atteinte de l’année 2 enregistrés"


def test_rates_sent_twice_are_recorded_once(coordinator, cpts):
    path = url(f"{recorded(cpts).pk}/atteinte/?annee=2")
    sent = rated(taux_prevention="0")
    coordinator.post(path, sent)
    once = stored()
    assert coordinator.post(path, sent).status_code == 302
    assert stored() == once


def test_what_is_left_as_it_was_shown_is_not_written_again(coordinator, cpts):
    contract = recorded(cpts)
    record(contract, 2, "Dialogue du 12 mai", parcours="0.855")
    sent = rated(taux_parcours="85,5", connu_parcours="85.5", taux_prevention="40", raison="Avis du 3 juin")
    coordinator.post(url(f"{contract.pk}/atteinte/?annee=2"), sent)

    assert _rates() == {
        "parcours": ("0.8550", "Dialogue du 12 mai"),
        "prevention": ("0.4000", "Avis du 3 juin"),
    }


def test_rates_recorded_meanwhile_are_shown_and_may_be_replaced(coordinator, cpts):
    contract = recorded(cpts)
    path = url(f"{contract.pk}/atteinte/?annee=2")
    record(contract, 2, "Dialogue du 12 mai", parcours="0.7", acces_soins="0.655")
    before = stored()
    response = coordinator.post(path, rated(taux_prevention="100"))
    page = text(response)

    assert response.status_code == 409
    assert "Parcours pluriprofessionnels&nbsp;: 70\u00a0% («&nbsp;Dialogue du 12 mai&nbsp;»)" in page
    # What was typed is kept, what was left empty follows what is recorded.
    assert 'name="taux_parcours" value="85"' in page
    assert 'name="connu_parcours" value="70"' in page
    assert 'name="taux_prevention" value="100"' in page
    assert 'name="taux_acces_soins" value="65,5"' in page
    assert 'name="connu_acces_soins" value="65.5"' in page
    assert stored() == before

    form = response.context["form"]
    assert coordinator.post(path, form.data.dict()).status_code == 302
    assert _rates() == {
        "acces_soins": ("0.6550", "Dialogue du 12 mai"),
        "parcours": ("0.8500", "Dialogue de gestion"),
        "prevention": ("1.0000", "Dialogue de gestion"),
    }


def test_a_rate_that_is_not_there_any_more_is_told(coordinator, cpts):
    contract = recorded(cpts)
    response = coordinator.post(url(f"{contract.pk}/atteinte/?annee=2"), rated(connu_parcours="70"))

    assert response.status_code == 409
    assert "&nbsp;: aucun taux" in text(response)
    assert not Attainment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"taux_parcours": ""}, "__all__"),
        ({"taux_parcours": "150"}, "taux_parcours"),
        ({"taux_parcours": "-1"}, "taux_parcours"),
        ({"taux_parcours": "beaucoup"}, "taux_parcours"),
        ({"taux_parcours": "NaN"}, "taux_parcours"),
        ({"taux_parcours": "33,333"}, "taux_parcours"),
        ({"taux_parcours": "9" * 5_000}, "taux_parcours"),
        ({"taux_parcours": "\x00"}, "taux_parcours"),
        ({"taux_parcours": "", "connu_parcours": "70"}, "taux_parcours"),
        ({"taux_prevention": "150"}, "taux_prevention"),
        ({"raison": " "}, "raison"),
        ({"raison": "a\x00"}, "raison"),
        ({"raison": "a\x07"}, "raison"),
        ({"raison": "x" * 100_000}, "raison"),
        ({"connu_parcours": "x"}, "connu_parcours"),
    ],
)
def test_a_wrong_rate_is_refused_beside_its_field_and_kept(coordinator, cpts, changes, field):
    contract = recorded(cpts)
    before = stored()
    sent = rated(taux_acces_soins="12", **changes) if field != "__all__" else rated(**changes)
    response = coordinator.post(url(f"{contract.pk}/atteinte/?annee=2"), sent)
    page = text(response)

    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert " à corriger" in page
    assert field == "__all__" or 'name="taux_acces_soins" value="12"' in page
    assert stored() == before


def test_the_refusals_of_the_domain_are_placed_beside_their_mission(cpts):
    form = RatesForm(QueryDict(urlencode(rated())), contract=recorded(cpts), year=2)
    assert form.is_valid()
    form.show_refusals({"rates.parcours": "Non.", "reason": "Pourquoi ?", "contract_year": "Trop tôt."})

    assert form.errors == {"taux_parcours": ["Non."], "raison": ["Pourquoi ?"], "__all__": ["Trop tôt."]}


def test_a_rate_out_of_range_is_told_its_range(coordinator, cpts):
    path = url(f"{recorded(cpts).pk}/atteinte/?annee=2")
    response = coordinator.post(path, rated(taux_parcours="150"))
    assert response.context["form"].errors == {"taux_parcours": ["Un taux va de 0 à 100\u00a0%."]}


def test_what_the_body_names_beside_the_form_is_not_written(coordinator, cpts, other_cpts):
    mine, theirs = recorded(cpts), recorded(other_cpts)
    sent = rated(contract=str(theirs.pk), contract_id=str(theirs.pk), annee="1", taux_inconnue="50")
    coordinator.post(url(f"{mine.pk}/atteinte/?annee=2"), sent)

    rows = Attainment.objects.all()
    assert [(row.contract, row.mission, row.contract_year) for row in rows] == [(mine, "parcours", 2)]


@pytest.mark.parametrize("count", [1, 4])
def test_the_form_of_a_year_costs_the_same_whatever_its_missions(
    coordinator, cpts, django_assert_num_queries, count
):
    missions = dict(list(EXAMPLE_A.missions.items())[:count])
    contract = recorded(cpts, replace(EXAMPLE_A, missions=missions))
    record(contract, 2, **dict.fromkeys(missions, "1"))
    with django_assert_num_queries(7):
        coordinator.get(url(f"{contract.pk}/atteinte/?annee=2"))


# --- The same refusals for every page ------------------------------------------------------------

_PAGES = ["", "enregistrer/", "{pk}/modifier/", "{pk}/atteinte/"]
_WRITING = _PAGES[1:]


def _sent(page: str, contract: Contract) -> dict[str, Any]:
    return rated() if "atteinte" in page else _edited(contract, reference="R9")


@pytest.mark.parametrize("page", _PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_visitors_sign_in_first(client, cpts, page, method):
    contract = recorded(cpts)
    before = stored()
    response = getattr(client, method)(url(page.format(pk=contract.pk)))

    assert response.status_code in {302, 405}
    assert response.status_code == 405 or response["Location"].startswith("/compte/connexion/")
    assert stored() == before


@pytest.mark.parametrize("page", _WRITING)
@pytest.mark.parametrize("role", [role for role in _ROLES if role != Role.COORDINATOR])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_the_coordinator_writes(sign_in: Callable[..., Client], cpts, page, role, method):
    contract = recorded(cpts)
    browser, before = sign_in(role), stored()
    response = getattr(browser, method)(url(page.format(pk=contract.pk)), _sent(page, contract))

    assert response.status_code == 403
    assert "par la coordination" in text(response)
    assert stored() == before


@pytest.mark.parametrize("page", _PAGES)
def test_another_cpts_is_not_found(coordinator, other_cpts, page):
    theirs = recorded(other_cpts)
    before = stored()
    path = url(page.format(pk=theirs.pk), slug="colline")

    assert coordinator.get(path).status_code == 404
    if page:
        assert coordinator.post(path, _sent(page, theirs)).status_code == 404
    assert stored() == before


@pytest.mark.parametrize("page", ["?contrat={pk}", "{pk}/modifier/", "{pk}/atteinte/"])
def test_the_contract_of_another_cpts_is_not_found_under_ours(coordinator, cpts, other_cpts, page):
    recorded(cpts)
    theirs = recorded(other_cpts)
    before = stored()
    path = url(page.format(pk=theirs.pk))

    assert coordinator.get(path).status_code == 404
    if "?" not in page:
        assert coordinator.post(path, _sent(page, theirs)).status_code == 404
    assert stored() == before


@pytest.mark.parametrize("page", ["modifier/", "atteinte/"])
@pytest.mark.parametrize("wrong", ["0", "999999", "99999999999999999999999", "x", "-1"])
def test_a_wrong_number_is_not_found(coordinator, cpts, page, wrong):
    recorded(cpts)
    assert coordinator.get(url(f"{wrong}/{page}")).status_code == 404
    assert coordinator.post(url(f"{wrong}/{page}"), rated()).status_code == 404


@pytest.mark.parametrize(("page", "method"), [("", "post"), ("", "put"), *((p, "delete") for p in _PAGES)])
def test_a_wrong_method_is_refused(coordinator, cpts, page, method):
    contract = recorded(cpts)
    before = stored()

    assert getattr(coordinator, method)(url(page.format(pk=contract.pk))).status_code == 405
    assert stored() == before


@pytest.mark.parametrize("page", _WRITING)
def test_another_site_cannot_write(coordinator, cpts, page):
    contract = recorded(cpts)
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = coordinator.cookies
    before = stored()

    assert browser.post(url(page.format(pk=contract.pk)), _sent(page, contract)).status_code == 403
    assert stored() == before


@pytest.mark.parametrize("page", _PAGES)
def test_the_pages_of_a_contract_are_never_cached(coordinator, cpts, page):
    contract = recorded(cpts)
    assert "no-store" in coordinator.get(url(page.format(pk=contract.pk)))["Cache-Control"]


@pytest.mark.parametrize("page", _PAGES)
def test_every_page_costs_few_queries(coordinator, cpts, django_assert_max_num_queries, page):
    contract = recorded(cpts)
    with django_assert_max_num_queries(8):
        assert coordinator.get(url(page.format(pk=contract.pk))).status_code == 200
