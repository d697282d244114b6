"""All that the platform keeps about a member, to give it to them (RGPD, article 15)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from core.access.actors import Actor
from core.audit.domain.journal import snapshot
from core.audit.domain.reading import read_entries
from core.audit.domain.values import readable
from core.audit.models import AuditDetail, AuditEntry
from core.ui.formatting import moment
from members.domain.recording import record_member
from members.models import (
    FeeCall,
    FeeExemption,
    FeeNotice,
    FeePayment,
    Member,
    Membership,
    PracticePlace,
    Removal,
    Representative,
    Suspension,
)

Row = dict[str, str]
_NOT_SAID = {"id", "cpts", "search_text", "sort_name", "revision", "once", "last_membership"}
"""What says nothing of anybody: keys, copies, what only the platform needs."""

READ_FIRST = frozenset({"notes"})
"""What the coordination reads again before it gives it to the person."""


@dataclass(frozen=True, slots=True)
class Section:
    """A kind of thing that is kept about somebody, and each of them: names and values in French."""

    title: str
    rows: list[Row]


def personal_data(member: Member, *, without: Collection[str] = ()) -> list[Section]:
    """Return all that is kept about a member, and about the entries united to theirs, as they can read it.

    `without` names fields that are left out. Some fifteen queries, whatever there is.
    """
    rows = Member.objects.filter(Q(pk=member.pk) | Q(merged_into=member.pk))
    periods = Membership.objects.filter(member__in=rows)
    calls = FeeCall.objects.filter(member__in=rows)
    represented = Representative.objects.filter(Q(structure__in=rows) | Q(person__in=rows))
    tables: tuple[tuple[str, models.QuerySet[Any]], ...] = (
        ("Fiche", rows),
        ("Lieux d’exercice", PracticePlace.objects.filter(member__in=rows)),
        ("Représentation", represented),
        ("Adhésions", periods),
        ("Suspensions", Suspension.objects.filter(membership__in=periods)),
        ("Procédures de radiation", Removal.objects.filter(membership__in=periods)),
        ("Appels de cotisation", calls),
        ("Règlements", FeePayment.objects.filter(call__in=calls)),
        ("Avis et relances", FeeNotice.objects.filter(call__in=calls)),
        ("Exemptions de cotisation", FeeExemption.objects.filter(member__in=rows)),
    )
    sections = [Section(title, list(_told(found, without))) for title, found in tables]
    return [*(each for each in sections if each.rows), Section("Historique", list(_history(rows)))]


@transaction.atomic
def take_own_data(entry: Member, *, by: Actor, now: datetime) -> list[Section]:
    """Return what somebody takes of their own data, and say in the journal that they did.

    The notes of the coordination are left out: others may be named there, it reads them again first.
    """
    record_member("own_data_taken", entry, by=by, now=now)
    return personal_data(entry, without=READ_FIRST)


def _told(found: models.QuerySet[Any], without: Collection[str]) -> Iterator[Row]:
    unsaid = _NOT_SAID.union(without)
    fields: list[Any] = [field for field in found.model._meta.concrete_fields if field.name not in unsaid]
    linked = [field.name for field in fields if isinstance(field, models.ForeignKey)]
    for row in found.select_related(*linked).order_by("pk") if linked else found.order_by("pk"):
        yield {str(field.verbose_name): _text(row, field) for field in fields if _says(row, field)}


def _says(row: models.Model, field: Any) -> bool:
    return getattr(row, field.attname) not in (None, "", [], {})


def _text(row: models.Model, field: Any) -> str:
    if isinstance(field, models.ForeignKey):
        return str(getattr(row, field.name))
    return readable(field, snapshot(row, [field.name])[field.name], {})


def _history(rows: Iterable[Member]) -> Iterator[Row]:
    """Tell what the journal tells of them: when, what was done, and what it changed; not who did it."""
    told = AuditDetail.objects.telling_of(*rows).values("entry")
    for entry in read_entries(list(AuditEntry.objects.filter(pk__in=told).order_by("at", "pk"))):
        changes = [
            f"{each.label}\u00a0: {each.before} → {each.after}"
            if each.before
            else f"{each.label}\u00a0: {each.after}"
            for each in entry.changes
        ]
        said = {"le": moment(entry.at), "l’association": entry.deed, "objet": entry.target}
        yield said | {"changements": "\u00a0; ".join(changes), "précision": entry.note}
