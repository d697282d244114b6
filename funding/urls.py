"""Addresses of the money screens."""

from datetime import date

from django.urls import path, register_converter

from funding.views import downloads, simulator

app_name = "funding"


class IsoDateConverter:
    """A date as 2024-03-15 in an address; an impossible one is no address at all."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Raises ValueError, which Django answers by a 404."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Return the ISO form."""
        return value.isoformat()


register_converter(IsoDateConverter, "iso_date")

urlpatterns = [
    path("", simulator.simulator, name="simulator"),
    path("echeance/<iso_date:day>/", simulator.due_date, name="due_date"),
    path("echeancier.xlsx", downloads.xlsx, name="schedule_xlsx"),
    path("echeancier.csv", downloads.csv, name="schedule_csv"),
    path("echeancier.ics", downloads.ics, name="schedule_ics"),
    path("echeancier.pdf", downloads.pdf, name="simulation_pdf"),
]
