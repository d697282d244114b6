"""A person who signs in with a password, and what their mailbox receives."""

import re

import pytest
from django.core import mail

from core.accounts.models import User

EMAIL, PASSWORD = "camille@cpts.test", "trois infirmières à vélo"
LOGIN = "/compte/connexion/"


@pytest.fixture
def person(db):
    return User.objects.create_user(EMAIL, PASSWORD, first_name="Camille", last_name="Martin")


@pytest.fixture
def invited(db):
    """Return somebody who has no password yet."""
    return User.objects.create_user("nouvelle@cpts.test")


@pytest.fixture
def log_in(client):
    """Return a function that sends the form of sign-in."""

    def send(email=EMAIL, password=PASSWORD, *, to=client, follow=False, **extra):
        return to.post(LOGIN, {"login": email, "password": password}, follow=follow, **extra)

    return send


@pytest.fixture
def signed_in(client, person, log_in):
    """Return a browser where `person` is signed in, as the form does it."""
    assert log_in().status_code == 302
    return client


@pytest.fixture
def proven(signed_in):
    """Return the same browser, which has just proven again who uses it."""
    answer = signed_in.post("/compte/confirmation/", {"password": PASSWORD, "next": "/compte/securite/"})
    assert (answer.status_code, answer["Location"]) == (302, "/compte/securite/")
    return signed_in


def is_signed_in(client):
    return "_auth_user_id" in client.session


def link_of(message):
    """Return the path of the link in a message."""
    (link,) = re.findall(r"http://127\.0\.0\.1:8000(/compte/mot-de-passe/choisir/\S+)", message.body)
    return link


def only_message():
    (message,) = mail.outbox
    return message
