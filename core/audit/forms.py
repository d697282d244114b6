"""How a history is narrowed."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone

from core.audit.models import AuditDetail, AuditEntry
from core.audit.models.entry import AuditEntryQuerySet
from core.audit.words import object_words

_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)


def _day(label: str) -> forms.DateField:
    limits = [
        MinValueValidator(_FIRST, "Donnez une date à partir de l’an 2000."),
        MaxValueValidator(_LAST, "Donnez une date avant l’an 2100."),
    ]
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, validators=limits)


class HistoryFilter(forms.Form):
    """What to show of one chain: a kind of object or one object, one person, a period."""

    type = forms.ChoiceField(label="Objet", required=False)
    personne = forms.ChoiceField(label="Personne", required=False)
    du = _day("Du")
    au = _day("Au")
    objet = forms.RegexField(
        r"^[a-z_]+\.[a-z_]+:[\w-]{1,40}$", required=False, max_length=101, widget=forms.HiddenInput
    )

    def __init__(self, chain: str, data: Any) -> None:
        super().__init__(data)
        entries = AuditEntry.objects.filter(chain=chain).order_by()
        types = entries.values_list("target_type", flat=True).distinct()
        kinds = sorted(((kind, _capital(object_words(kind))) for kind in types), key=lambda each: each[1])
        self.fields["type"].choices = [("", "Tous"), *kinds]  # type: ignore[attr-defined]
        actors = entries.values("actor_id")
        people = get_user_model().objects.filter(pk__in=actors).order_by("last_name", "email")
        choices = [(str(person.pk), str(person)) for person in people]
        self.fields["personne"].choices = [("", "Toutes"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Require a period in order."""
        data = super().clean() or self.cleaned_data
        if data.get("du") and data.get("au") and data["du"] > data["au"]:
            self.add_error("au", "La période finit avant de commencer\u00a0: inversez les deux dates.")
        return data

    @property
    def is_narrowing(self) -> bool:
        """Whether something less than the whole chain is asked for."""
        self.is_valid()
        return any(self.cleaned_data.values())

    def apply(self, entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
        """Return the entries asked for, or none when what is asked cannot be read."""
        if not self.is_valid():
            return entries.none()
        wanted = self.cleaned_data
        limits = {
            "target_type": wanted["type"],
            "actor_id": wanted["personne"],
            "at__gte": _midnight(wanted["du"]),
            "at__lt": _midnight(wanted["au"] and wanted["au"] + timedelta(days=1)),
        }
        about = _about(wanted["objet"]) if wanted["objet"] else Q()
        return entries.filter(about, **{name: value for name, value in limits.items() if value})


def _about(key: str) -> Q:
    """Ask for what was done to an object, and to others in telling of it: somebody's membership is theirs."""
    target_type, _, target_id = key.partition(":")
    told = AuditDetail.objects.filter(subject=key).values("entry")
    return Q(target_type=target_type, target_id=target_id) | Q(pk__in=told)


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
