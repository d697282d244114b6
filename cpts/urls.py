"""Every address of the site."""

from django.conf import settings
from django.urls import include, path

from cpts.views.health import healthz
from cpts.views.history import history
from cpts.views.home import home
from cpts.views.reviewed import reviewed, reviewed_xlsx

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("instruction/", reviewed, name="reviewed"),
    path("instruction/cpts.xlsx", reviewed_xlsx, name="reviewed_xlsx"),
    path("simulateur/", include("funding.urls")),
    path("territoires/", include("core.territories.urls")),
    path("travaux/", include("core.jobs.urls")),
    path("compte/", include("core.accounts.auth_urls")),
    path("documents/", include("core.documents.urls")),
    path("administration/", include("cpts.administration_urls")),
    path("cpts/<slug:slug>/historique/", history, name="history"),
    path("", include("core.accounts.urls")),
    path("", include("core.organisations.urls")),
    path("", include("core.notifications.urls")),
    path("", include("members.urls")),
    path("", include("funding.cpts_urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("catalogue/", include("core.ui.urls")))
