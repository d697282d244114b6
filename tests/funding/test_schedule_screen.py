"""The treasurer's schedule on screen: figures, states, filters, refusals of filters, weight."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from aci.models import Contract
from core.access.enums import Role
from funding.domain.followed_lines import followed_due_dates, followed_lines, summary_of
from funding.engine import lines_of
from funding.enums import LineState
from funding.models import Statement
from tests.factories.funding import EXAMPLE_B, TODAY, change, receive, sign
from tests.funding.simulations import simulated

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
MARCH = [date(2023 + year, 3, 15) for year in range(6)]
START = date(2023, 9, 15)


@pytest.fixture
def treasurer(sign_in):
    return sign_in(Role.TREASURER)


def url(name="schedule", query="", *args, slug="littoral"):
    return f"{reverse(f'contract:{name}', args=[slug, *args])}?{query}"


def amounts(response):
    return {row["due"].day: row["due"].amount for row in response.context["due_dates"]}


def states(response):
    return {row["due"].day: row["due"].state for row in response.context["due_dates"]}


def test_the_worked_example_a_recorded_as_a_contract(treasurer, contract_a):
    response = treasurer.get(url())
    assertContains(response, "1\u202f170\u202f147,54\u00a0€")
    assert amounts(response) == {
        MARCH[0]: Decimal("60000.00"),
        START: Decimal("39159.84"),
        MARCH[1]: Decimal("173112.70"),
        MARCH[2]: Decimal(261_500),
        MARCH[3]: Decimal(261_500),
        MARCH[4]: Decimal(261_500),
        MARCH[5]: Decimal(113_375),
    }
    assert response.context["total"] == Decimal("1170147.54")


def test_the_worked_example_b_recorded_as_a_contract(treasurer, march_2026, cpts):
    sign(cpts, EXAMPLE_B)
    response = treasurer.get(url())
    assert list(amounts(response).items()) == [
        (date(2022, 7, 1), Decimal(223_125)),
        (date(2023, 7, 1), Decimal(334_375)),
        (date(2024, 7, 1), Decimal(347_500)),
        (date(2025, 7, 1), Decimal(347_500)),
        (date(2026, 7, 1), Decimal(347_500)),
        (date(2027, 7, 1), Decimal(160_000)),
    ]
    assert response.context["summary"].total == Decimal(1_760_000)


def test_a_contract_and_its_simulation_show_the_same_lines(contract_a):
    statement = Statement.objects.latest_of(contract_a.pk)
    shown = [
        (line.key, line.due_on, line.payable_by, line.mission_label, line.amount, line.explanation)
        for line in followed_lines(statement, today=TODAY)
    ]
    assert shown == [
        (line.key, line.due_on, line.payable_by, line.mission_label, line.amount, line.explanation)
        for line in lines_of(simulated(size=2, population=None).schedule)
    ]


def test_a_line_is_late_the_day_after_it_had_to_be_paid(contract_a):
    statement = Statement.objects.latest_of(contract_a.pk)

    def state_on(day):
        return followed_due_dates(followed_lines(statement, today=day))[0].state

    assert state_on(date(2023, 3, 14)) is LineState.COMING
    assert state_on(date(2023, 3, 15)) is LineState.EXPECTED
    assert state_on(date(2023, 5, 15)) is LineState.EXPECTED
    assert state_on(date(2023, 5, 16)) is LineState.LATE


def test_what_came_in_is_counted_and_the_rest_told_apart(treasurer, contract_a):
    receive(contract_a, MARCH[0])
    receive(contract_a, START)
    response = treasurer.get(url())
    summary = response.context["summary"]
    assert (summary.received, summary.late, summary.expected) == (
        Decimal("99159.84"),
        Decimal("434612.70"),
        Decimal("261500.00"),
    )
    assert (summary.next_due.day, summary.next_due.amount) == (MARCH[4], Decimal(261_500))
    assert states(response) == {
        MARCH[0]: LineState.RECEIVED,
        START: LineState.RECEIVED,
        MARCH[1]: LineState.LATE,
        MARCH[2]: LineState.LATE,
        MARCH[3]: LineState.EXPECTED,
        MARCH[4]: LineState.COMING,
        MARCH[5]: LineState.COMING,
    }
    for words in ("Reçu", "En retard", "Attendu", "À venir", "434\u202f612,70\u00a0€"):
        assertContains(response, words)


def test_a_receipt_of_an_older_statement_still_counts(contract_a):
    receive(contract_a, START)
    latest = change(contract_a, expected_attainment=Decimal("0.9"))
    assert latest.version == 2
    by_day = {due.day: due for due in followed_due_dates(followed_lines(latest, today=TODAY))}
    assert by_day[START].state is LineState.RECEIVED
    assert {line.received_on for line in by_day[START].lines} == {START}
    assert by_day[MARCH[1]].state is LineState.LATE


def test_nothing_comes_after_the_last_payment(contract_a):
    statement = Statement.objects.latest_of(contract_a.pk)
    summary = summary_of(followed_lines(statement, today=date(2028, 6, 1)))
    assert (summary.next_due, summary.late) == (None, Decimal("1170147.54"))


@pytest.mark.parametrize(
    ("query", "count", "total"),
    [
        ("annee=1", 6, "124147.54"),
        ("civile=2023", 3, "99159.84"),
        ("annee=1&civile=2024", 3, "24987.70"),
        ("part=operating", 9, "300000.00"),
        ("mission=parcours&part=fixed", 8, "140000.00"),
        ("mission=parcours&part=variable&annee=5", 1, "28000.00"),
        ("etat=attendu", 13, "261500.00"),
        ("etat=en-retard&part=variable", 4, "75934.43"),
        ("annee=&mission=&etat=", 58, "1170147.54"),
    ],
)
def test_filters_keep_what_they_say(treasurer, contract_a, query, count, total):
    response = treasurer.get(url(query=query))
    assert response.status_code == 200
    assert (len(response.context["kept"]), response.context["total"]) == (count, Decimal(total))
    # The figures of the whole contract do not move.
    assert response.context["summary"].total == Decimal("1170147.54")


def test_each_filter_in_force_can_be_taken_off(treasurer, contract_a):
    response = treasurer.get(url(query="annee=2&etat=en-retard"))
    number = contract_a.pk
    assert [(chip.label, chip.without) for chip in response.context["form"].chips] == [
        ("Année de contrat\u00a0: Année 2", f"contrat={number}&etat=en-retard"),
        ("État\u00a0: En retard", f"contrat={number}&annee=2"),
    ]
    assertContains(response, f'href="/cpts/littoral/echeancier/?contrat={number}&amp;annee=2"')
    assertContains(response, f'href="/cpts/littoral/echeancier/?contrat={number}"')


def test_nothing_matching_says_so_and_offers_the_whole(treasurer, contract_a):
    response = treasurer.get(url(query="annee=1&civile=2028"))
    assertContains(response, "Aucune ligne ne correspond")
    assertContains(response, "Effacer les filtres")
    assertNotContains(response, "<svg width")


@pytest.mark.parametrize(
    "query",
    [
        "annee=99",
        "annee=1%00",
        "mission=inconnue",
        "civile=-1",
        "part=' or 1=1--",
        "etat=%F0%9F%92%B8",
        "annee=1e9",
    ],
)
def test_a_filter_that_is_no_choice_is_refused_and_the_others_kept(treasurer, contract_a, query):
    name = query.split("=")[0]
    response = treasurer.get(url(query=f"{query}&{'part=operating' if name != 'part' else 'annee=1'}"))
    assertContains(response, "Ce choix n’existe pas dans cet échéancier.", status_code=400)
    assert list(response.context["form"].errors) == [name]
    assert len(response.context["kept"]) == (9 if name != "part" else 6)
    assert b"\x00" not in response.content


def test_htmx_gets_the_lines_alone_and_leaves_their_address(treasurer, contract_a):
    response = treasurer.get(url(query="part=fixed&inutile=1"), headers=HTMX)
    assertTemplateUsed(response, "schedule/_lines.html")
    assert response.content.decode().lstrip().startswith('<section id="lignes"')
    assert response["HX-Replace-Url"] == f"/cpts/littoral/echeancier/?contrat={contract_a.pk}&part=fixed"


def test_a_due_date_explains_its_lines(treasurer, contract_a):
    receive(contract_a, START, received_on=date(2023, 10, 2))
    response = treasurer.get(url("due_date", "", START))
    assertContains(response, "26\u202f106,56\u00a0€")
    assertContains(response, "182/366\u00a0jours")
    assertContains(response, "le 2 octobre 2023")
    assertContains(response, "Payable", count=0)
    assertContains(response, "payable au plus tard le 15 novembre 2023")
    assertNotContains(response, "Enregistrer ce versement")
    fragment = treasurer.get(url("due_date", "", MARCH[1]), headers=HTMX)
    assertNotContains(fragment, "<html")
    assertContains(fragment, "Enregistrer ce versement (173\u202f112,70\u00a0€)")


def test_a_due_date_shows_what_the_filters_keep(treasurer, contract_a):
    response = treasurer.get(url("due_date", "mission=acces_soins", START))
    assert [line["mission"] for line in response.context["lines"]] == ["Accès aux soins"]
    assert treasurer.get(url("due_date", "mission=parcours", START)).status_code == 404
    assert treasurer.get(url("due_date", "", date(2023, 9, 16))).status_code == 404


def test_the_contract_that_runs_is_shown_unless_another_is_asked_for(treasurer, contract_a, cpts):
    older = Contract.objects.get(pk=contract_a.pk)
    older.pk, older.signed_on, older.ends_on = None, date(2017, 3, 15), date(2022, 3, 15)
    older.save(force_insert=True)
    response = treasurer.get(url())
    assert response.context["contract"] == contract_a
    assertContains(response, "Contrat du 15 mars 2017")
    assertContains(treasurer.get(url(query=f"contrat={older.pk}")), "n’est pas encore établi")


@pytest.mark.parametrize("value", ["0", "-1", "abc", "%00", "9" * 40, "1.5", "²"])
def test_an_unknown_contract_is_not_found(treasurer, contract_a, value):
    assert treasurer.get(url(query=f"contrat={value}")).status_code == 404


def test_the_contract_of_another_cpts_is_not_found(treasurer, contract_a, other_cpts):
    foreign = sign(other_cpts, EXAMPLE_B)
    for name in ("schedule", "schedule_csv", "receive", "receipts", "statements"):
        assert treasurer.get(url(name, f"contrat={foreign.pk}")).status_code == 404


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.COORDINATOR, "Enregistrer le contrat"),
        (Role.TREASURER, "dès que la coordination de la CPTS aura enregistré"),
        (Role.REVIEWER, "dès que la coordination de la CPTS aura enregistré"),
    ],
)
def test_without_a_contract_each_role_reads_how_to_begin(sign_in, cpts, role, words):
    assertContains(sign_in(role).get(url()), words)


def test_pages_cost_the_same_with_one_and_three_of_everything(treasurer, contract_a):
    pages = [url(), url("receipts"), url("statements"), url("receive"), url("due_date", "", MARCH[1])]
    receive(contract_a, MARCH[0])
    first = [_queries(treasurer, page) for page in pages]
    receive(contract_a, START)
    receive(contract_a, MARCH[2])
    for rate in ("0.9", "0.7"):
        change(contract_a, expected_attainment=Decimal(rate))
    assert [_queries(treasurer, page) for page in pages] == first
    assert max(first) <= 15


def _queries(client, page):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


def test_the_largest_contract_stays_light(treasurer, march_2026, cpts):
    missions = dict.fromkeys(
        (
            "acces_soins",
            "parcours",
            "prevention",
            "crise_sanitaire",
            "qualite_pertinence",
            "accompagnement_ps",
        ),
        date(2022, 9, 1),
    )
    sign(cpts, replace(EXAMPLE_B, missions=missions, crisis_years=(1, 2, 3)))
    assert len(treasurer.get(url()).content) <= 40_000


def test_an_adjustment_is_drawn_below_zero(treasurer, contract_a):
    receive(contract_a, MARCH[2])
    change(contract_a, expected_attainment=Decimal("0.1"))
    response = treasurer.get(url(query="annee=2&civile=2027"))
    assert response.context["total"] == Decimal(-56_000)
    assertContains(response, "2027, Volet variable\u00a0: \u221256\u202f000,00\u00a0€", html=False)
    assertContains(response, "Total, une fois déduit ce qui est sous zéro", count=2)


def test_each_due_date_says_why_and_whose_it_is(sign_in, contract_a):
    response = sign_in(Role.REVIEWER).get(url())
    assert [row["occasion"] for row in response.context["due_dates"]][:3] == [
        "Signature",
        "Démarrage de mission",
        "1er\u00a0anniversaire",
    ]
    assertContains(response, "CPTS du Littoral d’essai, contrat du 15 mars 2023")


def test_a_refused_filter_is_cleared_by_the_whole_page(treasurer, contract_a):
    assertContains(treasurer.get(url()), 'hx-target="#lignes"')
    assertNotContains(treasurer.get(url(query="annee=99")), 'hx-target="#lignes"', status_code=400)
