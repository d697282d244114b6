"""What is typed about the statutes: their settings, by article; a college; a day."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.organisations.forms.fields import longest_in
from core.ui.fields import day_field
from core.ui.formatting import MONTHS, percent
from members.domain.shares import exact_share, stored_share
from members.domain.statutes_settings import SETTINGS, label_of
from members.enums import Body, MajorityBase, QuorumBase
from members.forms.verbs import VerbForm
from members.models import StatutesVersion, VotingCollege

_BLANKS = str.maketrans({"\u00a0": "", "\u202f": "", " ": "", ",": "."})
_FRACTION = re.compile(r"([0-9]{1,3})/([1-9][0-9]{0,2})")
_FIGURE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)(%?)")
_WRONG_SHARE = "Tapez un pourcentage ou une fraction, comme 50\u00a0% ou 2/3."
_UNKNOWN = {"invalid_choice": "Choisissez dans la liste.", "required": "Choisissez dans la liste."}
_ORGANS = [(body.value, body.label) for body in Body if body != Body.NOBODY]
_SEATS = "college_"


class ShareField(forms.CharField):
    """A share as people write it: « 50 % », « 2/3 », « 0,25 »; 0 to 1 as columns keep it."""

    def __init__(self, label: str, *, least: str, most: str = "1", **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"})
        errors = {"required": _WRONG_SHARE}
        super().__init__(label=label, widget=widget, error_messages=errors, **options)
        self.least, self.most = Decimal(least), Decimal(most)

    def clean(self, value: Any) -> Decimal:
        """Return the share, to the thousandth; raises ValidationError in French."""
        share = _parsed(super().clean(value))
        if share is None:
            raise ValidationError(_WRONG_SHARE)
        if share > 1:
            raise ValidationError("Une part ne dépasse pas 100\u00a0%.")
        stored = stored_share(share)
        if not self.least <= stored <= self.most:
            raise ValidationError(f"Cette part va de {percent(self.least)} à {percent(self.most)}.")
        return stored

    def prepare_value(self, value: Any) -> Any:
        """Show a stored share as a percentage, or as a fraction where thousandths only come close."""
        if not isinstance(value, Decimal):
            return value
        share = exact_share(value)
        if Fraction(value) == share:
            return percent(value)
        return f"{share.numerator}/{share.denominator}"


def _parsed(typed: str) -> Fraction | None:
    bare = typed.translate(_BLANKS)
    if found := _FRACTION.fullmatch(bare):
        return Fraction(int(found[1]), int(found[2]))
    found = _FIGURE.fullmatch(bare)
    # « 1 » alone: one per cent, or all of them?
    if found is None or bare == "1":
        return None
    figure = Fraction(found[1])
    return figure / 100 if found[2] or figure > 1 else figure


def _whole(name: str, least: int, most: int, *, help_text: str = "") -> forms.IntegerField:
    wrong = f"Tapez un nombre entier, de {least} à {most}."
    return forms.IntegerField(
        label=label_of(name),
        required=not StatutesVersion._meta.get_field(name).null,
        min_value=least,
        max_value=most,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )


def _text(name: str, *, help_text: str, lines: int = 0) -> forms.CharField:
    longest = longest_in(StatutesVersion, name)
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    too_long = {"max_length": f"Ce texte tient en {longest}\u00a0caractères."}
    return forms.CharField(
        label=label_of(name),
        required=False,
        max_length=longest,
        help_text=help_text,
        widget=widget,
        error_messages=too_long,
    )


def _choice(name: str, choices: Sequence[tuple[Any, Any]], *, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label_of(name), choices=choices, help_text=help_text, error_messages=_UNKNOWN
    )


def _yes(label: str, *, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help_text)


def _share(name: str, *, least: str = "0", help_text: str = "") -> ShareField:
    return ShareField(label_of(name), least=least, help_text=help_text)


_NO_QUORUM = "0\u00a0% si aucun quorum n’est demandé, comme dans les statuts types."
_MORE_THAN_HALF = (
    "50\u00a0% se lit «\u00a0plus de la moitié\u00a0»\u00a0; 2/3, «\u00a0les deux tiers au moins\u00a0»."
)


class StatutesForm(VerbForm):
    """Every setting, the day from which they hold, and the version on which they were typed."""

    seen = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    adopted_on = day_field(
        "Adoptés le",
        required=False,
        help_text="La date de l’assemblée. Laissez vide pour un projet qui n’est pas encore adopté.",
    )
    starts_on = day_field(
        "En vigueur à partir du",
        help_text="Pour saisir d’anciens statuts, donnez leur date\u00a0: ceux d’aujourd’hui restent.",
    )
    purpose = _text(
        "purpose", lines=5, help_text="Une ligne par but. Restez large\u00a0: l’objet se change en assemblée."
    )
    seat_transfer_body = _choice("seat_transfer_body", _ORGANS)
    duration_years = _whole("duration_years", 1, 999, help_text="Vide\u00a0: sans limite.")
    has_benefactors = _yes("Des membres bienfaiteurs soutiennent l’association")
    has_honorary = _yes("Des membres d’honneur sont dispensés de cotisation")
    honorary_votes = _yes("Les membres d’honneur votent")
    has_legal_persons = _yes("Les personnes morales adhèrent, par leur représentant")
    admission_conditions = _text(
        "admission_conditions",
        lines=2,
        help_text="Par exemple\u00a0: exercer sur le territoire. Vide\u00a0: ouverte à tous.",
    )
    admission_body = _choice("admission_body", Body.choices)
    removal_body = _choice("removal_body", _ORGANS)
    affiliation = _text("affiliation", help_text="Vide\u00a0: aucune.")
    economic_activities = _text(
        "economic_activities",
        lines=2,
        help_text="Des statuts qui ne disent rien n’en permettent aucune de façon habituelle.",
    )
    ordinary_month = forms.TypedChoiceField(
        label=label_of("ordinary_month"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "À choisir"), *enumerate(MONTHS, start=1)],
        error_messages=_UNKNOWN,
    )
    ordinary_notice_days = _whole("ordinary_notice_days", 0, 365)
    ordinary_quorum = _share("ordinary_quorum", help_text=_NO_QUORUM)
    quorum_base = _choice("quorum_base", QuorumBase.choices)
    second_convocation_free = _yes("Faute de quorum, une seconde assemblée délibère sans quorum")
    proxies_per_holder = _whole("proxies_per_holder", 0, 50, help_text="0\u00a0: pas de pouvoir.")
    ordinary_majority = _share("ordinary_majority", least="0.5", help_text=_MORE_THAN_HALF)
    majority_base = _choice("majority_base", MajorityBase.choices)
    votes_by_college = _yes(
        "Les votes ont lieu par collège", help_text="Chaque collège compte alors pour une voix."
    )
    secret_elections = _yes("Les élections ont lieu à bulletin secret")
    extraordinary_request_share = _share("extraordinary_request_share", least="0.001")
    extraordinary_notice_days = _whole("extraordinary_notice_days", 0, 365)
    extraordinary_quorum = _share("extraordinary_quorum", help_text=_NO_QUORUM)
    extraordinary_majority = _share("extraordinary_majority", least="0.5", help_text=_MORE_THAN_HALF)
    board_seats = _whole("board_seats", 2, 200)
    board_term_years = _whole("board_term_years", 1, 20)
    board_terms_limit = _whole("board_terms_limit", 1, 20, help_text="Vide\u00a0: sans limite.")
    board_renewal_fractions = _whole(
        "board_renewal_fractions",
        1,
        20,
        help_text="1\u00a0: en entier\u00a0; 2\u00a0: par moitié\u00a0; 3\u00a0: par tiers.",
    )
    board_meeting_months = _whole("board_meeting_months", 1, 24)
    board_request_share = _share("board_request_share", least="0.001")
    board_notice_days = _whole("board_notice_days", 0, 365)
    board_quorum = _share("board_quorum", help_text=_NO_QUORUM)
    board_proxies_per_holder = _whole("board_proxies_per_holder", 0, 50, help_text="0\u00a0: pas de pouvoir.")
    casting_vote = _yes("À égalité, la voix du président l’emporte")
    absences_before_resignation = _whole("absences_before_resignation", 1, 20)
    vice_presidents = _whole("vice_presidents", 0, 10)
    has_deputies = _yes("Secrétaire et trésorier peuvent avoir un adjoint")
    allows_indemnities = _yes(
        "Le temps donné aux actions peut être indemnisé",
        help_text="Non, dans les statuts types. Siéger au conseil ou au bureau reste bénévole.",
    )
    accepts_gifts = _yes("L’association peut recevoir des dons et des legs")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        version: StatutesVersion,
        colleges: Sequence[VotingCollege],
        seats: Mapping[int, int | None],
        seen: int | None,
        today: date,
    ) -> None:
        initial = {name: getattr(version, name) for name in SETTINGS}
        super().__init__(data, initial=initial | {"seen": seen, "starts_on": today})
        self.colleges = colleges
        for college in colleges:
            self.fields[f"{_SEATS}{college.pk}"] = _seats(college, seats.get(college.pk))

    def values(self) -> dict[str, Any]:
        """Return every setting of a valid form."""
        return {name: self.cleaned_data[name] for name in SETTINGS}

    def arguments_of(self) -> dict[str, Any]:
        """Return what a valid form says beside the settings: dates, and seats by key of college."""
        typed = self.cleaned_data
        seats = {each.pk: typed[f"{_SEATS}{each.pk}"] for each in self.colleges}
        return {"starts_on": typed["starts_on"], "adopted_on": typed["adopted_on"], "seats": seats}

    def sections(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield the parts of the form, in the order of the articles: title, fields."""
        colleges = tuple(f"{_SEATS}{each.pk}" for each in self.colleges)
        for title, names in _SECTIONS:
            shown = (*names, *colleges) if title == _BOARD else names
            yield title, [self[name] for name in shown]


def _seats(college: VotingCollege, seats: int | None) -> forms.IntegerField:
    wrong = "Tapez un nombre entier, de 0 à 200, ou rien."
    return forms.IntegerField(
        label=f"Sièges du collège «\u00a0{college}\u00a0»",
        required=False,
        initial=seats,
        min_value=0,
        max_value=200,
        help_text="Vide\u00a0: les statuts ne le disent pas.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    )


_BOARD = "Conseil d’administration"
_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Date", ("adopted_on", "starts_on")),
    (
        "L’association",
        ("purpose", "seat_transfer_body", "duration_years", "affiliation", "economic_activities"),
    ),
    (
        "Les membres",
        (
            "has_benefactors", "has_honorary", "honorary_votes", "has_legal_persons",
            "admission_conditions", "admission_body", "removal_body",
        ),
    ),
    (
        "Assemblée générale ordinaire",
        (
            "ordinary_month", "ordinary_notice_days", "ordinary_quorum", "quorum_base",
            "second_convocation_free", "proxies_per_holder", "ordinary_majority", "majority_base",
            "votes_by_college", "secret_elections",
        ),
    ),
    (
        "Assemblée générale extraordinaire",
        (
            "extraordinary_request_share", "extraordinary_notice_days", "extraordinary_quorum",
            "extraordinary_majority",
        ),
    ),
    (
        _BOARD,
        (
            "board_seats", "board_term_years", "board_terms_limit", "board_renewal_fractions",
            "board_meeting_months", "board_request_share", "board_notice_days", "board_quorum",
            "board_proxies_per_holder", "casting_vote", "absences_before_resignation",
        ),
    ),
    ("Bureau, indemnités, dons", ("vice_presidents", "has_deputies", "allows_indemnities", "accepts_gifts")),
)  # fmt: skip


class CollegeForm(VerbForm):
    """A college to add."""

    name = forms.CharField(
        label="Nom du collège",
        max_length=longest_in(VotingCollege, "name"),
        help_text="Par exemple\u00a0: professionnels libéraux.",
        error_messages={
            "required": "Nommez le collège.",
            "max_length": "Ce nom tient en 100\u00a0caractères.",
        },
    )


class DayForm(forms.Form):
    """The day of which the statutes are read; what is not a day is left out."""

    au = day_field("Statuts en vigueur le", required=False)

    def day(self, today: date) -> date:
        """Return the day asked for, today when there is none."""
        return (self.is_valid() and self.cleaned_data["au"]) or today
