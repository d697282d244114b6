"""Importing a file of members: sent, its columns named, what it would change shown, decided, written."""

import re

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.verdict import StaleError
from core.jobs.enums import JobState
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from core.spreadsheets.writing import write_xlsx
from members.domain.import_files import (
    agree,
    decide_rows,
    drop_file,
    file_address,
    read_as,
    receive_file,
    undecided_count,
)
from members.domain.import_rows import unpacked
from members.enums import RowVerdict
from members.exports.imports import corrected_sheet, model_sheets
from members.forms.imports import ColumnsForm, DuplicatesForm, MemberFileForm
from members.models import ImportFile, VotingCollege
from members.rules import can_edit_members

_PAGE_SIZE = 50
# What is to be done comes first.
_ORDER = (
    RowVerdict.REFUSED,
    RowVerdict.DUPLICATE,
    RowVerdict.CHANGED,
    RowVerdict.NEW,
    RowVerdict.UNCHANGED,
    RowVerdict.SKIPPED,
)
_ROW_NAME = re.compile(r"ligne-([0-9]{1,6})")
_CHANGED_MEANWHILE = "Cet aperçu n’est plus le dernier\u00a0: rien n’est enregistré. Relisez celui-ci."


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def imports(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask for a file, and keep it; the imports under way are listed."""
    posted = request.method == "POST"
    form = MemberFileForm(request.POST, request.FILES) if posted else MemberFileForm()
    if posted and form.is_valid():
        sheet = form.cleaned_data["fichier"]
        file = receive_file(cpts, sheet, name=form.name, by=actor_of(request), now=timezone.now())
        return _to_its_reading(file)
    files = ImportFile.objects.filter(cpts=cpts).defer("content").order_by("-created_at")
    context = {"cpts": cpts, "form": form, "files": files.select_related("imported_by", "cpts")[:10]}
    return render(request, "members/import/start.html", context, status=400 if posted else 200)


@require_safe
@in_cpts(can_edit_members)
def import_model(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Send a file to fill in."""
    colleges = VotingCollege.objects.filter(cpts=cpts, archived_at=None)
    sheets = model_sheets(list(colleges.values_list("name", flat=True)))
    return attachment(write_xlsx(sheets), "modele-membres", "xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_members)
def import_columns(request: HttpRequest, cpts: Cpts, file_id: int) -> HttpResponse:
    """Ask what each column of a file fills, then have it read so."""
    file = _file_or_404(cpts, file_id)
    if file.written_at:
        return redirect(file_address(file))
    form = ColumnsForm(
        request.POST if request.method == "POST" else None, file=file, rows=unpacked(bytes(file.content))
    )
    if form.is_bound and form.is_valid():
        try:
            file = read_as(file, form.reading(), by=actor_of(request), now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("jobs:detail", file.job_id)
    context = {"cpts": cpts, "file": file, "form": form}
    return render(request, "members/import/columns.html", context, status=400 if form.is_bound else 200)


@require_safe
@in_cpts(can_edit_members)
def import_file(request: HttpRequest, cpts: Cpts, file_id: int) -> HttpResponse:
    """Show what a file would change, by verdict; once written, what it did."""
    file = _file_or_404(cpts, file_id)
    if file.written_at:
        return render(
            request, "members/import/done.html", {"cpts": cpts, "file": file, "tabs": _tabs(file, None)}
        )
    if file.job and not file.job.is_ended:
        return redirect("jobs:detail", file.job_id)
    if file.planned_at is None:
        return _to_its_reading(file)
    return _preview(request, file)


@require_POST
@in_cpts(can_edit_members)
def import_decide(request: HttpRequest, cpts: Cpts, file_id: int) -> HttpResponse:
    """Keep what was decided of possible duplicates."""
    file = _file_or_404(cpts, file_id)
    # The numbers of the rows of the longest file have five digits.
    names = {int(found[1]) for name in request.POST if (found := _ROW_NAME.fullmatch(name))}
    duplicates = file.rows.filter(verdict=RowVerdict.DUPLICATE)
    form = DuplicatesForm(request.POST, rows=duplicates.filter(number__in=sorted(names)[:_PAGE_SIZE]))
    if form.is_valid():
        undecided = duplicates.filter(choice="").values_list("number", flat=True)
        try:
            left = decide_rows(file, form.choices_made(undecided))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Choix gardés. Lignes encore à décider\u00a0: {left}.")
            return redirect(f"{file_address(file)}?verdict={RowVerdict.DUPLICATE}")
    return _preview(request, file, form=form, status=400)


@require_POST
@in_cpts(can_edit_members)
def import_agree(request: HttpRequest, cpts: Cpts, file_id: int) -> HttpResponse:
    """Have what was shown written."""
    file = _file_or_404(cpts, file_id)
    try:
        job = agree(file, request.POST.get("empreinte", ""), by=actor_of(request), now=timezone.now())
    except StaleError:
        messages.error(request, _CHANGED_MEANWHILE)
        return redirect(file_address(file))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(file_address(file))
    return redirect("jobs:detail", job.pk)


@require_POST
@in_cpts(can_edit_members)
def import_drop(request: HttpRequest, cpts: Cpts, file_id: int) -> HttpResponse:
    """Erase a file that will not be imported."""
    drop_file(_file_or_404(cpts, file_id))
    messages.success(request, "Le fichier est effacé de la plateforme, le registre n’a pas changé.")
    return redirect("members:imports", cpts.slug)


@require_safe
@in_cpts(can_edit_members)
def import_report(request: HttpRequest, cpts: Cpts, file_id: int) -> HttpResponse:
    """Send somebody their own rows, each with what is to be corrected."""
    file = _file_or_404(cpts, file_id)
    if not file.content:
        raise Http404("Ce fichier est enregistré\u00a0: il n’a plus rien à corriger.")
    refused = file.rows.filter(verdict=RowVerdict.REFUSED).values_list("number", "reasons")
    reasons = {number: " ".join(sentences) for number, sentences in refused}
    sheet = corrected_sheet(file.headers, unpacked(bytes(file.content)), reasons)
    return attachment(write_xlsx([sheet]), "membres-a-corriger", "xlsx")


def _file_or_404(cpts: Cpts, file_id: int) -> ImportFile:
    file = (
        ImportFile.objects.filter(cpts=cpts, pk=file_id)
        .select_related("cpts", "job")
        .defer("content")
        .first()
    )
    if file is None:
        raise Http404("Ce fichier n’est plus conservé, ou n’a jamais été envoyé.")
    return file


def _to_its_reading(file: ImportFile) -> HttpResponse:
    """Go where a file is being read, or to its columns when they are not recognised."""
    if file.job_id:
        return redirect("jobs:detail", file.job_id)
    return redirect("members:import_columns", file.cpts.slug, file.pk)


def _preview(
    request: HttpRequest, file: ImportFile, *, form: DuplicatesForm | None = None, status: int = 200
) -> HttpResponse:
    verdict = RowVerdict.DUPLICATE if form else _verdict(request, file)
    rows = file.rows.filter(verdict=verdict)
    page = Paginator(rows, _PAGE_SIZE).get_page(request.GET.get("page"))
    if verdict == RowVerdict.DUPLICATE and form is None:
        form = DuplicatesForm(rows=page.object_list)
    context = {
        "cpts": file.cpts,
        "file": file,
        "verdict": verdict,
        "page": page,
        "form": form,
        "tabs": _tabs(file, verdict),
        "new": file.counts.get(RowVerdict.NEW, 0),
        "changed": file.counts.get(RowVerdict.CHANGED, 0),
        "refused": file.counts.get(RowVerdict.REFUSED, 0),
        "duplicates": file.counts.get(RowVerdict.DUPLICATE, 0),
        "undecided": undecided_count(file),
        "ignored": [
            header for header, name in zip(file.headers, file.mapping, strict=False) if header and not name
        ],
        "failure": file.job.error if file.job and file.job.state == JobState.FAILED else "",
    }
    return render(request, "members/import/preview.html", context, status=status)


def _verdict(request: HttpRequest, file: ImportFile) -> RowVerdict:
    """Return which rows are shown: those asked for, else those that wait for something."""
    asked = request.GET.get("verdict")
    if asked in RowVerdict.values:
        return RowVerdict(asked)
    return next((verdict for verdict in _ORDER if file.counts.get(verdict)), RowVerdict.NEW)


def _tabs(file: ImportFile, current: RowVerdict | None) -> list[tuple[RowVerdict, int, bool]]:
    return [(each, count, each == current) for each in _ORDER if (count := file.counts.get(each, 0))]
