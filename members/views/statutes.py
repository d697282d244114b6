"""The statutes of the association: read, at a day or by version; changed; taken away as files."""

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.access.verdict import StaleError
from core.organisations.models import Cpts
from core.organisations.views.tenant import actor_of, in_cpts
from core.spreadsheets.attachments import attachment
from members.domain.statutes import (
    DatedStatutes,
    Told,
    active_colleges,
    colleges_of,
    declare_before,
    differences,
    draft_statutes,
    last_recorded,
    record_statutes,
    statutes_on,
    versions_of,
)
from members.domain.statutes_pdf import request_statutes, statutes_document
from members.domain.statutes_settings import settings_of
from members.domain.statutes_text import Article, articles_of, follows_local_law, missing_from
from members.enums import StatutesState
from members.exports.statutes import statutes_docx
from members.forms.statutes import DayForm, StatutesForm
from members.models import StatutesCollege, StatutesVersion
from members.rules import can_edit_statutes, can_see_statutes


@require_safe
@in_cpts(can_see_statutes)
def statutes(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show the statutes in force, today or on the day asked for (`au`), and every version."""
    today = timezone.localdate()
    asked = DayForm(request.GET if "au" in request.GET else None)
    day = asked.day(today)
    version = statutes_on(cpts.pk, day)
    version.cpts = cpts
    context = _sheet(request, cpts, version, colleges_of(version))
    context |= {"form": asked, "day": day, "is_today": day == today}
    return render(request, "members/statutes/statutes.html", context)


@require_safe
@in_cpts(can_see_statutes)
def statutes_version(request: HttpRequest, cpts: Cpts, statutes_id: int) -> HttpResponse:
    """Show one version as it was recorded, and what it changed."""
    version = _version_or_404(cpts, statutes_id)
    colleges = colleges_of(version)
    context = _sheet(request, cpts, version, colleges)
    dated: list[DatedStatutes] = context["versions"]  # type: ignore[assignment]
    context["shown"] = next(each for each in dated if each.version.pk == version.pk)
    former = _former(dated, version)
    if former:
        changes = differences((former, colleges_of(former)), (version, colleges))
        context |= {"former": former, "changes": changes}
    return render(request, "members/statutes/version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_cpts(can_edit_statutes)
def statutes_edit(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Ask what the assembly adopted, show the text that it gives, then record it."""
    base = _base(cpts)
    form = _form(request.POST if request.method == "POST" else None, cpts, base)
    if request.method != "POST":
        return _edit(request, cpts, form)
    if not form.is_valid():
        return _edit(request, cpts, form, status=400)
    now = timezone.now()
    try:
        if "lire" in request.POST:
            draft = draft_statutes(cpts, form.values(), **form.arguments_of(), now=now)
            return _edit(request, cpts, form, draft=draft, base=base)
        seen = form.cleaned_data["seen"]
        version = record_statutes(
            cpts, form.values(), **form.arguments_of(), seen=seen, by=actor_of(request), now=now
        )
    except ValidationError as error:
        form.show(error)
        return _edit(request, cpts, form, status=400)
    except StaleError:
        return _stale(request, cpts)
    if version.recorded_at == now:
        messages.success(request, "Les statuts sont enregistrés.")
    else:
        messages.info(request, "Ces statuts sont déjà en vigueur ce jour-là\u00a0: rien n’a changé.")
    return redirect("members:statutes_version", cpts.slug, version.pk)


@require_POST
@in_cpts(can_see_statutes)
def statutes_pdf(request: HttpRequest, cpts: Cpts, statutes_id: int) -> HttpResponse:
    """Show the making of the PDF of a version."""
    version = _version_or_404(cpts, statutes_id)
    return redirect("jobs:detail", request_statutes(version, now=timezone.now()).pk)


@require_safe
@in_cpts(can_see_statutes)
def statutes_docx_file(request: HttpRequest, cpts: Cpts, statutes_id: int) -> HttpResponse:
    """Give a version as a Word file."""
    version = _version_or_404(cpts, statutes_id)
    articles = articles_of(version, cpts, colleges_of(version))
    content = statutes_docx(version, articles, now=timezone.now())
    return attachment(content, f"statuts-{cpts.slug}-{version.starts_on:%Y-%m-%d}", "docx")


def _version_or_404(cpts: Cpts, statutes_id: int) -> StatutesVersion:
    version = StatutesVersion.objects.filter(pk=statutes_id, cpts=cpts).first()
    if version is None:
        raise Http404("Cette CPTS n’a pas eu ces statuts.")
    version.cpts = cpts
    return version


def _sheet(
    request: HttpRequest, cpts: Cpts, version: StatutesVersion, colleges: Sequence[StatutesCollege]
) -> dict[str, object]:
    """Return what both pages of the statutes show."""
    today = timezone.localdate()
    dated = versions_of(cpts.pk, today)
    articles = articles_of(version, cpts, colleges)
    can_edit = bool(can_edit_statutes(actor_of(request), cpts))
    return {
        "cpts": cpts,
        "version": version,
        "articles": _with_settings(version, articles),
        "missing": missing_from(articles),
        "versions": dated,
        "declaration": _declaration(version, dated, today),
        "is_local_law": follows_local_law(cpts),
        "document": statutes_document(version, articles) if version.pk else None,
        "can_edit": can_edit,
        "colleges_changed": can_edit and _have_colleges_changed(cpts, colleges),
    }


def _with_settings(version: StatutesVersion, articles: Sequence[Article]) -> list[tuple[Article, object]]:
    return [(article, settings_of(version, article.settings)) for article in articles]


def _declaration(version: StatutesVersion, dated: Sequence[DatedStatutes], today: date) -> date | None:
    """The last day to declare this change of statutes, while it runs."""
    last = declare_before(version, [each.version for each in dated]) if version.pk else None
    return last if last and last >= today else None


def _have_colleges_changed(cpts: Cpts, frozen: Sequence[StatutesCollege]) -> bool:
    """Whether the colleges that members join are no longer those that the statutes name."""
    return [each.pk for each in active_colleges(cpts.pk)] != [each.college_id for each in frozen]


def _former(dated: Sequence[DatedStatutes], version: StatutesVersion) -> StatutesVersion | None:
    """The version that this one came after: the one that held on its day."""
    keys = [each.version.pk for each in dated]
    after = dated[keys.index(version.pk) + 1 :]
    return after[0].version if after else None


def _base(cpts: Cpts) -> StatutesVersion:
    """The version that a change starts from: the last one to begin, or the model's defaults."""
    today = timezone.localdate()
    dated = versions_of(cpts.pk, today)
    kept = next((each for each in dated if each.state != StatutesState.REPLACED), None)
    version = kept.version if kept else statutes_on(cpts.pk, today)
    version.cpts = cpts
    return version


def _form(typed: QueryDict | None, cpts: Cpts, base: StatutesVersion) -> StatutesForm:
    return StatutesForm(
        typed,
        version=base,
        colleges=active_colleges(cpts.pk),
        seats={each.college_id: each.seats for each in colleges_of(base)},
        seen=last_recorded(cpts.pk),
        today=timezone.localdate(),
    )


def _edit(
    request: HttpRequest,
    cpts: Cpts,
    form: StatutesForm,
    *,
    draft: Told | None = None,
    base: StatutesVersion | None = None,
    conflict: StatutesVersion | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"cpts": cpts, "form": form, "conflict": conflict, "draft": False}
    if draft and base:
        context |= _preview(cpts, base, draft)
    return render(request, "members/statutes/edit.html", context, status=status)


def _preview(cpts: Cpts, base: StatutesVersion, draft: Told) -> dict[str, object]:
    """Return what the draft would say: the articles that would read otherwise, and the others."""
    former = base, colleges_of(base)
    said = {article.number: article for article in articles_of(former[0], cpts, former[1])}
    articles = articles_of(draft[0], cpts, draft[1])
    changed = [article for article in articles if article != said.get(article.number)]
    return {
        "draft": True,
        "changed": [(article, ()) for article in changed],
        "unchanged": [(article, ()) for article in articles if article not in changed],
        "missing": missing_from(articles),
        "changes": differences(former, draft),
    }


def _stale(request: HttpRequest, cpts: Cpts) -> HttpResponse:
    """Show what was typed again, on the version that somebody recorded meanwhile."""
    typed = request.POST.copy()
    typed["seen"] = str(last_recorded(cpts.pk) or "")
    base = _base(cpts)
    return _edit(request, cpts, _form(typed, cpts, base), conflict=base, status=409)
