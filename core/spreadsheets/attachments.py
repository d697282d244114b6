"""A file made for somebody, as the answer that makes the browser keep it."""

from django.http import HttpResponse

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


def attachment(content: bytes, name: str, extension: str) -> HttpResponse:
    """Return the answer that gives `content` to keep as `name.extension`: a workbook, a letter, a calendar.

    `name` is ours: ASCII letters, digits and hyphens.
    """
    response = HttpResponse(content, content_type=_TYPES[extension])
    response["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return response
