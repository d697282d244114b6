"""The directory of institutional contacts: adding, correcting, withdrawing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import Changes, changed, created, record, snapshot
from core.audit.models import AuditChain
from core.audit.models.entry import PLATFORM_CHAIN
from core.organisations.models import Contact, Cpts
from core.territories.domain.names import search_form
from core.ui.folding import fold

CONTACT_FIELDS = (
    "kind", "institution", "departement_code", "territory", "person", "function", "email", "phone", "address",
)  # fmt: skip
"""What a contact says, in the order in which it is read."""
_WRITTEN = (*CONTACT_FIELDS, "search_name", "revision")
_LONGEST_SEARCH = 500
ALREADY_THERE = "Ce contact est déjà dans l’annuaire\u00a0: corrigez-le plutôt que de l’ajouter."

Key = tuple[str, ...]


def key_of(contact: Contact) -> Key:
    """Return what makes a contact one and not another, however it is spelled: whom, where, as what."""
    return (
        contact.kind,
        contact.departement_code,
        *(fold(text) for text in (contact.institution, contact.person, contact.function)),
    )


def says_of(contact: Contact) -> dict[str, str]:
    """Return all that a contact says, as texts."""
    return {name: str(getattr(contact, name)) for name in CONTACT_FIELDS}


@transaction.atomic
def add_contact(cpts: Cpts | None, values: Mapping[str, Any], *, by: Actor, now: datetime) -> Contact:
    """Add a contact to the directory of a CPTS (None: to the shared one), and return it.

    In: values of CONTACT_FIELDS. The very same contact is returned as it is: a form sent twice. Raises
    ValidationError by field, also when a contact of the same institution, person and function is there.
    """
    hold_directory(cpts)
    contact = _filled(Contact(cpts=cpts), values)
    twin = _twin_of(contact)
    if twin is not None and says_of(twin) == says_of(contact):
        return twin
    _check(contact, twin)
    return _insert(contact, by=by, now=now)


@transaction.atomic
def update_contact(
    contact: Contact, values: Mapping[str, Any], *, revision: int, by: Actor, now: datetime
) -> Contact:
    """Correct a contact, and return it as it now is.

    In: values of CONTACT_FIELDS, the revision they were filled in on. Values that are already there write
    nothing. Raises StaleError when somebody else wrote meanwhile, ValidationError by field.
    """
    hold_directory(contact.cpts)
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    before = snapshot(locked, CONTACT_FIELDS)
    changes = changed(before, snapshot(_filled(locked, values), CONTACT_FIELDS))
    if not changes:
        return locked
    if locked.revision != revision or locked.archived_at is not None:
        raise StaleError
    _check(locked, _twin_of(locked))
    return _update(locked, changes, by=by, now=now)


@transaction.atomic
def archive_contact(contact: Contact, *, by: Actor, now: datetime) -> Contact:
    """Withdraw a contact from the directory, and return it; who refers to it keeps it. Twice is once."""
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    if locked.archived_at is not None:
        return locked
    locked.archived_at = now
    locked.save(update_fields=["archived_at"])
    changes = {"archived_at": [None, now.isoformat()]}
    _record("contact_archived", locked, by=by, now=now, changes=changes)
    return locked


def write_checked(
    contact: Contact, values: Mapping[str, Any], *, by: Actor, now: datetime, note: str
) -> None:
    """Write a contact, new or just read, whose values were checked one by one: what an import is made of.

    The caller holds the directory; `note` is a French sentence for the journal.
    """
    before = snapshot(contact, CONTACT_FIELDS)
    _filled(contact, values)
    if contact.pk is None:
        _insert(contact, by=by, now=now, note=note)
    else:
        changes = changed(before, snapshot(contact, CONTACT_FIELDS))
        _update(contact, changes, by=by, now=now, note=note)


def hold_directory(cpts: Cpts | None) -> None:
    """Make other writers of a directory wait for the end of the transaction: two clicks add one contact.

    The shared directory has no row of its own: its writers have the platform's journal in common.
    """
    if cpts is not None:
        Cpts.objects.select_for_update(no_key=True).get(pk=cpts.pk)
    else:
        AuditChain.objects.select_for_update().filter(name=PLATFORM_CHAIN).first()


def _filled(contact: Contact, values: Mapping[str, Any]) -> Contact:
    if unknown := values.keys() - set(CONTACT_FIELDS):
        raise ValueError(f"Not fields of a contact: {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(contact, name, " ".join(value.split()) if isinstance(value, str) else value)
    words = (
        contact.get_kind_display(),
        contact.institution,
        contact.person,
        contact.function,
        contact.territory,
    )
    contact.search_name = search_form(" ".join(words))[:_LONGEST_SEARCH]
    return contact


def _twin_of(contact: Contact) -> Contact | None:
    others = Contact.objects.filter(
        cpts=contact.cpts, kind=contact.kind, departement_code=contact.departement_code, archived_at=None
    )
    key = key_of(contact)
    return next((other for other in others.exclude(pk=contact.pk) if key_of(other) == key), None)


def _check(contact: Contact, twin: Contact | None) -> None:
    contact.full_clean(exclude=["cpts"])
    if twin is not None:
        raise ValidationError(ALREADY_THERE)


def _insert(contact: Contact, *, by: Actor, now: datetime, note: str = "") -> Contact:
    contact.save(force_insert=True)
    changes = created(snapshot(contact, CONTACT_FIELDS))
    _record("contact_added", contact, by=by, now=now, changes=changes, note=note)
    return contact


def _update(contact: Contact, changes: Changes, *, by: Actor, now: datetime, note: str = "") -> Contact:
    contact.revision += 1
    contact.save(update_fields=_WRITTEN)
    _record("contact_updated", contact, by=by, now=now, changes=changes, note=note)
    return contact


def _record(verb: str, contact: Contact, **entry: Any) -> None:
    record(f"organisations.{verb}", contact, cpts_id=contact.cpts_id, **entry)
