"""First call of every entry point: settings that cannot be read stop the process with one sentence."""

import os
import sys
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured


def load_settings() -> None:
    """Import the settings module, or exit with status 1 and its complaint instead of a traceback."""
    module = os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cpts.settings")
    try:
        import_module(module)
    except ImproperlyConfigured as error:
        sys.exit(f"Démarrage impossible. {error}")
