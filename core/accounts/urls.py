"""Addresses of this app, beside those of sign-in (`auth_urls`)."""

from django.urls import path

from core.accounts.views import people
from core.accounts.views.roles import switch_role

app_name = "accounts"
urlpatterns = [
    path("roles/<int:assignment_id>/prendre/", switch_role, name="switch_role"),
    path("cpts/<slug:slug>/personnes/", people.people, name="people"),
    path("cpts/<slug:slug>/personnes/inviter/", people.invite, name="invite"),
    path("cpts/<slug:slug>/personnes/<int:assignment_id>/renvoyer/", people.resend, name="invite_again"),
    path("cpts/<slug:slug>/personnes/<int:assignment_id>/fin/", people.end, name="end_role"),
]
