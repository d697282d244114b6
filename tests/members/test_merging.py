"""Two entries made one: everything follows, nothing is lost, and never twice."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.domain.journal import record
from core.audit.models import AuditEntry
from members.domain.comparison import differences
from members.domain.merging import FOLLOWERS, MAIN_PLACE, MEMBERSHIPS, REPRESENTATIVE, STAYING, merge_members
from members.enums import EndGround, MembershipState, RemovalGround
from members.models import (
    FeeCall,
    FeeExemption,
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
from tests.factories.people import CptsFactory, UserFactory, assign
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
TODAY = date(2026, 11, 24)
RPPS, OTHER_RPPS = "10003456780", "10003456781"
OPENED = {"state": MembershipState.APPLIED, "decided_on": None, "decided_by": "", "starts_on": None}
ENDED = {"state": MembershipState.ENDED, "end_ground": EndGround.RESIGNATION}


@pytest.fixture
def by(cpts):
    return coordinator_of(cpts)


@pytest.fixture
def unite(by):
    """Return who merges `left` into `kept`, as both are now."""

    def merge(kept, left, *taken, revisions=None, at=NOW):
        for each in (kept, left):
            each.refresh_from_db()
        given = revisions or (kept.revision, left.revision)
        merged = merge_members(kept, left, taken=taken, revisions=given, by=by, now=at)
        for each in (kept, left):
            each.refresh_from_db()
        return merged

    return merge


def place(member, **values):
    given = {"commune_code": "50218", "commune_name": "Granville"} | values
    return PracticePlace.objects.create(member=member, **given)


def entries(verb):
    return AuditEntry.objects.filter(action=f"members.{verb}")


# --- What is kept --------------------------------------------------------------------------------


def test_one_is_kept_with_the_values_chosen_and_the_other_stays_readable(cpts, unite):
    kept = MemberFactory(cpts=cpts, last_name="Essai", email="a@example.org", rpps=RPPS, adeli="501234567")
    left = MemberFactory(cpts=cpts, last_name="Exemple", email="b@example.org", rpps=OTHER_RPPS)
    before = Member.objects.filter(pk=left.pk).values().get()

    assert unite(kept, left, "last_name", "rpps").pk == kept.pk

    assert (kept.last_name, kept.email, kept.rpps, kept.adeli) == (
        "Exemple",
        "a@example.org",
        OTHER_RPPS,
        "501234567",
    )
    assert (kept.sort_name, kept.revision) == ("exemple camille", 2)
    after = Member.objects.filter(pk=left.pk).values().get()
    assert after == before | {"merged_into_id": kept.pk, "revision": 2}
    assert list(Member.objects.listed()) == [kept]


def test_each_has_one_entry_which_tells_what_to_understand(cpts, unite):
    kept = MemberFactory(cpts=cpts, number=90012, last_name="Essai", email="a@example.org")
    left = MemberFactory(cpts=cpts, number=90015, last_name="Exemple", email="b@example.org", rpps=RPPS)
    place(left, label="Cabinet du Port")

    unite(kept, left, "email", "rpps")

    assert AuditEntry.objects.filter(chain=f"cpts-{cpts.pk}").count() == 2
    received, merged = told(entries("duplicate_received").get()), told(entries("member_merged").get())
    assert received.changes == {
        "commune_code": ["", "50218"],
        "commune_name": ["", "Granville"],
        "email": ["a@example.org", "b@example.org"],
        "rpps": ["", RPPS],
        "places_received": [None, ["Cabinet du Port"]],
    }
    assert received.note == "Camille Exemple, n°\u00a090015 au registre."
    assert merged.changes == {"merged_into": [None, kept.pk]}
    assert merged.note == "Camille Essai, n°\u00a090012 au registre."
    assert list(chain_faults()) == []


def test_notes_of_both_are_kept(cpts, unite):
    kept = MemberFactory(cpts=cpts, notes="À rappeler.")
    left = MemberFactory(cpts=cpts, number=915, notes="Préfère le mardi.")

    unite(kept, left)

    received = "Notes de l’inscription n°\u00a0915, réunie à celle-ci\u00a0:\nPréfère le mardi."
    assert kept.notes == f"À rappeler.\n\n{received}"
    assert left.notes == "Préfère le mardi."
    assert "mardi" not in str(told(entries("duplicate_received").get()))


def test_notes_too_long_together_are_refused_not_cut(cpts, unite):
    kept, left = (MemberFactory(cpts=cpts, notes=letter * 2_600) for letter in "ab")

    with pytest.raises(ValidationError, match="trop longues"):
        unite(kept, left)

    assert Member.objects.listed().count() == 2


def test_an_account_follows_and_the_one_chosen_is_kept(cpts, unite):
    ours, theirs = UserFactory(), UserFactory()
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts, user=theirs)
    unite(kept, left, "user")
    assert (kept.user, left.user) == (theirs, theirs)

    third = MemberFactory(cpts=cpts, user=ours)
    unite(kept, third)
    assert (kept.user, third.user) == (theirs, ours)


def test_what_a_directory_shows_is_what_both_agreed_to(cpts, unite):
    kept = MemberFactory(cpts=cpts, shown_to_members=["email", "phone"], shown_to_public=["email"])
    left = MemberFactory(cpts=cpts, shown_to_members=["phone", "profession"])

    unite(kept, left)

    assert (kept.shown_to_members, kept.shown_to_public) == (["phone"], [])


@pytest.mark.parametrize(
    ("profession", "taken", "expected"),
    [
        ("60", (), ("60", "")),
        ("60", ("profession",), ("10", "general")),
        ("10", ("profession",), ("10", "general")),
    ],
)
def test_a_kind_of_medicine_goes_with_its_profession(cpts, unite, profession, taken, expected):
    kept = MemberFactory(cpts=cpts, last_name="Essai", profession=profession)
    left = MemberFactory(cpts=cpts, last_name="Essai", profession="10", doctor_kind="general")
    nurse = {"60": ("Infirmier", "Médecin (médecine générale)", True)}
    assert compared(kept, left) == {
        "profession": nurse.get(profession, ("Médecin", "Médecin (médecine générale)", True))
    }

    unite(kept, left, *taken)

    assert (kept.profession, kept.doctor_kind) == expected


# --- Places, structures, representatives ---------------------------------------------------------


def test_places_of_both_are_united_the_same_one_once(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    main = place(kept, label="Cabinet du Port", is_main=True)
    twin = place(left, label="Cabinet du Port", is_main=True)
    second = place(left, label="Cabinet de la Plage")
    former = place(left, label="Ancien cabinet", archived_at=RECORDED)

    unite(kept, left)

    current = kept.places.filter(archived_at=None).order_by("pk")
    assert [(each.pk, each.is_main) for each in current] == [(main.pk, True), (second.pk, False)]
    former.refresh_from_db()
    twin.refresh_from_db()
    assert former.member == kept
    assert (twin.member, twin.archived_at) == (left, NOW)


@pytest.mark.parametrize("has_twin", [True, False])
def test_the_main_place_of_the_other_may_be_chosen(cpts, unite, has_twin):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    place(kept, label="Cabinet du Port", is_main=True)
    if has_twin:
        place(kept, label="Maison", commune_code="50129", commune_name="Cherbourg")
    place(left, label="Maison", commune_code="50129", commune_name="Cherbourg", is_main=True)

    unite(kept, left, MAIN_PLACE)

    assert kept.places.filter(archived_at=None).count() == 2
    assert kept.places.get(is_main=True, archived_at=None).label == "Maison"
    assert (kept.commune_code, kept.commune_name) == ("50129", "Cherbourg")
    assert "granville" in kept.search_text


def test_the_only_places_known_are_taken_with_the_commune(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    place(left, label="Cabinet du Port", is_main=True)

    unite(kept, left)

    assert kept.places.get().is_main is True
    assert kept.commune_name == "Granville"


def test_people_of_a_structure_practise_in_the_one_kept_once_each(cpts, unite):
    kept = StructureFactory(cpts=cpts, last_name="Maison du Port")
    left = StructureFactory(cpts=cpts, last_name="MSP du Port")
    both, one = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    blank = {"commune_code": "", "commune_name": ""}
    place(both, structure=kept, is_main=True, **blank)
    twin = place(both, structure=left, **blank)
    place(one, structure=left, is_main=True, **blank)

    unite(kept, left)

    assert both.places.get(archived_at=None).structure == kept
    assert one.places.get().structure == kept
    twin.refresh_from_db()
    assert (twin.structure, twin.archived_at) == (kept, NOW)
    one.refresh_from_db()
    assert "maison" in one.search_text
    assert told(entries("duplicate_received").get()).changes["people_received"] == [None, ["2"]]


@pytest.mark.parametrize("takes", [True, False])
def test_one_of_two_representatives_stays(cpts, unite, takes):
    kept, left = StructureFactory(cpts=cpts), StructureFactory(cpts=cpts)
    ours = Representative.objects.create(structure=kept, name="Camille", starts_on=date(2024, 1, 1))
    theirs = Representative.objects.create(structure=left, name="Dominique", starts_on=date(2025, 1, 1))
    former = Representative.objects.create(
        structure=left, name="Alix", starts_on=date(2023, 1, 1), ends_on=date(2025, 1, 1)
    )

    unite(kept, left, *([REPRESENTATIVE] if takes else []))

    assert set(kept.representatives.all()) == {ours, theirs, former}
    assert kept.representatives.get(ends_on=None) == (theirs if takes else ours)
    ended = kept.representatives.exclude(pk=former.pk).get(ends_on__isnull=False)
    assert ended.ends_on == TODAY


def test_who_represented_a_structure_still_does(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    row = Representative.objects.create(
        structure=StructureFactory(cpts=cpts), person=left, name=left.name, starts_on=date(2024, 1, 1)
    )

    unite(kept, left)

    row.refresh_from_db()
    assert row.person == kept


# --- Memberships ---------------------------------------------------------------------------------


def test_periods_that_do_not_meet_follow(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    former = MembershipFactory(member=left, **ENDED, ends_on=date(2024, 6, 1))
    now = MembershipFactory(member=kept, starts_on=date(2025, 1, 1))
    suspension = Suspension.objects.create(
        membership=former,
        starts_on=date(2024, 2, 1),
        ends_on=date(2024, 3, 1),
        reason="Absence",
        recorded_at=RECORDED,
    )

    unite(kept, left)

    assert list(kept.memberships.order_by("starts_on")) == [former, now]
    assert (kept.last_membership, left.last_membership) == (now, None)
    assert Suspension.objects.get() == suspension
    received = told(entries("duplicate_received").get()).changes["memberships_received"]
    assert received == [None, ["Adhésion du 15 janvier 2024"]]


def test_the_only_membership_follows_the_one_kept(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    period = MembershipFactory(member=left)

    unite(kept, left)

    assert kept.last_membership == period
    assert Membership.objects.in_force(TODAY).get().member == kept


@pytest.mark.parametrize("takes", [True, False])
def test_of_two_memberships_at_once_one_is_set_aside_as_that_of_a_duplicate(cpts, unite, takes):
    kept, left = MemberFactory(cpts=cpts, number=90012), MemberFactory(cpts=cpts)
    ours = MembershipFactory(member=kept, starts_on=date(2024, 5, 1))
    theirs = MembershipFactory(member=left)
    Suspension.objects.create(
        membership=ours, starts_on=date(2025, 1, 1), reason="Absence", recorded_at=RECORDED
    )

    unite(kept, left, *([MEMBERSHIPS] if takes else []))

    stays, aside = (theirs, ours) if takes else (ours, theirs)
    for each in (stays, aside):
        each.refresh_from_db()
    assert (stays.member, stays.state, kept.last_membership) == (kept, MembershipState.ADMITTED, stays)
    assert (aside.member, aside.state, aside.end_ground) == (left, MembershipState.ENDED, EndGround.DUPLICATE)
    assert aside.ends_on == aside.starts_on
    assert aside.end_note == "Doublon réuni à l’inscription n°\u00a090012."
    assert Suspension.objects.filter(ends_on=None).exists() is not takes
    assert list(Membership.objects.in_force(TODAY)) == [stays]
    assert "memberships_set_aside" in told(entries("duplicate_received").get()).changes


def test_an_application_beside_a_membership_is_withdrawn(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    period = MembershipFactory(member=kept)
    application = MembershipFactory(member=left, **OPENED)

    unite(kept, left)

    application.refresh_from_db()
    assert (application.member, application.state) == (left, MembershipState.WITHDRAWN)
    assert kept.last_membership == period


def test_of_two_former_memberships_that_meet_one_stays_behind(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    ours = MembershipFactory(member=kept, **ENDED, ends_on=date(2025, 1, 1))
    theirs = MembershipFactory(member=left, **ENDED, ends_on=date(2024, 6, 1))

    unite(kept, left, MEMBERSHIPS)

    assert (list(kept.memberships.all()), list(left.memberships.all())) == ([theirs], [ours])
    ours.refresh_from_db()
    assert ours.ends_on == date(2025, 1, 1)
    assert kept.last_membership == theirs


def test_a_procedure_that_is_open_comes_to_its_end_first(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    MembershipFactory(member=kept)
    removal = Removal.objects.create(
        membership=MembershipFactory(member=left),
        ground=RemovalGround.SERIOUS,
        facts="Faits",
        opened_on=TODAY,
        recorded_at=RECORDED,
    )

    with pytest.raises(ValidationError, match="procédure de radiation"):
        unite(kept, left)
    assert Member.objects.listed().count() == 2

    Membership.objects.filter(member=kept).update(
        **ENDED, starts_on=date(2020, 1, 1), ends_on=date(2021, 1, 1)
    )
    unite(kept, left)
    removal.refresh_from_db()
    assert removal.membership.member == kept


def test_exemptions_follow_once_a_year(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    rows = [(kept, 2025), (left, 2025), (left, 2026)]
    for member, year in rows:
        FeeExemption.objects.create(member=member, year=year, reason="Retraite", recorded_at=RECORDED)

    unite(kept, left)

    assert sorted(kept.fee_exemptions.values_list("year", flat=True)) == [2025, 2026]
    assert list(left.fee_exemptions.values_list("year", flat=True)) == [2025]


def test_every_table_that_points_to_an_entry_follows_it_or_says_why_not():
    pointing = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and field.related_model is Member
    }

    assert pointing == FOLLOWERS.keys() | STAYING.keys()
    assert not FOLLOWERS.keys() & STAYING.keys()


# --- Never twice, never what cannot be -----------------------------------------------------------


def test_the_same_merge_again_changes_nothing(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    unite(kept, left, revisions=(1, 1))
    before = list(AuditEntry.objects.values_list("pk")), kept.revision

    assert unite(kept, left, revisions=(1, 1)) == kept

    assert (list(AuditEntry.objects.values_list("pk")), kept.revision) == before


def test_a_chain_of_merges_leads_to_the_last_one_kept(cpts, unite):
    first, second, third = (MemberFactory(cpts=cpts) for _ in range(3))
    period = MembershipFactory(member=first)

    unite(second, first)
    unite(third, second)

    first.refresh_from_db()
    assert (first.merged_into, second.merged_into, third.merged_into) == (third, third, None)
    assert third.last_membership == period
    assert set(third.merged.all()) == {first, second}


def test_what_changed_meanwhile_is_looked_at_again(cpts, unite):
    kept, left = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)

    for revisions in [(2, 1), (1, 2)]:
        with pytest.raises(StaleError):
            unite(kept, left, revisions=revisions)
    assert Member.objects.listed().count() == 2
    assert not AuditEntry.objects.exists()


def test_an_entry_already_merged_is_not_merged_elsewhere(cpts, unite):
    kept, left, other = (MemberFactory(cpts=cpts) for _ in range(3))
    unite(kept, left)

    for pair in [(other, left), (left, other), (left, kept)]:
        with pytest.raises(StaleError):
            unite(*pair)
    assert left.merged_into == kept


def test_what_cannot_be_one_is_refused(cpts, other_cpts, unite):
    person = MemberFactory(cpts=cpts)
    others = [
        person,
        MemberFactory(cpts=other_cpts),
        StructureFactory(cpts=cpts),
        MemberFactory(cpts=cpts, anonymised_at=RECORDED),
    ]

    for other in others:
        with pytest.raises(ValidationError):
            unite(person, other)
    assert not AuditEntry.objects.exists()
    assert not Member.objects.filter(merged_into__isnull=False).exists()


def outcome(call):
    try:
        return call().pk
    except StaleError:
        return "stale"


def test_two_people_at_once_merge_once(shared_base):
    cpts = CptsFactory()
    first, second = MemberFactory(cpts=cpts), MemberFactory(cpts=cpts)
    MembershipFactory(member=second)
    by = coordinator_of(cpts)

    def merge(kept, left):
        return merge_members(kept, left, taken=(), revisions=(1, 1), by=by, now=NOW)

    answers = at_once(
        [
            lambda: outcome(lambda: merge(first, second)),
            lambda: outcome(lambda: merge(second, first)),
            lambda: outcome(lambda: merge(first, second)),
        ]
    )

    kept = Member.objects.listed().get()
    assert set(answers) == {kept.pk, "stale"}
    assert kept.memberships.count() == 1
    assert entries("member_merged").count() == entries("duplicate_received").count() == 1
    assert list(chain_faults()) == []


# --- Side by side --------------------------------------------------------------------------------


def compared(kept, left):
    return {each.name: (each.kept, each.left, each.prefers_left) for each in differences(kept, left)}


def test_the_filled_value_then_the_latest_is_proposed(cpts, by):
    kept = MemberFactory(cpts=cpts, last_name="Essai", email="a@example.org", phone="+33233500000")
    left = MemberFactory(cpts=cpts, last_name="Exemple", email="b@example.org", rpps=RPPS)

    assert compared(kept, left) == {
        "last_name": ("Essai", "Exemple", False),
        "rpps": ("vide", RPPS, True),
        "email": ("a@example.org", "b@example.org", False),
        "phone": ("02 33 50 00 00", "vide", False),
    }

    record("tests.written", left, by=by, now=NOW, cpts_id=cpts.pk)
    assert compared(kept, left) == {
        "last_name": ("Essai", "Exemple", True),
        "rpps": ("vide", RPPS, True),
        "email": ("a@example.org", "b@example.org", True),
        "phone": ("02 33 50 00 00", "vide", False),
    }


def test_two_entries_that_say_the_same_leave_nothing_to_choose(cpts):
    kept, left = (MemberFactory(cpts=cpts, last_name="Essai") for _ in range(2))

    assert compared(kept, left) == {}


def test_what_only_one_can_be_is_to_choose(cpts):
    kept, left = MemberFactory(cpts=cpts, number=90012), MemberFactory(cpts=cpts, number=90015, last_name="X")
    place(kept, label="Port", is_main=True)
    place(left, label="Plage", is_main=True, structure=StructureFactory(cpts=cpts, last_name="Maison"))
    MembershipFactory(member=kept, starts_on=date(2024, 5, 1))
    MembershipFactory(member=left)
    found = compared(kept, left)

    assert found[MAIN_PLACE] == ("Port, Granville", "Maison, Plage, Granville", False)
    assert found[MEMBERSHIPS] == (
        "Adhésion du 1er mai 2024 (admise), n°\u00a090012",
        "Adhésion du 15 janvier 2024 (admise), n°\u00a090015",
        True,
    )


def test_structures_are_compared_on_what_they_have(cpts):
    commune = {"commune_code": "50218", "commune_name": "Granville"}
    kept = StructureFactory(cpts=cpts, last_name="Maison", siret="73282932000074")
    left = StructureFactory(cpts=cpts, last_name="Maison", **commune, in_governance=True)
    for structure, name, day in ((kept, "Camille", date(2024, 1, 1)), (left, "Alix", date(2025, 1, 1))):
        Representative.objects.create(structure=structure, name=name, starts_on=day)

    assert compared(kept, left) == {
        "siret": ("732 829 320 00074", "vide", False),
        "commune_name": ("vide", "Granville (50218)", True),
        "in_governance": ("non", "oui", True),
        REPRESENTATIVE: ("Camille", "Alix", True),
    }


# --- On the screen -------------------------------------------------------------------------------


def page_of(kept, left):
    return f"/cpts/littoral/membres/doublons/{kept.pk}/{left.pk}/"


@pytest.fixture
def pair(cpts):
    kept = MemberFactory(cpts=cpts, last_name="Essai", email="a@example.org")
    return kept, MemberFactory(cpts=cpts, last_name="Exemple", rpps=RPPS)


def sent(kept, left, **values):
    chosen = {"last_name": "prendre", "rpps": "prendre", "email": "garder"}
    return {"kept_revision": kept.revision, "left_revision": left.revision} | chosen | values


def test_a_coordinator_chooses_and_unites(pair, coordinator):
    kept, left = pair
    assert coordinator.get(page_of(kept, left)).status_code == 200

    answer = coordinator.post(page_of(kept, left), sent(kept, left))

    assert (answer.status_code, answer.headers["Location"]) == (302, kept.get_absolute_url())
    kept.refresh_from_db()
    assert (kept.last_name, kept.rpps, kept.email) == ("Exemple", RPPS, "a@example.org")
    again = coordinator.post(page_of(kept, left), sent(kept, left))
    assert (again.status_code, again.headers["Location"]) == (302, kept.get_absolute_url())
    assert entries("member_merged").count() == 1


def test_a_choice_left_out_is_asked_for(pair, coordinator):
    kept, left = pair
    values = sent(kept, left)
    del values["rpps"]

    answer = coordinator.post(page_of(kept, left), values)

    assert answer.status_code == 400
    assert "Choisissez ce qui est gardé." in answer.content.decode()
    assert Member.objects.listed().count() == 2


def test_what_changed_meanwhile_is_shown_with_the_choices_made(pair, coordinator):
    kept, left = pair
    Member.objects.filter(pk=kept.pk).update(email="c@example.org", revision=2)

    answer = coordinator.post(page_of(kept, left), sent(kept, left))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "c@example.org" in page
    assert 'name="kept_revision" value="2"' in page
    assert Member.objects.listed().count() == 2


def test_pairs_that_are_none_are_not_found(cpts, other_cpts, pair, coordinator):
    kept, left = pair
    theirs = MemberFactory(cpts=other_cpts)
    gone = MemberFactory(cpts=cpts, anonymised_at=RECORDED)
    merged = MemberFactory(cpts=cpts, merged_into=left)

    for other in (theirs, gone, merged, kept):
        for address in (page_of(kept, other), page_of(other, kept)):
            assert coordinator.get(address).status_code == 404
            assert coordinator.post(address, sent(kept, left)).status_code == 404
    assert not AuditEntry.objects.exists()


def test_what_cannot_be_one_says_why(cpts, coordinator):
    person, structure = MemberFactory(cpts=cpts), StructureFactory(cpts=cpts)

    assert "ne se réunissent pas" in coordinator.get(page_of(person, structure)).content.decode()
    assert coordinator.post(page_of(person, structure), {}).status_code == 400


@pytest.mark.parametrize("role", [Role.TREASURER, Role.BOARD, Role.MEMBER])
def test_the_coordination_alone_unites(cpts, pair, sign_in, role):
    kept, left = pair

    assert sign_in(role).post(page_of(kept, left), sent(kept, left)).status_code == 403
    assert Member.objects.listed().count() == 2


def test_the_address_of_the_one_left_leads_to_the_one_kept(pair, coordinator, unite):
    kept, left = pair
    unite(kept, left)

    assert coordinator.get(left.get_absolute_url()).headers["Location"] == kept.get_absolute_url()


def test_a_fee_asked_of_both_is_said(cpts, pair, coordinator):
    scale = FeeScale.objects.create(
        cpts=cpts,
        year=2026,
        category="active",
        amount=20,
        due_on=date(2026, 6, 30),
        decided_on=date(2026, 1, 1),
        decision_reference="AG",
        recorded_at=RECORDED,
    )
    day = {"called_on": date(2026, 1, 2), "due_on": date(2026, 6, 30), "recorded_at": RECORDED}
    for number, member in enumerate(pair, 1):
        assert "appelée deux fois" not in coordinator.get(page_of(*pair)).content.decode()
        FeeCall.objects.create(
            cpts=cpts, member=member, scale=scale, year=2026, number=number, amount=20, **day
        )

    assert "Les deux fiches ont un appel pour 2026." in coordinator.get(page_of(*pair)).content.decode()


def test_the_page_costs_the_same_whatever_follows(cpts, pair, coordinator, django_assert_max_num_queries):
    kept, left = pair
    assign(Role.COORDINATOR, cpts)
    for member in pair:
        for number in range(3):
            place(member, label=f"Lieu {number}", is_main=number == 0)
        for year in (2021, 2022, 2023):
            MembershipFactory(member=member, **ENDED, starts_on=date(year, 1, 1), ends_on=date(year, 6, 1))

    with django_assert_max_num_queries(15):
        coordinator.get(page_of(kept, left))
