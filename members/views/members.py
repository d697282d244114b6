"""The list of a registry: search as you type, filters, columns, exports."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from core.spreadsheets.ods import write_ods
from core.spreadsheets.writing import Sheet, write_csv, write_xlsx
from members.domain.bulk import BULK_ACTIONS
from members.domain.columns import COLUMNS, for_columns
from members.domain.list_columns import file_columns, rows_of, unread_by
from members.domain.listing import counts_of, found, in_order, territory_communes
from members.domain.saved_views import views_open_to
from members.exports.members import member_list
from members.forms.member_filters import MemberFilterForm
from members.models import SavedView, VotingCollege
from members.models.member import MemberQuerySet
from members.rules import can_edit_members, can_see_members

_PAGE_SIZE = 50
_FORMATS = ("xlsx", "csv", "ods")
_QUICK = ("recherche", "situation")


@dataclass(frozen=True)
class ShownView:
    """A saved view as the list offers it: its name, its address, whether it is the list being read."""

    view: SavedView
    url: str
    is_current: bool


@dataclass(frozen=True)
class Format:
    """A kind of file, and where it is made."""

    name: str
    url: str


@require_safe
@in_cpts(can_see_members)
def members(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """List the registry: the whole page, or what changes in it while one types."""
    form = filter_form(request, cpts)
    context = {"cpts": cpts, "form": form} | _listed(request, cpts, form)
    status = 400 if form.errors else 200
    if request.headers.get("HX-Target") == "liste":
        response = render(request, "members/_list.html", context, status=status)
        response["HX-Replace-Url"] = f"{request.path}?{form.query}" if form.query else request.path
        return response
    context |= {
        "counts": counts_of(cpts, form.today),
        "quick": [form[name] for name in _QUICK],
        "kept": form.hidden(*_QUICK),
    }
    return render(request, "members/list.html", context, status=status)


@require_safe
@in_cpts(can_see_members)
def member_filters(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show every filter, the order and the columns; the list itself answers."""
    form = filter_form(request, cpts, offered=True)
    return render(request, "members/filters.html", {"cpts": cpts, "form": form})


@require_safe
@in_cpts(can_see_members)
def members_export(request: HttpRequest, cpts: Cpts, extension: str) -> HttpResponse:
    """Send exactly what is filtered, under the columns of the list, or under all of them."""
    form = filter_form(request, cpts)
    names = list(COLUMNS) if request.GET.get("complet") else file_columns(form.columns)
    rows = for_columns(wanted_members(cpts, form), form.day).defer(*unread_by(names))
    day = timezone.localdate()
    return attachment(
        _written(member_list(rows, names), extension), f"membres-{cpts.slug}-{day:%Y-%m-%d}", extension
    )


def filter_form(request: HttpRequest, cpts: Cpts, *, offered: bool = False) -> MemberFilterForm:
    """Return what the address asks of the list: two queries at most.

    Communes and colleges are read for whom they are to be shown, or named in the address.
    """
    today: date = timezone.localdate()

    def asked(*names: str) -> bool:
        return offered or any(request.GET.get(name) for name in names)

    colleges = VotingCollege.objects.filter(cpts=cpts, archived_at=None) if asked("college") else ()
    communes = territory_communes(cpts, today) if asked("commune", "epci") else ()
    return MemberFilterForm(request.GET, communes=communes, colleges=colleges, today=today)


def wanted_members(cpts: Cpts, form: MemberFilterForm) -> MemberQuerySet:
    """Return those the address asks for, in its order."""
    return in_order(found(cpts, form.wanted), form.order)


def _listed(request: HttpRequest, cpts: Cpts, form: MemberFilterForm) -> dict[str, object]:
    actor = actor_of(request)
    page = Paginator(wanted_members(cpts, form), _PAGE_SIZE).get_page(request.GET.get("page"))
    shown = for_columns(page.object_list, form.day)  # type: ignore[arg-type]  # a slice of the query
    shown = shown.defer(*unread_by(file_columns(form.columns)))
    can_edit = bool(can_edit_members(actor, cpts))
    return {
        "page": page,
        "rows": rows_of(shown, form.columns),
        "can_edit": can_edit,
        "actions": BULK_ACTIONS.values() if can_edit else (),
        "views": _offered(cpts, form, views_open_to(cpts, actor)),
        "formats": [
            Format(each.upper(), reverse(f"members:members_{each}", args=[cpts.slug])) for each in _FORMATS
        ],
        "list_url": reverse("members:members", args=[cpts.slug]),
    }


def _offered(cpts: Cpts, form: MemberFilterForm, views: list[SavedView]) -> list[ShownView]:
    url = reverse("members:members", args=[cpts.slug])
    return [ShownView(view, f"{url}?{view.query}", view.query == form.query) for view in views]


def _written(sheet: Sheet, extension: str) -> bytes:
    if extension == "csv":
        return write_csv(sheet)
    return write_ods([sheet]) if extension == "ods" else write_xlsx([sheet])
