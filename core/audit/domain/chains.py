"""How entries are chained, and how a chain is checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from itertools import chain as joined

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from core.audit.domain.details import detail_fault, erased_positions
from core.audit.domain.fingerprints import fingerprint_of
from core.audit.models import AuditChain, AuditEntry
from core.audit.models.entry import PLATFORM_CHAIN

CHAIN_OPENED = "audit.chain_opened"
_SALT = "core.audit.chain"
_HASHED = (
    "chain",
    "position",
    "actor_id",
    "actor_role",
    "action",
    "target_type",
    "target_id",
    "target_label",
    "changes",
    "note",
    "previous_hash",
)


@dataclass(frozen=True)
class ChainFault:
    """Something that was removed, altered or added behind the journal's back: where, in French."""

    chain: str
    position: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.chain}, rang {self.position}\u00a0: {self.sentence}"


def hash_of(entry: AuditEntry) -> str:
    """Return the hash of all that an entry says, the hash of the one before it included."""
    content = {name: getattr(entry, name) for name in _HASHED}
    return fingerprint_of(content | {"at": entry.at.astimezone(UTC).isoformat()})


def seal_of(chain: AuditChain, secret: str | bytes | None = None) -> str:
    """Return the keyed hash of a chain's head."""
    text = f"{chain.name}:{chain.length}:{chain.head}"
    return salted_hmac(_SALT, text, secret=secret, algorithm="sha256").hexdigest()


@transaction.atomic
def seal_again() -> int:
    """Seal every chain by the present secret key, before a former one is forgotten; return how many changed.

    A seal that is not ours is left as it is: it is a fault.
    """
    changed = 0
    for chain in AuditChain.objects.select_for_update().order_by("pk"):
        if is_sealed(chain) and chain.seal != seal_of(chain):
            chain.seal = seal_of(chain)
            chain.save(update_fields=["seal"])
            changed += 1
    return changed


def chain_faults() -> Iterator[ChainFault]:
    """Yield every fault of every chain; nothing when the journal is whole. Reads it in flat memory."""
    heads = {chain.name: chain for chain in AuditChain.objects.order_by("name")}
    named = set(AuditEntry.objects.order_by().values_list("chain", flat=True).distinct())
    opened = set(
        AuditEntry.objects.filter(action=CHAIN_OPENED, chain=PLATFORM_CHAIN).values_list(
            "target_label", flat=True
        )
    )
    announced = {label.rpartition(" (")[0] for label in opened}
    for name in sorted(heads.keys() | named | announced):
        if name not in heads:
            yield ChainFault(name, 0, "la tête de cette chaîne a disparu.")
        elif name != PLATFORM_CHAIN and name not in announced:
            yield ChainFault(name, 0, "l’ouverture de cette chaîne n’est pas dans celle de la plateforme.")
        else:
            yield from _faults_of(heads[name])


def _faults_of(chain: AuditChain) -> Iterator[ChainFault]:
    position, previous = 0, ""
    erased = erased_positions(chain.name)
    entries = AuditEntry.objects.filter(chain=chain.name).select_related("detail").order_by("position")
    for entry in entries.iterator(chunk_size=2000):
        yield from _faults_at(entry, position + 1, previous)
        if sentence := detail_fault(entry, getattr(entry, "detail", None), erased):
            yield ChainFault(entry.chain, entry.position, sentence)
        position, previous = entry.position, entry.hash
    if (position, previous) != (chain.length, chain.head):
        sentence = f"la chaîne s’arrête là, sa tête annonce {chain.length} entrées ou une autre empreinte."
        yield ChainFault(chain.name, position, sentence)
    if not is_sealed(chain):
        yield ChainFault(chain.name, chain.length, "le sceau de la tête n’est pas le nôtre.")


def _faults_at(entry: AuditEntry, expected: int, previous: str) -> Iterator[ChainFault]:
    if entry.position != expected:
        missing = f"du rang {expected} au rang {entry.position - 1}"
        yield ChainFault(entry.chain, entry.position, f"il manque les entrées qui précèdent, {missing}.")
    elif entry.previous_hash != previous:
        yield ChainFault(entry.chain, entry.position, "elle ne suit pas l’entrée qui la précède.")
    if entry.hash != hash_of(entry):
        yield ChainFault(entry.chain, entry.position, "son contenu a été modifié.")


def is_sealed(chain: AuditChain) -> bool:
    """Tell whether the head of a chain carries a seal of ours, by the present secret key or a former one."""
    secrets = joined([settings.SECRET_KEY], settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(chain.seal, seal_of(chain, secret)) for secret in secrets)
