"""The people of a CPTS: the list, invitations, the end of a role."""

import re
import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from core.access.enums import Role
from core.accounts.models import RoleAssignment, User
from core.audit.models import AuditEntry
from tests.factories.people import LONG_AGO, UserFactory, assign, client_of

pytestmark = pytest.mark.django_db

LIST = "/cpts/littoral/personnes/"
INVITE = f"{LIST}inviter/"
GUEST = {
    "first_name": "Dominique",
    "last_name": "Exemple",
    "email": "Dominique@Example.org",
    "role": "treasurer",
}


@pytest.fixture
def sign_in(cpts):
    """Return a maker of signed-in browsers, by role (this folder's own signs in by the form)."""
    return lambda role, of=None: client_of(assign(role, of or cpts))


@pytest.fixture
def coordinator(sign_in):
    return sign_in(Role.COORDINATOR)


def text(response):
    return " ".join(response.content.decode().split())


def written():
    """Everything that these pages may write."""
    return (
        list(RoleAssignment.objects.order_by("pk").values()),
        list(User.objects.order_by("pk").values("email", "first_name", "last_name", "password")),
        AuditEntry.objects.count(),
    )


# --- The list ------------------------------------------------------------------------------------


def test_the_list_says_who_holds_what_and_since_when(cpts, coordinator):
    user = UserFactory(first_name="Dominique", last_name="Exemple", last_login=timezone.now())
    assign(Role.TREASURER, cpts, user=user)
    page = text(coordinator.get(LIST))

    assert "Dominique Exemple" in page
    assert f'<span class="row-note">{user.email}</span>' in page
    assert '<td data-label="Rôle">Trésorerie</td>' in page
    assert "2 janvier 2023" in page


def test_former_roles_stay_readable(cpts, coordinator):
    held = assign(Role.TREASURER, cpts, ended_at=LONG_AGO + timedelta(days=30))

    assert held.user.email not in text(coordinator.get(LIST))
    page = text(coordinator.get(LIST, {"anciens": "on"}))
    assert held.user.email in page
    assert "du 2 janvier 2023 au 1er février 2023" in page
    assert "Mettre fin" not in page


def test_the_list_is_searched(cpts, coordinator):
    found, other = assign(Role.MEMBER, cpts), assign(Role.MEMBER, cpts)
    page = text(coordinator.get(LIST, {"q": found.user.email}))

    assert found.user.email in page
    assert other.user.email not in page
    assert "Personne ne correspond" in text(coordinator.get(LIST, {"q": "zzz"}))
    assert coordinator.get(LIST, {"q": "x" * 5000}).status_code == 200
    assert coordinator.get(LIST, {"q": "nul\x00"}).status_code == 200


def test_a_list_without_anybody_says_how_to_begin(cpts, sign_in):
    page = text(sign_in(Role.ADMINISTRATOR).get(LIST))

    assert "Personne ne tient encore de rôle ici" in page
    assert f'href="{INVITE}"' in page
    assert "Aucun rôle n’a encore pris fin" in text(sign_in(Role.BOARD).get(LIST, {"anciens": "on"}))


def test_the_board_reads_without_buttons(cpts, sign_in):
    page = text(sign_in(Role.BOARD).get(LIST))

    assert "Rôles tenus" in page
    assert not {"Inviter une personne", "Mettre fin", "Renvoyer"} & set(page.split("<"))
    assert INVITE not in page
    assert "/fin/" not in page


def test_people_of_another_cpts_are_not_listed(cpts, other_cpts, coordinator):
    held = assign(Role.TREASURER, other_cpts)

    assert held.user.email not in text(coordinator.get(LIST))


def test_a_long_list_has_pages(cpts, coordinator):
    for number in range(50):
        assign(Role.MEMBER, cpts, user=UserFactory(last_name=f"Z{number:02}"))

    first, last = text(coordinator.get(LIST, {"q": ""})), text(coordinator.get(LIST, {"page": "2"}))

    assert "Page 1 sur 2" in first
    assert 'href="?q=&amp;page=2"' in first
    assert "Page 2 sur 2" in last


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_whatever_its_length(cpts, more, django_assert_num_queries):
    client = client_of(assign(Role.COORDINATOR, cpts))
    for _ in range(more):
        assign(Role.MEMBER, cpts)

    with django_assert_num_queries(6):
        client.get(LIST)


# --- Inviting ------------------------------------------------------------------------------------


def invite(client, capture, **changes):
    with capture(execute=True):
        return client.post(INVITE, GUEST | changes)


def test_an_invitation_opens_an_account_gives_the_role_and_sends_a_link(
    cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks
):
    response = invite(coordinator, django_capture_on_commit_callbacks)

    assert (response.status_code, response["Location"]) == (302, LIST)
    user = User.objects.get(email="dominique@example.org")
    assert (user.get_full_name(), user.has_usable_password()) == ("Dominique Exemple", False)
    held = user.roles.get()
    assert (held.role, held.cpts, held.invited_as) == ("treasurer", cpts, "Dominique Exemple")
    assert held.invited_at == held.started_at
    assert [entry.action for entry in AuditEntry.objects.of_cpts(cpts.pk)] == ["accounts.role_given"]
    opened = AuditEntry.objects.get(action="accounts.account_opened")
    assert (opened.chain, opened.target_id) == ("platform", str(user.pk))
    (mail,) = mailoutbox
    assert mail.to == ["dominique@example.org"]
    assert mail.subject == "Un rôle vous est confié – CPTS du Littoral d’essai"
    assert "«\u00a0Trésorerie\u00a0»" in mail.body
    assert "/compte/mot-de-passe/choisir/" in mail.body
    page = text(coordinator.get(LIST))
    assert "Le rôle est confié. Une invitation est partie à dominique@example.org." in page
    assert "attendue" in page


def test_a_name_is_one_line(cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks):
    names = {"first_name": "Dominique\r\nBcc: x@example.org", "last_name": " De\u2028  la\tMer "}

    invite(coordinator, django_capture_on_commit_callbacks, **names)

    user = User.objects.get(email="dominique@example.org")
    assert (user.first_name, user.last_name) == ("Dominique Bcc: x@example.org", "De la Mer")
    assert user.roles.get().invited_as == "Dominique Bcc: x@example.org De la Mer"
    (mail,) = mailoutbox
    assert mail.recipients() == ["dominique@example.org"]
    guest = client_of(user.roles.get())
    assert guest.post("/compte/nom/", {"first_name": "Do\nmi", "last_name": "\r\n"}).status_code == 400
    assert guest.post("/compte/nom/", {"first_name": "Do\nmi", "last_name": "Nom"}).status_code == 302
    user.refresh_from_db()
    assert user.first_name == "Do mi"


def test_the_link_of_an_invitation_lets_choose_a_password(
    cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks
):
    invite(coordinator, django_capture_on_commit_callbacks)
    link = next(line for line in mailoutbox[0].body.splitlines() if line.startswith("http"))
    guest = Client()

    path = guest.get(link.split("://")[1].partition("/")[2].join("/ ").strip())["Location"]
    password = "une longue phrase inventée"
    assert guest.post(path, {"password1": password, "password2": password}).status_code == 302

    assert User.objects.get(email="dominique@example.org").check_password(password)


def test_somebody_who_has_an_account_just_gets_the_role(
    cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks
):
    known = UserFactory(
        email="dominique@example.org", first_name="Vrai", last_name="Nom", last_login=LONG_AGO
    )
    before = User.objects.filter(pk=known.pk).values().get()

    invite(coordinator, django_capture_on_commit_callbacks)

    assert User.objects.filter(pk=known.pk).values().get() == before
    assert known.roles.get().role == "treasurer"
    assert not AuditEntry.objects.filter(action="accounts.account_opened").exists()
    assert "Connectez-vous avec votre compte habituel" in mailoutbox[0].body
    assert "/mot-de-passe/" not in mailoutbox[0].body


def test_the_inviter_sees_the_same_whether_or_not_there_was_an_account(
    cpts, coordinator, django_capture_on_commit_callbacks
):
    UserFactory(email="presente@example.org", first_name="Vrai", last_name="Nom", last_login=LONG_AGO)

    def seen(address):
        invite(coordinator, django_capture_on_commit_callbacks, email=address)
        held = RoleAssignment.objects.get(user__email=address)
        page = text(coordinator.get(LIST, {"q": address}))
        page = page.split("<main")[1].split("</main>")[0].replace(address, "ADRESSE")
        return re.sub(r'value="\w{64}"', "", page.replace(f"/{held.pk}/", "/N/"))

    unknown, known = seen("absente@example.org"), seen("presente@example.org")

    assert "Une invitation est partie à ADRESSE" in unknown
    assert unknown == known


def test_a_form_sent_twice_invites_once(cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks):
    invite(coordinator, django_capture_on_commit_callbacks)
    once = written()
    response = invite(coordinator, django_capture_on_commit_callbacks, email="DOMINIQUE@example.org ")

    assert response.status_code == 302
    assert written() == once
    assert len(mailoutbox) == 1
    assert "tient déjà ce rôle" in text(coordinator.get(LIST))


def test_a_message_that_does_not_leave_is_told_and_the_role_stays(
    cpts, coordinator, monkeypatch, django_capture_on_commit_callbacks
):
    def fail(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("down")

    monkeypatch.setattr("core.accounts.domain.invitations.send_mail", fail)
    response = invite(coordinator, django_capture_on_commit_callbacks)

    assert response.status_code == 302
    assert RoleAssignment.objects.filter(role="treasurer", cpts=cpts).count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"email": "pas une adresse"}, "email", "Saisissez une adresse de courriel valide."),
        ({"email": f"{'x' * 250}@example.org"}, "email", "254"),
        ({"email": "a@b.fr\nBcc: c@d.fr"}, "email", "Saisissez une adresse de courriel valide."),
        ({"first_name": ""}, "first_name", "Ce champ est obligatoire."),
        ({"last_name": "x" * 151}, "last_name", "150"),
        ({"last_name": "nul\x00"}, "last_name", ""),
        ({"role": "administrator"}, "role", "administrator"),
        ({"role": "reviewer"}, "role", "reviewer"),
        ({"role": ""}, "role", "Ce champ est obligatoire."),
    ],
)
def test_bad_input_is_refused_kept_and_explained(cpts, coordinator, mailoutbox, changes, field, sentence):
    before = written()
    response = coordinator.post(INVITE, GUEST | changes)

    assert response.status_code == 400
    assert sentence in str(response.context["form"].errors[field])
    assert "error-summary" in text(response)
    if field != "first_name":
        assert 'value="Dominique"' in text(response)
    assert written() == before
    assert mailoutbox == []


# --- Inviting again ------------------------------------------------------------------------------


def again(client, held, capture):
    with capture(execute=True):
        return client.post(f"{LIST}{held.pk}/renvoyer/")


def test_somebody_who_did_not_come_is_invited_again(
    cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks
):
    held = assign(Role.MEMBER, cpts)

    response = again(coordinator, held, django_capture_on_commit_callbacks)

    assert (response.status_code, response["Location"]) == (302, LIST)
    assert [mail.to for mail in mailoutbox] == [[held.user.email]]
    assert AuditEntry.objects.about(held).get().action == "accounts.invited_again"
    assert "L’invitation est repartie" in text(coordinator.get(LIST))


def test_a_double_click_sends_one_message(cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks):
    held = assign(Role.MEMBER, cpts)
    again(coordinator, held, django_capture_on_commit_callbacks)
    again(coordinator, held, django_capture_on_commit_callbacks)

    assert len(mailoutbox) == 1
    assert "attendez dix minutes" in text(coordinator.get(LIST))
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        again(coordinator, held, django_capture_on_commit_callbacks)
    assert len(mailoutbox) == 2


def test_a_role_ended_and_given_again_does_not_flood_a_mailbox(
    cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks
):
    now = timezone.now()
    for minutes in (0, 3, 6):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            invite(coordinator, django_capture_on_commit_callbacks)
            held = RoleAssignment.objects.active().get(user__email="dominique@example.org")
            coordinator.post(f"{LIST}{held.pk}/fin/")
    with time_machine.travel(now + timedelta(minutes=9), tick=False):
        invite(coordinator, django_capture_on_commit_callbacks)
        assert "n’a pas pu partir. Renvoyez l’invitation dans dix minutes" in text(coordinator.get(LIST))
        again(coordinator, held := RoleAssignment.objects.latest("pk"), django_capture_on_commit_callbacks)

    assert len(mailoutbox) == 1
    assert held.ended_at is None
    with time_machine.travel(now + timedelta(minutes=10), tick=False):
        again(coordinator, held, django_capture_on_commit_callbacks)
    assert len(mailoutbox) == 2


@pytest.mark.parametrize("gone", [{"ended_at": LONG_AGO}, {"user__last_login": LONG_AGO}])
def test_who_came_or_left_is_not_invited_again(
    cpts, coordinator, mailoutbox, django_capture_on_commit_callbacks, gone
):
    held = assign(Role.MEMBER, cpts, **gone)
    before = written()

    assert again(coordinator, held, django_capture_on_commit_callbacks).status_code == 302

    assert written() == before
    assert mailoutbox == []
    assert "n’attend plus d’invitation" in text(coordinator.get(LIST))


# --- The end of a role ---------------------------------------------------------------------------


def test_ending_asks_first_then_ends(cpts, coordinator):
    held = assign(Role.MEMBER, cpts)
    path = f"{LIST}{held.pk}/fin/"
    page = text(coordinator.get(path))

    assert "«&nbsp;Adhésion&nbsp;»" in page
    assert '<button type="submit" class="btn btn-primary">Mettre fin au rôle</button>' in page
    response = coordinator.post(path)
    assert (response.status_code, response["Location"]) == (302, LIST)
    held.refresh_from_db()
    assert held.ended_at is not None
    once = written()
    assert coordinator.post(path).status_code == 302
    assert written() == once
    assert "Ce rôle a déjà pris fin" in text(coordinator.get(path))


def test_the_last_coordinator_is_told_why_they_cannot_leave(cpts):
    held = assign(Role.COORDINATOR, cpts)
    client, path = client_of(held), f"{LIST}{held.pk}/fin/"
    before = written()

    page = text(client.get(path))
    assert "Cette CPTS n’aurait plus personne à sa coordination." in page
    assert "Mettre fin au rôle</button>" not in page
    response = client.post(path)
    assert response.status_code == 403
    assert "plus personne à sa coordination" in text(response)
    assert written() == before


# --- Refusals ------------------------------------------------------------------------------------

PAGES = [
    ("{list}", "get"),
    ("{list}inviter/", "get"),
    ("{list}inviter/", "post"),
    ("{list}{pk}/renvoyer/", "post"),
    ("{list}{pk}/fin/", "get"),
    ("{list}{pk}/fin/", "post"),
]


def ask(client, place, method, held, slug="littoral"):
    path = place.format(list=f"/cpts/{slug}/personnes/", pk=held.pk)
    return getattr(client, method)(path, GUEST if method == "post" else {})


@pytest.mark.parametrize(("place", "method"), PAGES)
def test_anonymous_visitors_sign_in_first(cpts, place, method):
    held = assign(Role.MEMBER, cpts)
    before = written()
    response = ask(Client(), place, method, held)

    assert response.status_code == 302
    assert response["Location"].startswith("/compte/connexion/?next=")
    assert written() == before


@pytest.mark.parametrize(("place", "method"), PAGES)
def test_another_cpts_is_not_found(cpts, other_cpts, sign_in, place, method):
    held = assign(Role.MEMBER, cpts)
    stranger = sign_in(Role.COORDINATOR, other_cpts)
    before = written()

    assert ask(stranger, place, method, held).status_code == 404
    if "{pk}" in place:
        # Through their own CPTS, with the number of a role of ours.
        assert ask(stranger, place, method, held, slug="colline").status_code == 404
    assert written() == before


@pytest.mark.parametrize(("place", "method"), PAGES[1:])
@pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD, Role.MEMBER, Role.REVIEWER])
def test_other_roles_are_told_why_not(cpts, sign_in, role, place, method):
    client, held = sign_in(role), assign(Role.MEMBER, cpts)
    before = written()
    response = ask(client, place, method, held)

    assert response.status_code == 403
    assert "Les rôles sont confiés par la coordination" in text(response)
    assert written() == before


@pytest.mark.parametrize("role", [Role.TREASURER, Role.MEMBER, Role.REVIEWER])
def test_other_roles_do_not_see_the_list(cpts, sign_in, role):
    response = sign_in(role).get(LIST)

    assert response.status_code == 403
    assert "ouverte à la coordination et au bureau" in text(response)


@pytest.mark.parametrize(("place", "method"), PAGES[3:])
def test_an_unknown_role_is_not_found(cpts, coordinator, place, method):
    held = assign(Role.MEMBER, cpts)
    held.pk = 10**18

    assert ask(coordinator, place, method, held).status_code == 404


@pytest.mark.parametrize("page", ["", "inviter/", "1/fin/", "1/renvoyer/"])
def test_other_methods_are_refused(cpts, coordinator, page):
    assert coordinator.put(f"{LIST}{page}").status_code == 405
    assert coordinator.delete(f"{LIST}{page}").status_code == 405


def test_a_link_does_not_send(cpts, coordinator):
    assert coordinator.get(f"{LIST}1/renvoyer/").status_code == 405


@pytest.mark.parametrize(("place", "method"), [page for page in PAGES if page[1] == "post"])
def test_another_site_cannot_post(cpts, place, method):
    coordinator, held = assign(Role.COORDINATOR, cpts), assign(Role.MEMBER, cpts)
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator.user)
    before = written()

    assert ask(client, place, method, held).status_code == 403
    assert written() == before


def test_the_administrator_gives_roles_in_a_cpts(
    cpts, sign_in, mailoutbox, django_capture_on_commit_callbacks
):
    invite(sign_in(Role.ADMINISTRATOR), django_capture_on_commit_callbacks, role="coordinator")

    assert RoleAssignment.objects.get(cpts=cpts).role == "coordinator"
    assert len(mailoutbox) == 1
