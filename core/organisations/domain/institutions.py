"""Institutions that review, and the part of the country each is in charge of."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from core.access.actors import Actor
from core.audit.domain.journal import created, record, snapshot
from core.organisations.domain.naming import insert_named
from core.organisations.enums import InstitutionKind
from core.organisations.models import Institution, InstitutionScope
from core.organisations.rules import can_administrate
from core.territories.models import Departement, Region, Vintage

_PLACE_FIELDS = ("departement_code", "region_code", "name")


@dataclass(frozen=True)
class Place:
    """A département or a région of the official code, which a scope names by its code."""

    name: str
    departement_code: str = ""
    region_code: str = ""

    @property
    def key(self) -> str:
        """What a form sends for it: "d50", "r28"."""
        return f"d{self.departement_code}" if self.departement_code else f"r{self.region_code}"


def current_places() -> list[Place]:
    """Return the régions by name, then the départements by code, of the latest official code."""
    vintage = Vintage.objects.current()
    regions = Region.objects.filter(vintage=vintage).order_by("name")
    departements = Departement.objects.filter(vintage=vintage).order_by("code")
    return [
        *(Place(region.name, region_code=region.code) for region in regions),
        *(Place(each.name, departement_code=each.code) for each in departements),
    ]


@transaction.atomic
def open_institution(
    kind: InstitutionKind, name: str, place: Place, *, by: Actor, now: datetime
) -> Institution:
    """Open an institution in charge of a first place, and return it.

    Raises RefusedError unless an administrator asks, ValidationError when the name is taken.
    """
    can_administrate(by).require()
    institution = Institution(kind=kind, name=" ".join(name.split()))
    insert_named(institution, taken="Une institution porte déjà ce nom.")
    scope = InstitutionScope.objects.create(institution=institution, **_place_fields(place))
    changes = created(snapshot(institution, ("kind", "name"))) | {"scopes": [None, scope.name]}
    record("organisations.institution_opened", institution, by=by, now=now, cpts_id=None, changes=changes)
    return institution


@transaction.atomic
def add_scope(institution: Institution, place: Place, *, by: Actor, now: datetime) -> InstitutionScope:
    """Put an institution in charge of a place, and return its scope; one it already has is left as it is."""
    can_administrate(by).require()
    locked = Institution.objects.select_for_update().get(pk=institution.pk)
    scope, new = InstitutionScope.objects.get_or_create(
        institution=locked,
        departement_code=place.departement_code,
        region_code=place.region_code,
        defaults={"name": place.name},
    )
    if new:
        changes = {"scopes": [None, scope.name]}
        record("organisations.scope_added", locked, by=by, now=now, cpts_id=None, changes=changes)
    return scope


@transaction.atomic
def remove_scope(institution: Institution, scope_id: int, *, by: Actor, now: datetime) -> None:
    """Take a place out of the scope of an institution; one already taken out writes nothing.

    Raises ValidationError for its last place: its reviewers would see nothing, without knowing why.
    """
    can_administrate(by).require()
    locked = Institution.objects.select_for_update().get(pk=institution.pk)
    scopes = {scope.pk: scope for scope in locked.scopes.all()}
    scope = scopes.get(scope_id)
    if scope is None:
        return
    if len(scopes) == 1:
        raise ValidationError("Une institution garde au moins un territoire\u00a0: ajoutez d’abord l’autre.")
    scope.delete()
    changes = {"scopes": [scope.name, None]}
    record("organisations.scope_removed", locked, by=by, now=now, cpts_id=None, changes=changes)


def _place_fields(place: Place) -> dict[str, str]:
    return {name: getattr(place, name) for name in _PLACE_FIELDS}
