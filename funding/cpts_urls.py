"""Addresses of the money of one CPTS: contract, schedule, statements, receipts."""

from django.urls import URLPattern, path

from funding.views import contract, receipts, schedule, schedule_downloads, statements

app_name = "contract"
urlpatterns: list[URLPattern] = [
    path("cpts/<slug:slug>/contrat/", contract.contract, name="contract"),
    path("cpts/<slug:slug>/contrat/enregistrer/", contract.contract_new, name="contract_new"),
    path(
        "cpts/<slug:slug>/contrat/<int:contract_id>/modifier/", contract.contract_edit, name="contract_edit"
    ),
    path("cpts/<slug:slug>/contrat/<int:contract_id>/atteinte/", contract.attainment, name="attainment"),
    path("cpts/<slug:slug>/echeancier/", schedule.schedule, name="schedule"),
    path("cpts/<slug:slug>/echeancier/<iso_date:day>/", schedule.due_date, name="due_date"),
    path("cpts/<slug:slug>/echeancier/echeancier.xlsx", schedule_downloads.xlsx, name="schedule_xlsx"),
    path("cpts/<slug:slug>/echeancier/echeancier.csv", schedule_downloads.csv, name="schedule_csv"),
    path("cpts/<slug:slug>/echeancier/echeancier.ics", schedule_downloads.ics, name="schedule_ics"),
    path("cpts/<slug:slug>/echeancier/encaisser/", receipts.receive, name="receive"),
    path("cpts/<slug:slug>/versements/", receipts.receipts, name="receipts"),
    path(
        "cpts/<slug:slug>/versements/<int:receipt_id>/annuler/",
        receipts.receipt_cancel,
        name="receipt_cancel",
    ),
    path("cpts/<slug:slug>/decomptes/", statements.statements, name="statements"),
    path("cpts/<slug:slug>/decomptes/<int:version>/", statements.statement, name="statement"),
    path(
        "cpts/<slug:slug>/decomptes/<int:version>/<iso_date:day>/",
        statements.statement_due_date,
        name="statement_due_date",
    ),
    path("cpts/<slug:slug>/decomptes/<int:version>/pdf/", statements.statement_pdf, name="statement_pdf"),
]
