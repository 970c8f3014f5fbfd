"""The verbs that change consent, and what an opt-out ends.

Owns: consent rows, their events, and the end of every text that still waits for a number that opted out. Does not own:
who may change a consent (flow).
"""

from collections.abc import Sequence

import msgspec

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.consent import ANY, Consent, ConsentChange, ConsentState
from gateway.model.events import Kind
from gateway.model.message import State
from gateway.store.rollup import Move, roll_up
from gateway.store.unit import Row, Unit

_READ = """
SELECT state, changed_at FROM consent WHERE number = ? AND client = ? AND program = ? AND category = ?
"""
_WRITE = """
INSERT INTO consent (number, client, program, category, state, changed_at, cause, evidence, renewed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at, cause = excluded.cause,
    evidence = excluded.evidence, renewed = excluded.renewed
"""
# The latest end of a consent, of whichever scope, and whether one is of a wider scope than the consent's own.
_OPT_OUTS = """
SELECT max(changed_at), max(program = '*' OR category = '*') FROM consent
WHERE number = ? AND client = ? AND program IN ('*', ?) AND category IN ('*', ?) AND state = 'revoked'
"""
_END_RENEWED = """
UPDATE consent SET renewed = 0
WHERE number = ? AND client = ? AND renewed = 1 AND (? = '*' OR program = ?) AND (? = '*' OR category = ?)
"""
_WAITING = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m JOIN segment AS s ON s.message_id = m.id
WHERE m.number = ? AND m.client = ? AND (? = '*' OR m.program = ?) AND (? = '*' OR m.category = ?)
    AND m.origin != 'reply' AND s.state = 'queued'
"""

_encode = msgspec.json.Encoder().encode


class ConsentNews(msgspec.Struct, frozen=True):
    """What a consent event tells."""

    number: str
    program: str
    category: str
    state: str
    cause: str


def change_consents(unit: Unit, changes: Sequence[ConsentChange]) -> list[bool]:
    """Make consents stand; tells of each whether it changed anything.

    An opt-out of a wide scope stays in its row and covers every consent in that scope. A grant that the person gave after it
    is renewed: it stands beside the opt-out, alone. One that is older changes nothing: the later wish counts.
    """
    return [_change(unit, change) for change in changes]


def _change(unit: Unit, change: ConsentChange) -> bool:
    if change.state is ConsentState.REVOKED:
        return _revoke(unit, change)
    if change.obtained_at is None:
        return _readmit(unit, change)
    return _grant(unit, change, change.obtained_at)


def _grant(unit: Unit, change: ConsentChange, obtained_at: int) -> bool:
    ended_at, wider = unit.sql.execute(
        _OPT_OUTS, (change.number, change.client, change.program, change.category)
    ).fetchone()
    if ended_at is not None and ended_at >= obtained_at:
        return False
    _write(unit, change, renewed=bool(wider))
    _tell(unit, change)
    return True


def _readmit(unit: Unit, change: ConsentChange) -> bool:
    """Undo an opt-out (START): what it covered stands again. Where there was none, there is nothing to grant."""
    row = _read(unit, change)
    if row is None or row[0] != ConsentState.REVOKED:
        return False
    _write(unit, change)
    _tell(unit, change)
    return True


def _revoke(unit: Unit, change: ConsentChange) -> bool:
    row = _read(unit, change)
    again = row is not None and row[0] == ConsentState.REVOKED
    if row is None or not again or change.at > row[1]:  # said once more, it counts from now
        _write(unit, change)
    scope = (change.program, change.program, change.category, change.category)
    ended = unit.sql.execute(_END_RENEWED, (change.number, change.client, *scope)).rowcount
    if again and not ended:
        return False
    _tell(unit, change)
    _end_waiting(unit, change)
    return True


def _read(unit: Unit, change: ConsentChange) -> Row | None:
    scope = (change.number, change.client, change.program, change.category)
    row: Row | None = unit.sql.execute(_READ, scope).fetchone()
    return row


def _write(unit: Unit, change: ConsentChange, *, renewed: bool = False) -> None:
    scope = (change.number, change.client, change.program, change.category)
    unit.sql.execute(_WRITE, (*scope, change.state, change.at, change.cause, change.evidence, renewed))


def _tell(unit: Unit, change: ConsentChange) -> None:
    kind = Kind.CONSENT_GRANTED if change.state is ConsentState.CONFIRMED else Kind.CONSENT_REVOKED
    body = _encode(ConsentNews(change.number, change.program, change.category, change.state, change.cause))
    unit.tell(change.client, change.at, kind, body)


def _end_waiting(unit: Unit, change: ConsentChange) -> None:
    rows = unit.sql.execute(
        _WAITING,
        (change.number, change.client, change.program, change.program, change.category, change.category),
    ).fetchall()
    unit.write(
        "UPDATE segment SET state = 'blocked' FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2",
        [row[:2] for row in rows],
    )
    code = Code.CONSENT_OPTED_OUT if ANY in (change.program, change.category) else Code.CONSENT_WITHDRAWN
    roll_up(
        unit,
        [
            Move(message_id, n, total, client, number, State.BLOCKED, change.at, "opt_out", reference, account, code)
            for message_id, n, total, client, number, reference, account in rows
        ],
    )


_CONSENTS = """
SELECT number, client, program, category, state, changed_at, cause, evidence FROM consent
WHERE number = ? AND client = ? ORDER BY program, category
"""


def consents_of(unit: Unit, number: str, client: str) -> list[Consent]:
    """All consents of a number with a client, opt-outs of wider scope first."""
    return [
        Consent(Number(row[0]), row[1], row[2], row[3], ConsentState(row[4]), row[5], row[6], msgspec.Raw(row[7]))
        for row in unit.sql.execute(_CONSENTS, (number, client))
    ]
