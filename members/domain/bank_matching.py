"""Which call a line of a bank's file seems to pay, how sure that is, and why. Nothing is written here."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.organisations.models import Cpts
from core.ui.folding import fold
from core.ui.formatting import euros
from members.domain.bank_reading import Credit
from members.enums import MatchConfidence
from members.models import FeeCall

_NUMBER = re.compile(r"\b(20[0-9]{2})[- ]?([0-9]{4,6})\b")
_NO_MATCH = "Ni numéro d’appel, ni adresse, ni nom d’un membre qui doit une cotisation."


@dataclass(frozen=True)
class Match:
    """The call proposed for a line, None for none, with the reason in French."""

    call: Any
    confidence: MatchConfidence
    reason: str


class Matcher:
    """The calls of a CPTS, ready to be recognised; what it proposes is taken into account afterwards."""

    def __init__(self, cpts: Cpts) -> None:
        """Read the standing calls. One query."""
        self._by_number: dict[tuple[int, int], Any] = {}
        self._by_email: dict[str, list[Any]] = defaultdict(list)
        self._by_word: dict[str, list[Any]] = defaultdict(list)
        self._left: dict[int, Decimal] = {}
        calls = FeeCall.objects.standing().filter(cpts=cpts).with_sums().select_related("member")
        for call in calls.order_by("-year", "number"):
            self._take(call)

    def _take(self, call: Any) -> None:
        self._left[call.pk] = call.remaining
        self._by_number[call.year, call.number] = call
        if call.remaining > 0:
            if call.member.email:
                self._by_email[call.member.email.lower()].append(call)
            for word in set(call.member.sort_name.split()):
                self._by_word[word].append(call)

    def match(self, credit: Credit) -> Match:
        """Return the call that a credit seems to pay."""
        found = self._numbered(credit) or self._addressed(credit) or self._named(credit)
        if found is None:
            return Match(None, MatchConfidence.NONE, _NO_MATCH)
        self._left[found.call.pk] -= credit.amount
        return found

    def _numbered(self, credit: Credit) -> Match | None:
        for year, number in _NUMBER.findall(f"{credit.label} {credit.reference}"):
            if call := self._by_number.get((int(year), int(number))):
                left = self._left[call.pk]
                if left <= 0:
                    reason = f"Numéro d’appel {call}, déjà réglé."
                    return Match(call, MatchConfidence.DOUBTFUL, reason)
                return self._said(call, credit, f"Numéro d’appel {call}", MatchConfidence.SURE)
        return None

    def _addressed(self, credit: Credit) -> Match | None:
        calls = self._expecting(self._by_email.get(credit.email, ())) if credit.email else []
        return self._best(calls, credit, "Adresse électronique du membre", MatchConfidence.SURE)

    def _named(self, credit: Credit) -> Match | None:
        words = set(fold(f"{credit.label} {credit.payer}").split())
        near = {call.pk: call for word in words for call in self._by_word.get(word, ())}
        calls = [call for call in near.values() if set(call.member.sort_name.split()) <= words]
        return self._best(self._expecting(calls), credit, "Nom du membre", MatchConfidence.LIKELY)

    def _expecting(self, calls: Iterable[Any]) -> list[Any]:
        return [call for call in calls if self._left[call.pk] > 0]

    def _best(self, calls: list[Any], credit: Credit, why: str, confidence: MatchConfidence) -> Match | None:
        """The call of that amount first; several members of that name or address are to be looked at."""
        if not calls:
            return None
        calls.sort(key=lambda call: (self._left[call.pk] != credit.amount, -call.year, call.number))
        if len({call.member_id for call in calls}) > 1:
            return Match(calls[0], MatchConfidence.DOUBTFUL, f"{why}, mais plusieurs membres répondent.")
        return self._said(calls[0], credit, why, confidence)

    def _said(self, call: Any, credit: Credit, why: str, confidence: MatchConfidence) -> Match:
        left = self._left[call.pk]
        if left == credit.amount:
            return Match(call, confidence, f"{why}, montant exact.")
        weaker = {
            MatchConfidence.SURE: MatchConfidence.LIKELY,
            MatchConfidence.LIKELY: MatchConfidence.DOUBTFUL,
        }
        return Match(call, weaker[confidence], f"{why}, mais il reste {euros(left)} à payer.")
