"""Home pages of the roles held in a CPTS."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Min
from django.urls import reverse

from aci.models import Contract
from core.access.actors import HeldRole
from core.notifications.domain.messages import unread_count
from core.organisations.domain.association import missing_from_sheet
from core.organisations.domain.overlaps import overlaps_of
from core.organisations.enums import Stage
from core.organisations.models import Cpts, TerritoryVersion
from core.ui.formatting import euros, long_date, number
from cpts.dashboards.money import contract_of, money_of
from cpts.dashboards.page import Dashboard, Link, Stat, Todo, Urgency
from funding.domain.contract_sheet import ContractSheet, sheet_of
from members.domain.own_space import own_entry
from members.enums import EXPECTING
from members.models import FeeCall, Membership

_NEAR = timedelta(days=60)


def coordinator(held: HeldRole, today: date) -> Dashboard:
    """What the coordinator has to complete, record and watch."""
    cpts = _cpts_of(held)
    territory = _territory_of(cpts, today)
    contract = contract_of(cpts, today)
    money = money_of(cpts, contract, today)
    todos = [
        *_sheet_todos(cpts),
        *_territory_todos(cpts, territory, today),
        *_contract_todos(cpts, contract, today),
        *_application_todos(cpts, today),
        *unread(held),
    ]
    return Dashboard(
        intro=_intro(cpts),
        todos=todos,
        stats=[*_territory_stats(territory), *(money.stats if money else [])],
        chart=money.chart if money else None,
        links=_links(cpts, *_SHEET_LINKS, *_MONEY_LINKS, *_OFFICE_LINKS),
    )


def treasurer(held: HeldRole, today: date) -> Dashboard:
    """What came in, what is late, what comes next."""
    cpts = _cpts_of(held)
    money = money_of(cpts, contract_of(cpts, today), today)
    todos = [*(money.todos(today) if money else _no_money(cpts)), *unread(held)]
    return Dashboard(
        intro=_intro(cpts),
        todos=todos,
        stats=money.stats if money else (),
        chart=money.chart if money else None,
        links=_links(cpts, *_MONEY_LINKS, _MEMBERS_LINK, *_SHEET_LINKS, _DIRECTORY_LINK, _SPACE_LINK),
    )


def board(held: HeldRole, today: date) -> Dashboard:
    """Where the association and its money stand, to read."""
    cpts = _cpts_of(held)
    territory = _territory_of(cpts, today)
    money = money_of(cpts, contract_of(cpts, today), today)
    return Dashboard(
        intro=_intro(cpts),
        todos=[*(money.todos(today) if money else ()), *_shared_todos(cpts, today), *unread(held)],
        stats=[*_territory_stats(territory), *(money.stats if money else [])],
        chart=money.chart if money else None,
        links=_links(cpts, *_SHEET_LINKS, *_MONEY_LINKS, *_OFFICE_LINKS),
    )


def member(held: HeldRole, today: date) -> Dashboard:
    """The association and the territory one belongs to."""
    cpts = _cpts_of(held)
    simulator = Link("Simulateur", reverse("funding:simulator"), "calculator")
    return Dashboard(
        intro=_intro(cpts),
        todos=[*_own_todos(held, cpts, today), *unread(held)],
        stats=_territory_stats(_territory_of(cpts, today)),
        links=[*_links(cpts, _SPACE_LINK, *_SHEET_LINKS), simulator],
    )


def _own_todos(held: HeldRole, cpts: Cpts, today: date) -> Iterator[Todo]:
    """The fees that a member owes, or the way to their own entry."""
    url = reverse("members:space", args=[cpts.slug])
    entry = own_entry(cpts.pk, held.actor.user_id)
    if entry is None:
        detail = "Vos coordonnées, votre adhésion et vos cotisations s’y trouveront."
        yield Todo(Urgency.NEXT, "Ouvrir mon espace", detail, url, "Ouvrir")
        return
    for call in FeeCall.objects.of(entry).with_state(today).order_by("year", "number"):
        if call.state not in EXPECTING:  # type: ignore[attr-defined]  # annotated
            continue
        due_on, remaining = long_date(call.due_on), euros(call.remaining)  # type: ignore[attr-defined]
        detail = f"{remaining} à payer avant le {due_on}."
        urgency = Urgency.LATE if call.due_on < today else Urgency.SOON
        yield Todo(urgency, f"Régler ma cotisation {call.year}", detail, url, "Voir")


def unread(held: HeldRole) -> Iterator[Todo]:
    """The messages nobody opened, in one line."""
    count = unread_count(held.actor.user_id) if held.actor.user_id else 0
    if count:
        title = "Un message à lire" if count == 1 else f"{number(count)} messages à lire"
        yield Todo(Urgency.NEXT, title, "", reverse("notifications:messages"), "Lire")


_SHEET_LINKS = (
    ("Association", "organisations:association", "identification"),
    ("Territoire", "organisations:territory", "map"),
)
_MONEY_LINKS = (
    ("Contrat", "contract:contract", "document-text"),
    ("Échéancier", "contract:schedule", "calendar-days"),
    ("Versements reçus", "contract:receipts", "banknotes"),
    ("Décomptes", "contract:statements", "document-check"),
    ("Cotisations", "members:fees", "credit-card"),
)
_SPACE_LINK = ("Mon espace", "members:space", "user-circle")
_MEMBERS_LINK = ("Membres", "members:members", "user-group")
_DIRECTORY_LINK = ("Annuaire des institutions", "organisations:contacts", "book-open")
_OFFICE_LINKS = (
    _MEMBERS_LINK,
    _DIRECTORY_LINK,
    ("Personnes et rôles", "accounts:people", "users"),
    ("Historique", "history", "clock"),
    _SPACE_LINK,
)


def _links(cpts: Cpts, *entries: tuple[str, str, str]) -> list[Link]:
    return [Link(label, reverse(view, args=[cpts.slug]), icon) for label, view, icon in entries]


def _cpts_of(held: HeldRole) -> Cpts:
    return Cpts.objects.visible_to(held.actor).get()


def _intro(cpts: Cpts) -> str:
    return f"{cpts.name}. {cpts.get_stage_display()} depuis le {long_date(cpts.stage_since)}."


def _territory_of(cpts: Cpts, today: date) -> TerritoryVersion | None:
    return TerritoryVersion.objects.in_force(today).filter(cpts=cpts).first()


def _territory_stats(territory: TerritoryVersion | None) -> list[Stat]:
    if territory is None:
        return []
    communes = f"{number(territory.commune_count)} communes"
    return [Stat("Habitants couverts", number(territory.population), communes)]


def _sheet_todos(cpts: Cpts) -> Iterator[Todo]:
    if missing := missing_from_sheet(cpts):
        url = reverse("organisations:association_edit", args=[cpts.slug])
        detail = f"Il manque {', '.join(missing)}."
        yield Todo(Urgency.NEXT, "Compléter la fiche de l’association", detail, url, "Compléter")


def _territory_todos(cpts: Cpts, territory: TerritoryVersion | None, today: date) -> Iterator[Todo]:
    if territory is None:
        url = reverse("organisations:territory_edit", args=[cpts.slug])
        detail = "La population, la taille et l’échéancier en dépendent."
        yield Todo(Urgency.NEXT, "Choisir les communes du territoire", detail, url, "Choisir")
    else:
        yield from _shared_todos(cpts, today)


def _shared_todos(cpts: Cpts, today: date) -> Iterator[Todo]:
    for overlap in overlaps_of(cpts, today):
        names = ", ".join(commune.name for commune in overlap.communes[:3])
        more = ", …" if len(overlap.communes) > 3 else ""
        yield Todo(
            Urgency.SOON,
            f"Territoire partagé avec {overlap.cpts_name}",
            f"{names}{more}\u00a0: {number(overlap.population)}\u00a0habitants. Une commune n’a qu’une CPTS.",
            reverse("organisations:territory", args=[cpts.slug]),
            "Voir",
        )


def _application_todos(cpts: Cpts, today: date) -> Iterator[Todo]:
    """The applications that wait for a decision, in one line: one that waits long is soon forgotten."""
    waiting = Membership.objects.to_decide().filter(member__cpts=cpts)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("applied_on"))
    if not found["count"]:
        return
    title = (
        "Une demande d’adhésion à décider"
        if found["count"] == 1
        else f"{number(found['count'])} demandes d’adhésion à décider"
    )
    detail = f"La plus ancienne date du {long_date(found['oldest'])}."
    urgency = Urgency.SOON if today - found["oldest"] > _NEAR else Urgency.NEXT
    yield Todo(urgency, title, detail, reverse("members:applications", args=[cpts.slug]), "Décider")


def _no_money(cpts: Cpts) -> Iterator[Todo]:
    url = reverse("organisations:association", args=[cpts.slug])
    detail = "L’échéancier paraîtra dès que la coordination aura enregistré le contrat signé."
    yield Todo(Urgency.NEXT, "Pas encore de contrat", detail, url, "Voir l’association")


def _contract_todos(cpts: Cpts, contract: Contract | None, today: date) -> Iterator[Todo]:
    if contract is None:
        yield _before_contract(cpts)
        return
    sheet = sheet_of(contract, today)
    yield from _rate_todos(cpts, contract, sheet, today)
    yield from _mission_todos(cpts, sheet, today)


def _before_contract(cpts: Cpts) -> Todo:
    if cpts.stage == Stage.JOINING_ACI:
        url = reverse("contract:contract_new", args=[cpts.slug])
        detail = "L’échéancier des cinq ans s’établit aussitôt."
        return Todo(Urgency.NEXT, "Enregistrer le contrat dès sa signature", detail, url, "Enregistrer")
    detail = "Combien, quand et pourquoi\u00a0: sans engagement."
    url = reverse("contract:contract", args=[cpts.slug])
    return Todo(Urgency.NEXT, "Simuler les versements du futur contrat", detail, url, "Simuler")


def _rate_todos(cpts: Cpts, contract: Contract, sheet: ContractSheet, today: date) -> Iterator[Todo]:
    """One line per contract year that is over and has a mission without its rate."""
    form = reverse("contract:attainment", args=[cpts.slug, contract.pk])
    for each in sheet.rate_years:
        closed_on, labels = each.year.next_anniversary, ", ".join(each.missing)
        if closed_on <= today and labels:
            yield Todo(
                Urgency.LATE if today - closed_on > _NEAR else Urgency.SOON,
                f"Enregistrer les taux d’atteinte de l’année {each.year.number}",
                f"Il manque\u00a0: {labels}. Le volet variable est calculé sur le taux prévu.",
                f"{form}?annee={each.year.number}",
                "Enregistrer",
            )


def _mission_todos(cpts: Cpts, sheet: ContractSheet, today: date) -> Iterator[Todo]:
    """Missions that are late, or must start soon."""
    url = reverse("contract:contract", args=[cpts.slug])
    for mission in sheet.missions:
        deadlines = mission.deadlines
        label, limit = deadlines.mission.label, deadlines.start_by
        if limit is None or deadlines.starts_on <= today:
            continue
        if limit < today:
            detail = f"Elle devait démarrer le {long_date(limit)} au plus tard."
            yield Todo(Urgency.LATE, f"Mission en retard\u00a0: {label}", detail, url, "Voir")
        elif limit - today <= _NEAR:
            detail = f"Au plus tard le {long_date(limit)}."
            yield Todo(Urgency.SOON, f"Démarrer la mission\u00a0: {label}", detail, url, "Voir")
