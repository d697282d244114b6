"""Plots of this app."""

from collections.abc import Mapping

from core.ui.charts import Bar, Series, StackedBars
from members.enums import MemberCategory
from members.models.fee import FeeFigures

_FEES = (
    Series("kept", "Reçu"),
    Series("late", "En retard"),
    Series("to_come", "À recevoir, échéance à venir"),
    Series("forgiven", "Exempté"),
)


def fee_chart(figures: Mapping[MemberCategory, FeeFigures]) -> StackedBars:
    """Return what was called by category of members, and what became of it, in euros.

    In: the figures of a year, of one category at least.
    """
    bars = [
        Bar(str(category.label), {series.key: getattr(figure, series.key) for series in _FEES})
        for category, figure in figures.items()
    ]
    return StackedBars(
        title="Ce qui a été appelé, et ce qu’il en est",
        description="Par catégorie de membres, ce qui est reçu, en retard, à recevoir, ou exempté.",
        series=_FEES,
        bars=bars,
    )
