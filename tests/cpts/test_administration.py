"""The administration of the platform: CPTS, institutions, administrators."""

import pytest
from django.test import Client

from core.access.enums import Role
from core.accounts.models import RoleAssignment, User
from core.audit.models import AuditEntry
from core.organisations.models import Cpts, Institution, InstitutionScope
from tests.factories.people import (
    CptsFactory,
    InstitutionFactory,
    InstitutionScopeFactory,
    UserFactory,
    assign,
    client_of,
)

pytestmark = pytest.mark.django_db

HOME = "/administration/"
GUEST = {"first_name": "Dominique", "last_name": "Exemple", "email": "dominique@example.org"}
OPENING = GUEST | {"name": "CPTS de la Baie d’essai", "departement": "50"}
INSTITUTION = {"kind": "cpam", "name": "CPAM d’essai", "place": "d50"}


@pytest.fixture
def administrator():
    return client_of(assign(Role.ADMINISTRATOR))


def text(response):
    return " ".join(response.content.decode().split())


def written():
    """Everything that these pages may write."""
    models = (Cpts, Institution, InstitutionScope, RoleAssignment, User, AuditEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def post(client, path, data, capture):
    with capture(execute=True):
        return client.post(path, data)


# --- CPTS ----------------------------------------------------------------------------------------


def test_the_overview_counts_and_warns(administrator):
    CptsFactory()
    assign(Role.COORDINATOR, CptsFactory())
    page = text(administrator.get(HOME))

    assert "2 sur cette installation." in page
    assert "1 CPTS sans coordination" in page
    assert "0 institution&nbsp;:" in page
    assert "1 personne administre la plateforme." in page


def test_the_list_shows_where_each_cpts_stands(administrator, cpts, other_cpts):
    assign(Role.COORDINATOR, cpts)
    page = text(administrator.get(f"{HOME}cpts/"))

    assert '<a href="/cpts/littoral/">CPTS du Littoral d’essai</a>' in page
    assert "Manche (50)" in page
    assert "confiée" in page
    assert "personne </span>" in page
    assert "/cpts/colline/personnes/" in page


def test_the_list_is_searched_by_name_and_departement(administrator, cpts, other_cpts):
    def found(words):
        page = text(administrator.get(f"{HOME}cpts/", {"q": words}))
        return [
            name
            for name in ("Littoral", "Colline")
            if f"CPTS d{'u' if name == 'Littoral' else 'e la'} {name}" in page
        ]

    assert found("littoral cpts") == found("LITTÓRAL d essai") == ["Littoral"]
    assert found("vilaine") == ["Colline"]
    assert found("CPTS – Littoral") == ["Littoral"]
    assert found("") == ["Littoral", "Colline"]
    assert "Aucune CPTS ne correspond" in text(administrator.get(f"{HOME}cpts/", {"q": "zzz"}))
    assert administrator.get(f"{HOME}cpts/", {"q": "\x00"}).status_code == 200


def test_an_empty_installation_says_how_to_begin(administrator):
    page = text(administrator.get(f"{HOME}cpts/"))

    assert "Aucune CPTS n’est encore ouverte" in page
    assert 'href="/administration/cpts/ouvrir/"' in page
    assert "Aucune institution n’est encore ouverte" in text(administrator.get(f"{HOME}institutions/"))


def test_opening_a_cpts_invites_its_first_coordinator(
    administrator, granville, mailoutbox, django_capture_on_commit_callbacks
):
    response = post(administrator, f"{HOME}cpts/ouvrir/", OPENING, django_capture_on_commit_callbacks)

    assert (response.status_code, response["Location"]) == (302, f"{HOME}cpts/")
    cpts = Cpts.objects.get()
    assert (cpts.name, cpts.departement_code, cpts.region_code) == ("CPTS de la Baie d’essai", "50", "28")
    held = RoleAssignment.objects.get(cpts=cpts)
    assert (held.role, held.user.email) == ("coordinator", "dominique@example.org")
    assert [mail.to for mail in mailoutbox] == [["dominique@example.org"]]
    assert [entry.action for entry in AuditEntry.objects.of_cpts(cpts.pk)] == [
        "accounts.role_given",
        "organisations.cpts_opened",
    ]
    assert "Une invitation est partie" in text(administrator.get(f"{HOME}cpts/"))


def test_a_name_already_taken_opens_nothing_and_invites_nobody(
    administrator, granville, mailoutbox, django_capture_on_commit_callbacks
):
    CptsFactory(name=OPENING["name"])
    before = written()
    response = post(administrator, f"{HOME}cpts/ouvrir/", OPENING, django_capture_on_commit_callbacks)

    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {"name"}
    assert 'value="dominique@example.org"' in text(response)
    assert written() == before
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"departement": "999"}, "departement"),
        ({"departement": ""}, "departement"),
        ({"email": "non"}, "email"),
        ({"first_name": "\x00"}, "first_name"),
    ],
)
def test_bad_openings_are_refused_and_kept(administrator, granville, changes, field):
    before = written()
    response = administrator.post(f"{HOME}cpts/ouvrir/", OPENING | changes)

    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {field}
    assert "error-summary" in text(response)
    assert written() == before


def test_without_an_official_code_the_form_says_what_is_missing(administrator):
    page = text(administrator.get(f"{HOME}cpts/ouvrir/"))

    assert "Aucun code officiel géographique n’est chargé" in page
    assert administrator.post(f"{HOME}cpts/ouvrir/", OPENING).status_code == 400


# --- Institutions --------------------------------------------------------------------------------


def test_opening_an_institution_gives_it_its_first_place(administrator, granville):
    response = administrator.post(f"{HOME}institutions/ouvrir/", INSTITUTION)

    institution = Institution.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{HOME}institutions/{institution.pk}/")
    assert (institution.kind, institution.name) == ("cpam", "CPAM d’essai")
    scope = institution.scopes.get()
    assert (scope.departement_code, scope.region_code, scope.name) == ("50", "", "Manche")
    entry = AuditEntry.objects.about(institution).get()
    assert (entry.chain, entry.action) == ("platform", "organisations.institution_opened")
    assert entry.changes == {
        "kind": [None, "cpam"],
        "name": [None, "CPAM d’essai"],
        "scopes": [None, "Manche"],
    }
    page = text(administrator.get(response["Location"]))
    assert "Manche (département 50)" in page
    assert "Personne n’instruit encore" in page
    assert "Retirer" not in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"kind": "urps"}, "kind"),
        ({"place": "d999"}, "place"),
        ({"place": ""}, "place"),
        ({"place": "50"}, "place"),
        ({"name": "CPAM déjà là"}, "name"),
    ],
)
def test_bad_institutions_are_refused(administrator, granville, changes, field):
    InstitutionFactory(name="CPAM déjà là")
    before = written()
    response = administrator.post(f"{HOME}institutions/ouvrir/", INSTITUTION | changes)

    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {field}
    assert written() == before


def test_a_scope_grows_and_shrinks(administrator, granville):
    scope = InstitutionScopeFactory()
    page = f"{HOME}institutions/{scope.institution_id}/"

    for _ in range(2):
        assert administrator.post(f"{page}ressort/", {"place": "r53"}).status_code == 302
    assert sorted(each.name for each in scope.institution.scopes.all()) == ["Bretagne", "Manche"]
    assert "Bretagne (région)" in text(administrator.get(page))
    for _ in range(2):
        assert administrator.post(f"{page}ressort/{scope.pk}/retirer/").status_code == 302
    assert [each.name for each in scope.institution.scopes.all()] == ["Bretagne"]
    assert [entry.action for entry in AuditEntry.objects.about(scope.institution)] == [
        "organisations.scope_removed",
        "organisations.scope_added",
    ]


def test_the_last_place_stays(administrator):
    scope = InstitutionScopeFactory()
    page = f"{HOME}institutions/{scope.institution_id}/"

    assert administrator.post(f"{page}ressort/{scope.pk}/retirer/").status_code == 302

    assert InstitutionScope.objects.get() == scope
    assert "Une institution garde au moins un territoire" in text(administrator.get(page))
    assert not AuditEntry.objects.exists()


def test_a_place_of_another_institution_is_not_taken_out(administrator):
    ours, theirs = InstitutionScopeFactory(), InstitutionScopeFactory()
    InstitutionScopeFactory(institution=ours.institution, departement_code="35")
    page = f"{HOME}institutions/{ours.institution_id}/"

    assert administrator.post(f"{page}ressort/{theirs.pk}/retirer/").status_code == 302

    assert InstitutionScope.objects.count() == 3


def test_an_unknown_place_is_refused_on_the_page_of_the_institution(administrator, granville):
    scope = InstitutionScopeFactory()
    response = administrator.post(f"{HOME}institutions/{scope.institution_id}/ressort/", {"place": "d999"})

    assert response.status_code == 400
    assert "Choisissez un territoire de la liste." in text(response)
    assert InstitutionScope.objects.get() == scope


def test_a_reviewer_is_invited_and_sees_the_scope(
    administrator, cpts, other_cpts, mailoutbox, django_capture_on_commit_callbacks
):
    institution = InstitutionScopeFactory().institution
    page = f"{HOME}institutions/{institution.pk}/"

    response = post(administrator, f"{page}inviter/", GUEST, django_capture_on_commit_callbacks)

    assert (response.status_code, response["Location"]) == (302, page)
    held = RoleAssignment.objects.get(institution=institution)
    assert (held.role, held.cpts) == ("reviewer", None)
    assert f"Un rôle vous est confié – {institution.name}" == mailoutbox[0].subject
    assert "dominique@example.org" in text(administrator.get(page))
    reviewer = client_of(held)
    assert reviewer.get("/cpts/littoral/").status_code == 200
    assert reviewer.get("/cpts/colline/").status_code == 404


def test_institutions_are_listed_with_scope_and_reviewers(administrator):
    scope = InstitutionScopeFactory(institution=InstitutionFactory(name="ARS d’essai", kind="ars"))
    InstitutionScopeFactory(
        institution=scope.institution, departement_code="", region_code="53", name="Bretagne"
    )
    assign(Role.REVIEWER, institution=scope.institution)
    page = text(administrator.get(f"{HOME}institutions/"))

    assert "ARS d’essai" in page
    assert '<td data-label="Ressort">Manche, Bretagne</td>' in page
    assert '<td data-label="Instructeurs" class="amount">1</td>' in page


# --- Administrators ------------------------------------------------------------------------------


def test_an_administrator_is_invited(administrator, mailoutbox, django_capture_on_commit_callbacks):
    response = post(
        administrator, f"{HOME}administrateurs/inviter/", GUEST, django_capture_on_commit_callbacks
    )

    assert (response.status_code, response["Location"]) == (302, f"{HOME}administrateurs/")
    assert RoleAssignment.objects.filter(role="administrator").count() == 2
    assert mailoutbox[0].subject == "Un rôle vous est confié"
    assert "dominique@example.org" in text(administrator.get(f"{HOME}administrateurs/"))


def test_the_role_of_a_reviewer_or_an_administrator_ends_after_a_confirmation(administrator):
    for held, back in (
        (assign(Role.REVIEWER), "institutions/{}/"),
        (assign(Role.ADMINISTRATOR), "administrateurs/"),
    ):
        path = f"{HOME}roles/{held.pk}/fin/"
        assert "Mettre fin au rôle</button>" in text(administrator.get(path))
        response = administrator.post(path)
        assert response["Location"] == HOME + back.format(held.institution_id)
        held.refresh_from_db()
        assert held.ended_at is not None


def test_the_last_administrator_is_told_why_they_cannot_leave():
    held = assign(Role.ADMINISTRATOR)
    client, path = client_of(held), f"{HOME}roles/{held.pk}/fin/"

    assert "La plateforme n’aurait plus personne à son administration." in text(client.get(path))
    assert client.post(path).status_code == 403
    held.refresh_from_db()
    assert held.ended_at is None


def test_a_role_of_a_cpts_is_not_kept_here(administrator, cpts):
    held = assign(Role.TREASURER, cpts)

    assert administrator.get(f"{HOME}roles/{held.pk}/fin/").status_code == 404
    assert administrator.post(f"{HOME}roles/{held.pk}/renvoyer/").status_code == 404


def test_an_invitation_is_sent_again(administrator, mailoutbox, django_capture_on_commit_callbacks):
    held = assign(Role.REVIEWER)

    response = post(administrator, f"{HOME}roles/{held.pk}/renvoyer/", {}, django_capture_on_commit_callbacks)

    assert response["Location"] == f"{HOME}institutions/{held.institution_id}/"
    assert [mail.to for mail in mailoutbox] == [[held.user.email]]


# --- Costs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("place", "queries"),
    [("", 7), ("cpts/", 5), ("institutions/", 6), ("institutions/{}/", 10), ("administrateurs/", 5)],
)
def test_lists_cost_the_same_whatever_their_length(
    place, queries, count, granville, django_assert_num_queries
):
    held = [assign(Role.ADMINISTRATOR) for _ in range(count)]
    institution = InstitutionScopeFactory().institution
    for number in range(count):
        assign(Role.COORDINATOR, CptsFactory())
        assign(Role.REVIEWER, institution=institution)
        InstitutionScopeFactory(institution=institution, departement_code=f"0{number}")
        InstitutionScopeFactory()
    client = client_of(held[0])

    with django_assert_num_queries(queries):
        assert client.get(HOME + place.format(institution.pk)).status_code == 200


# --- Refusals ------------------------------------------------------------------------------------

PLACES = [
    ("", "get"),
    ("cpts/", "get"),
    ("cpts/ouvrir/", "get"),
    ("cpts/ouvrir/", "post"),
    ("institutions/", "get"),
    ("institutions/ouvrir/", "get"),
    ("institutions/ouvrir/", "post"),
    ("institutions/{institution}/", "get"),
    ("institutions/{institution}/ressort/", "post"),
    ("institutions/{institution}/ressort/{scope}/retirer/", "post"),
    ("institutions/{institution}/inviter/", "get"),
    ("institutions/{institution}/inviter/", "post"),
    ("administrateurs/", "get"),
    ("administrateurs/inviter/", "get"),
    ("administrateurs/inviter/", "post"),
    ("roles/{role}/renvoyer/", "post"),
    ("roles/{role}/fin/", "get"),
    ("roles/{role}/fin/", "post"),
]
EVERY_PLACE = pytest.mark.parametrize(("place", "method"), PLACES)
WRITES = pytest.mark.parametrize("place", [place for place, method in PLACES if method == "post"])


@pytest.fixture
def ask(granville):
    """Return a function that asks for a page with a form that would be accepted."""
    scope = InstitutionScopeFactory()
    InstitutionScopeFactory(institution=scope.institution, departement_code="35")
    held = assign(Role.REVIEWER, institution=scope.institution)
    numbers = {"institution": scope.institution_id, "scope": scope.pk, "role": held.pk}

    def send(client, place, method, **changes):
        data = OPENING | INSTITUTION if method == "post" else {}
        return getattr(client, method)(HOME + place.format(**(numbers | changes)), data)

    return send


@EVERY_PLACE
def test_anonymous_visitors_sign_in_first(ask, place, method):
    before = written()
    response = ask(Client(), place, method)

    assert response.status_code == 302
    assert response["Location"].startswith("/compte/connexion/?next=/administration/")
    assert written() == before


@EVERY_PLACE
@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.PLATFORM}])
def test_other_roles_are_told_why_not(ask, cpts, role, place, method):
    client = client_of(assign(role, cpts))
    before = written()
    response = ask(client, place, method)

    assert response.status_code == 403
    assert "réservée à l’administration" in text(response)
    assert written() == before


@EVERY_PLACE
def test_somebody_without_a_role_is_told_so(ask, place, method):
    client = Client()
    client.force_login(UserFactory())
    before = written()

    response = ask(client, place, method)
    assert response.status_code == 403
    assert "pas encore de rôle" in text(response)
    assert written() == before


@WRITES
def test_another_site_cannot_post(ask, place):
    client = Client(enforce_csrf_checks=True)
    client.force_login(assign(Role.ADMINISTRATOR).user)
    before = written()

    assert ask(client, place, "post").status_code == 403
    assert written() == before


@pytest.mark.parametrize(("place", "method"), [each for each in PLACES if "{" in each[0]])
def test_an_unknown_number_is_not_found(ask, administrator, place, method):
    before = written()

    assert ask(administrator, place, method, institution=10**18, role=10**18).status_code == 404
    assert written() == before


@pytest.mark.parametrize("place", sorted({place for place, _ in PLACES}))
def test_other_methods_are_refused(ask, administrator, place):
    before = written()

    assert ask(administrator, place, "put").status_code == 405
    assert ask(administrator, place, "delete").status_code == 405
    if (place, "post") not in PLACES:
        assert ask(administrator, place, "post").status_code == 405
    if (place, "get") not in PLACES:
        assert ask(administrator, place, "get").status_code == 405
    assert written() == before
