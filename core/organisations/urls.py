"""Addresses of this app."""

from django.urls import URLPattern, path

from core.organisations.views.association import association

app_name = "organisations"
urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/", association, name="association"),
]
