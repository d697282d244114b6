"""Addresses of the catalogue of components; `cpts.urls` includes them in development only."""

from django.urls import path

from core.ui.views.catalogue import catalogue

app_name = "ui"
urlpatterns = [path("", catalogue, name="catalogue")]
