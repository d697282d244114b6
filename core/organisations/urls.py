"""Addresses of this app."""

from django.urls import URLPattern, path

from core.organisations.views.association import association, association_edit, stage
from core.organisations.views.contacts import (
    contact_add,
    contact_archive,
    contact_edit,
    contacts,
    contacts_agree,
    contacts_export,
    contacts_import,
)
from core.organisations.views.logo import logo, logo_edit, logo_remove
from core.organisations.views.shared_contacts import (
    shared_contact_add,
    shared_contact_archive,
    shared_contact_edit,
    shared_contacts,
    shared_contacts_agree,
    shared_contacts_export,
    shared_contacts_import,
)
from core.organisations.views.territory import (
    territory,
    territory_csv,
    territory_map,
    territory_version,
    territory_xlsx,
)
from core.organisations.views.territory_edit import territory_edit

app_name = "organisations"
_XLSX, _CSV = {"extension": "xlsx"}, {"extension": "csv"}
urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/", association, name="association"),
    path("cpts/<slug:slug>/association/modifier/", association_edit, name="association_edit"),
    path("cpts/<slug:slug>/association/etape/", stage, name="stage"),
    path("cpts/<slug:slug>/association/logo/", logo, name="logo"),
    path("cpts/<slug:slug>/association/logo/modifier/", logo_edit, name="logo_edit"),
    path("cpts/<slug:slug>/association/logo/retirer/", logo_remove, name="logo_remove"),
    path("cpts/<slug:slug>/annuaire/", contacts, name="contacts"),
    path("cpts/<slug:slug>/annuaire/ajouter/", contact_add, name="contact_add"),
    path("cpts/<slug:slug>/annuaire/importer/", contacts_import, name="contacts_import"),
    path(
        "cpts/<slug:slug>/annuaire/importer/confirmer/",
        contacts_agree,
        name="contacts_agree",
    ),
    path(
        "cpts/<slug:slug>/annuaire/annuaire.xlsx",
        contacts_export,
        {"extension": "xlsx"},
        name="contacts_xlsx",
    ),
    path("cpts/<slug:slug>/annuaire/annuaire.csv", contacts_export, _CSV, name="contacts_csv"),
    path("cpts/<slug:slug>/annuaire/<int:contact_id>/modifier/", contact_edit, name="contact_edit"),
    path("cpts/<slug:slug>/annuaire/<int:contact_id>/retirer/", contact_archive, name="contact_archive"),
    path("annuaire/", shared_contacts, name="shared_contacts"),
    path("annuaire/ajouter/", shared_contact_add, name="shared_contact_add"),
    path("annuaire/importer/", shared_contacts_import, name="shared_contacts_import"),
    path("annuaire/importer/confirmer/", shared_contacts_agree, name="shared_contacts_agree"),
    path("annuaire/annuaire.xlsx", shared_contacts_export, _XLSX, name="shared_contacts_xlsx"),
    path("annuaire/annuaire.csv", shared_contacts_export, _CSV, name="shared_contacts_csv"),
    path("annuaire/<int:contact_id>/modifier/", shared_contact_edit, name="shared_contact_edit"),
    path("annuaire/<int:contact_id>/retirer/", shared_contact_archive, name="shared_contact_archive"),
    path("cpts/<slug:slug>/territoire/", territory, name="territory"),
    path("cpts/<slug:slug>/territoire/modifier/", territory_edit, name="territory_edit"),
    path("cpts/<slug:slug>/territoire/<int:version_id>/", territory_version, name="territory_version"),
    path("cpts/<slug:slug>/territoire/<int:version_id>/carte/", territory_map, name="territory_map"),
    path("cpts/<slug:slug>/territoire/<int:version_id>/communes.xlsx", territory_xlsx, name="territory_xlsx"),
    path("cpts/<slug:slug>/territoire/<int:version_id>/communes.csv", territory_csv, name="territory_csv"),
]
