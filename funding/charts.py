"""Plots of a schedule, simulated or stored: what is paid by year, the shares told apart."""

from collections.abc import Mapping

from core.ui.charts import Bar, Series, StackedBars
from funding.engine import Share, Totals
from funding.enums import SHARE_LABELS

_SERIES = tuple(Series(key=share.value, label=label) for share, label in SHARE_LABELS.items())


def contract_year_chart(years: Mapping[int, Totals]) -> StackedBars:
    """Return the amounts in euros by contract year, a payment counting for the year it settles.

    In: the sums of `by_contract_year`, of one year at least.
    """
    return _chart(
        "Montants par année de contrat",
        "Ce que chaque année de contrat rapporte, quelle que soit la date du versement.",
        {f"Année {number}": totals for number, totals in years.items()},
    )


def calendar_year_chart(years: Mapping[int, Totals]) -> StackedBars:
    """Return the amounts in euros by civil year of their due dates, as a treasury sees them.

    In: the sums of `by_calendar_year`, of one year at least.
    """
    return _chart(
        "Versements par année civile",
        "Ce qui arrive à échéance du 1er janvier au 31 décembre de chaque année.",
        {str(year): totals for year, totals in years.items()},
    )


def _chart(title: str, description: str, totals_by_label: Mapping[str, Totals]) -> StackedBars:
    bars = [
        Bar(label=label, values={share.value: getattr(totals, share.value) for share in Share})
        for label, totals in totals_by_label.items()
    ]
    return StackedBars(title=title, description=description, series=_SERIES, bars=bars, unit="euros")
