"""Finds the communes a spreadsheet lists, as ARS and CPAM circulate them: by code or by name.

Every line ends up accepted, or refused with its reason and suggestions; nothing is guessed in silence.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TypeVar

from django.db.models import F

from core.spreadsheets.reading import Line, cell_text
from core.territories.domain.names import search_form
from core.territories.models import Commune, Epci, FormerCommune, PostalCode, Vintage
from core.ui.folding import fold

# The most frequent name is that of twelve communes.
MAX_SUGGESTIONS = 12
# Comparing spellings costs about 10 ms a name: beyond, a file is better corrected by its author.
_MAX_SPELLINGS = 40
_MAX_CHOICES = 200
# The longest name has 59 letters: what is longer is no name, and folding it costs.
_MAX_CELL = 150
_HEADER_SEARCH = 15
_HEADERS: Mapping[str, frozenset[str]] = {
    "code": frozenset(
        {
            "code", "code insee", "insee", "code commune", "code insee commune", "code insee de la commune",
            "insee commune", "code geo", "codgeo", "code geographique", "code officiel geographique", "cog",
            "depcom", "com", "code com", "numero insee", "n insee", "insee com",
        }
    ),
    "name": frozenset(
        {
            "commune", "communes", "nom", "nom commune", "nom de la commune", "nom des communes", "nom com",
            "libelle", "libelle commune", "libelle de la commune", "libgeo", "libelle geographique", "ville",
            "villes", "municipalite", "nom insee",
        }
    ),
    "departement": frozenset(
        {
            "departement", "dep", "dept", "dpt", "code departement", "code dep", "code dept",
            "nom departement", "nom du departement", "libelle departement",
            "num departement", "numero departement",
        }
    ),
    "postal": frozenset({"code postal", "codes postaux", "cp", "postal", "code postal commune"}),
    "epci": frozenset(
        {
            "epci", "code epci", "siren epci", "siren", "code siren", "nom epci", "libelle epci", "libepci",
            "nom de l epci", "intercommunalite", "nom intercommunalite", "n siren", "numero siren",
        }
    ),
}  # fmt: skip
Key = TypeVar("Key")
Item = TypeVar("Item")
_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}\Z")
_SHORT_CODE = re.compile(r"[0-9]{4}\Z")
_SIREN = re.compile(r"[0-9]{9}\Z")
_ARTICLE_AFTER = re.compile(r"(?P<name>.+?)\s*\((?P<article>l[ae]s?|l['’])\)\s*\Z", re.IGNORECASE)
_COMMON_START = re.compile(r"\A(?: (?:l|la|le|les|saint|sainte))+(?= )")
_ARRONDISSEMENT = re.compile(
    r" (?P<city>paris|lyon|marseille) 0?(?P<number>[1-9][0-9]?)(?:e|er|eme|ieme)?(?: arr(?:ondissement)?)?\Z"
)


@dataclass(frozen=True)
class Accepted:
    """A line understood: the EPCI or the commune it names."""

    number: int
    text: str
    commune: Commune | None = None
    epci: Epci | None = None


@dataclass(frozen=True)
class Refused:
    """A line left out, why, and the communes it may mean."""

    number: int
    text: str
    reason: str
    suggestions: tuple[Commune, ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """What a spreadsheet says, line by line."""

    accepted: tuple[Accepted, ...]
    refused: tuple[Refused, ...]

    @property
    def commune_codes(self) -> list[str]:
        """Codes of the accepted communes, each once, sorted."""
        return sorted({line.commune.code for line in self.accepted if line.commune})

    @property
    def epci_codes(self) -> list[str]:
        """Codes of the accepted EPCI, each once, sorted."""
        return sorted({line.epci.code for line in self.accepted if line.epci})

    @property
    def to_choose(self) -> tuple[Refused, ...]:
        """The refused lines offered with their suggestions; a form holds only so many fields."""
        return self.refused[:_MAX_CHOICES]

    @property
    def to_correct(self) -> tuple[Refused, ...]:
        """The refused lines beyond: only their reason is given, the file is to be corrected."""
        return self.refused[_MAX_CHOICES:]

    @property
    def repeated(self) -> int:
        """Number of accepted lines that name a place already named above."""
        return len(self.accepted) - len(self.commune_codes) - len(self.epci_codes)


@dataclass(frozen=True)
class Entry:
    """What one line says about a commune, column by column ("" when it says nothing)."""

    number: int
    code: str = ""
    name: str = ""
    departement: str = ""
    postal: str = ""
    epci: str = ""

    @property
    def text(self) -> str:
        """The line as shown back to its author."""
        return " ".join(filter(None, [self.code, self.name or self.epci]))[:120]

    @property
    def search_name(self) -> str:
        """The name in the form stored for searches, inversions and ordinals put right."""
        return _search_name(self.name)


def read_entries(lines: Sequence[Line]) -> list[Entry]:
    """Return what each line says, under whatever header is found; stops at the line of totals."""
    rows = [(line.number, [cell_text(cell)[:_MAX_CELL] for cell in line.cells]) for line in lines]
    columns, body = _columns(rows)
    entries = []
    for number, cells in body:
        said = {role: cells[index] for role, index in columns.items() if index < len(cells) and cells[index]}
        if any(fold(text).startswith("total") for text in said.values()):
            break
        if said:
            entries.append(_entry(number, said))
    return entries


def match_lines(lines: Sequence[Line], vintage: Vintage) -> ImportReport:
    """Return the report of a spreadsheet's lines against `vintage`; a constant number of queries."""
    entries = read_entries(lines)
    gazetteer = _Gazetteer(entries, vintage)
    accepted: list[Accepted] = []
    refused: list[Refused] = []
    for entry in entries:
        outcome = _match(entry, gazetteer)
        if isinstance(outcome, Accepted):
            accepted.append(outcome)
        else:
            refused.append(outcome)
    completed = gazetteer.with_suggestions(refused)
    return ImportReport(tuple(accepted), tuple(_nearest_first(line, accepted) for line in completed))


def _nearest_first(line: Refused, accepted: Sequence[Accepted]) -> Refused:
    """Put first the suggestions in the départements of the lines already understood."""
    known = Counter(each.commune.departement_id for each in accepted if each.commune)
    suggestions = sorted(line.suggestions, key=lambda commune: -known[commune.departement_id])
    return replace(line, suggestions=tuple(suggestions))


def _columns(rows: list[tuple[int, list[str]]]) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    for position, (_number, cells) in enumerate(rows[:_HEADER_SEARCH]):
        found: dict[str, int] = {}
        for index, cell in enumerate(cells):
            role = next((role for role, names in _HEADERS.items() if fold(cell) in names), None)
            if role and role not in found:
                found[role] = index
        if found.keys() & {"code", "name", "epci"}:
            return found, rows[position + 1 :]
    return _guessed_columns(rows), rows


def _guessed_columns(rows: list[tuple[int, list[str]]]) -> dict[str, int]:
    """Without a header: the column that holds most codes, else the first column that holds words."""
    codes: dict[int, int] = defaultdict(int)
    words: dict[int, int] = defaultdict(int)
    for _number, cells in rows:
        for index, cell in enumerate(cells):
            codes[index] += _looks_like_code(cell)
            words[index] += bool(re.search(r"[^\W\d]{2}", cell))
    best = max(codes, key=lambda index: codes[index], default=0)
    if codes.get(best):
        return {"code": best}
    return {"name": next((index for index in sorted(words) if words[index]), 0)}


def _looks_like_code(text: str) -> bool:
    return bool(_CODE.match(text.upper()) or _SIREN.match(text))


def _entry(number: int, said: Mapping[str, str]) -> Entry:
    values = dict(said)
    # A column of « communes » may hold codes, and a column of codes names: the value decides.
    if "code" not in values and _looks_like_code(values.get("name", "")):
        values["code"] = values.pop("name")
    code = values.get("code", "").upper().replace(" ", "")
    if code and not _looks_like_code(code) and not _SHORT_CODE.match(code) and "name" not in values:
        values["name"], code = values["code"], ""
    # Spreadsheets drop the leading zero of 01001.
    values["code"] = f"0{code}" if _SHORT_CODE.match(code) else code
    return Entry(number=number, **values)


def _search_name(name: str) -> str:
    inverted = _ARTICLE_AFTER.match(name)
    form = search_form(f"{inverted['article']} {inverted['name']}" if inverted else name)
    ordinal = _ARRONDISSEMENT.match(form)
    if not ordinal:
        return form
    suffix = "er" if ordinal["number"] == "1" else "e"
    return f" {ordinal['city']} {ordinal['number']}{suffix} arrondissement"


def _match(entry: Entry, gazetteer: "_Gazetteer") -> Accepted | Refused:
    if _SIREN.match(entry.code) or not (entry.code or entry.name):
        return _match_epci(entry, gazetteer)
    if entry.code:
        return _match_code(entry, gazetteer)
    return _match_name(entry, gazetteer)


def _match_epci(entry: Entry, gazetteer: "_Gazetteer") -> Accepted | Refused:
    found = gazetteer.epcis(entry.code or entry.epci)
    if len(found) == 1:
        return Accepted(entry.number, entry.text, epci=found[0])
    return Refused(entry.number, entry.text, "Aucun EPCI n’a ce code ou ce nom.")


def _match_code(entry: Entry, gazetteer: "_Gazetteer") -> Accepted | Refused:
    commune = gazetteer.by_code.get(entry.code)
    if commune is None:
        return _unknown_code(entry, gazetteer)
    named = gazetteer.by_name.get(entry.search_name, []) if entry.name else [commune]
    if commune in named or not named or entry.search_name in gazetteer.former_names(commune):
        return Accepted(entry.number, entry.text, commune=commune)
    reason = f"Le code {entry.code} est celui de {commune.name}, la ligne dit «\u00a0{entry.name}\u00a0»."
    return Refused(entry.number, entry.text, reason, (commune, *named[: MAX_SUGGESTIONS - 1]))


def _unknown_code(entry: Entry, gazetteer: "_Gazetteer") -> Refused:
    former = gazetteer.former_by_code.get(entry.code)
    if former:
        name = f"{former.name} ({former.code})" if former.name else f"Le code {former.code}"
        reason = f"{name} n’est plus une commune\u00a0: elle a rejoint {former.commune.name}."
        return Refused(entry.number, entry.text, reason, (former.commune,))
    served = gazetteer.by_postal_code.get(entry.code, [])
    if served:
        reason = f"{entry.code} est un code postal, pas un code INSEE."
        return Refused(entry.number, entry.text, reason, tuple(served[:MAX_SUGGESTIONS]))
    named = tuple(gazetteer.by_name.get(entry.search_name, [])[:MAX_SUGGESTIONS])
    return Refused(entry.number, entry.text, f"Aucune commune n’a le code {entry.code}.", named)


def _match_name(entry: Entry, gazetteer: "_Gazetteer") -> Accepted | Refused:
    homonyms = gazetteer.by_name.get(entry.search_name, [])
    fitting = [commune for commune in homonyms if gazetteer.fits(commune, entry)]
    if len(fitting) == 1:
        return Accepted(entry.number, entry.text, commune=fitting[0])
    if fitting:
        reason = f"{len(fitting)} communes portent ce nom."
        return Refused(entry.number, entry.text, reason, tuple(fitting[:MAX_SUGGESTIONS]))
    if homonyms:
        reason = "Aucune commune de ce nom dans ce département, ce code postal ou cet EPCI."
        return Refused(entry.number, entry.text, reason, tuple(homonyms[:MAX_SUGGESTIONS]))
    return _unknown_name(entry, gazetteer)


def _unknown_name(entry: Entry, gazetteer: "_Gazetteer") -> Refused:
    heirs = gazetteer.former_by_name.get(entry.search_name, [])
    fitting = [heir for heir in heirs if gazetteer.fits(heir, entry)] or heirs
    if fitting:
        names = ", ".join(heir.name for heir in fitting[:3])
        reason = f"Cette ancienne commune a rejoint {names}."
        return Refused(entry.number, entry.text, reason, tuple(fitting[:MAX_SUGGESTIONS]))
    return Refused(entry.number, entry.text, "Aucune commune ne porte ce nom.")


@dataclass
class _Gazetteer:
    """Everything the entries mention, fetched at once."""

    entries: Sequence[Entry]
    vintage: Vintage
    by_code: dict[str, Commune] = field(init=False)
    by_name: dict[str, list[Commune]] = field(init=False)
    by_postal_code: dict[str, list[Commune]] = field(init=False)
    former_by_code: dict[str, FormerCommune] = field(init=False)
    former_by_name: dict[str, list[Commune]] = field(init=False)

    def __post_init__(self) -> None:
        codes = {entry.code for entry in self.entries if entry.code}
        names = {entry.search_name for entry in self.entries if entry.name}
        communes = Commune.objects.filter(vintage=self.vintage).select_related(
            "departement", "epci", "parent__epci"
        )
        self._communes = communes
        self.by_code = {row.code: row for row in communes.filter(code__in=codes)}
        self.by_name = _grouped(
            (row.search_name, row) for row in communes.filter(search_name__in=names).order_by("code")
        )
        self._load_former(codes, names)
        self._load_postal_codes(codes | {entry.postal for entry in self.entries if entry.postal})
        self._load_epcis()

    def _load_former(self, codes: set[str], names: set[str]) -> None:
        former = FormerCommune.objects.filter(commune__vintage=self.vintage).select_related(
            "commune__departement", "commune__epci", "commune__parent__epci"
        )
        self.former_by_code = {row.code: row for row in former.filter(code__in=codes).order_by("name")}
        named = list(former.filter(search_name__in=names - {""}).order_by("commune__code"))
        self.former_by_name = _grouped((row.search_name, row.commune) for row in named)
        self._former_names = _grouped((row.commune_id, row.search_name) for row in named)

    def _load_postal_codes(self, codes: set[str]) -> None:
        rows = (
            PostalCode.objects.filter(commune__vintage=self.vintage, code__in=codes)
            .select_related("commune__departement", "commune__epci", "commune__parent__epci")
            .order_by("code", F("commune__population").desc(nulls_last=True), "commune__code")
        )
        self.by_postal_code = _grouped((row.code, row.commune) for row in rows)
        self._served = {(row_code, row.pk) for row_code, rows in self.by_postal_code.items() for row in rows}

    def _load_epcis(self) -> None:
        said = {entry.epci or entry.code for entry in self.entries}
        found = Epci.objects.filter(vintage=self.vintage, code__in=said) | Epci.objects.filter(
            vintage=self.vintage, search_name__in={search_form(text) for text in said if text}
        )
        self._epcis = _grouped((key, epci) for epci in found for key in (epci.code, epci.search_name))

    def epcis(self, text: str) -> list[Epci]:
        """Return the EPCI of this code or name."""
        return self._epcis.get(text) or self._epcis.get(search_form(text), [])

    def former_names(self, commune: Commune) -> list[str]:
        """Return the names, among those mentioned, of communes that joined this one."""
        return self._former_names.get(commune.pk, [])

    def fits(self, commune: Commune, entry: Entry) -> bool:
        """Whether the other columns of the line agree with this commune."""
        return (
            self._fits_departement(commune, entry.departement)
            and (
                not entry.postal
                or entry.postal not in self.by_postal_code
                or (entry.postal, commune.pk) in self._served
            )
            and self._fits_epci(commune, entry.epci)
        )

    def _fits_departement(self, commune: Commune, text: str) -> bool:
        departement = commune.departement
        folded = fold(text)
        return not text or folded in {
            departement.code.lower(),
            departement.code.lower().lstrip("0"),
            fold(departement.name),
        }

    def _fits_epci(self, commune: Commune, text: str) -> bool:
        named = self.epcis(text) if text else []
        return not named or commune.listed_epci in named

    def with_suggestions(self, refused: Sequence[Refused]) -> Iterator[Refused]:
        """Complete the lines whose name is unknown with the names that look most alike."""
        lost = {line.number for line in refused if not line.suggestions}
        wanted = {entry.number: entry for entry in self.entries if entry.number in lost and entry.name}
        alike = self._alike({entry.search_name for entry in wanted.values()}) if wanted else {}
        for line in refused:
            entry = wanted.get(line.number)
            rows = alike.get(entry.search_name, []) if entry else []
            rows.sort(key=lambda row: not (entry and self.fits(row, entry)))
            yield Refused(
                line.number, line.text, line.reason, line.suggestions or tuple(rows[:MAX_SUGGESTIONS])
            )

    def _alike(self, names: set[str]) -> dict[str, list[Commune]]:
        """Return, for each unknown name, the communes whose name begins alike and looks alike."""
        by_start: dict[str, set[str]] = defaultdict(set)
        for stored in self._communes.values_list("search_name", flat=True):
            by_start[_start(stored)].add(stored)
        close = {
            name: get_close_matches(name, sorted(by_start[_start(name)]), n=4, cutoff=0.75)
            for name in sorted(names)[:_MAX_SPELLINGS]
        }
        rows = self._communes.filter(search_name__in={match for found in close.values() for match in found})
        by_name = _grouped((row.search_name, row) for row in rows.order_by("code"))
        return {name: [row for match in found for row in by_name[match]] for name, found in close.items()}


def _start(search_name: str) -> str:
    """Return the first two letters of the first telling word: articles and « saint » come and go."""
    return _COMMON_START.sub("", search_name)[:3]


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        groups[key].append(item)
    return dict(groups)
