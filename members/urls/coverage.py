"""Members beside the professionals in practice."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
