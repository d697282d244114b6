"""The association: opening a CPTS, and keeping its sheet."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from core.access.actors import Actor
from core.access.verdict import StaleError
from core.audit.domain.journal import changed, created, record, snapshot
from core.organisations.domain.identifiers import clean_finess, clean_rna, clean_siret
from core.organisations.domain.naming import insert_named
from core.organisations.enums import ContactKind, Stage, StageSource
from core.organisations.models import Contact, Cpts
from core.territories.domain.names import search_form
from core.territories.models import Departement

SHEET_FIELDS = (
    "name", "rna", "siret", "finess",
    "address", "postal_code", "city", "departement_code", "departement_name", "region_code",
    "representative_name", "representative_capacity", "contact_email", "contact_phone",
    "ars_referent", "cpam_referent", "msa_referent",
)  # fmt: skip
"""What `update_association` may write."""
REFERENT_KINDS: dict[str, tuple[ContactKind, ...]] = {
    "ars_referent": (ContactKind.ARS,),
    "cpam_referent": (ContactKind.CPAM, ContactKind.ELSM),
    "msa_referent": (ContactKind.MSA,),
}
"""In which kinds of contact each referent is chosen: the medical service is the health insurance's."""
_CLEANERS: dict[str, Callable[[str], str]] = {
    "rna": clean_rna,
    "siret": clean_siret,
    "finess": clean_finess,
}
_TAKEN = {
    "name": "Une autre CPTS porte déjà ce nom\u00a0: précisez-le, par la ville ou le bassin par exemple.",
    "rna": "Ce numéro RNA est déjà celui d’une autre CPTS.",
    "siret": "Ce SIRET est déjà celui d’une autre CPTS.",
    "finess": "Ce numéro FINESS est déjà celui d’une autre CPTS.",
}
_OPENED_FIELDS = (
    "name",
    "slug",
    "departement_code",
    "departement_name",
    "region_code",
    "stage",
    "stage_since",
)
_FOREIGN_CONTACT = "Ce contact n’est pas dans l’annuaire de la CPTS\u00a0: choisissez-en un autre."


@transaction.atomic
def open_cpts(name: str, departement: Departement, *, by: Actor, now: datetime) -> Cpts:
    """Open a CPTS at its first stage, and return it.

    In: its name, and its département in a vintage of the official code, whose codes and name are copied.
    The name in addresses is made of the name, and stays. Raises ValidationError when the name is taken.
    """
    name = _one_line(name)
    _check_free("name", name)
    cpts = Cpts(
        name=name,
        search_name=_folded(name),
        slug=_free_slug(name),
        **seat_of(departement),
        stage=Stage.INTEREST,
        stage_since=timezone.localdate(now),
        stage_source=StageSource.DECLARED,
        created_at=now,
    )
    insert_named(cpts, taken=_TAKEN["name"])
    changes = created(snapshot(cpts, _OPENED_FIELDS))
    record("organisations.cpts_opened", cpts, by=by, now=now, cpts_id=cpts.pk, changes=changes)
    return cpts


def seat_of(departement: Departement) -> dict[str, str]:
    """Return the fields that copy the département of a seat: a later vintage does not change them."""
    return {
        "departement_code": departement.code,
        "departement_name": departement.name,
        "region_code": departement.region.code,
    }


@transaction.atomic
def update_association(
    cpts: Cpts, values: Mapping[str, Any], *, revision: int, by: Actor, now: datetime
) -> Cpts:
    """Write the sheet's fields given in `values`, and return the CPTS as it now is.

    In: values among SHEET_FIELDS, numbers as typed; the revision of the sheet on which they were filled in.
    Values that are already there are a success that writes nothing: a form sent twice. Raises StaleError
    when somebody else wrote meanwhile, ValidationError by field when a value cannot be kept.
    """
    if unknown := values.keys() - set(SHEET_FIELDS):
        raise ValueError(f"Not fields of the sheet: {', '.join(sorted(unknown))}")
    locked = Cpts.objects.select_for_update(no_key=True).get(pk=cpts.pk)
    before = snapshot(locked, SHEET_FIELDS)
    for name, value in _cleaned(locked, values).items():
        setattr(locked, name, value)
    changes = changed(before, snapshot(locked, SHEET_FIELDS))
    if not changes:
        return locked
    if locked.revision != revision:
        raise StaleError
    locked.search_name = _folded(locked.name)
    locked.revision += 1
    locked.full_clean(exclude=["logo"])
    locked.save(update_fields=[*SHEET_FIELDS, "search_name", "revision"])
    record("organisations.association_updated", locked, by=by, now=now, cpts_id=locked.pk, changes=changes)
    return locked


def missing_from_sheet(cpts: Cpts) -> list[str]:
    """Return, in French, what a contract or a document needs and the sheet does not say yet."""
    needed = {
        "le numéro RNA": cpts.rna,
        "le SIRET": cpts.siret,
        "l’adresse du siège": cpts.address and cpts.postal_code and cpts.city,
        "le représentant légal": cpts.representative_name and cpts.representative_capacity,
        "l’adresse électronique de contact": cpts.contact_email,
    }
    return [label for label, value in needed.items() if not value]


def _cleaned(cpts: Cpts, values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned, errors = {}, {}
    for name, value in values.items():
        try:
            cleaned[name] = _clean_value(cpts, name, value)
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    return cleaned


def _clean_value(cpts: Cpts, name: str, value: Any) -> Any:
    if name in REFERENT_KINDS:
        return _checked_referent(cpts, name, value)
    if isinstance(value, str):
        value = _CLEANERS.get(name, _one_line)(value)
    if name in _TAKEN and value:
        _check_free(name, value, but=cpts)
    return value


def _one_line(typed: str) -> str:
    return " ".join(typed.split())


def _folded(name: str) -> str:
    """What a name is searched by; written out, its abbreviations may not fit."""
    return search_form(name)[: Cpts._meta.get_field("search_name").max_length]


def _check_free(name: str, value: str, *, but: Cpts | None = None) -> None:
    others = Cpts.objects.exclude(pk=but.pk) if but else Cpts.objects.all()
    if others.filter(**{name: value}).exists():
        raise ValidationError({name: _TAKEN[name]} if but is None else _TAKEN[name])


def _checked_referent(cpts: Cpts, name: str, contact: Contact | None) -> Contact | None:
    """Return the contact if the CPTS may choose it; the present referent stays, archived or not."""
    if contact is None or contact.pk == getattr(cpts, f"{name}_id"):
        return contact
    is_open = contact.cpts_id in (None, cpts.pk) and contact.archived_at is None
    if not is_open or contact.kind not in REFERENT_KINDS[name]:
        raise ValidationError(_FOREIGN_CONTACT)
    return contact


def _free_slug(name: str) -> str:
    """Return a name in addresses that nobody has: "cpts-du-littoral", then "cpts-du-littoral-2"."""
    longest = Cpts._meta.get_field("slug").max_length or 0
    base = slugify(name.replace("’", " ").replace("'", " "))[: longest - 5].strip("-") or "cpts"
    taken = set(Cpts.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in candidates if slug not in taken)
