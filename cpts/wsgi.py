"""WSGI entry point for gunicorn."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from cpts.start import load_settings

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)


def without_charset(application: Application) -> Application:
    """Take what is sent for UTF-8, as every browser sends it, whatever charset the request declares.

    Django would decode with any codec of Python's: some are no text at all and fail before the first
    middleware, others make halves of characters that no page can show.
    """

    def decoded_as_utf8(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return decoded_as_utf8


load_settings()
application = without_charset(get_wsgi_application())
