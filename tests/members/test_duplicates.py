"""Entries that look alike: found by number, address, or name and commune; told apart for good."""

import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.audit.models import AuditEntry
from members.domain.duplicates import SHARED, likenesses, tell_apart
from members.domain.names import fold_names
from members.models import DistinctPair, Member
from tests.factories.contracts import coordinator_of
from tests.factories.journal import told
from tests.factories.members import RECORDED, MemberFactory, StructureFactory
from tests.factories.people import CptsFactory
from tests.factories.threads import at_once

pytestmark = pytest.mark.django_db
PAGE = "/cpts/littoral/membres/doublons/"
GRANVILLE = {"commune_code": "50218", "commune_name": "Granville"}


@pytest.fixture
def by(cpts):
    return coordinator_of(cpts)


def camille(cpts, **values):
    return MemberFactory(cpts=cpts, **{"last_name": "Essai", "first_name": "Camille"} | values)


def found(cpts):
    return [(each.first, each.second, each.reasons) for each in likenesses(cpts)]


# --- Found ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "reasons"),
    [
        (GRANVILLE, GRANVILLE, ("même nom", "même commune")),
        (GRANVILLE, {}, ("même nom", "une commune n’est pas connue")),
        ({}, {}, ("même nom", "une commune n’est pas connue")),
        (GRANVILLE, GRANVILLE | {"last_name": "ESSAÏ"}, ("même nom", "même commune")),
        (
            {"email": "a@example.org"},
            {"email": "A@Example.org", "last_name": "Autre"},
            ("même adresse électronique",),
        ),
        ({"adeli": "501234567"}, {"adeli": "501234567", "last_name": "Autre"}, ("même numéro ADELI",)),
        (
            GRANVILLE | {"email": "a@example.org"},
            GRANVILLE | {"email": "a@example.org"},
            ("même nom", "même commune", "même adresse électronique"),
        ),
    ],
)
def test_two_people_look_alike(cpts, ours, theirs, reasons):
    first, second = camille(cpts, **ours), camille(cpts, **theirs)

    assert found(cpts) == [(first.pk, second.pk, reasons)]


@pytest.mark.parametrize("number", [{"siret": "73282932000074"}, {"finess": "500000012"}])
def test_two_structures_have_a_number_in_common(cpts, number):
    first, second = StructureFactory(cpts=cpts, **number), StructureFactory(cpts=cpts, **number)

    (name,) = number
    assert found(cpts) == [(first.pk, second.pk, (f"même {name.upper()}",))]


@pytest.mark.parametrize(
    "theirs",
    [
        {"commune_code": "50129", "commune_name": "Cherbourg"} | {"email": "b@example.org"},
        GRANVILLE | {"first_name": "Dominique"},
    ],
)
def test_others_do_not_look_alike(cpts, theirs):
    camille(cpts, **GRANVILLE, email="a@example.org")
    camille(cpts, **theirs)

    assert found(cpts) == []


def test_a_person_and_a_structure_or_two_cpts_are_never_the_same(cpts, other_cpts):
    camille(cpts, email="a@example.org")
    camille(other_cpts, email="a@example.org")
    StructureFactory(cpts=cpts, email="a@example.org")

    assert found(cpts) == []


def test_entries_merged_or_anonymised_are_not_duplicates(cpts):
    kept = camille(cpts, **GRANVILLE)
    camille(cpts, **GRANVILLE, merged_into=kept)
    camille(cpts, **GRANVILLE, anonymised_at=RECORDED)

    assert found(cpts) == []


def test_an_address_that_many_share_proves_nothing(cpts):
    for number in range(SHARED):
        camille(cpts, last_name=f"Essai {number}", email="accueil@example.org")
    assert len(found(cpts)) == SHARED * (SHARED - 1) // 2

    camille(cpts, last_name="Autre", email="accueil@example.org")
    assert found(cpts) == []


def test_the_surest_come_first(cpts):
    first, second, third = (camille(cpts, **GRANVILLE, email=f"{who}@example.org") for who in "xaa")

    assert found(cpts)[0][:2] == (second.pk, third.pk)
    assert [pair[:2] for pair in found(cpts)[1:]] == [(first.pk, second.pk), (first.pk, third.pk)]


@pytest.mark.parametrize("pairs", [1, 3])
def test_looking_costs_the_same_whatever_there_is(cpts, pairs, django_assert_num_queries):
    for number in range(pairs):
        for _ in range(2):
            camille(cpts, last_name=f"Essai {number}", **GRANVILLE)

    with django_assert_num_queries(6):
        assert len(likenesses(cpts)) == pairs


def test_ten_thousand_entries_are_looked_through_in_no_time(cpts):
    people = [
        fold_names(
            Member(
                cpts=cpts,
                number=number,
                kind="natural",
                last_name=f"Essai {number % 9_900}",
                first_name="Camille",
                email=f"personne-{number}@example.org",
                created_at=RECORDED,
            )
        )
        for number in range(1, 10_001)
    ]
    Member.objects.bulk_create(people, batch_size=500)
    started = time.process_time()

    assert len(likenesses(cpts)) == 100
    assert time.process_time() - started < 2


# --- Told apart ----------------------------------------------------------------------------------


def test_two_who_were_told_apart_are_not_shown_again(cpts, by):
    first, second, third = (camille(cpts, **GRANVILLE) for _ in range(3))

    assert tell_apart(second, first, by=by, now=RECORDED) is True
    assert tell_apart(first, second, by=by, now=RECORDED) is False

    assert [pair[:2] for pair in found(cpts)] == [(first.pk, third.pk), (second.pk, third.pk)]
    assert DistinctPair.objects.values_list("first", "second", "told_at").get() == (
        first.pk,
        second.pk,
        RECORDED,
    )
    entry = AuditEntry.objects.get(action="members.told_apart")
    assert told(entry).changes == {"distinct_from": [None, f"inscrit au registre n°\u00a0{second.number}"]}
    assert str(DistinctPair.objects.get()) == "Camille Essai et Camille Essai"


def test_an_entry_is_not_told_apart_from_itself_or_from_another_cpts(cpts, other_cpts, by):
    ours = camille(cpts)

    for theirs in (ours, camille(other_cpts)):
        with pytest.raises(ValidationError):
            tell_apart(ours, theirs, by=by, now=RECORDED)
    assert not DistinctPair.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [("members_distinctpair_once", (0, 1)), ("members_distinctpair_in_order", (1, 0))],
)
def test_the_base_refuses_an_impossible_pair(cpts, constraint, values):
    people = [camille(cpts), camille(cpts)]
    DistinctPair.objects.create(first=people[0], second=people[1], told_at=RECORDED)
    first, second = (people[rank] for rank in values)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        DistinctPair.objects.create(first=first, second=second, told_at=RECORDED)
    # SQLite names the columns of a unique constraint instead.
    unique = "UNIQUE constraint failed: members_distinctpair.first_id, members_distinctpair.second_id"
    assert constraint in str(caught.value).replace(unique, "members_distinctpair_once")


def test_two_clicks_at_once_tell_apart_once(shared_base):
    cpts = CptsFactory()
    first, second = camille(cpts), camille(cpts)
    by = coordinator_of(cpts)

    answers = at_once([lambda: tell_apart(first, second, by=by, now=RECORDED)] * 3)

    assert sorted(answers) == [False, False, True]
    assert AuditEntry.objects.filter(action="members.told_apart").count() == 1


# --- On the screen -------------------------------------------------------------------------------


def test_the_page_shows_pairs_and_what_they_have_in_common(cpts, coordinator):
    first, second = camille(cpts, **GRANVILLE), camille(cpts, **GRANVILLE)

    page = coordinator.get(PAGE).content.decode()

    assert "1 paire à regarder" in page
    assert f"{PAGE}{first.pk}/{second.pk}/" in page
    assert "même commune" in page


def test_an_empty_page_says_so(cpts, coordinator):
    assert "Aucun doublon en vue" in coordinator.get(PAGE).content.decode()


@pytest.mark.parametrize("pairs", [1, 3])
def test_the_page_costs_the_same_whatever_there_is(cpts, coordinator, pairs, django_assert_num_queries):
    for number in range(pairs):
        for _ in range(2):
            camille(cpts, last_name=f"Essai {number}", **GRANVILLE)
    coordinator.get(PAGE)

    with django_assert_num_queries(11):
        assert coordinator.get(PAGE).status_code == 200


def test_one_click_tells_apart(cpts, coordinator):
    first, second = camille(cpts, **GRANVILLE), camille(cpts, **GRANVILLE)

    answer = coordinator.post(f"{PAGE}{first.pk}/{second.pk}/distinguer/", follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    assert "Aucun doublon en vue" in answer.content.decode()


def test_two_numbers_lead_to_a_comparison(cpts, coordinator):
    first, second = camille(cpts), camille(cpts, last_name="Autre")

    answer = coordinator.get(PAGE, {"garder": second.number, "reunir": first.number})

    assert answer.headers["Location"] == f"{PAGE}{second.pk}/{first.pk}/"


@pytest.mark.parametrize(
    "typed", [("", ""), ("x", "1"), ("1", "1"), ("1", "999"), ("9" * 30, "1"), ("1", None)]
)
def test_numbers_that_name_no_pair_are_explained(cpts, coordinator, typed):
    camille(cpts, number=1)
    query = {
        name: value for name, value in zip(("garder", "reunir"), typed, strict=True) if value is not None
    }

    answer = coordinator.get(PAGE, query)

    assert answer.status_code == 400
    assert "à corriger" in answer.content.decode()


def test_numbers_of_another_cpts_name_nobody(cpts, other_cpts, coordinator):
    camille(cpts, number=1)
    camille(other_cpts, number=2)

    assert coordinator.get(PAGE, {"garder": 1, "reunir": 2}).status_code == 400
