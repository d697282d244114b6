"""Communes as files name them: by official code, by name, with or without a postal code."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from core.organisations.models import Cpts, TerritoryCommune, TerritoryVersion
from core.territories.domain.names import search_form
from core.territories.models import Commune, FormerCommune, PostalCode, Vintage

_AT_ONCE = 500
_SHOWN = 6
_AROUND = re.compile(
    r"^\d{5}\s+|\s+\d{5}$|\s*\((?:\d[\dABab]\d{3}|\d{2,3})\)\s*$|\s+cedex\b.*$", re.IGNORECASE
)
Pair = tuple[str, str]
Row = TypeVar("Row", Commune, FormerCommune)


class Communes:
    """The communes that a file names, read at once: a handful of queries, whatever the number of rows.

    In: the CPTS, whose territory tells homonyms apart; the texts of the file. Without any official code
    loaded, names are taken as they are written.
    """

    def __init__(self, cpts: Cpts, *, names: Iterable[str], codes: Iterable[str], today: date) -> None:
        self.vintage = Vintage.objects.current()
        self.departement = cpts.departement_code
        self.by_code: dict[str, Commune] = {}
        self.by_name: dict[str, list[Commune]] = {}
        self.postal_codes: dict[int, set[str]] = {}
        self.territory: set[str] = set()
        self.resolved: dict[tuple[str, str, str], Pair] = {}
        if self.vintage is None:
            return
        held = TerritoryVersion.objects.in_force(today).filter(cpts=cpts)
        communes = TerritoryCommune.objects.filter(territory__in=held)
        self.territory = set(communes.values_list("code", flat=True))
        self._read_codes(sorted({code for code in codes if code}))
        self._read_names(sorted({form for name in names if (form := _form(name))}))

    def resolve(self, *, code: str, name: str, postal_code: str) -> Pair | None:
        """Return the official code and name of a commune, None when nothing is said.

        Raises ValidationError, in French, for one that is unknown, ambiguous, or whose code and name differ.
        """
        if not code and not name:
            return None
        if self.vintage is None:
            return code, name
        said = (code, name, postal_code)
        if said not in self.resolved:
            self.resolved[said] = self._resolved(code, name, postal_code)
        return self.resolved[said]

    def _resolved(self, code: str, name: str, postal_code: str) -> Pair:
        if not code:
            found = self._named(name, postal_code)
            return found.code, found.name
        commune = self.by_code.get(code)
        if commune is None:
            raise ValidationError(f"Aucune commune n’a le code INSEE {code}.")
        if name and commune not in self.by_name.get(_form(name), []):
            raise ValidationError(
                f"Le code INSEE {code} est celui de {commune.name}, pas de {name}\u00a0: "
                "corrigez l’un des deux, ou videz le code."
            )
        return commune.code, commune.name

    def _named(self, name: str, postal_code: str) -> Commune:
        found = self.by_name.get(_form(name), [])
        if not found:
            raise ValidationError(
                f"«\u00a0{name}\u00a0» n’est pas le nom d’une commune. Vérifiez-le, ou donnez son code INSEE."
            )
        for kept in (
            [each for each in found if postal_code in self.postal_codes.get(each.pk, ())],
            [each for each in found if each.code in self.territory],
            [each for each in found if each.departement.code == self.departement],
        ):
            found = kept or found
            if len(found) == 1:
                return found[0]
        raise ValidationError(_choices(name, found))

    def _read_codes(self, codes: Sequence[str]) -> None:
        for commune in _in_lots(self._communes(), "code", codes):
            self._keep(commune)
            self.by_code[commune.code] = commune
        for former in _in_lots(self._former(), "code", [code for code in codes if code not in self.by_code]):
            self._keep(former.commune, former.search_name)
            self.by_code[former.code] = former.commune

    def _read_names(self, forms: Sequence[str]) -> None:
        for commune in _in_lots(self._communes(), "search_name", forms):
            self._keep(commune)
        for former in _in_lots(self._former(), "search_name", forms):
            self._keep(former.commune, former.search_name)
        kept = {commune.pk for communes in self.by_name.values() for commune in communes}
        for code in _in_lots(PostalCode.objects.all(), "commune", sorted(kept)):
            self.postal_codes.setdefault(code.commune_id, set()).add(code.code)

    def _keep(self, commune: Commune, *forms: str) -> None:
        for form in (commune.search_name, *forms):
            same = self.by_name.setdefault(form, [])
            if commune not in same:
                same.append(commune)

    def _communes(self) -> QuerySet[Commune]:
        return Commune.objects.filter(vintage=self.vintage).select_related("departement")

    def _former(self) -> QuerySet[FormerCommune]:
        return FormerCommune.objects.filter(commune__vintage=self.vintage).select_related(
            "commune__departement"
        )


def _form(name: str) -> str:
    """Return a name folded, without the postal code or the « Cedex » written around it."""
    return search_form(_AROUND.sub("", name))


def _choices(name: str, found: Sequence[Commune]) -> str:
    shown = ", ".join(f"{each.code} ({each.departement.name})" for each in found[:_SHOWN])
    more = "…" if len(found) > _SHOWN else ""
    return (
        f"{len(found)} communes s’appellent «\u00a0{name}\u00a0»\u00a0: donnez le code postal, "
        f"ou le code INSEE parmi {shown}{more}."
    )


def _in_lots(rows: QuerySet, name: str, values: Sequence[object]) -> Iterable:
    """Read rows whose column is one of these values, a bounded number of values at a time."""
    for start in range(0, len(values), _AT_ONCE):
        yield from rows.filter(**{f"{name}__in": values[start : start + _AT_ONCE]})
