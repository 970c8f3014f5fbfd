"""Letting go of what had its time: it owns the wish, and the deleting of so many rows at a time.

Owns no table: each has its own statement, which finds the oldest by an index.
"""

from collections.abc import Sequence

import msgspec

from gateway.store.unit import Unit


class Forget(msgspec.Struct, frozen=True):
    """What ended before an instant need not be kept; so many rows of it go in one transaction."""

    before: int
    limit: int


def forget(unit: Unit, statement: str, wishes: Sequence[Forget]) -> list[int]:
    """Run a statement that deletes rows from `before`, `limit` at most; how many it deleted, wish by wish."""
    return [unit.sql.execute(statement, (wish.before, wish.limit)).rowcount for wish in wishes]
