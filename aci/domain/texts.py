"""Texts that no database takes."""

import unicodedata

UNREADABLE = "Ce texte contient un caractère qui ne s’imprime pas\u00a0: tapez-le de nouveau."


def is_unreadable(text: str) -> bool:
    """Whether a text of one line holds control characters, ends of line included, or halves of characters."""
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)
