"""Home pages of those who review, and of those who keep the platform."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from core.access.actors import HeldRole
from core.access.enums import Role
from core.accounts.models import RoleAssignment
from core.organisations.enums import Stage
from core.organisations.models import Cpts
from core.ui.formatting import long_date, number
from cpts.dashboards.community import unread
from cpts.dashboards.page import Dashboard, Link, Stat, Todo, Urgency
from cpts.reviewed.rows import count_by_stage
from funding.engine.dates import add_months

OPPOSITION_MONTHS = 2
"""The ARS may oppose a projet de santé for two months, after which it is deemed valid (CSP L.1434-12)."""
_SHOWN = 8


def reviewer(held: HeldRole, today: date) -> Dashboard:
    """What waits for a review, and how many CPTS stand at each stage."""
    counts = {each.stage: each.count for each in count_by_stage(Cpts.objects.visible_to(held.actor))}
    waiting = counts[Stage.PRE_PROJECT_REVIEW] + counts[Stage.HEALTH_PROJECT_REVIEW]
    return Dashboard(
        intro=f"{held.place}. {number(sum(counts.values()))} CPTS dans votre ressort.",
        todos=[*_review_todos(held, today), *unread(held)],
        stats=[
            Stat("Dossiers en instruction", number(waiting)),
            Stat("Sous contrat", number(counts[Stage.UNDER_ACI])),
        ],
        links=[Link("Les CPTS de mon ressort", reverse("reviewed"), "rectangle-stack")],
    )


def _review_todos(held: HeldRole, today: date) -> Iterator[Todo]:
    """The dossiers that wait, the oldest first."""
    stages = [Stage.HEALTH_PROJECT_REVIEW, Stage.PRE_PROJECT_REVIEW]
    waiting = Cpts.objects.visible_to(held.actor).filter(stage__in=stages)
    for cpts in waiting.order_by("stage_since", "name")[:_SHOWN]:
        urgency, detail = _delay(cpts, today)
        yield Todo(
            urgency,
            f"{cpts.get_stage_display()}\u00a0: {cpts.name}",
            detail,
            cpts.get_absolute_url(),
            "Ouvrir",
        )


def _delay(cpts: Cpts, today: date) -> tuple[Urgency, str]:
    since = f"Depuis le {long_date(cpts.stage_since)}."
    if cpts.stage != Stage.HEALTH_PROJECT_REVIEW:
        return Urgency.NEXT, since
    limit = add_months(cpts.stage_since, OPPOSITION_MONTHS)
    if limit < today:
        return Urgency.LATE, f"{since} Le délai d’opposition a pris fin le {long_date(limit)}."
    return Urgency.SOON, f"{since} L’ARS peut s’opposer jusqu’au {long_date(limit)}."


def administrator(held: HeldRole, _today: date) -> Dashboard:
    """What the installation holds, and what nobody keeps."""
    coordinators = RoleAssignment.objects.active().filter(role=Role.COORDINATOR, cpts=OuterRef("pk"))
    counts = Cpts.objects.aggregate(every=Count("pk"), kept=Count("pk", filter=Exists(coordinators)))
    orphans = counts["every"] - counts["kept"]
    return Dashboard(
        intro="L’installation, ses CPTS, ses institutions et ses comptes.",
        todos=[*_orphan_todos(orphans, counts["every"]), *unread(held)],
        stats=[
            Stat("CPTS", number(counts["every"])),
            Stat("Sans coordination", number(orphans)),
        ],
        links=[
            Link("CPTS", reverse("administration:cpts"), "building-office"),
            Link("Institutions", reverse("administration:institutions"), "building-library"),
            Link("Administrateurs", reverse("administration:administrators"), "key"),
            Link("Annuaire partagé", reverse("organisations:shared_contacts"), "book-open"),
            Link("Historique de la plateforme", reverse("administration:history"), "clock"),
        ],
    )


def _orphan_todos(orphans: int, every: int) -> Iterator[Todo]:
    if not every:
        url = reverse("administration:open_cpts")
        detail = "Donnez-lui un nom et invitez sa coordination."
        yield Todo(Urgency.NEXT, "Ouvrir une première CPTS", detail, url, "Ouvrir")
    elif orphans:
        title = (
            "Une CPTS n’a pas de coordination"
            if orphans == 1
            else f"{number(orphans)} CPTS n’ont pas de coordination"
        )
        url = reverse("administration:cpts")
        yield Todo(Urgency.SOON, title, "Personne ne peut tenir leur fiche.", url, "Voir")
