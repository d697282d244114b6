"""Names folded for search: accents, hyphens, case and the abbreviations of « saint » do not matter."""

from django.db.models import Q

from core.ui.folding import fold

_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


def search_form(name: str) -> str:
    """Return `name` folded, abbreviations written out, each word preceded by one space.

    The leading space lets " gran" find every word that begins with « gran » and nothing else.
    """
    return "".join(f" {_ABBREVIATIONS.get(word, word)}" for word in fold(name).split())


def word_beginnings(query: str) -> list[tuple[str, ...]]:
    """Return, for each word of `query`, the beginnings to look for in a search form (any of them).

    « st » alone may be an abbreviation or the beginning of « Strasbourg »: both are tried.
    """
    return [
        (f" {_ABBREVIATIONS[word]}", f" {word}") if word in _ABBREVIATIONS else (f" {word}",)
        for word in fold(query).split()
    ]


def words_in(column: str, query: str) -> Q:
    """Return the condition that a column of search forms has words that begin as those of `query`.

    Without a word in `query`, everything has them.
    """
    found = Q()
    for beginnings in word_beginnings(query):
        found &= Q(*((f"{column}__contains", beginning) for beginning in beginnings), _connector=Q.OR)
    return found
