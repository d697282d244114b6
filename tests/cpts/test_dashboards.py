"""What each role finds on its home page: what matters today, what to do next."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from core.access.enums import CPTS_ROLES, HELD_ROLES, Role
from core.accounts.models import RoleAssignment
from core.notifications.domain.messages import notify
from core.organisations.enums import Stage
from core.organisations.models import Cpts
from cpts.views.home import DASHBOARDS
from funding.models import StatementLine
from tests.factories.contracts import EXAMPLE_A, make_territory, recorded
from tests.factories.people import CptsFactory, UserFactory, assign, client_of

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
SHEET = {
    "rna": "W500000001",
    "siret": "73282932000074",
    "address": "1 rue de l’Essai",
    "postal_code": "50400",
    "city": "Granville",
    "representative_name": "Dominique Essai",
    "representative_capacity": "présidence",
    "contact_email": "contact@example.org",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def complete(cpts: Cpts) -> None:
    Cpts.objects.filter(pk=cpts.pk).update(**SHEET)


def home(client):
    response = client.get("/")
    assert response.status_code == 200
    return response


def todos(client) -> list[tuple[str, str, str]]:
    return [
        (todo.urgency.label, todo.title, todo.url) for todo in home(client).context["dashboard"].sorted_todos
    ]


def stats(client) -> dict[str, str]:
    return {stat.label: stat.value for stat in home(client).context["dashboard"].stats}


def test_every_role_has_its_home():
    assert set(DASHBOARDS) == HELD_ROLES


@pytest.mark.parametrize("role", sorted(HELD_ROLES))
def test_the_home_of_a_role_says_who_one_is(sign_in, role):
    page = home(sign_in(role)).content.decode()

    assert "Bonjour Camille" in page
    assert f"<strong>{role.label}</strong>" in page


def test_a_person_without_a_role_learns_whom_to_ask(client):
    client.force_login(UserFactory())

    assert "n’a pas encore de rôle" in home(client).content.decode()


def test_a_new_association_learns_where_to_begin(coordinator, cpts):
    assert todos(coordinator) == [
        (
            "À faire",
            "Compléter la fiche de l’association",
            reverse("organisations:association_edit", args=[cpts.slug]),
        ),
        (
            "À faire",
            "Choisir les communes du territoire",
            reverse("organisations:territory_edit", args=[cpts.slug]),
        ),
        (
            "À faire",
            "Simuler les versements du futur contrat",
            reverse("contract:contract", args=[cpts.slug]),
        ),
    ]
    assert stats(coordinator) == {}


def test_what_is_missing_from_the_sheet_is_named(coordinator, cpts):
    complete(cpts)
    Cpts.objects.filter(pk=cpts.pk).update(siret="", contact_email="")

    assert "Il manque le SIRET, l’adresse électronique de contact." in home(coordinator).content.decode()


def test_a_cpts_about_to_sign_is_led_to_its_contract(coordinator, cpts):
    complete(cpts)
    make_territory(cpts)
    Cpts.objects.filter(pk=cpts.pk).update(stage=Stage.JOINING_ACI)

    new = reverse("contract:contract_new", args=[cpts.slug])
    assert todos(coordinator) == [("À faire", "Enregistrer le contrat dès sa signature", new)]


def test_rates_that_are_missing_are_asked_for_each_year_that_is_over(coordinator, cpts):
    complete(cpts)
    make_territory(cpts)
    contract = recorded(cpts)

    rates = reverse("contract:attainment", args=[cpts.slug, contract.pk])
    assert todos(coordinator) == [
        ("En retard", "Enregistrer les taux d’atteinte de l’année 1", f"{rates}?annee=1"),
        ("En retard", "Enregistrer les taux d’atteinte de l’année 2", f"{rates}?annee=2"),
        # Its first statement, for want of a treasurer.
        ("À faire", "Un message à lire", reverse("notifications:messages")),
    ]
    assert stats(coordinator) == {
        "Habitants couverts": "44\u202f464",
        "Total du contrat": "1\u202f170\u202f147,54\u00a0€",
        "Déjà reçu": "0,00\u00a0€",
        "Prochaine échéance": "261\u202f500,00\u00a0€",
    }


def test_a_mission_that_did_not_start_in_time_is_late(coordinator, cpts):
    complete(cpts)
    make_territory(cpts)
    missions = {**EXAMPLE_A.missions, "prevention": date(2026, 1, 15)}
    values = {name: getattr(EXAMPLE_A, name) for name in EXAMPLE_A.__dataclass_fields__}
    recorded(cpts, type(EXAMPLE_A)(**values | {"missions": missions}))

    assert ("En retard", "Mission en retard\u00a0: Prévention") in [line[:2] for line in todos(coordinator)]


def test_the_treasurer_sees_what_is_late_first(sign_in, cpts):
    recorded(cpts, now=datetime(2023, 3, 20, tzinfo=UTC))
    schedule = reverse("contract:schedule", args=[cpts.slug])

    # All that fell due until March 2025 was payable two months later, in May.
    assert todos(sign_in(Role.TREASURER)) == [
        ("En retard", "533\u202f772,54\u00a0€ auraient dû arriver", f"{schedule}?etat=en-retard")
    ]


def test_the_treasurer_of_a_cpts_without_contract_learns_why_there_is_no_money(sign_in, cpts):
    assert [line[:2] for line in todos(sign_in(Role.TREASURER))] == [("À faire", "Pas encore de contrat")]


def test_a_member_sees_no_money(sign_in, cpts):
    make_territory(cpts)
    recorded(cpts)

    page = home(sign_in(Role.MEMBER)).content.decode()

    assert "44\u202f464" in page
    assert "€" not in page
    assert "Échéancier" not in page


def test_messages_wait_for_their_reader(sign_in, cpts):
    client = sign_in(Role.BOARD)
    reader = RoleAssignment.objects.get(role=Role.BOARD).user
    for number in range(2):
        notify([reader.pk], f"essai-{number}", title="Essai", body="", path="/", cpts=cpts, now=NOW)

    assert ("À faire", "2 messages à lire", reverse("notifications:messages")) in todos(client)


def test_a_reviewer_sees_the_oldest_dossier_first_and_how_long_is_left(sign_in):
    CptsFactory(name="CPTS tardive", stage=Stage.HEALTH_PROJECT_REVIEW, stage_since=date(2025, 3, 31))
    CptsFactory(name="CPTS pressée", stage=Stage.HEALTH_PROJECT_REVIEW, stage_since=date(2025, 5, 10))
    CptsFactory(name="CPTS neuve", stage=Stage.PRE_PROJECT_REVIEW, stage_since=date(2025, 1, 6))
    client = sign_in(Role.REVIEWER)

    assert [line[:2] for line in todos(client)] == [
        ("En retard", "Projet de santé en instruction\u00a0: CPTS tardive"),
        ("Bientôt", "Projet de santé en instruction\u00a0: CPTS pressée"),
        ("À faire", "Pré-projet en instruction\u00a0: CPTS neuve"),
    ]
    page = home(client).content.decode()
    # Two months after 31 March is 31 May.
    assert "pris fin le 31 mai 2025" in page
    assert "s’opposer jusqu’au 10 juillet 2025" in page


def test_a_reviewer_sees_nothing_outside_of_the_scope(sign_in, other_cpts):
    Cpts.objects.filter(pk=other_cpts.pk).update(stage=Stage.PRE_PROJECT_REVIEW)
    client = sign_in(Role.REVIEWER)

    assert todos(client) == []
    assert other_cpts.name not in home(client).content.decode()


def test_the_administrator_learns_which_cpts_nobody_keeps(sign_in, cpts, other_cpts):
    client = sign_in(Role.ADMINISTRATOR)
    assert todos(client) == [
        ("Bientôt", "2 CPTS n’ont pas de coordination", reverse("administration:cpts")),
    ]
    assign(Role.COORDINATOR, cpts)

    assert todos(client)[0][1] == "Une CPTS n’a pas de coordination"
    assert stats(client) == {"CPTS": "2", "Sans coordination": "1"}


def test_an_empty_installation_tells_its_administrator_how_to_begin():
    client = client_of(assign(Role.ADMINISTRATOR))

    assert todos(client) == [("À faire", "Ouvrir une première CPTS", reverse("administration:open_cpts"))]


@pytest.mark.parametrize("role", sorted(CPTS_ROLES))
def test_the_home_of_a_role_is_cheap_with_a_whole_schedule(
    sign_in, cpts, django_assert_max_num_queries, role
):
    make_territory(cpts)
    recorded(cpts)
    client = sign_in(role)

    assert StatementLine.objects.count() > 40
    with django_assert_max_num_queries(15):
        home(client)


@pytest.mark.parametrize("others", [1, 3])
def test_the_home_of_a_reviewer_costs_the_same_with_more_dossiers(sign_in, django_assert_num_queries, others):
    for _ in range(others):
        CptsFactory(stage=Stage.PRE_PROJECT_REVIEW)
    client = sign_in(Role.REVIEWER)

    with django_assert_num_queries(7):
        home(client)
