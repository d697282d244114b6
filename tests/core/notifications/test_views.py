"""The pages of one's messages."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from core.access.enums import Role
from tests.core.notifications.conftest import MINUTE, NOW, row
from tests.factories.people import UserFactory

LATER = NOW + timedelta(hours=1)
_MINE = ["/messages/", "/messages/{id}/", "/messages/lus/"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def browser(person):
    client = Client()
    client.force_login(person)
    return client


def _text(response):
    return response.content.decode()


def test_the_list_shows_what_is_unread_first(browser, tell, cpts):
    for number, key in enumerate(("ancien", "lu", "nouveau")):
        tell(key, title=f"Message {key}", now=NOW + number * MINUTE, cpts=cpts)
    browser.post(f"/messages/{tell('lu').pk}/")

    page = _text(browser.get("/messages/"))

    places = [page.index(f"Message {key}") for key in ("nouveau", "ancien", "lu")]
    assert places == sorted(places)
    assert page.count('class="unread"') == 2
    assert "Non lus (2)" in page
    assert "CPTS du Littoral d’essai" in page
    assert "15 janvier 2026" in page


def test_an_empty_list_says_what_will_come(browser):
    page = _text(browser.get("/messages/"))

    assert "Aucun message pour l’instant" in page
    assert "Tout marquer comme lu" not in page


def test_the_unread_alone(browser, tell):
    tell("a", title="Message à lire")
    browser.post(f"/messages/{tell('b', title='Message déjà lu').pk}/")

    page = _text(browser.get("/messages/", {"etat": "non-lus"}))

    assert "Message à lire" in page
    assert "Message déjà lu" not in page
    browser.post("/messages/lus/")
    assert "Tout est lu" in _text(browser.get("/messages/", {"etat": "non-lus"}))


def test_a_long_list_has_pages(browser, tell):
    for number in range(21):
        tell(str(number), title=f"Message numéro {number}.", now=NOW + number * MINUTE)

    first, second = (_text(browser.get("/messages/", {"page": page})) for page in (1, 2))

    assert "Message numéro 20." in first
    assert "Message numéro 0." not in first
    assert "Page 1 sur 2" in first
    assert "Message numéro 0." in second
    assert "Page 2 sur 2" in second
    assert "etat=non-lus&amp;page=2" in _text(browser.get("/messages/", {"etat": "non-lus"}))


@pytest.mark.parametrize("page", ["0", "-1", "99", "abc", "\x00"])
def test_a_page_that_is_none_is_the_nearest(browser, tell, page):
    tell()

    assert "Échéance d’essai" in _text(browser.get("/messages/", {"page": page}))


def test_reading_a_message_shows_it_and_writes_nothing(browser, tell):
    notification = tell()
    before = row(notification)

    page = _text(browser.get(f"/messages/{notification.pk}/"))

    assert "39\u202f159,84\u00a0€ sont attendus." in page
    assert "15 janvier 2026 à 13\u00a0h\u00a000" in page
    assert "Ouvrir la page concernée" in page
    assert row(notification) == before


def test_opening_a_message_marks_it_as_read_and_leads_to_its_page(browser, tell):
    notification = tell()

    response = browser.post(f"/messages/{notification.pk}/")

    assert (response.status_code, response["Location"]) == (302, "/cpts/littoral/")
    assert row(notification)["read_at"] == LATER


def test_a_double_click_is_read_once(browser, tell):
    notification = tell()
    browser.post(f"/messages/{notification.pk}/")
    once = row(notification)

    assert browser.post(f"/messages/{notification.pk}/").status_code == 302
    assert row(notification) == once


def test_all_are_read_at_once(browser, tell):
    notification = tell()
    other = tell(recipients=[UserFactory().pk])

    response = browser.post("/messages/lus/", follow=True)

    assert response.redirect_chain == [("/messages/", 302)]
    assert "Tous vos messages sont marqués comme lus." in _text(response)
    assert row(notification)["read_at"] == LATER
    assert row(other)["read_at"] is None
    assert "marqués comme lus" not in _text(browser.post("/messages/lus/", follow=True))


def test_a_message_belongs_to_the_person_in_every_role(sign_in, tell, cpts, other_cpts):
    treasurer = sign_in(Role.TREASURER)
    person = treasurer.session["_auth_user_id"]
    tell(recipients=[int(person)], cpts=other_cpts, title="D’une CPTS quittée")

    assert "D’une CPTS quittée" in _text(treasurer.get("/messages/"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_message_of_somebody_else_does_not_exist(browser, tell, method):
    other = tell(recipients=[UserFactory().pk])
    before = row(other)

    assert getattr(browser, method)(f"/messages/{other.pk}/").status_code == 404
    assert "Échéance d’essai" not in _text(browser.get("/messages/"))
    assert row(other) == before


@pytest.mark.parametrize("wrong", ["0", "999999", "abc", "99999999999999999999999"])
def test_a_wrong_number_is_not_found(browser, wrong):
    assert browser.get(f"/messages/{wrong}/").status_code == 404


@pytest.mark.parametrize("address", _MINE)
def test_anonymous_visitors_sign_in_first(client, tell, address):
    notification = tell()
    before = row(notification)
    path = address.format(id=notification.pk)
    method = "post" if path == "/messages/lus/" else "get"

    response = getattr(client, method)(path)

    assert (response.status_code, response["Location"]) == (302, f"/compte/connexion/?next={path}")
    assert row(notification) == before


@pytest.mark.parametrize(
    ("address", "method"),
    [("/messages/", "post"), ("/messages/lus/", "get"), ("/messages/{id}/", "delete")],
)
def test_a_wrong_method_is_refused_and_nothing_changes(browser, tell, address, method):
    notification = tell()
    before = row(notification)

    assert getattr(browser, method)(address.format(id=notification.pk)).status_code == 405
    assert row(notification) == before


@pytest.mark.parametrize("address", _MINE[1:])
def test_writing_from_another_site_is_refused(person, tell, address):
    notification = tell()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)

    assert client.post(address.format(id=notification.pk)).status_code == 403
    assert row(notification)["read_at"] is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(browser, tell, cpts, django_assert_num_queries, count):
    for number in range(count):
        tell(str(number), cpts=cpts)

    with django_assert_num_queries(6):
        browser.get("/messages/")
