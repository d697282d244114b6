"""Every action has its French words, and every value of the journal reads like a sentence."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps

from core.audit.domain.reading import Change, read_entries
from core.audit.domain.values import readable
from core.audit.models import AuditEntry
from core.audit.words import action_words, field_words, object_words, words_of
from tests.core.audit.conftest import write
from tests.factories.people import CptsFactory, UserFactory

APPS = ("core", "aci", "funding", "members", "projects", "indicators", "cpts")


def recorded_actions(root):
    """Yield the actions that verbs record, as far as they are written out."""
    labels = {config.label for config in apps.get_app_configs()}
    for path in [path for app in APPS for path in (root / app).rglob("domain/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"record", "_record"}:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value.partition(".")[0] in labels:
                    yield first.value


def test_every_action_recorded_has_its_words():
    actions = set(recorded_actions(Path(__file__).resolve().parents[3]))

    assert "accounts.role_given" in actions
    assert actions - action_words().keys() == set()


def test_words_are_sentences_without_a_subject():
    for action, words in action_words().items():
        assert action.partition(".")[0] in {config.label for config in apps.get_app_configs()}, action
        assert words.startswith("a "), words


def test_an_action_without_words_stays_readable():
    assert words_of("tests.moon_seen") == "a fait\u00a0: moon seen"
    assert object_words("members.fee_line") == "fee line"
    assert field_words("members.fee", "due_on") == "due on"


def test_fields_are_named_by_their_model_or_their_app():
    assert field_words("organisations.cpts", "siret") == "SIRET"
    assert field_words("accounts.user", "first_name") == "prénom"
    assert field_words("organisations.territoryversion", "communes_added") == "communes ajoutées"
    assert field_words("aci.contract", "missions.acces_soins").startswith("mission «\u00a0")


def value(model, name, stored, named=None):
    return readable(apps.get_model(model)._meta.get_field(name), stored, named or {})


@pytest.mark.parametrize(
    ("model", "name", "stored", "expected"),
    [
        ("organisations.cpts", "siret", "73282932000074", "732 829 320 00074"),
        ("organisations.cpts", "siret", "", "vide"),
        ("organisations.cpts", "stage", "phase_1", "Phase 1"),
        ("organisations.cpts", "stage", "gone", "gone"),
        ("organisations.cpts", "stage_since", "2026-03-01", "1er mars 2026"),
        ("organisations.cpts", "stage_since", "not a day", "not a day"),
        ("organisations.cpts", "contact_phone", "+33233500000", "02 33 50 00 00"),
        ("organisations.cpts", "logo", "ab" * 32, "abababababab…"),
        ("organisations.cpts", "ars_referent", 9, "n°\u00a09"),
        (
            "accounts.roleassignment",
            "started_at",
            "2026-11-24T13:05:00+00:00",
            "24 novembre 2026 à 14\u00a0h\u00a005",
        ),
        ("aci.contract", "prorate_first_variable", False, "non"),
        ("aci.contract", "prorate_first_variable", True, "oui"),
        ("aci.contract", "expected_attainment", "0.8000", "80\u00a0%"),
        ("aci.contract", "population", 42000, "42\u202f000"),
        ("members.feescale", "year", 2026, "2026"),
        ("members.feecall", "number", 1204, "1204"),
        ("aci.contract", "crisis_years", [2, 3], "2, 3"),
        ("aci.contract", "crisis_years", [], "vide"),
        ("funding.receipt", "amount", "1250.50", "1\u202f250,50\u00a0€"),
        ("funding.receipt", "amount", "many", "many"),
    ],
)
def test_values_are_french(model, name, stored, expected):
    assert value(model, name, stored) == expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, "vide"),
        (0, "0"),
        ("2026-01-01", "1er janvier 2026"),
        (["totp", "webauthn"], "totp, webauthn"),
        ({"a": 1, "b": [2]}, "a\u00a0: 1, b\u00a0: 2"),
        ([{"a": True}], "a\u00a0: True"),
    ],
)
def test_values_of_no_field_are_told_as_they_are(stored, expected):
    assert readable(None, stored, {}) == expected


@pytest.mark.django_db
def test_an_entry_reads_like_a_sentence(cpts):
    person = UserFactory(pk=1, first_name="Camille", last_name="Essai")
    write(cpts, cpts_id=cpts.pk, changes={"siret": ["", "73282932000074"], "name": [None, "Nom"]})

    (read,) = read_entries(list(AuditEntry.objects.of_cpts(cpts.pk)))

    assert (read.who, read.role, read.at) == (
        str(person),
        "coordination",
        datetime(2026, 11, 24, 13, 5, tzinfo=UTC),
    )
    assert (read.kind, read.target, read.note) == ("CPTS", cpts.name, "écriture 0")
    assert set(read.changes) == {
        Change("SIRET", "vide", "732 829 320 00074"),
        Change("nom", "", "Nom"),
    }
    assert read.key == f"organisations.cpts:{cpts.pk}"


@pytest.mark.django_db
def test_people_are_named_by_their_address_in_changes(cpts):
    person = UserFactory(email="dominique@example.org", first_name="Secret")
    entry = write(cpts, cpts_id=cpts.pk)
    AuditEntry(pk=entry.pk)  # the model refuses nothing in memory
    entry.target_type, entry.changes = (
        "accounts.roleassignment",
        {"user": [None, person.pk], "cpts": [None, cpts.pk]},
    )

    (read,) = read_entries([entry])

    assert [change.after for change in read.changes] == ["dominique@example.org", cpts.name]


@pytest.mark.django_db
def test_codes_of_the_conventional_texts_are_told_in_words(cpts):
    entry = write(cpts, cpts_id=cpts.pk)
    entry.target_type, entry.changes = "aci.attainment", {"mission": [None, "acces_soins"], "odd": "value"}

    (read,) = read_entries([entry])

    assert read.changes[0].after not in {"", "acces_soins"}
    assert read.changes[1] == Change("odd", "", "value")


@pytest.mark.django_db
def test_an_account_that_is_gone_keeps_its_number(cpts):
    (read,) = read_entries([write(cpts)])

    assert read.who == "Personne n°\u00a01"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_whatever_the_number(cpts, count, django_assert_num_queries):
    for number in range(count):
        entry_of = CptsFactory()
        write(entry_of, cpts_id=cpts.pk, changes={"ars_referent": [None, number]})
    entries = list(AuditEntry.objects.of_cpts(cpts.pk))

    with django_assert_num_queries(2):
        read_entries(entries)
