"""The verbs about texts that a person is to look at: a review opens with its holds, grows overdue, is decided.

Owns: the rows of reviews and holds, and the texts that a release sets free. Does not own: why a text is held (rules), or
what a hold means for one (rules, at every claim).

Nothing but a decision ends a hold: an overdue review is told and holds on. A hold stands for as long as any review, open or
kept, still asks for it.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.clock import spell_instant
from gateway.model.consent import ANY, ConsentChange, ConsentState
from gateway.model.events import Kind
from gateway.model.hold import HoldReason, Opening
from gateway.model.ids import InboundId, ReviewId, spell
from gateway.model.inbound import Inbound, Reading, ReplyKind
from gateway.model.message import State
from gateway.model.review import Review, ReviewDecision, Verdict
from gateway.store.consent import change_consents
from gateway.store.news import tell_message
from gateway.store.unit import Row, Unit

_OPEN = """
INSERT INTO review (id, client, number, inbound_id, reasons, opened_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_HOLD = "INSERT OR IGNORE INTO hold (number, client, reason, since, review_id) VALUES (?, ?, ?, ?, ?)"
_READ = "SELECT id, client, number, reasons, due_at, decision, decided_by, note FROM review WHERE id = ?"
_DECIDE = "UPDATE review SET decision = ?, decided_at = ?, decided_by = ?, note = ? WHERE id = ?"
_HELD = "SELECT reason FROM hold WHERE number = ? AND client = ?"
# Open ones, and those of which somebody said that the hold is right.
_OTHERS = """
SELECT reasons FROM review WHERE number = ? AND client = ? AND id != ? AND (decided_at IS NULL OR decision = 'keep')
"""
_OPEN_OF = "SELECT id FROM review WHERE number = ? AND client = ? AND decided_at IS NULL"
_RELEASE = "DELETE FROM hold WHERE number = ? AND client = ? AND reason = ?"
# Of a text that was half on its way when it was held the state tells what became of that half: its segments tell the hold.
_HELD_TEXTS = """
SELECT id, carrier, send_at, reference, account, state = 'held' FROM message
WHERE number = ? AND client = ? AND (state = 'held' AND code IS NOT 'consent.pending'
    OR state IN ('queued', 'in_doubt') AND segments > 1 AND EXISTS (
        SELECT 1 FROM segment AS s WHERE s.message_id = id AND s.state = 'queued' AND s.due_at >= expires_at
    ))
"""
_SET_FREE = """
UPDATE segment SET due_at = v.column2 FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND state = 'queued'
"""
_QUEUED = "UPDATE message SET state = 'queued', code = NULL, updated_at = ? WHERE id = ?"
_WAITS = "UPDATE message SET code = ?, updated_at = ? WHERE id = ?"
_OVERDUE = """
SELECT id, client, number, reasons, due_at, decision, decided_by, note FROM review INDEXED BY review_due
WHERE decided_at IS NULL AND alarmed_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?
"""

_encode = msgspec.json.Encoder().encode
_decode_reading = msgspec.json.Decoder(Reading).decode


class ReviewNews(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a review event tells."""

    id: str
    number: str
    reasons: tuple[str, ...]
    due_at: str
    inbound: str | None = None
    decision: ReviewDecision | None = None
    by: str | None = None
    note: str | None = None


class ReviewOutcome(StrEnum):
    """What became of a verdict."""

    DECIDED = "decided"
    UNKNOWN = "unknown"
    """There is no such review of that client."""
    SETTLED = "settled"
    """It was decided otherwise before, and nothing is held for it any more."""


class Overdue(msgspec.Struct, frozen=True):
    """Reviews whose time is over and of which nobody was told yet, at most so many."""

    now: int
    limit: int


class ReviewFilter(msgspec.Struct, frozen=True):
    """Which reviews to list."""

    client: str | None
    """None: of all clients."""
    open: bool = True
    """Only those that nobody decided."""
    due_by: int | None = None
    """Only those that were to be decided by then."""
    after: int = 0
    """Only those with a greater id: the cursor."""
    limit: int = 50


class ReviewCount(msgspec.Struct, frozen=True):
    """How many of a client's reviews wait for a person."""

    client: str
    open: int
    overdue: int


def open_reviews(unit: Unit, inbound: Inbound, number: Number, openings: Sequence[Opening]) -> None:
    """Hold the number, and have a person look at the text that it is held for."""
    for opening in openings:
        reasons = " ".join(opening.reasons)
        at = inbound.received_at
        unit.sql.execute(_OPEN, (opening.id, opening.client, number, inbound.id, reasons, at, opening.due_at))
        for reason in opening.reasons:
            unit.sql.execute(_HOLD, (number, opening.client, reason, at, opening.id))
        news = ReviewNews(
            spell("rev", opening.id),
            number,
            opening.reasons,
            spell_instant(opening.due_at),
            inbound=spell("in", inbound.id),
        )
        unit.tell(opening.client, at, Kind.REVIEW_OPENED, _encode(news))


def decide_reviews(unit: Unit, verdicts: Sequence[Verdict]) -> list[ReviewOutcome]:
    """Take a person's word. The same word again changes nothing; another one counts as long as the number is held."""
    return [_decide(unit, verdict) for verdict in verdicts]


def _decide(unit: Unit, verdict: Verdict) -> ReviewOutcome:
    row = unit.sql.execute(_READ, (verdict.id,)).fetchone()
    if row is None or verdict.client not in (None, row[1]):
        return ReviewOutcome.UNKNOWN
    _, client, number, reasons, _, decided, _, _ = row
    held = {reason for (reason,) in unit.sql.execute(_HELD, (number, client))}.intersection(reasons.split())
    if decided == verdict.decision:
        return ReviewOutcome.DECIDED
    if decided is not None and not held:
        return ReviewOutcome.SETTLED
    _record(unit, verdict, row)
    match verdict.decision:
        case ReviewDecision.OPT_OUT:
            change = ConsentChange(
                Number(number), client, ANY, ANY, ConsentState.REVOKED, verdict.at, f"review: {verdict.by}"
            )
            change_consents(unit, [change])
            # What was unclear is clear now, for whatever else the person wrote. What another law holds for stays.
            for (other,) in unit.sql.execute(_OPEN_OF, (number, client)).fetchall():
                _record(unit, verdict, unit.sql.execute(_READ, (other,)).fetchone())
            unit.sql.execute(_RELEASE, (number, client, HoldReason.REVIEW))
        case ReviewDecision.RELEASE:
            asked = {
                reason
                for (others,) in unit.sql.execute(_OTHERS, (number, client, verdict.id))
                for reason in others.split()
            }
            for reason in held - asked:
                unit.sql.execute(_RELEASE, (number, client, reason))
            if not unit.sql.execute(_HELD, (number, client)).fetchone():
                _set_free(unit, number, client, verdict.at)
        case ReviewDecision.KEEP:
            pass
    return ReviewOutcome.DECIDED


def _record(unit: Unit, verdict: Verdict, row: Row) -> None:
    review_id, client, number, reasons, due_at, *_ = row
    unit.sql.execute(_DECIDE, (verdict.decision, verdict.at, verdict.by, verdict.note, review_id))
    news = ReviewNews(
        spell("rev", review_id),
        number,
        tuple(reasons.split()),
        spell_instant(due_at),
        decision=verdict.decision,
        by=verdict.by,
        note=verdict.note or None,
    )
    unit.tell(client, verdict.at, Kind.REVIEW_DECIDED, _encode(news))


def _set_free(unit: Unit, number: str, client: str, at: int) -> None:
    """Nothing holds the number any more: its texts are due, and judged again when they are claimed."""
    rows = unit.sql.execute(_HELD_TEXTS, (number, client)).fetchall()
    unit.write(_SET_FREE, [(message_id, max(at, send_at or 0)) for message_id, _, send_at, *_ in rows])
    for message_id, carrier, send_at, reference, account, whole in rows:
        unit.queued.add(carrier)
        if not whole:
            continue
        if send_at is not None and send_at > at:
            unit.sql.execute(_WAITS, (Code.SCHEDULED, at, message_id))
            continue
        unit.sql.execute(_QUEUED, (at, message_id))
        tell_message(
            unit, client, at, message_id, number, State.QUEUED, reference=reference, account=account, cause="release"
        )


def overdue_reviews(unit: Unit, looks: Sequence[Overdue]) -> list[list[ReviewId]]:
    """Tell of reviews that are overdue, once each; which ones those are."""
    return [_tell_overdue(unit, look) for look in looks]


def _tell_overdue(unit: Unit, look: Overdue) -> list[ReviewId]:
    rows = unit.sql.execute(_OVERDUE, (look.now, look.limit)).fetchall()
    for review_id, client, number, reasons, due_at, *_ in rows:
        news = ReviewNews(spell("rev", review_id), number, tuple(reasons.split()), spell_instant(due_at))
        unit.tell(client, look.now, Kind.REVIEW_OVERDUE, _encode(news))
    unit.write("UPDATE review SET alarmed_at = ? WHERE id IN ({rows})", [row[:1] for row in rows], (look.now,))
    return [ReviewId(row[0]) for row in rows]


_REVIEW = """
SELECT r.id, r.client, r.number, r.reasons, r.opened_at, r.due_at, i.id, i.program, i.text, i.kind, i.reading, r.decision,
    r.decided_at, r.decided_by, r.note,
    (SELECT group_concat(reason, ' ') FROM hold WHERE hold.number = r.number AND hold.client = r.client)
FROM review AS r JOIN inbound AS i ON i.id = r.inbound_id
"""


def _review(row: Row) -> Review:
    review_id, client, number, spelt, opened_at, due_at, inbound, program, text, kind, reading, decision, *rest = row
    decided_at, by, note, held = rest
    reasons = tuple(HoldReason(reason) for reason in spelt.split())
    return Review(
        ReviewId(review_id),
        client,
        number,
        reasons,
        opened_at,
        due_at,
        InboundId(inbound),
        program,
        text,
        ReplyKind(kind),
        _decode_reading(reading),
        None if decision is None else ReviewDecision(decision),
        decided_at,
        by,
        note,
        tuple(reason for reason in reasons if reason in (held or "").split()),
    )


def review(unit: Unit, review_id: int, client: str | None) -> Review | None:
    """A review; None if there is none of this client (None: of any)."""
    row = unit.sql.execute(f"{_REVIEW} WHERE r.id = ?", (review_id,)).fetchone()
    return None if row is None or client not in (None, row[1]) else _review(row)


def reviews(unit: Unit, wanted: ReviewFilter) -> tuple[list[Review], int | None]:
    """A page of reviews, oldest first, and the cursor of the next page (None at the end)."""
    clauses: list[str] = ["r.id > ?"]
    values: list[object] = [wanted.after]
    for clause, value in (("r.client = ?", wanted.client), ("r.due_at <= ?", wanted.due_by)):
        if value is not None:
            clauses.append(clause)
            values.append(value)
    if wanted.open:
        clauses.append("r.decided_at IS NULL")
    query = f"{_REVIEW} WHERE {' AND '.join(clauses)} ORDER BY r.id LIMIT ?"
    page = [_review(row) for row in unit.sql.execute(query, (*values, wanted.limit + 1))]
    if len(page) <= wanted.limit:
        return page, None
    return page[: wanted.limit], page[wanted.limit - 1].id


_COUNTS = """
SELECT client, count(*), count(*) FILTER (WHERE due_at <= ?) FROM review WHERE decided_at IS NULL GROUP BY client
"""


def review_counts(unit: Unit, now: int) -> list[ReviewCount]:
    """How many reviews of each client wait for a person."""
    return [ReviewCount(*row) for row in unit.sql.execute(_COUNTS, (now,))]
