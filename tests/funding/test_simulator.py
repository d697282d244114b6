"""The public simulator: its page, its parts, its refusals."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertTemplateUsed

from core.jobs.models import Job
from tests.funding.conftest import EXAMPLE_A_QUERY

pytestmark = pytest.mark.django_db

SIMULATOR = reverse("funding:simulator")
HTMX = {"HX-Request": "true"}


def url(name: str = "simulator", query: str = EXAMPLE_A_QUERY, **kwargs: object) -> str:
    return f"{reverse(f'funding:{name}', kwargs=kwargs)}?{query}"


def test_a_blank_page_says_how_to_begin(client):
    response = client.get(SIMULATOR)
    assert response.status_code == 200
    assert response.context["result"] is None
    assertContains(response, "L’échéancier s’affichera ici")
    assertContains(response, response.context["example_url"].replace("&", "&amp;"))


def test_the_address_alone_shows_the_schedule_to_the_cent(client):
    response = client.get(url())
    assertContains(response, "1\u202f170\u202f147,54\u00a0€")
    assertContains(response, "39\u202f159,84\u00a0€")
    assert [(due["due_on"], due["occasion"]) for due in response.context["due_dates"]] == [
        (date(2023, 3, 15), "Signature"),
        (date(2023, 9, 15), "Démarrage de mission"),
        (date(2024, 3, 15), "1er\u00a0anniversaire"),
        (date(2025, 3, 15), "2e\u00a0anniversaire"),
        (date(2026, 3, 15), "3e\u00a0anniversaire"),
        (date(2027, 3, 15), "4e\u00a0anniversaire"),
        (date(2028, 3, 15), "5e\u00a0anniversaire"),
    ]


def test_the_address_that_htmx_leaves_shows_the_same_simulation(client):
    update = client.get(url(), headers=HTMX)
    address = update["HX-Replace-Url"]
    assert address.startswith(f"{SIMULATOR}?")
    again = client.get(address)
    assert again.context["result"].schedule == update.context["result"].schedule
    assert client.get(address, headers=HTMX)["HX-Replace-Url"] == address


def test_htmx_gets_the_result_alone(client):
    response = client.get(url(), headers=HTMX)
    assertTemplateUsed(response, "funding/_update.html")
    content = response.content.decode()
    assert content.lstrip().startswith('<section id="resultats"')
    assert "<html" not in content
    assert 'id="territoire"' not in content


def test_htmx_gets_the_picker_again_when_the_territory_was_edited(client):
    response = client.get(url(query=f"{EXAMPLE_A_QUERY}&chercher=1&recherche=gran"), headers=HTMX)
    assert 'id="territoire"' in response.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_refusal_is_said_beside_the_field_and_summed_up(client, headers):
    wrong = EXAMPLE_A_QUERY.replace("debut_parcours=2024-03-15", "debut_parcours=2022-03-15")
    response = client.get(url(query=wrong), headers=headers)
    assert response.status_code == 200
    assert response.context["result"] is None
    (message,) = response.context["form"].errors["debut_parcours"]
    assert "avant la signature du contrat" in message
    assertContains(response, message, count=2)
    assertContains(response, 'href="#id_debut_parcours"')


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("2023-03-15&atteinte", "2018-03-15&atteinte"), "signature"),
        (("debut_parcours=2024-03-15", "debut_parcours=2028-03-15"), "debut_parcours"),
        (("atteinte=80", "atteinte=80&bareme=aci-2019"), "debut_crise_sanitaire"),
        (("population=60200", "population="), "population"),
        (("source=population&", ""), "source"),
    ],
)
def test_what_cannot_be_computed_is_said_on_its_field(client, change, field):
    response = client.get(url(query=EXAMPLE_A_QUERY.replace(*change)))
    assert list(response.context["form"].errors) == [field]


@pytest.mark.parametrize(
    ("signed_on", "last"),
    [
        ("2020-02-29", date(2025, 2, 28)),
        ("2024-02-29", date(2029, 2, 28)),
        ("2023-12-31", date(2028, 12, 31)),
    ],
)
def test_awkward_signatures_are_computed(client, signed_on, last):
    query = f"source=population&population=40000&signature={signed_on}&missions=parcours"
    response = client.get(url(query=query))
    assert response.context["due_dates"][-1]["due_on"] == last


def test_missing_core_missions_are_warned_of(client):
    query = "source=population&population=9000&signature=2024-01-01&missions=parcours"
    response = client.get(url(query=query))
    assert len(response.context["warnings"]) == 2
    assertContains(response, "À vérifier avant de signer")


def test_lines_of_a_due_date_with_their_explanations(client):
    response = client.get(url("due_date", day=date(2023, 9, 15)))
    assertTemplateUsed(response, "layout/page.html")
    assertContains(response, "26\u202f106,56\u00a0€")
    assertContains(response, "182/366\u00a0jours")
    assertContains(response, "15 novembre 2023")
    fragment = client.get(url("due_date", day=date(2023, 9, 15)), headers=HTMX)
    assertTemplateUsed(fragment, "layout/fragment.html")
    assert b"<html" not in fragment.content


@pytest.mark.parametrize("path", ["echeance/2023-09-16/", "echeance/2023-02-30/", "echeance/demain/"])
def test_a_day_when_nothing_is_due_is_not_found(client, path):
    assert client.get(f"{SIMULATOR}{path}?{EXAMPLE_A_QUERY}").status_code == 404


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("schedule_xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("schedule_csv", "text/csv; charset=utf-8"),
        ("schedule_ics", "text/calendar; charset=utf-8"),
    ],
)
def test_downloads(client, name, content_type):
    response = client.get(url(name))
    assert response.status_code == 200
    assert response["Content-Type"] == content_type
    extension = name.removeprefix("schedule_")
    assert response["Content-Disposition"] == f'attachment; filename="echeancier-aci.{extension}"'


@pytest.mark.parametrize("name", ["schedule_xlsx", "schedule_csv", "schedule_ics"])
@pytest.mark.parametrize("query", ["", "signature=2023-03-15", f"{EXAMPLE_A_QUERY}&atteinte=200"])
def test_an_incomplete_address_gives_no_file(client, name, query):
    response = client.get(url(name, query=query))
    assert response.status_code == 400
    assertTemplateUsed(response, "funding/incomplete.html")


@pytest.mark.parametrize("name", ["simulator", "schedule_xlsx", "schedule_csv", "schedule_ics"])
def test_reading_addresses_refuse_to_be_written_to(client, name):
    assert client.post(url(name)).status_code == 405


def test_the_pdf_is_asked_once_and_its_job_is_shown(client, settings):
    response = client.post(url("simulation_pdf"))
    (job,) = Job.objects.all()
    assert response.status_code == 302
    assert response["Location"] == reverse("jobs:detail", args=[job.pk])
    assert job.kind == "funding.simulated_schedule"
    assert job.payload["simulation"]["signed_on"] == "2023-03-15"
    assert job.payload["address"] == settings.SITE_URL + client.get(url(), headers=HTMX)["HX-Replace-Url"]
    assert (job.expires_at - job.created_at).total_seconds() == 86_400


def test_a_double_click_asks_one_pdf(client):
    first, second = client.post(url("simulation_pdf")), client.post(url("simulation_pdf"))
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


def test_each_person_and_each_simulation_has_its_own_pdf(client):
    other = EXAMPLE_A_QUERY.replace("60200", "60201")
    answers = [
        client.post(url("simulation_pdf")),
        client.post(url("simulation_pdf"), REMOTE_ADDR="192.0.2.7"),
        client.post(url("simulation_pdf", query=other)),
    ]
    assert len({answer["Location"] for answer in answers}) == Job.objects.count() == 3


def test_the_pdf_is_not_asked_by_reading(client):
    assert client.get(url("simulation_pdf")).status_code == 405
    assert not Job.objects.exists()


def test_the_pdf_of_an_incomplete_simulation_is_refused(client):
    assert client.post(url("simulation_pdf", query="signature=2023-03-15")).status_code == 400
    assert not Job.objects.exists()


def test_the_pdf_is_not_asked_from_another_site(client):
    client.handler.enforce_csrf_checks = True
    assert client.post(url("simulation_pdf")).status_code == 403
    assert not Job.objects.exists()


def test_too_many_pdf_are_refused_with_the_wait(client, settings):
    settings.ANONYMOUS_PDF_PER_HOUR = 2
    others = [EXAMPLE_A_QUERY.replace("60200", str(population)) for population in (60_201, 60_202, 60_203)]
    assert [client.post(url("simulation_pdf", query=query)).status_code for query in others] == [
        302,
        302,
        429,
    ]
    response = client.post(url("simulation_pdf"))
    assert 3_590 <= int(response["Retry-After"]) <= 3_601
    assertContains(response, "60\u00a0minutes", status_code=429)
    assert Job.objects.count() == 2
    elsewhere = client.post(url("simulation_pdf"), REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


def test_pages_ask_the_database_for_nothing_when_the_population_is_typed(client, django_assert_num_queries):
    client.get(url())
    with django_assert_num_queries(0):
        client.get(url())
    with django_assert_num_queries(0):
        client.get(url("schedule_csv"))
