"""The settings of the statutes: to which article each belongs, what it says in words, who chose it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db import models

from core.ui.formatting import MONTHS
from members.domain.shares import share_words
from members.enums import SettingOrigin
from members.models import StatutesVersion

SETTINGS_OF: Mapping[int, tuple[str, ...]] = {
    2: ("purpose",),
    3: ("seat_transfer_body",),
    4: ("duration_years",),
    5: ("has_benefactors", "has_honorary", "has_legal_persons"),
    6: ("admission_conditions", "admission_body"),
    7: ("honorary_votes",),
    8: ("removal_body",),
    9: ("affiliation",),
    10: ("economic_activities",),
    11: (
        "ordinary_month",
        "ordinary_notice_days",
        "ordinary_quorum",
        "quorum_base",
        "second_convocation_free",
        "proxies_per_holder",
        "ordinary_majority",
        "majority_base",
        "votes_by_college",
        "secret_elections",
    ),
    12: (
        "extraordinary_request_share",
        "extraordinary_notice_days",
        "extraordinary_quorum",
        "extraordinary_majority",
    ),
    13: (
        "board_seats",
        "board_term_years",
        "board_terms_limit",
        "board_renewal_fractions",
        "board_meeting_months",
        "board_request_share",
        "board_notice_days",
        "board_quorum",
        "board_proxies_per_holder",
        "casting_vote",
        "absences_before_resignation",
    ),
    14: ("vice_presidents", "has_deputies"),
    15: ("allows_indemnities",),
    18: ("accepts_gifts",),
}
"""Settings by article of the model statutes (the guide of Auvergne-Rhône-Alpes, annexe 2)."""
SETTINGS = tuple(name for names in SETTINGS_OF.values() for name in names)
_OURS = frozenset(
    {"board_notice_days", "proxies_per_holder", "board_proxies_per_holder", "board_seats", "board_term_years"}
)
"""What the model leaves to be filled in: the default is ours."""
_TO_GIVE = frozenset({"purpose", "ordinary_month"})
_WHEN_EMPTY = {
    "purpose": "à compléter",
    "duration_years": "sans limite",
    "admission_conditions": "aucune",
    "affiliation": "aucune",
    "economic_activities": "aucune",
    "ordinary_month": "à compléter",
    "board_terms_limit": "sans limite",
}


def label_of(name: str) -> str:
    """Return what a setting is called, with its capital."""
    label = str(_field(name).verbose_name)
    return label[:1].upper() + label[1:]


def _field(name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", StatutesVersion._meta.get_field(name))


def value_words(version: StatutesVersion, name: str) -> str:
    """Return in words the value of a setting."""
    value: Any = getattr(version, name)
    if value in ("", None):
        return _WHEN_EMPTY[name]
    if name == "ordinary_month":
        return MONTHS[value - 1]
    field = _field(name)
    if field.choices:
        return str(dict(field.flatchoices)[value]).lower()
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return share_words(value) if value else "aucun"
    return str(value)


def origin_of(version: StatutesVersion, name: str) -> SettingOrigin:
    """Return who gave a setting its value: the model, the platform where the model is silent, or people."""
    value = getattr(version, name)
    if value != _field(name).get_default() and value not in ("", None):
        return SettingOrigin.CHOSEN
    if name in _TO_GIVE and value in ("", None):
        return SettingOrigin.MISSING
    return SettingOrigin.OURS if name in _OURS else SettingOrigin.MODEL


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as pages show it."""

    label: str
    value: str
    origin: SettingOrigin

    @property
    def kind(self) -> str:
        """The kind of status that tells its origin."""
        kinds = {SettingOrigin.CHOSEN: "info", SettingOrigin.MISSING: "warning"}
        return kinds.get(self.origin, "neutral")


def settings_of(version: StatutesVersion, names: Iterable[str]) -> list[Setting]:
    """Return these settings of a version, in words."""
    return [Setting(label_of(name), value_words(version, name), origin_of(version, name)) for name in names]
