"""What an entry says, and when it is written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.audit.domain.chains import CHAIN_OPENED, chain_faults
from core.audit.domain.fingerprints import fingerprint_of
from core.audit.domain.journal import changed, created, record, snapshot
from core.audit.models import AuditChain, AuditEntry
from core.organisations.models import Cpts
from tests.core.audit.conftest import ACTOR, NOW, write
from tests.factories.people import CptsFactory
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_what_and_when(cpts):
    entry = write(cpts, cpts_id=cpts.pk, changes={"name": ["avant", "après"]})

    stored = AuditEntry.objects.get(pk=entry.pk)
    assert (stored.chain, stored.position, stored.at) == (f"cpts-{cpts.pk}", 1, NOW)
    assert (stored.actor_id, stored.actor_role, stored.action) == (1, "coordinator", "tests.written")
    assert (stored.target_type, stored.target_id) == ("organisations.cpts", str(cpts.pk))
    assert (stored.target_label, stored.changes) == (cpts.name, {"name": ["avant", "après"]})
    assert (stored.previous_hash, len(stored.hash)) == ("", 64)


def test_each_cpts_has_its_chain_and_the_platform_tells_their_openings(journal):
    ours, theirs = journal

    assert dict(AuditChain.objects.values_list("name", "length")) == {
        f"cpts-{ours.pk}": 12,
        f"cpts-{theirs.pk}": 12,
        "platform": 4,
    }
    opened = AuditEntry.objects.filter(action=CHAIN_OPENED)
    assert {entry.target_label for entry in opened} == {f"cpts-{ours.pk} (0)", f"cpts-{theirs.pk} (0)"}
    assert {entry.chain for entry in opened} == {"platform"}


def test_positions_follow_one_another_and_each_entry_holds_the_hash_of_the_last(journal):
    entries = list(AuditEntry.objects.filter(chain=f"cpts-{journal[0].pk}").order_by("position"))

    assert [entry.position for entry in entries] == list(range(1, 13))
    assert [entry.previous_hash for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert AuditChain.objects.get(name=entries[0].chain).head == entries[-1].hash
    assert list(chain_faults()) == []


def test_the_hash_of_an_entry_is_that_of_its_content_whoever_computes_it():
    text = '{"a":"é","b":[1,null]}'

    assert (
        fingerprint_of({"b": [1, None], "a": "é"}) == __import__("hashlib").sha256(text.encode()).hexdigest()
    )
    with pytest.raises(ValueError):
        fingerprint_of({"a": float("nan")})
    with pytest.raises(TypeError):
        fingerprint_of({"a": Decimal(1)})


def test_a_write_undone_leaves_no_entry(cpts):
    def undone():
        with transaction.atomic():
            record("tests.written", cpts, by=ACTOR, now=NOW, cpts_id=cpts.pk)
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        undone()

    assert not AuditEntry.objects.exists()
    assert not AuditChain.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_of_a_transaction_is_refused():
    cpts = CptsFactory()

    with pytest.raises(RuntimeError, match=r"tests\.written must be recorded in the transaction"):
        record("tests.written", cpts, by=ACTOR, now=NOW, cpts_id=cpts.pk)

    assert not AuditEntry.objects.exists()


def test_somebody_acts_unless_it_is_the_platform(cpts):
    with transaction.atomic():
        assert record("tests.written", cpts, by=PLATFORM, now=NOW, cpts_id=None).actor_id is None
    for by in (Actor(role=Role.BOARD), Actor(role=Role.PLATFORM, user_id=1)):
        with (
            pytest.raises(IntegrityError, match="audit_auditentry_somebody_unless_platform"),
            transaction.atomic(),
        ):
            record("tests.written", cpts, by=by, now=NOW, cpts_id=None)


def test_what_is_too_long_is_cut(cpts):
    cpts.name = "x" * 300
    with transaction.atomic():
        entry = record("tests.written", cpts, by=ACTOR, now=NOW, cpts_id=None, note="y" * 600)

    assert (len(entry.target_label), len(entry.note)) == (200, 500)
    assert list(chain_faults()) == []


def test_an_instant_told_in_another_zone_is_the_same_instant(cpts):
    paris = datetime.fromisoformat("2026-11-24T14:05:00+01:00")
    with transaction.atomic():
        entry = record("tests.written", cpts, by=ACTOR, now=paris, cpts_id=None)

    assert AuditEntry.objects.get(pk=entry.pk).at == paris.astimezone(UTC)
    assert list(chain_faults()) == []


def test_reading_an_entry_asks_for_its_object_or_its_cpts(journal):
    ours, _ = journal

    assert AuditEntry.objects.about(ours).count() == 14
    assert [entry.position for entry in AuditEntry.objects.of_cpts(ours.pk)] == list(range(12, 0, -1))
    assert str(AuditEntry.objects.of_cpts(ours.pk)[0]).startswith("tests.written CPTS du Littoral d’essai")
    assert str(AuditChain.objects.get(name="platform")) == "platform (4)"


# --- Changes -------------------------------------------------------------------------------------


def test_a_snapshot_holds_json_values(cpts):
    cpts.stage_since = date(2026, 1, 2)
    shot = snapshot(cpts, ("name", "stage_since", "created_at", "ars_referent", "revision"))

    assert shot == {
        "name": "CPTS du Littoral d’essai",
        "stage_since": "2026-01-02",
        "created_at": "2023-01-02T09:00:00+00:00",
        "ars_referent": None,
        "revision": 1,
    }


def test_changes_name_what_differs():
    before = {"a": 1, "b": None, "c": "x", "gone": 1}

    assert changed(before, {"a": 2, "b": None, "c": "x", "new": 3}) == {
        "a": [1, 2],
        "gone": [1, None],
        "new": [None, 3],
    }
    assert created({"a": 0, "b": None, "c": "", "d": [], "e": False}) == {"a": [None, 0], "e": [None, False]}


# --- At once -------------------------------------------------------------------------------------

WRITERS, TURNS = 4, 6


def test_writers_at_once_leave_no_gap(shared_base):
    ours, theirs = CptsFactory(), CptsFactory()

    def write_many(cpts):
        write(cpts, times=TURNS, cpts_id=cpts.pk)

    calls = [lambda cpts=cpts: write_many(cpts) for cpts in [ours, theirs] * (WRITERS // 2)]
    assert at_once(calls) == [None] * WRITERS

    for cpts in (ours, theirs):
        positions = AuditEntry.objects.of_cpts(cpts.pk).values_list("position", flat=True)
        assert sorted(positions) == list(range(1, WRITERS // 2 * TURNS + 1))
    assert AuditEntry.objects.filter(action=CHAIN_OPENED).count() == 2
    assert list(chain_faults()) == []


def test_the_first_entries_of_the_platform_at_once_open_one_chain(shared_base):
    cpts = CptsFactory()

    answers = at_once([lambda: write(cpts)] * 3)

    assert sorted(entry.position for entry in answers) == [1, 2, 3]
    assert AuditChain.objects.get().length == 3
    assert list(chain_faults()) == []


def test_a_writer_waits_for_one_that_undoes_and_takes_its_place(shared_base):
    cpts = CptsFactory()
    write(cpts, cpts_id=cpts.pk)

    def undo():
        with transaction.atomic():
            Cpts.objects.select_for_update().get(pk=cpts.pk)
            record("tests.written", cpts, by=ACTOR, now=NOW, cpts_id=cpts.pk)
            transaction.set_rollback(True)

    at_once([undo, lambda: write(cpts, cpts_id=cpts.pk), undo])

    assert [entry.position for entry in AuditEntry.objects.of_cpts(cpts.pk)] == [2, 1]
    assert list(chain_faults()) == []
    assert connection.in_atomic_block is False


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("audit_auditentry_once_per_position", {"position": 12}),
        ("audit_auditentry_role_known", {"actor_role": "roi"}),
        ("audit_auditentry_somebody_unless_platform", {"actor_id": None}),
        ("audit_auditentry_follows_another", {"previous_hash": ""}),
        ("audit_auditentry_hash_whole", {"hash": "0"}),
    ],
)
def test_the_base_refuses_an_impossible_entry(journal, constraint, values):
    last = AuditEntry.objects.of_cpts(journal[0].pk)[0]
    last.pk, last.position = None, 13
    for name, value in values.items():
        setattr(last, name, value)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        last.save(force_insert=True)
    # SQLite names the columns of a unique constraint instead.
    unique = "UNIQUE constraint failed: audit_auditentry.chain, audit_auditentry.position"
    assert constraint in str(caught.value).replace(unique, "audit_auditentry_once_per_position")


def test_the_base_refuses_a_head_without_entries(db):
    with pytest.raises(IntegrityError, match="audit_auditchain_head_of_entries"), transaction.atomic():
        AuditChain.objects.create(name="x", head="0" * 64, seal="0" * 64)
