"""Who gets what at every address: `docs/access.md` is walked, row by row, with every visitor."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as passkeys
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from core.access.enums import Role
from core.access.sessions import ROLE_KEY
from core.accounts.domain.sign_in_links import password_link
from core.accounts.models import RoleAssignment
from core.documents.domain.documents import store_document
from core.jobs.enums import JobState
from core.jobs.models import Job
from core.notifications.models import Notification
from core.organisations.models import Contact, Cpts
from funding.domain.statement_pdf import KIND_NAME
from funding.models import Statement
from members.domain.bank_files import import_bank_file
from members.domain.fee_calls import call_member, exempt_member
from members.models import AdmissionDesk, Member, Removal, SavedView
from tests.factories.contracts import make_territory
from tests.factories.fees import NOW as CALLED_AT
from tests.factories.fees import YEAR, keeper_of, pay, set_scale_of
from tests.factories.funding import NOW, receive, sign
from tests.factories.imports import received_file
from tests.factories.members import (
    MemberFactory,
    MembershipFactory,
    StatutesVersionFactory,
    StructureFactory,
    VotingCollegeFactory,
)
from tests.factories.people import (
    CptsFactory,
    InstitutionFactory,
    InstitutionScopeFactory,
    UserFactory,
    assign,
)

TABLE = Path(__file__).resolve().parent.parent / "docs" / "access.md"
METHODS = ("get", "post")
ALLOWED, SIGN_IN, REFUSED, ABSENT, NO_METHOD = "✓", "→", "✗", "∅", "·"
OF_THE_CPTS = {
    "adhésion": Role.MEMBER,
    "bureau": Role.BOARD,
    "trésorerie": Role.TREASURER,
    "coordination": Role.COORDINATOR,
}
VISITORS = (
    "anonyme",
    "sans rôle",
    *OF_THE_CPTS,
    "instruction",
    "administration",
    "autre CPTS",
    "autre ressort",
)
# What was sent cannot be used, the thing is no longer kept, no worker runs (/healthz): the page answers.
ANSWERED = {400, 409, 410, 422, 503}
# In development alone.
NOT_SERVED = {"ui"}
# Their numbers cannot be guessed: who holds one was given it. Or they belong to the whole platform.
NOT_OF_A_CPTS = re.compile(r"^(jobs|administration|documents:verified|account_reset_password_from_key)")


# --- The table -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """An address of the site: its view's name, its route, and the names of what varies in it."""

    name: str
    route: str
    parameters: tuple[str, ...]


def addresses(
    resolver: URLResolver | None = None, prefix: str = "/", namespace: str = ""
) -> Iterator[Address]:
    """Yield every address that the site answers."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            names = tuple(re.findall(r"<(?:\w+:)?(\w+)>", route))
            yield Address(f"{namespace}{entry.name}", route, names)
        elif entry.namespace not in NOT_SERVED:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, route, inner)


def rows() -> dict[str, tuple[str, dict[str, str]]]:
    """Return the table: by name of view, the route and what each visitor gets, as "GET POST"."""
    cells = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `/")
    ]
    return {
        name.strip("`"): (route.strip("`"), dict(zip(VISITORS, outcomes, strict=True)))
        for route, name, *outcomes in cells
    }


def test_every_address_has_its_row_and_every_row_its_address() -> None:
    served = {address.name: address.route for address in addresses()}

    assert {name: route for name, (route, _) in rows().items()} == served


def test_the_table_names_its_visitors() -> None:
    header = next(
        line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| address")
    )

    assert tuple(cell.strip() for cell in header.strip().strip("|").split("|"))[2:] == VISITORS


# --- The world -----------------------------------------------------------------------------------


@dataclass
class Estate:
    """A CPTS, and one object of each kind that is its own: what addresses call it by."""

    cpts: Cpts
    objects: dict[str, Any]


@dataclass
class World:
    """Two CPTS with everything, the institutions, and whoever visits."""

    ours: Estate
    theirs: Estate
    visitors: dict[str, RoleAssignment | None]


def _png() -> ContentFile:
    stream = io.BytesIO()
    Image.new("RGB", (2, 2)).save(stream, "PNG")
    return ContentFile(stream.getvalue(), "logo.png")


def _estate(cpts: Cpts) -> Estate:
    cpts.logo = _png()
    cpts.save()
    territory = make_territory(cpts)
    contract = sign(cpts)
    statement = Statement.objects.latest_of(contract.pk)
    assert statement is not None
    day = statement.lines.order_by("due_on")[0].due_on
    receipt = receive(contract, day)
    contact = Contact.objects.create(
        cpts=cpts, kind="cpam", institution="CPAM d’essai", email="cpam@example.org"
    )
    AdmissionDesk.objects.create(cpts=cpts, is_open=True, since=NOW)
    membership = MembershipFactory(member__cpts=cpts)
    today = NOW.date()
    removal = Removal.objects.create(
        membership=membership,
        ground="serious",
        facts="Essai",
        opened_on=today,
        invited_on=today,
        hearing_on=today + timedelta(days=15),
        hearing_place="Au siège",
        recorded_at=NOW,
    )
    dates = {"created_at": NOW, "rung_at": NOW, "expires_at": NOW + timedelta(days=30)}
    document = store_document(
        job=None,
        kind=KIND_NAME,
        title="Décompte d’essai",
        pdf=b"%PDF-1.7\n%%EOF\n",
        filename="decompte.pdf",
        fingerprint=uuid4().hex * 2,
        now=NOW,
        expires_at=NOW + timedelta(days=30),
        cpts=cpts,
    )
    objects = {
        "slug": cpts.slug,
        "assignment_id": assign(Role.MEMBER, cpts).pk,
        "version_id": territory.pk,
        "contract_id": contract.pk,
        "receipt_id": receipt.pk,
        "contact_id": contact.pk,
        "version": statement.version,
        "day": day,
        "document_id": document.pk,
        "filename": document.filename,
        "fingerprint": document.fingerprint,
        "member_id": membership.member_id,
        "view_id": _shared_view(cpts).pk,
        "membership_id": membership.pk,
        **_fees(membership.member),
        "removal_id": removal.pk,
        "statutes_id": StatutesVersionFactory(cpts=cpts).pk,
        "college_id": VotingCollegeFactory(cpts=cpts).pk,
        "structure_id": StructureFactory(cpts=cpts).pk,
        "kept_id": MemberFactory(cpts=cpts, email="doublon@example.org").pk,
        "left_id": MemberFactory(cpts=cpts, email="doublon@example.org").pk,
        "file_id": received_file(cpts).pk,
        "job_id": Job.objects.create(kind="tests.work", state=JobState.QUEUED, **dates).pk,
    }
    return Estate(cpts, objects)


def _shared_view(cpts: Cpts) -> SavedView:
    """A list that somebody shared: others open it, its author alone changes it."""
    return SavedView.objects.create(
        cpts=cpts, owner=UserFactory(), name="Vue d’essai", is_shared=True, created_at=NOW
    )


def _fees(member: Member) -> dict[str, int]:
    set_scale_of(member.cpts)
    keeper = keeper_of(member.cpts)
    call = call_member(member, YEAR, by=keeper, now=CALLED_AT)
    exemption = exempt_member(member, YEAR, "Essai", by=keeper, now=CALLED_AT)
    file = io.BytesIO(b"Date;Credit\n02/03/2026;20,00\n")
    bank_file = import_bank_file(member.cpts, file, filename="releve.csv", by=keeper, now=CALLED_AT)
    return {
        "call_id": call.pk,
        "payment_id": pay(call).pk,
        "exemption_id": exemption.pk,
        "bank_file_id": bank_file.pk,
        "bank_line_id": bank_file.lines.get().pk,
    }


@pytest.fixture
def world(cpts: Cpts, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return two CPTS, of two départements, and every visitor; the clock stands still."""
    with time_machine.travel(NOW, tick=False):
        yield _world(cpts, monkeypatch)


def _world(cpts: Cpts, monkeypatch: pytest.MonkeyPatch) -> World:
    # The keys of the walk are rows without a device: there is no credential to ask a browser for.
    monkeypatch.setattr(passkeys, "get_credentials", lambda _user: [])
    ours = _estate(cpts)
    other = CptsFactory(
        slug="colline", departement_code="35", departement_name="Ille-et-Vilaine", region_code="53"
    )
    theirs = _estate(other)
    scope = InstitutionScopeFactory()
    InstitutionScopeFactory(institution=scope.institution, departement_code="14")
    elsewhere = InstitutionFactory()
    InstitutionScopeFactory(institution=elsewhere, departement_code="35")
    for estate in (ours, theirs):
        estate.objects |= {"institution_id": scope.institution_id, "scope_id": scope.pk}
    # Nobody of these is the last of their kind: the end of a role is what is tried.
    assign(Role.ADMINISTRATOR)
    shared = Contact.objects.create(kind="cpam", institution="CPAM commune", email="c@example.org")
    ours.objects["shared_contact_id"] = theirs.objects["shared_contact_id"] = shared.pk
    ours.objects["platform_role_id"] = assign(Role.REVIEWER, institution=scope.institution).pk
    visitors: dict[str, RoleAssignment | None] = {
        "anonyme": None,
        "sans rôle": RoleAssignment(user=UserFactory()),
        **{name: assign(role, cpts) for name, role in OF_THE_CPTS.items()},
        "instruction": assign(Role.REVIEWER, institution=scope.institution),
        "administration": assign(Role.ADMINISTRATOR),
        "autre CPTS": assign(Role.COORDINATOR, other),
        "autre ressort": assign(Role.REVIEWER, institution=elsewhere),
    }
    MembershipFactory(member__cpts=cpts, member__number=900, member__user=_user_of(visitors["adhésion"]))
    return World(ours, theirs, visitors)


def _user_of(held: RoleAssignment | None) -> Any:
    return held.user if held else None


def _owned_by(user: Any) -> dict[str, Any]:
    """Return what addresses call the things of one person by."""
    message = Notification.objects.create(
        recipient=user, key=uuid4().hex, title="Essai", body="Essai", path="/", created_at=NOW
    )
    key = Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Clé 1", "credential": {}}
    )
    person, _, token = password_link(user).rstrip("/").rpartition("/")[2].partition("-")
    return {"message_id": message.pk, "pk": key.pk, "uidb36": person, "key": token}


def arguments(address: Address, estate: Estate, owned: dict[str, Any]) -> dict[str, Any]:
    """Return what to put in an address, for an estate and the things of a person."""
    known = estate.objects | owned
    if address.name.startswith("organisations:shared_contact"):
        known["contact_id"] = known["shared_contact_id"]
    if address.name.startswith("administration:"):
        known["assignment_id"] = known.get("platform_role_id", 0)
    if address.name == "accounts:switch_role":
        known["assignment_id"] = known["own_role_id"]
    return {name: known[name] for name in address.parameters}


def session_of(held: RoleAssignment | None) -> str:
    """Sign a person in, acting in their role, and return the name of their session."""
    if held is None:
        return ""
    client = Client()
    client.force_login(held.user)
    session = client.session
    session[ROLE_KEY] = held.pk
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def ask(address: Address, method: str, key: str, given: dict[str, Any]) -> HttpResponse:
    """Ask for an address as somebody, and undo whatever it wrote."""
    cache.clear()
    client = Client()
    if key:
        client.cookies[settings.SESSION_COOKIE_NAME] = key
    with transaction.atomic():
        response = getattr(client, method)(reverse(address.name, kwargs=given))
        if response.streaming:
            b"".join(response)  # a file is closed by whoever reads it to its end
        transaction.set_rollback(True)
    return response


def outcome(response: HttpResponse, *, anonymous: bool) -> str:
    """Return how the table writes an answer: a refused form was open to who sent it."""
    status = response.status_code
    if anonymous and status == 302 and response["Location"].startswith("/compte/connexion/?next="):
        return SIGN_IN
    named = {403: REFUSED, 404: ABSENT, 405: NO_METHOD}
    assert status in named or status in ANSWERED or 200 <= status < 400, (status, response)
    return named.get(status, ALLOWED)


# --- The walk ------------------------------------------------------------------------------------


def walked(world: World, visitor: str) -> dict[str, str]:
    """Return what a visitor gets at every address, by name of view."""
    held = world.visitors[visitor]
    key = session_of(held)
    # Who is not signed in tries the things of somebody else.
    owned = _owned_by(held.user if held else UserFactory())
    owned["own_role_id"] = held.pk if held and held.pk else world.ours.objects["assignment_id"]
    found = {}
    for address in addresses():
        given = arguments(address, world.ours, owned)
        answers = [ask(address, method, key, given) for method in METHODS]
        found[address.name] = " ".join(outcome(answer, anonymous=held is None) for answer in answers)
    return found


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_gets_what_the_table_says(world: World, visitor: str) -> None:
    expected = {name: outcomes[visitor] for name, (_, outcomes) in rows().items()}

    found = walked(world, visitor)

    assert {name: got for name, got in found.items() if got != expected.get(name)} == {}


@pytest.mark.parametrize("visitor", [*OF_THE_CPTS, "instruction"])
def test_objects_of_others_are_not_found_through_one_s_own_addresses(world: World, visitor: str) -> None:
    """The CPTS of the address is ours, each object in it that of another CPTS or of another person."""
    held = world.visitors[visitor]
    assert held is not None
    key = session_of(held)
    owned = _owned_by(UserFactory()) | {"own_role_id": world.theirs.objects["assignment_id"]}
    # Numbers that only make sense within a contract: one that ours does not have.
    foreign = Estate(world.theirs.cpts, world.theirs.objects | {"slug": world.ours.cpts.slug, "version": 99})
    ours_alone = {"slug", "day"}
    tried = [
        address
        for address in addresses()
        if set(address.parameters) - ours_alone and not NOT_OF_A_CPTS.match(address.name)
    ]

    reached = [
        (address.name, method, response.status_code)
        for address in tried
        for method in METHODS
        if (response := ask(address, method, key, arguments(address, foreign, owned))).status_code
        not in {403, 404, 405}
    ]
    assert len(tried) > 15
    # To change one's keys, one proves again who one is before anything is looked for.
    assert [each for each in reached if not each[0].startswith("mfa_")] == []


@pytest.mark.parametrize("visitor", ["coordination", "instruction", "administration"])
def test_the_address_of_a_cpts_one_does_not_see_tells_nothing(world: World, visitor: str) -> None:
    """One's own objects under a CPTS that does not exist: as absent as under somebody else's."""
    held = world.visitors[visitor]
    key = session_of(held)
    ghost = Estate(world.ours.cpts, world.ours.objects | {"slug": "personne-ici"})
    owned = _owned_by(held.user) | {"own_role_id": held.pk}  # type: ignore[union-attr]

    for address in addresses():
        if "slug" not in address.parameters:
            continue
        for method in METHODS:
            status = ask(address, method, key, arguments(address, ghost, owned)).status_code
            assert status in {404, 405}, (address.name, method, status)
