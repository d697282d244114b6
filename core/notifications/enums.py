"""Closed lists of this app."""

from django.db.models import TextChoices


class MailState(TextChoices):
    """Where the e-mail of a notification stands.

    CLAIMED is a worker about to hand it over: one that dies there leaves it so, and nobody sends it again by
    itself, for it may have left.
    """

    WAITING = "waiting", "À envoyer"
    CLAIMED = "claimed", "Envoi incertain"
    SENT = "sent", "Envoyé"
    FAILED = "failed", "Non envoyé"
