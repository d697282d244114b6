"""What the demonstration tells. Every name is invented, and says so.

Communes and intercommunalités are real, because a territory is chosen on the official code; nothing else is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from core.access.enums import Role
from core.organisations.enums import ContactKind, InstitutionKind, Stage

PASSWORD = "demo-cpts-2026"  # noqa: S105  # printed by `make demo`: it opens nothing but the demonstration
REGION, DEPARTEMENT = "28", "50"


def at(day: date) -> datetime:
    """Return the moment of what happens on a day: acts of one day follow each other in the journal."""
    return datetime.combine(day, time(9, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class ContractStory:
    """A contract, what its missions reached (0 to 1) each year, and until when all that was due came in.

    After that day only advances came in. `exceptions` are rates of their own, by mission and contract year.
    """

    signed_on: date
    missions: Mapping[str, date]
    attainment: Decimal
    received_until: date
    exceptions: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class CptsStory:
    """A CPTS: its seat, the intercommunalités and communes it holds, and where it stands."""

    name: str
    city: str
    postal_code: str
    rna: str
    siret: str = ""
    finess: str = ""
    epci: tuple[str, ...]
    communes: tuple[str, ...] = ()
    departement: str = DEPARTEMENT
    opened_on: date
    stage: Stage = Stage.INTEREST
    stage_since: date | None = None
    contract: ContractStory | None = None


MAIN = CptsStory(
    name="CPTS des Marées et du Bocage (fictive)",
    city="Granville",
    postal_code="50400",
    rna="W500000001",
    siret="99999900600011",
    finess="500000001",
    epci=("200042604", "200043354"),
    opened_on=date(2021, 9, 1),
    contract=ContractStory(
        signed_on=date(2023, 3, 15),
        missions={
            "acces_soins": date(2023, 9, 15),
            "crise_sanitaire": date(2023, 9, 15),
            "parcours": date(2024, 3, 15),
            "prevention": date(2024, 3, 15),
        },
        attainment=Decimal("0.8"),
        exceptions={("prevention", 3): Decimal("0.65")},
        received_until=date(2025, 12, 31),
    ),
)

FOUGERES = CptsStory(
    name="CPTS du Pays des Ajoncs (fictive)",
    city="Fougères",
    postal_code="35300",
    rna="W350000001",
    epci=("200072452",),
    departement="35",
    opened_on=date(2024, 2, 5),
    stage=Stage.HEALTH_PROJECT_REVIEW,
    stage_since=date(2026, 10, 12),
)

POINTE = CptsStory(
    name="CPTS de la Pointe (fictive)",
    city="Cherbourg-en-Cotentin",
    postal_code="50100",
    rna="W500000002",
    epci=("200067205",),
    opened_on=date(2021, 3, 1),
    contract=ContractStory(
        signed_on=date(2022, 7, 1),
        missions=dict.fromkeys(
            ("acces_soins", "crise_sanitaire", "parcours", "prevention"), date(2022, 7, 1)
        ),
        attainment=Decimal(1),
        received_until=date(2026, 12, 31),
    ),
)

STORIES = (
    MAIN,
    POINTE,
    CptsStory(
        name="CPTS des Grandes Grèves (fictive)",
        city="Avranches",
        postal_code="50300",
        rna="W500000003",
        epci=("200069425",),
        opened_on=date(2023, 5, 2),
        stage=Stage.JOINING_ACI,
        stage_since=date(2026, 6, 8),
    ),
    CptsStory(
        name="CPTS de la Côte des Dunes (fictive)",
        city="Coutances",
        postal_code="50200",
        rna="W500000004",
        epci=("200067023",),
        # Bréhal and Cérences are in the first one's territory too: the overlap that reviewers see.
        communes=("50076", "50109"),
        opened_on=date(2024, 9, 2),
        stage=Stage.PHASE_1,
        stage_since=date(2026, 2, 20),
    ),
    CptsStory(
        name="CPTS du Val de Vire (fictive)",
        city="Saint-Lô",
        postal_code="50000",
        rna="W500000005",
        epci=("200066389",),
        opened_on=date(2025, 1, 13),
        stage=Stage.PRE_PROJECT_REVIEW,
        stage_since=date(2026, 9, 28),
    ),
    CptsStory(
        name="CPTS des Havres (fictive)",
        city="La Haye",
        postal_code="50250",
        rna="W500000006",
        epci=("200067031",),
        opened_on=date(2026, 3, 2),
        stage=Stage.PRE_PROJECT_DRAFTING,
        stage_since=date(2026, 5, 18),
    ),
    CptsStory(
        name="CPTS des Marais (fictive)",
        city="Carentan-les-Marais",
        postal_code="50500",
        rna="W500000007",
        epci=("200042729",),
        opened_on=date(2026, 9, 7),
    ),
    FOUGERES,
)


@dataclass(frozen=True)
class InstitutionStory:
    """An institution and what it is in charge of: a région, else a département."""

    kind: InstitutionKind
    name: str
    region: bool = False


ARS = InstitutionStory(InstitutionKind.ARS, "ARS Normandie (démonstration)", region=True)
CPAM = InstitutionStory(InstitutionKind.CPAM, "CPAM de la Manche (démonstration)")
MSA = InstitutionStory(InstitutionKind.MSA, "MSA Côtes Normandes (démonstration)")
INSTITUTIONS = (ARS, CPAM, MSA)


@dataclass(frozen=True)
class PersonStory:
    """An account, and the roles it holds: in a CPTS, in an institution, or over the platform."""

    email: str
    first_name: str
    last_name: str
    roles: tuple[tuple[Role, CptsStory | InstitutionStory | None], ...]
    shows: str


PEOPLE = (
    PersonStory(
        "coordination@demo.test",
        "Camille",
        "Exemple",
        ((Role.COORDINATOR, MAIN), (Role.COORDINATOR, FOUGERES)),
        "coordination de deux CPTS",
    ),
    PersonStory(
        "tresorerie@demo.test",
        "Dominique",
        "Exemple",
        ((Role.TREASURER, MAIN), (Role.TREASURER, POINTE)),
        "trésorerie de deux CPTS",
    ),
    PersonStory(
        "presidence@demo.test",
        "Maxime",
        "Exemple",
        ((Role.BOARD, MAIN), (Role.MEMBER, MAIN)),
        "présidence, et adhésion",
    ),
    PersonStory("adherent@demo.test", "Sacha", "Exemple", ((Role.MEMBER, MAIN),), "adhésion"),
    PersonStory("ars@demo.test", "Alix", "Exemple", ((Role.REVIEWER, ARS),), "instruction à l’ARS"),
    PersonStory("cpam@demo.test", "Charlie", "Exemple", ((Role.REVIEWER, CPAM),), "instruction à la CPAM"),
    PersonStory("admin@demo.test", "Lou", "Exemple", ((Role.ADMINISTRATOR, None),), "administration"),
)

CONTACTS = (
    (ContactKind.ARS, "Délégation départementale de l’ARS (démonstration)", "ars-manche@demo.test"),
    (ContactKind.CPAM, "CPAM de la Manche (démonstration)", "cpam-manche@demo.test"),
    (ContactKind.ELSM, "Échelon local du service médical (démonstration)", "elsm@demo.test"),
    (ContactKind.MSA, "MSA Côtes Normandes (démonstration)", "msa@demo.test"),
    (ContactKind.URPS, "URPS infirmiers (démonstration)", "urps-infirmiers@demo.test"),
    (ContactKind.URPS, "URPS médecins libéraux (démonstration)", "urps-medecins@demo.test"),
    (ContactKind.FEDERATION, "Fédération régionale des CPTS (démonstration)", "federation@demo.test"),
    (ContactKind.EPCI, "Service santé de l’intercommunalité (démonstration)", "sante@demo.test"),
)
