"""Settings of the test suite: the product's own, with a known environment."""

import os

os.environ.setdefault("CPTS_MODE", "development")
os.environ.setdefault("SECRET_KEY", "tests-only-not-a-secret")

from cpts.settings import *

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
