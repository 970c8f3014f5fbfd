"""The verbs that only read: messages, the event log, depths of queues, lists for operators.

Owns: how rows become structs. Does not own: who may see what; callers name the client.
"""

import msgspec

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.events import Event, Kind
from gateway.model.ids import MessageId
from gateway.model.message import Message, Origin, Segment, State
from gateway.store.pages import given, newest
from gateway.store.unit import Row, Unit

# A claim marks segments alone; the row of their message follows with their answer.
_STATE = """
CASE WHEN state IN ('queued', 'held')
    AND EXISTS (SELECT 1 FROM segment WHERE segment.message_id = message.id AND segment.state = 'in_flight')
THEN 'in_flight' ELSE state END
"""
_COLUMNS = f"""
id, client, program, category, number, sender, carrier, text, encoding, units, segments, priority, {_STATE}, code,
    origin, account, reference, accepted_at, send_at, expires_at, updated_at, decided_at,
    (SELECT decision FROM grounds WHERE digest = message.grounds), template, template_version
"""  # noqa: S608 - our own text
_STATE_OF = f"SELECT {_STATE} FROM message WHERE id = ? AND client = ?"  # noqa: S608 - our own text
_SEGMENTS = """
SELECT n, state, attempt, bind, claimed_at, submitted_at, command_status, smsc_message_id, receipt_at, done_date,
    stat, err, due_at,
    CASE state WHEN 'queued' THEN waits END
FROM segment WHERE message_id = ? ORDER BY n
"""


def _message(row: Row, segments: tuple[Segment, ...] = ()) -> Message:
    (
        message_id,
        client,
        program,
        category,
        number,
        sender,
        carrier,
        text,
        encoding,
        units,
        count,
        priority,
        state,
        code,
        origin,
        account,
        reference,
        accepted_at,
        send_at,
        expires_at,
        updated_at,
        decided_at,
        decision,
        template,
        template_version,
    ) = row
    return Message(
        MessageId(message_id),
        client,
        program,
        category,
        Number(number),
        sender,
        carrier,
        text,
        encoding,
        units,
        count,
        priority,
        State(state),
        None if code is None else Code(code),
        Origin(origin),
        account,
        reference,
        accepted_at,
        send_at,
        expires_at,
        updated_at,
        decided_at,
        msgspec.Raw(decision),
        segments,
        template,
        template_version,
    )


def message(unit: Unit, message_id: int, client: str | None) -> Message | None:
    """A message with its segments; None if there is none of this client (``client`` None: of any)."""
    query = f"SELECT {_COLUMNS} FROM message WHERE id = ?"  # noqa: S608 - our own text
    row = unit.sql.execute(query, (message_id,)).fetchone()
    if row is None or client not in (None, row[1]):
        return None
    segments = tuple(Segment(s[0], State(s[1]), *s[2:]) for s in unit.sql.execute(_SEGMENTS, (message_id,)))
    return _message(row, segments)


def state_of(unit: Unit, message_id: int, client: str) -> State | None:
    """The state of a client's message; None if it has no such message."""
    row = unit.sql.execute(_STATE_OF, (message_id, client)).fetchone()
    return None if row is None else State(row[0])


class MessageFilter(msgspec.Struct, frozen=True):
    """Which messages to list."""

    client: str
    number: str | None = None
    program: str | None = None
    state: State | None = None
    reference: str | None = None
    account: str | None = None
    before: int | None = None
    """Only messages with a smaller id: the cursor."""
    limit: int = 50


def messages(unit: Unit, wanted: MessageFilter) -> tuple[list[Message], int | None]:
    """A page of messages, newest first, and the cursor of the next page (None at the end)."""
    rows, cursor = newest(
        unit,
        _COLUMNS,
        "message",
        "message_by_client" if wanted.number is None else "message_by_number",
        given(("number = ?", wanted.number), ("client = ?", wanted.client)),
        given(
            ("program = ?", wanted.program),
            (f"{_STATE} = ?", wanted.state),
            ("reference = ?", wanted.reference),
            ("account = ?", wanted.account),
        ),
        wanted.before,
        wanted.limit,
    )
    return [_message(row) for row in rows], cursor


_EVENTS = "SELECT client, seq, at, kind, message_id, body FROM event"


def _event(row: Row) -> Event:
    return Event(row[1], row[0], row[2], Kind(row[3]), msgspec.Raw(row[5]), row[4])


def events(unit: Unit, client: str, after: int, limit: int) -> list[Event]:
    """A client's events after a sequence number, oldest first."""
    rows = unit.sql.execute(f"{_EVENTS} WHERE client = ? AND seq > ? ORDER BY seq LIMIT ?", (client, after, limit))
    return [_event(row) for row in rows]


OF_NUMBER = """
SELECT m.id FROM message AS m INDEXED BY message_by_number WHERE m.number = ?1 AND EXISTS (
    SELECT 1 FROM event AS e INDEXED BY event_by_message WHERE e.message_id = m.id AND e.at >= ?2 AND e.at < ?3
) ORDER BY m.id DESC LIMIT ?4
"""


def messages_between(unit: Unit, number: str, since: int, until: int, limit: int) -> list[MessageId]:
    """The messages to a number, of whatever client, to which something happened in a time; the newest first."""
    return [MessageId(row[0]) for row in unit.sql.execute(OF_NUMBER, (number, since, until, limit))]


def timeline(unit: Unit, message_id: int) -> list[Event]:
    """All that happened to a message, oldest first."""
    return [_event(row) for row in unit.sql.execute(f"{_EVENTS} WHERE message_id = ? ORDER BY seq", (message_id,))]


class Depth(msgspec.Struct, frozen=True):
    """How much waits for a carrier."""

    carrier: str
    queued: int
    in_flight: int
    in_doubt: int
    oldest_due: int | None
    """The due time of the segment that is next, milliseconds since the epoch; without those that wait for a quota."""


_DEPTH = """
SELECT (SELECT count(*) FROM segment WHERE carrier = ?1 AND state = 'queued' AND waits IS NULL)
        + (SELECT count(*) FROM segment WHERE carrier = ?1 AND state = 'queued' AND waits IS NOT NULL),
    (SELECT count(*) FROM segment WHERE state = 'in_flight' AND carrier = ?1),
    (SELECT count(*) FROM segment WHERE state = 'in_doubt' AND carrier = ?1),
    (SELECT min(due_at) FROM segment WHERE carrier = ?1 AND state = 'queued' AND waits IS NULL)
"""


def depth(unit: Unit, carrier: str) -> Depth:
    """How much waits for a carrier."""
    return Depth(carrier, *unit.sql.execute(_DEPTH, (carrier,)).fetchone())


# One look an index range and carrier, however deep the queues are.
_AT_WORK = """
WITH RECURSIVE names (name) AS (
    SELECT min(carrier) FROM segment WHERE state = 'queued' AND {waits} AND carrier > ''
    UNION ALL
    SELECT (SELECT min(carrier) FROM segment WHERE state = 'queued' AND {waits} AND carrier > names.name)
    FROM names WHERE names.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL
"""
_CARRIERS = f"""
SELECT name FROM ({_AT_WORK.format(waits="waits IS NULL")})
UNION SELECT name FROM ({_AT_WORK.format(waits="waits IS NOT NULL")})
UNION SELECT carrier FROM segment WHERE state = 'in_flight'
UNION SELECT carrier FROM segment WHERE state = 'in_doubt'
"""  # noqa: S608 - our own text


def carriers(unit: Unit) -> list[str]:
    """The carriers that a text waits for, is on its way to, or is in doubt at; configured or not any more."""
    return sorted(row[0] for row in unit.sql.execute(_CARRIERS))


class Doubt(msgspec.Struct, frozen=True):
    """A segment of which nobody knows whether the carrier has it."""

    message_id: int
    n: int
    client: str
    number: str
    category: str
    carrier: str
    bind: str | None
    claimed_at: int | None
    sender: str
    text: str
    """Of the whole message."""
    segments: int


_DOUBTS = """
SELECT s.message_id, s.n, m.client, m.number, m.category, s.carrier, s.bind, s.claimed_at, m.sender, m.text, m.segments
FROM segment AS s JOIN message AS m ON m.id = s.message_id WHERE s.state = 'in_doubt' AND (?1 IS NULL OR s.carrier = ?1)
ORDER BY s.message_id, s.n LIMIT ?2
"""


def doubts(unit: Unit, limit: int, carrier: str | None = None) -> list[Doubt]:
    """Segments in doubt, oldest first; those of one carrier, or all."""
    return [Doubt(*row) for row in unit.sql.execute(_DOUBTS, (carrier, limit))]


def greatest_id(unit: Unit) -> int:
    """The greatest id given to a message, an inbound text, a request to opt in or a review; 0 where there is none."""
    greatest = unit.sql.execute(
        "SELECT (SELECT max(id) FROM message), (SELECT max(id) FROM inbound), (SELECT max(id) FROM optin),"
        " (SELECT max(id) FROM review)"
    ).fetchone()
    return max(number or 0 for number in greatest)


class ApiKey(msgspec.Struct, frozen=True):
    """An API key: its secret is known to its holder alone."""

    id: str
    client: str
    label: str
    digest: bytes
    """SHA-256 of the secret, which is random: there is nothing to slow down a guess for."""
    created_at: int
    revoked_at: int | None = None
    templates_only: bool = False
    """Whether its holder may send no words of their own."""


_KEYS = "SELECT id, client, label, digest, created_at, revoked_at, templates_only FROM api_key"


def api_keys(unit: Unit) -> list[ApiKey]:
    """All API keys, revoked ones too."""
    return [
        ApiKey(key_id, client, label, digest, created_at, revoked_at, bool(templates_only))
        for key_id, client, label, digest, created_at, revoked_at, templates_only in unit.sql.execute(
            f"{_KEYS} ORDER BY created_at"
        )
    ]
