"""A requester is told apart from others without being known."""

import pytest
from django.test import RequestFactory

from core.jobs.requesters import requester_of


def _requester(remote="198.51.100.7", forwarded=None):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return requester_of(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


def test_the_address_is_not_kept():
    requester = _requester()

    assert len(requester) == 64
    assert "198.51.100.7" not in requester
    assert requester == _requester() != _requester(remote="198.51.100.8")


def test_the_hash_is_keyed(settings):
    before = _requester()
    settings.SECRET_KEY = "another key"

    assert _requester() != before


def test_without_a_proxy_the_header_is_not_believed(settings):
    settings.TRUSTED_PROXIES = 0

    assert _requester(forwarded="203.0.113.9") == _requester()


@pytest.mark.parametrize(
    ("proxies", "forwarded"),
    [(1, "203.0.113.9"), (1, "6.6.6.6, 203.0.113.9"), (2, "6.6.6.6, 203.0.113.9, 10.0.0.1")],
)
def test_behind_proxies_the_address_they_saw_counts(settings, proxies, forwarded):
    settings.TRUSTED_PROXIES = 0
    client = _requester(remote="203.0.113.9")
    settings.TRUSTED_PROXIES = proxies

    assert _requester(remote="10.0.0.2", forwarded=forwarded) == client


def test_a_request_that_came_past_the_proxies_counts_for_itself(settings):
    settings.TRUSTED_PROXIES = 2

    assert _requester(forwarded="203.0.113.9") == _requester()


def test_an_ipv6_subscriber_is_one_requester():
    assert _requester("2001:db8:1:2::1") == _requester("2001:db8:1:2:ffff::9")
    assert _requester("2001:db8:1:2::1") != _requester("2001:db8:1:3::1")


def test_an_ipv4_address_in_ipv6_clothes_is_the_same():
    assert _requester("::ffff:198.51.100.7") == _requester()


def test_an_unreadable_address_is_still_hashed():
    assert len(_requester("unix:")) == 64
