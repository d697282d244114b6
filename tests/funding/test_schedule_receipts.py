"""Receipts on screen: lines ticked against a bank statement, mistakes taken back, nothing counted twice."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from funding.models import Receipt, ReceiptLine, Statement, StatementLine
from tests.factories.funding import EXAMPLE_B, change, receive, sign

pytestmark = pytest.mark.django_db
SIGNED, START, FIRST = date(2023, 3, 15), date(2023, 9, 15), date(2024, 3, 15)
RECEIPTS = "/cpts/littoral/versements/"


@pytest.fixture
def treasurer(sign_in):
    return sign_in(Role.TREASURER)


def url(*days):
    query = "&".join(f"echeance={day}" for day in days)
    return f"{reverse('contract:receive', args=['littoral'])}?{query}"


def typed(contract, *days, **values):
    lines = StatementLine.objects.filter(statement=Statement.objects.latest_of(contract.pk), due_on__in=days)
    return {
        "lignes": [line.pk for line in lines],
        "montant": "39 159,84",
        "recu_le": "2023-10-02",
        "reference": "VIR CPAM 0042",
    } | values


def nothing_written():
    return (
        not Receipt.objects.exists()
        and not AuditEntry.objects.filter(action__startswith="funding.receipt").exists()
    )


def test_the_oldest_due_date_comes_first_with_its_lines_ticked(treasurer, contract_a):
    receive(contract_a, SIGNED)
    response = treasurer.get(url())
    (choices,) = response.context["form"].due_dates
    assert choices.due.day == START
    assert [(line.line.amount, line.is_ticked) for line in choices.lines] == [
        (Decimal("26106.56"), True),
        (Decimal("13053.28"), True),
    ]
    assertContains(response, 'value="2026-03-20"')


def test_the_due_date_of_the_address_is_preselected(treasurer, contract_a):
    (choices,) = treasurer.get(url(FIRST)).context["form"].due_dates
    assert (choices.due.day, choices.due.pending_amount) == (FIRST, Decimal("173112.70"))
    both = treasurer.get(url(FIRST, START)).context["form"].due_dates
    assert [each.due.day for each in both] == [START, FIRST]


@pytest.mark.parametrize("day", ["2023-09-16", "demain", "%00", ""])
def test_a_day_with_nothing_due_is_not_found(treasurer, contract_a, day):
    assert treasurer.get(url(day)).status_code == 404
    assert treasurer.post(url(day), typed(contract_a, START)).status_code == 404
    assert nothing_written()


def test_a_receipt_is_recorded_whole(treasurer, contract_a):
    response = treasurer.post(url(START), typed(contract_a, START), follow=True)
    assertRedirects(response, f"/cpts/littoral/echeancier/?contrat={contract_a.pk}")
    assertContains(response, "Versement de 39\u202f159,84\u00a0€ enregistré.")
    receipt = Receipt.objects.get()
    assert (receipt.amount, receipt.received_on, receipt.reference) == (
        Decimal("39159.84"),
        date(2023, 10, 2),
        "VIR CPAM 0042",
    )
    assert {each.line.due_on for each in receipt.lines.all()} == {START}
    assert AuditEntry.objects.filter(action="funding.receipt_recorded").count() == 1


def test_one_payment_may_settle_two_due_dates(treasurer, contract_a):
    data = typed(contract_a, SIGNED, START, montant="99159,84")
    assert treasurer.post(url(SIGNED, START), data).status_code == 302
    assert Receipt.objects.get().lines.count() == 3


def test_a_double_click_records_once(treasurer, contract_a):
    answers = [treasurer.post(url(START), typed(contract_a, START)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert (Receipt.objects.count(), ReceiptLine.objects.count()) == (1, 2)
    assert AuditEntry.objects.filter(action="funding.receipt_recorded").count() == 1


def test_a_line_received_meanwhile_is_refused(treasurer, contract_a):
    treasurer.post(url(START), typed(contract_a, START))
    response = treasurer.post(url(START), typed(contract_a, START, reference="AUTRE"))
    assertContains(response, "Déjà reçu", status_code=400)
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"montant": "39159,83"}, "montant", "il manque 0,01\u00a0€"),
        ({"montant": "40000"}, "montant", "il y a 840,16\u00a0€ de trop"),
        ({"montant": ""}, "montant", "Recopiez le montant du virement."),
        ({"montant": "beaucoup"}, "montant", "Tapez un montant en euros"),
        ({"montant": "NaN"}, "montant", "Tapez un montant en euros"),
        ({"montant": "1,234"}, "montant", "Un montant s’arrête aux centimes."),
        ({"montant": "9" * 40}, "montant", "12"),
        ({"lignes": []}, "lignes", "Cochez au moins une ligne."),
        ({"lignes": ["0"]}, "lignes", "L’échéancier a changé"),
        ({"lignes": ["abc"]}, "lignes", ""),
        ({"lignes": ["\x00"]}, "lignes", ""),
        ({"recu_le": "2026-03-21"}, "recu_le", "cette date est à venir"),
        ({"recu_le": "2023-03-14"}, "recu_le", "Le contrat a été signé le 15 mars 2023"),
        ({"recu_le": "31/02/2024"}, "recu_le", "Cette date n’existe pas"),
        ({"recu_le": ""}, "recu_le", "Donnez la date du virement."),
        ({"reference": "x" * 101}, "reference", "100"),
        ({"reference": "a\x00b"}, "reference", ""),
        ({"reference": "a\u200bb"}, "reference", "ne s’imprime pas"),
    ],
)
def test_what_cannot_be_recorded_is_refused_beside_its_field(treasurer, contract_a, changes, field, message):
    response = treasurer.post(url(START), typed(contract_a, START, **changes))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert message in response.context["form"].errors[field][0]
    if field != "reference":
        assertContains(response, "VIR CPAM 0042", status_code=400)
    assert nothing_written()


def test_an_amount_is_read_as_a_bank_prints_it(treasurer, contract_a):
    for amount in ("39 159,84 €", "39\u202f159,84", "39\u00a0159.84", "39159,840"):
        response = treasurer.post(url(START), typed(contract_a, START, montant=amount))
        assert response.status_code == (400 if amount.endswith("0") else 302)
    assert Receipt.objects.count() == 1


def test_only_the_ticked_lines_are_received(treasurer, contract_a):
    one = StatementLine.objects.get(due_on=START, mission="acces_soins")
    treasurer.post(url(START), typed(contract_a, START, lignes=[one.pk], montant="26106,56"))
    assert [each.line for each in ReceiptLine.objects.all()] == [one]
    (choices,) = treasurer.get(url(START)).context["form"].due_dates
    assert [line.line.mission for line in choices.lines] == ["crise_sanitaire"]


def test_what_is_given_back_is_recorded_below_zero(treasurer, contract_a):
    receive(contract_a, FIRST)
    latest = change(contract_a, expected_attainment=Decimal("0.5"))
    (given_back,) = latest.lines.filter(kind="adjustment")
    assert given_back.amount == Decimal("-4475.41")
    data = typed(contract_a, lignes=[given_back.pk], montant="−4 475,41", recu_le="2026-03-20")
    assert treasurer.post(url(given_back.due_on), data).status_code == 302
    assert Receipt.objects.get(reference="VIR CPAM 0042").amount == Decimal("-4475.41")
    page = treasurer.get("/cpts/littoral/versements/")
    assertContains(page, "−4\u202f475,41\u00a0€")


def test_the_lines_of_a_former_statement_are_asked_again(treasurer, contract_a):
    data = typed(contract_a, START)
    change(contract_a, expected_attainment=Decimal("0.9"))
    response = treasurer.post(url(START), data)
    assertContains(response, "L’échéancier a changé", status_code=400)
    assert nothing_written()


def test_a_statement_established_in_between_is_told(treasurer, contract_a, monkeypatch):
    def stale(*_args, **_kwargs):
        raise StaleError("newer")

    monkeypatch.setattr("funding.views.receipts.record_receipt", stale)
    response = treasurer.post(url(START), typed(contract_a, START))
    assertContains(response, "L’échéancier vient d’être recalculé", status_code=409)
    assertContains(response, "VIR CPAM 0042", status_code=409)


def test_the_lines_of_another_cpts_are_refused(treasurer, contract_a, other_cpts):
    foreign = sign(other_cpts, EXAMPLE_B)
    line = StatementLine.objects.filter(statement__contract=foreign).first()
    response = treasurer.post(url(START), typed(contract_a, START, lignes=[line.pk], montant="75000"))
    assert response.status_code == 400
    assert nothing_written()


def test_when_all_came_in_nothing_is_left_to_record(treasurer, contract_a):
    receive(
        contract_a, *StatementLine.objects.values_list("due_on", flat=True), received_on=date(2026, 3, 20)
    )
    assertContains(treasurer.get(url()), "Tout est encaissé")
    assertContains(treasurer.get(url(START)), "Tout est encaissé")


def test_receipts_are_listed_the_latest_first(treasurer, contract_a, sign_in):
    receive(contract_a, SIGNED, reference="=1+1")
    receive(contract_a, START)
    rows = treasurer.get(RECEIPTS).context["rows"]
    assert [(row["receipt"].received_on, len(row["lines"]), row["due_dates"]) for row in rows] == [
        (START, 2, [START]),
        (SIGNED, 1, [SIGNED]),
    ]
    assertContains(treasurer.get(RECEIPTS), "Annuler<span")
    assertNotContains(sign_in(Role.BOARD).get(RECEIPTS), "Annuler<span")


def test_without_a_receipt_the_list_says_how_to_begin(treasurer, contract_a):
    assertContains(treasurer.get(RECEIPTS), "Quand un virement de l’Assurance Maladie arrive")


def test_a_mistake_is_taken_back_with_its_reason(treasurer, contract_a):
    receipt = receive(contract_a, START)
    page = f"{RECEIPTS}{receipt.pk}/annuler/"
    assertContains(treasurer.get(page), "39\u202f159,84\u00a0€")
    response = treasurer.post(page, {"raison": "Saisi deux fois"}, follow=True)
    assertRedirects(response, f"{RECEIPTS}?contrat={contract_a.pk}")
    (row,) = response.context["rows"]
    assert row["cancellation"].reason == "Saisi deux fois"
    assert row["cancellation"].amount == Decimal("-39159.84")
    assertContains(response, "Annulé")
    (choices,) = treasurer.get(url(START)).context["form"].due_dates
    assert len(choices.lines) == 2


def test_a_double_click_takes_back_once(treasurer, contract_a):
    receipt = receive(contract_a, START)
    page = f"{RECEIPTS}{receipt.pk}/annuler/"
    answers = [treasurer.post(page, {"raison": "Saisi deux fois"}).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert Receipt.objects.count() == 2


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "a\x00b", "a\u200bb"])
def test_a_cancellation_without_a_reason_is_refused(treasurer, contract_a, reason):
    receipt = receive(contract_a, START)
    response = treasurer.post(f"{RECEIPTS}{receipt.pk}/annuler/", {"raison": reason})
    assert response.status_code == 400
    assert response.context["form"].errors["raison"]
    assert Receipt.objects.count() == 1


def test_a_cancellation_and_the_receipt_of_another_cpts_are_not_found(treasurer, contract_a, other_cpts):
    foreign = receive(sign(other_cpts), START)
    receipt = receive(contract_a, START)
    treasurer.post(f"{RECEIPTS}{receipt.pk}/annuler/", {"raison": "Saisi deux fois"})
    cancellation = Receipt.objects.get(cancels=receipt)
    for number in (foreign.pk, cancellation.pk, 0, 10**30):
        page = f"{RECEIPTS}{number}/annuler/"
        assert treasurer.get(page).status_code == 404
        assert treasurer.post(page, {"raison": "Essai"}).status_code == 404
    assert not Receipt.objects.filter(cancels=foreign).exists()
