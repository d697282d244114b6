"""Addresses of the administration of the platform."""

from django.urls import path

from cpts.views import administration, administration_institutions, administration_people, history

app_name = "administration"
urlpatterns = [
    path("", administration.overview, name="overview"),
    path("cpts/", administration.cpts_list, name="cpts"),
    path("cpts/ouvrir/", administration.open_one, name="open_cpts"),
    path("institutions/", administration_institutions.institutions, name="institutions"),
    path("institutions/ouvrir/", administration_institutions.open_one, name="open_institution"),
    path("institutions/<int:institution_id>/", administration_institutions.institution, name="institution"),
    path(
        "institutions/<int:institution_id>/ressort/",
        administration_institutions.extend_scope,
        name="extend_scope",
    ),
    path(
        "institutions/<int:institution_id>/ressort/<int:scope_id>/retirer/",
        administration_institutions.reduce_scope,
        name="reduce_scope",
    ),
    path(
        "institutions/<int:institution_id>/inviter/",
        administration_institutions.invite_reviewer,
        name="invite_reviewer",
    ),
    path("administrateurs/", administration_people.administrators, name="administrators"),
    path("administrateurs/inviter/", administration_people.invite_administrator, name="invite_administrator"),
    path("roles/<int:assignment_id>/renvoyer/", administration_people.resend, name="invite_again"),
    path("roles/<int:assignment_id>/fin/", administration_people.end, name="end_role"),
    path("historique/", history.platform_history, name="history"),
]
