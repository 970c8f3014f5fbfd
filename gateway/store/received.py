"""The verbs that only read texts of consumers: found by who wrote, what was asked for, what was reported.

Owns: how rows become structs. Does not own: keeping them (inbound), or who may see them (web).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.ids import InboundId, first_id
from gateway.model.inbound import Inbound, Reading, ReplyKind, SignalName
from gateway.store.pages import given, newest
from gateway.store.unit import Row, Unit

COLUMNS = (
    "id, carrier, client, program, source, destination, text, kind, received_at, parts, complete, fingerprint, link,"
    " reading"
)
_REPORTED = """
EXISTS (SELECT 1 FROM json_each(CAST(reading AS TEXT), '$.signals') WHERE json_extract(value, '$.name') = ?)
"""

# Ids of texts both ways are of one sequence, in the order in which they came. The gateway answers core words itself.
_UNANSWERED = """
received_at < ? AND kind IN ('none', 'needs-review') AND NOT EXISTS (SELECT 1 FROM message AS m WHERE m.number = inbound.source
    AND m.id > inbound.id AND m.client = inbound.client AND m.origin IN ('client', 'plugin', 'answer')
    AND m.state NOT IN ('blocked', 'held', 'cancelled', 'expired', 'rejected'))
"""

_OPEN = f"SELECT count(*), min(received_at) FROM inbound WHERE client = ? AND id >= ? AND {_UNANSWERED}"  # noqa: S608

_decode_reading = msgspec.json.Decoder(Reading).decode


class InboundFilter(msgspec.Struct, frozen=True):
    """Which texts to list."""

    client: str
    number: str | None = None
    program: str | None = None
    kind: ReplyKind | None = None
    signal: SignalName | None = None
    unanswered_before: int | None = None
    """Only those that came before this instant, milliseconds since the epoch, and after which nothing went to the number."""
    before: int | None = None
    """Only texts with a smaller id: the cursor."""
    limit: int = 50


class Unanswered(msgspec.Struct, frozen=True):
    """Texts to a client that nobody has answered."""

    client: str
    texts: int
    oldest_at: int | None
    """When the first of them came, milliseconds since the epoch; None where there is none."""


def received(unit: Unit, inbound_id: int, client: str) -> Inbound | None:
    """A text of a consumer; None if there is none to this client."""
    row = unit.sql.execute(f"SELECT {COLUMNS} FROM inbound WHERE id = ?", (inbound_id,)).fetchone()  # noqa: S608
    return None if row is None or row[2] != client else inbound_of(row)


def received_page(unit: Unit, wanted: InboundFilter) -> tuple[list[Inbound], int | None]:
    """A page of texts, newest first, and the cursor of the next page (None at the end)."""
    rows, cursor = newest(
        unit,
        COLUMNS,
        "inbound",
        "inbound_by_client" if wanted.number is None else "inbound_by_source",
        given(("source = ?", wanted.number), ("client = ?", wanted.client)),
        given(
            ("program = ?", wanted.program),
            ("kind = ?", wanted.kind),
            (_REPORTED, wanted.signal),
            (_UNANSWERED, wanted.unanswered_before),
        ),
        wanted.before,
        wanted.limit,
    )
    return [inbound_of(row) for row in rows], cursor


def unanswered(unit: Unit, clients: Sequence[str], since: int, now: int) -> list[Unanswered]:
    """How many texts that came since an instant wait for an answer, for each of the clients."""
    return [
        Unanswered(client, *unit.sql.execute(_OPEN, (client, first_id(since), now)).fetchone()) for client in clients
    ]


def inbound_of(row: Row) -> Inbound:
    """A row of these columns as a struct."""
    inbound_id, carrier, client, program, source, destination, text, kind, at, parts, complete, *rest = row
    fingerprint, link, reading = rest
    return Inbound(
        InboundId(inbound_id),
        carrier,
        client,
        program,
        source,
        destination,
        text,
        ReplyKind(kind),
        at,
        parts,
        bool(complete),
        fingerprint,
        link,
        _decode_reading(reading),
    )
