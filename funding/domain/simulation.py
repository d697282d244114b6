"""What-if schedules: the JSON of `manage.py simulate` and of the public simulator, in and out.

The shape of this interface is fixed, for others script it. Everything given is checked, nothing is guessed;
a key set to null counts as a key left out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, NoReturn

from core.territories.domain.selection import SelectionError, TerritorySelection, resolve_selection
from funding.domain.baremes import published_baremes, size_of
from funding.engine import (
    ContractTerms,
    ContractYear,
    EngineError,
    Instalment,
    PaymentSchedule,
    Proration,
    compute_schedule,
)
from funding.engine.french import listed, number, quoted, shown

REQUIRED_KEYS = ("signed_on", "missions")
EXTENT_KEYS = ("size", "population", "territory")
LARGEST_POPULATION = 100_000_000
LARGEST_INTEGER = 10**9
MOST_TOLD = 20
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Parser = Callable[[str, Any], Any]
"""From the path of a field and its raw value to its parsed value, or a SimulationError."""


class SimulationError(EngineError):
    """A request that cannot be simulated: `errors` maps each field to its French sentence.

    `str()` tells the first ones only, so that a file of nonsense does not fill the terminal.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(errors)
        more = len(errors) - MOST_TOLD
        if more > 0:
            first = EngineError(dict(islice(errors.items(), MOST_TOLD)))
            self.args = (f"{first} Autres refus\u00a0: {number(more)}.",)


@dataclass(frozen=True, slots=True)
class SimulationInput:
    """A checked request: the terms of a contract, and where its size comes from when it was not given."""

    terms: ContractTerms
    population: int | None = None
    territory: TerritorySelection | None = None


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """The schedule of a request, and what its size was read from."""

    schedule: PaymentSchedule
    size: int
    population: int | None
    territory: TerritorySelection | None


def parse_simulation(payload: Mapping[str, object]) -> SimulationInput:
    """Check a request and turn it into the terms of a contract.

    In: the request as JSON gives it, numbers with a point as Decimal. Raises SimulationError with one
    sentence for each field at fault. Reads the database only when a territory is given.
    """
    values = _parse_all(_entries(payload))
    territory = values.pop("territory", None)
    population = values.pop("population", None) if territory is None else territory.population
    if population is not None:
        values["size"] = _size_of(population, values["signed_on"], values.get("bareme"))
    return SimulationInput(terms=ContractTerms(**values), population=population, territory=territory)


def run_simulation(request: SimulationInput) -> SimulationResult:
    """Compute the schedule of a checked request. Raises SimulationError when the engine refuses it."""
    try:
        schedule = compute_schedule(request.terms, published_baremes())
    except EngineError as error:
        raise SimulationError(error.errors) from error
    return SimulationResult(
        schedule=schedule,
        size=request.terms.size,
        population=request.population,
        territory=request.territory,
    )


def to_json(result: SimulationResult) -> dict[str, Any]:
    """The result as JSON values: ISO dates, amounts in euros as text with two decimals."""
    schedule = result.schedule
    by_calendar_year = schedule.by_calendar_year()
    return {
        "size": result.size,
        "population": result.population,
        "baremes": {str(year.number): year.bareme.code for year in schedule.years},
        "contract_years": [_contract_year_to_json(year) for year in schedule.years],
        "instalments": [_instalment_to_json(line) for line in schedule.instalments],
        "total": str(schedule.total),
        "by_date": {day.isoformat(): str(amount) for day, amount in schedule.by_date().items()},
        "by_calendar_year": {str(year): str(totals.total) for year, totals in by_calendar_year.items()},
    }


def _contract_year_to_json(year: ContractYear) -> dict[str, Any]:
    return {
        "number": year.number,
        "starts_on": year.starts_on.isoformat(),
        "next_anniversary": year.next_anniversary.isoformat(),
        "days": year.days,
        "bareme": year.bareme.code,
    }


def _instalment_to_json(line: Instalment) -> dict[str, Any]:
    return {
        "due_on": line.due_on.isoformat(),
        "payable_by": line.payable_by.isoformat(),
        "contract_year": line.contract_year,
        "mission": line.mission,
        "share": line.share.value,
        "kind": line.kind.value,
        "amount": str(line.amount),
        "explanation": line.explanation.text,
    }


@dataclass(frozen=True, slots=True)
class _Entry:
    """One value to parse: its key in the result, its path in the request, its parser."""

    key: Any
    path: str
    value: object
    parse: Parser


def _parse_all(entries: Iterable[_Entry]) -> dict[Any, Any]:
    """Parse every entry, so that all the errors are said together."""
    parsed, errors = {}, {}
    for entry in entries:
        try:
            parsed[entry.key] = entry.parse(entry.path, entry.value)
        except SimulationError as error:
            errors.update(error.errors)
    if errors:
        raise SimulationError(errors)
    return parsed


def _entries(payload: Mapping[str, object]) -> Iterator[_Entry]:
    extents = [key for key in EXTENT_KEYS if payload.get(key) is not None]
    one_extent = len(extents) == 1
    # Of two extents neither is read: a territory costs queries.
    read = {key: value for key, value in payload.items() if one_extent or key not in EXTENT_KEYS}
    yield from _given_entries(read, PARSERS)
    for key in REQUIRED_KEYS:
        if payload.get(key) is None:
            yield _Entry(key, key, None, _missing)
    if not one_extent:
        yield _Entry("size", "size", extents, _wrong_extent)


def _given_entries(
    values: Mapping[str, object], parsers: Mapping[str, Parser], prefix: str = ""
) -> Iterator[_Entry]:
    """The keys of an object that has a parser for each of its keys; any other key is refused."""
    for key, value in values.items():
        if key not in parsers:
            yield _Entry(key, prefix + shown(key), list(parsers), _unknown_key)
        elif value is not None:
            yield _Entry(key, prefix + key, value, parsers[key])


def _size_of(population: int, signed_on: date, bareme: str | None) -> int:
    try:
        return size_of(population, signed_on, bareme)
    except EngineError as error:
        raise SimulationError(error.errors) from error


def _refuse(path: str, sentence: str) -> NoReturn:
    raise SimulationError({path: sentence})


def _unknown_key(path: str, allowed: Iterable[str]) -> NoReturn:
    _refuse(path, f"Cette clé est inconnue\u00a0; clés permises\u00a0: {listed(allowed)}.")


def _missing(path: str, _value: object) -> NoReturn:
    _refuse(path, "Ce champ est obligatoire.")


def _wrong_extent(path: str, given: list[str]) -> NoReturn:
    found = listed(given) if given else "aucun"
    _refuse(
        path, f"Indiquez un seul de ces trois champs\u00a0: {listed(EXTENT_KEYS)} (donné\u00a0: {found})."
    )


def _given(value: object) -> str:
    """A refused value as the message shows it; objects and lists by their nature, however deep they are."""
    natures = {dict: "un objet", list: "une liste", bool: "un booléen", type(None): "null"}
    return natures.get(type(value)) or quoted(str(value))


def _object(path: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        _refuse(path, "Un objet est attendu, de la forme {clé: valeur}.")
    return value


def _list(path: str, value: object) -> list[object]:
    if not isinstance(value, list):
        _refuse(path, "Une liste est attendue.")
    return value


def _text(path: str, value: object) -> str:
    """A text without control characters or halves of characters, which no database takes."""
    if not isinstance(value, str) or not value.isprintable():
        _refuse(path, f"Un texte est attendu, pas {_given(value)}.")
    return value


def _boolean(path: str, value: object) -> bool:
    if not isinstance(value, bool):
        _refuse(path, "true ou false est attendu.")
    return value


def _integer(path: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_INTEGER:
        _refuse(path, f"Un nombre entier est attendu, pas {_given(value)}.")
    return value


def _date(path: str, value: object) -> date:
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
        _refuse(path, f"Une date au format AAAA-MM-JJ est attendue, pas {_given(value)}.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        _refuse(path, f"La date {quoted(value)} n’existe pas.")


def _rate(path: str, value: object) -> Decimal:
    """A rate as text or as a JSON number; the engine checks that it is between 0 and 1."""
    if isinstance(value, str) and PLAIN_DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    _refuse(path, f"Un taux est attendu, comme 0.8, pas {_given(value)}.")


def _population(path: str, value: object) -> int:
    population = _integer(path, value)
    if not 1 <= population <= LARGEST_POPULATION:
        _refuse(path, f"La population est comprise entre 1 et {number(LARGEST_POPULATION)} habitants.")
    return population


def _territory(path: str, value: object) -> TerritorySelection:
    """Whole EPCI and communes, by their official codes."""
    codes = _parse_all(_given_entries(_object(path, value), TERRITORY_PARSERS, prefix=f"{path}."))
    try:
        selection = resolve_selection(epci=codes.get("epci", []), communes=codes.get("communes", []))
    except SelectionError as error:
        _refuse(path, str(error))
    if selection.population < 1:
        _refuse(path, "Ce territoire n’a pas d’habitant.")
    return selection


def _items(parse: Parser) -> Parser:
    """A parser of lists from the parser of their items."""

    def parse_list(path: str, value: object) -> list[Any]:
        return [parse(path, item) for item in _list(path, value)]

    return parse_list


_texts = _items(_text)


def _by_key(parse: Parser, parse_key: Parser = _text) -> Parser:
    """A parser of objects whose keys are free, from the parser of their values."""

    def parse_object(path: str, value: object) -> dict[Any, Any]:
        return _parse_all(
            _Entry(parse_key(path, key), f"{path}.{shown(key)}", item, parse)
            for key, item in _object(path, value).items()
        )

    return parse_object


def _year_key(path: str, key: str) -> int:
    """A contract year as the key of an object: "1", not "01"; the engine checks its range."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", key):
        _refuse(path, f'Une année du contrat est attendue comme clé, de "1" à "5", pas {quoted(key)}.')
    return int(key)


def _bareme(path: str, value: object) -> str:
    """The code of a text, with or without its hyphen and capitals; the engine checks that it exists."""
    text = _text(path, value)
    codes = {bareme.code.replace("-", ""): bareme.code for bareme in published_baremes()}
    return codes.get(text.lower().replace("-", ""), text)


def _proration(path: str, value: object) -> Proration:
    proration = _text(path, value)
    if proration not in list(Proration):
        _refuse(path, f"Les prorata possibles sont\u00a0: {listed(Proration)}.")
    return Proration(proration)


TERRITORY_PARSERS: dict[str, Parser] = {"epci": _texts, "communes": _texts}
PARSERS: dict[str, Parser] = {
    "signed_on": _date,
    "size": _integer,
    "population": _population,
    "territory": _territory,
    "missions": _by_key(_date),
    "bareme": _bareme,
    "proration": _proration,
    "prorate_first_variable": _boolean,
    "attainment": _by_key(_by_key(_rate, _year_key)),
    "default_attainment": _rate,
    "crisis_plan_year": _integer,
    "crisis_years": lambda path, value: frozenset(_items(_integer)(path, value)),
    "supplements": lambda path, value: frozenset(_texts(path, value)),
}
