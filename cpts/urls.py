"""Every address of the site."""

from django.conf import settings
from django.urls import include, path

from cpts.views.health import healthz
from cpts.views.home import home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("simulateur/", include("funding.urls")),
    path("territoires/", include("core.territories.urls")),
    path("travaux/", include("core.jobs.urls")),
    path("documents/", include("core.documents.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("catalogue/", include("core.ui.urls")))
