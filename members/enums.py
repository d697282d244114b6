"""Closed lists of this app."""

from django.db.models import TextChoices


class MemberKind(TextChoices):
    """What can be in a registry."""

    NATURAL = "natural", "Personne physique"
    LEGAL = "legal", "Personne morale"


class Profession(TextChoices):
    """Professions by the codes of the Agence du numérique en santé (domain reference, section 9)."""

    DOCTOR = "10", "Médecin"
    PHARMACIST = "21", "Pharmacien"
    HEARING_AID_SPECIALIST = "26", "Audioprothésiste"
    OPTICIAN = "28", "Opticien-lunetier"
    DENTAL_ASSISTANT = "31", "Assistant dentaire"
    MEDICAL_PHYSICIST = "32", "Physicien médical"
    NURSING_ASSISTANT = "35", "Aide-soignant"
    AMBULANCE_DRIVER = "36", "Ambulancier"
    CHILDCARE_ASSISTANT = "37", "Auxiliaire de puériculture"
    HOSPITAL_PHARMACY_TECHNICIAN = "38", "Préparateur en pharmacie hospitalière"
    PHARMACY_TECHNICIAN = "39", "Préparateur en pharmacie"
    DENTIST = "40", "Chirurgien-dentiste"
    SOCIAL_WORKER = "41", "Assistant de service social"
    HOME_HELPER = "42", "Auxiliaire de vie sociale"
    FAMILY_SUPPORT_WORKER = "43", "Technicien de l’intervention sociale et familiale"
    FAMILY_ECONOMY_ADVISER = "44", "Conseiller en économie sociale et familiale"
    MIDWIFE = "50", "Sage-femme"
    SPECIAL_EDUCATOR = "51", "Éducateur spécialisé"
    NURSE = "60", "Infirmier"
    PSYCHIATRIC_NURSE = "69", "Infirmier psychiatrique"
    PHYSIOTHERAPIST = "70", "Masseur-kinésithérapeute"
    PODIATRIST = "80", "Pédicure-podologue"
    PROSTHETIST = "81", "Orthoprothésiste"
    ORTHOTIC_PODIATRIST = "82", "Podo-orthésiste"
    ORTHOTIST = "83", "Orthopédiste-orthésiste"
    OCULARIST = "84", "Oculariste"
    EPITHESIST = "85", "Épithésiste"
    LABORATORY_TECHNICIAN = "86", "Technicien de laboratoire médical"
    SPEECH_THERAPIST = "91", "Orthophoniste"
    ORTHOPTIST = "92", "Orthoptiste"
    PSYCHOLOGIST = "93", "Psychologue"
    OCCUPATIONAL_THERAPIST = "94", "Ergothérapeute"
    DIETITIAN = "95", "Diététicien"
    PSYCHOMOTOR_THERAPIST = "96", "Psychomotricien"
    RADIOGRAPHER = "98", "Manipulateur d’électroradiologie"


SOCIAL_PROFESSIONS = frozenset(
    {
        Profession.SOCIAL_WORKER,
        Profession.HOME_HELPER,
        Profession.FAMILY_SUPPORT_WORKER,
        Profession.FAMILY_ECONOMY_ADVISER,
        Profession.SPECIAL_EDUCATOR,
    }
)
"""Those of social work; the others are of health."""


class DoctorKind(TextChoices):
    """Of which medicine a doctor is: a field apart from the profession."""

    GENERAL = "general", "Médecine générale"
    SPECIALIST = "specialist", "Autre spécialité"


class ExerciseMode(TextChoices):
    """How a professional exercises, apart from profession and role in the CPTS."""

    LIBERAL = "liberal", "Libéral"
    SALARIED = "salaried", "Salarié"
    MIXED = "mixed", "Mixte"
    SUBSTITUTE = "substitute", "Remplaçant"


class StructureKind(TextChoices):
    """Structures that join a CPTS (domain reference, section 9)."""

    MSP = "msp", "Maison de santé pluriprofessionnelle"
    HEALTH_CENTRE = "health_centre", "Centre de santé"
    ESP = "esp", "Équipe de soins primaires"
    ESS = "ess", "Équipe de soins spécialisés"
    PRACTICE = "practice", "Cabinet"
    PHARMACY = "pharmacy", "Pharmacie"
    LABORATORY = "laboratory", "Laboratoire"
    HOSPITAL = "hospital", "Hôpital"
    CLINIC = "clinic", "Clinique"
    HAD = "had", "Hospitalisation à domicile"
    EHPAD = "ehpad", "EHPAD"
    SESSAD = "sessad", "SESSAD"
    IME = "ime", "IME"
    MAS = "mas", "MAS"
    CSAPA = "csapa", "CSAPA"
    SSIAD = "ssiad", "SSIAD"
    SOCIAL_SERVICE = "social_service", "Service social"
    PREVENTION = "prevention", "Acteur de prévention"
    LOCAL_AUTHORITY = "local_authority", "Collectivité"
    USERS_ASSOCIATION = "users_association", "Association d’usagers"
    DAC = "dac", "Dispositif d’appui à la coordination (DAC, PTA)"
    OTHER = "other", "Autre structure"


class Participation(TextChoices):
    """Whether somebody's part in the project is certain (the guide, annexe 3: the others are in orange)."""

    CERTAIN = "certain", "Certaine"
    TO_CONFIRM = "to_confirm", "À confirmer"


class MemberCategory(TextChoices):
    """Categories of members of the model statutes (the guide, annexe 2, articles 5 and 7)."""

    ACTIVE = "active", "Membre actif"
    BENEFACTOR = "benefactor", "Membre bienfaiteur"
    HONORARY = "honorary", "Membre d’honneur"


class MembershipState(TextChoices):
    """Where a period of membership stands."""

    APPLIED = "applied", "Demande à décider"
    WITHDRAWN = "withdrawn", "Demande retirée"
    REFUSED = "refused", "Demande refusée"
    ADMITTED = "admitted", "Admise"
    ENDED = "ended", "Terminée"


OPEN_STATES = frozenset({MembershipState.APPLIED, MembershipState.ADMITTED})
"""States of which somebody has one period at most."""
HELD_STATES = frozenset({MembershipState.ADMITTED, MembershipState.ENDED})
"""States of a period that made, or makes, somebody a member."""


class MembershipSource(TextChoices):
    """Where a period comes from."""

    FORM = "form", "Formulaire public"
    COORDINATION = "coordination", "Saisie par la coordination"
    IMPORT = "import", "Import d’un fichier"
    CHANGE = "change", "Changement de catégorie ou de collège"


class EndGround(TextChoices):
    """Why a period ended (the guide, annexe 2, article 8), or gave way to another one."""

    RESIGNATION = "resignation", "Démission"
    DEATH = "death", "Décès"
    DISSOLUTION = "dissolution", "Disparition de la structure"
    REMOVAL = "removal", "Radiation"
    CHANGE = "change", "Changement de catégorie ou de collège"
    DUPLICATE = "duplicate", "Doublon réuni"
    """The period was that of a duplicate: it counts for no day."""


class MemberStatus(TextChoices):
    """What somebody of the registry is on a day: read from their last period, never stored."""

    CONTACT = "contact", "Sans adhésion"
    APPLICANT = "applicant", "Demande à décider"
    COMING = "coming", "Admis, à venir"
    MEMBER = "member", "Membre"
    SUSPENDED = "suspended", "Suspendu"
    FORMER = "former", "Ancien membre"


class RemovalGround(TextChoices):
    """Grounds of a radiation (the guide, annexe 2, article 8)."""

    UNPAID_FEE = "unpaid_fee", "Cotisation impayée"
    SERIOUS = "serious", "Motif grave"


class RemovalOutcome(TextChoices):
    """How a procedure of radiation ended."""

    REMOVED = "removed", "Radiation prononcée"
    DROPPED = "dropped", "Procédure abandonnée"


class Body(TextChoices):
    """Bodies of the association that decide."""

    GENERAL_ASSEMBLY = "general_assembly", "Assemblée générale"
    BOARD = "board", "Conseil d’administration"
    BUREAU = "bureau", "Bureau"
    NOBODY = "nobody", "Sans décision"
    """Admission is open: whoever accepts the statutes is a member."""


class QuorumBase(TextChoices):
    """Whom a quorum counts."""

    PRESENT = "present", "Membres présents"
    PRESENT_OR_REPRESENTED = "present_or_represented", "Membres présents ou représentés"


class MajorityBase(TextChoices):
    """Of what a majority is counted (the guide, annexe 2, article 11)."""

    PRESENT_OR_REPRESENTED = "present_or_represented", "Voix des membres présents ou représentés"
    CAST = "cast", "Suffrages exprimés"


class SettingOrigin(TextChoices):
    """Who gave a setting of the statutes its value."""

    MODEL = "model", "Statuts types"
    OURS = "ours", "Proposé ici"
    """The model leaves it to be filled in: the default is the platform's."""
    CHOSEN = "chosen", "Choisi"
    MISSING = "missing", "À compléter"


class StatutesState(TextChoices):
    """Where a version of the statutes stands on a day: computed, never stored."""

    CURRENT = "current", "En vigueur"
    COMING = "coming", "À venir"
    PAST = "past", "Passée"
    REPLACED = "replaced", "Remplacée"
    """Another version was recorded later for the same day."""


class PaymentMeans(TextChoices):
    """How a fee was paid, or given back."""

    TRANSFER = "transfer", "Virement"
    CHEQUE = "cheque", "Chèque"
    CARD = "card", "Carte"
    CASH = "cash", "Espèces"
    PLATFORM = "platform", "Plateforme d’adhésion"


class PaymentSource(TextChoices):
    """How a payment came to be recorded."""

    HAND = "hand", "Saisie"
    FILE = "file", "Import d’un relevé"


class FeeState(TextChoices):
    """Where a call stands on a day: computed from its rows, never stored."""

    DUE = "due", "À payer"
    PARTLY_PAID = "partly_paid", "Payé en partie"
    LATE = "late", "En retard"
    PAID = "paid", "Payé"
    OVERPAID = "overpaid", "Trop payé"
    EXEMPT = "exempt", "Exempté"
    CANCELLED = "cancelled", "Annulé"


EXPECTING = frozenset({FeeState.DUE, FeeState.PARTLY_PAID, FeeState.LATE})
"""States of a call that still waits for money."""


class FeeStep(TextChoices):
    """What somebody is told about a call, each once."""

    CALL = "call", "Appel"
    BEFORE = "before", "Rappel avant l’échéance"
    FIRST = "first", "Première relance"
    SECOND = "second", "Deuxième relance"


class NoticeState(TextChoices):
    """Where the e-mail of a notice stands; one that was handed over is never handed over again by itself."""

    WAITING = "waiting", "En attente d’envoi"
    CLAIMED = "claimed", "Envoi incertain"
    SENT = "sent", "Envoyé"
    FAILED = "failed", "Refusé par le serveur"
    PAPER = "paper", "Sans adresse\u00a0: à imprimer"
    DROPPED = "dropped", "Sans objet"
    """The fee was paid, cancelled or forgiven before the e-mail left."""


NOT_SENT = frozenset({NoticeState.WAITING, NoticeState.CLAIMED, NoticeState.FAILED})
"""States of an e-mail of which nobody can say that it left."""


class MatchConfidence(TextChoices):
    """How sure it is that a line of a bank's file pays a call."""

    SURE = "sure", "Sûr"
    LIKELY = "likely", "Probable"
    DOUBTFUL = "doubtful", "À vérifier"
    NONE = "none", "Sans correspondance"


class BankLineState(TextChoices):
    """What was decided of a line of a bank's file."""

    TO_CONFIRM = "to_confirm", "À confirmer"
    RECORDED = "recorded", "Enregistrée"
    SET_ASIDE = "set_aside", "Écartée"


class RowVerdict(TextChoices):
    """What the import of a file would do with one of its rows."""

    NEW = "new", "Nouvelle inscription"
    CHANGED = "changed", "Modification"
    UNCHANGED = "unchanged", "Sans changement"
    DUPLICATE = "duplicate", "Doublon possible"
    SKIPPED = "skipped", "Laissée de côté"
    REFUSED = "refused", "À corriger"


class RowChoice(TextChoices):
    """What somebody decided of a row that resembles an entry of the registry."""

    SAME = "same", "Même personne\u00a0: mettre à jour cette inscription"
    NEW = "new", "Une autre personne\u00a0: nouvelle inscription"
    SKIP = "skip", "Ne pas importer cette ligne"
