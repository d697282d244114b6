"""What is typed about a membership: an application, a decision, a suspension, an end."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, cast

from django import forms

from core.organisations.models import Cpts
from core.ui.fields import day_field
from members.domain.memberships import Decision
from members.domain.periods import PeriodValues
from members.enums import EndGround, MemberCategory, MemberKind, RemovalGround, RemovalOutcome
from members.forms.verbs import VerbForm
from members.models import Member, VotingCollege

_LONGEST_NOTE, _LONGEST_FACTS = 500, 3000
_UNKNOWN = {"invalid_choice": "Choisissez dans la liste."}
ADMIT, REFUSE = "admettre", "refuser"
_GROUNDS = {
    MemberKind.NATURAL: (EndGround.RESIGNATION, EndGround.DEATH),
    MemberKind.LEGAL: (EndGround.RESIGNATION, EndGround.DISSOLUTION),
}


def _day(label: str, *, required: str = "", help_text: str = "") -> forms.DateField:
    """A day; `required` says what to do when it is left empty, "" when it may be."""
    return day_field(
        label, help_text=help_text, required=bool(required), error_messages={"required": required}
    )


def _note(label: str, *, required: str = "", help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(required),
        max_length=_LONGEST_NOTE,
        error_messages={
            "required": required,
            "max_length": f"Ce texte tient en {_LONGEST_NOTE}\u00a0caractères.",
        },
    )


def _long_text(label: str, *, required: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=_LONGEST_FACTS,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": required,
            "max_length": f"Ce texte tient en {_LONGEST_FACTS}\u00a0caractères.",
        },
    )


def _category(label: str = "Catégorie") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=MemberCategory.choices,
        initial=MemberCategory.ACTIVE,
        error_messages=_UNKNOWN,
    )


class CollegeField(forms.ModelChoiceField):
    """A college of the association."""

    def __init__(self, empty_label: str = "Sans collège") -> None:
        super().__init__(
            VotingCollege.objects.none(),
            label="Collège",
            required=False,
            empty_label=empty_label,
            error_messages={"invalid_choice": "Choisissez un collège des statuts de la CPTS."},
        )


class MembershipForm(VerbForm):
    """A form about a membership: it knows the CPTS, whose colleges it offers, and today."""

    today_in: ClassVar[str] = ""
    """The field in which today is proposed, "" for none."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        cpts: Cpts,
        member: Member | None = None,
        today: date,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        proposed = {self.today_in: today} if self.today_in else {}
        super().__init__(data, initial=proposed | dict(initial or {}))
        self.cpts, self.member = cpts, member
        if "college" in self.fields:
            self._offer_colleges()

    def _offer_colleges(self) -> None:
        colleges = VotingCollege.objects.filter(cpts=self.cpts, archived_at=None)
        if colleges.exists():
            cast("CollegeField", self.fields["college"]).queryset = colleges
        else:
            # Nothing to choose: the association votes as one.
            del self.fields["college"]

    @property
    def typed(self) -> dict[str, Any]:
        """What a valid form says, `college` None where the association has none."""
        return {"college": None} | self.cleaned_data


class ApplicationEntryForm(MembershipForm):
    """An application received on paper, by e-mail or at a meeting."""

    today_in = "applied_on"

    applied_on = _day("Demande reçue le", required="Donnez la date de la demande.")
    category = _category("Catégorie demandée")
    college = CollegeField()
    statutes = forms.BooleanField(label="La personne a accepté les statuts", required=False)


class PeriodForm(MembershipForm):
    """A membership that the papers of the association already say."""

    starts_on = _day("Membre depuis le", required="Donnez la date d’effet de l’adhésion.")
    category = _category()
    college = CollegeField()
    decided_on = _day("Admission décidée le", help_text="Sans date, celle de l’effet est retenue.")
    decision_note = _note(
        "Référence de la décision", help_text="Par exemple\u00a0: procès-verbal du 12 mars 2024."
    )
    ends_on = _day("N’est plus membre à partir du", help_text="Seulement si l’adhésion est terminée.")
    end_ground = forms.ChoiceField(label="Motif de fin", required=False, error_messages=_UNKNOWN)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", "Sans objet"), *_grounds_of(self.member)]
        cast("forms.ChoiceField", self.fields["end_ground"]).choices = choices

    def clean(self) -> dict[str, Any]:
        """An end has a day and a ground."""
        typed = self.cleaned_data
        if typed.get("ends_on") and not typed.get("end_ground") and "end_ground" not in self.errors:
            self.add_error("end_ground", "Dites pourquoi l’adhésion s’est terminée.")
        if typed.get("end_ground") and not typed.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", "Donnez la date de fin.")
        return typed

    def values(self) -> PeriodValues:
        """Return the period that a valid form says."""
        return PeriodValues(**self.typed)


class WithdrawalForm(MembershipForm):
    """An application that is given up."""

    end_note = _note("Précision", help_text="Par exemple\u00a0: message reçu le 3 mars.")


class EndForm(MembershipForm):
    """The end of a membership, radiation left out."""

    arguments: ClassVar[Mapping[str, str]] = {"note": "end_note"}
    today_in = "ends_on"

    end_ground = forms.ChoiceField(
        label="Motif",
        widget=forms.RadioSelect,
        error_messages=_UNKNOWN | {"required": "Choisissez le motif."},
    )
    ends_on = _day(
        "N’est plus membre à partir du",
        required="Donnez le premier jour où la personne n’est plus membre.",
        help_text="La veille est le dernier jour d’adhésion.",
    )
    end_note = _note("Précision", help_text="Par exemple\u00a0: lettre reçue le 3 mars.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ChoiceField", self.fields["end_ground"]).choices = _grounds_of(self.member)


def _grounds_of(member: Member | None) -> list[tuple[str, str]]:
    grounds = _GROUNDS[MemberKind(member.kind)] if member else tuple(EndGround)
    return [(ground.value, str(ground.label)) for ground in grounds]


class CategoryForm(MembershipForm):
    """Another category or college, from a day on."""

    arguments: ClassVar[Mapping[str, str]] = {"ends_on": "day", "decision_note": "note"}
    today_in = "day"

    category = _category("Nouvelle catégorie")
    college = CollegeField()
    day = _day(
        "À partir du",
        required="Donnez le jour du changement.",
        help_text="La période en cours finit ce jour-là et la suivante commence\u00a0: rien ne s’efface.",
    )
    note = _note("Décision ou motif")


class SuspensionForm(MembershipForm):
    """A suspension."""

    today_in = "starts_on"

    starts_on = _day("Suspendre à partir du", required="Donnez le premier jour de la suspension.")
    reason = _note("Motif", required="Dites pourquoi l’adhésion est suspendue.")


class LiftForm(MembershipForm):
    """The end of a suspension."""

    today_in = "ends_on"

    ends_on = _day(
        "Lever la suspension à partir du",
        required="Donnez le premier jour où la suspension ne vaut plus.",
    )


class DecisionForm(MembershipForm):
    """What the body decided about one or several applications."""

    arguments: ClassVar[Mapping[str, str]] = {"decision_note": "note"}
    today_in = "decided_on"

    outcome = forms.ChoiceField(
        label="Décision",
        choices=[(ADMIT, "Admettre"), (REFUSE, "Refuser")],
        initial=ADMIT,
        widget=forms.RadioSelect,
        error_messages=_UNKNOWN | {"required": "Choisissez d’admettre ou de refuser."},
    )
    decided_on = _day("Décision du", required="Donnez la date de la décision.")
    starts_on = _day(
        "Membre à partir du",
        help_text="Sans date, celle de la décision. Sans objet pour un refus.",
    )
    category = forms.ChoiceField(
        label="Catégorie",
        choices=[("", "Celle demandée"), *MemberCategory.choices],
        required=False,
        error_messages=_UNKNOWN,
    )
    college = CollegeField("Celui demandé")
    note = _note(
        "Référence de la décision, ou motif du refus",
        help_text="Obligatoire pour un refus\u00a0: dites pourquoi.",
    )

    def clean(self) -> dict[str, Any]:
        """A refusal says why."""
        typed = self.cleaned_data
        if typed.get("outcome") == REFUSE and not typed.get("note") and "note" not in self.errors:
            self.add_error("note", "Dites pourquoi la demande est refusée.")
        return typed

    def decision(self) -> Decision:
        """Return what a valid form says."""
        typed = self.typed
        is_admission = typed["outcome"] == ADMIT
        return Decision(
            is_admission=is_admission,
            decided_on=typed["decided_on"],
            starts_on=(typed["starts_on"] or typed["decided_on"]) if is_admission else None,
            category=typed["category"] or None,
            college=typed["college"],
            note=typed["note"],
        )


class RemovalForm(MembershipForm):
    """The opening of a procedure of radiation."""

    today_in = "opened_on"

    ground = forms.ChoiceField(
        label="Motif",
        choices=RemovalGround.choices,
        widget=forms.RadioSelect,
        error_messages=_UNKNOWN | {"required": "Choisissez le motif."},
    )
    facts = _long_text(
        "Faits",
        required="Écrivez les faits\u00a0: la lettre d’invitation les reprend.",
        help_text="Des faits datés, sans jugement\u00a0: la lettre les reprend tels quels.",
    )
    opened_on = _day("Procédure ouverte le", required="Donnez la date d’ouverture.")


class RevisedMembershipForm(MembershipForm):
    """A form that says on which revision of the procedure it is filled in."""

    revision = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class InvitationForm(RevisedMembershipForm):
    """The invitation to explain."""

    today_in = "invited_on"

    invited_on = _day("Lettre du", required="Donnez la date de la lettre.", help_text="Le jour où elle part.")
    hearing_on = _day(
        "Explications attendues le",
        required="Donnez le jour où la personne s’explique.",
        help_text="Laissez au moins quinze jours, le temps de recevoir la lettre et de se préparer.",
    )
    hearing_place = forms.CharField(
        label="Où, et à quelle heure",
        max_length=200,
        help_text="Par exemple\u00a0: à 19\u00a0h, à la maison de santé, devant le bureau.",
        error_messages={"required": "Dites où, ou par quel moyen, la personne s’explique."},
    )


class ExplanationsForm(RevisedMembershipForm):
    """What the member answered."""

    explanations = _long_text(
        "Explications reçues",
        required="Notez ce qui a été répondu, ou que personne n’est venu.",
        help_text="Un résumé fidèle de ce qui a été dit ou écrit, ou l’absence de réponse.",
    )


class OutcomeForm(RevisedMembershipForm):
    """How the procedure ended."""

    arguments: ClassVar[Mapping[str, str]] = {"decision_note": "note", "ends_on": "decided_on"}
    today_in = "decided_on"

    outcome = forms.ChoiceField(
        label="Issue",
        choices=RemovalOutcome.choices,
        widget=forms.RadioSelect,
        error_messages=_UNKNOWN | {"required": "Choisissez l’issue de la procédure."},
    )
    decided_on = _day(
        "Décision du",
        required="Donnez la date de la décision.",
        help_text="Une radiation met fin à l’adhésion ce jour-là.",
    )
    note = _note("Motif de la décision", required="Motivez la décision.")
