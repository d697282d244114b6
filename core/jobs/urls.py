"""Addresses of this app."""

from django.urls import path

from core.jobs.views.job import detail, retry, state

app_name = "jobs"
urlpatterns = [
    path("<uuid:job_id>/", detail, name="detail"),
    path("<uuid:job_id>/etat/", state, name="state"),
    path("<uuid:job_id>/relancer/", retry, name="retry"),
]
