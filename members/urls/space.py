"""A member's own space, and how the coordination opens it."""

from django.urls import URLPattern, path

from members.views.space import (
    space,
    space_contact,
    space_data,
    space_data_file,
    space_leave,
    space_leave_confirm,
    space_take,
)
from members.views.space_access import space_access, space_tie, space_untie

_SPACE = "cpts/<slug:slug>/mon-espace/"
_ACCESS = "cpts/<slug:slug>/membres/<int:member_id>/espace/"

urlpatterns: list[URLPattern] = [
    path(_SPACE, space, name="space"),
    path(f"{_SPACE}relier/", space_take, name="space_take"),
    path(f"{_SPACE}coordonnees/", space_contact, name="space_contact"),
    path(f"{_SPACE}donnees/", space_data, name="space_data"),
    path(f"{_SPACE}donnees/fichier/", space_data_file, name="space_data_file"),
    path(f"{_SPACE}depart/", space_leave, name="space_leave"),
    path(f"{_SPACE}depart/confirmer/", space_leave_confirm, name="space_leave_confirm"),
    path(_ACCESS, space_access, name="space_access"),
    path(f"{_ACCESS}relier/", space_tie, name="space_tie"),
    path(f"{_ACCESS}delier/", space_untie, name="space_untie"),
]
