"""Addresses of this app, by subject."""

from django.urls import URLPattern

from members.urls import coverage, duplicates, fees, imports, memberships, registry, space, statutes

app_name = "members"
urlpatterns: list[URLPattern] = [
    *registry.urlpatterns,
    *memberships.urlpatterns,
    *imports.urlpatterns,
    *duplicates.urlpatterns,
    *coverage.urlpatterns,
    *fees.urlpatterns,
    *statutes.urlpatterns,
    *space.urlpatterns,
]
