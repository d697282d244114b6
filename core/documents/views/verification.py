"""The public pages that confirm that a document was issued here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.documents.domain.fingerprints import parse_fingerprint
from core.documents.forms import VerificationForm
from core.documents.models import Document


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a fingerprint or a file, and say whether it is authentic."""
    if request.method != "POST":
        return _ask(request, VerificationForm())
    form = VerificationForm(request.POST, request.FILES)
    if not form.is_valid():
        return _ask(request, form, status=400)
    if form.cleaned_data["fingerprint"]:
        return redirect("documents:verified", form.cleaned_data["fingerprint"])
    found = Document.objects.with_file_hash(form.file_hash()).first()
    return _answer(request, found, by_file=True)


@require_safe
def verified(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Say whether a document of this fingerprint was issued here, and when; never what is in it."""
    known = parse_fingerprint(fingerprint)
    found = Document.objects.with_fingerprint(known).first() if known else None
    return _answer(request, found, by_file=False)


def _ask(request: HttpRequest, form: VerificationForm, *, status: int = 200) -> HttpResponse:
    return render(request, "documents/verify.html", {"form": form}, status=status)


def _answer(request: HttpRequest, document: Document | None, *, by_file: bool) -> HttpResponse:
    verdict = "Document authentique" if document else "Document inconnu"
    context = {"document": document, "verdict": verdict, "by_file": by_file}
    return render(request, "documents/verified.html", context, status=200 if document else 404)
