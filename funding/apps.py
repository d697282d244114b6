"""Application configuration."""

from django.apps import AppConfig


class FundingConfig(AppConfig):
    """See the package's docstring."""

    name = "funding"
    verbose_name = "Financement"

    def ready(self) -> None:
        """Make the app's background work known."""
        from core.jobs.registry import register_kind
        from funding.domain.schedule_pdf import SCHEDULE_PDF

        register_kind(SCHEDULE_PDF)
