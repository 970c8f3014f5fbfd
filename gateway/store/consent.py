"""The verbs that change consent, and what a change ends or lets go.

Owns: what a grant, an opt-out and its undoing do to a number's consents, the end of every text that still waits for a number
that opted out, and the release of those that wait for its yes. Does not own: the rows (ledger), or who may change a consent
(flow).
"""

from collections.abc import Sequence

import msgspec

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.consent import ANY, Consent, ConsentChange, ConsentState, Scope
from gateway.model.message import Origin, State
from gateway.rules.consent_machine import ENDED, GIVEN, OPEN, Arrow
from gateway.store.ledger import PAST, Book, Closed, Line
from gateway.store.rollup import moved, roll_up
from gateway.store.unit import Row, Unit

_WAITING = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m JOIN segment AS s ON s.message_id = m.id
WHERE m.number = ?1 AND m.client = ?2 AND ?3 IN ('*', m.program) AND ?4 IN ('*', m.category)
    AND (?5 = '*' OR m.account = ?5) AND m.origin NOT IN ('reply', ?6) AND s.state = 'queued'
"""
_PENDING = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account, m.carrier, m.send_at
FROM message AS m JOIN segment AS s ON s.message_id = m.id
WHERE m.number = ? AND m.client = ? AND m.program = ? AND m.category = ? AND m.origin != 'code' AND s.state = 'queued'
    AND (m.code = 'consent.pending' OR m.state != 'held' AND s.due_at >= m.expires_at)
"""
_END = """
UPDATE segment SET state = ? FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2
"""
_DUE = """
UPDATE segment SET due_at = v.column3 FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2
"""
_CLOSE = """
UPDATE optin SET state = ?, expires_at = ? WHERE number = ? AND client = ? AND program = ? AND category = ?
    AND state IN ('invited', 'code_sent')
RETURNING message_id, code_message_id, wording
"""
_QUEUED = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m JOIN segment AS s ON s.message_id = m.id WHERE m.id IN ({rows}) AND s.state = 'queued'
"""
_FORGOTTEN = "(not kept)"
KEYWORD = "keyword"
"""What a change is caused by that a consumer made in a word."""
_EVERYTHING = Scope(ANY, ANY)


def change_consents(unit: Unit, changes: Sequence[ConsentChange]) -> list[bool]:
    """Make consents stand; tells of each whether it stands now, or for an opt-out whether it changed anything.

    An opt-out of a wide scope stays in its line and covers every consent in that scope. A grant that the person gave after it
    stands beside it, alone. One that is older changes nothing: the later wish counts.
    """
    book = Book(unit, [change.number for change in changes])
    results = [_change(unit, book, change) for change in changes]
    close_book(unit, book)
    return results


def told_by_carrier(number: str, client: str, at: int) -> ConsentChange:
    """The opt-out of a consumer who told the carrier, by whatever words: from all texts of the client's."""
    return ConsentChange(Number(number), client, ANY, ANY, ConsentState.REVOKED, at, "carrier")


def _change(unit: Unit, book: Book, change: ConsentChange) -> bool:
    match change.state:
        case ConsentState.REVOKED:
            return _end(unit, book, change, Arrow.REVOKE)
        case ConsentState.DISOWNED:
            return _end(unit, book, change, Arrow.DISOWN)
        case _ if change.obtained_at is None:
            raise ValueError("a consent is given at an instant; START readmits")
        case _:
            return _grant(book, change, change.obtained_at)


def _enter(book: Book, change: ConsentChange, arrow: Arrow, *, silent: bool = False) -> bool:
    scope = Scope(change.program, change.category, change.account)
    return book.enter(
        change.number,
        change.client,
        scope,
        arrow,
        change.at,
        change.cause,
        change.evidence,
        fresh_at=change.obtained_at,
        silent=silent,
    )


def _grant(book: Book, change: ConsentChange, obtained_at: int) -> bool:
    if not book.lines(change.number, change.client):
        return _enter(book, change, Arrow.GRANT)  # nearly all of a file's
    scope = Scope(change.program, change.category)
    ended_at = book.ended_at(change.number, change.client, scope)
    if ended_at is not None and ended_at >= obtained_at:
        return False
    given = book.stands(change.number, change.client, scope)
    if given and book.evidence(change.number, change.client, scope) == change.evidence:
        return True  # the same consent again, by an import that was run twice
    return _enter(book, change, Arrow.GRANT)


def _end(unit: Unit, book: Book, change: ConsentChange, arrow: Arrow) -> bool:
    """End what lies in a scope. Said once more, it counts from now: that is entered, and told only if it ended something."""
    scope = Scope(change.program, change.category, change.account)
    lines = book.lines(change.number, change.client)
    before = book.line(change.number, change.client, scope)
    again, event = before.state in ENDED, before.event
    ends = [
        other for other, line in lines.items() if other != scope and scope.covers(other) and line.state not in ENDED
    ]
    # A request that is open may renew a consent that the person gave since: whoever says no to it says something new.
    live = OPEN | {ConsentState.CONFIRMED}
    ended = any(lines[other].event > event and lines[other].state in live for other in ends)
    silent = again and not ended
    if not _enter(book, change, arrow, silent=silent):
        return False
    for other in ends:
        if lines[other].state in OPEN:
            book.enter(change.number, change.client, other, arrow, change.at, change.cause, change.evidence)
    # What confirms the first opt-out is not confirmed again: it goes, however often that is repeated.
    _end_waiting(unit, change, Origin.FAREWELL if silent else Origin.REPLY)
    return not silent


_BEFORE = f"""
{PAST} SELECT was FROM past CROSS JOIN consent_event USING (seq)
WHERE number = ?1 AND client = ?2 AND program = ?3 AND category = ?4 AND account IS NULL
    AND was NOT IN ('revoked', 'disowned') AND state IN ('revoked', 'disowned') ORDER BY seq DESC LIMIT 1
"""  # noqa: S608 - our own text
_STOPS = """
SELECT program, max(received_at) FROM inbound WHERE source = ? AND client = ? AND kind = 'opt-out' GROUP BY program
"""
_CAUSE = "SELECT cause FROM consent_event WHERE seq = ?"


def readmit(unit: Unit, number: str, client: str, program: str, at: int, evidence: bytes) -> bool:
    """START to a program: what ended its texts ends them no longer; tells whether anything did.

    The end of everything is lifted whoever entered it, and what was agreed to before counts again: of other programs where
    all of it was ended by STOPs to this one; else each waits for a START of its own. What reached less far is
    lifted where a STOP ended it: a category that was declined on the phone stays so. Nothing is given that never was, and no
    START takes back that the number is another person's.
    """
    book = Book(unit, [number])
    lines = sorted(book.lines(number, client).items(), key=lambda item: not item[0].wide)
    elsewhere = _ended_elsewhere(unit, book, number, client, program)
    drawn = [
        book.enter(number, client, scope, Arrow.READMIT, at, KEYWORD, evidence)
        for scope, line in lines
        if line.state is ConsentState.REVOKED
        and scope.program in (program, ANY)
        and (scope == _EVERYTHING or _cause_of(unit, line) == KEYWORD)
        and (scope.wide or (not book.covered(number, client, scope) and _was_given(unit, number, client, scope)))
    ]
    for scope in elsewhere:
        book.enter(number, client, scope, Arrow.REVOKE, at, KEYWORD, evidence)
    close_book(unit, book)
    return any(drawn)


def _ended_elsewhere(unit: Unit, book: Book, number: str, client: str, program: str) -> list[Scope]:
    """The consents to other programs that the end of everything covers, and that a START to this one does not bring back."""
    lines = book.lines(number, client)
    everything = lines.get(_EVERYTHING, Line())
    if everything.state is not ConsentState.REVOKED:
        return []
    stops = dict(unit.sql.execute(_STOPS, (number, client)).fetchall())
    is_here = _cause_of(unit, everything) == KEYWORD and stops.pop(program, None) == everything.changed_at
    said_elsewhere = max(stops.values(), default=0)
    return [
        scope
        for scope, line in lines.items()
        if scope.program not in (program, ANY)
        and not scope.wide
        and line.state in GIVEN
        and line.event < everything.event
        and not (is_here and said_elsewhere < line.changed_at)
    ]


def _cause_of(unit: Unit, line: Line) -> str | None:
    row = unit.sql.execute(_CAUSE, (line.event,)).fetchone()
    return None if row is None else row[0]


def _was_given(unit: Unit, number: str, client: str, scope: Scope) -> bool:
    """Whether what ended was a consent."""
    row = unit.sql.execute(_BEFORE, (number, client, scope.program, scope.category)).fetchone()
    return row is not None and row[0] in GIVEN


def _end_waiting(unit: Unit, change: ConsentChange, spared: Origin) -> None:
    scope = Scope(change.program, change.category, change.account)
    code = Code.CONSENT_OPTED_OUT if scope.wide else Code.CONSENT_WITHDRAWN
    values = (change.number, change.client, scope.program, scope.category, scope.account, str(spared))
    end_queued(unit, unit.sql.execute(_WAITING, values).fetchall(), State.BLOCKED, change.at, "opt_out", code)


def end_queued(unit: Unit, rows: Sequence[Row], state: State, at: int, cause: str, code: Code) -> None:
    """End segments that wait, and roll their messages up."""
    unit.write(_END, [row[:2] for row in rows], (str(state),))
    roll_up(unit, [moved(row, state, at, cause, code) for row in rows])


def close_book(unit: Unit, book: Book) -> None:
    """Write what changed, and take the consequences for requests that are open no longer and for texts that wait."""
    book.close()
    for closed in book.closed:
        _close_request(unit, closed)
        rows = unit.sql.execute(
            _PENDING, (closed.number, closed.client, closed.scope.program, closed.scope.category)
        ).fetchall()
        if closed.state is ConsentState.CONFIRMED:
            _release(unit, rows, closed.at)
        else:
            end_queued(unit, rows, State.BLOCKED, closed.at, "optin", Code.CONSENT_MISSING)
    book.closed.clear()


def _release(unit: Unit, rows: Sequence[Row], at: int) -> None:
    """Put texts that waited for a yes into the queue: they are judged again when they are claimed."""
    due = [(row, max(at, row[8] or 0)) for row in rows]
    unit.write(_DUE, [(row[0], row[1], due_at) for row, due_at in due])
    roll_up(unit, [moved(row, State.QUEUED, at, "optin", due_at=due_at) for row, due_at in due])
    unit.queued.update(row[7] for row in rows)


def _close_request(unit: Unit, closed: Closed) -> None:
    """Record how a request ended. Its texts that did not go are not sent, and what holds its code is forgotten."""
    scope = (closed.number, closed.client, closed.scope.program, closed.scope.category)
    for message_id, code_message_id, wording in unit.sql.execute(_CLOSE, (closed.state, closed.at, *scope)).fetchall():
        texts = [(message_id, wording)]
        if code_message_id is not None:
            texts.append((code_message_id, _FORGOTTEN))
        rows = unit.read(_QUEUED, [text[:1] for text in texts])
        end_queued(unit, rows, State.CANCELLED, closed.at, "optin", Code.OPTIN_CLOSED)
        unit.write("UPDATE message SET text = v.column2 FROM (VALUES {rows}) AS v WHERE id = v.column1", texts)


_CONSENTS = """
SELECT c.number, c.client, c.program, c.category, c.state, c.changed_at, coalesce(e.cause, ''), coalesce(e.evidence, 'null'),
    c.account, c.event, c.fresh_at
FROM consent AS c LEFT JOIN consent_event AS e ON e.seq = c.event
WHERE c.number = ? AND c.client = ? ORDER BY c.program, c.category, c.account
"""


def consents_of(unit: Unit, number: str, client: str) -> list[Consent]:
    """All consents of a number with a client, opt-outs of wider scope first."""
    return [_consent(row) for row in unit.sql.execute(_CONSENTS, (number, client))]


def _consent(row: Row) -> Consent:
    number, client, program, category, state, changed_at, cause, evidence, *rest = row
    kept = msgspec.Raw(evidence.encode())
    return Consent(Number(number), client, program, category, ConsentState(state), changed_at, cause, kept, *rest)


_TOUCH = """
UPDATE consent SET fresh_at = max(fresh_at, ?) WHERE number = ? AND client = ? AND program = ? AND state = 'confirmed'
"""


def touch(unit: Unit, number: str, client: str, program: str, at: int) -> None:
    """The person behind a number was heard of: what they consented to is fresh again."""
    unit.sql.execute(_TOUCH, (at, number, client, program))


def disown(
    unit: Unit,
    number: str,
    client: str,
    at: int,
    *,
    cause: str = "wrong_party",
    account: str = ANY,
    evidence: bytes = b"null",
) -> bool:
    """The number is not (or no longer) the consumer's, for all of a client's texts or for those about one account.

    Tells whether that was news. Texts that wait are ended. A consent that is given later, by whoever holds the number
    then, stands; START does not bring the old ones back.
    """
    change = ConsentChange(
        Number(number), client, ANY, ANY, ConsentState.DISOWNED, at, cause, evidence, account=account
    )
    return change_consents(unit, [change])[0]
