"""Why texts may go or not: decisions, each kept once for all the texts that share it.

Owns: their table, and the way into it. Does not own: decisions (model), or which text has which (message).

A decision is several times as long as the rest of its text's row, and under the same rules at the same hour most texts have
the same one: what is written for a text is its digest.
"""

import hashlib
from collections.abc import Iterable

from gateway.store.unit import Unit

# The first that is the same stays.
_KEEP = "INSERT OR IGNORE INTO grounds (digest, decision) VALUES {rows}"
_DIGEST_BYTES = 16


def keep_grounds(unit: Unit, decisions: Iterable[bytes]) -> dict[bytes, bytes]:
    """Keep decisions, as JSON; their digests, by which texts refer to them."""
    digests = dict.fromkeys(decisions, b"")
    for decision in digests:
        digests[decision] = hashlib.blake2b(decision, digest_size=_DIGEST_BYTES).digest()
    unit.write(_KEEP, [(digest, decision) for decision, digest in digests.items()])
    return digests
