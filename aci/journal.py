"""Words of this app in the journal."""

ACTIONS = {
    "aci.attainment_recorded": "a noté un taux d’atteinte",
    "aci.contract_recorded": "a enregistré le contrat",
    "aci.contract_revised": "a modifié le contrat",
}
