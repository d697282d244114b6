"""The page that follows a job, and the button that runs it again.

Whoever knows the address of a job may follow it, for its number cannot be guessed, unless its kind keeps it
for those who may see its CPTS.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.access.actors import HeldRoles
from core.jobs.domain.jobs import retry_job
from core.jobs.domain.progress import JobProgress, can_follow, progress_of
from core.jobs.models import Job


@require_safe
@never_cache
def detail(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Show how far a job is, its result or why it failed; 410 once its result is no longer kept."""
    return _show(request, _load(request, job_id), "jobs/detail.html")


@require_safe
@never_cache
def state(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Give the part of the page that changes; 204 when it is what the page already shows (`vu`).

    Without the 204, a screen reader would read the same text again each second.
    """
    progress = _load(request, job_id)
    if request.GET.get("vu") == progress.stamp:
        return HttpResponse(status=204)
    return _show(request, progress, "jobs/state.html")


@require_POST
def retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Run a failed job again; on any other job, a second click changes nothing."""
    progress = _load(request, job_id)
    if progress.is_expired:
        return _show(request, progress, "jobs/detail.html")
    retry_job(progress.job, now=timezone.now())
    return redirect("jobs:detail", job_id)


def _load(request: HttpRequest, job_id: UUID) -> JobProgress:
    job = Job.objects.filter(pk=job_id).first()
    roles: HeldRoles = request.roles  # type: ignore[attr-defined]  # set by cpts.middleware
    if job is None or not can_follow(job, roles.actor):
        raise Http404("Ce travail n’existe pas, ou ne vous est pas ouvert.")
    return progress_of(job, now=timezone.now())


def _show(request: HttpRequest, progress: JobProgress, template: str) -> HttpResponse:
    return render(request, template, {"progress": progress}, status=410 if progress.is_expired else 200)
