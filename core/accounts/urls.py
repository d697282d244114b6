"""Addresses of this app, beside those of sign-in (`auth_urls`)."""

from django.urls import path

from core.accounts.views.roles import switch_role

app_name = "accounts"
urlpatterns = [
    path("roles/<int:assignment_id>/prendre/", switch_role, name="switch_role"),
]
