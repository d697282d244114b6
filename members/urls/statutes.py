"""Statutes and colleges."""

from django.urls import URLPattern, path

from members.views.colleges import college_archive, college_raise, colleges
from members.views.statutes import (
    statutes,
    statutes_docx_file,
    statutes_edit,
    statutes_pdf,
    statutes_version,
)

_STATUTES = "cpts/<slug:slug>/statuts/"
_VERSION = f"{_STATUTES}<int:statutes_id>/"
_COLLEGES = f"{_STATUTES}colleges/"

urlpatterns: list[URLPattern] = [
    path(_STATUTES, statutes, name="statutes"),
    path(f"{_STATUTES}modifier/", statutes_edit, name="statutes_edit"),
    path(_VERSION, statutes_version, name="statutes_version"),
    path(f"{_VERSION}pdf/", statutes_pdf, name="statutes_pdf"),
    path(f"{_VERSION}statuts.docx", statutes_docx_file, name="statutes_docx"),
    path(_COLLEGES, colleges, name="colleges"),
    path(f"{_COLLEGES}<int:college_id>/monter/", college_raise, name="college_raise"),
    path(f"{_COLLEGES}<int:college_id>/retirer/", college_archive, name="college_archive"),
]
