"""Words of this app in the journal, and those of the codes that the conventional texts define."""

from funding.domain.baremes import published_baremes

ACTIONS = {
    "funding.receipt_cancelled": "a annulé un versement reçu",
    "funding.receipt_recorded": "a noté un versement reçu",
    "funding.statement_established": "a établi un décompte",
}
# The latest text names a code last.
_MISSIONS = {mission.code: mission.label for text in published_baremes() for mission in text.missions}
_SUPPLEMENTS = {each.code: each.label for text in published_baremes() for each in text.supplements}
FIELDS = {
    f"aci.contract.missions.{code}": f"mission «\u00a0{label}\u00a0»" for code, label in _MISSIONS.items()
}
VALUES = {
    "aci.attainment.mission": _MISSIONS,
    "aci.contract.bareme": {text.code: text.title for text in published_baremes()},
    "aci.contract.supplements": _SUPPLEMENTS,
}
