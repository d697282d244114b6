"""Scales, calls and payments of fees."""

from django.urls import URLPattern, path

from members.views.bank_files import bank_file, bank_files, bank_line
from members.views.fee_calls import (
    call_fees,
    fee_call,
    fee_call_cancel,
    fee_call_pdf,
    fee_print,
    fee_receipt,
)
from members.views.fee_notices import fee_notices, fee_notices_again
from members.views.fee_panel import fee_call_one, fee_exempt, fee_exemption_withdraw
from members.views.fee_payments import fee_pay, fee_payment_cancel, fee_refund
from members.views.fee_scales import fee_campaign, fee_scale_add, fee_scales
from members.views.fees import fees, fees_csv, fees_xlsx

_FEES = "cpts/<slug:slug>/cotisations/"
_MEMBER = "cpts/<slug:slug>/membres/<int:member_id>/cotisation/"

urlpatterns: list[URLPattern] = [
    path(_FEES, fees, name="fees"),
    path(f"{_FEES}cotisations.xlsx", fees_xlsx, name="fees_xlsx"),
    path(f"{_FEES}cotisations.csv", fees_csv, name="fees_csv"),
    path(f"{_FEES}baremes/", fee_scales, name="fee_scales"),
    path(f"{_FEES}baremes/ajouter/", fee_scale_add, name="fee_scale_add"),
    path(f"{_FEES}relances/", fee_campaign, name="fee_campaign"),
    path(f"{_FEES}appeler/", call_fees, name="call_fees"),
    path(f"{_FEES}imprimer/", fee_print, name="fee_print"),
    path(f"{_FEES}avis/", fee_notices, name="fee_notices"),
    path(f"{_FEES}avis/renvoyer/", fee_notices_again, name="fee_notices_again"),
    path(f"{_FEES}<int:call_id>/", fee_call, name="fee_call"),
    path(f"{_FEES}<int:call_id>/regler/", fee_pay, name="fee_pay"),
    path(f"{_FEES}<int:call_id>/rembourser/", fee_refund, name="fee_refund"),
    path(f"{_FEES}<int:call_id>/annuler/", fee_call_cancel, name="fee_call_cancel"),
    path(f"{_FEES}<int:call_id>/appel/", fee_call_pdf, name="fee_call_pdf"),
    path(f"{_FEES}<int:call_id>/recu/", fee_receipt, name="fee_receipt"),
    path(f"{_FEES}reglements/<int:payment_id>/annuler/", fee_payment_cancel, name="fee_payment_cancel"),
    path(
        f"{_FEES}exemptions/<int:exemption_id>/retirer/",
        fee_exemption_withdraw,
        name="fee_exemption_withdraw",
    ),
    path(f"{_FEES}releves/", bank_files, name="bank_files"),
    path(f"{_FEES}releves/<int:bank_file_id>/", bank_file, name="bank_file"),
    path(f"{_FEES}releves/lignes/<int:bank_line_id>/", bank_line, name="bank_line"),
    path(f"{_MEMBER}appeler/", fee_call_one, name="fee_call_one"),
    path(f"{_MEMBER}exempter/", fee_exempt, name="fee_exempt"),
]
