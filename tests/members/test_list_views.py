"""Lists kept under a name: one's own, or shared with those who keep the registry."""

import pytest

from core.access.enums import Role
from core.audit.models import AuditEntry
from members.domain.list_columns import LIST_COLUMNS
from members.models import SavedView
from tests.factories.people import UserFactory

LIST, URL = "/cpts/littoral/membres/", "/cpts/littoral/membres/vues/"
QUERY = "profession=50&courriel=sans&tri=commune&colonnes=lieu,telephone"


@pytest.fixture
def made(cpts):
    """Return a maker of views of somebody else's."""

    def make(name="Vue d’essai", **values):
        values = {"owner": UserFactory(), "query": QUERY, "created_at": cpts.created_at} | values
        return SavedView.objects.create(cpts=values.pop("cpts", cpts), name=name, **values)

    return make


def save(client, name="Sans courriel", query=QUERY, **values):
    return client.post(f"{URL}?{query}", {"name": name, **values})


def actions():
    return list(AuditEntry.objects.filter(action__startswith="members.view").values_list("action", flat=True))


class TestSaving:
    def test_filters_order_and_columns_come_back(self, coordinator):
        response = save(coordinator)

        assert response["Location"] == f"{LIST}?{QUERY}"
        view = SavedView.objects.get()
        assert (view.name, view.query, view.is_shared) == ("Sans courriel", QUERY, False)
        (offered,) = coordinator.get(response["Location"]).context["views"]
        assert (offered.url, offered.is_current) == (f"{LIST}?{QUERY}", True)
        assert actions() == ["members.view_saved"]

    def test_what_is_no_filter_is_left_out(self, coordinator):
        save(coordinator, query="profession=50&page=3&intrus=1&situation=")

        assert SavedView.objects.get().query == "profession=50"

    def test_sent_twice_it_is_kept_once(self, coordinator):
        assert save(coordinator).status_code == save(coordinator).status_code == 302
        assert (SavedView.objects.count(), actions()) == (1, ["members.view_saved"])

    @pytest.mark.parametrize("name", ["", "  ", "x" * 61])
    def test_a_name_is_asked_for(self, coordinator, name):
        response = save(coordinator, name=name)

        assert response.status_code == 400
        assert not SavedView.objects.exists()

    def test_a_name_serves_once(self, coordinator):
        save(coordinator)
        response = save(coordinator, query="profession=60")

        assert response.status_code == 400
        assert "Vous avez déjà une vue de ce nom." in response.content.decode()
        assert SavedView.objects.get().query == QUERY

    def test_the_longest_list_can_be_saved(self, coordinator):
        long = "%C3%A9" * 60
        save(coordinator, query=f"recherche={long}&structure={long}&colonnes={','.join(LIST_COLUMNS)}")

        assert SavedView.objects.get().query.endswith("fin")


class TestSharing:
    def test_others_find_what_is_shared_alone(self, sign_in, made):
        made("Partagée", is_shared=True)
        made("Secrète")
        page = sign_in(Role.BOARD).get(URL).content.decode()

        assert "Partagée" in page
        assert "Secrète" not in page

    def test_its_author_renames_it_and_shares_it(self, coordinator):
        save(coordinator)
        view = SavedView.objects.get()
        response = coordinator.post(f"{URL}{view.pk}/modifier/", {"name": "À relancer", "is_shared": "on"})

        view.refresh_from_db()
        assert response.status_code == 302
        assert (view.name, view.is_shared, view.query) == ("À relancer", True, QUERY)
        assert sorted(actions()) == ["members.view_saved", "members.view_updated"]

    def test_another_name_of_one_s_own_is_refused(self, coordinator):
        save(coordinator)
        save(coordinator, name="Autre", query="profession=60")
        view = SavedView.objects.get(name="Autre")

        response = coordinator.post(f"{URL}{view.pk}/modifier/", {"name": "Sans courriel"})
        assert response.status_code == 400
        assert coordinator.post(f"{URL}{view.pk}/modifier/", {"name": ""}).status_code == 400
        view.refresh_from_db()
        assert view.name == "Autre"

    def test_nobody_else_changes_it(self, coordinator, made):
        view = made(is_shared=True)

        assert coordinator.get(f"{URL}{view.pk}/modifier/").status_code == 403
        assert coordinator.post(f"{URL}{view.pk}/modifier/", {"name": "x"}).status_code == 403

    def test_its_author_forgets_it_once_whatever_the_clicks(self, coordinator):
        save(coordinator)
        address = f"{URL}{SavedView.objects.get().pk}/supprimer/"

        assert coordinator.post(address).status_code == coordinator.post(address).status_code == 302
        assert not SavedView.objects.exists()
        assert sorted(actions()) == ["members.view_deleted", "members.view_saved"]

    def test_the_coordination_clears_what_others_shared(self, coordinator, sign_in, made):
        shared, secret = made("Partagée", is_shared=True), made("Secrète")

        assert sign_in(Role.TREASURER).post(f"{URL}{shared.pk}/supprimer/").status_code == 403
        assert coordinator.post(f"{URL}{shared.pk}/supprimer/").status_code == 302
        assert coordinator.post(f"{URL}{secret.pk}/supprimer/").status_code == 404
        assert list(SavedView.objects.all()) == [secret]

    def test_views_of_another_cpts_are_not_there(self, coordinator, made, other_cpts):
        foreign = made(cpts=other_cpts, is_shared=True)

        for address in ("modifier/", "supprimer/"):
            assert coordinator.post(f"{URL}{foreign.pk}/{address}").status_code == 404
        assert list(SavedView.objects.all()) == [foreign]
