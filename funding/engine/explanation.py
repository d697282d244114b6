"""Why an instalment is worth what it is worth: every figure of the sum, and the sentence that says it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from funding.engine.entitlements import Entitlement, TableAmount
from funding.engine.enums import InstalmentKind, PaymentRule, Proration, Share
from funding.engine.french import NBSP, euros, percent

UNITS = {Proration.DAYS: "jours", Proration.MONTHS: "mois"}

SENTENCES = {
    PaymentRule.FULL_AT_SIGNATURE: "Versé en totalité à la signature",
    PaymentRule.ADVANCE_AT_YEAR_START: "Avance au début de l’année du contrat",
    PaymentRule.ADVANCE_AT_MISSION_START: "Avance au démarrage de la mission",
    PaymentRule.BALANCE_AT_ANNIVERSARY: "Solde à la date anniversaire",
    PaymentRule.VARIABLE_AT_ANNIVERSARY: "Versé à la date anniversaire selon l’atteinte des objectifs",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an amount follows from the table of a text.

    `entitlement` carries the mission, the size, the table amounts with their supplements, the ratio of the
    year and the text. `rate`, from 0 to 1, is that of the advance or the attainment, None when there is
    neither. `exact` is what was rounded to the cent, half up, into `rounded`; `advanced`, in euros, is what
    a balance takes off it and is zero otherwise.
    """

    entitlement: Entitlement
    kind: InstalmentKind
    rule: PaymentRule
    rate: Decimal | None
    exact: Fraction
    rounded: Decimal
    advanced: Decimal

    @property
    def amount(self) -> Decimal:
        """The amount explained, in euros."""
        return self.rounded - self.advanced

    @property
    def is_rounded(self) -> bool:
        """Whether rounding to the cent changed anything."""
        return self.exact != Fraction(self.rounded)

    @property
    def subject(self) -> str:
        """What is paid: mission, component, size and contract year."""
        entitlement = self.entitlement
        names = [entitlement.mission_label]
        if entitlement.share is not Share.OPERATING:
            names.append(entitlement.table[0].label)
        return ", ".join([*names, f"taille {entitlement.size}", f"année {entitlement.year.number}"])

    @property
    def calculation(self) -> str:
        """The sum in figures, from the table to the cent."""
        factors = list(self._factors())
        result = " × ".join(factors)
        if len(factors) > 1:
            result += f" = {euros(self.rounded)}"
        if self.is_rounded:
            result += " (arrondi au centime)"
        if self.kind is InstalmentKind.BALANCE:
            result += f" − {euros(self.advanced)} déjà avancés = {euros(self.amount)}"
        return result

    @property
    def text(self) -> str:
        """The whole explanation on one line: subject, sum, rule, conventional text."""
        title = self.entitlement.year.bareme.title
        return f"{self.subject}{NBSP}: {self.calculation}. {SENTENCES[self.rule]}. {title}."

    def _factors(self) -> Iterator[str]:
        ratio = self.entitlement.ratio
        yield _table_sum(self.entitlement.table)
        if ratio.basis is not None:
            yield f"{ratio.part}/{ratio.whole}{NBSP}{UNITS[ratio.basis]}"
        if self.rate is not None:
            yield percent(self.rate) + (" d’atteinte" if self.kind is InstalmentKind.VARIABLE else "")


def _table_sum(table: tuple[TableAmount, ...]) -> str:
    """The table amount, or the sum in brackets that names each supplement."""
    component, *supplements = table
    if not supplements:
        return euros(component.amount)
    added = "".join(f" + {line.label} {euros(line.amount)}" for line in supplements)
    return f"({euros(component.amount)}{added})"
