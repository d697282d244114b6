"""Words of this app in the journal."""

ACTIONS = {
    "members.member_added": "a inscrit au registre",
    "members.member_updated": "a modifié une inscription au registre",
}
FIELDS = {
    "members.member.places": "lieux d’exercice",
}
