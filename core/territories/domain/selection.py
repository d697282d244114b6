"""A territory as a person composes it: whole EPCI, single communes, arrondissements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q

from core.territories.models import Commune, Epci, Vintage
from core.ui.formatting import number

# As many single communes as an address may hold (gunicorn.conf.py, limit_request_line).
MAX_COMMUNES = 1200
# Beyond, one more sentence helps nobody and the page weighs.
_MAX_TOLD = 20
_NO_CODE = (
    "Le code officiel géographique n’est pas chargé sur ce serveur\u00a0: "
    "demandez à son exploitant de lancer la commande load_geographic_code."
)
_UNKNOWN_YEAR = "année variable selon le territoire"


class SelectionError(ValueError):
    """A territory that cannot be resolved.

    `errors` holds one French sentence for each problem, `rejected` the codes without which the rest of the
    territory is sound (empty when leaving codes out would not be enough).
    """

    def __init__(self, errors: Iterable[str], rejected: Iterable[str] = ()) -> None:
        self.errors = list(errors)
        self.rejected = frozenset(rejected)
        super().__init__(" ".join(self.errors))


@dataclass(frozen=True)
class TerritoryGroup:
    """The selected communes of one EPCI, or (`epci` None) those that belong to none."""

    epci: Epci | None
    communes: tuple[Commune, ...]

    @property
    def name(self) -> str:
        """Name of the EPCI, in French."""
        return self.epci.name if self.epci else "Sans intercommunalité"

    @cached_property
    def population(self) -> int:
        """Inhabitants of the selected communes whose figure is known."""
        return sum(commune.population or 0 for commune in self.communes)

    @property
    def whole(self) -> bool:
        """Whether every commune of the EPCI is selected."""
        return self.epci is not None and _completes(self.epci, self.communes)


@dataclass(frozen=True)
class TerritorySelection:
    """A resolved territory: each commune once, sorted by code, with the shortest way to ask for it again.

    `epci_codes` are the EPCI wholly selected and `commune_codes` the others, both sorted: two selections
    of the same communes have the same codes. `vintage` is None only for an empty selection.
    """

    vintage: Vintage | None
    communes: tuple[Commune, ...] = ()
    groups: tuple[TerritoryGroup, ...] = ()
    epci_codes: tuple[str, ...] = field(init=False)
    commune_codes: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        whole = [group for group in self.groups if group.whole]
        inside = {commune.code for group in whole for commune in group.communes}
        single = (commune.code for commune in self.communes if commune.code not in inside)
        object.__setattr__(
            self, "epci_codes", tuple(sorted(group.epci.code for group in whole if group.epci))
        )
        object.__setattr__(self, "commune_codes", tuple(sorted(single)))

    def __bool__(self) -> bool:
        return bool(self.communes)

    @cached_property
    def population(self) -> int:
        """Inhabitants of the communes whose figure is known; see `without_figure` for the others."""
        return sum(commune.population or 0 for commune in self.communes)

    @cached_property
    def without_figure(self) -> tuple[Commune, ...]:
        """Communes that have no population figure: they are named, never counted as zero in silence."""
        return tuple(commune for commune in self.communes if commune.population is None)

    @cached_property
    def source(self) -> str:
        """Where the population comes from and of which year, in one French line."""
        if self.vintage is None:
            return ""
        years = {commune.departement.population_year for commune in self.communes}
        known = " et ".join(str(year) for year in sorted(year for year in years if year is not None))
        told = ", ".join(filter(None, [known, _UNKNOWN_YEAR if None in years else ""]))
        return f"{self.vintage.population_label} {told} (code officiel géographique {self.vintage.year})"

    def without(self, *, epci: str = "", commune: str = "") -> "TerritorySelection":
        """Return this territory less the communes listed under an EPCI, or less one commune. No query."""
        rows = [row for row in self.communes if row.code != commune and (not epci or _epci_code(row) != epci)]
        return TerritorySelection(vintage=self.vintage, communes=tuple(rows), groups=_grouped(rows))

    def to_query(self) -> str:
        """Return the canonical query string, empty for an empty selection."""
        values = {"epci": ",".join(self.epci_codes), "communes": ",".join(self.commune_codes)}
        return urlencode({key: value for key, value in values.items() if value}, safe=",")


@dataclass(frozen=True)
class Distance:
    """How far a population is from a threshold: `missing` below it, `above` from it on (one is zero)."""

    threshold: int
    missing: int
    above: int


def distances(population: int, thresholds: Sequence[int]) -> list[Distance]:
    """Return the distance of `population` to each threshold, in inhabitants."""
    return [
        Distance(threshold, max(threshold - population, 0), max(population - threshold, 0))
        for threshold in sorted(thresholds)
    ]


def resolve_selection(
    *, epci: Sequence[str], communes: Sequence[str], vintage: Vintage | None = None
) -> TerritorySelection:
    """Return the territory made of the EPCI and communes of these codes, duplicates merged.

    Uses the latest vintage unless one is given. Two queries whatever the size. Raises SelectionError when
    no vintage is loaded, a code is unknown, there are more than MAX_COMMUNES communes, or a city counts
    both whole and by arrondissements.
    """
    epci_codes, commune_codes = _cleaned(epci), _cleaned(communes)
    if not epci_codes and not commune_codes:
        return TerritorySelection(vintage=vintage)
    if len(epci_codes) > MAX_COMMUNES or len(commune_codes) > MAX_COMMUNES:
        raise SelectionError([_too_many()])
    vintage = vintage or Vintage.objects.current()
    if vintage is None:
        raise SelectionError([_NO_CODE])
    rows = list(
        Commune.objects.filter(_asked_for(epci_codes, commune_codes, vintage))
        .select_related("departement", "epci", "parent__epci")
        .order_by("code")
    )
    if len(rows) > MAX_COMMUNES:
        raise SelectionError([_too_many()])
    problems = [*_unknown(epci_codes, commune_codes, rows, vintage), *_counted_twice(rows, epci_codes)]
    if problems:
        rejected = (code for _sentence, codes in problems for code in codes)
        raise SelectionError(_told([sentence for sentence, _codes in problems]), rejected)
    return TerritorySelection(vintage=vintage, communes=tuple(rows), groups=_grouped(rows))


def _asked_for(epci_codes: Sequence[str], commune_codes: Sequence[str], vintage: Vintage) -> Q:
    # Each branch has its own index; a join on the EPCI's code would read every commune of the country.
    members = Q(epci__in=Epci.objects.filter(vintage=vintage, code__in=epci_codes))
    single = Q(vintage=vintage, code__in=commune_codes)
    return (members | single) if epci_codes else single


def _epci_code(commune: Commune) -> str:
    return commune.listed_epci.code if commune.listed_epci else ""


def _cleaned(codes: Sequence[str]) -> list[str]:
    return sorted({canonical_code(code) for code in codes} - {""})


def canonical_code(code: str) -> str:
    """Return a code as it is looked for: capitals, no blank around, no NUL, which PostgreSQL refuses."""
    return code.replace("\x00", "").strip().upper()


def _told(sentences: list[str]) -> list[str]:
    more = len(sentences) - _MAX_TOLD
    if more <= 1:
        return sentences
    return [*sentences[:_MAX_TOLD], f"Et {number(more)} autres codes sont refusés."]


def _too_many() -> str:
    return f"Un territoire compte au plus {number(MAX_COMMUNES)} communes\u00a0: retirez-en."


def _unknown(
    epci_codes: Sequence[str], commune_codes: Sequence[str], rows: Sequence[Commune], vintage: Vintage
) -> Iterator[tuple[str, list[str]]]:
    known_epci = {row.epci.code for row in rows if row.epci}
    known = {row.code for row in rows}
    where = f"dans le code officiel géographique {vintage.year}"
    for code in epci_codes:
        if code not in known_epci:
            yield f"Aucun EPCI n’a le code «\u00a0{code[:20]}\u00a0» {where}.", [code]
    for code in commune_codes:
        if code not in known:
            yield f"Aucune commune n’a le code «\u00a0{code[:20]}\u00a0» {where}.", [code]


def _counted_twice(rows: Sequence[Commune], epci_codes: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    whole = {row.pk: row for row in rows}
    by_city: dict[int, list[Commune]] = defaultdict(list)
    for row in rows:
        if row.parent_id in whole:
            by_city[row.parent_id].append(row)
    for city_id, parts in by_city.items():
        city = whole[city_id]
        via = f" (par {city.epci.name})" if city.epci and city.epci.code in epci_codes else ""
        names = ", ".join(part.name for part in parts)
        sentence = (
            f"La commune de {city.name} est déjà dans le territoire{via}\u00a0: gardez la commune entière "
            f"ou ses arrondissements ({names})."
        )
        yield sentence, [part.code for part in parts]


def _grouped(rows: Sequence[Commune]) -> tuple[TerritoryGroup, ...]:
    epcis: dict[int | None, Epci | None] = {}
    members: dict[int | None, list[Commune]] = defaultdict(list)
    for row in rows:
        epci = row.listed_epci
        key = epci.pk if epci else None
        epcis[key] = epci
        members[key].append(row)
    groups = [TerritoryGroup(epcis[key], tuple(sorted(members[key], key=_by_name))) for key in members]
    return tuple(sorted(groups, key=lambda group: (group.epci is None, -group.population, group.name)))


def _by_name(commune: Commune) -> tuple[str, str]:
    return commune.search_name, commune.code


def _completes(epci: Epci, communes: Iterable[Commune]) -> bool:
    return Counter(commune.epci_id for commune in communes)[epci.pk] == epci.commune_count
