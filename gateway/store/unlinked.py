"""The verbs of numbers that wrote and that no account is known of: finding them, and linking one to an account.

Owns: what makes a number known, and the account of its profile. Does not own: asking the consumer to opt in (optins), or the rest
of a profile (numbers).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.address import Number
from gateway.model.inbound import Inbound
from gateway.store.pages import given, newest
from gateway.store.received import COLUMNS, inbound_of
from gateway.store.unit import Unit

# The newest text of each number is its place in the queue. A number is known once its client named it with an account, wrote to
# it, or held a consent of it; the scope of an opt-out alone is what anybody's STOP leaves behind.
_UNLINKED = """
substr(source, 1, 1) = ?
    AND id = (SELECT max(l.id) FROM inbound AS l WHERE l.source = inbound.source AND l.client IS inbound.client)
    AND NOT EXISTS (SELECT 1 FROM number_profile AS p
        WHERE p.number = source AND p.account IS NOT NULL AND (p.client = inbound.client OR inbound.client IS NULL))
    AND NOT EXISTS (SELECT 1 FROM account AS a WHERE a.client = inbound.client AND a.number = source)
    AND NOT EXISTS (SELECT 1 FROM message AS m
        WHERE m.number = source AND m.client = inbound.client AND m.origin <> 'reply')
    AND NOT EXISTS (SELECT 1 FROM consent AS c
        WHERE c.number = source AND c.client = inbound.client AND c.program <> '*' AND c.category <> '*')
"""
_LINK = """
INSERT INTO number_profile (number, client, account, changed_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET account = excluded.account, changed_at = excluded.changed_at
"""


class UnlinkedFilter(msgspec.Struct, frozen=True):
    """Which part of the queue to list."""

    client: str | None
    """None: that of all clients, and of what no client's sender was written to."""
    before: int | None = None
    """Only texts with a smaller id: the cursor."""
    limit: int = 50


class Link(msgspec.Struct, frozen=True):
    """A number is an account's, as a person of the client says."""

    number: Number
    client: str
    account: str
    at: int


def unlinked_page(unit: Unit, wanted: UnlinkedFilter) -> tuple[list[Inbound], int | None]:
    """A page of the newest texts of unlinked numbers, newest first, and the cursor of the next page (None at the end)."""
    rows, cursor = newest(
        unit,
        COLUMNS,
        "inbound",
        None if wanted.client is None else "inbound_by_client",
        given(("client = ?", wanted.client)),
        [(_UNLINKED, "+")],
        wanted.before,
        wanted.limit,
    )
    return [inbound_of(row) for row in rows], cursor


def link_numbers(unit: Unit, links: Sequence[Link]) -> list[None]:
    """Keep whose numbers are; what else is said of them stays."""
    for link in links:
        unit.sql.execute(_LINK, (link.number, link.client, link.account, link.at))
    return [None for _ in links]
