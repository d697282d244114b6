"""Applications, decisions, ends of membership."""

from django.urls import URLPattern, path

from members.views.applications import applications, applications_decide, applications_desk
from members.views.apply import applied, apply
from members.views.membership import (
    membership_apply,
    membership_change,
    membership_end,
    membership_lift,
    membership_record,
    membership_suspend,
    membership_withdraw,
)
from members.views.removal import (
    removal,
    removal_decide,
    removal_explain,
    removal_invite,
    removal_letter,
    removal_open,
)

_MEMBER = "cpts/<slug:slug>/membres/<int:member_id>"
_PERIOD = f"{_MEMBER}/adhesion/<int:membership_id>"
_REMOVAL = f"{_MEMBER}/radiation/<int:removal_id>"

urlpatterns: list[URLPattern] = [
    path("adherer/<slug:slug>/", apply, name="apply"),
    path("adherer/<slug:slug>/merci/", applied, name="applied"),
    path("cpts/<slug:slug>/membres/demandes/", applications, name="applications"),
    path("cpts/<slug:slug>/membres/demandes/decision/", applications_decide, name="applications_decide"),
    path("cpts/<slug:slug>/membres/demandes/formulaire/", applications_desk, name="applications_desk"),
    path(f"{_MEMBER}/adhesion/demande/", membership_apply, name="membership_apply"),
    path(f"{_MEMBER}/adhesion/ajouter/", membership_record, name="membership_record"),
    path(f"{_PERIOD}/retrait/", membership_withdraw, name="membership_withdraw"),
    path(f"{_PERIOD}/fin/", membership_end, name="membership_end"),
    path(f"{_PERIOD}/categorie/", membership_change, name="membership_change"),
    path(f"{_PERIOD}/suspension/", membership_suspend, name="membership_suspend"),
    path(f"{_PERIOD}/suspension/lever/", membership_lift, name="membership_lift"),
    path(f"{_PERIOD}/radiation/", removal_open, name="removal_open"),
    path(f"{_REMOVAL}/", removal, name="removal"),
    path(f"{_REMOVAL}/invitation/", removal_invite, name="removal_invite"),
    path(f"{_REMOVAL}/lettre/", removal_letter, name="removal_letter"),
    path(f"{_REMOVAL}/explications/", removal_explain, name="removal_explain"),
    path(f"{_REMOVAL}/decision/", removal_decide, name="removal_decide"),
]
