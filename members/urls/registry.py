"""The list, the sheets."""

from django.urls import URLPattern, path

from members.views.bulk import bulk
from members.views.member import member
from members.views.member_forms import member_edit, person_add, structure_add
from members.views.members import member_filters, members, members_export
from members.views.representative import representative
from members.views.saved_views import saved_view_delete, saved_view_edit, saved_views
from members.views.suggestions import suggested_communes_of, suggested_people, suggested_structures

urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/membres/", members, name="members"),
    path("cpts/<slug:slug>/membres/filtres/", member_filters, name="filters"),
    path("cpts/<slug:slug>/membres/membres.xlsx", members_export, {"extension": "xlsx"}, name="members_xlsx"),
    path("cpts/<slug:slug>/membres/membres.csv", members_export, {"extension": "csv"}, name="members_csv"),
    path("cpts/<slug:slug>/membres/membres.ods", members_export, {"extension": "ods"}, name="members_ods"),
    path("cpts/<slug:slug>/membres/lot/", bulk, name="bulk"),
    path("cpts/<slug:slug>/membres/vues/", saved_views, name="views"),
    path("cpts/<slug:slug>/membres/vues/<int:view_id>/modifier/", saved_view_edit, name="view_edit"),
    path("cpts/<slug:slug>/membres/vues/<int:view_id>/supprimer/", saved_view_delete, name="view_delete"),
    path("cpts/<slug:slug>/membres/ajouter/personne/", person_add, name="person_add"),
    path("cpts/<slug:slug>/membres/ajouter/structure/", structure_add, name="structure_add"),
    path(
        "cpts/<slug:slug>/membres/proposer/communes/",
        suggested_communes_of,
        name="suggested_communes",
    ),
    path(
        "cpts/<slug:slug>/membres/proposer/structures/",
        suggested_structures,
        name="suggested_structures",
    ),
    path("cpts/<slug:slug>/membres/proposer/personnes/", suggested_people, name="suggested_people"),
    path("cpts/<slug:slug>/membres/<int:member_id>/", member, name="member"),
    path("cpts/<slug:slug>/membres/<int:member_id>/modifier/", member_edit, name="member_edit"),
    path(
        "cpts/<slug:slug>/membres/<int:structure_id>/representant/",
        representative,
        name="representative",
    ),
]
