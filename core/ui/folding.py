"""Folding of text for searches: what a reader takes for the same word folds to the same string."""

import re
import unicodedata

# Accents once apart from their letters; a class of characters is removed faster than one by one.
_ACCENTS = re.compile("[\u0300-\u036f]+")
_SEPARATORS = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """Return `text` in lower case, without accents, hyphens, apostrophes or other punctuation.

    Runs of anything but letters and digits become one space: "L'Haÿ-les-Roses" -> "l hay les roses".
    "Saint" and "St" stay different: abbreviations are the business of the search, not of the folding.
    """
    decomposed = unicodedata.normalize("NFKD", text.lower())
    bare = _ACCENTS.sub("", decomposed).replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    return _SEPARATORS.sub(" ", bare).strip()
