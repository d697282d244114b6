"""Addresses of this app."""

from django.urls import path

from core.notifications.views.messages import all_read, message, message_list

app_name = "notifications"
urlpatterns = [
    path("messages/", message_list, name="messages"),
    path("messages/lus/", all_read, name="all_read"),
    path("messages/<int:message_id>/", message, name="message"),
]
