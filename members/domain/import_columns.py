"""Which column of the registry each column of a file fills: by usual French headers, or as somebody says."""

from collections import Counter
from collections.abc import Mapping, Sequence

from core.ui.folding import fold
from members.domain.columns import COLUMNS

FIELDS: Mapping[str, str] = {name: column.label for name, column in COLUMNS.items() if column.is_read_back}
"""What a file may fill, each with its French header."""
_OTHER_HEADERS: Mapping[str, str] = {
    "number": "numero; n; no; num; id; identifiant; numero de membre; n membre; numero registre; n registre",
    "kind": (
        "type de personne; personne physique ou morale; physique ou morale; type de membre; nature juridique"
    ),
    "last_name": (
        "nom; nom de famille; nom de naissance; nom d usage; nom d exercice; nom usuel; raison sociale; "
        "denomination; nom de la structure adherente; nom du professionnel; noms; nom membre; nom du membre"
    ),
    "first_name": "prenom; prenoms; prenom d usage; prenom d exercice; prenom du professionnel",
    "profession": (
        "metier; activite; fonction; professions; profession exercee; libelle profession; code profession; "
        "profession de sante; categorie professionnelle"
    ),
    "doctor_kind": "medecin; type de medecin; medecine generale ou specialite; generaliste ou specialiste",
    "speciality": (
        "specialite; specialites; qualification; qualifications; libelle savoir faire; savoir faire; "
        "specialite medicale"
    ),
    "exercise_mode": (
        "exercice; mode exercice; type d exercice; statut; statut professionnel; statut d exercice; "
        "liberal ou salarie; liberal salarie; libelle mode exercice; mode d activite"
    ),
    "rpps": "rpps; n rpps; no rpps; code rpps; identifiant pp; numero rpps adeli; n rpps adeli; rpps adeli",
    "adeli": "adeli; n adeli; no adeli; numero adeli; code adeli",
    "structure_kind": (
        "nature; type de structure; nature de la structure; type structure; categorie de structure; "
        "type d etablissement"
    ),
    "finess": "n finess; no finess; numero finess; finess geographique; finess site; code finess",
    "siret": "n siret; no siret; numero siret; code siret",
    "email": (
        "e mail; email; mail; courriel; adresse mail; adresse e mail; adresse email; adresse courriel; "
        "adresse de messagerie; mel; adresse mel; e mails; mails; email professionnel; mail professionnel"
    ),
    "phone": (
        "tel; telephone portable; portable; mobile; tel portable; tel mobile; "
        "numero de telephone; n telephone; "
        "n de telephone; telephone professionnel; telephone mobile; tel pro; gsm; telephone fixe; tel fixe"
    ),
    "address": (
        "adresse professionnelle; adresse postale; rue; voie; adresse du cabinet; "
        "adresse d exercice; adresse 1; "
        "adresse complete; numero et voie"
    ),
    "postal_code": "cp; code post; c p; codepostal; code postal d exercice",
    "commune_code": "code insee; insee; code commune; code commune insee; code insee commune",
    "commune_name": (
        "ville; localite; commune d exercice; ville d exercice; nom de la commune; communes; "
        "commune du lieu d exercice; libelle commune"
    ),
    "structure": (
        "lieu d exercice; structure; nom de la structure; etablissement; cabinet; "
        "lieu de travail; organisme; "
        "structure de rattachement; raison sociale site; lieu principal d exercice; employeur; nom du cabinet"
    ),
    "structure_number": "numero de la structure; n de la structure; n structure; numero structure",
    "participation": (
        "participation au projet; certain ou a confirmer; engagement; confirme; orange; certitude"
    ),
    "in_governance": (
        "gouvernance; participe a la gouvernance du projet; membre de la gouvernance; "
        "participation a la gouvernance"
    ),
    "category": (
        "categorie de membre; categorie d adherent; type d adhesion; type d adherent; qualite de membre"
    ),
    "college": "college electoral; collège de vote; college de vote; colleges",
    "starts_on": (
        "membre depuis; date d adhesion; adhesion; adherent depuis; date adhesion; "
        "date d entree; date d admission; "
        "depuis le; debut d adhesion; adherent depuis le; date de debut d adhesion"
    ),
}


def _headers() -> dict[str, str]:
    usual = {fold(header): name for name, headers in _OTHER_HEADERS.items() for header in headers.split(";")}
    # The name in addresses stands for the column too: what a script writes.
    codes = {fold(name): name for name in FIELDS}
    return usual | codes | {fold(label): name for name, label in FIELDS.items()}


_HEADERS = _headers()


def recognised(headers: Sequence[str]) -> list[str]:
    """Return, for each header, the name of the column that it fills, "" for none; each column once."""
    found: list[str] = []
    for header in headers:
        name = _HEADERS.get(fold(header), "")
        found.append("" if name in found else name)
    return found


def mapping_fault(mapping: Sequence[str]) -> str:
    """Return in French why a file cannot be read with these columns, "" when it can."""
    twice = [name for name, count in Counter(filter(None, mapping)).items() if count > 1]
    if twice:
        return f"Deux colonnes remplissent «\u00a0{FIELDS[twice[0]]}\u00a0»\u00a0: gardez-en une."
    if "last_name" not in mapping and "number" not in mapping:
        return (
            f"Dites quelle colonne donne «\u00a0{FIELDS['last_name']}\u00a0»\u00a0: "
            "sans elle, personne n’est reconnu."
        )
    return ""
