"""Search as you type over communes and EPCI: words in any order, accents and hyphens ignored."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from core.territories.domain.names import search_form, words_in
from core.territories.models import Commune, Epci, PostalCode, Vintage
from core.ui.folding import fold

MIN_LETTERS = 3
LIMIT = 12
_EPCI_LIMIT = 4
MAX_QUERY = 60
Place = TypeVar("Place", Commune, Epci)


@dataclass(frozen=True)
class SearchResults:
    """What a query found, best first: at most LIMIT places, EPCI aside from communes."""

    epcis: tuple[Epci, ...] = ()
    communes: tuple[Commune, ...] = ()

    @property
    def count(self) -> int:
        """Number of places found."""
        return len(self.epcis) + len(self.communes)

    def __bool__(self) -> bool:
        return bool(self.epcis or self.communes)


def is_searchable(query: str) -> bool:
    """Whether `query` has enough letters or digits to search."""
    return len(fold(query).replace(" ", "")) >= MIN_LETTERS


def search_places(query: str, vintage: Vintage) -> SearchResults:
    """Return the EPCI and communes whose name, postal code or official code begins as `query` does.

    Exact names come first, then names holding these very words, then names that begin so; larger
    populations first among equals. Two queries.
    """
    query = query[:MAX_QUERY]
    if not is_searchable(query):
        return SearchResults()
    epcis = Epci.objects.filter(vintage=vintage)
    communes = Commune.objects.filter(vintage=vintage).select_related("departement")
    digits = query.replace(" ", "")
    if digits.isdecimal():
        found_epcis = tuple(epcis.filter(code=digits)) if len(digits) == 9 else ()
        return SearchResults(found_epcis, tuple(_by_digits(communes, digits)[:LIMIT]))
    found_epcis = tuple(_by_name(epcis, query)[:_EPCI_LIMIT])
    return SearchResults(found_epcis, tuple(_by_name(communes, query)[: LIMIT - len(found_epcis)]))


def _by_digits(communes: QuerySet[Commune], digits: str) -> QuerySet[Commune]:
    # A range, unlike LIKE, uses the plain index of both databases.
    in_range = PostalCode.objects.filter(code__gte=digits, code__lt=f"{digits}:")
    return communes.filter(Q(pk__in=in_range.values("commune")) | Q(code=digits)).order_by(
        F("population").desc(nulls_last=True), "code"
    )


def communes_named(query: str, vintage: Vintage) -> QuerySet[Commune]:
    """Return every commune whose name begins with the words of `query`, none when it has too few letters."""
    communes = Commune.objects.filter(vintage=vintage)
    if not is_searchable(query):
        return communes.none()
    return communes.filter(words_in("search_name", query[:MAX_QUERY]))


def _by_name(places: QuerySet[Place], query: str) -> QuerySet[Place]:
    whole = search_form(query)
    rank = Case(
        When(search_name=whole, then=Value(0)),
        When(Q(search_name__contains=f"{whole} ") | Q(search_name__endswith=whole), then=Value(1)),
        When(search_name__startswith=whole, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    found = places.filter(words_in("search_name", query))
    return found.order_by(rank, F("population").desc(nulls_last=True), "code")
