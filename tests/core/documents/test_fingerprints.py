"""The same content has the same fingerprint, and a person can copy it."""

import pytest

from core.audit.domain.fingerprints import fingerprint_of
from core.documents.domain.fingerprints import grouped, parse_fingerprint, verification_url
from tests.core.documents.conftest import FINGERPRINT


def test_the_fingerprint_is_the_sha256_of_the_canonical_json():
    # printf '{"année":1,"lines":[{"amount":"12.50"}]}' | sha256sum
    expected = "670dfaa97aea0235ed1ecd734c9f69d20d0ab86d2e5b465f1e469b9712c10896"

    assert fingerprint_of({"lines": [{"amount": "12.50"}], "année": 1}) == expected


def test_the_order_of_keys_does_not_count():
    assert fingerprint_of({"a": 1, "b": {"c": 2, "d": 3}}) == fingerprint_of({"b": {"d": 3, "c": 2}, "a": 1})


@pytest.mark.parametrize("other", [{"a": "1"}, {"a": 1.0}, {"a": [1]}, {"a": 1, "b": None}, {}])
def test_any_other_content_has_another_fingerprint(other):
    assert fingerprint_of(other) != fingerprint_of({"a": 1})


@pytest.mark.parametrize(
    ("content", "error"), [({"a": {1, 2}}, TypeError), ({"a": float("nan")}, ValueError)]
)
def test_what_is_not_json_has_no_fingerprint(content, error):
    with pytest.raises(error):
        fingerprint_of(content)


@pytest.mark.parametrize(
    "typed",
    [FINGERPRINT, FINGERPRINT.upper(), grouped(FINGERPRINT), f"  {FINGERPRINT[:32]}-{FINGERPRINT[32:]}\n"],
)
def test_a_fingerprint_is_read_as_people_copy_it(typed):
    assert parse_fingerprint(typed) == FINGERPRINT


@pytest.mark.parametrize("typed", ["", "abc", FINGERPRINT[:-1], FINGERPRINT + "0", "g" * 64, "é" * 64])
def test_anything_else_is_not_a_fingerprint(typed):
    assert parse_fingerprint(typed) is None


def test_a_fingerprint_is_shown_in_eight_groups_of_eight():
    assert grouped(FINGERPRINT) == " ".join(["01234567", "89abcdef"] * 4)


def test_the_address_of_verification_is_on_the_public_site(settings):
    settings.SITE_URL = "https://cpts.example.org"

    assert verification_url(FINGERPRINT) == f"https://cpts.example.org/documents/verifier/{FINGERPRINT}/"
