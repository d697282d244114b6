"""The yardstick of the design: a bare Django page, fifty rows of ten thousand and one count."""

from functools import cache

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import DjangoTemplates, Template
from django.urls import path

from cpts.urls import urlpatterns as site_urls

ROWS, SHOWN = 10_000, 50
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
_CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
# Fifteen columns, as in a list of members: two thirds of the time is then the template's, which is how the
# design describes its yardstick.
_TEMPLATE = """<!doctype html><html lang="fr"><head><title>Bare</title></head><body>
<h1>{{ count }}</h1><table>
{% for person in people %}<tr><td><a href="/people/{{ person.pk }}/">{{ person.pk }}</a></td>
<td>{{ person.first_name }}</td><td>{{ person.last_name|upper }}</td><td>{{ person.get_full_name }}</td>
<td>{{ person.email }}</td><td>{{ person.email|truncatechars:12 }}</td><td>{{ person.get_username }}</td>
<td>{{ person.is_active|yesno:"oui,non" }}</td><td>{{ person.is_staff|yesno:"oui,non" }}</td>
<td>{{ person.is_superuser|yesno:"oui,non" }}</td><td>{{ person.date_joined|date:"j F Y" }}</td>
<td>{{ person.date_joined|time:"H:i" }}</td><td>{{ person.last_login|default:"—" }}</td>
<td>{% if person.has_usable_password %}oui{% else %}non{% endif %}</td><td>{{ person }}</td></tr>{% endfor %}
</table></body></html>"""


def fill() -> None:
    """Write the ten thousand rows of the yardstick."""
    user = get_user_model()
    user.objects.bulk_create(
        [
            user(email=f"p{number}@example.org", first_name=f"Prénom {number}", last_name=f"Nom {number}")
            for number in range(ROWS)
        ]
    )


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show fifty of ten thousand people."""
    people = get_user_model().objects.order_by("pk")
    return HttpResponse(_template().render({"people": people[:SHOWN], "count": people.count()}, request))


@cache
def _template() -> Template:
    options = {"context_processors": _CONTEXT_PROCESSORS}
    parameters = {"NAME": "bare", "DIRS": [], "APP_DIRS": False, "OPTIONS": options}
    return DjangoTemplates(parameters).from_string(_TEMPLATE)


urlpatterns = [*site_urls, path("bare/", page)]
