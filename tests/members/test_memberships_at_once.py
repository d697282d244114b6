"""Two people deciding at once, double clicks, crowds at the public form: one effect, the others are told."""

from datetime import UTC, date, datetime

import pytest

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import StaleError
from core.audit.domain.chains import chain_faults
from core.audit.models import AuditEntry
from members.domain.applications import Application, receive_application, set_desk
from members.domain.memberships import (
    Decision,
    apply_for_membership,
    change_category,
    decide,
    end_membership,
)
from members.domain.removals import decide_removal, open_removal
from members.domain.suspensions import suspend
from members.models import Member, Membership, Removal
from tests.factories.members import MemberFactory, MembershipFactory
from tests.factories.people import CptsFactory, assign
from tests.factories.threads import at_once, shared_base

__all__ = ["shared_base"]
pytestmark = pytest.mark.usefixtures("shared_base")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
WAITING = {"state": "applied", "decided_on": None, "decided_by": "", "starts_on": None}


def coordinator_of(cpts):
    held = assign(Role.COORDINATOR, cpts)
    return Actor(role=Role.COORDINATOR, user_id=held.user_id, cpts_id=cpts.pk)


def told(verb):
    return AuditEntry.objects.filter(action=f"members.{verb}").count()


def outcomes(results):
    return sorted(type(each).__name__ if isinstance(each, Exception) else "done" for each in results)


def test_an_admission_and_a_refusal_at_once_are_one_of_them():
    cpts = CptsFactory()
    by = coordinator_of(cpts)
    waiting = [MembershipFactory(member=MemberFactory(cpts=cpts), **WAITING) for _ in range(3)]
    numbers = [each.pk for each in waiting]
    admission = Decision(is_admission=True, decided_on=TODAY, starts_on=TODAY)
    refusal = Decision(is_admission=False, decided_on=TODAY, note="Hors du territoire")

    results = at_once(
        [lambda each=each: decide(cpts, numbers, each, by=by, now=NOW) for each in (admission, refusal)]
    )

    assert outcomes(results) == ["MovedError", "done"]
    states = set(Membership.objects.values_list("state", flat=True))
    assert states in ({"admitted"}, {"refused"})
    assert told("membership_admitted") + told("membership_refused") == 3
    assert list(chain_faults()) == []


def test_clicks_at_once_decide_once():
    cpts = CptsFactory()
    by = coordinator_of(cpts)
    waiting = MembershipFactory(member=MemberFactory(cpts=cpts), **WAITING)
    admission = Decision(is_admission=True, decided_on=TODAY, starts_on=TODAY)

    results = at_once([lambda: decide(cpts, [waiting.pk], admission, by=by, now=NOW)] * 4)

    assert outcomes(results) == ["done"] * 4
    assert told("membership_admitted") == 1


def test_applications_of_one_person_at_once_are_one():
    member = MemberFactory()
    by = coordinator_of(member.cpts)

    results = at_once([lambda: apply_for_membership(member, applied_on=TODAY, by=by, now=NOW)] * 4)

    assert len({each.pk for each in results}) == 1
    assert Membership.objects.count() == told("membership_applied") == 1
    assert Member.objects.get().last_membership == Membership.objects.get()


def test_ends_and_changes_at_once_leave_one_life():
    membership = MembershipFactory()
    by = coordinator_of(membership.member.cpts)

    results = at_once(
        [
            lambda: end_membership(membership, "resignation", TODAY, by=by, now=NOW),
            lambda: end_membership(membership, "death", TODAY, by=by, now=NOW),
            lambda: change_category(membership, "honorary", None, TODAY, by=by, now=NOW),
            lambda: suspend(membership, TODAY, "Absence", by=by, now=NOW),
        ]
    )

    refused = [each for each in results if isinstance(each, Exception)]
    # A suspension may come before an end, which closes it, and keeps a change from being made.
    assert 2 <= len(refused) <= 3
    membership.refresh_from_db()
    assert membership.state == "ended"
    open_ones = Membership.objects.filter(state="admitted").count()
    assert open_ones == (membership.end_ground == "change")
    member = Member.objects.get()
    assert member.last_membership == Membership.objects.order_by("-pk").first()
    assert list(chain_faults()) == []


def test_procedures_opened_and_decided_at_once_are_one():
    membership = MembershipFactory()
    by = coordinator_of(membership.member.cpts)
    facts = ("Des faits", "Des faits", "D’autres faits")

    results = at_once(
        [lambda each=each: open_removal(membership, "serious", each, TODAY, by=by, now=NOW) for each in facts]
    )

    assert Removal.objects.count() == told("removal_opened") == 1
    assert any(isinstance(each, StaleError) for each in results)
    removal = Removal.objects.get()
    results = at_once(
        [
            lambda each=each: decide_removal(removal, "dropped", TODAY, each, revision=1, by=by, now=NOW)
            for each in ("Réglée", "Réglée", "Oubliée")
        ]
    )
    assert any(isinstance(each, StaleError) for each in results)
    assert told("removal_decided") == 1


def test_a_crowd_at_the_public_form_is_numbered_without_a_gap():
    cpts = CptsFactory()
    set_desk(cpts, is_open=True, by=coordinator_of(cpts), now=NOW)

    def send(name):
        values = {
            "kind": "natural", "first_name": "Ana", "last_name": name, "profession": "60", "rpps": "",
            "email": f"{name}@example.org", "phone": "", "commune_code": "", "commune_name": "Granville",
        }  # fmt: skip
        return receive_application(cpts, Application(values), requester=name, now=NOW)

    results = at_once([lambda name=name: send(name) for name in ("Un", "Deux", "Deux", "Trois", "Trois")])

    assert outcomes(results) == ["done"] * 5
    assert list(Member.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert Membership.objects.count() == told("membership_applied") == 3
    assert list(chain_faults()) == []
