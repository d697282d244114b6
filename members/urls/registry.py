"""The list, the sheets."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
