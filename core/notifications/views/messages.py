"""The messages of a person, whatever the role they act in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.notifications.domain.messages import mark_all_read, mark_read, unread_count
from core.notifications.models import Notification
from core.notifications.models.notification import NotificationQuerySet

_PAGE_SIZE = 20
_UNREAD = "non-lus"


@require_safe
@never_cache
@login_required
def message_list(request: HttpRequest) -> HttpResponse:
    """Show one's messages, those not read yet first; `etat=non-lus` keeps these only."""
    shown = _mine(request).select_related("cpts")
    only_unread = request.GET.get("etat") == _UNREAD
    page = Paginator(shown.unread() if only_unread else shown, _PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "only_unread": only_unread,
        "unread": unread_count(_person(request)),
        "query": f"etat={_UNREAD}&" if only_unread else "",
    }
    return render(request, "notifications/messages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show a message; its button says that it was read and opens its page."""
    notification = get_object_or_404(_mine(request).select_related("cpts"), pk=message_id)
    if request.method != "POST":
        return render(request, "notifications/message.html", {"notification": notification})
    mark_read(notification, now=timezone.now())
    return redirect(notification.path)


@require_POST
@never_cache
@login_required
def all_read(request: HttpRequest) -> HttpResponse:
    """Say that all one's messages were read; again, it changes nothing."""
    if mark_all_read(_person(request), now=timezone.now()):
        messages.success(request, "Tous vos messages sont marqués comme lus.")
    return redirect("notifications:messages")


def _person(request: HttpRequest) -> int:
    person: int = request.user.pk  # type: ignore[assignment]  # whoever is signed in has a number
    return person


def _mine(request: HttpRequest) -> NotificationQuerySet:
    return Notification.objects.to_person(_person(request))
