"""Settings of the test suite: the product's own, with a known environment and louder mistakes."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("CPTS_MODE", "development")
os.environ.setdefault("SECRET_KEY", "tests-only-not-a-secret")
# Playwright's synchronous API runs an event loop in the test's thread, where Django then refuses the ORM.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
if "CPTS_DATA_DIR" not in os.environ:
    os.environ["CPTS_DATA_DIR"] = tempfile.mkdtemp(prefix="cpts-tests-")
    atexit.register(shutil.rmtree, os.environ["CPTS_DATA_DIR"], ignore_errors=True)

from cpts.settings import *

DEBUG = False
# Attempts are counted in the cache: each process has its own, emptied before each test.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter", "zeal"]
# The same query repeated in a loop while a page is built is an error.
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
# Static files are found where they are written: no collectstatic before a test.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# Django reads the session again each time it gives it another key, allauth a factor before it removes it.
ZEAL_ALLOWLIST = [{"model": model, "field": "get()"} for model in ("sessions.Session", "mfa.Authenticator")]
