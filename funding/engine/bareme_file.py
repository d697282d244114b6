"""From the raw tables of a text's TOML file to a checked `Bareme`, or a `BaremeError`.

Nothing is guessed: an unknown key, a missing amount or a total that does not add up stops the loading.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NoReturn, TypeVar

from funding.engine.bareme import (
    OPERATING_CODE,
    Amounts,
    Bareme,
    Component,
    Mission,
    PaymentRules,
    PublishedTotal,
    Reference,
    SizeBand,
    Supplement,
)
from funding.engine.enums import Condition, MissionKind, Share
from funding.engine.errors import BaremeError
from funding.engine.french import listed, number, quoted

T = TypeVar("T")
Code = TypeVar("Code", bound=StrEnum)

MISSION_SHARES = (Share.FIXED, Share.VARIABLE)
LONGEST_DELAY_IN_MONTHS = 60
TYPE_NAMES = {
    str: "un texte",
    int: "un nombre entier",
    bool: "true ou false",
    date: "une date",
    dict: "une table",
    list: "une liste",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A TOML table that knows its file and its path, to say exactly where something is wrong."""

    source: str
    path: str
    values: Mapping[str, object]

    def key(self, name: str) -> str:
        """The full path of a key of this table."""
        return f"{self.path}.{name}" if self.path else name

    def fail(self, name: str, sentence: str) -> NoReturn:
        """Raise the BaremeError that names this key."""
        raise BaremeError(self.source, self.key(name), sentence)

    def allow(self, *names: str) -> None:
        """Refuse every other key."""
        for name in self.values:
            if name not in names:
                self.fail(name, f"clé inconnue\u00a0; clés permises\u00a0: {listed(names)}.")

    def get(self, name: str, kind: type[T]) -> T:
        """The value of a required key, of exactly this type (true is no integer here)."""
        if name not in self.values:
            self.fail(name, "clé manquante.")
        value = self.values[name]
        if type(value) is not kind:
            self.fail(name, f"il faut {TYPE_NAMES[kind]} ici.")
        return value

    def text(self, name: str) -> str:
        """A required text that is not empty."""
        text = self.get(name, str)
        if not text.strip():
            self.fail(name, "texte vide.")
        return text

    def code(self, name: str, codes: type[Code]) -> Code:
        """A required code among those of an enumeration."""
        value = self.get(name, str)
        if value not in list(codes):
            self.fail(name, f"{quoted(value)} n’existe pas\u00a0; valeurs permises\u00a0: {listed(codes)}.")
        return codes(value)

    def codes(self, name: str) -> tuple[str, ...]:
        """A required list of texts without repetition."""
        values = self.get(name, list)
        for value in values:
            if type(value) is not str or values.count(value) > 1:
                self.fail(name, "il faut une liste de textes sans répétition ici.")
        return tuple(values)

    def table(self, name: str) -> "Table":
        """A required sub-table."""
        return Table(self.source, self.key(name), self.get(name, dict))

    def tables(self, name: str) -> Iterator["Table"]:
        """The tables of a required list."""
        for index, values in enumerate(self.get(name, list)):
            if type(values) is not dict:
                self.fail(name, "il faut une liste de tables ici.")
            yield Table(self.source, self.key(f"{name}[{index}]"), values)

    def months(self, name: str) -> int:
        """A required number of months, between 1 and the length of a contract."""
        months = self.get(name, int)
        if not 1 <= months <= LONGEST_DELAY_IN_MONTHS:
            self.fail(name, f"il faut un nombre de mois entre 1 et {LONGEST_DELAY_IN_MONTHS} ici.")
        return months

    def optional_months(self, name: str) -> int | None:
        """A number of months, or None when the text leaves the deadline free."""
        return self.months(name) if name in self.values else None


def parse_bareme(data: Mapping[str, object], source: str) -> Bareme:
    """Read one conventional text.

    In: the tables of a TOML file as `tomllib` gives them, and the name of the file for the messages. Out:
    the text, every amount present and every published total verified. Raises BaremeError naming file and key.
    """
    root = Table(source, "", data)
    root.allow(
        *("code", "title", "effective_from", "reference", "size_bands", "payment_rules"),
        *("operating", "missions", "supplements", "published_totals"),
    )
    bands = _size_bands(root)
    sizes = [band.size for band in bands]
    missions = _missions(root, sizes)
    supplements = _supplements(root, sizes, missions)
    bareme = Bareme(
        code=root.text("code"),
        title=root.text("title"),
        effective_from=root.get("effective_from", date),
        reference=_reference(root.table("reference")),
        size_bands=bands,
        operating=_operating(root.table("operating"), sizes),
        missions=missions,
        supplements=supplements,
        payment_rules=_payment_rules(root.table("payment_rules")),
        published_totals=_published_totals(root, sizes, supplements),
    )
    _verify_totals(root, bareme)
    return bareme


def _reference(table: Table) -> Reference:
    table.allow("title", "publication")
    return Reference(title=table.text("title"), publication=table.text("publication"))


def _size_bands(root: Table) -> tuple[SizeBand, ...]:
    bands = tuple(_size_band(table) for table in root.tables("size_bands"))
    if not bands or bands[0] != SizeBand(size=1, first_population=0):
        root.fail("size_bands", "la première tranche est la taille 1, à partir de 0 habitant.")
    for lower, upper in pairwise(bands):
        if upper.size != lower.size + 1 or upper.first_population <= lower.first_population:
            root.fail("size_bands", f"la tranche {upper.size} ne suit pas la tranche {lower.size}.")
    return bands


def _size_band(table: Table) -> SizeBand:
    table.allow("size", "first_population")
    return SizeBand(size=table.get("size", int), first_population=table.get("first_population", int))


def _payment_rules(table: Table) -> PaymentRules:
    table.allow("advance_rate", "payable_within_months", "first_operating_year_in_full")
    return PaymentRules(
        advance_rate=_rate(table, "advance_rate"),
        payable_within_months=table.months("payable_within_months"),
        first_operating_year_in_full=table.get("first_operating_year_in_full", bool),
    )


def _rate(table: Table, name: str) -> Decimal:
    """A rate written as text, so that no binary float ever stands between the file and the engine."""
    text = table.get(name, str)
    whole, _, decimals = text.partition(".")
    if whole != "0" or not (decimals.isascii() and decimals.isdigit()):
        table.fail(name, 'il faut un taux entre 0 et 1 ici, écrit comme "0.75".')
    return Decimal(text)


def _amounts(owner: Table, sizes: Collection[int]) -> Amounts:
    table = owner.table("amounts")
    table.allow(*(str(size) for size in sizes))
    return {size: _amount(table, size) for size in sizes}


def _amount(table: Table, size: int) -> int:
    amount = table.get(str(size), int)
    if amount < 0:
        table.fail(str(size), "un montant ne peut pas être négatif.")
    return amount


def _operating(table: Table, sizes: Collection[int]) -> Component:
    table.allow("label", "amounts")
    return Component(
        label=table.text("label"),
        share=Share.OPERATING,
        condition=Condition.EVERY_YEAR,
        amounts=_amounts(table, sizes),
    )


def _missions(root: Table, sizes: Collection[int]) -> tuple[Mission, ...]:
    missions: dict[str, Mission] = {}
    for table in root.tables("missions"):
        mission = _mission(table, sizes)
        if mission.code in missions or mission.code == OPERATING_CODE:
            table.fail("code", f"la mission {quoted(mission.code)} existe déjà.")
        missions[mission.code] = mission
    return tuple(missions.values())


def _mission(table: Table, sizes: Collection[int]) -> Mission:
    table.allow("code", "label", "kind", "start_within_months", "deployed_within_months", "components")
    return Mission(
        code=table.text("code"),
        label=table.text("label"),
        kind=table.code("kind", MissionKind),
        components=_components(table, sizes),
        start_within_months=table.optional_months("start_within_months"),
        deployed_within_months=table.optional_months("deployed_within_months"),
    )


def _components(owner: Table, sizes: Collection[int]) -> tuple[Component, ...]:
    components: dict[tuple[Share, Condition], Component] = {}
    for table in owner.tables("components"):
        component = _component(table, sizes)
        key = (component.share, component.condition)
        if key in components:
            table.fail("condition", "ce volet a déjà un montant pour cette condition.")
        components[key] = component
    return tuple(components.values())


def _component(table: Table, sizes: Collection[int]) -> Component:
    table.allow("label", "share", "condition", "amounts")
    return Component(
        label=table.text("label"),
        share=_mission_share(table),
        condition=table.code("condition", Condition),
        amounts=_amounts(table, sizes),
    )


def _mission_share(table: Table) -> Share:
    share = table.code("share", Share)
    if share not in MISSION_SHARES:
        table.fail("share", f"valeurs permises\u00a0: {listed(MISSION_SHARES)}.")
    return share


def _supplements(root: Table, sizes: Collection[int], missions: Sequence[Mission]) -> tuple[Supplement, ...]:
    """The supplements, which a text may have none of."""
    supplements: dict[str, Supplement] = {}
    for table in root.tables("supplements") if "supplements" in root.values else ():
        supplement = _supplement(table, sizes, missions)
        if supplement.code in supplements:
            table.fail("code", f"le supplément {quoted(supplement.code)} existe déjà.")
        supplements[supplement.code] = supplement
    return tuple(supplements.values())


def _supplement(table: Table, sizes: Collection[int], missions: Sequence[Mission]) -> Supplement:
    table.allow("code", "label", "mission", "share", "amounts")
    mission, share = table.text("mission"), _mission_share(table)
    if not any(m.code == mission and any(c.share is share for c in m.components) for m in missions):
        table.fail("mission", f"{quoted(mission)} n’a pas de volet {share} dans ce texte.")
    return Supplement(
        code=table.text("code"),
        label=table.text("label"),
        mission=mission,
        share=share,
        amounts=_amounts(table, sizes),
    )


def _published_totals(
    root: Table, sizes: Collection[int], supplements: Sequence[Supplement]
) -> tuple[PublishedTotal, ...]:
    known = [supplement.code for supplement in supplements]
    totals = tuple(_published_total(table, sizes, known) for table in root.tables("published_totals"))
    if not totals:
        root.fail("published_totals", "au moins un total publié est attendu, pour vérifier les montants.")
    return totals


def _published_total(table: Table, sizes: Collection[int], supplements: Collection[str]) -> PublishedTotal:
    table.allow("label", "conditions", "supplements", "amounts")
    return PublishedTotal(
        label=table.text("label"),
        conditions=tuple(Condition(code) for code in _known_codes(table, "conditions", list(Condition))),
        supplements=_known_codes(table, "supplements", supplements),
        amounts=_amounts(table, sizes),
    )


def _known_codes(table: Table, name: str, known: Collection[str]) -> tuple[str, ...]:
    codes = table.codes(name)
    for code in codes:
        if code not in known:
            table.fail(name, f"{quoted(code)} n’existe pas dans ce texte.")
    return codes


def _verify_totals(root: Table, bareme: Bareme) -> None:
    """Every published total must be the sum of what it says it counts, for each size."""
    for index, total in enumerate(bareme.published_totals):
        for size, published in total.amounts.items():
            counted = bareme.counted_total(total, size)
            if counted != published:
                root.fail(
                    f"published_totals[{index}].amounts.{size}",
                    f"le total publié est {number(published)}, la somme des montants est {number(counted)}.",
                )
