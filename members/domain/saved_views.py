"""Lists that people keep under a name."""

from datetime import datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction

from core.access.actors import Actor
from core.audit.domain.journal import Changes, changed, created, record, snapshot
from core.organisations.models import Cpts
from members.domain.members import hold_registry, one_line
from members.models import SavedView

_TOLD = ("name", "is_shared")
_TAKEN = "Vous avez déjà une vue de ce nom."


def views_open_to(cpts: Cpts, actor: Actor) -> list[SavedView]:
    """Return the lists that somebody may open in a CPTS: their own, and those shared. One query."""
    views = SavedView.objects.open_to(cpts.pk, actor.user_id)
    return list(views.select_related("owner").order_by("name", "pk"))


@transaction.atomic
def save_view(cpts: Cpts, *, name: str, query: str, is_shared: bool, by: Actor, now: datetime) -> SavedView:
    """Keep a list under a name of its author's, and return it; the same sent twice is kept once.

    Raises ValidationError by field: a name already theirs for another list, or none.
    """
    view = SavedView(cpts=cpts, name=one_line(name), query=query, is_shared=is_shared, created_at=now)
    view.owner_id = cast("int", by.user_id)  # a person: the platform keeps no list
    # Two clicks at the same moment keep one list.
    hold_registry(cpts)
    if same := SavedView.objects.filter(cpts=cpts, owner=by.user_id, name=view.name).first():
        if (same.query, same.is_shared) == (view.query, view.is_shared):
            return same
        raise ValidationError({"name": _TAKEN})
    view.clean_fields(exclude=["cpts", "owner"])
    view.save(force_insert=True)
    _record("view_saved", view, created(snapshot(view, _TOLD)), by=by, now=now)
    return view


@transaction.atomic
def update_view(view: SavedView, *, name: str, is_shared: bool, by: Actor, now: datetime) -> SavedView:
    """Give a list another name, share it or not; its author alone does. Raises ValidationError by field."""
    hold_registry(view.cpts)
    before = snapshot(view, _TOLD)
    view.name, view.is_shared = one_line(name), is_shared
    changes = changed(before, snapshot(view, _TOLD))
    if not changes:
        return view
    others = SavedView.objects.filter(cpts=view.cpts_id, owner=view.owner_id, name=view.name)
    if others.exclude(pk=view.pk).exists():
        raise ValidationError({"name": _TAKEN})
    view.clean_fields(exclude=["cpts", "owner"])
    view.save(update_fields=_TOLD)
    _record("view_updated", view, changes, by=by, now=now)
    return view


@transaction.atomic
def delete_view(view: SavedView, *, by: Actor, now: datetime) -> None:
    """Forget a list: its filters are nobody's data."""
    _record("view_deleted", view, {}, by=by, now=now)
    view.delete()


def _record(verb: str, view: SavedView, changes: Changes, *, by: Actor, now: datetime) -> None:
    record(f"members.{verb}", view, cpts_id=view.cpts_id, by=by, now=now, changes=changes)
