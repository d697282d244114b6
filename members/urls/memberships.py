"""Applications, decisions, ends of membership."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
