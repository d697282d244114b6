"""Application configuration."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """See the package's docstring."""

    name = "members"
    verbose_name = "Membres"

    def ready(self) -> None:
        """Make the app's background work and documents known."""
        from core.documents.registry import register_reading
        from core.jobs.registry import register_kind
        from members.domain.fee_campaigns import CALL_FEES, SEND_MAILS
        from members.domain.fee_pdf import CALL_PDF, PRINT_PDF, RECEIPT_PDF
        from members.domain.import_files import READ_FILE, WRITE_FILE
        from members.domain.removal_letter import REMOVAL_LETTER
        from members.domain.statutes_pdf import STATUTES_PDF
        from members.rules import can_decide_memberships, can_see_fees, can_see_statutes

        register_kind(REMOVAL_LETTER)
        register_reading(REMOVAL_LETTER.name, can_decide_memberships)
        register_kind(STATUTES_PDF)
        register_reading(STATUTES_PDF.name, can_see_statutes)
        for kind in (READ_FILE, WRITE_FILE, CALL_FEES, SEND_MAILS, CALL_PDF, PRINT_PDF, RECEIPT_PDF):
            register_kind(kind)
        for kind in (CALL_PDF, PRINT_PDF, RECEIPT_PDF):
            register_reading(kind.name, can_see_fees)
