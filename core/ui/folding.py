"""Folding of text for searches: what a reader takes for the same word folds to the same string."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_SEPARATORS = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """Return `text` in lower case, without accents, hyphens, apostrophes or other punctuation.

    Runs of anything but letters and digits become one space: "L'Haÿ-les-Roses" -> "l hay les roses".
    "Saint" and "St" stay different: abbreviations are the business of the search, not of the folding.
    """
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", bare).strip()
