"""The life of a file of members: read by a worker, decided, written once, all or nothing, erased."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.details import told_by
from core.audit.models import AuditEntry
from core.jobs.domain.running import claim_job, run_job
from core.jobs.enums import JobState
from core.jobs.errors import AttemptLostError
from core.jobs.models import Job
from core.organisations.models import Cpts
from core.spreadsheets.errors import SpreadsheetError
from core.spreadsheets.ods import write_ods
from core.spreadsheets.writing import write_csv, write_xlsx
from members.domain import import_files
from members.domain.columns import COLUMNS, for_columns
from members.domain.import_columns import recognised
from members.domain.import_files import (
    Choice,
    agree,
    decide_rows,
    drop_file,
    purge_files,
    read_as,
    receive_file,
)
from members.domain.import_plan import ImportPlan, ImportPlanner, Reading
from members.domain.members import PlaceValues, add_member, update_member
from members.domain.memberships import record_membership
from members.domain.periods import PeriodValues
from members.enums import MemberKind, MembershipSource, Participation, Profession, RowChoice, RowVerdict
from members.exports.members import member_list
from members.models import ImportFile, ImportRow, Member, Membership, PracticePlace
from tests.factories.imports import NOW, csv_of, plan_of, read_again, received_file, sheet_of, xlsx_of
from tests.factories.members import MemberFactory, MembershipFactory, StructureFactory, VotingCollegeFactory
from tests.factories.people import CptsFactory, assign

pytestmark = pytest.mark.django_db
NAMES = ("Nom", "Prénom")
_TABLES = (Member, Membership, PracticePlace, AuditEntry)


@pytest.fixture
def by(cpts: Cpts) -> Actor:
    return assign(Role.COORDINATOR, cpts).to_held_role().actor


def written(file: ImportFile, by: Actor) -> Job:
    """Agree to a file, have it written, and return the job as it ended."""
    job = agree(file, file.fingerprint, by=by, now=NOW)
    run_job(job.pk)
    job.refresh_from_db()
    file.refresh_from_db()
    return job


def amounts() -> list[int]:
    return [model.objects.count() for model in _TABLES]


# --- Reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "Nom;Prénom\r\nÉpreuve;Zoé\r\n".encode(),
        "Nom;Prénom\r\nÉpreuve;Zoé\r\n".encode("utf-8-sig"),
        "Nom;Prénom\r\nÉpreuve;Zoé\r\n".encode("cp1252"),
        "Nom,Prénom\nÉpreuve,Zoé\n".encode("utf-16"),
        "Nom\tPrénom\nÉpreuve\tZoé\n".encode("cp1252"),
        csv_of(NAMES, ("Épreuve", "Zoé")),
        xlsx_of(NAMES, ("Épreuve", "Zoé")),
    ],
    ids=["utf-8", "bom", "cp1252", "utf-16-comma", "tab", "ours", "xlsx"],
)
def test_files_are_read_whatever_their_encoding_and_separator(content: bytes) -> None:
    sheet = read_again(content)

    assert sheet.headers == NAMES
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ("Épreuve", "Zoé"))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "n’est pas un tableau"),
        (b"PK\x03\x04zip", "abîmé"),
        (b"Nom;Pr\xc3\xa9nom\n", "aucune ligne de membre"),
        (b"x" * (8 * 1024 * 1024 + 1), "dépasse"),
        (b";".join(b"c" for _ in range(3000)) + b"\n1\n", "plus de 100 colonnes"),
        (b"Nom\n" + b"x\n" * 20_001, "lignes"),
    ],
    ids=["pdf", "zip", "header-only", "heavy", "wide", "long"],
)
def test_what_is_no_file_of_members_is_refused_in_french(content: bytes, said: str) -> None:
    with pytest.raises(SpreadsheetError, match=said):
        read_again(content)


def test_an_apostrophe_set_by_an_export_is_taken_off() -> None:
    assert read_again(csv_of(NAMES, ("=1+1", "'Zoé"))).rows[0].cells == ("=1+1", "'Zoé")


def test_a_file_received_is_read_by_a_worker_and_changes_nothing_else(cpts: Cpts, by: Actor) -> None:
    before = amounts()

    file = received_file(cpts, NAMES, ("Essai", "Zoé"), ("Essai", ""), by=by)

    assert amounts() == before
    assert file.counts == {"new": 1, "refused": 1}
    assert [(row.number, row.verdict) for row in file.rows.all()] == [(2, "new"), (3, "refused")]
    assert file.job is not None
    assert (file.job.state, file.job.kind) == (JobState.DONE, "members.import_read")


def test_columns_that_are_not_recognised_wait_for_somebody(cpts: Cpts, by: Actor) -> None:
    file = received_file(cpts, ("A", "B"), ("Essai", "Zoé"), by=by)
    assert (file.job, file.planned_at) == (None, None)

    file = read_as(file, Reading(("last_name", "first_name")), by=by, now=NOW)
    run_job(file.job_id)
    file.refresh_from_db()

    assert file.counts == {"new": 1}


def test_columns_that_cannot_be_are_refused(cpts: Cpts, by: Actor) -> None:
    file = received_file(cpts, ("A", "B"), ("Essai", "Zoé"), by=by)

    for mapping in (("", ""), ("last_name", "last_name"), ("last_name",)):
        with pytest.raises(ValidationError):
            read_as(file, Reading(mapping), by=by, now=NOW)


# --- Writing ---------------------------------------------------------------------------------------


def test_what_was_shown_is_written_with_one_entry_for_each(cpts: Cpts, by: Actor, granville: object) -> None:
    changed = MemberFactory(cpts=cpts, number=1, last_name="Connu", first_name="Alex")
    MemberFactory(cpts=cpts, number=2, last_name="Pareil", first_name="Lou")
    headers = ("Numéro", *NAMES, "Profession", "Type de structure", "Commune", "Structure", "Membre depuis")
    file = received_file(
        cpts,
        headers,
        ("", "Essai", "Zoé", "IDE", "", "Granville", "Pharmacie de l’Écluse", "15/01/2024"),
        ("", "Pharmacie de l’Écluse", "", "", "Pharmacie", "Granville", "", ""),
        ("1", "Connu", "Alex", "kiné", "", "", "", ""),
        ("2", "Pareil", "Lou", "", "", "", "", ""),
        by=by,
    )
    before = AuditEntry.objects.count()

    job = written(file, by)

    assert (job.state, job.error) == (JobState.DONE, "")
    zoe, pharmacy = Member.objects.get(first_name="Zoé"), Member.objects.get(kind=MemberKind.LEGAL)
    changed.refresh_from_db()
    assert (zoe.number, pharmacy.number) == (3, 4)
    assert (zoe.commune_name, zoe.search_text.split()[-1]) == ("Granville", "ecluse")
    assert zoe.places.get().structure == pharmacy
    assert (zoe.last_membership.starts_on, zoe.last_membership.source) == (date(2024, 1, 15), "import")
    assert (changed.profession, changed.revision) == ("70", 2)
    assert (file.counts, file.content, file.rows.count()) == (
        {"new": 2, "changed": 1, "unchanged": 1},
        b"",
        0,
    )
    entries = list(AuditEntry.objects.order_by("position").filter(chain=f"cpts-{cpts.pk}")[before:])
    told = {each.label: each for each in told_by(entries)}
    assert sorted(told) == ["Alex Connu", "Pharmacie de l’Écluse", "Zoé Essai"]
    assert told["Alex Connu"].changes == {"profession": ["60", "70"]}
    assert told["Zoé Essai"].note == "Import du fichier «\u00a0membres.xlsx\u00a0»."
    assert told["Zoé Essai"].changes["starts_on"] == [None, "15 janvier 2024"]


def test_a_file_agreed_to_twice_is_written_once(cpts: Cpts, by: Actor) -> None:
    file = received_file(cpts, by=by)

    first = agree(file, file.fingerprint, by=by, now=NOW)
    second = agree(file, file.fingerprint, by=by, now=NOW)
    run_job(first.pk)
    after = amounts()
    run_job(first.pk)
    file.refresh_from_db()
    third = agree(file, file.fingerprint, by=by, now=NOW)

    assert first == second == third
    assert amounts() == after
    assert Member.objects.count() == 1


def test_a_registry_that_changed_is_shown_again_and_nothing_is_written(cpts: Cpts, by: Actor) -> None:
    entry = MemberFactory(cpts=cpts, number=1, profession="60")
    file = received_file(cpts, ("Numéro", "Profession"), ("1", "kiné"), by=by)
    job = agree(file, file.fingerprint, by=by, now=NOW)
    update_member(entry, {"profession": "50"}, revision=1, by=by, now=NOW)
    before = amounts()

    run_job(job.pk)
    file.refresh_from_db()
    entry.refresh_from_db()

    assert amounts() == before
    assert (file.is_stale, file.written_at, entry.profession) == (True, None, "50")
    assert file.rows.get().differences == [["Profession", "Sage-femme", "Masseur-kinésithérapeute"]]
    assert written(file, by).state == JobState.DONE
    assert file.written_at is not None


def test_a_row_to_correct_keeps_the_whole_file_out(cpts: Cpts, by: Actor) -> None:
    file = received_file(cpts, NAMES, ("Essai", "Zoé"), ("Essai", ""), by=by)

    with pytest.raises(ValidationError, match="à corriger"):
        agree(file, file.fingerprint, by=by, now=NOW)
    with pytest.raises(StaleError):
        agree(file, "0" * 64, by=by, now=NOW)
    assert Member.objects.count() == 0


def test_a_worker_that_dies_in_the_middle_leaves_nothing(
    cpts: Cpts, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = received_file(cpts, (*NAMES, "Membre depuis"), ("Essai", "Zoé", "15/01/2024"), by=by)
    job = agree(file, file.fingerprint, by=by, now=NOW)
    before = amounts()

    def die(*args: Any, **options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("members.domain.import_writing.record_members", die)
    run_job(job.pk)
    file.refresh_from_db()

    assert amounts() == before
    assert file.written_at is None


def test_an_attempt_believed_dead_writes_nothing(cpts: Cpts, by: Actor) -> None:
    file = received_file(cpts, by=by)
    job = agree(file, file.fingerprint, by=by, now=NOW)
    claimed = claim_job(job.pk, now=NOW)
    assert claimed is not None
    Job.objects.filter(pk=job.pk).update(attempt=2)
    before = amounts()

    with pytest.raises(AttemptLostError):
        import_files.write_file(claimed, lambda *_: None)
    assert amounts() == before


def test_numbers_of_rpps_can_change_hands_in_one_file(cpts: Cpts, by: Actor) -> None:
    MemberFactory(cpts=cpts, number=1, rpps="10003456780")
    MemberFactory(cpts=cpts, number=2, rpps="10000000009")
    file = received_file(cpts, ("Numéro", "RPPS"), ("1", "10000000009"), ("2", "10003456780"), by=by)

    assert written(file, by).error == ""
    assert list(Member.objects.order_by("number").values_list("rpps", flat=True)) == [
        "10000000009",
        "10003456780",
    ]


def test_a_place_left_stays_readable_and_a_renamed_structure_is_found(cpts: Cpts, by: Actor) -> None:
    structure = StructureFactory(cpts=cpts, number=1, last_name="Ancien nom")
    member = add_member(
        cpts,
        {"kind": "natural", "last_name": "Essai", "first_name": "Zoé"},
        places=[PlaceValues(structure=structure, address="1 rue d’essai")],
        by=by,
        now=NOW,
    )
    file = received_file(
        cpts, ("Numéro", "Nom", "Adresse"), ("1", "Nouveau nom", ""), ("2", "Essai", "2 rue d’essai"), by=by
    )
    assert written(file, by).error == ""

    member.refresh_from_db()
    assert [(place.address, place.archived_at is None) for place in member.places.order_by("pk")] == [
        ("1 rue d’essai", False),
        ("2 rue d’essai", True),
    ]
    assert "nouveau nom" in member.search_text


def test_another_college_begins_a_period_and_tells_it(cpts: Cpts, by: Actor) -> None:
    VotingCollegeFactory(cpts=cpts, name="Libéraux")
    former = MembershipFactory(member__cpts=cpts, member__number=1)
    file = received_file(cpts, ("Numéro", "Collège"), ("1", "Libéraux"), by=by)

    assert written(file, by).error == ""

    former.refresh_from_db()
    assert former.end_ground == "change"
    assert former.member.memberships.get(ends_on=None).college.name == "Libéraux"


# --- Possible duplicates ---------------------------------------------------------------------------


@pytest.fixture
def doubtful(cpts: Cpts, by: Actor) -> ImportFile:
    MemberFactory(cpts=cpts, number=1, last_name="Essai", first_name="Zoé", commune_code="50218")
    MemberFactory(cpts=cpts, number=2, last_name="Essai", first_name="Lou", commune_code="50218")
    rows = (("Essai", "Zoé", "kiné"), ("Essai", "Lou", "kiné"))
    return received_file(cpts, (*NAMES, "Profession"), *rows, by=by)


def test_duplicates_wait_for_a_choice_then_are_written_so(doubtful: ImportFile, by: Actor) -> None:
    zoe = Member.objects.get(number=1)
    with pytest.raises(ValidationError, match="à décider"):
        agree(doubtful, doubtful.fingerprint, by=by, now=NOW)

    assert decide_rows(doubtful, {2: Choice(RowChoice.SAME, zoe.pk)}) == 1
    assert decide_rows(doubtful, {3: Choice(RowChoice.NEW)}) == 0
    assert written(doubtful, by).error == ""

    zoe.refresh_from_db()
    assert (zoe.profession, Member.objects.count()) == ("70", 3)
    assert doubtful.counts == {"changed": 1, "new": 1}


def test_choices_that_cannot_be_are_refused(doubtful: ImportFile, cpts: Cpts) -> None:
    zoe = Member.objects.get(number=1)
    for choices in (
        {99: Choice(RowChoice.NEW)},
        {2: Choice(RowChoice.SAME, 0)},
        {3: Choice(RowChoice.SAME, zoe.pk)},
        {2: Choice(RowChoice.NEW, zoe.pk)},
    ):
        with pytest.raises(ValidationError):
            decide_rows(doubtful, choices)
    assert set(doubtful.rows.values_list("choice", flat=True)) == {""}


def test_choices_survive_another_reading_of_the_columns(doubtful: ImportFile, by: Actor) -> None:
    decide_rows(doubtful, {2: Choice(RowChoice.SKIP)})

    file = read_as(doubtful, Reading(("last_name", "first_name", "")), by=by, now=NOW)
    run_job(file.job_id)

    assert [row.choice for row in file.rows.all()] == [RowChoice.SKIP, ""]


# --- Erasing ---------------------------------------------------------------------------------------


def test_a_file_is_erased_after_a_week_or_when_somebody_says_so(cpts: Cpts, by: Actor) -> None:
    received_file(cpts, by=by)
    dropped = received_file(cpts, by=by)
    drop_file(dropped)
    drop_file(dropped)

    assert ImportFile.objects.count() == 1
    assert purge_files(now=NOW + timedelta(days=6)) == 0
    assert purge_files(now=NOW + timedelta(days=7)) == 1
    assert purge_files(now=NOW + timedelta(days=7)) == 0
    assert ImportRow.objects.count() == 0


def test_a_file_dropped_before_its_reading_is_told(cpts: Cpts, by: Actor) -> None:
    file = receive_file(cpts, sheet_of(NAMES, ("Essai", "Zoé")), name="m.csv", by=by, now=NOW)
    job = file.job
    assert job is not None
    drop_file(file)

    run_job(job.pk)
    job.refresh_from_db()

    assert (job.state, job.error.startswith("Ce fichier n’est plus conservé")) == (JobState.FAILED, True)


# --- What is exported and imported again changes nothing ---------------------------------------------


def exported(cpts: Cpts, writer: str) -> bytes:
    members = for_columns(Member.objects.filter(cpts=cpts).order_by("number"), NOW.date())
    sheet = member_list(members, list(COLUMNS))
    return {
        "xlsx": lambda: write_xlsx([sheet]),
        "ods": lambda: write_ods([sheet]),
        "csv": lambda: write_csv(sheet),
    }[writer]()


def plan_again(cpts: Cpts, content: bytes) -> ImportPlan:
    sheet = read_again(content)
    return ImportPlanner(cpts, sheet.rows, Reading(tuple(recognised(sheet.headers))), now=NOW).plan()


WORDS = st.text(st.characters(codec="latin-1", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


@st.composite
def people(draw: Any) -> dict[str, Any]:
    return {
        "kind": MemberKind.NATURAL,
        "last_name": f"É{draw(TEXTS)}",
        "first_name": draw(TEXTS),
        "profession": draw(st.sampled_from(["", *Profession.values])),
        "speciality": draw(st.just("") | TEXTS),
        "exercise_mode": draw(st.sampled_from(["", "liberal", "salaried", "mixed", "substitute"])),
        "participation": draw(st.sampled_from(Participation.values)),
        "in_governance": draw(st.booleans()),
        "email": draw(st.sampled_from(["", "zoe@example.org", "Zoe.Essai@example.org"])),
        "phone": draw(st.sampled_from(["", "+33612345678", "+442083661177", "+262262123456"])),
    }


@pytest.mark.parametrize("writer", ["xlsx", "ods", "csv"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    everybody=st.lists(people(), min_size=1, max_size=4), place=st.just("") | TEXTS, at=st.just("") | TEXTS
)
def test_what_is_exported_and_imported_again_changes_nothing(
    granville: object, writer: str, everybody: list[dict[str, Any]], place: str, at: str
) -> None:
    cpts = CptsFactory(slug=f"essai-{uuid4().hex[:12]}")
    by = assign(Role.COORDINATOR, cpts).to_held_role().actor
    college = VotingCollegeFactory(cpts=cpts, name="Libéraux")
    structure = StructureFactory(
        cpts=cpts, number=1, commune_code="50218", commune_name="Granville", siret="73282932000074"
    )
    places = [PlaceValues(structure=structure), PlaceValues(label=place, address=at, commune_code="50025")]
    for rank, values in enumerate(everybody):
        member = add_member(cpts, values, places=places[rank % 2 :][: rank % 3], by=by, now=NOW)
        if rank % 2:
            period = PeriodValues(date(2024, 1, 15), category="benefactor", college=college)
            record_membership(member, period, source=MembershipSource.COORDINATION, by=by, now=NOW)
    count = Member.objects.filter(cpts=cpts).count()

    plan = plan_again(cpts, exported(cpts, writer))

    assert [(row.verdict, row.differences, row.reasons) for row in plan.rows] == [
        (RowVerdict.UNCHANGED, (), ())
    ] * count


def test_a_file_written_then_sent_again_changes_nothing(cpts: Cpts, by: Actor, granville: object) -> None:
    headers = (*NAMES, "Profession", "Commune", "Structure", "Adresse", "Membre depuis")
    rows = [
        (f"Essai{rank}", "Zoé", "IPA", "Granville", "Cabinet du Port", f"{rank} rue d’essai", "15/01/2024")
        for rank in range(3)
    ]
    file = received_file(cpts, headers, *rows, by=by)
    assert written(file, by).error == ""

    assert plan_of(cpts, headers, *rows).counts == {"unchanged": 3}
