"""Who acts, and as what."""

from dataclasses import dataclass, field

from core.access.enums import CPTS_ROLES, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody acting in one role: what rules judge and what the journal records.

    `cpts_id` is the CPTS of a role held in one, `institution_id` the institution of a reviewer, whose scope
    is made of official codes of `departements` and `regions`. `user_id` is None for the platform itself.
    """

    role: Role
    user_id: int | None = None
    cpts_id: int | None = None
    institution_id: int | None = None
    departements: frozenset[str] = field(default=frozenset())
    regions: frozenset[str] = field(default=frozenset())

    def is_in(self, cpts_id: int, *roles: Role) -> bool:
        """Whether this is somebody of that CPTS, in one of these roles (any when none is given)."""
        return self.cpts_id == cpts_id and self.role in (roles or CPTS_ROLES)


PLATFORM = Actor(role=Role.PLATFORM)
"""What is done by nobody in particular: the scheduler, a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role somebody holds, as the switch shows it: `place` is the CPTS or the institution, "" for none."""

    assignment_id: int
    actor: Actor
    place: str
    slug: str = ""

    @property
    def label(self) -> str:
        """The role in French."""
        return self.actor.role.label


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRoles:
    """All that the visitor of a request may act as; `current` is None for who holds nothing."""

    current: HeldRole | None = None
    held: tuple[HeldRole, ...] = ()

    @property
    def actor(self) -> Actor | None:
        """Who acts now."""
        return self.current.actor if self.current else None

    @property
    def others(self) -> tuple[HeldRole, ...]:
        """The roles one click away."""
        return tuple(role for role in self.held if role != self.current)
