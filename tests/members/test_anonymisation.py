"""What is forgotten of people, when, and what is given to those who ask for it."""

import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, models

from core.access.enums import Role
from core.audit.domain.chains import chain_faults
from core.audit.domain.details import ERASED as ERASED_KEY
from core.audit.models import AuditDetail, AuditEntry
from members.domain.anonymisation import anonymise_member, to_anonymise, years_before
from members.domain.duplicates import tell_apart
from members.domain.members import add_member, update_member
from members.domain.merging import merge_members
from members.domain.personal_data import personal_data
from members.domain.recording import record_member
from members.domain.representatives import RepresentativeValues, change_representative
from members.enums import Body, EndGround, MembershipState, RemovalGround, RemovalOutcome
from members.models import (
    BankFile,
    BankLine,
    FeeCall,
    FeeExemption,
    FeeNotice,
    FeePayment,
    FeeScale,
    Member,
    Membership,
    PracticePlace,
    Removal,
    Representative,
    Suspension,
)
from tests.factories.contracts import coordinator_of
from tests.factories.journal import told
from tests.factories.members import RECORDED, MemberFactory, MembershipFactory, StructureFactory
from tests.factories.people import CptsFactory, UserFactory
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PAGE = "/cpts/littoral/membres/conservation/"
LONG_AGO = datetime(2020, 1, 15, 9, tzinfo=UTC)
ENDED = {"state": MembershipState.ENDED, "end_ground": EndGround.RESIGNATION, "starts_on": date(2020, 1, 1)}
DATES = {"applied_on": date(2020, 1, 1), "decided_on": date(2020, 1, 1)}


@pytest.fixture
def by(cpts):
    return coordinator_of(cpts)


def former(cpts, ends_on=date(2022, 6, 1), **values):
    member = MemberFactory(cpts=cpts, **{"created_at": LONG_AGO} | values)
    MembershipFactory(member=member, **ENDED, **DATES, ends_on=ends_on)
    return member


def due(cpts, today=TODAY):
    return [(member, member.since) for member in to_anonymise(cpts, today)]


# --- When ----------------------------------------------------------------------------------------


def test_a_former_member_is_kept_three_years(cpts):
    member = former(cpts, date(2023, 11, 24))

    assert due(cpts, date(2026, 11, 23)) == []
    assert due(cpts) == [(member, date(2023, 11, 24))]


def test_years_before_a_leap_day():
    assert years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)


def test_the_last_of_several_days_counts(cpts):
    member = former(cpts)
    MembershipFactory(
        member=member,
        state=MembershipState.REFUSED,
        applied_on=date(2023, 5, 1),
        decided_on=date(2023, 6, 1),
        starts_on=None,
        decision_note="Hors du territoire",
    )

    assert due(cpts) == [(member, date(2023, 6, 1))]


def test_who_never_was_a_member_is_kept_from_their_entry(cpts):
    old = MemberFactory(cpts=cpts, created_at=LONG_AGO)
    MemberFactory(cpts=cpts, created_at=NOW)

    assert due(cpts) == [(old, date(2020, 1, 15))]


def test_who_still_has_to_do_with_the_association_is_kept(cpts, other_cpts):
    old = {"created_at": LONG_AGO}
    MembershipFactory(member=former(cpts), starts_on=date(2023, 1, 1))
    MembershipFactory(
        member=former(cpts),
        state=MembershipState.APPLIED,
        decided_on=None,
        decided_by="",
        starts_on=None,
        applied_on=date(2021, 1, 1),
    )
    former(cpts, date(2027, 1, 1))
    structure = StructureFactory(cpts=cpts, **old)
    Representative.objects.create(
        structure=structure, person=former(cpts), name="X", starts_on=date(2021, 1, 1)
    )
    PracticePlace.objects.create(member=MemberFactory(cpts=cpts, created_at=NOW), structure=structure)
    former(other_cpts)
    kept = MemberFactory(cpts=cpts, created_at=NOW)
    MemberFactory(cpts=cpts, merged_into=kept, **old)
    MemberFactory(cpts=cpts, anonymised_at=NOW, **old)

    assert due(cpts) == []


@pytest.mark.parametrize("count", [1, 3])
def test_listing_costs_one_query(cpts, count, django_assert_num_queries):
    for _ in range(count):
        former(cpts)

    with django_assert_num_queries(1):
        assert len(due(cpts)) == count


# --- What ----------------------------------------------------------------------------------------


@pytest.fixture
def life(cpts, by):
    """Somebody who left long ago, and everything that was written of them, a duplicate united included."""
    values = {
        "kind": "natural",
        "last_name": "Secret",
        "first_name": "Camille",
        "profession": "10",
        "doctor_kind": "general",
        "speciality": "Secrétologie",
        "rpps": "10003456780",
        "email": "secret@example.org",
        "phone": "+33233500000",
        "notes": "Note secrète",
    }
    member = add_member(cpts, values, by=by, now=LONG_AGO)
    member = update_member(member, {"email": "secret2@example.org"}, revision=1, by=by, now=LONG_AGO)
    twin = add_member(cpts, values | {"rpps": "", "adeli": "501234567"}, by=by, now=LONG_AGO)
    merge_members(member, twin, taken=(), revisions=(member.revision, twin.revision), by=by, now=LONG_AGO)
    period = MembershipFactory(
        member=member,
        **ENDED,
        **DATES,
        ends_on=date(2022, 6, 1),
        end_note="Secret",
        decision_note="Secret",
        typed={"email": "secret3@example.org"},
    )
    PracticePlace.objects.create(member=member, label="Cabinet Secret", is_main=True)
    PracticePlace.objects.create(member=member, label="Secret", archived_at=LONG_AGO)
    Suspension.objects.create(
        membership=period,
        starts_on=date(2021, 1, 1),
        ends_on=date(2021, 2, 1),
        reason="Secret",
        recorded_at=LONG_AGO,
    )
    Removal.objects.create(
        membership=period,
        ground=RemovalGround.SERIOUS,
        facts="Secret",
        explanations="Secret",
        opened_on=date(2021, 1, 1),
        outcome=RemovalOutcome.DROPPED,
        decided_on=date(2021, 2, 1),
        decided_by=Body.BOARD,
        decision_note="Secret",
        recorded_at=LONG_AGO,
    )
    FeeExemption.objects.create(member=member, year=2021, reason="Secret", recorded_at=LONG_AGO)
    structure = StructureFactory(cpts=cpts, number=90001, last_name="Maison", created_at=NOW)
    for person in (
        RepresentativeValues(person=member, email="secret@example.org"),
        RepresentativeValues(name="Alix"),
    ):
        seen = structure.representatives.filter(ends_on=None).first()
        change_representative(
            structure, person, starts_on=date(2021, 1, 1), seen=seen and seen.pk, by=by, now=LONG_AGO
        )
    tell_apart(
        MemberFactory(cpts=cpts, number=90002, last_name="Autre", created_at=NOW), member, by=by, now=LONG_AGO
    )
    member.user = UserFactory(email="compte@example.org")
    member.shown_to_public = ["email"]
    member.save()
    return Member.objects.get(pk=member.pk)


def everything():
    """Return all that the tables of the registry and the journal hold, as text."""
    tables = [
        name for name in connection.introspection.table_names() if name.startswith(("members_", "audit_"))
    ]
    text = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the base's own names
            text += [str(row) for row in cursor.fetchall()]
    return "\n".join(text)


def test_nothing_is_left_of_who_they_were(life, by):
    assert "Secret" in everything()

    anonymise_member(life, by=by, now=NOW)

    left = everything().lower()
    assert [
        word for word in ("secret", "secrét", "10003456780", "501234567", "33233500000") if word in left
    ] == []
    assert list(chain_faults()) == []


def test_what_the_association_did_stays(life, by):
    period = life.memberships.get()

    anonymise_member(life, by=by, now=NOW)

    life.refresh_from_db()
    assert (life.name, life.number, life.anonymised_at) == ("Ancien membre n°\u00a01", 1, NOW)
    assert (life.user, life.shown_to_public, life.sort_name) == (None, [], "ancien membre n 1")
    twin = life.merged.get()
    assert (twin.name, twin.anonymised_at) == (f"Ancien membre n°\u00a0{twin.number}", NOW)
    after = life.memberships.get()
    assert (after.pk, after.starts_on, after.ends_on, after.end_ground) == (
        period.pk,
        date(2020, 1, 1),
        date(2022, 6, 1),
        EndGround.RESIGNATION,
    )
    assert not PracticePlace.objects.exists()
    assert set(Representative.objects.values_list("name", flat=True)) == {"Ancien membre n°\u00a01", "Alix"}
    assert Removal.objects.get().facts == "Effacé"
    assert FeeExemption.objects.get().reason == "Effacé"


def test_the_journal_says_what_was_erased(life, by):
    anonymise_member(life, by=by, now=NOW)

    entry = AuditEntry.objects.get(action="members.member_anonymised")
    assert (entry.target_label, entry.target_id) == ("inscrit au registre n°\u00a01", str(life.pk))
    assert set(entry.changes) == {ERASED_KEY}
    # Theirs, those of the twin and of their merge, those of the structure they represented, that which tells
    # them apart.
    assert entry.changes[ERASED_KEY] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert not AuditDetail.objects.exists()


def test_entries_about_others_are_kept(life, by, cpts):
    other = MemberFactory(cpts=cpts, number=90003)
    record_member("member_added", other, by=by, now=NOW)

    anonymise_member(life, by=by, now=NOW)

    entry = AuditEntry.objects.get(action="members.member_added", target_id=str(other.pk))
    assert told(entry).label == other.name


def test_a_structure_is_forgotten_with_who_represented_it(cpts, by):
    structure = StructureFactory(
        cpts=cpts, created_at=LONG_AGO, siret="73282932000074", email="s@example.org"
    )
    Representative.objects.create(
        structure=structure,
        name="Secret",
        email="r@example.org",
        capacity="Gérante",
        starts_on=date(2020, 1, 1),
    )

    anonymise_member(structure, by=by, now=NOW)

    structure.refresh_from_db()
    assert (structure.siret, structure.email) == ("", "")
    row = Representative.objects.values("name", "email", "capacity").get()
    assert row == {"name": "Effacé", "email": "", "capacity": ""}


def test_a_refusal_still_says_why_without_saying_it(cpts, by):
    member = MemberFactory(cpts=cpts, created_at=LONG_AGO)
    MembershipFactory(
        member=member,
        state=MembershipState.REFUSED,
        **DATES,
        starts_on=None,
        decision_note="Secret",
    )

    anonymise_member(member, by=by, now=NOW)

    assert member.memberships.get().decision_note == "Effacé"


WRITTEN = {
    Member: {
        "last_name", "first_name", "speciality", "rpps", "adeli", "finess", "siret", "address", "postal_code",
        "commune_code", "commune_name", "email", "phone", "notes", "shown_to_members", "shown_to_public",
        "search_text", "sort_name",
    },
    Membership: {"decision_note", "end_note", "typed"},
    Suspension: {"reason"},
    Removal: {"facts", "hearing_place", "explanations", "decision_note"},
    Representative: {"name", "capacity", "email"},
    FeeExemption: {"reason"},
    BankLine: {"fingerprint", "label", "payer", "email", "reference", "reason"},
    FeeCall: {"reason"},
    FeePayment: {"reference", "reason"},
    FeeNotice: set(),
}  # fmt: skip
"""What people write beside an entry: all erased, but a fingerprint, why a line was matched, and money."""


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model.__name__)
def test_what_people_write_is_known_to_who_erases_it(model):
    """A field added to these tables is erased by `anonymise_member`, then named above."""
    free = {
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
    }

    assert free == WRITTEN[model]


def test_what_a_bank_says_of_who_paid_is_forgotten(cpts, by):
    member = former(cpts)
    year = {"cpts": cpts, "year": 2021, "category": "active"}
    scale = FeeScale.objects.create(
        **year,
        amount=20,
        due_on=date(2021, 6, 30),
        decided_on=date(2021, 1, 1),
        decision_reference="AG",
        recorded_at=LONG_AGO,
    )
    call = FeeCall.objects.create(
        cpts=cpts,
        member=member,
        scale=scale,
        year=2021,
        number=1,
        amount=20,
        called_on=date(2021, 1, 2),
        due_on=date(2021, 6, 30),
        recorded_at=LONG_AGO,
    )
    paid = FeePayment.objects.create(
        call=call, amount=20, paid_on=date(2021, 2, 1), means="transfer", recorded_at=LONG_AGO
    )
    file = BankFile.objects.create(cpts=cpts, name="releve.csv", imported_at=LONG_AGO)
    says = {"label": "VIR SECRET", "payer": "Secret", "email": "secret@example.org", "reference": "S"}
    line = {"file": file, "cpts": cpts, "row": 1, "paid_on": date(2021, 2, 1), "amount": 20, **says}
    ours = BankLine.objects.create(
        **line,
        fingerprint="0" * 64,
        proposed=call,
        confidence="sure",
        reason="Montant",
        state="recorded",
        payment=paid,
    )
    BankLine.objects.create(**line, fingerprint="1" * 64, confidence="none", reason="Rien")

    anonymise_member(member, by=by, now=NOW)

    assert BankLine.objects.values(*says).get(pk=ours.pk) == dict.fromkeys(says, "")
    assert BankLine.objects.values(*says).exclude(pk=ours.pk).get() == says
    assert FeeCall.objects.get().amount == FeePayment.objects.get().amount == 20
    call.refresh_from_db()
    assert call.member.name == f"Ancien membre n°\u00a0{member.number}"


# --- Not too early, not twice --------------------------------------------------------------------


def test_who_is_still_kept_is_not_anonymised(cpts, by):
    members = [former(cpts, date(2025, 1, 1)), MembershipFactory(member__cpts=cpts).member]
    before = everything()

    for member in members:
        with pytest.raises(ValidationError, match="n’est pas finie"):
            anonymise_member(member, by=by, now=NOW)
    assert everything() == before


def test_anonymised_twice_is_anonymised_once(cpts, by):
    member = former(cpts)
    anonymise_member(member, by=by, now=NOW)
    before = everything()

    assert anonymise_member(member, by=by, now=RECORDED).anonymised_at == NOW
    assert everything() == before


def test_two_at_once_anonymise_once(shared_base):
    cpts = CptsFactory()
    member = former(cpts)
    by = coordinator_of(cpts)

    answers = at_once([lambda: anonymise_member(member, by=by, now=NOW)] * 3)

    assert [answer.anonymised_at for answer in answers] == [NOW] * 3
    assert AuditEntry.objects.filter(action="members.member_anonymised").count() == 1
    assert list(chain_faults()) == []


# --- On the screen -------------------------------------------------------------------------------


@pytest.fixture
def on_that_day():
    with time_machine.travel(NOW, tick=False):
        yield


def test_nobody_due_says_when_there_will_be(on_that_day, coordinator):
    assert "Aucune fiche à anonymiser" in coordinator.get(PAGE).content.decode()


def test_the_coordinator_ticks_and_confirms(on_that_day, cpts, coordinator):
    first, second = former(cpts), former(cpts)
    assert first.name in coordinator.get(PAGE).content.decode()
    values = {"fiches": [first.pk], "confirmed": "on"}

    answer = coordinator.post(PAGE, values, follow=True)

    page = answer.content.decode()
    assert "1 fiche est anonymisée." in page
    assert (first.name in page, second.name in page) == (False, True)
    first.refresh_from_db()
    assert first.anonymised_at == NOW
    assert coordinator.post(PAGE, values).status_code == 302
    assert AuditEntry.objects.filter(action="members.member_anonymised").count() == 1


@pytest.mark.parametrize(
    "values", [{}, {"confirmed": "on"}, {"fiches": ["{pk}"]}, {"fiches": ["x", "²", "9" * 30]}]
)
def test_what_is_missing_is_asked_for(on_that_day, cpts, coordinator, values):
    member = former(cpts)
    sent = {
        name: [each.format(pk=member.pk) for each in given] if name == "fiches" else given
        for name, given in values.items()
    }

    answer = coordinator.post(PAGE, sent)

    assert answer.status_code == 400
    assert "à corriger" in answer.content.decode()
    assert Member.objects.filter(anonymised_at=None).count() == 1
    if "{pk}" in values.get("fiches", ()):
        assert "checked" in answer.content.decode()


def test_others_are_not_anonymised_by_their_number(on_that_day, cpts, other_cpts, coordinator):
    members = [former(other_cpts), former(cpts, date(2025, 1, 1))]

    for member in members:
        answer = coordinator.post(PAGE, {"fiches": [member.pk], "confirmed": "on"})
        assert answer.status_code == 400
    assert not Member.objects.filter(anonymised_at__isnull=False).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same(on_that_day, cpts, coordinator, count, django_assert_num_queries):
    for _ in range(count):
        former(cpts)
    coordinator.get(PAGE)

    with django_assert_num_queries(6):
        coordinator.get(PAGE)


# --- All the data of somebody --------------------------------------------------------------------


def test_all_that_is_kept_is_given(life):
    sections = {each.title: each.rows for each in personal_data(life)}

    assert list(sections) == [
        "Fiche",
        "Lieux d’exercice",
        "Représentation",
        "Adhésions",
        "Suspensions",
        "Procédures de radiation",
        "Exemptions de cotisation",
        "Historique",
    ]
    mine, twin = sections["Fiche"]
    assert mine["nom ou raison sociale"] == "Secret"
    assert mine["profession"] == "Médecin"
    assert mine["téléphone"] == "02 33 50 00 00"
    assert mine["notes de la coordination"].startswith("Note secrète")
    assert twin["ancien numéro ADELI"] == "501 234 567".replace(" ", "")
    assert [place["nom du lieu"] for place in sections["Lieux d’exercice"]] == ["Cabinet Secret", "Secret"]
    assert sections["Adhésions"][0]["jusqu’au (exclu)"] == "1er juin 2022"
    assert sections["Historique"][1]["changements"] == (
        "adresse électronique\u00a0: secret@example.org → secret2@example.org"
    )


def test_the_file_and_the_page_say_the_same(life, coordinator):
    address = f"/cpts/littoral/membres/{life.pk}/donnees"

    file = coordinator.get(f"{address}.json")
    page = coordinator.get(f"{address}/").content.decode()

    assert file.headers["Content-Disposition"].startswith('attachment; filename="donnees-littoral-n1-')
    given = json.loads(file.content)
    assert given["Fiche"][0]["adresse électronique"] == "secret2@example.org"
    assert all(f">{title}</h2>" in page for title in given)
    assert "Secrétologie" in page


def test_the_data_of_an_entry_that_was_united_are_those_of_the_one_kept(life, coordinator):
    twin = life.merged.get()

    given = json.loads(coordinator.get(f"/cpts/littoral/membres/{twin.pk}/donnees.json").content)

    assert len(given["Fiche"]) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_data_cost_the_same_whatever_there_is(cpts, by, count, django_assert_max_num_queries):
    member = MemberFactory(cpts=cpts)
    for number in range(count):
        PracticePlace.objects.create(member=member, label=f"Lieu {number}")
        MembershipFactory(
            member=member,
            **ENDED | {"starts_on": date(2020 + number, 1, 1)},
            ends_on=date(2020 + number, 6, 1),
        )
        record_member("member_updated", member, by=by, now=NOW)

    with django_assert_max_num_queries(14) as queries:
        personal_data(member)
    assert len(queries) == 14


@pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD, Role.MEMBER])
def test_the_coordination_alone_gives_data_and_anonymises(life, sign_in, role):
    client = sign_in(role)

    for address in (PAGE, f"/cpts/littoral/membres/{life.pk}/donnees/"):
        assert client.get(address).status_code == 403
    assert client.post(PAGE, {"fiches": [life.pk], "confirmed": "on"}).status_code == 403
    assert Member.objects.filter(anonymised_at__isnull=False).count() == 0


def test_the_data_of_another_cpts_are_not_found(other_cpts, coordinator):
    member = MemberFactory(cpts=other_cpts)

    for end in ("/", ".json"):
        assert coordinator.get(f"/cpts/littoral/membres/{member.pk}/donnees{end}").status_code == 404
