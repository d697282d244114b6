"""Telling the story by the product's own verbs, each act at its date: the journal reads as a life."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush

from django.db import transaction
from django.utils import timezone

from aci.domain.anniversaries import anniversary, begun_years
from aci.domain.attainments import rated_missions, record_attainments
from aci.domain.contracts import ContractValues, record_contract
from aci.models import Contract
from core.access.actors import PLATFORM, Actor
from core.access.enums import Role
from core.accounts.domain.roles import give_role
from core.accounts.models import RoleAssignment, User
from core.notifications.models import Notification
from core.organisations.domain.association import open_cpts, update_association
from core.organisations.domain.contacts import add_contact
from core.organisations.domain.institutions import Place, open_institution
from core.organisations.domain.lifecycle import declare_stage
from core.organisations.domain.territories import decide_territory
from core.organisations.enums import ContactKind
from core.organisations.models import Contact, Cpts, Institution
from core.territories.domain.selection import resolve_selection
from core.territories.models import Departement, Region, Vintage
from cpts.demonstration.directory import load_demonstration_directory
from cpts.demonstration.registry import registry_life
from cpts.demonstration.story import (
    ARS,
    CONTACTS,
    CPAM,
    DEPARTEMENT,
    INSTITUTIONS,
    MAIN,
    MSA,
    PASSWORD,
    PEOPLE,
    REGION,
    STORIES,
    ContractStory,
    CptsStory,
    InstitutionStory,
    PersonStory,
    at,
)
from funding.domain.anniversaries import look_at
from funding.domain.baremes import size_of
from funding.domain.followed_lines import line_of_row
from funding.domain.receipts import received_keys, record_receipt
from funding.engine import InstalmentKind
from funding.models import Statement, StatementLine

_BEGINNING = date(2021, 1, 4)
_DIALOGUE, _PAYMENT = timedelta(days=20), timedelta(days=40)
"""How long after an anniversary its dialogue de gestion comes, then the money."""


def is_told() -> bool:
    """Whether the story is in the base already."""
    return Cpts.objects.filter(name=MAIN.name).exists()


@transaction.atomic
def tell(*, now: datetime) -> None:
    """Write the whole story up to `now`, or nothing."""
    administrator = _administrator()
    institutions = {story: _open_institution(story, by=administrator) for story in INSTITUTIONS}
    for kind, name, email in CONTACTS:
        values = {"kind": kind, "institution": name, "email": email, "departement_code": DEPARTEMENT}
        add_contact(None, values, by=administrator, now=at(_BEGINNING))
    cpts = {story: _open(story) for story in sorted(STORIES, key=lambda story: story.opened_on)}
    for person in PEOPLE:
        _welcome(person, cpts, institutions)
    for story, opened in cpts.items():
        _settle(opened, story, now=now)
    load_demonstration_directory(cpts[MAIN], now=now)
    # What was told in the past was read in the past; this month's messages are new.
    old = Notification.objects.filter(created_at__lt=now - timedelta(days=31))
    old.update(read_at=now)


def _administrator() -> Actor:
    """The person who opens everything; their account is made before anything else."""
    story = next(person for person in PEOPLE if (Role.ADMINISTRATOR, None) in person.roles)
    user = _account(story)
    return give_role(user, Role.ADMINISTRATOR, by=PLATFORM, now=at(_BEGINNING)).to_actor()


def _account(person: PersonStory) -> User:
    names = {"first_name": person.first_name, "last_name": person.last_name}
    known = User.objects.filter(email=person.email).first()
    return known or User.objects.create_user(person.email, PASSWORD, **names)


def _open_institution(story: InstitutionStory, *, by: Actor) -> Institution:
    vintage = Vintage.objects.current()
    if story.region:
        region = Region.objects.get(vintage=vintage, code=REGION)
        place = Place(region.name, region_code=REGION)
    else:
        departement = Departement.objects.get(vintage=vintage, code=DEPARTEMENT)
        place = Place(departement.name, departement_code=DEPARTEMENT)
    return open_institution(story.kind, story.name, place, by=by, now=at(_BEGINNING))


def _open(story: CptsStory) -> Cpts:
    places = Departement.objects.filter(vintage=Vintage.objects.current()).select_related("region")
    departement = places.get(code=story.departement)
    return open_cpts(story.name, departement, by=PLATFORM, now=at(story.opened_on))


def _welcome(
    person: PersonStory, cpts: dict[CptsStory, Cpts], institutions: dict[InstitutionStory, Institution]
) -> None:
    user = _account(person)
    for role, place in person.roles:
        where = (
            {"cpts": cpts[place]}
            if isinstance(place, CptsStory)
            else {"institution": institutions[place]}
            if isinstance(place, InstitutionStory)
            else {}
        )
        since = place.opened_on if isinstance(place, CptsStory) else _BEGINNING
        give_role(user, role, by=PLATFORM, now=at(since), **where)


def _holder(cpts: Cpts, role: Role) -> Actor:
    """Who holds a role there; the platform tells the life of the CPTS that nobody of the story keeps."""
    held = RoleAssignment.objects.active().filter(cpts=cpts, role=role).first()
    return held.to_actor() if held else PLATFORM


def _settle(cpts: Cpts, story: CptsStory, *, now: datetime) -> None:
    by, opened_at = _holder(cpts, Role.COORDINATOR), at(story.opened_on)
    update_association(cpts, _sheet(story), revision=cpts.revision, by=by, now=opened_at)
    selection = resolve_selection(epci=story.epci, communes=story.communes)
    decide_territory(cpts, selection, starts_on=story.opened_on, by=by, now=opened_at)
    if story.stage_since:
        declare_stage(cpts, story.stage, story.stage_since, by=by, now=at(story.stage_since))
    lives = [_contract_life(cpts, story.contract, now=now)] if story.contract else []
    if story is MAIN:
        treasurer = _holder(cpts, Role.TREASURER)
        lives.append(registry_life(cpts, coordinator=by, treasurer=treasurer, now=now))
    _live_together(lives)


def _live_together(lives: Iterable[Iterator[date]]) -> None:
    """Go through lives at once, each day before the next one: a life yields the day of what it does next."""
    waiting = [(day, rank, life) for rank, life in enumerate(lives) if (day := next(life, None))]
    heapify(waiting)
    while waiting:
        _, rank, life = heappop(waiting)
        if day := next(life, None):
            heappush(waiting, (day, rank, life))


def _sheet(story: CptsStory) -> dict[str, str | Contact]:
    referents: dict[str, str | Contact] = {
        "ars_referent": _referent(ContactKind.ARS),
        "cpam_referent": _referent(ContactKind.CPAM),
        "msa_referent": _referent(ContactKind.MSA),
    }
    sheet: dict[str, str | Contact] = {
        "rna": story.rna,
        "siret": story.siret,
        "finess": story.finess,
        "address": "1 place de l’Exemple",
        "postal_code": story.postal_code,
        "city": story.city,
        "representative_name": "Maxime Exemple",
        "representative_capacity": "présidence",
        "contact_email": "contact@demo.test",
    }
    return sheet | (referents if story.departement == DEPARTEMENT else {})


def _referent(kind: ContactKind) -> Contact:
    return Contact.objects.filter(cpts=None, kind=kind).order_by("pk")[0]


def _terms(cpts: Cpts, story: ContractStory) -> ContractValues:
    territory = cpts.territories.in_force(story.signed_on).get()
    size = size_of(territory.population, story.signed_on, None)
    return ContractValues(
        signed_on=story.signed_on,
        reference="Contrat de démonstration",
        ars_party=ARS.name,
        cpam_party=CPAM.name,
        msa_party=MSA.name,
        representative_name="Maxime Exemple",
        representative_capacity="présidence",
        territory=territory,
        population=territory.population,
        population_source=territory.population_source,
        computed_size=size,
        size=size,
        missions=story.missions,
        expected_attainment=story.attainment,
    )


def _contract_life(cpts: Cpts, story: ContractStory, *, now: datetime) -> Iterator[date]:
    """Yield the days on which something happened to a contract, as the scheduler and people lived them."""
    yield story.signed_on
    contract = record_contract(
        cpts, _terms(cpts, story), by=_holder(cpts, Role.COORDINATOR), now=at(story.signed_on)
    )
    today = timezone.localdate(now)
    years = [year - 1 for year in begun_years(story.signed_on, today) if year > 1]
    anniversaries = {anniversary(story.signed_on, year): year for year in years}
    for day in sorted({story.signed_on, *story.missions.values(), *anniversaries}):
        yield day
        look_at(contract.pk, today=day, now=at(day))
        if day in anniversaries and day + _DIALOGUE <= today:
            yield day + _DIALOGUE
            _agree(contract, story, anniversaries[day], now=at(day + _DIALOGUE))
        if day + _PAYMENT <= today:
            yield day + _PAYMENT
            _receive(contract, story, day)


def _agree(contract: Contract, story: ContractStory, year: int, *, now: datetime) -> None:
    by, reason = _holder(contract.cpts, Role.COORDINATOR), "Dialogue de gestion (démonstration)"
    rates = {
        mission: story.exceptions.get((mission, year), story.attainment)
        for mission in rated_missions(contract, year)
    }
    record_attainments(contract, year, rates, reason, by=by, now=now, replacing={})


def _receive(contract: Contract, story: ContractStory, day: date) -> None:
    """The money of what fell due on `day` or before comes in, forty days later."""
    lines = list(_awaited(contract, day, advances_only=day > story.received_until))
    if lines:
        by, received_on = _holder(contract.cpts, Role.TREASURER), day + _PAYMENT
        reference = f"VIR DEMO {received_on:%Y%m%d}"
        ids = [line.pk for line in lines]
        record_receipt(contract, ids, received_on, reference, by=by, now=at(received_on))


def _awaited(contract: Contract, day: date, *, advances_only: bool) -> Iterator[StatementLine]:
    received = received_keys(contract)
    latest = Statement.objects.latest_of(contract.pk)
    lines: Iterable[StatementLine] = latest.lines.filter(due_on__lte=day) if latest else ()
    for line in lines:
        if line_of_row(line).key not in received and not (
            advances_only and line.kind != InstalmentKind.ADVANCE
        ):
            yield line
