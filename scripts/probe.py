"""Exit 0 when /healthz answers 200 on this machine, else say which part is dead (container health checks)."""

import sys
import urllib.error
import urllib.request

URL = "http://127.0.0.1:8000/healthz"


def main() -> str:
    """Return what is wrong, empty when all is well."""
    try:
        urllib.request.urlopen(URL, timeout=4).close()
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main() or 0)
