"""What entries say of people: kept beside the chain, verified while it is there, erased without a trace."""

# ruff: noqa: S608  # the table's own name

import json
import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from core.audit.append_only import lifting
from core.audit.domain.chains import chain_faults
from core.audit.domain.details import DIGEST, ERASED, Subject, Told, digest_of
from core.audit.domain.erasure import erase_details
from core.audit.domain.journal import Deed, record, record_many
from core.audit.domain.reading import Change, read_entries
from core.audit.forms import HistoryFilter
from core.audit.models import AuditChain, AuditDetail, AuditEntry
from core.organisations.models import Cpts
from tests.core.audit.conftest import ACTOR, NOW, execute, write
from tests.factories.journal import told
from tests.factories.people import CptsFactory, UserFactory
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db
TABLE = AuditDetail._meta.db_table
VANISHED = "ses données personnelles ont disparu sans qu’un effacement le dise."
ALTERED = "ses données personnelles ont été modifiées."


def faults():
    return [(fault.chain, fault.position, fault.sentence) for fault in chain_faults()]


@transaction.atomic
def tell(cpts, person, *, times=1, changes=None):
    """Record `times` entries of a CPTS about a person, and return the last."""
    for number in range(times):
        entry = record(
            "tests.written",
            person,
            by=ACTOR,
            now=NOW,
            cpts_id=cpts.pk,
            changes=changes or {"email": [None, f"{number}@example.org"]},
            note="Appelée ce matin.",
            about=Subject(person, "personne n°\u00a012"),
        )
    return entry


@transaction.atomic
def erase(cpts, *people, **options):
    return erase_details(
        "tests.erased",
        Subject(people[0], "personne n°\u00a012"),
        AuditDetail.objects.telling_of(*people),
        by=ACTOR,
        now=NOW,
        cpts_id=cpts.pk,
        **options,
    )


@pytest.fixture
def person():
    return UserFactory(pk=4242, first_name="Camille", last_name="Secret", email="secret@example.org")


@pytest.fixture
def told_of(cpts, person):
    """Three entries about a person, at the positions 2 to 4 between two about their CPTS."""
    write(cpts, cpts_id=cpts.pk)
    tell(cpts, person, times=3)
    write(cpts, cpts_id=cpts.pk)
    return cpts, person


@pytest.fixture
def opened(told_of):
    """Drop the triggers of both tables, as who holds the base could."""
    for model in (AuditEntry, AuditDetail):
        for sql in lifting(connection.vendor, model._meta.db_table):
            execute(sql)
    return told_of


# --- Kept beside the chain -----------------------------------------------------------------------


def test_the_chain_holds_a_neutral_label_and_a_digest(told_of):
    _, person = told_of
    entry = AuditEntry.objects.about(person)[0]

    assert (entry.target_label, entry.note) == ("personne n°\u00a012", "")
    assert (list(entry.changes), len(entry.changes[DIGEST])) == ([DIGEST], 64)
    assert (entry.actor_id, entry.action, entry.target_id) == (1, "tests.written", str(person.pk))
    assert told(entry) == Told("Camille Secret", {"email": [None, "2@example.org"]}, "Appelée ce matin.")
    assert faults() == []


def test_nothing_of_a_person_is_in_the_chain(told_of):
    rows = str(list(AuditEntry.objects.values()))

    assert not any(word in rows for word in ("Camille", "Secret", "example.org", "Appelée"))


def test_each_detail_has_a_salt_of_its_own(cpts, person):
    first, second = (tell(cpts, person, changes={"email": ["a", "b"]}) for _ in range(2))

    assert first.changes[DIGEST] != second.changes[DIGEST]
    assert first.detail.salt != second.detail.salt
    assert len(first.detail.salt) == 64


def test_an_entry_without_a_subject_has_no_detail(cpts):
    assert told(write(cpts)) == Told(cpts.name, {"name": [0, 1]}, "écriture 0")
    assert not AuditDetail.objects.exists()


def test_a_detail_costs_one_more_query(cpts, person, django_assert_num_queries):
    tell(cpts, person)

    with transaction.atomic(), django_assert_num_queries(3):
        record("tests.written", person, by=ACTOR, now=NOW, cpts_id=cpts.pk)
    with transaction.atomic(), django_assert_num_queries(4):
        record("tests.written", person, by=ACTOR, now=NOW, cpts_id=cpts.pk, about=Subject(person, "personne"))


def test_a_write_undone_leaves_no_detail(cpts, person):
    with transaction.atomic():
        tell(cpts, person)
        transaction.set_rollback(True)

    assert not AuditDetail.objects.exists()
    assert faults() == []


# --- Read ----------------------------------------------------------------------------------------


def test_a_history_tells_a_person_and_what_changed(told_of):
    _, person = told_of

    read = read_entries([AuditEntry.objects.about(person)[0]])[0]

    assert (read.target, read.note, read.is_erased) == ("Camille Secret", "Appelée ce matin.", False)
    assert read.changes == (Change("adresse électronique", "", "2@example.org"),)


def test_a_history_tells_what_was_erased_and_that_it_was(told_of):
    cpts, person = told_of
    entry = erase(cpts, person)

    erased = read_entries([AuditEntry.objects.about(person).filter(action="tests.written")[0]])[0]
    erasing = read_entries([entry])[0]

    assert (erased.target, erased.note, erased.changes) == ("personne n°\u00a012", "", ())
    assert erased.is_erased is True
    assert erasing.is_erased is False
    assert erasing.changes == (Change("écritures dont les données sont effacées", "", "3"),)


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_whatever_the_number(cpts, person, count, django_assert_num_queries):
    tell(cpts, person, times=count)
    tell(cpts, UserFactory(), times=count)
    entries = list(AuditEntry.objects.of_cpts(cpts.pk))

    with django_assert_num_queries(2):
        read_entries(entries)


def test_a_history_of_a_person_holds_what_was_done_to_other_objects_in_telling_of_them(told_of):
    cpts, person = told_of
    with transaction.atomic():
        record(
            "tests.written",
            cpts,
            by=ACTOR,
            now=NOW,
            cpts_id=cpts.pk,
            about=Subject(person, "personne n°\u00a012"),
        )
    chain = f"cpts-{cpts.pk}"
    narrowed = HistoryFilter(chain, {"objet": f"accounts.user:{person.pk}"})

    found = narrowed.apply(AuditEntry.objects.filter(chain=chain)).order_by("position")

    assert [entry.position for entry in found] == [2, 3, 4, 6]


def test_the_page_of_history_says_that_data_were_erased(told_of, coordinator):
    cpts, person = told_of
    erase(cpts, person)

    page = coordinator.get("/cpts/littoral/historique/").content.decode()

    assert page.count("Données effacées") == 3
    assert "Secret" not in page


# --- Erased --------------------------------------------------------------------------------------


def test_an_erasure_leaves_the_chain_whole_and_says_which_entries_it_emptied(told_of):
    cpts, person = told_of
    before = list(AuditEntry.objects.order_by("pk").values())

    entry = erase(cpts, person, changes={"number": 12})

    assert entry.changes == {"number": 12, ERASED: [2, 3, 4]}
    assert (entry.position, entry.action) == (6, "tests.erased")
    assert not AuditDetail.objects.exists()
    assert list(AuditEntry.objects.exclude(pk=entry.pk).order_by("pk").values()) == before
    assert faults() == []


def test_only_what_tells_of_these_people_in_this_journal_is_erased(told_of, other_cpts):
    cpts, person = told_of
    other = UserFactory()
    tell(cpts, other)
    tell(other_cpts, person)

    erase(cpts, person)

    left = AuditDetail.objects.values_list("subject", "entry__chain").order_by("pk")
    assert list(left) == [
        (f"accounts.user:{other.pk}", f"cpts-{cpts.pk}"),
        (f"accounts.user:{person.pk}", f"cpts-{other_cpts.pk}"),
    ]
    assert faults() == []


def test_several_people_are_erased_at_once_and_again_without_any(told_of):
    cpts, person = told_of
    other = UserFactory()
    tell(cpts, other)

    assert erase(cpts, person, other).changes == {ERASED: [2, 3, 4, 6]}
    assert erase(cpts, person, other).changes == {ERASED: []}
    assert faults() == []


def test_what_is_told_after_an_erasure_is_kept(told_of):
    cpts, person = told_of
    erase(cpts, person)

    assert told(tell(cpts, person)).label == "Camille Secret"
    assert faults() == []


def test_an_erasure_undone_leaves_everything(told_of):
    cpts, person = told_of

    with transaction.atomic():
        erase(cpts, person)
        transaction.set_rollback(True)

    assert AuditDetail.objects.count() == 3
    assert faults() == []


def test_an_erasure_and_an_entry_at_once_are_one_after_the_other(shared_base):
    cpts, person = CptsFactory(), UserFactory()
    tell(cpts, person)

    at_once([lambda: tell(cpts, person), lambda: erase(cpts, person), lambda: tell(cpts, person)])

    erasure = AuditEntry.objects.get(action="tests.erased")
    assert erasure.changes[ERASED] == list(range(1, erasure.position))
    assert AuditDetail.objects.count() == 4 - erasure.position
    assert faults() == []


# --- Attacked ------------------------------------------------------------------------------------


def save(detail):
    detail.content = {}
    detail.save()


def bulk_update(detail):
    detail.content = {}
    AuditDetail.objects.bulk_update([detail], ["content"])


def insert_over(detail):
    detail.content = {}
    AuditDetail.objects.bulk_create(
        [detail], update_conflicts=True, unique_fields=["entry"], update_fields=["content"]
    )


@pytest.mark.parametrize(
    "attack",
    [
        save,
        bulk_update,
        insert_over,
        lambda _: AuditDetail.objects.update(content={}),
        lambda detail: AuditDetail.objects.filter(pk=detail.pk).update(subject="accounts.user:0"),
        lambda detail: AuditDetail.objects.filter(pk=detail.pk).update(salt="0" * 64),
        lambda _: execute(f"UPDATE {TABLE} SET content = content"),
        lambda _: execute(f"UPDATE {TABLE} SET entry_id = entry_id + 1"),
    ],
    ids=["save", "bulk_update", "upsert", "update", "subject", "salt", "sql", "sql_entry"],
)
def test_a_detail_is_never_updated(told_of, attack):
    before = list(AuditDetail.objects.order_by("pk").values())

    with pytest.raises(IntegrityError, match="append-only table"), transaction.atomic():
        attack(AuditDetail.objects.order_by("pk")[1])

    assert list(AuditDetail.objects.order_by("pk").values()) == before
    assert faults() == []


def test_an_entry_is_not_deleted_with_its_detail(told_of):
    with pytest.raises(IntegrityError), transaction.atomic():
        execute(f"DELETE FROM {AuditEntry._meta.db_table} WHERE position = 3")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.filter(position=3).delete()

    assert AuditDetail.objects.count() == 3


def detail_at(position):
    return AuditDetail.objects.get(entry__chain__startswith="cpts-", entry__position=position)


def test_a_detail_deleted_in_silence_is_named(told_of):
    detail_at(3).delete()

    assert faults() == [(f"cpts-{told_of[0].pk}", 3, VANISHED)]
    with pytest.raises(CommandError, match="1 anomalie"):
        call_command("verify_audit")


def test_all_details_deleted_in_silence_are_named(told_of):
    execute(f"DELETE FROM {TABLE}")

    assert faults() == [(f"cpts-{told_of[0].pk}", position, VANISHED) for position in (2, 3, 4)]


def test_an_erasure_does_not_cover_what_is_deleted_after_it(told_of):
    cpts, person = told_of
    erase(cpts, person)
    tell(cpts, person)
    execute(f"DELETE FROM {TABLE}")

    assert faults() == [(f"cpts-{cpts.pk}", 7, VANISHED)]


def test_a_detail_replaced_by_another_is_named(told_of):
    kept: dict[str, Any] = AuditDetail.objects.filter(pk=detail_at(3).pk).values().get()
    detail_at(3).delete()
    AuditDetail.objects.create(**kept | {"content": kept["content"] | {"note": "Autre chose."}})

    assert faults() == [(f"cpts-{told_of[0].pk}", 3, ALTERED)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("content", {}), ("subject", "accounts.user:0"), ("salt", "0" * 64)],
)
def test_an_altered_detail_is_named(opened, field, value):
    AuditDetail.objects.filter(pk=detail_at(3).pk).update(**{field: value})

    assert faults() == [(f"cpts-{opened[0].pk}", 3, ALTERED)]


def test_details_exchanged_are_named(opened):
    second, third = detail_at(2), detail_at(3)
    entries = second.entry_id, third.entry_id
    AuditDetail.objects.filter(pk=second.pk).update(entry=detail_at(4).entry_id + 1)
    AuditDetail.objects.filter(pk=third.pk).update(entry=entries[0])
    AuditDetail.objects.filter(pk=second.pk).update(entry=entries[1])

    chain = f"cpts-{opened[0].pk}"
    assert faults() == [(chain, 2, ALTERED), (chain, 3, ALTERED)]


def test_an_altered_detail_with_its_digest_alters_the_entry(opened):
    detail = detail_at(3)
    detail.content["note"] = "Autre chose."
    detail.save()
    entry = detail.entry
    entry.changes = {DIGEST: digest_of(detail)}
    entry.save()

    assert faults() == [(f"cpts-{opened[0].pk}", 3, "son contenu a été modifié.")]


def test_an_erased_detail_that_comes_back_is_named(told_of):
    cpts, person = told_of
    kept = AuditDetail.objects.filter(pk=detail_at(3).pk).values().get()
    erase(cpts, person)
    AuditDetail.objects.create(**kept)

    sentence = "ses données personnelles, effacées au rang 6, sont revenues."
    assert faults() == [(f"cpts-{cpts.pk}", 3, sentence)]


def test_a_detail_added_to_an_entry_without_one_is_named(told_of):
    entry = AuditEntry.objects.get(chain=f"cpts-{told_of[0].pk}", position=1)
    AuditDetail.objects.create(
        entry=entry,
        subject="accounts.user:1",
        salt="0" * 64,
        content={"label": "", "changes": {}, "note": ""},
    )

    assert faults() == [(entry.chain, 1, "des données personnelles y ont été ajoutées.")]


def test_an_erasure_forged_to_hide_a_deletion_is_seen(opened):
    """Naming one more position in an erasure, or writing one, alters the chain as anything else."""
    cpts, _ = opened
    erase(cpts, UserFactory())
    detail_at(3).delete()
    AuditEntry.objects.filter(action="tests.erased").update(changes={ERASED: [3]})

    assert faults() == [(f"cpts-{cpts.pk}", 6, "son contenu a été modifié.")]


@pytest.mark.parametrize(
    ("constraint", "values"),
    [("audit_auditdetail_salt_whole", {"salt": "0"}), ("audit_auditdetail_has_subject", {"subject": ""})],
)
def test_the_base_refuses_an_impossible_detail(cpts, constraint, values):
    given = {"entry": write(cpts), "subject": "accounts.user:1", "salt": "0" * 64, "content": {}}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AuditDetail.objects.create(**given | values)


# --- In bulk -------------------------------------------------------------------------------------


def deeds(target, count):
    return [
        Deed(
            "tests.written",
            target,
            {"name": [None, f"nom {number}"]},
            note=f"ligne {number}",
            about=Subject(target, "inscrit") if number % 2 else None,
        )
        for number in range(count)
    ]


def test_many_entries_are_those_that_each_would_be(cpts):
    write(cpts, cpts_id=cpts.pk)
    with transaction.atomic():
        many = record_many(deeds(cpts, 5), by=ACTOR, now=NOW, cpts_id=cpts.pk)

    assert [entry.position for entry in many] == [2, 3, 4, 5, 6]
    assert many == list(
        AuditEntry.objects.filter(chain=f"cpts-{cpts.pk}", position__gt=1).order_by("position")
    )
    assert [told(entry).note for entry in many] == [f"ligne {number}" for number in range(5)]
    assert [entry.note for entry in many] == ["ligne 0", "", "ligne 2", "", "ligne 4"]
    assert [each.entry for each in AuditDetail.objects.order_by("pk")] == [many[1], many[3]]
    assert AuditChain.objects.get(name=f"cpts-{cpts.pk}").length == 6
    write(cpts, cpts_id=cpts.pk)
    assert faults() == []


def test_no_entry_at_all_writes_nothing(cpts):
    with transaction.atomic():
        assert record_many([], by=ACTOR, now=NOW, cpts_id=cpts.pk) == []

    assert not AuditChain.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_entries_outside_of_a_transaction_are_refused():
    with pytest.raises(RuntimeError, match=r"tests\.written must be recorded in the transaction"):
        record_many(deeds(CptsFactory(), 2), by=ACTOR, now=NOW, cpts_id=None)


def test_a_head_set_back_is_not_sealed_by_writing_many(opened):
    cpts, _ = opened
    AuditEntry.objects.filter(chain=f"cpts-{cpts.pk}", position=5).delete()
    last = AuditEntry.objects.get(chain=f"cpts-{cpts.pk}", position=4)
    AuditChain.objects.filter(name=last.chain).update(length=4, head=last.hash)
    with transaction.atomic():
        record_many(deeds(cpts, 2), by=ACTOR, now=NOW, cpts_id=cpts.pk)

    assert faults() == [(last.chain, 6, "le sceau de la tête n’est pas le nôtre.")]


def test_ten_thousand_entries_take_seconds(cpts):
    started = time.process_time()
    with transaction.atomic():
        record_many(deeds(cpts, 10_000), by=ACTOR, now=NOW, cpts_id=cpts.pk)
    elapsed = time.process_time() - started

    assert faults() == []
    assert Cpts.objects.get() == cpts
    assert elapsed < 15


def test_a_content_reads_the_same_in_both_bases(cpts):
    changes = {"b": ["é\u2019 \u00a0", {"z": [1, None, True, "0.10"], "a": []}], "a": [None, 3.5]}
    entry = tell(cpts, cpts, changes=changes)

    stored = AuditDetail.objects.get(entry=entry)
    assert stored.content["changes"] == json.loads(json.dumps(changes))
    assert digest_of(stored) == entry.changes[DIGEST]
    assert str(stored) == f"organisations.cpts:{cpts.pk} ({entry.pk})"
