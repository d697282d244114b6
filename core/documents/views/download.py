"""The download of a document."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.documents.models import Document


@require_safe
@never_cache
def download(request: HttpRequest, document_id: UUID, filename: str) -> HttpResponse | FileResponse:
    """Give the file to whoever knows its address; 410 once it is no longer kept."""
    document = Document.objects.filter(pk=document_id).first()
    # Compared here: PostgreSQL takes no NUL, which an address may hold.
    if document is None or document.filename != filename:
        raise Http404("Ce document n’existe pas.")
    if document.is_expired(now=timezone.now()):
        return render(request, "documents/expired.html", {"document": document}, status=410)
    response = FileResponse(
        document.file.open("rb"), as_attachment=True, filename=filename, content_type="application/pdf"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
