"""The simulator on real communes: population, size and payload follow the address, or it says why not."""

import pytest
from django.urls import reverse

from core.jobs.models import Job
from tests.factories.territories import GRAND_PARIS, GRANVILLE, VILLEDIEU

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("granville")]

CONTRACT = "signature=2023-03-15&missions=parcours"


def url(query: str, name: str = "simulator") -> str:
    return f"{reverse(f'funding:{name}')}?{query}"


def test_the_communes_of_the_address_give_population_size_and_payload(client):
    query = f"{CONTRACT}&epci={VILLEDIEU}&communes=50218&ajouter=epci:{GRANVILLE}"
    response = client.get(url(query))
    result = response.context["result"]
    assert (result.population, result.size) == (61_429, 2)
    assert response.context["query"] == f"{CONTRACT}&epci={GRANVILLE},{VILLEDIEU}"
    assert client.post(url(query, "simulation_pdf")).status_code == 302
    (job,) = Job.objects.all()
    assert job.payload["simulation"]["territory"] == {"epci": [GRANVILLE, VILLEDIEU], "communes": []}
    assert "population" not in job.payload["simulation"]


def test_a_refused_addition_leaves_the_schedule_as_it_was(client):
    before = client.get(url(f"{CONTRACT}&epci={GRAND_PARIS}")).context["result"]
    response = client.get(url(f"{CONTRACT}&epci={GRAND_PARIS}&ajouter=commune:75101"))
    assert response.context["result"].schedule == before.schedule
    assert response.context["picker"].errors


@pytest.mark.parametrize(
    ("territory", "sentence"),
    [
        ("", "Choisissez au moins une commune, ou donnez un nombre d’habitants."),
        # Computing without the unknown commune would answer another question than the one asked.
        (f"epci={VILLEDIEU}&communes=99999", "Aucune commune n’a le code «\u00a099999\u00a0»"),
        ("communes=98412", "Ce territoire n’a pas d’habitant"),
    ],
    ids=["none", "unknown", "uninhabited"],
)
def test_a_territory_that_gives_no_population_is_refused(client, territory, sentence):
    response = client.get(url(f"{CONTRACT}&{territory}"))
    assert response.context["result"] is None
    (message,) = response.context["form"].errors["source"]
    assert message.startswith(sentence)
    assert client.get(url(f"{CONTRACT}&{territory}", "schedule_csv")).status_code == 400


def test_the_queries_do_not_grow_with_the_territory(client, django_assert_num_queries):
    for territory in (f"epci={VILLEDIEU}", f"epci={VILLEDIEU},{GRANVILLE},{GRAND_PARIS}"):
        with django_assert_num_queries(2):
            client.get(url(f"{CONTRACT}&{territory}"))
