"""Names folded for search: accents, hyphens, case and the abbreviations of « saint » do not matter."""

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
