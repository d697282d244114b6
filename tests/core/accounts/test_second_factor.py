"""Codes of an application, recovery codes, passkeys: added, asked for, removed, forgotten."""

import json
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from core.accounts.models import User
from core.audit.models import AuditEntry
from tests.core.accounts.conftest import EMAIL, LOGIN, PASSWORD, is_signed_in, only_message

pytestmark = pytest.mark.django_db
ADD_APP, REMOVE_APP = "/compte/securite/application/ajouter/", "/compte/securite/application/retirer/"
CODES, SECOND = "/compte/securite/codes-de-secours/", "/compte/connexion/verification/"
ADD_KEY, KEY_LOGIN = "/compte/securite/cles/ajouter/", "/compte/connexion/cle/"
WRONG_CODE = "Ce code n’est pas le bon, ou il a déjà servi."
# What no browser sends: each part of a credential missing, or of another kind.
MALFORMED = [
    "",
    "x",
    "null",
    "[]",
    "3",
    '"x"',
    "{}",
    '{"response": 3}',
    '{"id": "a", "rawId": "a", "response": {}, "type": "public-key"}',
    json.dumps(
        {
            "id": "YQ",
            "rawId": "YQ",
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "YQ",
                "signature": "YQ",
                "userHandle": "enp6enp6enp6enp6eg",
                "attestationObject": "oA",
            },
        }
    ),
    json.dumps({"id": "é", "rawId": [], "response": {"userHandle": None, "clientDataJSON": {}}}),
    "9" * 5_000,
    "[" * 100_000,
    "[" * 800 + "]" * 800,
]


def code_of(secret, at=None):
    return format_hotp_value(hotp_value(secret, int(at or time.time()) // 30))


@pytest.fixture
def factor(person):
    """Return the secret of an application that `person` added, with recovery codes."""
    secret = generate_totp_secret()
    Authenticator.objects.create(user=person, type="totp", data={"secret": secret})
    Authenticator.objects.create(user=person, type="recovery_codes", data={"seed": "a" * 80, "used_mask": 0})
    return secret


@pytest.fixture
def key(person):
    """Return a passkey, as far as pages that list it go."""
    data = {"name": "Téléphone", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    return Authenticator.objects.create(user=person, type="webauthn", data=data)


def codes_of(person):
    return Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()


def test_changes_ask_again_who_one_is(signed_in):
    for path in (ADD_APP, ADD_KEY, f"{CODES}nouveaux/"):
        answer = signed_in.get(path)
        assert answer["Location"] == f"/compte/confirmation/?next={path.replace('/', '%2F')}"
        assert signed_in.post(path)["Location"].startswith("/compte/confirmation/")
    wrong = signed_in.post("/compte/confirmation/", {"password": "faux"})
    assert (wrong.status_code, "Ce n’est pas votre mot de passe." in wrong.content.decode()) == (400, True)
    assert not Authenticator.objects.exists()


def test_the_proof_lasts_five_minutes(proven):
    assert proven.get(ADD_APP).status_code == 200
    with time_machine.travel(time.time() + 301):
        assert proven.get(ADD_APP)["Location"].startswith("/compte/confirmation/")


@pytest.mark.django_db(transaction=True)
def test_an_application_is_added_with_its_first_code(proven, person):
    page = proven.get(ADD_APP).content.decode()
    secret = proven.session["mfa.totp.secret"]
    assert f'<code id="cle-secrete">{secret}</code>' in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "otpauth://totp/camille%40cpts.test?secret=" in page
    assert "issuer=CPTS" in page

    answer = proven.post(ADD_APP, {"code": code_of(secret)}, follow=True)
    assert answer.redirect_chain == [(CODES, 302)]
    shown = answer.content.decode()
    assert "L’application de codes est active" in shown
    assert all(f"<code>{code}</code>" in shown for code in codes_of(person))
    assert len(codes_of(person)) == 10
    assert only_message().subject == "Application de codes ajoutée"


def test_a_wrong_first_code_adds_nothing_and_keeps_the_secret(proven):
    proven.get(ADD_APP)
    secret = proven.session["mfa.totp.secret"]
    answer = proven.post(ADD_APP, {"code": "12345x"})
    assert answer.status_code == 400
    assert WRONG_CODE in answer.content.decode()
    assert secret in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_the_code_is_asked_for_after_the_password(factor, person, log_in, client):
    answer = log_in(follow=True)
    assert answer.redirect_chain == [(SECOND, 302)]
    assert "Avec un code" in answer.content.decode()
    assert "Avec une clé d’accès" not in answer.content.decode()
    assert not is_signed_in(client)
    assert client.get("/compte/")["Location"] == f"{LOGIN}?next=/compte/"

    refused = client.post(SECOND, {"code": "000000"})
    assert (refused.status_code, WRONG_CODE in refused.content.decode()) == (400, True)
    assert client.post(SECOND, {"code": code_of(factor)})["Location"] == "/"
    assert is_signed_in(client)


def test_a_code_serves_once(factor, log_in, client):
    code = code_of(factor)
    log_in()
    client.post(SECOND, {"code": code})
    client.logout()
    log_in()
    assert client.post(SECOND, {"code": code}).status_code == 400
    assert not is_signed_in(client)


@pytest.mark.parametrize(("late", "status"), [(30, 302), (90, 400)])
def test_a_clock_may_be_half_a_minute_late(factor, log_in, client, late, status):
    log_in()
    assert client.post(SECOND, {"code": code_of(factor, time.time() - late)}).status_code == status


def test_codes_are_tried_five_times(factor, log_in, client):
    log_in()
    tries = [client.post(SECOND, {"code": "000000"}).status_code for _ in range(6)]
    assert tries == [400] * 5 + [429]
    assert client.post(SECOND, {"code": code_of(factor)}).status_code == 429
    assert not is_signed_in(client)


def test_the_second_step_is_left_unfinished_after_a_quarter_of_an_hour(factor, log_in, client):
    log_in()
    with time_machine.travel(time.time() + 901):
        assert client.post(SECOND, {"code": code_of(factor)})["Location"] == LOGIN


def test_one_may_give_up(factor, log_in, client):
    log_in()
    client.post("/compte/deconnexion/", {"next": LOGIN})
    assert client.get(SECOND)["Location"] == LOGIN


def test_a_recovery_code_serves_once(factor, person, log_in, client):
    code = codes_of(person)[3]
    log_in()
    assert client.post(SECOND, {"code": code}).status_code == 302
    assert code not in codes_of(person)
    assert len(codes_of(person)) == 9
    client.logout()
    log_in()
    assert client.post(SECOND, {"code": code}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_recovery_codes_are_shown_downloaded_and_replaced(factor, proven_with_code, person):
    codes = codes_of(person)
    assert all(code in proven_with_code.get(CODES).content.decode() for code in codes)
    file = proven_with_code.get(f"{CODES}fichier/")
    assert file["Content-Disposition"] == 'attachment; filename="codes-de-secours.txt"'
    assert file.content.decode().split("\r\n")[2:12] == codes
    assert "10 codes qui vous restent" in proven_with_code.get(f"{CODES}nouveaux/").content.decode()

    assert proven_with_code.post(f"{CODES}nouveaux/")["Location"] == CODES
    assert not set(codes_of(person)) & set(codes)
    assert [message.subject for message in mail.outbox] == ["Nouveaux codes de secours"]


def test_there_are_no_recovery_codes_without_a_factor(proven, person):
    assert proven.get(CODES).status_code == 404
    assert proven.get(f"{CODES}fichier/").status_code == 404
    refused = proven.post(f"{CODES}nouveaux/")
    assert refused.status_code == 400
    assert "ajoutez-en une d’abord" in refused.content.decode()
    assert not Authenticator.objects.exists()


@pytest.fixture
def proven_with_code(factor, log_in, client):
    """Return the browser of somebody who signed in with a code and proved it again by password."""
    log_in()
    client.post(SECOND, {"code": code_of(factor)})
    assert client.post("/compte/confirmation/", {"password": PASSWORD, "next": "/"}).status_code == 302
    return client


def test_an_application_is_removed_with_its_recovery_codes(proven_with_code, person, log_in):
    assert "Retirer l’application de codes" in proven_with_code.get(REMOVE_APP).content.decode()
    assert proven_with_code.post(REMOVE_APP)["Location"] == "/compte/securite/"
    assert not Authenticator.objects.exists()
    assert only_message().subject == "Application de codes retirée"
    again = Client()
    assert log_in(to=again)["Location"] == "/"
    assert is_signed_in(again)


def test_a_code_also_proves_again_who_one_is(factor, log_in, client):
    log_in()
    client.post(SECOND, {"code": code_of(factor)})
    asked = client.get("/compte/confirmation/?next=/compte/securite/").content.decode()
    assert "Avec un code de votre application" in asked
    answer = client.post(
        "/compte/confirmation/code/", {"code": codes_of(User.objects.get())[0], "next": ADD_KEY}
    )
    assert answer["Location"] == ADD_KEY
    assert client.get(ADD_KEY).status_code == 200


def test_the_page_of_security_lists_what_there_is(signed_in, person, factor, key):
    page = signed_in.get("/compte/securite/").content.decode()
    assert "Retirer l’application" in page
    assert "<strong>Téléphone</strong>" in page
    assert "Remplace le mot de passe" in page
    assert "Voir mes codes" in page


@pytest.mark.parametrize("path", [ADD_KEY, KEY_LOGIN, "/compte/confirmation/cle/"])
@pytest.mark.parametrize("credential", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_passkey_is_refused_with_a_page(proven, person, request, path, credential):
    count = 0
    if path != ADD_KEY:
        request.getfixturevalue("key")
        count = 1
    browser = Client() if path == KEY_LOGIN else proven
    if path == KEY_LOGIN:
        asked = browser.get(path, headers={"Accept": "application/json"}).json()
        assert asked["request_options"]["publicKey"]["userVerification"] == "required"
    elif path == ADD_KEY:
        assert browser.get(path).status_code == 200
    answer = browser.post(path, {"credential": credential, "name": "Clé"})
    assert answer.status_code in {302, 400}
    assert "JSON" not in answer.content.decode()
    assert Authenticator.objects.count() == count
    if path == KEY_LOGIN:
        assert not is_signed_in(browser)


def test_the_address_of_passkey_sign_in_opened_by_hand_leads_to_the_page(client):
    assert client.get(KEY_LOGIN)["Location"] == LOGIN


def test_passkeys_are_refused_when_the_address_is_a_number(client, proven, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1", "[::1]", "localhost", "testserver"]
    for host in ("127.0.0.1:8000", "[::1]:8000"):
        page = Client().get(LOGIN, HTTP_HOST=host).content.decode()
        assert 'href="http://localhost:8000/compte/connexion/"' in page
        assert "data-passkey" not in page
    named = Client().get(LOGIN, HTTP_HOST="localhost:8000").content.decode()
    assert "data-passkey" in named
    assert "ne marchent pas à cette adresse" not in named


def test_a_passkey_is_renamed_and_removed(proven, key):
    path = f"/compte/securite/cles/{key.pk}"
    assert 'value="Téléphone"' in proven.get(f"{path}/renommer/").content.decode()
    assert proven.post(f"{path}/renommer/", {"name": ""}).status_code == 400
    assert proven.post(f"{path}/renommer/", {"name": "x" * 61}).status_code == 400
    assert proven.post(f"{path}/renommer/", {"name": "Clé du bureau"})["Location"] == "/compte/securite/"
    key.refresh_from_db()
    assert str(key) == "Clé du bureau"
    assert "Clé du bureau" in proven.get(f"{path}/retirer/").content.decode()
    assert Authenticator.objects.count() == 1
    assert proven.post(f"{path}/retirer/")["Location"] == "/compte/securite/"
    assert not Authenticator.objects.exists()
    assert only_message().subject == "Clé d’accès retirée"


def test_the_passkey_of_somebody_else_is_not_found(proven, key, invited):
    Authenticator.objects.update(user=invited)
    for verb in ("renommer", "retirer"):
        assert proven.get(f"/compte/securite/cles/{key.pk}/{verb}/").status_code == 404
        assert proven.post(f"/compte/securite/cles/{key.pk}/{verb}/", {"name": "x"}).status_code == 404
        assert proven.get(f"/compte/securite/cles/{10**30}/{verb}/").status_code == 404
    key.refresh_from_db()
    assert (key.user, str(key)) == (invited, "Téléphone")


def test_scripts_of_passkeys_are_files_of_ours(client):
    answer = client.get(LOGIN)
    assert "script-src 'self';" in f"{answer['Content-Security-Policy']};"
    assert "publickey" not in answer["Permissions-Policy"]
    assert '<script src="/static/mfa/js/webauthn.js" defer>' in answer.content.decode()


def test_the_operator_forgets_the_factors_of_who_lost_them(factor, key, person, log_in, client, capsys):
    call_command("forget_second_factors", "Camille@cpts.test", motif="vue en visio")
    assert "3 moyen(s) retiré(s)" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    entry = AuditEntry.objects.get(action="accounts.second_factors_forgotten")
    assert (entry.target_id, entry.note) == (str(person.pk), "vue en visio")
    assert entry.changes == {"second_factors": [["recovery_codes", "totp", "webauthn"], []]}
    assert log_in()["Location"] == "/"

    call_command("forget_second_factors", EMAIL, motif="encore")
    assert AuditEntry.objects.filter(action="accounts.second_factors_forgotten").count() == 1


def test_the_operator_is_told_when_nobody_has_the_address(person):
    with pytest.raises(CommandError, match=r"Aucun compte n’a l’adresse x@y\.fr"):
        call_command("forget_second_factors", "x@y.fr", motif="x")
