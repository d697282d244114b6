"""WSGI entry point for gunicorn."""

from django.core.wsgi import get_wsgi_application

from cpts.start import load_settings

load_settings()
application = get_wsgi_application()
