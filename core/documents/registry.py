"""Who may read the documents of a CPTS: each app says it for the kinds that it makes.

The documents app knows nobody above it. A rule by kind rather than one for all: money is not read by those
who read the list of members. What no app declared is given to nobody.
"""

from core.access.actors import Actor
from core.access.verdict import Rule, Tenant

_rules: dict[str, Rule] = {}


def register_reading(kind: str, rule: Rule) -> None:
    """Let those whom `rule` (actor, CPTS) → verdict allows read the documents of a kind.

    Raises ValueError when the kind has another rule.
    """
    if _rules.setdefault(kind, rule) is not rule:
        raise ValueError(f"Two rules for the documents of kind {kind!r}")


def can_read(kind: str, actor: Actor, cpts: Tenant) -> bool:
    """Tell whether somebody who sees this CPTS may read its documents of a kind."""
    rule = _rules.get(kind)
    return rule is not None and bool(rule(actor, cpts))
