"""Addresses of this app."""

from django.urls import path

from core.territories.views.search import search
from core.territories.views.spreadsheet_import import import_communes, use_communes
from core.territories.views.territory import list_csv, list_xlsx, territory, territory_map

app_name = "territories"
urlpatterns = [
    path("", territory, name="territory"),
    path("recherche/", search, name="search"),
    path("carte/", territory_map, name="map"),
    path("liste.xlsx", list_xlsx, name="list_xlsx"),
    path("liste.csv", list_csv, name="list_csv"),
    path("import/", import_communes, name="import"),
    path("import/communes/", use_communes, name="use_communes"),
]
