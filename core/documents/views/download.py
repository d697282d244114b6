"""The download of a document."""

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.documents.models import Document
from core.documents.registry import can_read
from core.organisations.models import Cpts
from core.organisations.views.tenant import roles_of

_UNKNOWN = "Ce document n’existe pas, ou ne vous est pas ouvert."


@require_safe
@never_cache
def download(request: HttpRequest, document_id: UUID, filename: str) -> HttpResponse | FileResponse:
    """Give the file to whoever knows its address, or may read it when it is a CPTS's.

    410 once it is no longer kept. The document of a CPTS asks who is there first, and does not exist for
    those who may not read it.
    """
    document = Document.objects.filter(pk=document_id).first()
    # Compared here: PostgreSQL takes no NUL, which an address may hold.
    if document is None or document.filename != filename:
        raise Http404(_UNKNOWN)
    if document.cpts_id is not None and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if document.cpts_id is not None and not _may_read(request, document):
        raise Http404(_UNKNOWN)
    if document.is_expired(now=timezone.now()):
        return render(request, "documents/expired.html", {"document": document}, status=410)
    response = FileResponse(
        document.file.open("rb"), as_attachment=True, filename=filename, content_type="application/pdf"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _may_read(request: HttpRequest, document: Document) -> bool:
    actor = roles_of(request).actor
    cpts = Cpts.objects.visible_to(actor).filter(documents=document).first()
    return actor is not None and cpts is not None and can_read(document.kind, actor, cpts)
