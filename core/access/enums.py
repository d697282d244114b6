"""Closed lists of this room."""

from django.db.models import TextChoices


class Role(TextChoices):
    """As what somebody acts. One person may hold several roles, and acts in one at a time."""

    COORDINATOR = "coordinator", "Coordination"
    TREASURER = "treasurer", "Trésorerie"
    BOARD = "board", "Présidence et bureau"
    MEMBER = "member", "Adhésion"
    REVIEWER = "reviewer", "Instruction"
    ADMINISTRATOR = "administrator", "Administration de la plateforme"
    # Nobody holds it: what the scheduler does by itself.
    PLATFORM = "platform", "Plateforme"


CPTS_ROLES = frozenset({Role.COORDINATOR, Role.TREASURER, Role.BOARD, Role.MEMBER})
"""Roles held in one CPTS."""
HELD_ROLES = CPTS_ROLES | {Role.REVIEWER, Role.ADMINISTRATOR}
"""Roles that a person can be given."""
