"""Passwords and codes are tried a few times, then nobody gets in for a while: not even the right one."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import override_settings

from core.accounts.models import User
from tests.core.accounts.conftest import EMAIL, PASSWORD, is_signed_in

pytestmark = pytest.mark.django_db


def try_wrong(log_in, times, email=EMAIL, **extra):
    return [log_in(email, f"essai {number}", **extra).status_code for number in range(times)]


def from_elsewhere(number):
    return {"REMOTE_ADDR": f"198.51.100.{number}"}


def test_an_account_bears_five_wrong_passwords_from_anywhere(person, log_in, client):
    tries = [log_in(password="faux", **from_elsewhere(number)).status_code for number in range(6)]
    assert tries == [400] * 5 + [429]
    answer = log_in(**from_elsewhere(9))
    assert answer.status_code == 429
    assert "Trop de demandes" in answer.content.decode()
    assert not is_signed_in(client)
    with time_machine.travel(timedelta(minutes=5, seconds=1)):
        assert log_in().status_code == 302


def test_an_address_of_the_network_bears_ten_over_all_accounts(person, log_in, client):
    User.objects.create_user("autre@cpts.test", PASSWORD)
    for number in range(10):
        assert log_in(f"personne-{number}@cpts.test", "faux").status_code == 400
    assert log_in("autre@cpts.test").status_code == 429
    assert not is_signed_in(client)
    assert log_in("autre@cpts.test", **from_elsewhere(1)).status_code == 302


def test_another_host_name_gives_no_other_attempt(person, log_in, settings):
    settings.ALLOWED_HOSTS = ["a.test", "b.test"]
    assert try_wrong(log_in, 3, HTTP_HOST="a.test") == [400] * 3
    assert try_wrong(log_in, 3, HTTP_HOST="b.test") == [400, 400, 429]


def test_an_unknown_address_is_refused_alike(person, log_in):
    assert try_wrong(log_in, 6, "inconnue@cpts.test") == [400] * 5 + [429]


def test_successes_are_not_counted(person, log_in, client):
    for _ in range(12):
        assert log_in().status_code == 302
        client.logout()


@pytest.mark.parametrize(("proxies", "limited"), [(0, True), (1, False)])
def test_the_address_is_the_one_our_proxies_saw(person, log_in, settings, proxies, limited):
    settings.TRUSTED_PROXIES = proxies
    for number in range(10):
        extra = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}"}
        assert log_in(f"personne-{number}@cpts.test", "faux", **extra).status_code == 400
    answer = log_in(HTTP_X_FORWARDED_FOR="203.0.113.99")
    assert answer.status_code == (429 if limited else 302)


def test_a_forged_address_left_of_our_proxy_changes_nothing(person, log_in, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(10):
        extra = {"HTTP_X_FORWARDED_FOR": f"192.0.2.{number}, 203.0.113.7"}
        assert log_in(f"personne-{number}@cpts.test", "faux", **extra).status_code == 400
    assert log_in(HTTP_X_FORWARDED_FOR="192.0.2.99, 203.0.113.7").status_code == 429


def test_files_count_as_memory_does(person, log_in, tmp_path):
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    with override_settings(CACHES={"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}):
        assert try_wrong(log_in, 6) == [400] * 5 + [429]
        assert log_in().status_code == 429
        assert list(tmp_path.iterdir())


def test_links_are_sent_five_times_an_hour_to_one_address(person, client):
    sent = [client.post("/compte/mot-de-passe/oublie/", {"email": EMAIL}).status_code for _ in range(6)]
    assert sent == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_proving_again_who_one_is_is_limited_too(signed_in):
    tries = [signed_in.post("/compte/confirmation/", {"password": "faux"}).status_code for _ in range(6)]
    assert tries == [400] * 5 + [429]
    assert signed_in.post("/compte/confirmation/", {"password": PASSWORD}).status_code == 429
