"""Application configuration."""

from django.apps import AppConfig


class FundingConfig(AppConfig):
    """See the package's docstring."""

    name = "funding"
    verbose_name = "Financement"

    def ready(self) -> None:
        """Make the app's background work known, and follow the contracts."""
        from aci.signals import contract_changed
        from core.documents.registry import register_reading
        from core.jobs.registry import register_kind
        from funding.domain.issuing import follow_contract
        from funding.domain.schedule_pdf import SCHEDULE_PDF
        from funding.domain.statement_pdf import STATEMENT_PDF
        from funding.rules import can_see_schedule

        register_kind(SCHEDULE_PDF)
        register_kind(STATEMENT_PDF)
        register_reading(STATEMENT_PDF.name, can_see_schedule)
        contract_changed.connect(follow_contract, dispatch_uid="funding.follow_contract")
