"""The page of one's own account, one's name, and the first administrator."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.utils import timezone

from core.access.actors import PLATFORM
from core.access.enums import Role
from core.accounts.domain.roles import give_role
from core.accounts.models import User
from core.audit.models import AuditEntry

pytestmark = pytest.mark.django_db
ACCOUNT, RENAME = "/compte/", "/compte/nom/"


def test_the_page_says_who_one_is_and_what_protects_the_account(signed_in):
    page = signed_in.get(ACCOUNT).content.decode()
    for text in ("Camille Martin", "camille@cpts.test", "Changer de mot de passe", "Inactive", "Aucune"):
        assert text in page


def test_the_page_asks_few_questions_to_the_base(signed_in, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        signed_in.get(ACCOUNT)


def test_a_name_is_changed_and_the_journal_says_so(signed_in, person):
    answer = signed_in.post(RENAME, {"first_name": "Dominique", "last_name": "Martin"}, follow=True)
    assert answer.redirect_chain == [(ACCOUNT, 302)]
    assert "Votre nom est enregistré." in answer.content.decode()
    assert '<div class="notice notice-success" role="status">' in answer.content.decode()
    person.refresh_from_db()
    assert str(person) == "Dominique Martin"
    entry = AuditEntry.objects.get(action="accounts.person_renamed")
    assert entry.changes == {"first_name": ["Camille", "Dominique"]}
    assert (entry.actor_id, entry.target_id) == (None, str(person.pk))
    assert entry.note == "La personne a changé son propre nom."


def test_who_holds_a_role_changes_their_name_in_it(signed_in, person):
    give_role(person, Role.ADMINISTRATOR, by=PLATFORM, now=timezone.now())
    signed_in.post(RENAME, {"first_name": "Dominique", "last_name": "Martin"})
    entry = AuditEntry.objects.get(action="accounts.person_renamed")
    assert (entry.actor_id, entry.actor_role) == (person.pk, Role.ADMINISTRATOR)


def test_the_same_name_again_writes_nothing(signed_in):
    assert signed_in.post(RENAME, {"first_name": "Camille", "last_name": "Martin"}).status_code == 302
    assert not AuditEntry.objects.filter(action="accounts.person_renamed").exists()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"first_name": "Camille", "last_name": " "},
        {"first_name": "x" * 151, "last_name": "Martin"},
        {"first_name": "a\0b", "last_name": "Martin"},
    ],
)
def test_a_name_that_is_none_is_refused_and_nothing_changes(signed_in, person, data):
    answer = signed_in.post(RENAME, data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "à corriger" in page
    assert 'href="/compte/">' in page
    person.refresh_from_db()
    assert str(person) == "Camille Martin"


def test_the_first_administrator_is_made_by_django_s_own_command(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "trois infirmières à vélo")
    call_command("createsuperuser", email="Admin@CPTS.test", interactive=False, verbosity=0)
    admin = User.objects.get()
    assert (admin.email, admin.is_superuser) == ("admin@cpts.test", True)
    assert authenticate(None, email="admin@cpts.test", password="trois infirmières à vélo") == admin
