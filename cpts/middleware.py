"""What every request goes through: a GET cannot write, no page of a person is kept, no refusal is blank."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from core.access.actors import HeldRoles
from core.access.sessions import ROLE_KEY
from core.accounts.domain.roles import held_roles

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE")

# Someone whose password was changed elsewhere is signed out by the first view that asks who they are.
_END_OF_SESSION = 'DELETE FROM "django_session"'


class WriteOnReadError(RuntimeError):
    """A safe request tried to write in the database."""


def _refuse_writes(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if sql.lstrip().upper().startswith(_WRITES) and not sql.startswith(_END_OF_SESSION):
        raise WriteOnReadError(f"A safe request may not write: {sql[:80]}")
    return execute(sql, params, many, context)


def read_only_get(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse SQL writes while a view answers GET, HEAD or OPTIONS.

    It is the innermost middleware: the session, saved further out, is not concerned; only its end comes
    from inside. A view that forgets this fails loudly instead of changing data on a refresh.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in _SAFE_METHODS:
            return get_response(request)
        with connection.execute_wrapper(_refuse_writes):
            return get_response(request)

    return middleware


def with_roles(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request `roles`: what its visitor may act as, read once, when somebody asks."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.roles = SimpleLazyObject(lambda: _roles_of(request))  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def _roles_of(request: HttpRequest) -> HeldRoles:
    if not request.user.is_authenticated:
        return HeldRoles()
    return held_roles(request.user.pk, chosen=request.session.get(ROLE_KEY))


def bounded_body(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 413 to a body above LARGEST_BODY_IN_BYTES, unread.

    Files are written to the disk as they come, before the first form or CSRF check sees them: a form can
    refuse a file of 12 MB with its own sentence, not one of 100 GB. A body of undeclared length is not read
    at all.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length[:20]) > settings.LARGEST_BODY_IN_BYTES:
            return render(request, "413.html", status=413)
        return get_response(request)

    return middleware


def private_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Keep what is shown to somebody signed in out of every cache, that of their browser included.

    On a shared computer, "back" would otherwise show the amounts of who has signed out.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            add_never_cache_headers(response)
        return response

    return middleware


def explained_method(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give a page to a refused method (405), which Django answers blank: one reloads a button's address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return middleware
