"""Words of this app in the journal."""

ACTIONS = {
    "organisations.association_updated": "a modifié l’association",
    "organisations.contact_added": "a ajouté un contact à l’annuaire",
    "organisations.contact_archived": "a retiré un contact de l’annuaire",
    "organisations.contact_updated": "a modifié un contact de l’annuaire",
    "organisations.cpts_opened": "a ouvert la CPTS",
    "organisations.institution_opened": "a ouvert une institution",
    "organisations.logo_removed": "a retiré le logo",
    "organisations.logo_replaced": "a changé le logo",
    "organisations.scope_added": "a étendu le ressort d’une institution",
    "organisations.scope_removed": "a réduit le ressort d’une institution",
    "organisations.stage_declared": "a déclaré une étape",
    "organisations.stage_established": "a établi l’étape d’après ce qui est enregistré",
    "organisations.territory_decided": "a décidé un territoire",
}
FIELDS = {
    "organisations.institution.scopes": "ressort",
    "organisations.territoryversion.communes_added": "communes ajoutées",
    "organisations.territoryversion.communes_removed": "communes retirées",
}
