"""A GET cannot write: a view that forgets it fails loudly instead of changing data on a refresh."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE")


class WriteOnReadError(RuntimeError):
    """A safe request tried to write in the database."""


def _refuse_writes(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if sql.lstrip().upper().startswith(_WRITES):
        raise WriteOnReadError(f"A safe request may not write: {sql[:80]}")
    return execute(sql, params, many, context)


def read_only_get(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse SQL writes while a view answers GET, HEAD or OPTIONS.

    It is the innermost middleware: the session, saved further out, is not concerned.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in _SAFE_METHODS:
            return get_response(request)
        with connection.execute_wrapper(_refuse_writes):
            return get_response(request)

    return middleware
