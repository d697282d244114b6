"""Acting on many members at once: what is confirmed is what is done, once."""

import pytest
from django.core import signing

from core.access.actors import Actor
from core.access.enums import Role
from core.audit.domain.chains import chain_faults
from core.audit.domain.details import told_by
from core.audit.models import AuditEntry
from members.domain.bulk import BULK_ACTIONS, run_bulk
from members.models import Member
from tests.factories.members import RECORDED, MemberFactory

URL = "/cpts/littoral/membres/lot/"
CERTAIN, GOVERNS = "participation-certaine", "gouvernance-oui"


@pytest.fixture
def people(cpts):
    """Write three people whose participation is to confirm, and one whose is certain."""
    made = [MemberFactory(cpts=cpts, last_name=f"Essai {rank}", participation="to_confirm") for rank in "abc"]
    return [*made, MemberFactory(cpts=cpts, last_name="Essai d")]


def ask(client, **query):
    return client.get(URL, {"action": CERTAIN, "portee": "tous", **query})


def agree(client, page, query=""):
    form = page.context["form"]
    return client.post(f"{URL}{query}", {"selection": form.initial["selection"]}, follow=True)


def to_confirm():
    return set(Member.objects.filter(participation="to_confirm").values_list("last_name", flat=True))


def entries():
    return AuditEntry.objects.filter(action="members.member_updated")


def messages(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.usefixtures("people")
class TestConfirmation:
    def test_it_says_how_many_and_names_them(self, coordinator):
        page = ask(coordinator)

        assert (page.context["choice"].count, page.context["choice"].to_do) == (4, 3)
        text = page.content.decode()
        assert "<strong>4&nbsp;inscrits</strong>" in text
        assert "Camille Essai a" in text
        assert (entries().count(), to_confirm()) == (0, {"Essai a", "Essai b", "Essai c"})

    def test_beyond_ten_it_counts_the_others(self, coordinator, cpts):
        for rank in range(8):
            MemberFactory(cpts=cpts, last_name=f"Essai {rank}")

        assert "et 2 autres" in ask(coordinator, action=GOVERNS).content.decode()

    def test_only_what_is_filtered(self, coordinator):
        page = ask(coordinator, recherche="essai b")

        assert page.context["choice"].count == 1
        agree(coordinator, page)
        assert to_confirm() == {"Essai a", "Essai c"}

    def test_only_what_is_ticked(self, coordinator, people):
        page = ask(coordinator, portee="coches", membre=[people[0].pk, people[2].pk])

        agree(coordinator, page)
        assert to_confirm() == {"Essai b"}

    @pytest.mark.parametrize(
        "query",
        [{"portee": "coches"}, {"action": "effacer"}, {"portee": "coches", "membre": ["x", "9" * 30, "-1"]}],
    )
    def test_nothing_chosen_is_told(self, coordinator, query):
        response = ask(coordinator, **query)

        assert response.status_code == 400
        assert "Rien n’est choisi" in response.content.decode()

    def test_people_of_another_cpts_are_not_there(self, coordinator, people, other_cpts):
        foreign = MemberFactory(cpts=other_cpts, participation="to_confirm", last_name="Ailleurs")
        page = ask(coordinator, portee="coches", membre=[people[0].pk, foreign.pk])

        assert page.context["choice"].count == 1
        agree(coordinator, page)
        assert to_confirm() == {"Essai b", "Essai c", "Ailleurs"}
        assert ask(coordinator, portee="coches", membre=foreign.pk).status_code == 400


class TestDoing:
    def test_each_history_tells_it(self, coordinator, people):
        response = agree(coordinator, ask(coordinator))

        assert messages(response) == ["C’est fait pour 4 inscrits\u00a0: participation certaine."]
        assert to_confirm() == set()
        assert {entry.target_id for entry in entries()} == {str(each.pk) for each in people[:3]}
        (told, *_) = told_by(list(entries()))
        assert told.changes == {"participation": ["to_confirm", "certain"]}
        assert told.note == "Action groupée\u00a0: participation certaine."
        assert list(chain_faults()) == []
        assert {each.revision for each in Member.objects.filter(pk__in=[each.pk for each in people[:3]])} == {
            2
        }
        assert Member.objects.get(pk=people[3].pk).revision == 1

    @pytest.mark.usefixtures("people")
    def test_a_double_click_does_it_once(self, coordinator):
        page = ask(coordinator)
        first, second = agree(coordinator, page), agree(coordinator, page)

        assert messages(first) == messages(second)
        assert entries().count() == 3

    @pytest.mark.usefixtures("people")
    def test_who_joined_the_list_meanwhile_is_left_alone(self, coordinator, cpts):
        page = ask(coordinator, participation="to_confirm")
        MemberFactory(cpts=cpts, last_name="Arrivé", participation="to_confirm")

        agree(coordinator, page)
        assert to_confirm() == {"Arrivé"}

    def test_who_left_the_registry_meanwhile_is_counted(self, coordinator, people):
        page = ask(coordinator)
        Member.objects.filter(pk=people[0].pk).update(merged_into=people[1])
        response = agree(coordinator, page)

        (told,) = messages(response)
        assert told.endswith("participation certaine. 1 n’était plus au registre.")
        assert to_confirm() == {"Essai a"}

    @pytest.mark.usefixtures("people")
    def test_one_comes_back_to_the_same_list(self, coordinator):
        response = agree(coordinator, ask(coordinator), query="?profession=60")

        assert response.redirect_chain == [("/cpts/littoral/membres/?profession=60", 302)]

    @pytest.mark.usefixtures("people")
    @pytest.mark.parametrize("action", BULK_ACTIONS)
    def test_every_action(self, coordinator, action):
        agree(coordinator, ask(coordinator, action=action))

        field = {"participation": "participation"}.get(action.partition("-")[0], "in_governance")
        values = set(Member.objects.values_list(field, flat=True))
        expected = {
            CERTAIN: "certain",
            "participation-a-confirmer": "to_confirm",
            GOVERNS: True,
            "gouvernance-non": False,
        }
        assert values == {expected[action]}

    def test_thousands_in_a_few_queries(self, cpts, django_assert_max_num_queries):
        rows = [
            Member(cpts=cpts, number=rank, kind="natural", last_name="E", first_name="C", sort_name="e",
                   participation="to_confirm", created_at=RECORDED)
            for rank in range(1, 1201)
        ]  # fmt: skip
        Member.objects.bulk_create(rows)
        by = Actor(role=Role.COORDINATOR, user_id=7, cpts_id=cpts.pk)
        ids = list(Member.objects.values_list("pk", flat=True))

        with django_assert_max_num_queries(60):
            outcome = run_bulk(cpts, BULK_ACTIONS[CERTAIN], ids, by=by, now=RECORDED)
        assert (outcome.changed, outcome.unchanged, outcome.gone) == (1200, 0, 0)
        assert entries().count() == 1200


@pytest.mark.usefixtures("people")
class TestRefusals:
    @pytest.mark.parametrize("role", [Role.MEMBER, Role.TREASURER, Role.BOARD])
    def test_the_coordination_alone(self, coordinator, sign_in, role):
        page = ask(coordinator)

        client = sign_in(role)
        assert ask(client).status_code == 403
        assert client.post(URL, {"selection": page.context["form"].initial["selection"]}).status_code == 403
        assert len(to_confirm()) == 3

    def test_a_selection_serves_its_author_in_its_registry(self, coordinator, sign_in, other_cpts):
        page = ask(coordinator)
        for client, url in (
            (sign_in(Role.COORDINATOR), URL),
            (sign_in(Role.COORDINATOR, other_cpts), "/cpts/colline/membres/lot/"),
        ):
            response = client.post(url, {"selection": page.context["form"].initial["selection"]}, follow=True)
            assert "n’est plus valable" in messages(response)[0]
        assert len(to_confirm()) == 3

    @pytest.mark.parametrize(
        "selection",
        ["", "forgée", signing.dumps({"owner": "1"}, salt="autre")],
        ids=["none", "forged", "signed for something else"],
    )
    def test_a_forged_selection_does_nothing(self, coordinator, selection):
        response = coordinator.post(URL, {"selection": selection}, follow=True)

        assert "n’est plus valable" in messages(response)[0]
        assert len(to_confirm()) == 3
