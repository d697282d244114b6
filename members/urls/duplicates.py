"""Duplicates, merging, personal data."""

from django.urls import URLPattern, path

from members.views.duplicates import duplicates, merge, tell_apart_pair
from members.views.privacy import member_data, member_data_json, retention

_PAIR = "cpts/<slug:slug>/membres/doublons/<int:kept_id>/<int:left_id>/"

urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/membres/doublons/", duplicates, name="duplicates"),
    path(_PAIR, merge, name="merge"),
    path(f"{_PAIR}distinguer/", tell_apart_pair, name="tell_apart"),
    path("cpts/<slug:slug>/membres/conservation/", retention, name="retention"),
    path("cpts/<slug:slug>/membres/<int:member_id>/donnees/", member_data, name="member_data"),
    path("cpts/<slug:slug>/membres/<int:member_id>/donnees.json", member_data_json, name="member_data_json"),
]
