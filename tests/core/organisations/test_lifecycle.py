"""The stage of a CPTS: declared, then proven."""

from datetime import UTC, date, datetime

import pytest

from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.models import AuditEntry
from core.organisations.domain.lifecycle import (
    StageError,
    declarable_stages,
    declare_stage,
    establish_stage,
    is_proven,
    steps_of,
)
from core.organisations.enums import Stage, StageSource

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.fixture
def by(cpts):
    return Actor(role=Role.COORDINATOR, user_id=7, cpts_id=cpts.pk)


def state(cpts):
    cpts.refresh_from_db()
    return cpts.stage, cpts.stage_since, cpts.stage_source


def entries(cpts):
    return list(AuditEntry.objects.about(cpts).values_list("action", flat=True))


def test_a_stage_is_declared_with_its_day(cpts, by):
    declare_stage(cpts, Stage.PHASE_1, TODAY, by=by, now=NOW)

    assert state(cpts) == (Stage.PHASE_1, TODAY, StageSource.DECLARED)
    (entry,) = AuditEntry.objects.about(cpts)
    assert entry.changes == {
        "stage": ["interest", "phase_1"],
        "stage_since": ["2023-01-02", "2026-03-02"],
    }
    assert cpts.revision == 1


def test_a_stage_may_go_back_and_be_older_than_the_former_one(cpts, by):
    declare_stage(cpts, Stage.PRE_PROJECT_REVIEW, TODAY, by=by, now=NOW)
    declare_stage(cpts, Stage.PRE_PROJECT_DRAFTING, date(2019, 6, 20), by=by, now=NOW)

    assert state(cpts) == (Stage.PRE_PROJECT_DRAFTING, date(2019, 6, 20), StageSource.DECLARED)


def test_the_same_declaration_again_writes_nothing(cpts, by):
    seen = (cpts.stage, cpts.stage_since)
    for _ in range(2):
        declare_stage(cpts, Stage.PHASE_1, TODAY, by=by, now=NOW, seen=seen)

    assert entries(cpts) == ["organisations.stage_declared"]


def test_a_stage_changed_since_it_was_seen_is_not_written_over(cpts, by):
    seen = (cpts.stage, cpts.stage_since)
    declare_stage(cpts, Stage.PHASE_1, TODAY, by=by, now=NOW)

    with pytest.raises(StaleError):
        declare_stage(cpts, Stage.JOINING_ACI, TODAY, by=by, now=NOW, seen=seen)
    assert state(cpts) == (Stage.PHASE_1, TODAY, StageSource.DECLARED)


@pytest.mark.parametrize(
    ("stage", "since", "reason"),
    [
        (Stage.UNDER_ACI, TODAY, "ne se déclare pas"),
        (Stage.PHASE_1, date(2026, 3, 3), "à venir"),
        (Stage.PHASE_1, date(2016, 1, 25), "26 janvier 2016"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(cpts, by, stage, since, reason):
    before = state(cpts)
    with pytest.raises(StageError, match=reason):
        declare_stage(cpts, stage, since, by=by, now=NOW)

    assert (state(cpts), entries(cpts)) == (before, [])


def test_the_day_of_the_act_is_accepted(cpts, by):
    assert declare_stage(cpts, Stage.PHASE_1, date(2016, 1, 26), by=by, now=NOW).stage == Stage.PHASE_1


def test_a_fact_replaces_a_declaration_and_is_never_declared_over(cpts, by):
    declare_stage(cpts, Stage.JOINING_ACI, TODAY, by=by, now=NOW)
    establish_stage(cpts, Stage.UNDER_ACI, date(2023, 3, 15), now=NOW)

    assert state(cpts) == (Stage.UNDER_ACI, date(2023, 3, 15), StageSource.FACT)
    assert is_proven(cpts)
    for stage in Stage:
        with pytest.raises(StageError, match="ne se déclare plus"):
            declare_stage(cpts, stage, TODAY, by=by, now=NOW)
    assert state(cpts) == (Stage.UNDER_ACI, date(2023, 3, 15), StageSource.FACT)


def test_the_same_fact_again_writes_nothing(cpts):
    for _ in range(2):
        establish_stage(cpts, Stage.UNDER_ACI, date(2023, 3, 15), now=NOW)

    assert entries(cpts) == ["organisations.stage_established"]
    assert AuditEntry.objects.about(cpts).get().actor_role == PLATFORM.role


def test_a_fact_that_says_what_was_declared_becomes_the_origin(cpts, by):
    declare_stage(cpts, Stage.PHASE_1, TODAY, by=by, now=NOW)
    establish_stage(cpts, Stage.PHASE_1, TODAY, now=NOW, by=by)

    assert state(cpts) == (Stage.PHASE_1, TODAY, StageSource.FACT)


def test_a_later_fact_replaces_a_fact(cpts):
    establish_stage(cpts, Stage.UNDER_ACI, date(2023, 3, 15), now=NOW)
    establish_stage(cpts, Stage.JOINING_ACI, TODAY, now=NOW)

    assert state(cpts) == (Stage.JOINING_ACI, TODAY, StageSource.FACT)


def test_seven_steps_are_drawn_from_where_the_cpts_stands(cpts):
    cpts.stage = Stage.PRE_PROJECT_REVIEW
    steps = steps_of(cpts)

    assert [step.label for step in steps] == [str(stage.label) for stage in Stage]
    assert [step.is_passed for step in steps] == [True, True, False, False, False, False, False]
    assert [step.is_current for step in steps] == [False, False, True, False, False, False, False]


def test_everything_is_declared_but_the_contract():
    assert declarable_stages() == list(Stage)[:-1]
