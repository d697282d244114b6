"""The stored proof of a computation: inputs, texts, engine and every line, frozen together."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import Lag, Length
from django.db.models.lookups import Exact

from aci.models import Contract
from funding.enums import Occasion


class StatementQuerySet(models.QuerySet["Statement"]):
    """The questions asked about statements."""

    def latest_of(self, contract_id: int) -> "Statement | None":
        """The statement in force of a contract, None before the first."""
        return self.filter(contract=contract_id).order_by("-version").first()

    def with_previous_total(self) -> "StatementQuerySet":
        """With `previous_total`, that of the version before in this selection; None for the first.

        Subtract it here: SQLite would do so in floating point.
        """
        return self.annotate(previous_total=Window(Lag("total"), order_by=F("version").asc()))


class Statement(models.Model):
    """A schedule as it was computed on a day, for an occasion; a change makes the next version beside it.

    `inputs` are the terms as `manage.py simulate` reads them, `texts` maps the code of each conventional text
    used to the SHA-256 of its file, `parties` tells who signed and for how many people, as the contract
    said it then. `contract_year` is the year that holds `as_of` (6 once the contract is over).
    `fingerprint` is that of all this and of the lines.
    """

    append_only = True

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="statements", verbose_name="contrat")
    version = models.PositiveSmallIntegerField("version")
    occasion = models.CharField("occasion", max_length=12, choices=Occasion)
    contract_year = models.PositiveSmallIntegerField("année de contrat")
    as_of = models.DateField("arrêté au")
    reason = models.CharField("raison", max_length=300, blank=True)
    inputs = models.JSONField("données du calcul")
    parties = models.JSONField("parties, population et taille", default=dict, blank=True)
    texts = models.JSONField("textes appliqués")
    engine_version = models.CharField("version du moteur", max_length=20)
    total = models.DecimalField("total (euros)", max_digits=12, decimal_places=2)
    fingerprint = models.CharField("empreinte", max_length=64)
    established_at = models.DateTimeField("établi le")

    objects: ClassVar[StatementQuerySet] = StatementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "décompte"
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "version"],
                name="funding_statement_version_once",
                violation_error_message="Cette version du décompte existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["contract", "as_of", "contract_year"],
                condition=Q(occasion=Occasion.ANNIVERSARY),
                name="funding_statement_once_per_anniversary",
                violation_error_message="Le décompte de cet anniversaire existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(occasion=Occasion.SIGNATURE),
                name="funding_statement_once_at_signature",
                violation_error_message="Le décompte de la signature existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(occasion__in=Occasion.values),
                name="funding_statement_occasion_known",
                violation_error_message="L’occasion de ce décompte est inconnue.",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1, contract_year__gte=1, contract_year__lte=6),
                name="funding_statement_numbers_in_range",
                violation_error_message="Une version compte à partir de 1, une année de contrat de 1 à 6.",
            ),
            models.CheckConstraint(
                condition=~Q(occasion=Occasion.CHANGE) | ~Q(reason=""),
                name="funding_statement_change_has_reason",
                violation_error_message="Un décompte refait dit pourquoi.",
            ),
            models.CheckConstraint(
                condition=Exact(Length("fingerprint"), 64),
                name="funding_statement_fingerprint_whole",
                violation_error_message="Une empreinte compte 64 caractères.",
            ),
        ]

    def __str__(self) -> str:
        return f"Décompte n°\u00a0{self.version}"


class StatementLine(models.Model):
    """One payment of a statement, as `funding.engine.ScheduleLine` says it.

    An adjustment settles the line of the same contract year, mission and share whose kind is `settles`;
    `rank` numbers the adjustments of one line (`LineKey.rank`), and is 0 for a line of the schedule.
    `received` says whether the money had come in when the statement was established: what came since is
    in the receipts.
    """

    append_only = True

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="lines", verbose_name="décompte")
    position = models.PositiveSmallIntegerField("rang")
    due_on = models.DateField("échéance")
    payable_by = models.DateField("payable au plus tard le")
    contract_year = models.PositiveSmallIntegerField("année de contrat")
    mission = models.CharField("mission", max_length=40)
    mission_label = models.CharField("intitulé de la mission", max_length=150)
    share = models.CharField("part", max_length=20)
    kind = models.CharField("versement", max_length=20)
    settles = models.CharField("versement régularisé", max_length=20, blank=True)
    rank = models.PositiveSmallIntegerField("rang de la régularisation", default=0)
    amount = models.DecimalField("montant (euros)", max_digits=12, decimal_places=2)
    received = models.BooleanField("déjà reçu", default=False)
    explanation = models.TextField("explication")

    class Meta:
        verbose_name = "ligne de décompte"
        verbose_name_plural = "lignes de décompte"
        ordering = ["statement", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "position"],
                name="funding_statementline_position_once",
                violation_error_message="Ce rang du décompte est déjà pris.",
            ),
            models.UniqueConstraint(
                fields=["statement", "contract_year", "mission", "share", "kind", "settles", "rank"],
                name="funding_statementline_key_once",
                violation_error_message="Ce versement est déjà dans le décompte.",
            ),
            models.CheckConstraint(
                condition=~Q(amount=0),
                name="funding_statementline_is_worth_something",
                violation_error_message="Une ligne de décompte n’est pas nulle.",
            ),
            models.CheckConstraint(
                condition=Q(kind="adjustment", rank__gt=0) & ~Q(settles="")
                | ~Q(kind="adjustment") & Q(settles="", rank=0),
                name="funding_statementline_adjustment_settles",
                violation_error_message="Une régularisation, et elle seule, dit laquelle et de quoi.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(kind="adjustment"),
                name="funding_statementline_only_adjustments_below_zero",
                violation_error_message="Seule une régularisation peut être négative.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mission_label}, {self.due_on:%d/%m/%Y}"
