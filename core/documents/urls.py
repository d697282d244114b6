"""Addresses of this app."""

from django.urls import path

from core.documents.views.download import download
from core.documents.views.verification import verified, verify

app_name = "documents"
urlpatterns = [
    path("verifier/", verify, name="verify"),
    path("verifier/<str:fingerprint>/", verified, name="verified"),
    path("<uuid:document_id>/<str:filename>", download, name="download"),
]
