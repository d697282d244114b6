"""Choosing a password by a link, and changing it."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from core.accounts.domain.sign_in_links import password_link
from core.accounts.models import User
from tests.core.accounts.conftest import EMAIL, PASSWORD, is_signed_in, link_of, only_message

pytestmark = pytest.mark.django_db
LOST, CHANGE = "/compte/mot-de-passe/oublie/", "/compte/mot-de-passe/"
NEW = "une tout autre phrase"
TWICE = {"password1": NEW, "password2": NEW}
DEAD = "Ce lien ne sert plus"


def path_of(link):
    assert link.startswith("http://127.0.0.1:8000/compte/mot-de-passe/choisir/")
    return link.removeprefix("http://127.0.0.1:8000")


def form_of(client, link):
    """Open a link and return the address of its form."""
    answer = client.get(link)
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"].endswith("-choix/")
    return answer["Location"]


def test_a_known_and_an_unknown_address_get_the_same_answer_and_each_a_message(person, client):
    answers = [client.post(LOST, {"email": email}, follow=True) for email in (EMAIL, "inconnue@cpts.test")]
    assert [answer.redirect_chain for answer in answers] == [[(f"{LOST}envoye/", 302)]] * 2
    pages = [re.sub(r"[A-Za-z0-9]{64}", "", answer.content.decode()) for answer in answers]
    assert pages[0] == pages[1]
    known, unknown = mail.outbox
    assert (known.to, known.subject) == ([EMAIL], "Choisir votre mot de passe")
    assert (unknown.to, unknown.subject) == (["inconnue@cpts.test"], "Pas de compte à cette adresse")
    assert "choisir/" not in unknown.body


def test_the_message_is_plain_french_from_the_site_itself(person, client):
    client.post(LOST, {"email": EMAIL}, HTTP_HOST="localhost")
    message = only_message()
    assert message.from_email == "CPTS <ne-pas-repondre@127.0.0.1>"
    assert message.alternatives == []
    assert message.body.startswith("Bonjour,\n\nVous avez demandé à choisir un mot de passe")
    assert link_of(message)


def test_the_link_chooses_a_password_once(person, client, log_in):
    client.post(LOST, {"email": EMAIL})
    link = link_of(only_message())
    form = form_of(client, link)
    assert "Choisir un mot de passe" in client.get(form).content.decode()
    answer = client.post(form, TWICE, follow=True)
    assert answer.redirect_chain == [("/compte/mot-de-passe/choisi/", 302)]
    assert not is_signed_in(client)
    assert [message.subject for message in mail.outbox[1:]] == ["Votre mot de passe a été changé"]

    for again in (client, Client()):
        answer = again.get(link)
        assert answer.status_code == 200
        assert DEAD in answer.content.decode()
    refused = client.post(form, {"password1": "encore une autre", "password2": "encore une autre"})
    assert (refused.status_code, DEAD in refused.content.decode()) == (400, True)
    assert log_in(password=PASSWORD).status_code == 400
    assert log_in(password=NEW).status_code == 302


def test_a_first_password_is_chosen_by_the_link_of_the_domain(invited, client, log_in):
    form = form_of(client, path_of(password_link(invited)))
    client.post(form, TWICE)
    assert log_in(invited.email, NEW).status_code == 302


def test_who_was_invited_can_ask_for_another_link(invited, client):
    client.post(LOST, {"email": invited.email})
    client.post(form_of(client, link_of(only_message())), TWICE)
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_a_link_dies_after_three_days_after_a_sign_in_and_with_another_address(person, client, log_in):
    link = path_of(password_link(person))
    with time_machine.travel(timedelta(days=3, minutes=1)):
        assert DEAD in client.get(link).content.decode()
    with time_machine.travel(timedelta(days=2, hours=23)):
        form_of(client, link)
    log_in()
    assert DEAD in Client().get(link).content.decode()
    person.refresh_from_db()
    link = path_of(password_link(person))
    User.objects.update(email="ailleurs@cpts.test")
    assert DEAD in Client().get(link).content.decode()


@pytest.mark.parametrize(
    "key",
    [
        "1-x",
        "zzzzzzzzzzzzz-abc-def",
        "zzzzzzzzzzzzzzzzzzzz-a-b",
        "0-choix",
        "1-choix",
        "1-" + "a" * 3000,
        "1-é",
    ],
)
def test_links_made_up_are_refused(person, client, key):
    answer = client.get(f"/compte/mot-de-passe/choisir/{key}/")
    assert (answer.status_code, DEAD in answer.content.decode()) == (200, True)
    assert client.post(f"/compte/mot-de-passe/choisir/{key}/", TWICE).status_code == 400
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_the_link_of_another_person_changes_nothing(person, invited, client):
    token = path_of(password_link(invited)).split("-", 3)[-1]
    mine = path_of(password_link(person)).rsplit("/", 2)[0]
    number = path_of(password_link(person)).split("choisir/")[1].split("-")[0]
    answer = client.get(f"{mine}/{number}-{token}")
    assert DEAD in answer.content.decode()


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("courte", "courte", "12 caractères"),
        ("motdepasse1234 x", "autre phrase longue", "Ce n’est pas le même texte"),
        ("camille@cpts.test", "camille@cpts.test", "semblable"),
        ("", "", "obligatoire"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_still_serves(person, client, first, second, reason):
    form = form_of(client, path_of(password_link(person)))
    answer = client.post(form, {"password1": first, "password2": second})
    assert answer.status_code == 400
    assert reason in answer.content.decode()
    assert client.post(form, TWICE).status_code == 302


def test_a_link_followed_by_who_is_signed_in_asks_to_leave_first(signed_in, invited):
    link = path_of(password_link(invited))
    page = signed_in.get(link).content.decode()
    assert "Vous êtes déjà connecté" in page
    assert f'name="next" value="{link}"' in page
    assert is_signed_in(signed_in)
    assert signed_in.post("/compte/deconnexion/", {"next": link})["Location"] == link
    form_of(signed_in, link)


def test_a_chosen_password_forgives_former_attempts(person, client, log_in):
    for number in range(6):
        log_in(password="faux", REMOTE_ADDR=f"198.51.100.{number}")
    assert log_in(password=PASSWORD).status_code == 429
    client.post(form_of(client, path_of(password_link(person))), TWICE)
    assert log_in(password=NEW).status_code == 302


def test_changing_it_ends_the_other_sessions_and_says_so_by_message(signed_in, person):
    elsewhere = Client()
    elsewhere.force_login(person)
    answer = signed_in.post(CHANGE, {"oldpassword": PASSWORD, **TWICE}, follow=True)
    assert answer.redirect_chain == [("/compte/", 302)]
    assert "Votre mot de passe est enregistré." in answer.content.decode()
    message = only_message()
    assert (message.to, message.subject) == ([EMAIL], "Votre mot de passe a été changé")
    assert "Depuis l’adresse\u00a0: 127.0.0.1" in message.body
    assert "http://127.0.0.1:8000/compte/mot-de-passe/oublie/" in message.body

    gone = elsewhere.get("/compte/")
    assert (gone.status_code, gone["Location"]) == (302, "/compte/connexion/?next=/compte/")
    assert not is_signed_in(elsewhere)
    assert elsewhere.get("/").status_code == 200


@pytest.mark.parametrize("old", ["faux", ""])
def test_changing_it_takes_the_present_one(signed_in, person, old):
    answer = signed_in.post(CHANGE, {"oldpassword": old, **TWICE})
    assert answer.status_code == 400
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert mail.outbox == []


def test_a_message_that_cannot_leave_is_said_and_nothing_fails(person, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    for email in (EMAIL, "inconnue@cpts.test"):
        answer = client.post(LOST, {"email": email}, follow=True)
        assert answer.status_code == 200
        assert "n’a pas pu partir" in answer.content.decode()
        assert '<div class="notice notice-danger" role="status">' in answer.content.decode()


def test_no_row_of_addresses_is_ever_written(person, client, log_in):
    client.post(LOST, {"email": EMAIL})
    client.post(form_of(client, link_of(only_message())), TWICE)
    log_in(password=NEW)
    assert not EmailAddress.objects.exists()


def test_who_has_no_password_chooses_one_after_proving_who_they_are(client, invited):
    client.force_login(invited)
    assert client.get(CHANGE)["Location"] == "/compte/mot-de-passe/premier/"
    assert client.post("/compte/mot-de-passe/premier/", TWICE)["Location"] == "/compte/"
    invited.refresh_from_db()
    assert invited.check_password(NEW)
