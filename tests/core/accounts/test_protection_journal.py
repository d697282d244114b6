"""What a person changes in the protection of their account is told in the journal, without any secret."""

import json

import pytest

from core.accounts.domain.sign_in_links import password_link
from core.audit.models import AuditEntry
from tests.core.accounts.conftest import PASSWORD
from tests.core.accounts.test_second_factor import ADD_APP, CODES, REMOVE_APP, code_of

pytestmark = pytest.mark.django_db
OTHER = "une sage-femme en tandem"


def told():
    rows = AuditEntry.objects.order_by("pk").values_list("action", "actor_role", "target_type", "changes")
    return list(rows)


def entry(action, changes=None):
    return (f"accounts.{action}", "platform", "accounts.user", changes or {})


def test_a_password_changed(signed_in):
    typed = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    assert signed_in.post("/compte/mot-de-passe/", typed).status_code == 302

    assert told() == [entry("password_changed")]
    assert OTHER not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_a_password_refused_tells_nothing(signed_in):
    typed = {"oldpassword": "autre chose", "password1": OTHER, "password2": OTHER}
    assert signed_in.post("/compte/mot-de-passe/", typed).status_code == 400

    assert told() == []


def test_a_first_password_chosen_by_a_link(client, invited):
    path = password_link(invited).removeprefix("http://127.0.0.1:8000")
    page = client.get(path, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": OTHER, "password2": OTHER})

    assert told() == [entry("password_changed")]


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_added_renewed_and_removed(proven):
    proven.get(ADD_APP)
    proven.post(ADD_APP, {"code": code_of(proven.session["mfa.totp.secret"])})
    proven.post(f"{CODES}nouveaux/")
    proven.post(REMOVE_APP)

    actions = [(action, changes) for action, _role, _type, changes in told()]
    assert ("accounts.second_factor_added", {"second_factors": [None, "totp"]}) in actions
    assert ("accounts.second_factor_renewed", {"second_factors": [None, "recovery_codes"]}) in actions
    assert ("accounts.second_factor_removed", {"second_factors": ["totp", None]}) in actions
    assert "secret" not in json.dumps(actions)
