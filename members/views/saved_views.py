"""Lists kept under a name: saving the one being read, renaming, sharing, forgetting."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from members.domain.saved_views import delete_view, save_view, update_view, views_open_to
from members.forms.member_filters import MemberFilterForm
from members.forms.saved_views import SavedViewForm
from members.models import SavedView
from members.rules import can_change_view, can_delete_view, can_see_members
from members.views.members import filter_form


@dataclass(frozen=True)
class OpenView:
    """A saved view as its page shows it: the list it opens, what the visitor may do with it."""

    view: SavedView
    url: str
    can_change: bool
    can_delete: bool


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_see_members)
def saved_views(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List what somebody may open, and keep the list of the address under a name."""
    filters = filter_form(request, cpts)
    form = SavedViewForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _page(request, cpts, form, filters, status=400 if form.is_bound else 200)
    try:
        save_view(cpts, query=filters.query, by=actor_of(request), now=timezone.now(), **form.values())
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, cpts, form, filters, status=400)
    messages.success(request, "Cette vue est enregistrée.")
    return redirect(_list_url(cpts, filters.query))


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_see_members)
def saved_view_edit(request: HttpRequest, cpts: Cpts, view_id: int) -> HttpResponse:
    """Rename a view, share it or keep it to oneself."""
    view = _view_of(request, cpts, view_id)
    can_change_view(actor_of(request), view).require()
    initial = {"name": view.name, "is_shared": view.is_shared}
    form = SavedViewForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            update_view(view, by=actor_of(request), now=timezone.now(), **form.values())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Cette vue est modifiée.")
            return redirect("members:views", cpts.slug)
    context = {"cpts": cpts, "form": form, "view": view}
    return render(request, "members/view_edit.html", context, status=400 if form.is_bound else 200)


@require_POST
@in_cpts(can_see_members)
def saved_view_delete(request: HttpRequest, cpts: Cpts, view_id: int) -> HttpResponse:
    """Forget a view; one that is nowhere was forgotten by a first click."""
    if SavedView.objects.filter(pk=view_id).exists():
        view = _view_of(request, cpts, view_id)
        can_delete_view(actor_of(request), view).require()
        delete_view(view, by=actor_of(request), now=timezone.now())
    messages.success(request, "Cette vue est supprimée. Les membres qu’elle montrait n’ont pas changé.")
    return redirect("members:views", cpts.slug)


def _view_of(request: HttpRequest, cpts: Cpts, view_id: int) -> SavedView:
    """Return a view that somebody may open, else a 404: that of another is nobody else's business."""
    open_to_them = SavedView.objects.open_to(cpts.pk, actor_of(request).user_id)
    return get_object_or_404(open_to_them.select_related("cpts"), pk=view_id)


def _page(
    request: HttpRequest, cpts: Cpts, form: SavedViewForm, filters: MemberFilterForm, *, status: int
) -> HttpResponse:
    actor = actor_of(request)
    shown = [
        OpenView(
            view,
            _list_url(cpts, view.query),
            can_change=bool(can_change_view(actor, view)),
            can_delete=bool(can_delete_view(actor, view)),
        )
        for view in views_open_to(cpts, actor)
    ]
    context = {"cpts": cpts, "form": form, "views": shown, "filters": filters}
    return render(request, "members/views.html", context, status=status)


def _list_url(cpts: Cpts, query: str) -> str:
    url = reverse("members:members", args=[cpts.slug])
    return f"{url}?{query}" if query else url
