"""Addresses of the money of one CPTS: contract, schedule, statements, receipts."""

from django.urls import URLPattern, path

from funding.views import contract

app_name = "contract"
urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/contrat/", contract.contract, name="contract"),
    path("cpts/<slug:slug>/contrat/enregistrer/", contract.contract_new, name="contract_new"),
    path(
        "cpts/<slug:slug>/contrat/<int:contract_id>/modifier/", contract.contract_edit, name="contract_edit"
    ),
    path("cpts/<slug:slug>/contrat/<int:contract_id>/atteinte/", contract.attainment, name="attainment"),
]
