"""Template tags that draw charts as inline SVG."""

from django import template

from core.ui.charts import StackedBars, draw_proportion, draw_stacked_bars

register = template.Library()
register.simple_tag(draw_proportion, name="proportion_bar")


@register.inclusion_tag("ui/charts/stacked_bars.html")
def stacked_bars(chart: StackedBars, *, figures: bool = True) -> dict[str, object]:
    """Draw stacked bars; `figures=False` leaves out their table, for a document that prints its own."""
    return {"chart": chart, "drawing": draw_stacked_bars(chart), "figures": figures}
