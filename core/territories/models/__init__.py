"""Rows of the territories app: the official geographic code, one set of rows per vintage."""

from core.territories.models.commune import Commune, FormerCommune, PostalCode
from core.territories.models.contour import CommuneContour
from core.territories.models.division import Departement, Epci, Region
from core.territories.models.vintage import Vintage

__all__ = [
    "Commune",
    "CommuneContour",
    "Departement",
    "Epci",
    "FormerCommune",
    "PostalCode",
    "Region",
    "Vintage",
]
