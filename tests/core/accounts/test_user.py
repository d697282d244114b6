"""People are known by their e-mail address, written in any case."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.accounts.models import User

pytestmark = pytest.mark.django_db


def test_a_person_signs_in_by_address_and_has_no_right():
    user = User.objects.create_user("Camille@CPTS.fr", "secret", first_name="Camille", last_name="Martin")
    assert (user.email, user.get_username(), str(user)) == ("camille@cpts.fr",) * 2 + ("Camille Martin",)
    assert user.check_password("secret")
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_a_person_without_name_is_shown_by_address():
    assert str(User.objects.create_user("a@cpts.fr")) == "a@cpts.fr"


def test_without_a_password_nobody_signs_in():
    assert not User.objects.create_user("a@cpts.fr").has_usable_password()


def test_an_administrator_has_every_right():
    user = User.objects.create_superuser("a@cpts.fr", "secret")
    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize("email", ["", None])
def test_an_address_is_needed(email):
    with pytest.raises(ValueError, match="adresse électronique"):
        User.objects.create_user(email)
    assert not User.objects.exists()


def test_one_address_is_one_account_whatever_its_case():
    User.objects.create_user("camille@cpts.fr")
    with pytest.raises(IntegrityError, match="accounts_user_email_unique_ci"), transaction.atomic():
        User(email="CAMILLE@cpts.fr", password="x").save()
    with pytest.raises(ValidationError) as refused:
        User(email="Camille@cpts.fr", password="x").full_clean()
    assert refused.value.message_dict["email"] == ["Cette adresse électronique a déjà un compte."]
    assert User.objects.count() == 1
