"""What the statutes of an association say, dated: the settings of everything that is statutory, not legal."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.organisations.models import Cpts
from core.ui.formatting import long_date
from members.enums import Body, MajorityBase, QuorumBase


class VotingCollege(models.Model):
    """A college in which members vote, as the statutes name it."""

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="colleges", verbose_name="CPTS")
    name = models.CharField("nom", max_length=100)
    position = models.PositiveSmallIntegerField("rang", default=1)
    archived_at = models.DateTimeField("supprimé le", null=True, blank=True)

    class Meta:
        verbose_name = "collège"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cpts", "name"],
                name="members_votingcollege_name_once",
                violation_error_message="Un collège porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class StatutesVersionQuerySet(models.QuerySet["StatutesVersion"]):
    """The questions asked about statutes."""

    def in_force(self, cpts_id: int, day: date) -> "StatutesVersion | None":
        """The version in force in a CPTS on `day`, None before the first."""
        return self.filter(cpts=cpts_id, starts_on__lte=day).order_by("-starts_on", "-pk").first()


class StatutesVersion(models.Model):
    """The settings in force from `starts_on` until the next version; never rewritten.

    Defaults are those of the model statutes (the guide of Auvergne-Rhône-Alpes, annexe 2) where it gives
    one, else ours, marked so. Fractions are 0 to 1, of what their base says; 0 asks for none.
    """

    append_only = True

    cpts = models.ForeignKey(Cpts, models.PROTECT, related_name="statutes", verbose_name="CPTS")
    starts_on = models.DateField("en vigueur du")
    adopted_on = models.DateField("adoptés le", null=True, blank=True)
    recorded_at = models.DateTimeField("enregistrés le")
    purpose = models.TextField("objet", max_length=3000, blank=True)
    admission_body = models.CharField("organe qui admet", max_length=16, choices=Body, default=Body.BOARD)
    removal_body = models.CharField("organe qui radie", max_length=16, choices=Body, default=Body.BOARD)
    # From here to `accepts_gifts`, the database knows the defaults too: these columns came later.
    seat_transfer_body = models.CharField(
        "organe qui déplace le siège", max_length=16, choices=Body, default=Body.BOARD, db_default=Body.BOARD
    )
    duration_years = models.PositiveSmallIntegerField(
        "durée de l’association (années)", null=True, blank=True
    )
    has_benefactors = models.BooleanField("membres bienfaiteurs", default=True, db_default=True)
    has_honorary = models.BooleanField("membres d’honneur", default=True, db_default=True)
    has_legal_persons = models.BooleanField("les personnes morales adhèrent", default=True, db_default=True)
    admission_conditions = models.TextField(
        "conditions pour adhérer", max_length=1000, blank=True, default="", db_default=""
    )
    affiliation = models.CharField(
        "fédération d’affiliation", max_length=200, blank=True, default="", db_default=""
    )
    economic_activities = models.TextField(
        "activités économiques", max_length=1000, blank=True, default="", db_default=""
    )
    ordinary_month = models.PositiveSmallIntegerField("mois de l’assemblée ordinaire", null=True, blank=True)
    secret_elections = models.BooleanField("élections à bulletin secret", default=True, db_default=True)
    board_request_share = models.DecimalField(
        "part du conseil qui demande une réunion",
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.25"),
        db_default=Decimal("0.25"),
    )
    board_terms_limit = models.PositiveSmallIntegerField("mandats de suite au plus", null=True, blank=True)
    vice_presidents = models.PositiveSmallIntegerField("vice-présidences", default=1, db_default=1)
    has_deputies = models.BooleanField(
        "secrétaire et trésorier peuvent avoir un adjoint", default=True, db_default=True
    )
    # The model has every office unpaid; a CPTS often pays for the time given (domain reference, section 8).
    allows_indemnities = models.BooleanField("indemnités possibles", default=False, db_default=False)
    accepts_gifts = models.BooleanField("dons et legs acceptés", default=True, db_default=True)
    honorary_votes = models.BooleanField("les membres d’honneur votent", default=True)
    ordinary_notice_days = models.PositiveSmallIntegerField(
        "préavis de l’assemblée ordinaire (jours)", default=15
    )
    extraordinary_notice_days = models.PositiveSmallIntegerField(
        "préavis de l’assemblée extraordinaire (jours)", default=15
    )
    # Ours: the model gives no notice for the board.
    board_notice_days = models.PositiveSmallIntegerField("préavis du conseil (jours)", default=7)
    ordinary_quorum = models.DecimalField(
        "quorum de l’assemblée ordinaire", max_digits=4, decimal_places=3, default=Decimal(0)
    )
    extraordinary_quorum = models.DecimalField(
        "quorum de l’assemblée extraordinaire", max_digits=4, decimal_places=3, default=Decimal(0)
    )
    board_quorum = models.DecimalField(
        "quorum du conseil", max_digits=4, decimal_places=3, default=Decimal(0)
    )
    quorum_base = models.CharField(
        "base du quorum", max_length=24, choices=QuorumBase, default=QuorumBase.PRESENT_OR_REPRESENTED
    )
    second_convocation_free = models.BooleanField("seconde convocation sans quorum", default=True)
    # Ours: the model only advises to set rules for those who are absent.
    proxies_per_holder = models.PositiveSmallIntegerField("pouvoirs par personne en assemblée", default=2)
    board_proxies_per_holder = models.PositiveSmallIntegerField("pouvoirs par personne au conseil", default=1)
    majority_base = models.CharField(
        "base de la majorité",
        max_length=24,
        choices=MajorityBase,
        default=MajorityBase.PRESENT_OR_REPRESENTED,
    )
    ordinary_majority = models.DecimalField(
        "majorité ordinaire", max_digits=4, decimal_places=3, default=Decimal("0.5")
    )
    extraordinary_majority = models.DecimalField(
        "majorité extraordinaire", max_digits=4, decimal_places=3, default=Decimal("0.5")
    )
    votes_by_college = models.BooleanField("vote par collège", default=False)
    casting_vote = models.BooleanField("voix prépondérante du président au conseil", default=True)
    extraordinary_request_share = models.DecimalField(
        "part des membres qui demande une assemblée extraordinaire",
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.5"),
    )
    # Ours: the model leaves the two numbers to be filled in.
    board_seats = models.PositiveSmallIntegerField("sièges au conseil", default=12)
    board_term_years = models.PositiveSmallIntegerField("durée du mandat (années)", default=2)
    board_renewal_fractions = models.PositiveSmallIntegerField("renouvellement en combien de fois", default=2)
    board_meeting_months = models.PositiveSmallIntegerField("mois entre deux conseils au plus", default=6)
    absences_before_resignation = models.PositiveSmallIntegerField(
        "absences sans excuse avant démission d’office", default=3
    )

    objects: ClassVar[StatutesVersionQuerySet] = StatutesVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "version des statuts"
        verbose_name_plural = "versions des statuts"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    ordinary_quorum__range=(0, 1),
                    extraordinary_quorum__range=(0, 1),
                    board_quorum__range=(0, 1),
                ),
                name="members_statutesversion_quorum_in_range",
                violation_error_message="Un quorum va de 0 à 100\u00a0%%.",
            ),
            models.CheckConstraint(
                condition=Q(
                    ordinary_majority__gte=Decimal("0.5"),
                    ordinary_majority__lte=1,
                    extraordinary_majority__gte=Decimal("0.5"),
                    extraordinary_majority__lte=1,
                ),
                name="members_statutesversion_majority_in_range",
                violation_error_message="Une majorité va de la moitié à l’unanimité.",
            ),
            models.CheckConstraint(
                condition=Q(extraordinary_request_share__gt=0, extraordinary_request_share__lte=1),
                name="members_statutesversion_request_in_range",
                violation_error_message="Une part des membres va de plus de 0 à 100\u00a0%%.",
            ),
            models.CheckConstraint(
                condition=Q(board_request_share__gt=0, board_request_share__lte=1),
                name="members_statutesversion_board_request_in_range",
                violation_error_message="Une part du conseil va de plus de 0 à 100\u00a0%%.",
            ),
            models.CheckConstraint(
                condition=(Q(ordinary_month=None) | Q(ordinary_month__range=(1, 12)))
                & (Q(duration_years=None) | Q(duration_years__gte=1))
                & (Q(board_terms_limit=None) | Q(board_terms_limit__gte=1)),
                name="members_statutesversion_times_possible",
                violation_error_message=(
                    "Un mois va de 1 à 12\u00a0; une durée ou un nombre de mandats est d’un au moins."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    board_seats__gte=2,
                    board_term_years__gte=1,
                    board_renewal_fractions__gte=1,
                    board_meeting_months__gte=1,
                    absences_before_resignation__gte=1,
                ),
                name="members_statutesversion_board_possible",
                violation_error_message=(
                    "Un conseil compte deux sièges au moins, un mandat dure un an au moins."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Statuts du {long_date(self.starts_on)}"


class StatutesCollege(models.Model):
    """A college as a version of the statutes had it: frozen with the version, never rewritten.

    `seats` of the board are kept for it, None when the statutes do not say.
    """

    append_only = True

    version = models.ForeignKey(
        StatutesVersion, models.PROTECT, related_name="colleges", verbose_name="version des statuts"
    )
    college = models.ForeignKey(VotingCollege, models.PROTECT, related_name="+", verbose_name="collège")
    name = models.CharField("nom", max_length=100)
    position = models.PositiveSmallIntegerField("rang")
    seats = models.PositiveSmallIntegerField("sièges au conseil", null=True, blank=True)

    class Meta:
        verbose_name = "collège d’une version des statuts"
        verbose_name_plural = "collèges d’une version des statuts"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "college"],
                name="members_statutescollege_once",
                violation_error_message="Un collège figure une fois dans une version des statuts.",
            )
        ]

    def __str__(self) -> str:
        return self.name
