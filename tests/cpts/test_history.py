"""The history of a CPTS and of the platform, read by people."""

import re
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.template import Context, Template
from django.test import Client

from core.access.actors import PLATFORM, Actor, HeldRoles
from core.access.enums import Role
from core.audit.domain.journal import record
from core.audit.models import AuditEntry
from funding.models import Statement
from tests.factories.contracts import recorded
from tests.factories.decisions import decide
from tests.factories.people import UserFactory, assign, client_of

pytestmark = pytest.mark.django_db
PAGE = "/cpts/littoral/historique/"
PLATFORM_PAGE = "/administration/historique/"
NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)


def text(response):
    return " ".join(response.content.decode().split())


def lines(response):
    """Return what each entry of the page says, tags left out."""
    found = re.findall(r'<p class="journal-when">.*?</li>', text(response))
    return [" ".join(re.sub(r"<[^>]+>", " ", line).replace("&nbsp;", "\u00a0").split(" ")) for line in found]


@transaction.atomic
def write(target, *, by=None, now=NOW, cpts_id=None, **entry):
    entry = {"action": "organisations.association_updated"} | entry
    action = entry.pop("action")
    return record(action, target, by=by or PLATFORM, now=now, cpts_id=cpts_id, **entry)


@pytest.fixture
def camille():
    return UserFactory(first_name="Camille", last_name="Essai")


@pytest.fixture
def entry(cpts, camille):
    by = Actor(role=Role.COORDINATOR, user_id=camille.pk, cpts_id=cpts.pk)
    return write(cpts, by=by, cpts_id=cpts.pk, changes={"siret": ["", "73282932000074"]})


def test_an_entry_says_when_who_did_what_and_what_changed(entry, coordinator):
    page = text(coordinator.get(PAGE))

    assert "24 novembre 2026 à 14 h 05" in page
    assert "<strong>Camille Essai</strong> (coordination) a modifié l’association&nbsp;:" in page
    assert "CPTS «&nbsp;CPTS du Littoral d’essai&nbsp;»" in page
    assert "<dt>SIRET</dt> <dd> vide → 732 829 320 00074 </dd>" in page


def test_a_new_object_shows_its_values_without_a_before(cpts, coordinator):
    write(cpts, cpts_id=cpts.pk, changes={"name": [None, "Nom"]}, note="À l’ouverture.")
    page = text(coordinator.get(PAGE))

    assert "<dt>nom</dt> <dd> Nom </dd>" in page
    assert "<p>À l’ouverture.</p>" in page
    assert "<strong>La plateforme</strong> a modifié" in page


def test_what_people_wrote_is_escaped(cpts, coordinator):
    cpts.name = "<b>gras</b>"
    write(cpts, cpts_id=cpts.pk, changes={"name": ["<i>", "<script>"]}, note="<u>")

    page = text(coordinator.get(PAGE))
    assert not {"<b>gras", "<i>", "<script>", "<u>"} & set(re.findall(r"<(?:b|i|u|script)>(?:gras)?", page))


def test_entries_of_another_cpts_and_of_the_platform_are_not_told(cpts, other_cpts, entry, coordinator):
    write(other_cpts, cpts_id=other_cpts.pk, note="chez la voisine")
    write(other_cpts, note="sur la plateforme")

    page = text(coordinator.get(PAGE))
    assert "chez la voisine" not in page
    assert "sur la plateforme" not in page
    # Nor by naming its objects.
    narrowed = coordinator.get(PAGE, {"objet": f"organisations.cpts:{other_cpts.pk}"})
    assert "Rien ne correspond" in text(narrowed)


def test_the_latest_comes_first_and_pages_follow(cpts, coordinator):
    for number in range(51):
        write(cpts, cpts_id=cpts.pk, note=f"écriture {number:02}")

    first, second = coordinator.get(PAGE), coordinator.get(PAGE, {"page": "2"})
    assert len(lines(first)) == 50
    assert "écriture 50" in lines(first)[0]
    assert "écriture 00" in lines(second)[0]
    assert "Page 1 sur 2" in text(first)
    assert "51 écritures" in text(first)


def narrowed(client, **query):
    return [re.search(r"écriture (\w+)", line)[1] for line in lines(client.get(PAGE, query))]


def test_the_history_is_narrowed_by_object_person_and_period(cpts, camille, coordinator):
    by = Actor(role=Role.TREASURER, user_id=camille.pk, cpts_id=cpts.pk)
    held = assign(Role.MEMBER, cpts)
    write(cpts, cpts_id=cpts.pk, by=by, note="écriture a")
    write(held, cpts_id=cpts.pk, note="écriture b", action="accounts.role_given")
    # One minute before and at midnight, in Paris.
    write(cpts, cpts_id=cpts.pk, now=datetime(2026, 12, 1, 22, 59, tzinfo=UTC), note="écriture c")
    write(cpts, cpts_id=cpts.pk, now=datetime(2026, 12, 1, 23, 0, tzinfo=UTC), note="écriture d")

    assert narrowed(coordinator) == ["d", "c", "b", "a"]
    assert narrowed(coordinator, type="accounts.roleassignment") == ["b"]
    assert narrowed(coordinator, objet=f"accounts.roleassignment:{held.pk}") == ["b"]
    assert narrowed(coordinator, personne=camille.pk) == ["a"]
    assert narrowed(coordinator, du="2026-12-02") == ["d"]
    assert narrowed(coordinator, du="2026-12-01", au="2026-12-01") == ["c"]
    assert narrowed(coordinator, au="2026-11-24", type="organisations.cpts") == ["a"]
    page = text(coordinator.get(PAGE, {"type": "accounts.roleassignment"}))
    assert '<option value="accounts.roleassignment" selected>Rôle tenu</option>' in page
    assert f'<a href="{PAGE}">Tout revoir</a>' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"du": "hier"}, "Saisissez une date valide."),
        ({"du": "2026-02-30"}, "Saisissez une date valide."),
        ({"du": "0001-01-01"}, "Donnez une date à partir de l’an 2000."),
        ({"au": "9999-12-31"}, "Donnez une date avant l’an 2100."),
        ({"du": "2026-02-02", "au": "2026-02-01"}, "La période finit avant de commencer"),
        ({"type": "accounts.user"}, "accounts.user"),
        ({"personne": "0"}, "0"),
        ({"personne": "x' or 1=1"}, "or 1=1"),
        ({"objet": "organisations.cpts"}, ""),
        ({"objet": "a.b:1;DROP"}, ""),
        ({"objet": "a.b:\x00"}, ""),
    ],
)
def test_bad_filters_are_explained_and_show_nothing(entry, coordinator, query, sentence):
    response = coordinator.get(PAGE, query)

    assert response.status_code == 400
    assert sentence.replace("'", "&#x27;") in text(response)
    assert lines(response) == []
    assert "Tout revoir" in text(response)


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_the_nearest(entry, coordinator, page):
    assert len(lines(coordinator.get(PAGE, {"page": page}))) == 1


def test_an_empty_history_says_so(cpts, coordinator):
    assert "L’historique est vide" in text(coordinator.get(PAGE))


@pytest.mark.parametrize("more", [0, 2])
def test_the_page_costs_the_same_whatever_its_length(
    entry, coordinator, cpts, more, django_assert_num_queries
):
    for _ in range(more):
        by = Actor(role=Role.BOARD, user_id=UserFactory().pk, cpts_id=cpts.pk)
        write(cpts, cpts_id=cpts.pk, by=by, changes={"siret": [None, "1"]})

    with django_assert_num_queries(9):
        coordinator.get(PAGE)


# --- Who reads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TREASURER, Role.BOARD])
def test_those_who_run_the_cpts_read_its_history(entry, sign_in, role):
    assert len(lines(sign_in(role).get(PAGE))) == 1


@pytest.mark.parametrize("role", [Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR])
def test_others_are_told_why_not(entry, sign_in, role):
    response = sign_in(role).get(PAGE)

    assert response.status_code == 403
    assert "L’historique est ouvert à la coordination" in text(response)


def test_another_cpts_is_not_found(entry, sign_in, other_cpts):
    assert sign_in(Role.COORDINATOR, other_cpts).get(PAGE).status_code == 404


def test_anonymous_visitors_sign_in_first(entry):
    for page in (PAGE, PLATFORM_PAGE):
        assert Client().get(page)["Location"] == f"/compte/connexion/?next={page}"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_history_is_only_read(entry, coordinator, method):
    before = list(AuditEntry.objects.values())

    assert getattr(coordinator, method)(PAGE).status_code == 405
    assert list(AuditEntry.objects.values()) == before


def test_the_administrator_reads_that_of_the_platform(cpts, entry):
    administrator = assign(Role.ADMINISTRATOR)
    write(administrator, action="accounts.role_given", note="écriture a")
    page = client_of(administrator).get(PLATFORM_PAGE)

    assert len(lines(page)) == 2
    assert "écriture a" in lines(page)[0]
    assert "a ouvert un journal" in lines(page)[1]
    assert "732 829 320" not in text(page)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.PLATFORM}])
def test_nobody_else_reads_that_of_the_platform(cpts, sign_in, role):
    assert sign_in(role).get(PLATFORM_PAGE).status_code == 403
    assert sign_in(role).post(PLATFORM_PAGE).status_code == 405


# --- The way there -------------------------------------------------------------------------------


def link(role, cpts, target=None):
    template = Template("{% load journal %}{% history_of cpts target as past %}{{ past }}")
    held = assign(role, cpts).to_held_role()
    return template.render(Context({"roles": HeldRoles(current=held), "cpts": cpts, "target": target}))


def test_the_sheet_leads_to_the_history_those_who_may_read_it(cpts, sign_in):
    for role in (Role.COORDINATOR, Role.TREASURER, Role.BOARD):
        assert f'href="{PAGE}"' in text(sign_in(role).get("/cpts/littoral/"))
    for role in (Role.MEMBER, Role.REVIEWER, Role.ADMINISTRATOR):
        assert PAGE not in text(sign_in(role).get("/cpts/littoral/"))
    assert f'href="{PAGE}"' in text(sign_in(Role.BOARD).get("/cpts/littoral/personnes/"))


def test_an_object_leads_to_its_own_history(cpts):
    held = assign(Role.MEMBER, cpts)

    assert link(Role.BOARD, cpts, held) == f"{PAGE}?objet=accounts.roleassignment%3A{held.pk}"
    assert link(Role.BOARD, cpts) == PAGE
    assert link(Role.MEMBER, cpts, held) == ""


def test_what_was_decided_leads_to_its_own_history(granville, coordinator, cpts):
    contract = recorded(cpts)
    territory = decide(cpts, epci=["200042604"])
    statement = Statement.objects.get(contract=contract)
    pages = {
        f"/cpts/{cpts.slug}/contrat/": contract,
        f"/cpts/{cpts.slug}/territoire/": territory,
        f"/cpts/{cpts.slug}/decomptes/{statement.version}/": statement,
    }

    for page, target in pages.items():
        link = f"/cpts/{cpts.slug}/historique/?objet={target._meta.label_lower}%3A{target.pk}"
        assert f'href="{link}"' in coordinator.get(page).content.decode(), page
        assert str(target) in coordinator.get(link).content.decode()


def test_a_reviewer_is_not_led_to_a_history_that_is_closed_to_them(granville, sign_in, cpts):
    recorded(cpts)

    page = sign_in(Role.REVIEWER).get(f"/cpts/{cpts.slug}/contrat/").content.decode()

    assert "historique" not in page
