"""Duplicates, merging, personal data."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
