"""What a row of a file says of a membership, beside the periods that the registry holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from members.domain.columns import told_membership
from members.domain.import_columns import FIELDS
from members.domain.import_registry import Registry, folded_college, names_of_colleges
from members.domain.periods import PeriodValues, check_days, overlap_words, overlapped
from members.enums import MemberCategory, MembershipState
from members.models import Member, Membership, Removal, Suspension, VotingCollege

Difference = tuple[str, str, str]
NO_DATE = (
    f"Sans «\u00a0{FIELDS['starts_on']}\u00a0», la catégorie et le collège ne sont pas enregistrés\u00a0: "
    "cette inscription reste sans adhésion."
)


@dataclass(frozen=True, slots=True)
class PlannedPeriod:
    """What a row changes of a membership: a period to begin, or the category and college to change to."""

    begun: PeriodValues | None = None
    changed: tuple[str, VotingCollege | None] | None = None
    differences: tuple[Difference, ...] = ()
    advice: tuple[str, ...] = ()


NOTHING = PlannedPeriod()


class Periods:
    """The periods of a registry, read at once: three queries.

    In: `members_since`, the day since which new entries are members when their row does not say.
    """

    def __init__(self, registry: Registry, *, members_since: date | None, today: date) -> None:
        self.registry = registry
        self.members_since = members_since
        self.today = today
        cpts = registry.cpts
        self.beside: dict[int, list[Membership]] = {}
        for period in Membership.objects.filter(member__cpts=cpts):
            self.beside.setdefault(period.member_id, []).append(period)
        suspended = Suspension.objects.filter(membership__member__cpts=cpts, ends_on=None)
        proceeded = Removal.objects.filter(membership__member__cpts=cpts, outcome="")
        self.held_back = {
            *suspended.values_list("membership", flat=True),
            *proceeded.values_list("membership", flat=True),
        }

    def planned(self, values: Mapping[str, Any], entry: Member | None) -> PlannedPeriod:
        """Return what a row changes of a membership; raises ValidationError by field for what it may not."""
        told = told_membership(entry) if entry else None
        college = self._college(values.get("college", ""), told)
        if told is None:
            return self._first(values, entry, college)
        starts_on = values.get("starts_on") or told.starts_on
        if told.state == MembershipState.ENDED and starts_on != told.starts_on:
            return self._begun(values, entry, college)
        category = values.get("category") or told.category
        same = (category, college or told.college) == (told.category, told.college)
        if starts_on == told.starts_on and same:
            return NOTHING
        self._check_untouched(told, starts_on)
        return self._changed(told, category, college or told.college)

    def _college(self, name: str, told: Membership | None) -> VotingCollege | None:
        if not name:
            return None
        found = folded_college(self.registry.colleges.values(), name)
        if told is not None and told.college in found:
            return told.college
        if not found or found[0].archived_at:
            known = names_of_colleges(list(self.registry.colleges.values()))
            raise ValidationError(
                {"college": f"«\u00a0{name}\u00a0» n’est pas un collège des statuts. {known}"}
            )
        return found[0]

    def _first(
        self, values: Mapping[str, Any], entry: Member | None, college: VotingCollege | None
    ) -> PlannedPeriod:
        if values.get("starts_on") or (entry is None and self.members_since):
            return self._begun(values, entry, college)
        told = "category" in values or "college" in values
        return PlannedPeriod(advice=(NO_DATE,)) if told else NOTHING

    def _begun(
        self, values: Mapping[str, Any], entry: Member | None, college: VotingCollege | None
    ) -> PlannedPeriod:
        starts_on = values.get("starts_on") or self.members_since or self.today
        category = values.get("category") or MemberCategory.ACTIVE
        check_days(self.today, starts_on=starts_on)
        others = self.beside.get(entry.pk, []) if entry else []
        if entry and (other := overlapped(starts_on, None, others)):
            raise ValidationError({"starts_on": overlap_words(entry.name, other)})
        differences = [
            (FIELDS["category"], "", str(MemberCategory(category).label)),
            (FIELDS["college"], "", college.name if college else ""),
            (FIELDS["starts_on"], "", _day(starts_on)),
        ]
        return PlannedPeriod(
            begun=PeriodValues(starts_on, category=category, college=college),
            differences=tuple(each for each in differences if each[2]),
        )

    def _check_untouched(self, told: Membership, starts_on: date | None) -> None:
        """Refuse what an import may not write over."""
        if told.state == MembershipState.APPLIED:
            raise ValidationError(
                {"starts_on": "Une demande d’adhésion attend une décision\u00a0: décidez-la, puis importez."}
            )
        if starts_on != told.starts_on:
            raise ValidationError(
                {
                    "starts_on": f"Le registre dit {_day(told.starts_on)}\u00a0: un import ne réécrit pas "
                    "une date d’adhésion. Reprenez celle du registre ou videz la cellule."
                }
            )
        if told.state == MembershipState.ENDED:
            raise ValidationError(
                {"category": "L’adhésion est terminée\u00a0: sa catégorie et son collège ne changent plus."}
            )
        if told.starts_on and told.starts_on > self.today:
            raise ValidationError(
                {"category": "L’adhésion n’a pas commencé\u00a0: changez-la depuis sa fiche."}
            )
        if told.pk in self.held_back:
            raise ValidationError(
                {"category": "Une suspension ou une radiation est en cours\u00a0: terminez-la d’abord."}
            )

    def _changed(self, told: Membership, category: str, college: VotingCollege | None) -> PlannedPeriod:
        before = (str(told.get_category_display()), told.college.name if told.college else "")
        after = (str(MemberCategory(category).label), college.name if college else "")
        names = (FIELDS["category"], FIELDS["college"])
        differences = tuple(each for each in zip(names, before, after, strict=True) if each[1] != each[2])
        return PlannedPeriod(changed=(category, college), differences=differences)


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "sans date"
