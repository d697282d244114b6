"""Coming in by e-mail address and password, and leaving."""

import re
from pathlib import Path

import allauth
import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from core.accounts import auth_urls
from core.accounts.models import User
from tests.core.accounts.conftest import EMAIL, LOGIN, PASSWORD, is_signed_in

pytestmark = pytest.mark.django_db
WRONG = "L’adresse ou le mot de passe n’est pas le bon."


def test_the_page_asks_for_an_address_and_a_password(client):
    page = client.get(LOGIN).content.decode()
    assert '<input type="email" name="login"' in page
    assert '<input type="password" name="password"' in page
    assert 'href="/compte/mot-de-passe/oublie/"' in page
    assert "Se connecter avec une clé d’accès" in page


def test_the_right_password_opens_the_session_and_the_home_page(person, log_in, client):
    answer = log_in()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize("email", ["CAMILLE@cpts.test", " camille@CPTS.TEST "])
def test_an_address_is_typed_in_any_case(person, log_in, client, email):
    assert log_in(email).status_code == 302
    assert is_signed_in(client)


def test_a_person_created_with_capitals_signs_in(log_in, client):
    User.objects.create_user("Anne.Marie@CPTS.fr", PASSWORD)
    assert log_in("Anne.Marie@cpts.fr").status_code == 302
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "autre chose"), ("inconnue@cpts.test", PASSWORD), ("nouvelle@cpts.test", PASSWORD)],
    ids=["wrong password", "unknown address", "no password yet"],
)
def test_every_refusal_is_the_same(person, invited, log_in, client, email, password):
    answer = log_in(email, password)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert WRONG in page
    assert f'value="{email}"' in page
    assert password not in page
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "data", [{}, {"login": "x"}, {"login": EMAIL}, {"login": "a\0b@c.fr", "password": "x"}]
)
def test_nonsense_is_refused_with_a_page(client, data):
    answer = client.post(LOGIN, data)
    assert answer.status_code == 400
    assert "à corriger" in answer.content.decode()


def test_an_endless_password_is_refused_before_it_is_hashed(person, log_in):
    answer = log_in(password="a" * 100_000)
    assert answer.status_code == 400
    assert WRONG not in answer.content.decode()


def test_a_closed_account_says_so_to_who_knows_its_password_only(person, log_in, client):
    User.objects.update(is_active=False)
    assert WRONG in log_in(password="autre chose").content.decode()
    answer = log_in(follow=True)
    assert answer.redirect_chain == [("/compte/ferme/", 302)]
    assert "Ce compte est fermé" in answer.content.decode()
    assert not is_signed_in(client)


def test_one_goes_back_to_the_page_that_was_asked_for_and_nowhere_else(person, client):
    page = client.get(f"{LOGIN}?next=/compte/").content.decode()
    assert '<input type="hidden" name="next" value="/compte/">' in page
    data = {"login": EMAIL, "password": PASSWORD}
    assert client.post(LOGIN, data | {"next": "/compte/"})["Location"] == "/compte/"
    client.logout()
    assert client.post(LOGIN, data | {"next": "https://ailleurs.test/"})["Location"] == "/"


def test_a_token_is_needed(person):
    strict = Client(enforce_csrf_checks=True)
    for path in (LOGIN, "/compte/mot-de-passe/oublie/", "/compte/deconnexion/", "/compte/connexion/cle/"):
        assert strict.post(path, {"login": EMAIL, "password": PASSWORD}).status_code == 403, path
    assert not is_signed_in(strict)
    assert mail.outbox == []


def test_nothing_of_these_pages_is_kept(client, signed_in):
    for path in ("/compte/", "/compte/securite/", "/compte/deconnexion/", "/compte/mot-de-passe/"):
        assert "no-store" in signed_in.get(path)["Cache-Control"], path
    assert "no-store" in Client().get(LOGIN)["Cache-Control"]


def test_a_get_leaves_the_session_open_and_a_post_ends_it(signed_in):
    assert "Se déconnecter" in signed_in.get("/compte/deconnexion/").content.decode()
    assert is_signed_in(signed_in)
    answer = signed_in.post("/compte/deconnexion/", follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Vous avez quitté votre compte." in answer.content.decode()
    assert not is_signed_in(signed_in)


def test_a_session_lasts_a_working_day(signed_in):
    assert signed_in.cookies["sessionid"]["max-age"] == 12 * 3600
    assert 0 < signed_in.session.get_expiry_age() <= 12 * 3600


def test_accounts_come_by_invitation():
    for name in ("account_signup", "account_email", "account_signup_by_passkey", "mfa_signup_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert Client().get("/compte/inscription/").status_code == 404
    assert not User.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("path", [LOGIN, "/compte/", "/compte/mot-de-passe/oublie/", "/compte/securite/"])
def test_other_methods_are_refused(signed_in, method, path):
    assert getattr(signed_in, method)(path).status_code == 405


def test_every_page_of_the_account_asks_to_sign_in(client):
    for path in (
        "/compte/",
        "/compte/nom/",
        "/compte/mot-de-passe/",
        "/compte/mot-de-passe/premier/",
        "/compte/securite/",
        "/compte/securite/application/ajouter/",
        "/compte/securite/application/retirer/",
        "/compte/securite/codes-de-secours/",
        "/compte/securite/codes-de-secours/nouveaux/",
        "/compte/securite/codes-de-secours/fichier/",
        "/compte/securite/cles/ajouter/",
        "/compte/securite/cles/1/renommer/",
        "/compte/securite/cles/1/retirer/",
        "/compte/confirmation/",
        "/compte/confirmation/code/",
        "/compte/confirmation/cle/",
    ):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith(LOGIN), path
        assert client.post(path).status_code in {302, 405}, path


def test_the_second_step_is_for_who_made_the_first(client):
    assert client.get("/compte/connexion/verification/")["Location"] == LOGIN
    assert client.post("/compte/connexion/verification/", {"code": "123456"})["Location"] == LOGIN


# Names that allauth looks up in flows that we do not have: sign-up, several addresses, codes by message,
# telephones, trusted browsers.
NOT_OURS = {
    "account_change_phone",
    "account_complete_password_reset",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_email",
    "account_email_verification_sent",
    "account_password_reset_completed",
    "account_request_login_code",
    "account_signup",
    "account_signup_by_passkey",
    "account_verify_phone",
    "mfa_list_webauthn",
    "mfa_signup_webauthn",
    "mfa_trust",
}


def test_every_name_that_allauth_looks_up_is_an_address_or_of_a_flow_that_we_do_not_have():
    folder = Path(allauth.__file__).parent
    sources = [path for part in ("account", "mfa") for path in (folder / part).rglob("*.py")]
    looked_up = re.compile(
        r'(?:reverse|reverse_lazy|headed_redirect_response|urlname =|redirect_urlname=)\(?\s*"(\w+)"'
    )
    names = {name for path in sources for name in looked_up.findall(path.read_text(encoding="utf-8"))}
    ours = {pattern.name for pattern in auth_urls.urlpatterns}
    assert len(names) > 25
    assert names - ours == NOT_OURS
