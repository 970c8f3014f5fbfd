"""The verbs of API keys, and of idempotency keys that have had their time.

Owns: api_key rows, the end of idempotency rows. Does not own: what a key opens (web/auth).
"""

from collections.abc import Sequence

from gateway.store.forget import Forget, forget
from gateway.store.reads import ApiKey
from gateway.store.unit import Unit

_FORGET = """
DELETE FROM idempotency WHERE (client, key) IN (SELECT client, key FROM idempotency WHERE at < ? ORDER BY at LIMIT ?)
"""


def add_keys(unit: Unit, keys: Sequence[ApiKey]) -> list[None]:
    """Keep new keys."""
    unit.write(
        "INSERT INTO api_key (id, client, label, digest, created_at, revoked_at, templates_only) VALUES {rows}",
        [
            (key.id, key.client, key.label, key.digest, key.created_at, key.revoked_at, key.templates_only)
            for key in keys
        ],
    )
    return [None] * len(keys)


def revoke_keys(unit: Unit, revocations: Sequence[tuple[str, int]]) -> list[bool]:
    """Revoke keys, named by (id, instant); tells of each whether there was a live one."""
    return [
        unit.sql.execute("UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (at, key_id)).rowcount
        == 1
        for key_id, at in revocations
    ]


def forget_keys(unit: Unit, wishes: Sequence[Forget]) -> list[int]:
    """Forget idempotency keys that were used before an instant, the oldest first; tells how many."""
    return forget(unit, _FORGET, wishes)
