"""The screens of fees: what they say, what they refuse, how many queries they take."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.access.enums import Role
from core.audit.models import AuditEntry
from core.jobs.models import Job
from members.domain.fee_calls import cancel_call, exempt_member
from members.enums import BankLineState, FeeState, MemberCategory, NoticeState
from members.models import BankFile, BankLine, FeeCall, FeeCampaign, FeeExemption, FeePayment, FeeScale
from tests.factories.fees import DUE_ON, NOW, TODAY, YEAR, call, join, keeper_of, pay, set_scale_of

pytestmark = pytest.mark.django_db
AFTER = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def scale(cpts):
    return set_scale_of(cpts)


@pytest.fixture
def treasurer(sign_in):
    return sign_in(Role.TREASURER)


def url(cpts, name, *args):
    return reverse(f"members:{name}", args=[cpts.slug, *args])


def text(response):
    return " ".join(response.content.decode().split())


def test_how_much_is_late_is_read_at_once(cpts, scale, sign_in):
    call(cpts, last_name="A")
    pay(call(cpts, last_name="B"), "7.50")
    pay(call(cpts, last_name="C"), 22)
    pay(call(cpts, last_name="D"))
    cancel_call(call(cpts, last_name="E"), "Essai", by=keeper_of(cpts), now=NOW)
    exempt_member(call(cpts, last_name="F").member, YEAR, "Essai", by=keeper_of(cpts), now=NOW)

    with time_machine.travel(AFTER, tick=False):
        response = sign_in(Role.TREASURER).get(url(cpts, "fees"))

    figures = response.context["figures"]
    assert figures.late == Decimal("32.50")
    assert (figures.called, figures.received, figures.overpaid, figures.forgiven) == (
        100, Decimal("49.50"), 2, 20,
    )  # fmt: skip
    assert figures.called == (
        figures.received - figures.overpaid + figures.late + figures.to_come + figures.forgiven
    )
    assert (figures.late_count, figures.exempt_count, figures.cancelled_count) == (2, 1, 1)
    assert "32,50 €" in text(response)
    assert "2 026" not in text(response)


def test_before_anything_is_called_the_page_says_how_to_begin(cpts, treasurer):
    page = text(treasurer.get(url(cpts, "fees")))

    assert "Aucune cotisation appelée pour 2026" in page
    assert url(cpts, "fee_scale_add") in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("recherche=essai", {"Camille Essai", "Zoé Essai"}),
        ("recherche=zoe", {"Zoé Essai"}),
        ("recherche=2026-0002", {"Zoé Essai"}),
        ("recherche=2025-0002", set()),
        ("recherche=3", {"Léa Autre"}),
        ("etat=paid", {"Zoé Essai"}),
        ("categorie=benefactor", {"Léa Autre"}),
        ("etat=vide&recherche=zoe", {"Zoé Essai"}),
        ("annee=2025", set()),
        ("annee=2026abc", {"Camille Essai", "Zoé Essai", "Léa Autre"}),
    ],
)
def test_the_list_is_narrowed(cpts, scale, treasurer, query, names):
    set_scale_of(cpts, category=MemberCategory.BENEFACTOR, amount=Decimal(100))
    call(cpts, last_name="Essai", first_name="Camille")
    pay(call(cpts, last_name="Essai", first_name="Zoé"))
    call(cpts, last_name="Autre", first_name="Léa", category=MemberCategory.BENEFACTOR)

    response = treasurer.get(f"{url(cpts, 'fees')}?{query}")

    assert {each.member.name for each in response.context["page"]} == names


def test_the_calls_of_another_cpts_are_not_there(cpts, other_cpts, scale, treasurer):
    set_scale_of(other_cpts)
    theirs = call(other_cpts)

    assert not treasurer.get(url(cpts, "fees")).context["page"].object_list
    for name in ("fee_call", "fee_pay", "fee_refund", "fee_call_cancel"):
        assert treasurer.get(url(cpts, name, theirs.pk)).status_code == 404


@pytest.mark.parametrize("name", ["fees", "call_fees", "fee_notices", "fee_scales", "bank_files", "fees_csv"])
def test_lists_take_as_many_queries_with_one_row_as_with_three(
    cpts, scale, treasurer, name, django_assert_max_num_queries
):
    def ask():
        with django_assert_max_num_queries(15) as counted:
            assert treasurer.get(url(cpts, name)).status_code == 200
        return len(counted)

    def add():
        pay(call(cpts), 5)
        join(cpts)
        set_scale_of(cpts, amount=Decimal(FeeScale.objects.count()))
        BankFile.objects.create(cpts=cpts, name="releve.csv", imported_at=NOW)

    add()
    ask()
    once = ask()
    add()
    add()
    assert ask() == once


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_what_is_filtered_is_exported(cpts, scale, treasurer, extension):
    call(cpts, last_name="Essai", first_name="Zoé")
    pay(call(cpts, last_name="=1+1", first_name=""), "7.50")

    response = treasurer.get(f"{url(cpts, f'fees_{extension}')}?etat=partly_paid")

    assert f'filename="cotisations-2026.{extension}"' in response["Content-Disposition"]
    if extension == "csv":
        rows = response.content.decode("utf-8-sig").splitlines()
        assert len(rows) == 2
        assert "'=1+1" in rows[1]
        assert "12,50" in rows[1]


def test_only_what_would_be_printed_is_said_to_be_on_paper(cpts, scale, treasurer):
    call(cpts, email="")
    pay(call(cpts, email=""))
    found = call(cpts, email="")
    found.member.email = "retrouvee@example.org"
    found.member.save(update_fields=["email"])

    assert treasurer.get(url(cpts, "fees")).context["notices"]["on_paper"] == 1


def test_who_would_be_called_is_shown_before_anything_is(cpts, scale, treasurer):
    join(cpts, last_name="Essai", email="")
    join(cpts, last_name="Honneur", category=MemberCategory.HONORARY)

    response = treasurer.get(url(cpts, "call_fees"))

    page = text(response)
    assert "Appeler 1 cotisation<" in page
    assert "Membre d’honneur, dispensé" in page
    assert "sur papier" in page
    assert not FeeCall.objects.exists()


def test_a_double_click_asks_for_one_job(cpts, scale, treasurer):
    join(cpts)
    sent = {"annee": YEAR, "once": str(uuid4())}

    first, second = (treasurer.post(url(cpts, "call_fees"), sent) for _ in range(2))

    job = Job.objects.get(kind="members.call_fees")
    assert first.url == second.url == reverse("jobs:detail", args=[job.pk])
    assert job.payload["year"] == YEAR


def test_with_nobody_to_call_nothing_is_asked(cpts, treasurer):
    response = treasurer.post(url(cpts, "call_fees"), {"annee": YEAR})

    assert response.status_code == 400
    assert not Job.objects.exists()


def test_a_payment_is_typed_the_french_way_and_counted_once(cpts, scale, treasurer):
    made = call(cpts)
    page = url(cpts, "fee_pay", made.pk)
    assert 'value="20,00"' in text(treasurer.get(page))
    typed = {
        "once": str(uuid4()), "amount": "12,50 €", "paid_on": "02/03/2026", "means": "cheque",
        "reference": "0012345",
    }  # fmt: skip

    for _ in range(2):
        assert treasurer.post(page, typed).url == url(cpts, "fee_call", made.pk)

    payment = FeePayment.objects.get()
    assert (payment.amount, payment.paid_on, payment.means) == (Decimal("12.50"), TODAY, "cheque")
    assert "Payé en partie" in text(treasurer.get(url(cpts, "fee_call", made.pk)))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("amount", "beaucoup"),
        ("amount", "0"),
        ("paid_on", "30/02/2026"),
        ("paid_on", "2027-01-01"),
        ("means", "troc"),
        ("once", "1"),
    ],
)
def test_a_wrong_payment_keeps_what_was_typed(cpts, scale, treasurer, field, wrong):
    made = call(cpts)
    typed = {"once": str(uuid4()), "amount": "12,50", "paid_on": "2026-03-02", "means": "cash"}

    response = treasurer.post(url(cpts, "fee_pay", made.pk), typed | {"reference": "REF", field: wrong})

    assert response.status_code == 400
    assert field in response.context["form"].errors
    assert 'value="REF"' in text(response)
    assert not FeePayment.objects.exists()


def test_a_refund_and_its_cancellation(cpts, scale, treasurer):
    made = call(cpts)
    payment = pay(made, 25)
    typed = {
        "once": str(uuid4()), "amount": "5", "paid_on": "2026-03-02", "means": "transfer",
        "reason": "Trop versé",
    }  # fmt: skip
    treasurer.post(url(cpts, "fee_refund", made.pk), typed)
    refused = treasurer.post(url(cpts, "fee_payment_cancel", payment.pk), {"reason": "Essai"})
    refund = FeePayment.objects.get(amount=-5)
    accepted = treasurer.post(url(cpts, "fee_payment_cancel", refund.pk), {"reason": "Essai"})

    assert (refused.status_code, accepted.status_code) == (400, 302)
    assert FeeCall.objects.with_state(TODAY).get(pk=made.pk).state == FeeState.OVERPAID
    assert treasurer.get(url(cpts, "fee_call", made.pk)).status_code == 200


def test_a_call_is_cancelled_with_a_reason(cpts, scale, treasurer):
    made = call(cpts)
    page = url(cpts, "fee_call_cancel", made.pk)

    assert treasurer.post(page, {"reason": ""}).status_code == 400
    assert treasurer.post(page, {"reason": "Mauvaise catégorie"}).status_code == 302
    assert "Mauvaise catégorie" in text(treasurer.get(url(cpts, "fee_call", made.pk)))


def test_a_scale_is_recorded_then_replaced(cpts, treasurer):
    page = url(cpts, "fee_scale_add")
    typed = {
        "year": YEAR, "category": "active", "amount": "20,50", "due_on": "30/04/2026",
        "decided_by": "general_assembly", "decided_on": "2025-12-04", "decision_reference": "Résolution 4",
    }  # fmt: skip

    assert treasurer.post(page, typed).url == f"{url(cpts, 'fee_scales')}?annee=2026"
    scale = FeeScale.objects.get()
    assert (scale.amount, scale.entry_fee, scale.due_on) == (Decimal("20.50"), 0, DUE_ON)
    form = treasurer.get(f"{page}?annee=2026&bareme={scale.pk}")
    assert 'value="20,50"' in text(form)
    treasurer.post(page, typed | {"amount": "25"})
    listed = text(treasurer.get(url(cpts, "fee_scales")))
    assert listed.count("Remplacé<") == 1
    assert treasurer.post(page, typed | {"decision_reference": ""}).status_code == 400
    assert treasurer.get(f"{page}?bareme=999999").status_code == 404


def test_reminders_are_turned_off_and_never_over_somebody_elses(cpts, treasurer):
    page = url(cpts, "fee_campaign")
    typed = {"revision": 1, "days_before": 10, "first_after": 15, "second_after": 45, "message": "IBAN"}

    assert treasurer.post(page, typed).status_code == 302
    campaign = FeeCampaign.objects.get()
    assert (campaign.reminders, campaign.days_before, campaign.message) == (False, 10, "IBAN")
    treasurer.post(page, typed | {"days_before": 5})
    stale = treasurer.post(page, typed | {"days_before": 7})
    assert stale.status_code == 409
    assert treasurer.post(page, typed | {"revision": 2, "second_after": 3}).status_code == 400


def test_what_did_not_leave_is_sent_again_when_asked(cpts, scale, treasurer):
    claimed, other = call(cpts).notices.get(), call(cpts).notices.get()
    for notice in (claimed, other):
        notice.state, notice.attempts, notice.tried_at = NoticeState.CLAIMED, 1, NOW
        notice.save()
    page = text(treasurer.get(url(cpts, "fee_notices")))
    assert "peut arriver deux fois" in page

    sent = {"annee": YEAR, "avis": [claimed.pk, "x"]}
    response = treasurer.post(url(cpts, "fee_notices_again"), sent)

    assert response.url == reverse("jobs:detail", args=[Job.objects.get(kind="members.send_fee_mails").pk])
    claimed.refresh_from_db()
    other.refresh_from_db()
    assert (claimed.state, other.state) == (NoticeState.WAITING, NoticeState.CLAIMED)
    assert AuditEntry.objects.filter(action="members.fee_mails_again").count() == 1


def test_nothing_ticked_sends_nothing(cpts, treasurer):
    assert treasurer.post(url(cpts, "fee_notices_again"), {}).status_code == 302
    assert not Job.objects.exists()


def test_the_sheet_shows_the_fees_of_a_member(cpts, scale, treasurer):
    member = join(cpts)
    sheet = member.get_absolute_url()
    assert "Appeler la cotisation 2026" in text(treasurer.get(sheet))

    response = treasurer.post(url(cpts, "fee_call_one", member.pk), {"annee": YEAR})

    made = FeeCall.objects.get()
    assert response.url == url(cpts, "fee_call", made.pk)
    assert Job.objects.filter(kind="members.send_fee_mails").count() == 1
    page = text(treasurer.get(sheet))
    assert url(cpts, "fee_call", made.pk) in page
    assert "Appeler la cotisation 2026" not in page


def test_a_member_is_exempted_and_no_longer(cpts, scale, treasurer):
    member = join(cpts)
    page = url(cpts, "fee_exempt", member.pk)

    assert "Aucune donnée de santé." in text(treasurer.get(page))
    assert treasurer.post(page, {"annee": YEAR, "reason": " "}).status_code == 400
    assert treasurer.post(page, {"annee": YEAR, "reason": "Décision"}).url == member.get_absolute_url()
    exemption = FeeExemption.objects.get()
    refused = treasurer.post(url(cpts, "fee_call_one", member.pk), {"annee": YEAR}, follow=True)
    assert "exempté pour cette année" in text(refused)
    treasurer.post(url(cpts, "fee_exemption_withdraw", exemption.pk))
    assert not FeeExemption.objects.in_force().exists()


@pytest.mark.parametrize("role", [Role.BOARD])
def test_the_board_reads_and_does_not_write(cpts, scale, sign_in, role):
    made, board = call(cpts), sign_in(role)

    assert "Noter un règlement" not in text(board.get(url(cpts, "fee_call", made.pk)))
    assert board.get(url(cpts, "fees")).status_code == 200
    for name in ("fee_pay", "fee_refund", "fee_call_cancel"):
        assert board.post(url(cpts, name, made.pk)).status_code == 403
    assert board.post(url(cpts, "call_fees")).status_code == 403


# Bank files


def bring(client, cpts, content, name="releve.csv"):
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    return client.post(url(cpts, "bank_files"), {"fichier": file})


def test_a_bank_file_is_read_then_confirmed_line_by_line(cpts, scale, treasurer):
    made = call(cpts, last_name="Martin", first_name="Zoé")
    content = f"Date;Libellé;Crédit\n28/02/2026;VIR MARTIN ZOE {made};20,00\n28/02/2026;VIR CPAM;9000\n"

    response = bring(treasurer, cpts, content)

    bank_file = BankFile.objects.get()
    assert response.url == url(cpts, "bank_file", bank_file.pk)
    assert not FeePayment.objects.exists()
    page = text(treasurer.get(response.url))
    assert f"Numéro d’appel {made}, montant exact." in page
    assert "Sans correspondance" in page
    line = BankLine.objects.get(row=2)
    for _ in range(2):
        treasurer.post(url(cpts, "bank_line", line.pk), {"appel": str(made), "action": "confirmer"})
    assert FeePayment.objects.get().bank_line == line
    treasurer.post(url(cpts, "bank_line", BankLine.objects.get(row=3).pk), {"action": "ecarter"})
    assert set(BankLine.objects.values_list("state", flat=True)) == {
        BankLineState.RECORDED,
        BankLineState.SET_ASIDE,
    }
    for state in BankLineState:
        assert treasurer.get(f"{response.url}?etat={state}").status_code == 200


@pytest.mark.parametrize("typed", ["", "2026-9999", "abc", "2026-0001' --"])
def test_a_line_is_not_confirmed_on_a_call_that_is_not_there(cpts, scale, treasurer, typed):
    bring(treasurer, cpts, "Date;Crédit\n28/02/2026;20\n")
    line = BankLine.objects.get()

    treasurer.post(url(cpts, "bank_line", line.pk), {"appel": typed})

    line.refresh_from_db()
    assert (line.state, line.payment) == (BankLineState.TO_CONFIRM, None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        "Nom;Prénom\nMartin;Zoé\n",
        "Date;Crédit\n31/02/2026;20\n",
        "Date;Crédit\n28/02/2026;vingt\n",
        "Date;Crédit\n28/02/2026;-20\n",
        "Date;Crédit\n28/02/2026;150000\n",
    ],
)
def test_a_file_that_cannot_be_read_writes_nothing(cpts, treasurer, content):
    response = bring(treasurer, cpts, content)

    assert response.status_code == 400
    assert response.context["form"].errors["fichier"]
    assert not BankFile.objects.exists()


def test_dates_are_written_in_french(cpts, scale, treasurer):
    made = call(cpts)

    assert date(2026, 4, 30) == made.due_on
    assert "à payer avant le 30 avril 2026" in text(treasurer.get(url(cpts, "fee_call", made.pk)))
