"""Words of this app in the journal."""

ACTIONS = {
    "accounts.account_opened": "a ouvert un compte",
    "accounts.invited_again": "a renvoyé une invitation",
    "accounts.password_changed": "a changé un mot de passe",
    "accounts.person_renamed": "a changé le nom d’une personne",
    "accounts.role_ended": "a mis fin à un rôle",
    "accounts.role_given": "a confié un rôle",
    "accounts.second_factor_added": "a ajouté une seconde preuve",
    "accounts.second_factor_removed": "a retiré une seconde preuve",
    "accounts.second_factor_renewed": "a renouvelé une seconde preuve",
    "accounts.second_factors_forgotten": "a retiré les secondes preuves d’une personne",
}
FIELDS = {
    "accounts.user.first_name": "prénom",
    "accounts.user.last_name": "nom",
    "accounts.user.second_factors": "secondes preuves",
}
