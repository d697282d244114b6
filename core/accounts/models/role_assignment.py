"""Roles people hold, from a day to another."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.access.actors import Actor, HeldRole
from core.access.enums import CPTS_ROLES, HELD_ROLES, Role
from core.organisations.models import Cpts, Institution


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    """The questions asked about roles."""

    def active(self) -> "RoleAssignmentQuerySet":
        """Roles held now."""
        return self.filter(ended_at=None)

    def of_user(self, user_id: int) -> "RoleAssignmentQuerySet":
        """Roles a person holds now, with all that a request needs of them; two queries."""
        mine = self.active().filter(user=user_id).select_related("cpts", "institution")
        return mine.prefetch_related("institution__scopes").order_by("pk")

    def of_cpts(self, cpts_id: int) -> "RoleAssignmentQuerySet":
        """Roles held in a CPTS, now or formerly, with their people, in alphabetical order; one query."""
        return self.filter(cpts=cpts_id).in_order()

    def in_order(self) -> "RoleAssignmentQuerySet":
        """With their people, in alphabetical order of what a list shows."""
        return self.select_related("user").order_by("user__last_name", "user__email", "pk")

    def matching(self, words: str) -> "RoleAssignmentQuerySet":
        """Roles of people whose name or address holds every word."""
        found = self
        for word in words.split():
            named = Q(user__first_name__icontains=word) | Q(user__last_name__icontains=word)
            known = Q(user__last_login__gte=F("started_at")) & named
            found = found.filter(known | Q(user__email__icontains=word) | Q(invited_as__icontains=word))
        return found

    def alike(self, assignment: "RoleAssignment") -> "RoleAssignmentQuerySet":
        """The same role in the same place, held now, whoever holds it."""
        same = {"role": assignment.role, "cpts": assignment.cpts_id, "institution": assignment.institution_id}
        return self.active().filter(**same)


class RoleAssignment(models.Model):
    """A person holds a role: in a CPTS, in an institution that reviews, or over the platform.

    A role that ends keeps its row, so that what was done under it stays explained. `invited_as` is the name
    that the inviter typed: it stands for the person until they sign in, so that giving a role to an address
    does not tell whether it had an account, nor whose. `invited_at` is when the last invitation left.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="roles", verbose_name="personne"
    )
    role = models.CharField("rôle", max_length=20, choices=Role)
    cpts = models.ForeignKey(
        Cpts, models.PROTECT, null=True, blank=True, related_name="roles", verbose_name="CPTS"
    )
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="roles", verbose_name="institution"
    )
    started_at = models.DateTimeField("depuis le")
    ended_at = models.DateTimeField("jusqu’au", null=True, blank=True)
    invited_as = models.CharField("nom donné à l’invitation", max_length=301, blank=True)
    invited_at = models.DateTimeField("invitation partie le", null=True, blank=True)

    objects: ClassVar[RoleAssignmentQuerySet] = RoleAssignmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "rôle tenu"
        verbose_name_plural = "rôles tenus"
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=sorted(CPTS_ROLES), cpts__isnull=False, institution=None)
                | Q(role=Role.REVIEWER, cpts=None, institution__isnull=False)
                | Q(role=Role.ADMINISTRATOR, cpts=None, institution=None),
                name="accounts_roleassignment_held_where_it_can_be",
                violation_error_message=(
                    "Un rôle se tient dans une CPTS, l’instruction dans une institution, "
                    "l’administration nulle part."
                ),
            ),
            models.CheckConstraint(
                condition=Q(role__in=sorted(HELD_ROLES)),
                name="accounts_roleassignment_role_can_be_held",
                violation_error_message="Ce rôle ne se confie à personne.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="accounts_roleassignment_dates_in_order",
                violation_error_message="Un rôle finit après avoir commencé.",
            ),
            *(
                models.UniqueConstraint(
                    fields=fields,
                    condition=Q(ended_at=None) & holds,
                    name=f"accounts_roleassignment_once_{name}",
                    violation_error_message="Cette personne tient déjà ce rôle.",
                )
                for name, fields, holds in (
                    ("per_cpts", ["user", "role", "cpts"], Q(cpts__isnull=False)),
                    ("per_institution", ["user", "institution"], Q(institution__isnull=False)),
                    ("for_the_platform", ["user"], Q(role=Role.ADMINISTRATOR)),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} – {self.place}" if self.place else self.get_role_display()

    @property
    def place(self) -> str:
        """The CPTS or the institution, "" for the platform; reads `cpts` and `institution`."""
        return str(self.cpts or self.institution or "")

    @property
    def is_taken(self) -> bool:
        """Whether the person signed in since the role was given; reads `user`."""
        return self.user.last_login is not None and self.user.last_login >= self.started_at

    @property
    def shown_name(self) -> str:
        """The name to show: the person's own once they signed in, else the one they were invited under."""
        return str(self.user) if self.is_taken or not self.invited_as else self.invited_as

    def to_actor(self) -> Actor:
        """Return who this person is when acting in this role; reads the institution's scopes."""
        scopes = list(self.institution.scopes.all()) if self.institution else []
        return Actor(
            role=Role(self.role),
            user_id=self.user_id,
            cpts_id=self.cpts_id,
            institution_id=self.institution_id,
            departements=frozenset(scope.departement_code for scope in scopes if scope.departement_code),
            regions=frozenset(scope.region_code for scope in scopes if scope.region_code),
        )

    def to_held_role(self) -> HeldRole:
        """Return it as the switch of roles shows it."""
        return HeldRole(
            assignment_id=self.pk,
            actor=self.to_actor(),
            place=self.place,
            slug=self.cpts.slug if self.cpts else "",
        )
