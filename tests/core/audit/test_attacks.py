"""The journal attacked, through the ORM and in SQL: refused by the base, or seen once the base was opened."""

# ruff: noqa: S608  # the table's own name

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from core.audit.domain.chains import ChainFault, chain_faults, hash_of, seal_again, seal_of
from core.audit.models import AuditChain, AuditDetail, AuditEntry
from tests.core.audit.conftest import execute, write

pytestmark = pytest.mark.django_db
TABLE = AuditEntry._meta.db_table


def rows():
    return list(AuditEntry.objects.order_by("pk").values())


def faults():
    return [(fault.chain, fault.position, fault.sentence) for fault in chain_faults()]


def at(cpts, position):
    return AuditEntry.objects.get(chain=f"cpts-{cpts.pk}", position=position)


# --- Refused by the base -------------------------------------------------------------------------


def save(entry):
    entry.note = "autre"
    entry.save()


def bulk_update(entry):
    entry.note = "autre"
    AuditEntry.objects.bulk_update([entry], ["note"])


def insert_over(entry):
    entry.note = "autre"
    AuditEntry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["chain", "position"], update_fields=["note"]
    )


def raw_delete(entry):
    queryset = AuditEntry.objects.filter(pk=entry.pk)
    queryset._raw_delete(queryset.db)


@pytest.mark.parametrize(
    "attack",
    [
        save,
        bulk_update,
        insert_over,
        raw_delete,
        lambda entry: entry.delete(),
        lambda _: AuditEntry.objects.update(note="autre"),
        lambda _: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(hash="0" * 64),
    ],
    ids=["save", "bulk_update", "upsert", "raw_delete", "delete", "update", "delete_all", "update_one"],
)
def test_the_orm_neither_updates_nor_deletes_an_entry(journal, attack):
    before = rows()

    with pytest.raises(IntegrityError, match="append-only table"), transaction.atomic():
        attack(at(journal[0], 5))

    assert rows() == before


STATEMENTS = {
    "update": f"UPDATE {TABLE} SET note = 'autre'",
    "update_nothing_new": f"UPDATE {TABLE} SET note = note",
    "delete": f"DELETE FROM {TABLE}",
    "delete_last": f"DELETE FROM {TABLE} WHERE position = 12",
}
# Without CASCADE, it is the table of details that PostgreSQL names: they refer to this one.
POSTGRESQL = {
    "truncate": f"TRUNCATE {TABLE}, {AuditDetail._meta.db_table}",
    "truncate_cascade": f"TRUNCATE {TABLE} CASCADE",
}
COPY = f"INTO {TABLE} SELECT * FROM {TABLE} WHERE position = 5"
SQLITE = {
    "replace": f"REPLACE {COPY}",
    "insert_or_replace": f"INSERT OR REPLACE {COPY}",
    "update_or_replace": f"UPDATE OR REPLACE {TABLE} SET position = 6 WHERE position = 5",
    "update_or_ignore": f"UPDATE OR IGNORE {TABLE} SET note = 'autre'",
}


@pytest.mark.parametrize("name", [*STATEMENTS, *POSTGRESQL, *SQLITE])
def test_sql_neither_updates_nor_deletes_an_entry(journal, name):
    own = {"postgresql": POSTGRESQL, "sqlite": SQLITE}[connection.vendor]
    sql = (STATEMENTS | own).get(name)
    if sql is None:
        pytest.skip("this database does not know the statement")
    before = rows()

    with pytest.raises(IntegrityError, match="append-only table"), transaction.atomic():
        execute(sql)

    assert rows() == before
    assert faults() == []


# --- Seen when somebody opened the base ----------------------------------------------------------


def test_a_whole_journal_has_no_fault(journal):
    assert faults() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("note", "autre"),
        ("actor_id", 2),
        ("actor_role", "board"),
        ("action", "tests.other"),
        ("target_id", "999"),
        ("target_label", "autre"),
        ("target_type", "aci.contract"),
        ("changes", {"name": [1, 3]}),
        ("at", "2020-01-01T00:00:00+00:00"),
        ("hash", "0" * 64),
    ],
)
def test_an_altered_entry_is_named(unprotected, field, value):
    ours, _ = unprotected
    chain = f"cpts-{ours.pk}"
    AuditEntry.objects.filter(chain=chain, position=5).update(**{field: value})

    expected = [(chain, 5, "son contenu a été modifié.")]
    if field == "hash":
        expected.append((chain, 6, "elle ne suit pas l’entrée qui la précède."))
    assert faults() == expected


def test_an_entry_altered_with_its_hash_does_not_hold_with_the_next(unprotected):
    ours, _ = unprotected
    entry = at(ours, 5)
    entry.note = "autre"
    entry.hash = hash_of(entry)
    entry.save()

    assert faults() == [(f"cpts-{ours.pk}", 6, "elle ne suit pas l’entrée qui la précède.")]


def rewritten(cpts, first):
    """Chain again every entry from `first` on, as who knows the rules would."""
    chain = f"cpts-{cpts.pk}"
    previous = at(cpts, first - 1).hash if first > 1 else ""
    for entry in AuditEntry.objects.filter(chain=chain, position__gte=first).order_by("position"):
        entry.note, entry.previous_hash = "autre", previous
        entry.hash = previous = hash_of(entry)
        entry.save()
    return chain, previous


def test_a_chain_rewritten_to_its_end_is_not_the_one_of_its_head(unprotected):
    chain, _ = rewritten(unprotected[0], 5)

    sentence = "la chaîne s’arrête là, sa tête annonce 12 entrées ou une autre empreinte."
    assert faults() == [(chain, 12, sentence)]


def test_a_chain_and_its_head_rewritten_do_not_carry_our_seal(unprotected):
    chain, head = rewritten(unprotected[0], 5)
    AuditChain.objects.filter(name=chain).update(head=head)

    assert faults() == [(chain, 12, "le sceau de la tête n’est pas le nôtre.")]
    forged = AuditChain.objects.get(name=chain)
    forged.seal = seal_of(forged, "not-the-secret-key")
    forged.save()
    assert faults() == [(chain, 12, "le sceau de la tête n’est pas le nôtre.")]


def test_an_entry_removed_from_the_middle_is_missed(unprotected):
    at(unprotected[0], 5).delete()

    chain = f"cpts-{unprotected[0].pk}"
    assert faults() == [(chain, 6, "il manque les entrées qui précèdent, du rang 5 au rang 5.")]


def test_a_first_entry_removed_is_missed(unprotected):
    at(unprotected[0], 1).delete()

    chain = f"cpts-{unprotected[0].pk}"
    assert faults() == [(chain, 2, "il manque les entrées qui précèdent, du rang 1 au rang 1.")]


def test_positions_closed_over_a_removed_entry_are_seen(unprotected):
    chain = f"cpts-{unprotected[0].pk}"
    at(unprotected[0], 5).delete()
    for position in range(6, 13):
        AuditEntry.objects.filter(chain=chain, position=position).update(position=position - 1)

    assert (chain, 5, "elle ne suit pas l’entrée qui la précède.") in faults()


def test_the_end_removed_is_missed(unprotected):
    chain = f"cpts-{unprotected[0].pk}"
    AuditEntry.objects.filter(chain=chain, position__gt=10).delete()

    sentence = "la chaîne s’arrête là, sa tête annonce 12 entrées ou une autre empreinte."
    assert faults() == [(chain, 10, sentence)]


def test_the_end_removed_and_the_head_set_back_is_seen_by_the_seal(unprotected):
    chain = f"cpts-{unprotected[0].pk}"
    AuditEntry.objects.filter(chain=chain, position__gt=10).delete()
    AuditChain.objects.filter(name=chain).update(length=10, head=at(unprotected[0], 10).hash)

    assert faults() == [(chain, 10, "le sceau de la tête n’est pas le nôtre.")]


def test_all_entries_of_a_chain_removed_are_missed(unprotected):
    chain = f"cpts-{unprotected[0].pk}"
    AuditEntry.objects.filter(chain=chain).delete()

    sentence = "la chaîne s’arrête là, sa tête annonce 12 entrées ou une autre empreinte."
    assert faults() == [(chain, 0, sentence)]


def test_an_emptied_chain_set_back_to_its_beginning_is_missed(unprotected):
    chain = f"cpts-{unprotected[0].pk}"
    AuditEntry.objects.filter(chain=chain).delete()
    AuditChain.objects.filter(name=chain).update(length=0, head="")

    assert faults() == [(chain, 0, "le sceau de la tête n’est pas le nôtre.")]


def test_a_chain_removed_with_its_head_is_missed(unprotected):
    chain = f"cpts-{unprotected[0].pk}"
    AuditEntry.objects.filter(chain=chain).delete()
    AuditChain.objects.filter(name=chain).delete()

    assert faults() == [(chain, 0, "la tête de cette chaîne a disparu.")]


def test_a_head_removed_alone_is_missed(unprotected):
    chain = f"cpts-{unprotected[0].pk}"
    AuditChain.objects.filter(name=chain).delete()

    assert faults() == [(chain, 0, "la tête de cette chaîne a disparu.")]


def test_the_chain_of_the_platform_removed_is_missed(unprotected):
    AuditEntry.objects.filter(chain="platform").delete()
    AuditChain.objects.filter(name="platform").delete()

    opening = "l’ouverture de cette chaîne n’est pas dans celle de la plateforme."
    assert faults() == [(f"cpts-{cpts.pk}", 0, opening) for cpts in unprotected]


def test_an_inserted_entry_is_seen(unprotected):
    ours, _ = unprotected
    forged = at(ours, 12)
    forged.pk, forged.position, forged.previous_hash = None, 13, forged.hash
    forged.hash = hash_of(forged)
    forged.save(force_insert=True)

    sentence = "la chaîne s’arrête là, sa tête annonce 12 entrées ou une autre empreinte."
    assert faults() == [(f"cpts-{ours.pk}", 13, sentence)]


def test_an_invented_chain_is_seen(unprotected):
    forged = at(unprotected[0], 1)
    forged.pk, forged.chain = None, "cpts-999999"
    forged.hash = hash_of(forged)
    forged.save(force_insert=True)

    assert faults() == [("cpts-999999", 0, "la tête de cette chaîne a disparu.")]


def test_an_entry_moved_to_another_chain_is_seen_on_both(unprotected):
    ours, theirs = unprotected
    AuditEntry.objects.filter(pk=at(ours, 12).pk).update(chain=f"cpts-{theirs.pk}", position=13)

    assert {(chain, position) for chain, position, _ in faults()} == {
        (f"cpts-{ours.pk}", 11),
        (f"cpts-{theirs.pk}", 13),
    }


def test_what_is_written_after_an_attack_does_not_hide_it(unprotected):
    ours, _ = unprotected
    AuditEntry.objects.filter(chain=f"cpts-{ours.pk}", position__gt=10).delete()
    AuditChain.objects.filter(name=f"cpts-{ours.pk}").update(length=10, head=at(ours, 10).hash)
    write(ours, cpts_id=ours.pk)

    assert faults() == [(f"cpts-{ours.pk}", 11, "le sceau de la tête n’est pas le nôtre.")]


# --- The command ---------------------------------------------------------------------------------


def test_the_command_prints_the_heads_of_a_whole_journal(journal, capsys):
    call_command("verify_audit")

    out = capsys.readouterr().out
    assert "Le journal est intact." in out
    for chain in AuditChain.objects.all():
        assert f"{chain.name}\u00a0: {chain.length} entrées, tête {chain.head}" in out


def test_the_command_fails_and_names_each_fault(unprotected, capsys):
    chain = f"cpts-{unprotected[0].pk}"
    AuditEntry.objects.filter(chain=chain, position=5).update(note="autre")

    with pytest.raises(CommandError, match="1 anomalie"):
        call_command("verify_audit")

    assert capsys.readouterr().err == f"{chain}, rang 5\u00a0: son contenu a été modifié.\n"
    assert str(ChainFault("platform", 3, "Non.")) == "platform, rang 3\u00a0: Non."


# --- The secret key changes ----------------------------------------------------------------------


def test_a_seal_of_the_former_key_holds_as_long_as_the_key_is_kept(journal, settings):
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key"
    settings.SECRET_KEY_FALLBACKS = [former]
    assert faults() == []

    write(journal[0], cpts_id=journal[0].pk)
    assert faults() == []
    settings.SECRET_KEY_FALLBACKS = []
    seal = "le sceau de la tête n’est pas le nôtre."
    assert faults() == [(f"cpts-{journal[1].pk}", 12, seal), ("platform", 4, seal)]


def test_chains_sealed_again_outlive_the_former_key(journal, settings, capsys):
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key"
    settings.SECRET_KEY_FALLBACKS = [former]

    call_command("verify_audit", "--reseal")

    assert "3 chaîne(s) scellée(s) avec la clé actuelle." in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    assert faults() == []


def test_a_journal_with_a_fault_is_not_sealed_again(unprotected, settings):
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key"
    settings.SECRET_KEY_FALLBACKS = [former]
    AuditEntry.objects.filter(position=5).update(note="autre")
    before = list(AuditChain.objects.order_by("pk").values())

    with pytest.raises(CommandError):
        call_command("verify_audit", "--reseal")

    assert list(AuditChain.objects.order_by("pk").values()) == before


def test_a_foreign_seal_is_not_made_ours(unprotected):
    AuditChain.objects.filter(name="platform").update(seal="0" * 64)

    assert seal_again() == 0
    assert faults() == [("platform", 4, "le sceau de la tête n’est pas le nôtre.")]
