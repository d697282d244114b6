"""Members beside the professionals in practice."""

from django.urls import URLPattern, path

from members.views.coverage import (
    coverage,
    coverage_xlsx,
    invitation,
    invite_practitioner,
    missing,
    missing_xlsx,
)

_COVERAGE = "cpts/<slug:slug>/membres/couverture"

urlpatterns: list[URLPattern] = [
    path(f"{_COVERAGE}/", coverage, name="coverage"),
    path(f"{_COVERAGE}/couverture.xlsx", coverage_xlsx, name="coverage_xlsx"),
    path(f"{_COVERAGE}/absents/", missing, name="missing"),
    path(f"{_COVERAGE}/absents/absents.xlsx", missing_xlsx, name="missing_xlsx"),
    path(f"{_COVERAGE}/absents/inviter/", invite_practitioner, name="invite"),
    path("cpts/<slug:slug>/membres/<int:member_id>/invitation/", invitation, name="invitation"),
]
