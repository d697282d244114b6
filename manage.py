#!/usr/bin/env python
"""Django's command line."""

import os
import re
import secrets
import sys
from pathlib import Path

from django.core.management import execute_from_command_line


def adopt_demonstration(project: Path) -> None:
    """Let the commands of a fresh checkout work on the base of `make demo`, without any configuration.

    Only for commands typed by a person: web, worker and scheduler never choose a mode by themselves. Nothing
    changes as soon as CPTS_MODE or SECRET_KEY is set.
    """
    if os.environ.get("CPTS_MODE") or os.environ.get("SECRET_KEY"):
        return
    kept = project / "var" / "demo.env"
    found = re.search(r"^SECRET_KEY=(\S+)$", kept.read_text(), re.MULTILINE) if kept.exists() else None
    os.environ["CPTS_MODE"] = "demonstration"
    os.environ["SECRET_KEY"] = found[1] if found else secrets.token_urlsafe(50)
    os.environ.setdefault("CPTS_DATA_DIR", str(project / "var" / "demo"))


if __name__ == "__main__":
    adopt_demonstration(Path(__file__).resolve().parent)
    # Any import of the package reads the settings.
    from cpts.start import load_settings

    load_settings()
    execute_from_command_line(sys.argv)
