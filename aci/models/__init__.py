"""Rows of the aci app."""

from aci.models.contract import Attainment, Contract, ContractMission

__all__ = ["Attainment", "Contract", "ContractMission"]
