"""Rows of the organisations app."""

from core.organisations.models.contact import Contact
from core.organisations.models.cpts import Cpts
from core.organisations.models.institution import Institution, InstitutionScope
from core.organisations.models.territory import TerritoryCommune, TerritoryVersion

__all__ = ["Contact", "Cpts", "Institution", "InstitutionScope", "TerritoryCommune", "TerritoryVersion"]
