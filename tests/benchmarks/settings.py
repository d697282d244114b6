"""Settings of the benchmarks: as in production, without the detectors that make mistakes loud in tests."""

from tests.settings import *

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "zeal"]
MIDDLEWARE = [path for path in MIDDLEWARE if not path.startswith("zeal")]
