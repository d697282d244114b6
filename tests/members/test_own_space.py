"""Whose entry an account is, and what somebody does in their own space."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.access.actors import Actor
from core.access.enums import Role
from core.access.verdict import RefusedError
from core.accounts.models import User
from core.audit.models import AuditEntry
from core.notifications.models import Notification
from members.domain.fee_calls import call_member
from members.domain.leaving import leave
from members.domain.memberships import end_membership
from members.domain.own_space import (
    entry_to_take,
    open_space,
    own_entry,
    take_entry,
    tie_account,
    untie_account,
)
from members.enums import EndGround
from members.models import Membership
from tests.factories.fees import call as call_of
from tests.factories.fees import join, keeper_of, pay, set_scale_of
from tests.factories.members import MemberFactory
from tests.factories.people import UserFactory, assign, client_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAGES = ("space", "space_contact", "space_data", "space_leave", "space_leave_confirm")


@pytest.fixture
def by(cpts):
    return assign(Role.COORDINATOR, cpts).to_actor()


@pytest.fixture
def camille(cpts):
    """A member whose account is tied, and their role."""
    held = assign(Role.MEMBER, cpts)
    held.entry = join(cpts, user=held.user, last_name="Genêt", number=7, notes="Se méfie de Sacha.")
    return held


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def url(cpts, name, *args):
    return reverse(f"members:{name}", args=[cpts.slug, *args])


def actions():
    entries = AuditEntry.objects.exclude(action="audit.chain_opened")
    return list(entries.order_by("pk").values_list("action", flat=True))


# --- Tying ---------------------------------------------------------------------------------------


def test_a_member_is_invited_then_takes_their_entry(cpts, by, django_capture_on_commit_callbacks):
    entry = join(cpts, email="Genet@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        open_space(entry, by=by, now=NOW)
        open_space(entry, by=by, now=NOW)

    user = User.objects.get(email="genet@example.org")
    assert [message.to for message in mail.outbox] == [["genet@example.org"]]
    assert own_entry(cpts.pk, user.pk) is None

    actor = user.roles.get().to_actor()
    for _ in range(2):
        assert take_entry(cpts, user, by=actor, now=NOW) == entry
    assert own_entry(cpts.pk, user.pk) == entry
    assert actions() == [
        "accounts.account_opened", "accounts.role_given", "members.space_opened", "members.account_tied",
    ]  # fmt: skip


def test_an_address_corrected_since_the_invitation_ties_nobody(cpts, by):
    entry = join(cpts, email="faute@example.org")
    open_space(entry, by=by, now=NOW)
    entry.email = "juste@example.org"
    entry.save()

    user = User.objects.get(email="faute@example.org")
    with pytest.raises(ValidationError, match="Aucune fiche ne peut être reliée à votre compte"):
        take_entry(cpts, user, by=user.roles.get().to_actor(), now=NOW)


def test_the_address_of_a_practice_ties_nobody_by_itself(cpts, by):
    first, _ = join(cpts, email="cabinet@example.org"), join(cpts, email="cabinet@example.org")
    held = assign(Role.MEMBER, cpts, user=UserFactory(email="cabinet@example.org"))

    assert entry_to_take(cpts, held.user) is None
    with pytest.raises(ValidationError, match="donnez à chacun la sienne"):
        open_space(first, by=by, now=NOW)


def test_nobody_takes_an_entry_for_another(cpts, by):
    join(cpts, email="genet@example.org")
    with pytest.raises(ValidationError):
        take_entry(cpts, UserFactory(email="genet@example.org"), by=by, now=NOW)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"email": ""}, "Donnez d’abord une adresse électronique"),
        ({"anonymised_at": NOW}, "fusionnée ou anonymisée"),
    ],
)
def test_who_cannot_be_invited_is_told_why(cpts, by, values, words):
    with pytest.raises(ValidationError, match=words):
        open_space(MemberFactory(cpts=cpts, **values), by=by, now=NOW)
    assert actions() == []


def test_the_coordination_ties_an_account_of_the_cpts_and_takes_it_off(cpts, by):
    entry, held = join(cpts), assign(Role.TREASURER, cpts)
    for _ in range(2):
        tie_account(entry, held.user, by=by, now=NOW)
    assert own_entry(cpts.pk, held.user_id) == entry

    for _ in range(2):
        untie_account(entry, by=by, now=NOW)
    assert own_entry(cpts.pk, held.user_id) is None
    assert actions() == ["members.account_tied", "members.account_untied"]


def test_an_account_is_that_of_one_entry_and_of_the_cpts(cpts, by, camille):
    with pytest.raises(ValidationError, match="déjà celui d’un autre inscrit"):
        tie_account(join(cpts), camille.user, by=by, now=NOW)
    with pytest.raises(ValidationError, match="reliée à un autre compte"):
        tie_account(camille.entry, assign(Role.BOARD, cpts).user, by=by, now=NOW)
    with pytest.raises(ValidationError, match="qui tient un rôle dans cette CPTS"):
        tie_account(join(cpts), UserFactory(), by=by, now=NOW)


@pytest.mark.parametrize("verb", [open_space, untie_account])
def test_the_coordination_alone_opens_spaces(cpts, camille, verb):
    with pytest.raises(RefusedError):
        verb(camille.entry, by=assign(Role.BOARD, cpts).to_actor(), now=NOW)


def test_an_entry_merged_or_anonymised_unties_the_account(cpts, camille):
    camille.entry.merged_into = join(cpts)
    camille.entry.save()
    assert own_entry(cpts.pk, camille.user_id) is None


def test_the_page_of_the_coordination_follows_the_space(cpts, coordinator):
    entry = join(cpts, email="genet@example.org")
    address = url(cpts, "space_access", entry.pk)
    assert "Ouvrir son espace" in coordinator.get(address).content.decode()
    assert coordinator.post(address, follow=True).redirect_chain == [(address, 302)]
    user = User.objects.get(email="genet@example.org")
    assert "Un compte tient déjà un rôle" in coordinator.get(address).content.decode()

    assert coordinator.post(url(cpts, "space_tie", entry.pk)).status_code == 400
    coordinator.post(url(cpts, "space_tie", entry.pk), {"account": user.pk})
    assert "reliée au compte <strong>genet@example.org" in coordinator.get(address).content.decode()
    coordinator.post(url(cpts, "space_untie", entry.pk))
    entry.refresh_from_db()
    assert entry.user is None


# --- The space -----------------------------------------------------------------------------------


def test_somebody_without_entry_is_told_what_to_do(cpts, sign_in):
    client = sign_in(Role.BOARD)
    assert "Demandez-le à la coordination." in client.get(url(cpts, "space")).content.decode()
    assert [client.get(url(cpts, name)).status_code for name in PAGES[1:]] == [404] * 4


def test_an_entry_of_one_s_address_is_offered_and_taken(cpts):
    held = assign(Role.MEMBER, cpts)
    entry = join(cpts, email=held.user.email.upper())
    client = client_of(held)
    assert "C’est moi, relier cette fiche" in client.get(url(cpts, "space")).content.decode()
    client.post(url(cpts, "space_take"))
    assert own_entry(cpts.pk, held.user_id) == entry


def test_the_space_shows_what_is_mine_and_nothing_of_others(cpts, camille):
    set_scale_of(cpts)
    pay(call_of(cpts, last_name="Varech"), "5.00")
    call_member(camille.entry, 2026, by=keeper_of(cpts), now=NOW)
    page = client_of(camille).get(url(cpts, "space")).content.decode()

    assert "Camille Genêt" in page
    assert "20,00\u00a0€" in page
    assert "30 avril 2026" in page
    assert "Varech" not in page
    assert "Se méfie" not in page


@pytest.mark.parametrize("extra", [0, 2])
def test_the_space_costs_as_much_with_many_fees(cpts, camille, django_assert_num_queries, extra):
    for year in (2026, 2025, 2027)[: 1 + extra]:
        set_scale_of(cpts, year=year, due_on=date(2026, 4, 30))
        call_member(camille.entry, year, by=keeper_of(cpts), now=NOW)
    client = client_of(camille)
    with django_assert_num_queries(12):
        client.get(url(cpts, "space"))


def test_a_member_corrects_how_to_reach_them_and_nothing_else(cpts, camille):
    before = camille.entry.last_name, camille.entry.notes
    typed = {"email": "neuve@example.org", "phone": "02 33 00 00 00", "revision": 1, "last_name": "Autre"}
    client = client_of(camille)
    assert client.post(url(cpts, "space_contact"), typed).status_code == 302
    camille.entry.refresh_from_db()
    assert (camille.entry.email, str(camille.entry.phone)) == ("neuve@example.org", "+33233000000")
    assert (camille.entry.last_name, camille.entry.notes) == before
    assert actions() == ["members.member_updated"]

    assert client.post(url(cpts, "space_contact"), typed | {"email": "x"}).status_code == 400
    stale = client.post(url(cpts, "space_contact"), typed | {"email": "autre@example.org"})
    assert stale.status_code == 409
    assert "neuve@example.org" in stale.content.decode()


def test_my_data_are_a_file_without_the_notes_of_the_coordination(cpts, camille):
    client = client_of(camille)
    assert "Se méfie" not in client.get(url(cpts, "space_data")).content.decode()
    response = client.post(url(cpts, "space_data_file"))
    told = json.loads(response.content)
    assert told["Fiche"][0]["nom ou raison sociale"] == "Genêt"
    assert "notes de la coordination" not in told["Fiche"][0]
    assert response["Content-Disposition"] == 'attachment; filename="mes-donnees-littoral-2026-03-02.json"'
    assert actions() == ["members.own_data_taken"]


# --- Leaving -------------------------------------------------------------------------------------


def test_a_member_leaves_in_two_steps_and_the_coordination_is_told(cpts, camille, by):
    client, confirm = client_of(camille), url(cpts, "space_leave_confirm")
    assert "Rester membre" in client.get(url(cpts, "space_leave")).content.decode()
    assert (
        "<strong>1er avril 2026</strong>" in client.get(confirm, {"ends_on": "2026-04-01"}).content.decode()
    )
    for _ in range(2):
        assert client.post(confirm, {"ends_on": "2026-04-01"}).status_code == 302

    period = Membership.objects.get(member=camille.entry)
    assert (period.end_ground, period.ends_on) == (EndGround.RESIGNATION, date(2026, 4, 1))
    assert Notification.objects.get().title == "Camille Genêt quitte l’association"
    assert actions() == ["members.membership_ended"]
    assert "Camille Genêt" in client.get(url(cpts, "space")).content.decode()


@pytest.mark.parametrize("ends_on", ["", "2026-03-01", "2099-01-01", "hier"])
def test_a_day_that_cannot_be_changes_nothing(cpts, camille, ends_on):
    client = client_of(camille)
    assert client.post(url(cpts, "space_leave_confirm"), {"ends_on": ends_on}).status_code == 400
    assert Membership.objects.get(member=camille.entry).ends_on is None
    assert actions() == []


def test_nobody_leaves_for_another_nor_dies_by_themselves(cpts, camille, by):
    other = join(cpts)
    member = camille.to_actor()
    stranger = Actor(role=Role.MEMBER, cpts_id=cpts.pk + 1, user_id=camille.user_id)
    for entry, actor in ((other, member), (camille.entry, by), (camille.entry, stranger)):
        with pytest.raises(RefusedError):
            leave(entry, date(2026, 4, 1), by=actor, now=NOW)
    period = Membership.objects.select_related("member__cpts").get(member=camille.entry)
    with pytest.raises(RefusedError):
        end_membership(period, EndGround.DEATH, date(2026, 4, 1), by=member, now=NOW)
    assert not Membership.objects.exclude(ends_on=None).exists()


def test_the_home_page_says_what_a_member_owes(cpts, camille):
    set_scale_of(cpts, amount=Decimal("20.00"))
    call_member(camille.entry, 2026, by=keeper_of(cpts), now=NOW)
    page = client_of(camille).get("/").content.decode()
    assert "Régler ma cotisation 2026" in page
