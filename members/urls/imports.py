"""Reading a file of members."""

from django.urls import URLPattern, path

from members.views.imports import (
    import_agree,
    import_columns,
    import_decide,
    import_drop,
    import_file,
    import_model,
    import_report,
    imports,
)

urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/membres/importer/", imports, name="imports"),
    path("cpts/<slug:slug>/membres/importer/modele.xlsx", import_model, name="import_model"),
    path("cpts/<slug:slug>/membres/importer/<int:file_id>/", import_file, name="import_file"),
    path("cpts/<slug:slug>/membres/importer/<int:file_id>/colonnes/", import_columns, name="import_columns"),
    path("cpts/<slug:slug>/membres/importer/<int:file_id>/doublons/", import_decide, name="import_decide"),
    path("cpts/<slug:slug>/membres/importer/<int:file_id>/accepter/", import_agree, name="import_agree"),
    path("cpts/<slug:slug>/membres/importer/<int:file_id>/abandonner/", import_drop, name="import_drop"),
    path(
        "cpts/<slug:slug>/membres/importer/<int:file_id>/a-corriger.xlsx", import_report, name="import_report"
    ),
]
