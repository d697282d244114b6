"""Every commune that has the words of a query, found without reading the database each time."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.territories.domain.names import word_beginnings
from core.territories.domain.search import MAX_QUERY, is_searchable
from core.territories.models import Commune, Vintage


@dataclass(frozen=True, slots=True)
class _Names:
    """The search forms of a vintage, one a line: where it starts, its commune's code and its city's."""

    text: str
    starts: list[int]
    codes: list[tuple[str, str]]

    def lines_with(self, beginning: str) -> Iterator[int]:
        """Yield the lines that have a word beginning so."""
        at = self.text.find(beginning)
        while at >= 0:
            line = bisect_right(self.starts, at) - 1
            yield line
            end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
            at = self.text.find(beginning, end)


def cities_named(query: str, vintage: Vintage) -> dict[str, str]:
    """Return, by its code, the city of every commune that has words beginning as those of `query`.

    A commune is its own city, an arrondissement municipal is in another; nothing is found by too few letters.
    The names stay in the process, until the vintage is loaded with another content: looking through 35 000
    rows at each search would cost more than the rest of it. One query the first time, none afterwards.
    """
    query = query[:MAX_QUERY]
    if not is_searchable(query):
        return {}
    names = _names(vintage.pk, vintage.digest)
    lines = (
        {line for beginning in beginnings for line in names.lines_with(beginning)}
        for beginnings in word_beginnings(query)
    )
    return dict(names.codes[line] for line in set.intersection(*lines))


@lru_cache(maxsize=1)
def _names(vintage_id: int, digest: str) -> _Names:  # noqa: ARG001  # other content has another digest
    rows = Commune.objects.filter(vintage=vintage_id).values_list("search_name", "code", "parent__code")
    text, starts, codes = [], [], []
    at = 0
    for name, code, city in rows.iterator():
        starts.append(at)
        codes.append((code, city or code))
        text.append(f"{name}\n")
        at += len(name) + 1
    return _Names("".join(text), starts, codes)
