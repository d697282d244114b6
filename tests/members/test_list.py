"""The list of a registry: who is found, in what order, under which columns, at what cost."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.access.enums import Role
from core.organisations.models import TerritoryCommune, TerritoryVersion
from members.domain.list_columns import DEFAULT_COLUMNS, LIST_COLUMNS
from members.domain.names import fold_names
from members.models import PracticePlace, Suspension
from tests.factories.members import (
    RECORDED,
    MemberFactory,
    MembershipFactory,
    StructureFactory,
    VotingCollegeFactory,
)

URL = "/cpts/littoral/membres/"


def names(client, **query):
    response = client.get(URL, query)
    assert response.status_code == 200, response.context["form"].errors
    return [row.last_name for row in response.context["rows"]]


@pytest.fixture
def add(cpts):
    """Return a maker of people of the CPTS, by their name."""

    def make(last_name, **values):
        return MemberFactory(cpts=cpts, last_name=last_name, **values)

    return make


@pytest.fixture
def join(cpts):
    """Return a maker of members of the CPTS, by their name and their period."""

    def make(last_name, **period):
        return MembershipFactory(member=MemberFactory(cpts=cpts, last_name=last_name), **period)

    return make


@pytest.fixture
def territory(cpts):
    """Give the CPTS a territory of two communes, each of its EPCI."""
    version = TerritoryVersion.objects.create(
        cpts=cpts, starts_on=date(2022, 1, 1), vintage_year=2026, population=10, population_source="Essai",
        commune_count=2, recorded_at=RECORDED,
    )  # fmt: skip
    for code, name, epci in (("50218", "Granville", "1"), ("50025", "Avranches", "2")):
        TerritoryCommune.objects.create(
            territory=version, code=code, city_code=code, name=name, departement_code="50",
            departement_name="Manche", region_code="28", epci_code=epci, epci_name=f"EPCI {epci}",
        )  # fmt: skip


class TestSearch:
    @pytest.mark.parametrize("typed", ["lefe", "LEFÈVRE zoe", "zoé", "infirm", "saint lo", "st-lô"])
    def test_words_are_found_without_accents(self, coordinator, add, typed):
        add("Lefèvre", first_name="Zoé", commune_code="50502", commune_name="Saint-Lô")
        add("Martin", first_name="Paul", profession="10")

        assert names(coordinator, recherche=typed) == ["Lefèvre"]

    def test_people_are_found_by_their_structure(self, coordinator, add):
        member = add("Martin")
        fold_names(member, ["Pôle santé du Thar"]).save()
        add("Petit")

        assert names(coordinator, recherche="pole thar") == ["Martin"]

    def test_what_changes_alone_is_sent_as_one_types(self, coordinator, add):
        add("Martin")
        response = coordinator.get(
            URL, {"recherche": "mart", "situation": ""}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="liste"
        )

        page = response.content.decode()
        assert "<html" not in page
        assert "<b>Martin</b>" in page
        assert response["HX-Replace-Url"] == f"{URL}?recherche=mart"

    def test_a_name_is_shown_as_it_was_typed(self, coordinator, add):
        add("<script>alert(1)</script>")

        assert "<script>alert" not in coordinator.get(URL).content.decode()


class TestFilters:
    @pytest.mark.parametrize(
        ("name", "value", "fields"),
        [
            ("profession", "50", {"profession": "50"}),
            ("medecine", "general", {"profession": "10", "doctor_kind": "general"}),
            ("exercice", "salaried", {"exercise_mode": "salaried"}),
            ("participation", "to_confirm", {"participation": "to_confirm"}),
            ("gouvernance", "oui", {"in_governance": True}),
            ("courriel", "avec", {"email": "a@example.org"}),
        ],
    )
    def test_a_field(self, coordinator, add, name, value, fields):
        add("Autre")
        add("Voulu", **fields)

        assert names(coordinator, **{name: value}) == ["Voulu"]

    def test_the_opposite_of_a_field(self, coordinator, add):
        add("Avec", email="a@example.org", in_governance=True)
        add("Sans")

        assert names(coordinator, courriel="sans") == ["Sans"]
        assert names(coordinator, gouvernance="non") == ["Sans"]

    def test_kinds_of_people_and_of_structures(self, coordinator, add, cpts):
        add("Personne")
        StructureFactory(cpts=cpts, last_name="Pharmacie d’essai", structure_kind="pharmacy")
        StructureFactory(cpts=cpts, last_name="Centre d’essai")

        assert names(coordinator, personne="natural") == ["Personne"]
        assert names(coordinator, personne="legal") == ["Centre d’essai", "Pharmacie d’essai"]
        assert names(coordinator, nature="pharmacy") == ["Pharmacie d’essai"]

    def test_the_status_on_a_day(self, coordinator, add, join):
        add("Contact")
        join("Candidat", state="applied", decided_on=None, decided_by="", starts_on=None)
        join("Présent")
        join("Parti", state="ended", ends_on=date(2025, 1, 1), end_ground="resignation")
        suspended = join("Suspendu")
        Suspension.objects.create(
            membership=suspended, starts_on=date(2025, 6, 1), reason="Essai", recorded_at=RECORDED
        )

        assert names(coordinator, situation="contact") == ["Contact"]
        assert names(coordinator, situation="applicant") == ["Candidat"]
        assert names(coordinator, situation="member") == ["Présent"]
        assert names(coordinator, situation="former") == ["Parti"]
        assert names(coordinator, situation="suspended") == ["Suspendu"]
        assert names(coordinator, situation="membres") == ["Présent", "Suspendu"]
        assert names(coordinator, situation="membres", au="2024-06-01") == ["Parti", "Présent", "Suspendu"]
        assert names(coordinator, situation="coming", au="2024-01-01") == ["Parti", "Présent", "Suspendu"]

    def test_category_and_college(self, coordinator, join, cpts):
        college = VotingCollegeFactory(cpts=cpts)
        join("Honneur", category="honorary")
        join("Collège", college=college)

        assert names(coordinator, categorie="honorary") == ["Honneur"]
        assert names(coordinator, college=college.pk) == ["Collège"]

    def test_the_college_of_another_cpts_is_none_of_ours(self, coordinator, other_cpts, add):
        add("Martin")
        foreign = VotingCollegeFactory(cpts=other_cpts)

        assert coordinator.get(URL, {"college": foreign.pk}).status_code == 400

    @pytest.mark.usefixtures("territory")
    def test_communes_and_epci(self, coordinator, add):
        add("Granville", commune_code="50218", commune_name="Granville")
        add("Loin", commune_code="35288", commune_name="Saint-Malo")
        add("Nulle part")
        second = add("Deux lieux", commune_code="35288", commune_name="Saint-Malo")
        PracticePlace.objects.create(member=second, commune_code="50025", commune_name="Avranches")

        assert names(coordinator, commune="50218") == ["Granville"]
        assert names(coordinator, commune="50025") == ["Deux lieux"]
        assert names(coordinator, epci="1") == ["Granville"]
        assert names(coordinator, commune="hors") == ["Deux lieux", "Loin"]
        assert names(coordinator, commune="aucune") == ["Nulle part"]

    def test_the_structure_where_people_practise(self, coordinator, add, cpts):
        centre = StructureFactory(cpts=cpts, last_name="Centre du Thar")
        PracticePlace.objects.create(member=add("Dedans"), structure=centre, is_main=True)
        PracticePlace.objects.create(member=add("Parti"), structure=centre, archived_at=RECORDED)
        add("Dehors")

        assert names(coordinator, structure=str(centre.number)) == ["Dedans"]
        assert names(coordinator, structure="thar") == ["Dedans"]
        assert names(coordinator, structure="inconnue") == []

    def test_they_combine_and_show_as_chips(self, coordinator, add):
        add("Voulu", profession="50", participation="to_confirm", email="a@example.org")
        add("Sans courriel", profession="50", participation="to_confirm")
        add("Certain", profession="50", email="a@example.org")
        asked = {"profession": "50", "participation": "to_confirm", "courriel": "avec"}

        assert names(coordinator, **asked) == ["Voulu"]
        form = coordinator.get(URL, asked).context["form"]
        assert [chip.label for chip in form.chips] == [
            "Sage-femme", "Participation\u00a0: À confirmer", "Avec adresse",
        ]  # fmt: skip
        assert form.chips[0].without == "participation=to_confirm&courriel=avec"

    @pytest.mark.parametrize("query", [{"situation": "roi"}, {"au": "2026-02-30"}, {"profession": "0"}])
    def test_what_means_nothing_is_told_and_left_out(self, coordinator, add, query):
        add("Martin")
        response = coordinator.get(URL, query)

        assert response.status_code == 400
        assert [row.last_name for row in response.context["rows"]] == ["Martin"]
        assert "error-summary" in response.content.decode()

    def test_every_filter_has_its_field(self, coordinator):
        page = coordinator.get(f"{URL}filtres/", {"profession": "50"}).content.decode()

        for name in ("situation", "au", "college", "commune", "epci", "structure", "tri", "colonnes"):
            assert f'name="{name}"' in page


class TestOrderAndColumns:
    def test_orders(self, coordinator, add):
        add("Zola", number=1, commune_name="Évreux", commune_code="27229", profession="60")
        add("Abel", number=3, commune_name="Zuydcoote", commune_code="59668", profession="10")
        add("Émile", number=2, profession="50")

        assert names(coordinator) == ["Abel", "Émile", "Zola"]
        assert names(coordinator, tri="commune") == ["Zola", "Abel", "Émile"]
        assert names(coordinator, tri="profession") == ["Zola", "Abel", "Émile"]
        assert names(coordinator, tri="recents") == ["Émile", "Abel", "Zola"]
        assert names(coordinator, tri="numero") == ["Zola", "Émile", "Abel"]

    def test_usual_columns(self, coordinator, join):
        membership = join("Martin", college=None)
        centre = StructureFactory(cpts=membership.member.cpts, last_name="Centre du Thar")
        PracticePlace.objects.create(member=membership.member, structure=centre, is_main=True)

        row = next(row for row in coordinator.get(URL).context["rows"] if row.last_name == "Martin")
        assert [cell.text for cell in row.cells] == ["Infirmier", "Centre du Thar", "Membre", "Membre actif"]
        assert row.cells[2].kind == "success"
        assert len(row.cells) == len(DEFAULT_COLUMNS)

    @pytest.mark.parametrize("chosen", ["courriel,telephone", ["telephone", "courriel"]])
    def test_columns_that_one_chooses(self, coordinator, add, chosen):
        add("Martin", email="m@example.org", phone="+33233500000")
        response = coordinator.get(URL, {"colonnes": chosen})

        (row,) = response.context["rows"]
        assert response.context["form"].headers == ["Adresse électronique", "Téléphone"]
        assert [(cell.text, cell.href) for cell in row.cells] == [
            ("m@example.org", "mailto:m@example.org"),
            ("02 33 50 00 00", "tel:0233500000"),
        ]

    def test_every_column_can_be_shown(self, coordinator, join):
        join("Martin")
        response = coordinator.get(URL, {"colonnes": ",".join(LIST_COLUMNS)})

        assert len(response.context["rows"][0].cells) == len(LIST_COLUMNS)

    def test_who_is_to_confirm_is_told_beside_their_name(self, coordinator, add):
        add("Martin", participation="to_confirm")
        page = coordinator.get(URL).content.decode()

        assert (
            '<span class="status status-warning"><svg><use href="#s-warning"/></svg>à confirmer</span>'
            in page
        )


class TestPage:
    def test_it_counts_what_matters(self, coordinator, add, join):
        add("Contact", participation="to_confirm")
        join("Présent")
        join("Candidat", state="applied", decided_on=None, decided_by="", starts_on=None)

        counts = coordinator.get(URL).context["counts"]
        assert (counts.members, counts.to_decide, counts.to_confirm) == (1, 1, 1)

    def test_an_empty_registry_says_how_to_begin(self, coordinator, sign_in):
        assert "Inscrivez une première personne" in coordinator.get(URL).content.decode()
        assert "La coordination y inscrit" in sign_in(Role.BOARD).get(URL).content.decode()

    def test_nobody_of_another_cpts_nor_merged_nor_forgotten_is_listed(self, coordinator, add, other_cpts):
        kept = add("Gardé")
        add("Fusionné", merged_into=kept)
        add("Anonymisé", anonymised_at=timezone.now())
        MemberFactory(cpts=other_cpts, last_name="Ailleurs")

        assert names(coordinator) == ["Gardé"]

    def test_pages_of_fifty(self, coordinator, add):
        for number in range(51):
            add(f"Essai {number:02}")

        assert len(names(coordinator)) == 50
        assert names(coordinator, page="2") == ["Essai 50"]
        assert names(coordinator, page="pouet") == names(coordinator)

    def test_as_many_queries_for_three_as_for_one(self, coordinator, cpts):
        def count():
            coordinator.get(URL)
            with CaptureQueriesContext(connection) as queries:
                coordinator.get(URL, {"colonnes": ",".join(LIST_COLUMNS)})
                return len(queries)

        def one_more():
            college = VotingCollegeFactory(cpts=cpts)
            membership = MembershipFactory(member__cpts=cpts, college=college)
            PracticePlace.objects.create(
                member=membership.member, structure=StructureFactory(cpts=cpts), is_main=True
            )

        one_more()
        with_one = count()
        one_more()
        one_more()
        assert count() == with_one <= 15

    @pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD])
    def test_others_read_without_acting(self, sign_in, add, role):
        add("Martin")
        page = sign_in(role).get(URL).content.decode()

        assert "<b>Martin</b>" in page
        assert "Action groupée" not in page
        assert "ajouter/personne" not in page

    @pytest.mark.parametrize("address", ["", "filtres/", "membres.xlsx", "vues/", "lot/"])
    def test_refusals(self, client, sign_in, other_cpts, address):
        assert client.get(f"{URL}{address}").status_code == 302
        assert sign_in(Role.MEMBER).get(f"{URL}{address}").status_code == 403
        assert sign_in(Role.REVIEWER).get(f"{URL}{address}").status_code in {403, 404}
        assert sign_in(Role.COORDINATOR, other_cpts).get(f"{URL}{address}").status_code == 404
        assert sign_in(Role.COORDINATOR).delete(f"{URL}{address}").status_code == 405
