"""An installation at the size of the country: 1 000 CPTS, their people, members, contracts and statements.

Territories are whole EPCI of the official code, one per CPTS, so that the 35 000 communes are nearly all
held; every contract has its statement with its hundred lines.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from aci.domain.anniversaries import anniversary
from aci.models import Contract, ContractMission
from aci.models.contract import CONTRACT_YEARS
from core.access.actors import PLATFORM
from core.access.enums import Role
from core.accounts.models import RoleAssignment, User
from core.audit.domain.journal import record
from core.notifications.models import Notification
from core.organisations.enums import ContactKind, InstitutionKind, Stage, StageSource
from core.organisations.models import (
    Contact,
    Cpts,
    Institution,
    InstitutionScope,
    TerritoryCommune,
    TerritoryVersion,
)
from core.territories.domain.names import search_form
from core.territories.models import Commune, Epci, Region
from core.ui.folding import fold
from funding.domain.anniversaries import look_at_contracts
from tests.benchmarks.national_members import fill_registries

COUNT = 1000
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MISSIONS = ("acces_soins", "crise_sanitaire", "parcours", "prevention")
SLUG = "nationale-0"
"""The CPTS whose pages are measured: it has a long journal, many people and many messages."""


def fill() -> None:
    """Write the installation; the geographic code and the people of the yardstick are there already."""
    epcis = list(Epci.objects.order_by("-population")[:COUNT])
    communes = _communes_by_epci(epcis)
    cpts = Cpts.objects.bulk_create(
        [_cpts(number, communes[epci.pk][0]) for number, epci in enumerate(epcis)]
    )
    versions = TerritoryVersion.objects.bulk_create(
        [_version(each, communes[epci.pk]) for each, epci in zip(cpts, epcis, strict=True)]
    )
    TerritoryCommune.objects.bulk_create(
        [
            _held(version, commune)
            for version, epci in zip(versions, epcis, strict=True)
            for commune in communes[epci.pk]
        ],
        batch_size=5000,
    )
    _fill_people(cpts)
    _fill_contracts(versions)
    _fill_the_measured_one(cpts[0])
    fill_registries(cpts)
    look_at_contracts(now=NOW)


def _communes_by_epci(epcis: list[Epci]) -> dict[int, list[Commune]]:
    groups: dict[int, list[Commune]] = {}
    rows = Commune.objects.filter(epci__in=epcis).select_related("departement__region", "epci")
    for commune in rows.order_by("-population"):
        groups.setdefault(commune.epci_id, []).append(commune)
    return groups


def _cpts(number: int, seat: Commune) -> Cpts:
    name = f"CPTS nationale d’essai {number}"
    return Cpts(
        name=name,
        search_name=search_form(name),
        slug=f"nationale-{number}",
        city=seat.name,
        departement_code=seat.departement.code,
        departement_name=seat.departement.name,
        region_code=seat.departement.region.code,
        representative_name="Camille Essai",
        representative_capacity="présidence",
        stage=Stage.UNDER_ACI,
        stage_source=StageSource.FACT,
        stage_since=_signed_on(number),
        created_at=NOW,
    )


def _signed_on(number: int) -> date:
    return date(2022, 7, 1) + timedelta(days=number)


def _version(cpts: Cpts, communes: list[Commune]) -> TerritoryVersion:
    return TerritoryVersion(
        cpts=cpts,
        starts_on=date(2022, 1, 1),
        vintage_year=2026,
        population=max(sum(commune.population or 0 for commune in communes), 1),
        population_source="Populations municipales",
        commune_count=len(communes),
        recorded_at=NOW,
    )


def _held(version: TerritoryVersion, commune: Commune) -> TerritoryCommune:
    return TerritoryCommune(
        territory=version,
        code=commune.code,
        city_code=commune.code,
        name=commune.name,
        departement_code=commune.departement.code,
        departement_name=commune.departement.name,
        region_code=commune.departement.region.code,
        epci_code=commune.epci.code if commune.epci else "",
        epci_name=commune.epci.name if commune.epci else "",
        population=commune.population,
    )


def _fill_people(cpts: list[Cpts]) -> None:
    roles = (Role.COORDINATOR, Role.TREASURER, Role.BOARD)
    people = User.objects.bulk_create(
        [User(email=f"{each.slug}-{role}@example.org", first_name="Camille", last_name=str(role))
         for each in cpts for role in roles]
    )  # fmt: skip
    pairs = ((each, role) for each in cpts for role in roles)
    RoleAssignment.objects.bulk_create(
        [RoleAssignment(user=user, cpts=each, role=role, started_at=NOW)
         for user, (each, role) in zip(people, pairs, strict=True)]
    )  # fmt: skip
    institution = Institution.objects.create(kind=InstitutionKind.ARS, name="ARS d’essai")
    region = Region.objects.get(code="75")
    InstitutionScope.objects.create(institution=institution, region_code=region.code, name=region.name)
    reviewer = User.objects.create(email="ars@example.org")
    RoleAssignment.objects.create(user=reviewer, institution=institution, role=Role.REVIEWER, started_at=NOW)
    administrator = User.objects.create(email="administration@example.org")
    RoleAssignment.objects.create(user=administrator, role=Role.ADMINISTRATOR, started_at=NOW)


def _fill_contracts(versions: list[TerritoryVersion]) -> None:
    contracts = Contract.objects.bulk_create(
        [_contract(number, version) for number, version in enumerate(versions)]
    )
    ContractMission.objects.bulk_create(
        [ContractMission(contract=contract, code=code, starts_on=contract.signed_on)
         for contract in contracts for code in MISSIONS]
    )  # fmt: skip


def _contract(number: int, version: TerritoryVersion) -> Contract:
    signed_on = _signed_on(number)
    return Contract(
        cpts=version.cpts,
        signed_on=signed_on,
        ends_on=anniversary(signed_on, CONTRACT_YEARS),
        ars_party="ARS d’essai",
        cpam_party="CPAM d’essai",
        representative_name="Camille Essai",
        representative_capacity="présidence",
        territory=version,
        population=version.population,
        population_source=version.population_source,
        computed_size=2,
        size=2,
        bareme="avenant-2",
        recorded_at=NOW,
    )


def _fill_the_measured_one(cpts: Cpts) -> None:
    user = RoleAssignment.objects.get(cpts=cpts, role=Role.COORDINATOR).user
    Contact.objects.bulk_create(list(_contacts()))
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=user,
                cpts=cpts,
                key=f"essai-{number}",
                title=f"Message d’essai {number}",
                body="Rien à faire.",
                path="/",
                created_at=NOW,
            )
            for number in range(500)
        ]
    )
    with transaction.atomic():
        for number in range(500):
            changes = {"siret": [None, f"{number:014d}"]}
            record(
                "organisations.association_updated",
                cpts,
                by=PLATFORM,
                now=NOW,
                cpts_id=cpts.pk,
                changes=changes,
            )


def _contacts() -> Iterator[Contact]:
    for number in range(2000):
        institution = f"Institution d’essai {number}"
        yield Contact(
            kind=ContactKind.CPAM,
            institution=institution,
            departement_code="50",
            email=f"contact-{number}@example.org",
            search_name=fold(institution),
        )
