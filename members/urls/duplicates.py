"""Duplicates, merging, personal data."""

from django.urls import URLPattern, path

from members.views.duplicates import duplicates, merge, tell_apart_pair

_PAIR = "cpts/<slug:slug>/membres/doublons/<int:kept_id>/<int:left_id>/"

urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/membres/doublons/", duplicates, name="duplicates"),
    path(_PAIR, merge, name="merge"),
    path(f"{_PAIR}distinguer/", tell_apart_pair, name="tell_apart"),
]
