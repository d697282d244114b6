"""Bring the demonstration up to date (base, story, files) in one process: `python -m scripts.prepare`."""

import signal


def main() -> None:
    """Migrate, load the communes, tell the story, collect what pages load."""
    from cpts.start import load_settings

    load_settings()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("load_geographic_code")
    call_command("seed_demonstration")
    call_command("collectstatic", interactive=False, verbosity=0)


if __name__ == "__main__":
    # Ctrl-C ends it at once, without a traceback: databases undo what was not finished.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
