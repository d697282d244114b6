"""Words of this app in the journal."""

ACTIONS = {
    "members.view_saved": "a enregistré une vue de la liste des membres",
    "members.view_updated": "a modifié une vue de la liste des membres",
    "members.view_deleted": "a supprimé une vue de la liste des membres",
    "members.member_added": "a inscrit au registre",
    "members.member_updated": "a modifié une inscription au registre",
    "members.representative_changed": "a changé le représentant d’une structure",
}
FIELDS = {
    "members.member.places": "lieux d’exercice",
    "members.member.representative": "représentant",
    "members.member.representative_since": "représentant depuis le",
}
