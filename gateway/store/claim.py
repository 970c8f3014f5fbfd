"""The verb that hands segments to a bind: due ones in order, looked at once more, marked in flight.

Owns: the move from queued to in flight. Does not own: the look, which is handed in, or the wire.

The consent look and the mark are one transaction: an opt-out that was committed before is seen, and one that commits later
finds the segment marked and is told of it by the link (flow/dispatch).
"""

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.ids import MessageId
from gateway.model.message import Claimed, Facts, Origin, Ruling, State
from gateway.rules.quota import Limit
from gateway.store.check_due import StaleTexts
from gateway.store.facts import Lookback, Planned, Want, facts_for
from gateway.store.grounds import keep_grounds
from gateway.store.news import tell_message
from gateway.store.quota import Quotas
from gateway.store.rollup import UPDATE_MESSAGE
from gateway.store.unit import Row, Unit

Look = Callable[[Claimed, Facts, int], Ruling | int | None]
"""The rules at the moment of sending, pure: a ruling blocks or holds the segment's message. Else it goes; an instant is the
end of the hours in which it may be delivered."""

_FIRST = (-1, 0, 0)
"""The place in the queue before all segments: due time, message, number."""
_MOST_LOOKED_AT = 1024
"""How many segments one claim looks at: a queue full of what may not go must not hold up everybody's commit."""
_PAGE = 64
_ORIGINS = {str(origin): origin for origin in Origin}


class Claim(msgspec.Struct, frozen=True):
    """A bind's wish for work."""

    carrier: str
    bind: str
    limit: int
    """The most segments: the free places in its window, or what the throttle allows."""
    now: int
    look: Look
    others: frozenset[str] = frozenset()
    """The carrier's other binds that are up. A text whose last segments one of them took is left to it: carriers join
    the segments of one text only when they come over one bind."""
    limits: tuple[Limit, ...] = ()
    """What the carrier counts over longer than the throttle looks."""
    lookback: int = 0
    """How far back contacts are facts, in milliseconds; 0 where nothing counts them."""
    checked: frozenset[str] = frozenset()
    """Clients of which a plugin hears that a number is to be checked for reassignment."""


class Claims(msgspec.Struct, frozen=True):
    """What a claim got."""

    segments: tuple[Claimed, ...]
    next_due: int | None
    """When it got fewer than it might have: the instant at which to ask again, or None with nothing to wait for."""


_DUE = """
SELECT json_array(s.message_id, s.n, m.segments, s.attempt, s.carrier, m.client, m.program, m.category, m.number,
    m.sender, m.text, m.encoding, m.concat, m.expires_at, s.due_at, m.origin, m.reference, m.account, s.priority) AS row
FROM segment AS s CROSS JOIN message AS m ON m.id = s.message_id
WHERE s.carrier = ?1 AND s.state = 'queued' AND s.waits IS NULL AND s.priority = {priority} AND s.due_at <= ?2
    AND (s.due_at, s.message_id, s.n) > (?3, ?4, ?5)
ORDER BY s.due_at, s.message_id, s.n LIMIT ?6
"""
_PRIORITIES = range(4)
# All priorities in one step: each by its own range of the index, and cut off at the same number.
_ALL_DUE = " UNION ALL ".join(
    f"SELECT row FROM ({_DUE.format(priority=priority)})"  # noqa: S608 - numbers of ours
    for priority in _PRIORITIES
)
_NEXT_DUE = """
SELECT min(due_at) FROM (
    SELECT (SELECT min(due_at) FROM segment WHERE carrier = ?1 AND state = 'queued' AND waits IS NULL
        AND priority = v.column1 AND due_at > ?2) AS due_at
    FROM (VALUES (0), (1), (2), (3)) AS v
)
"""
_BEGUN = """
SELECT message_id, bind FROM segment
WHERE message_id IN ({rows}) AND state IN ('in_flight', 'submitted', 'delivered')
ORDER BY claimed_at, n DESC
"""
_MARK = """
UPDATE segment SET state = 'in_flight', bind = ?, claimed_at = ?, attempt = attempt + 1
FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2
"""
_END_SEGMENTS = """
UPDATE segment SET state = v.column2 FROM (VALUES {rows}) AS v
WHERE message_id = v.column1 AND state = 'queued'
"""
_DECIDE = """
UPDATE message SET decided_at = v.column2, grounds = v.column3 FROM (VALUES {rows}) AS v WHERE id = v.column1
"""
_HOLD_SEGMENTS = """
UPDATE segment SET due_at = v.column2 FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND state = 'queued'
"""


def claim(unit: Unit, wishes: Sequence[Claim]) -> list[Claims]:
    """Mark due segments in flight for each wish, in order of priority, due time and age.

    A carrier of whose queue nothing is left that is due needs no waking for what this transaction put there.
    """
    emptied: dict[str, int | None] = {}
    claims = [_claim(unit, wish, emptied) for wish in wishes]
    unit.queued.difference_update(emptied)
    return claims


def _claim(unit: Unit, wish: Claim, emptied: dict[str, int | None]) -> Claims:
    if wish.carrier in emptied:
        return Claims((), emptied[wish.carrier])
    taken: list[Claimed] = []
    looked_at = 0
    left = 0
    leaving = Planned()
    quotas = Quotas(unit, wish.carrier, wish.limits, wish.now) if wish.limits else None
    if quotas is not None:
        quotas.bring_back(wish.limit)
    first: dict[int, list[Claimed]] = {priority: [] for priority in _PRIORITIES}
    for row in unit.gather_one(_ALL_DUE, (wish.carrier, wish.now, *_FIRST, wish.limit)):
        first[row[-1]].append(_claimed(row))
    for priority, due in first.items():
        # What the look stops, and what is left to another bind, takes a place in the read but not in the claim: read on
        # from there until the limit or the end of what is due.
        page = wish.limit
        while due and (free := wish.limit - len(taken)) > 0 and looked_at < _MOST_LOOKED_AT:
            looked_at += len(due)
            ours = _ours(unit, wish, due)
            left += len(due) - len(ours)
            passed = _look(unit, wish, ours, leaving)
            taken += passed[:free] if quotas is None else quotas.admit(passed, free)
            if len(due) < page or len(taken) == wish.limit:
                break
            last = (due[-1].due_at, due[-1].message_id, due[-1].n)
            page = _PAGE
            query = _DUE.format(priority=priority)
            due = [_claimed(row) for row in unit.gather_one(query, (wish.carrier, wish.now, *last, page))]
    unit.write(_MARK, [(segment.message_id, segment.n) for segment in taken], (wish.bind, wish.now))
    if quotas is not None:
        quotas.record()
    if len(taken) == wish.limit:
        return Claims(tuple(taken), None)
    if looked_at >= _MOST_LOOKED_AT or (taken and quotas is not None and quotas.more):
        return Claims(tuple(taken), wish.now)
    next_due: int | None = unit.sql.execute(_NEXT_DUE, (wish.carrier, wish.now)).fetchone()[0]
    if quotas is not None and quotas.turn is not None:
        next_due = quotas.turn if next_due is None else min(next_due, quotas.turn)
    if not left:
        emptied[wish.carrier] = next_due
    return Claims(tuple(taken), next_due)


def _ours(unit: Unit, wish: Claim, due: Sequence[Claimed]) -> Sequence[Claimed]:
    """Without the segments of texts that another bind is at: the one that took the latest of them. So where a link was lost in
    the middle of a text, or the process ended, one bind alone goes on with it, and no two leave it to each other."""
    several = {segment.message_id for segment in due if segment.total > 1}
    if not several or not wish.others:
        return due
    at_it: dict[int, str] = dict(unit.read(_BEGUN, [(message_id,) for message_id in several]))
    return [segment for segment in due if at_it.get(segment.message_id, "") not in wish.others]


def _claimed(row: Row) -> Claimed:
    message_id, n, total, attempt, carrier, client, program, category, number, sender, text, encoding, *rest = row
    concat, expires_at, due_at, origin, reference, account, _ = rest
    return Claimed(
        MessageId(message_id),
        n,
        total,
        attempt + 1,
        carrier,
        client,
        program,
        category,
        Number(number),
        sender,
        text,
        encoding,
        concat,
        expires_at,
        due_at,
        _ORIGINS[origin],
        reference,
        account,
    )


def _look(unit: Unit, wish: Claim, due: Sequence[Claimed], leaving: Planned) -> list[Claimed]:
    """The segments that may go now; the messages of the others are ended or held."""
    going: dict[int, int | None] = {}
    passed: list[Claimed] = []
    stopped: dict[int, tuple[Claimed, Ruling]] = {}
    stale = StaleTexts(wish.checked)
    wants = [Want(s.number, s.client, s.program, s.category, s.account, s.message_id) for s in due]
    # What has not left yet waits for its own turn: two texts that count each other would hold each other for ever.
    facts = facts_for(unit, wants, Lookback(wish.now - wish.lookback, planned=False) if wish.lookback else None)
    for segment, fact in zip(due, facts, strict=True):
        if segment.message_id in stopped:
            continue
        if segment.message_id in going:  # the segments of one text go together
            passed.append(_closing(segment, going[segment.message_id]))
            continue
        if segment.expires_at <= wish.now:
            ruling: Ruling | int | None = Ruling(State.EXPIRED, 0, b"", Code.EXPIRED_BEFORE_SENDING)
        elif not segment.number:  # the person was erased while it was in flight, and it came back
            ruling = Ruling(State.BLOCKED, 0, b"", Code.CONSENT_MISSING)
        else:
            ruling = wish.look(segment, leaving.added_to(fact, segment, segment.message_id), wish.now)
        if isinstance(ruling, Ruling):
            stopped[segment.message_id] = (segment, ruling)
            stale.note(segment, segment.message_id, fact, ruling, wish.now)
            continue
        leaving.note(segment, segment.message_id, wish.now)
        going[segment.message_id] = ruling
        passed.append(_closing(segment, ruling))
    if stopped:
        _stop(unit, wish.now, list(stopped.values()))
        stale.tell(unit)
    return passed


def _closing(segment: Claimed, closes_at: int | None) -> Claimed:
    return segment if closes_at is None else replace(segment, closes_at=closes_at)


def _stop(unit: Unit, now: int, stopped: Sequence[tuple[Claimed, Ruling]]) -> None:
    ended: list[Row] = []
    held: list[Row] = []
    for segment, ruling in stopped:
        if ruling.state is State.HELD:
            held.append((segment.message_id, ruling.due_at))
        else:
            ended.append((segment.message_id, ruling.state))
        tell_message(
            unit,
            segment.client,
            now,
            segment.message_id,
            segment.number,
            ruling.state,
            reference=segment.reference,
            account=segment.account,
            code=ruling.code,
            cause="validity" if ruling.state is State.EXPIRED else "rules",
            due_at=ruling.due_at if ruling.state is State.HELD else None,
        )
    unit.write(_END_SEGMENTS, ended)
    unit.write(_HOLD_SEGMENTS, held)
    unit.write(UPDATE_MESSAGE, [(s.message_id, r.state, r.code, now) for s, r in stopped])
    judged = [(segment.message_id, ruling.decision) for segment, ruling in stopped if ruling.decision]
    grounds = keep_grounds(unit, (decision for _, decision in judged))
    unit.write(_DECIDE, [(message_id, now, grounds[decision]) for message_id, decision in judged])
