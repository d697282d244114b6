"""A statement freezes what it says and what it rests on; a change makes the next one beside it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from aci.domain.attainments import record_attainments
from core.access.actors import PLATFORM
from core.access.enums import Role
from core.audit.domain.fingerprints import fingerprint_of
from core.audit.models import AuditEntry
from core.jobs.models import Job
from core.notifications.models import Notification
from funding.domain import baremes, statements
from funding.domain.baremes import published_texts
from funding.domain.contract_terms import terms_of
from funding.domain.issuing import issue_statement
from funding.domain.receipts import received_keys, record_receipt
from funding.domain.simulation import parse_simulation
from funding.domain.statement_pdf import request_statement_pdf, statement_document
from funding.domain.statements import (
    content_of,
    differences_with_previous,
    stored_lines,
    year_on,
)
from funding.engine import ENGINE_VERSION, EngineError, by_date, compute_schedule, lines_of, total_amount
from funding.enums import Occasion
from funding.models import Statement, StatementLine
from tests.factories.funding import EXAMPLE_B, NOW, TODAY, change, establish, receive, sign, treasurer_of
from tests.factories.people import assign

pytestmark = pytest.mark.django_db


def everything() -> tuple[list[dict], list[dict]]:
    return list(Statement.objects.order_by("pk").values()), list(
        StatementLine.objects.order_by("pk").values()
    )


def again(contract, occasion=Occasion.CHANGE, **values):
    given = {"as_of": TODAY, "now": NOW, "reason": "Essai"}
    return establish(contract, occasion, **{**given, **values})


def test_the_signature_gives_the_worked_example(cpts):
    contract = sign(cpts)

    (statement,) = Statement.objects.filter(contract=contract)
    assert (statement.version, statement.occasion, statement.contract_year) == (1, Occasion.SIGNATURE, 1)
    assert (statement.as_of, statement.established_at, statement.reason) == (date(2023, 3, 15), NOW, "")
    assert statement.total == Decimal("1170147.54")
    assert {day.isoformat(): str(amount) for day, amount in by_date(stored_lines(statement)).items()} == {
        "2023-03-15": "60000.00",
        "2023-09-15": "39159.84",
        "2024-03-15": "173112.70",
        "2025-03-15": "261500.00",
        "2026-03-15": "261500.00",
        "2027-03-15": "261500.00",
        "2028-03-15": "113375.00",
    }


def test_it_freezes_what_it_rests_on(cpts):
    contract = sign(cpts)
    statement = Statement.objects.get()

    assert statement.engine_version == ENGINE_VERSION
    assert statement.texts == {
        text.bareme.code: text.sha256 for text in published_texts() if text.bareme.code == "avenant-2"
    }
    assert parse_simulation(statement.inputs).terms == terms_of(contract)
    assert statement.parties == {
        "cpts": {"name": "CPTS du Littoral d’essai", "rna": "", "siret": "", "finess": "", "address": ""},
        "contract": {
            "reference": "",
            "ars_party": "ARS d’essai",
            "cpam_party": "CPAM d’essai",
            "msa_party": "",
            "representative_name": "Camille Essai",
            "representative_capacity": "présidente",
            "population": 60_200,
            "population_source": "INSEE, populations municipales 2023",
            "computed_size": 2,
            "size": 2,
            "size_reason": "",
            "ends_on": "2028-03-15",
        },
        "territory": None,
    }


def test_every_line_comes_back_as_the_engine_said_it(cpts):
    contract = sign(cpts, EXAMPLE_B)
    schedule = compute_schedule(terms_of(contract), baremes.published_baremes())

    assert stored_lines(Statement.objects.get()) == lines_of(schedule)
    assert Statement.objects.get().total == Decimal("1760000.00")


def test_anybody_can_compute_its_fingerprint_again(cpts):
    sign(cpts)
    receive_first = Statement.objects.get()
    receive(receive_first.contract, date(2023, 3, 15))
    change(receive_first.contract, size=3, computed_size=3)

    for statement in Statement.objects.all():
        rows = statement.lines.order_by("position")
        assert fingerprint_of(content_of(statement, rows)) == statement.fingerprint
    assert len(set(Statement.objects.values_list("fingerprint", flat=True))) == 2


def test_it_is_in_the_journal_once(cpts):
    sign(cpts)

    entry = AuditEntry.objects.get(action="funding.statement_established")
    statement = Statement.objects.get()
    assert (entry.chain, entry.target_id, entry.target_label, entry.actor_role) == (
        f"cpts-{cpts.pk}",
        str(statement.pk),
        "Décompte n°\u00a01",
        Role.PLATFORM,
    )
    assert entry.changes["total"] == [None, "1170147.54"]
    assert entry.changes["fingerprint"] == [None, statement.fingerprint]


def test_a_change_makes_the_next_version_and_shows_what_it_changed(cpts):
    contract = sign(cpts)
    before = everything()

    second = change(contract, expected_attainment=Decimal("0.9"), reason="Objectifs revus à la hausse")

    assert (second.version, second.occasion, second.contract_year) == (2, Occasion.CHANGE, 4)
    assert (second.as_of, second.reason) == (TODAY, "Objectifs revus à la hausse")
    changes = differences_with_previous(second)
    assert {each.line.share.value for each in changes} == {"variable"}
    assert sum(each.delta for each in changes) == second.total - Decimal("1170147.54") == Decimal("33491.80")
    assert AuditEntry.objects.filter(action="funding.statement_established").count() == 2
    rows, lines = everything()
    assert (rows[:1], lines[: len(before[1])]) == before


def test_the_first_one_changed_nothing(cpts):
    sign(cpts)

    assert differences_with_previous(Statement.objects.get()) == ()


def test_a_change_that_changes_nothing_writes_nothing(cpts):
    contract = sign(cpts)
    before = everything(), AuditEntry.objects.count()

    assert again(contract) == Statement.objects.get()

    assert (everything(), AuditEntry.objects.count()) == before


def test_money_that_came_in_changes_nothing_by_itself(cpts):
    contract = sign(cpts)
    receive(contract, date(2023, 3, 15), date(2023, 9, 15))

    assert again(contract).version == 1


def test_who_signed_is_part_of_what_is_frozen(cpts):
    contract = sign(cpts)

    second = change(contract, cpam_party="CPAM d’à côté", reason="La caisse a changé de nom")

    assert second.version == 2
    assert differences_with_previous(second) == ()
    first = Statement.objects.get(version=1)
    assert [each.parties["contract"]["cpam_party"] for each in (first, second)] == [
        "CPAM d’essai",
        "CPAM d’à côté",
    ]


def test_an_anniversary_is_stored_even_when_nothing_changed(cpts):
    contract = sign(cpts)

    second = again(contract, Occasion.ANNIVERSARY, as_of=date(2024, 3, 15), reason="")

    assert (second.version, second.contract_year, second.as_of) == (2, 2, date(2024, 3, 15))
    assert stored_lines(second) == stored_lines(Statement.objects.get(version=1))


@pytest.mark.parametrize(
    ("occasion", "as_of"),
    [(Occasion.SIGNATURE, date(2023, 3, 15)), (Occasion.ANNIVERSARY, date(2024, 3, 15))],
)
def test_a_signature_and_an_anniversary_have_one_statement(cpts, occasion, as_of):
    contract = sign(cpts)
    if occasion == Occasion.ANNIVERSARY:
        again(contract, occasion, as_of=as_of)
    before = everything()

    with pytest.raises(IntegrityError), transaction.atomic():
        again(contract, occasion, as_of=as_of)

    assert everything() == before


def test_received_lines_stay_and_their_difference_is_adjusted_at_the_next_anniversary(cpts):
    contract = sign(cpts)
    receive(contract, date(2023, 3, 15), date(2023, 9, 15))
    received = [line for line in stored_lines(Statement.objects.get()) if line.key in received_keys(contract)]

    second = change(contract, size=3, computed_size=3, population=100_000)

    lines = stored_lines(second)
    assert [line for line in lines if line.key in received_keys(contract)] == received
    adjustments = [line for line in lines if line.settles]
    assert [(line.mission, str(line.amount), line.due_on, line.key.rank) for line in adjustments] == [
        ("fonctionnement", "15000.00", date(2027, 3, 15), 1),
        ("acces_soins", "7459.01", date(2027, 3, 15), 1),
        ("crise_sanitaire", "3729.51", date(2027, 3, 15), 1),
    ]
    frozen = second.lines.filter(received=True).order_by("position")
    assert list(frozen.values_list("due_on", flat=True)) == [date(2023, 3, 15), *[date(2023, 9, 15)] * 2]
    assert (
        total_amount(lines)
        == second.total
        == compute_schedule(
            terms_of(contract.__class__.objects.with_terms().get(pk=contract.pk)), baremes.published_baremes()
        ).total
    )


def test_an_adjustment_that_is_received_is_adjusted_in_its_turn(cpts):
    contract = sign(cpts)
    receive(contract, date(2023, 3, 15))
    change(contract, size=3, computed_size=3)
    third = again(contract, Occasion.ANNIVERSARY, as_of=date(2027, 3, 15), now=NOW.replace(year=2027))
    adjustment = third.lines.get(kind="adjustment")
    receive_lines(contract, [adjustment.pk], now=NOW.replace(year=2027))

    fourth = change(contract, size=2, computed_size=2, now=NOW.replace(year=2027))

    settled = fourth.lines.filter(kind="adjustment").order_by("rank")
    assert [(row.rank, str(row.amount), row.due_on, row.received) for row in settled] == [
        (1, "15000.00", date(2027, 3, 15), True),
        (2, "-15000.00", date(2028, 3, 15), False),
    ]
    assert fourth.total == Decimal("1170147.54")


def receive_lines(contract, line_ids, *, now):
    by = treasurer_of(contract.cpts)
    return record_receipt(contract, line_ids, now.date(), "VIR", by=by, now=now)


def test_an_anniversary_caught_up_late_sends_no_adjustment_back_in_time(cpts):
    contract = sign(cpts)
    receive(contract, date(2023, 3, 15))
    change(contract, size=3, computed_size=3)

    late = again(contract, Occasion.ANNIVERSARY, as_of=date(2024, 3, 15))

    assert late.lines.get(kind="adjustment").due_on == date(2027, 3, 15)
    assert (late.contract_year, late.as_of) == (2, date(2024, 3, 15))


def test_several_anniversaries_caught_up_late_leave_an_adjustment_where_it_was_announced(cpts):
    contract = sign(cpts)
    receive(contract, date(2023, 3, 15))
    announced = change(contract, size=3, computed_size=3).lines.get(kind="adjustment").due_on

    late = [again(contract, Occasion.ANNIVERSARY, as_of=date(year, 3, 15)) for year in (2024, 2025, 2026)]

    assert announced == date(2027, 3, 15)
    assert [each.lines.get(kind="adjustment").due_on for each in late] == [announced] * 3


def test_an_old_statement_never_changes_when_a_text_does(cpts, monkeypatch):
    contract = sign(cpts)
    before = everything()
    corrected = [
        replace(text, bareme=replace(text.bareme, title="Avenant corrigé"), sha256="0" * 64)
        for text in published_texts()
    ]
    monkeypatch.setattr(statements, "published_texts", lambda: corrected)
    monkeypatch.setattr(statements, "published_baremes", lambda: [text.bareme for text in corrected])
    assert everything() == before

    second = again(contract, reason="Texte corrigé")

    assert second.texts == {"avenant-2": "0" * 64}
    assert second.lines.first().explanation.endswith("Avenant corrigé.")
    assert second.fingerprint != before[0][0]["fingerprint"]
    rows, lines = everything()
    assert (rows[:1], lines[: len(before[1])]) == before


def test_the_database_itself_keeps_it(cpts):
    sign(cpts)
    before = everything()

    for rows in (Statement.objects.all(), StatementLine.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(explanation="") if rows.model is StatementLine else rows.update(total=0)

    assert everything() == before


def test_terms_that_nothing_follows_from_are_refused_and_nothing_is_written(cpts):
    contract = sign(cpts)
    contract.missions.filter(code="parcours").update(code="inconnue")
    before = everything(), AuditEntry.objects.count()

    with pytest.raises(EngineError):
        again(contract)

    assert (everything(), AuditEntry.objects.count()) == before


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2023, 3, 14), 1),
        (date(2023, 3, 15), 1),
        (date(2024, 3, 14), 1),
        (date(2024, 3, 15), 2),
        (date(2028, 3, 14), 5),
        (date(2028, 3, 15), 6),
        (date(2040, 1, 1), 6),
    ],
)
def test_the_contract_year_of_a_day(cpts, day, year):
    schedule = compute_schedule(terms_of(sign(cpts)), baremes.published_baremes())

    assert year_on(day, schedule.years) == year


# --- What the contract's verbs bring --------------------------------------------------------------


def test_recording_a_contract_establishes_its_statement_and_tells_the_treasurer(cpts):
    treasurer = assign(Role.TREASURER, cpts)
    assign(Role.COORDINATOR, cpts)

    sign(cpts)

    (message,) = Notification.objects.all()
    assert message.recipient == treasurer.user
    assert message.title == "Décompte n°\u00a01 établi à la signature du contrat"
    assert "Total du contrat\u00a0: 1\u202f170\u202f147,54\u00a0€." in message.body
    assert message.path == f"/cpts/littoral/decomptes/1/?contrat={Statement.objects.get().contract_id}"


def test_a_change_is_told_with_its_reason(cpts):
    assign(Role.TREASURER, cpts)
    contract = sign(cpts)

    change(contract, size=3, computed_size=3, reason="Avenant du 2 mars")

    titles = list(Notification.objects.order_by("pk").values_list("title", flat=True))
    assert titles[1:] == ["Décompte n°\u00a02 établi après un changement"]
    assert "Ce qui a changé\u00a0: Avenant du 2 mars." in Notification.objects.last().body


def test_a_change_that_moves_no_line_is_kept_and_told_to_nobody(cpts):
    assign(Role.TREASURER, cpts)
    contract = sign(cpts)
    before = Notification.objects.count(), Job.objects.count()

    second = change(contract, cpam_party="CPAM d’à côté", reason="La caisse a changé de nom")

    assert (second.version, second.reason) == (2, "La caisse a changé de nom")
    assert (Notification.objects.count(), Job.objects.count()) == before
    assert statement_document(second) is None
    request_statement_pdf(second, now=NOW)
    assert Job.objects.count() == before[1] + 1


def test_a_rate_whose_reason_alone_is_corrected_tells_a_newcomer_nothing(cpts):
    contract = sign(cpts)
    for reason in ("Dialogue de gestion", "Dialogue de gestion du 2 mars"):
        recorded = {"acces_soins": Decimal("0.9")} if Statement.objects.count() > 1 else {}
        newcomer = assign(Role.TREASURER, cpts).user
        record_attainments(
            contract, 1, {"acces_soins": Decimal("0.9")}, reason, by=PLATFORM, now=NOW, replacing=recorded
        )

    assert Statement.objects.count() == 2
    assert not Notification.objects.filter(recipient=newcomer).exists()


def test_a_change_that_moves_a_line_is_told_and_printed(cpts):
    assign(Role.TREASURER, cpts)
    contract = sign(cpts)
    before = Notification.objects.count(), Job.objects.count()

    change(contract, expected_attainment=Decimal("0.9"))

    assert (Notification.objects.count(), Job.objects.count()) == (before[0] + 1, before[1] + 1)


def test_an_anniversary_is_told_even_when_no_line_moved(cpts):
    assign(Role.TREASURER, cpts)
    contract = sign(cpts)
    before = Notification.objects.count(), Job.objects.count()

    issue_statement(contract, Occasion.ANNIVERSARY, as_of=date(2024, 3, 15), by=PLATFORM, now=NOW)

    assert (Notification.objects.count(), Job.objects.count()) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("count", [1, 3])
def test_establishing_costs_the_same_whatever_was_received(cpts, django_assert_max_num_queries, count):
    contract = sign(cpts)
    days = [date(2023, 3, 15), date(2023, 9, 15), date(2024, 3, 15)][:count]
    receive(contract, *days)

    with django_assert_max_num_queries(16):
        again(contract, Occasion.ANNIVERSARY, as_of=date(2024, 3, 15))
