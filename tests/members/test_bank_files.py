"""Payments from files: read whatever their columns, matched with a reason, never counted twice."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.audit.models import AuditEntry
from members.domain.bank_files import confirm_line, import_bank_file, set_line_aside, take_line_back
from members.domain.bank_reading import BankFileError, read_bank_file
from members.domain.fee_calls import cancel_call
from members.enums import BankLineState, MatchConfidence, PaymentMeans, PaymentSource
from members.models import BankFile, BankLine, FeePayment
from tests.factories.fees import NOW, call, keeper_of, pay, set_scale_of

BANK = (
    "Compte;00012345678;;\n"
    "Solde au 01/03/2026;1 234,56;;\n"
    "\n"
    "Date;Libellé;Débit euros;Crédit euros\n"
    "27/02/2026;VIR SEPA MARTIN ZOE COTISATION 2026-0001;;20,00\n"
    "27/02/2026;PRLV ASSURANCE;-45,00;\n"
    "28/02/2026;VIR CPAM;;9 150,84\n"
    ";Total;;9 170,84\n"
)
PLATFORM = (
    "Référence commande,Date de la commande,Statut de la commande,Nom adhérent,Prénom adhérent,"
    "Email payeur,Montant adhésion\n"
    "1001,01/03/2026 10:15:00,Validé,Martin,Zoé,ZOE@example.org,20.00\n"
    "1002,02/03/2026 11:00:00,Refusé,Durand,Paul,paul@example.org,20.00\n"
)


def read(content, encoding="utf-8"):
    return read_bank_file(io.BytesIO(content.encode(encoding)), filename="releve.csv")


def bring(cpts, content=BANK, encoding="utf-8"):
    file = io.BytesIO(content.encode(encoding))
    return import_bank_file(cpts, file, filename="releve.csv", by=keeper_of(cpts), now=NOW)


def proposals(bank_file):
    return [(line.proposed, line.confidence, line.reason) for line in bank_file.lines.order_by("row")]


@pytest.fixture
def scale(cpts):
    return set_scale_of(cpts)


def zoe(cpts, **values):
    return call(cpts, **{"last_name": "Martin", "first_name": "Zoé", "email": "zoe@example.org"} | values)


# Reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_bank_file_is_read_in_any_encoding(encoding):
    found = read(BANK, encoding)

    assert [(each.row, each.paid_on, each.amount) for each in found.credits] == [
        (5, date(2026, 2, 27), Decimal("20.00")),
        (7, date(2026, 2, 28), Decimal("9150.84")),
    ]
    assert found.credits[0].label == "VIR SEPA MARTIN ZOE COTISATION 2026-0001"
    assert (found.outgoing, found.is_platform) == (1, False)


def test_a_platform_file_brings_what_was_paid_alone():
    found = read(PLATFORM)

    (credit,) = found.credits
    assert (credit.payer, credit.email, credit.reference) == ("Zoé Martin", "zoe@example.org", "1001")
    assert (credit.amount, credit.paid_on) == (20, date(2026, 3, 1))
    assert (found.outgoing, found.is_platform) == (1, True)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("20", "20"), ("20,5", "20.5"), ("1.234,56", "1234.56"), ("+20.00 €", "20"), ("1\u202f000,00", "1000")],
)
def test_amounts_as_banks_write_them(typed, amount):
    assert read(f'Date;Montant\n2026-02-28;"{typed}"\n').credits[0].amount == Decimal(amount)


def test_every_fault_is_told_at_once():
    with pytest.raises(BankFileError) as refused:
        read("Date;Montant\n31/02/2026;20\nhier;20\n28/02/2026;vingt\n28/02/2026;NaN\n")

    assert [error.partition("\u00a0")[0] for error in refused.value.errors] == [
        "Ligne 2", "Ligne 3", "Ligne 4", "Ligne 5",
    ]  # fmt: skip


def test_equal_lines_of_a_file_are_two_and_the_same_in_another_file():
    content = "Date;Libellé;Montant\n28/02/2026;VIR X;20\n28/02/2026;VIR X;20\n"

    first, second = read(content).credits
    assert first.fingerprint != second.fingerprint
    assert [each.fingerprint for each in read(content).credits] == [first.fingerprint, second.fingerprint]


# Matching


@pytest.mark.django_db
@pytest.mark.usefixtures("scale")
class TestMatching:
    def test_by_number_and_exact_amount(self, cpts):
        made = zoe(cpts)

        found = proposals(bring(cpts))

        assert found[0] == (made, MatchConfidence.SURE, "Numéro d’appel 2026-0001, montant exact.")
        assert found[1][:2] == (None, MatchConfidence.NONE)

    def test_by_number_and_another_amount(self, cpts):
        pay(zoe(cpts), 5)

        (_, confidence, reason), _ = proposals(bring(cpts))
        assert confidence == MatchConfidence.LIKELY
        assert "il reste 15,00\u00a0€ à payer" in reason

    def test_by_a_number_already_paid(self, cpts):
        pay(zoe(cpts))

        assert proposals(bring(cpts))[0][1] == MatchConfidence.DOUBTFUL

    def test_by_address(self, cpts):
        made = zoe(cpts, last_name="Nom d’usage")

        assert proposals(bring(cpts, PLATFORM)) == [
            (made, MatchConfidence.SURE, "Adresse électronique du membre, montant exact.")
        ]

    def test_by_name(self, cpts):
        made = zoe(cpts)
        content = "Date;Libellé;Montant\n28/02/2026;VIR DE MME ZOE MARTIN;20\n"

        assert proposals(bring(cpts, content)) == [
            (made, MatchConfidence.LIKELY, "Nom du membre, montant exact.")
        ]

    def test_namesakes_are_to_be_looked_at(self, cpts):
        zoe(cpts)
        zoe(cpts, email="autre@example.org")
        content = "Date;Libellé;Montant\n28/02/2026;ZOE MARTIN;20\n"

        ((_, confidence, reason),) = proposals(bring(cpts, content))
        assert confidence == MatchConfidence.DOUBTFUL
        assert "plusieurs membres" in reason

    def test_what_a_line_pays_is_not_proposed_to_the_next(self, cpts):
        zoe(cpts)
        content = "Date;Libellé;Montant\n28/02/2026;ZOE MARTIN;20\n01/03/2026;ZOE MARTIN;20\n"

        assert [each[1] for each in proposals(bring(cpts, content))] == [
            MatchConfidence.LIKELY,
            MatchConfidence.NONE,
        ]

    def test_the_calls_of_another_cpts_are_never_proposed(self, cpts, other_cpts):
        set_scale_of(other_cpts)
        zoe(other_cpts)

        assert proposals(bring(cpts))[0][0] is None

    def test_a_cancelled_call_is_never_proposed(self, cpts):
        cancel_call(zoe(cpts), "Essai", by=keeper_of(cpts), now=NOW)

        assert proposals(bring(cpts))[0][0] is None


# Confirming


@pytest.mark.django_db
@pytest.mark.usefixtures("scale")
class TestConfirming:
    def test_nothing_is_counted_before_it_is_confirmed_and_then_once(self, cpts):
        made = zoe(cpts)
        line = bring(cpts).lines.get(row=5)
        assert not FeePayment.objects.exists()

        for _ in range(2):
            confirm_line(line, made, by=keeper_of(cpts), now=NOW)

        payment = FeePayment.objects.get()
        assert (payment.call, payment.amount, payment.paid_on) == (made, 20, date(2026, 2, 27))
        assert (payment.means, payment.source) == (PaymentMeans.TRANSFER, PaymentSource.FILE)
        line.refresh_from_db()
        assert (line.state, line.payment) == (BankLineState.RECORDED, payment)
        assert AuditEntry.objects.filter(action="members.fee_paid").count() == 1

    def test_the_same_lines_from_another_file_are_recognised(self, cpts):
        zoe(cpts)
        first = bring(cpts)

        later = bring(cpts, BANK + "01/03/2026;VIR NOUVEAU;;20,00\n")

        assert (first.line_count, first.known_count) == (2, 0)
        assert (later.line_count, later.known_count, later.lines.count()) == (3, 2, 1)

    def test_the_same_file_again_leads_to_the_first(self, cpts):
        first = bring(cpts)
        told = AuditEntry.objects.count()

        assert bring(cpts) == first
        assert (BankFile.objects.count(), BankLine.objects.count()) == (1, 2)
        assert AuditEntry.objects.count() == told

    def test_another_cpts_may_hold_the_same_line(self, cpts, other_cpts):
        set_scale_of(other_cpts)
        for each in (cpts, other_cpts):
            made = zoe(each)
            confirm_line(bring(each).lines.get(row=5), made, by=keeper_of(each), now=NOW)

        assert FeePayment.objects.count() == 2

    def test_a_recorded_line_is_not_counted_for_another_member(self, cpts):
        made, other = zoe(cpts), call(cpts)
        line = bring(cpts).lines.get(row=5)
        confirm_line(line, made, by=keeper_of(cpts), now=NOW)

        with pytest.raises(ValidationError):
            confirm_line(line, other, by=keeper_of(cpts), now=NOW)
        assert FeePayment.objects.get().call == made

    def test_a_line_is_set_aside_and_taken_back(self, cpts):
        line = bring(cpts).lines.get(row=7)

        for _ in range(2):
            assert set_line_aside(line, by=keeper_of(cpts), now=NOW).state == BankLineState.SET_ASIDE
        for _ in range(2):
            assert take_line_back(line, by=keeper_of(cpts), now=NOW).state == BankLineState.TO_CONFIRM
        told = AuditEntry.objects.filter(action__startswith="members.bank_line").values_list(
            "action", flat=True
        )
        assert sorted(told) == ["members.bank_line_set_aside", "members.bank_line_taken_back"]

    def test_a_file_without_credits_is_refused(self, cpts):
        with pytest.raises(BankFileError, match="aucun encaissement"):
            bring(cpts, "Date;Montant\n28/02/2026;-20\n")
        assert not BankFile.objects.exists()
        assert not BankLine.objects.exists()
