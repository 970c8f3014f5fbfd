"""The verbs that only read texts of consumers: found by who wrote, what was asked for, what was reported.

Owns: how rows become structs. Does not own: keeping them (inbound), or who may see them (web).
"""

import msgspec

from gateway.model.ids import InboundId
from gateway.model.inbound import Inbound, Reading, ReplyKind, SignalName
from gateway.store.unit import Row, Unit

_COLUMNS = (
    "id, carrier, client, program, source, destination, text, kind, received_at, parts, complete, fingerprint, link,"
    " reading"
)
_REPORTED = """
EXISTS (SELECT 1 FROM json_each(CAST(reading AS TEXT), '$.signals') WHERE json_extract(value, '$.name') = ?)
"""
_SCAN_LIMIT = 20_000
"""How many rows one page of a filtered list looks at before it returns what it has with a cursor."""

_decode_reading = msgspec.json.Decoder(Reading).decode


class InboundFilter(msgspec.Struct, frozen=True):
    """Which texts to list."""

    client: str
    number: str | None = None
    program: str | None = None
    kind: ReplyKind | None = None
    signal: SignalName | None = None
    before: int | None = None
    """Only texts with a smaller id: the cursor."""
    limit: int = 50


def received(unit: Unit, inbound_id: int, client: str) -> Inbound | None:
    """A text of a consumer; None if there is none to this client."""
    row = unit.sql.execute(f"SELECT {_COLUMNS} FROM inbound WHERE id = ?", (inbound_id,)).fetchone()  # noqa: S608
    return None if row is None or row[2] != client else _inbound(row)


def received_page(unit: Unit, wanted: InboundFilter) -> tuple[list[Inbound], int | None]:
    """A page of texts, newest first, and the cursor of the next page (None at the end)."""
    clauses, values = ["client = ?"], [wanted.client]
    index = "inbound_by_client"
    if wanted.number is not None:
        clauses, values, index = ["source = ?", "client = ?"], [wanted.number, wanted.client], "inbound_by_source"
    filters = [
        (clause, value)
        for clause, value in (
            ("program = ?", wanted.program),
            ("kind = ?", wanted.kind),
            (_REPORTED, wanted.signal),
        )
        if value is not None
    ]
    before = wanted.before if wanted.before is not None else (1 << 63) - 1
    window = (  # columns and the index are ours; values are bound
        f"SELECT id FROM inbound INDEXED BY {index} WHERE {' AND '.join(clauses)} AND id < ? ORDER BY id DESC LIMIT ?"  # noqa: S608
    )
    ids = [row[0] for row in unit.sql.execute(window, (*values, before, _SCAN_LIMIT if filters else wanted.limit + 1))]
    if not ids:
        return [], None
    where = " AND ".join([*clauses, "id BETWEEN ? AND ?", *(clause for clause, _ in filters)])
    rows = unit.sql.execute(
        f"SELECT {_COLUMNS} FROM inbound INDEXED BY {index} WHERE {where} ORDER BY id DESC LIMIT ?",  # noqa: S608
        (*values, ids[-1], ids[0], *(value for _, value in filters), wanted.limit + 1),
    ).fetchall()
    page = [_inbound(row) for row in rows[: wanted.limit]]
    if len(rows) > wanted.limit:
        return page, page[-1].id
    return page, ids[-1] if filters and len(ids) == _SCAN_LIMIT else None


def _inbound(row: Row) -> Inbound:
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
