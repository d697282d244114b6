"""Addresses of the money of one CPTS: contract, schedule, statements, receipts."""

from django.urls import URLPattern

app_name = "contract"
urlpatterns: list[URLPattern] = []
