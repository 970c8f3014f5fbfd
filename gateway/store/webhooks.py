"""The verbs of the webhook outbox: a cursor into the event log for each endpoint, and a row for each failed delivery.

Owns: what is still to be delivered, over restarts. Does not own: delivering (webhook) or when to try (flow/notify).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.events import Event, Kind
from gateway.store.reads import events
from gateway.store.unit import Unit


class WebhookState(msgspec.Struct, frozen=True):
    """Where an endpoint stands."""

    endpoint: str
    cursor: int
    """The last event that was taken off the log for it."""
    disabled_at: int | None = None
    reason: str | None = None
    waiting: int = 0
    """Failed deliveries that will be tried again."""
    dead: int = 0
    """Failed deliveries that were given up, kept for replay."""
    next_at: int | None = None
    """When the first of those that wait is tried again, milliseconds since the epoch."""
    last_failure: str | None = None
    """What the attempt on the newest event that failed came to."""


class Retry(msgspec.Struct, frozen=True):
    """A delivery that failed: its event, how often it was tried, and when it is next."""

    endpoint: str
    seq: int
    attempt: int
    due_at: int | None
    detail: str


class Progress(msgspec.Struct, frozen=True):
    """What became of an endpoint's deliveries."""

    endpoint: str
    cursor: int | None = None
    delivered: tuple[int, ...] = ()
    """Retries that succeeded, by sequence number."""
    failed: tuple[Retry, ...] = ()
    disabled_at: int | None = None
    reason: str | None = None


def open_webhook(unit: Unit, endpoints: Sequence[str]) -> list[WebhookState]:
    """The state of endpoints; one seen for the first time starts at the end of the log."""
    answers: list[WebhookState] = []
    for endpoint in endpoints:
        unit.sql.execute("INSERT OR IGNORE INTO webhook (endpoint, cursor) VALUES (?, ?)", (endpoint, unit.seq))
        answers.append(webhook_state(unit, endpoint))
    return answers


def webhook_state(unit: Unit, endpoint: str) -> WebhookState:
    """Where an endpoint stands; an unknown one stands at the start."""
    query = "SELECT cursor, disabled_at, reason FROM webhook WHERE endpoint = ?"
    cursor, disabled_at, reason = unit.sql.execute(query, (endpoint,)).fetchone() or (0, None, None)
    waiting, dead, next_at = unit.sql.execute(
        "SELECT count(due_at), count(*) - count(due_at), min(due_at) FROM webhook_retry WHERE endpoint = ?", (endpoint,)
    ).fetchone()
    # What was held back behind another has not been attempted.
    (failure,) = unit.sql.execute(
        "SELECT detail FROM webhook_retry WHERE endpoint = ? AND attempt > 0 ORDER BY seq DESC LIMIT 1", (endpoint,)
    ).fetchone() or (None,)
    return WebhookState(endpoint, cursor, disabled_at, reason, waiting, dead, next_at, failure)


def record_progress(unit: Unit, progresses: Sequence[Progress]) -> list[None]:
    """Record deliveries: the cursor moves on, failures get their row, successes lose it."""
    for progress in progresses:
        if progress.cursor is not None:
            unit.sql.execute(
                "UPDATE webhook SET cursor = max(cursor, ?) WHERE endpoint = ?", (progress.cursor, progress.endpoint)
            )
        unit.write(
            "DELETE FROM webhook_retry WHERE endpoint = ? AND seq IN ({rows})",
            [(seq,) for seq in progress.delivered],
            (progress.endpoint,),
        )
        unit.write(
            "INSERT OR REPLACE INTO webhook_retry (endpoint, seq, attempt, due_at, detail) VALUES {rows}",
            [(retry.endpoint, retry.seq, retry.attempt, retry.due_at, retry.detail) for retry in progress.failed],
        )
        if progress.disabled_at is not None:
            unit.sql.execute(
                "UPDATE webhook SET disabled_at = ?, reason = ? WHERE endpoint = ?",
                (progress.disabled_at, progress.reason, progress.endpoint),
            )
    return [None] * len(progresses)


class Revival(msgspec.Struct, frozen=True):
    """An operator's wish that an endpoint is served again, with what it missed."""

    endpoint: str
    now: int


def revive_webhook(unit: Unit, revivals: Sequence[Revival]) -> list[int]:
    """Enable endpoints and make what failed due again, whether it was given up or waits for its next try; tells how many."""
    counts: list[int] = []
    for revival in revivals:
        unit.sql.execute("UPDATE webhook SET disabled_at = NULL, reason = NULL WHERE endpoint = ?", (revival.endpoint,))
        cursor = unit.sql.execute(
            "UPDATE webhook_retry SET due_at = ?1, attempt = iif(due_at IS NULL, 0, attempt)"
            " WHERE endpoint = ?2 AND (due_at IS NULL OR due_at > ?1)",
            (revival.now, revival.endpoint),
        )
        counts.append(cursor.rowcount)
    return counts


class Turn(msgspec.Struct, frozen=True):
    """What there is to do for an endpoint now."""

    disabled_at: int | None
    due: list[tuple[Retry, Event]]
    """Failed deliveries that are to be tried again, those that have waited longest first."""
    next_due: int | None
    """When the next of the others is."""
    news: list[Event]
    """Events behind the cursor, oldest first."""


class TurnWanted(msgspec.Struct, frozen=True):
    """Whose turn it is, and how far it came."""

    endpoint: str
    client: str
    cursor: int
    now: int
    limit: int
    """Of the failed deliveries, and of the news."""


DUE = """
SELECT r.endpoint, r.seq, r.attempt, r.due_at, r.detail, e.client, e.seq, e.at, e.kind, e.body, e.message_id
FROM webhook_retry AS r JOIN event AS e ON e.client = ? AND e.seq = r.seq
WHERE r.endpoint = ? AND r.due_at <= ? ORDER BY r.due_at LIMIT ?
"""
NEXT_DUE = "SELECT min(due_at) FROM webhook_retry WHERE endpoint = ? AND due_at > ?"


def webhook_turn(unit: Unit, wanted: TurnWanted) -> Turn:
    """What there is to do for an endpoint, in one look: each commit that tells a client something asks for it."""
    sql = unit.sql
    row = sql.execute("SELECT disabled_at FROM webhook WHERE endpoint = ?", (wanted.endpoint,)).fetchone()
    due = [
        (Retry(*row[:5]), Event(row[6], row[5], row[7], Kind(row[8]), msgspec.Raw(row[9]), row[10]))
        for row in sql.execute(DUE, (wanted.client, wanted.endpoint, wanted.now, wanted.limit))
    ]
    (next_due,) = sql.execute(NEXT_DUE, (wanted.endpoint, wanted.now)).fetchone()
    return Turn(
        None if row is None else row[0], due, next_due, events(unit, wanted.client, wanted.cursor, wanted.limit)
    )
