"""Scales, calls and payments of fees."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
