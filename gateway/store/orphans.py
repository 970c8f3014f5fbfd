"""Parked receipts that no segment has claimed by its id: listed, given to a segment in doubt, forgotten in the end.

Owns: those moves, and the look for texts that the carrier can be asked about. Does not own: parking and matching by id
(receipts), or which receipt means which doubt (rules/doubt, flow).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.message import ReceiptNews, State
from gateway.store.forget import Forget, forget
from gateway.store.receipts import PARKED_FOR, Target, apply, apply_parked, unpark
from gateway.store.unit import Unit

_decode = msgspec.json.Decoder(ReceiptNews).decode


class Parked(msgspec.Struct, frozen=True):
    """A receipt that waits for its segment, or did so in vain."""

    id: int
    news: ReceiptNews
    orphan: bool
    """Whether it has waited for so long that its id may be another text's by now."""


_PARKED = "SELECT id, news, at FROM receipt WHERE message_id IS NULL AND at >= ?2 AND (?1 IS NULL OR carrier = ?1)"


def parked(unit: Unit, carrier: str | None, since: int, now: int, limit: int) -> list[Parked]:
    """The newest parked receipts of a carrier, or of all, that came at or after an instant."""
    rows = unit.sql.execute(f"{_PARKED} ORDER BY at DESC, id DESC LIMIT ?3", (carrier, since, limit))
    return [Parked(row[0], _decode(row[1]), row[2] < now - PARKED_FOR) for row in rows]


def parked_counts(unit: Unit) -> list[tuple[str, int]]:
    """How many receipts are parked, by carrier."""
    query = "SELECT carrier, count(*) FROM receipt WHERE message_id IS NULL GROUP BY carrier ORDER BY carrier"
    return unit.sql.execute(query).fetchall()


class Adoption(msgspec.Struct, frozen=True):
    """A parked receipt, and the segment in doubt that it is about."""

    receipt_id: int
    message_id: int
    n: int
    at: int


_RECEIPT = "SELECT news FROM receipt WHERE id = ? AND message_id IS NULL"
_TARGET = """
SELECT s.message_id, s.n, m.segments, s.state, m.client, m.number, m.reference, m.account, s.carrier
FROM segment AS s JOIN message AS m ON m.id = s.message_id WHERE s.message_id = ? AND s.n = ? AND s.state = 'in_doubt'
"""
# What else the receipt may be about: a text to the same number that waits for its receipt, or one of which an attempt was
# made that no id is known of. A text that was sent again has had such an attempt, by whichever carrier it goes now.
_OTHERS = """
SELECT 1 FROM message AS m JOIN segment AS s ON s.message_id = m.id
WHERE m.number = ?1 AND s.claimed_at >= ?3 AND s.state NOT IN ('in_doubt', 'rejected')
    AND (s.attempt > 1 OR s.state = 'queued' OR (s.carrier = ?2 AND (s.state = 'submitted' OR s.smsc_key IS NULL))) LIMIT 1
"""
_NAME = "UPDATE segment SET smsc_message_id = ?, smsc_key = ? WHERE message_id = ? AND n = ?"


def adopt(unit: Unit, adoptions: Sequence[Adoption]) -> list[bool]:
    """Move segments in doubt by receipts that bear another id; tells of each whether both still were what they had been."""
    return [_adopt(unit, adoption) for adoption in adoptions]


def _adopt(unit: Unit, adoption: Adoption) -> bool:
    receipt = unit.sql.execute(_RECEIPT, (adoption.receipt_id,)).fetchone()
    row = unit.sql.execute(_TARGET, (adoption.message_id, adoption.n)).fetchone()
    if receipt is None or row is None:
        return False
    target = Target(row[0], row[1], row[2], State(row[3]), *row[4:8])
    carrier = row[8]
    news = _decode(receipt[0])
    if unit.sql.execute(_OTHERS, (target.number, carrier, news.at - PARKED_FOR)).fetchone() is not None:
        return False
    unpark(unit, [adoption.receipt_id])
    if news.keys:
        unit.sql.execute(_NAME, (news.smsc_message_id, news.keys[0], target.message_id, target.n))
    apply(unit, [(msgspec.structs.replace(news, at=max(news.at, adoption.at)), target)])
    apply_parked(unit, carrier, news.keys[:1], adoption.at)  # an ENROUTE and its DELIVRD
    return True


_OLDEST = "SELECT id FROM receipt WHERE message_id IS NULL AND at < ? ORDER BY at LIMIT ?"
_FORGET_IDS = """
DELETE FROM superseded WHERE (carrier, smsc_key, message_id, n) IN
    (SELECT carrier, smsc_key, message_id, n FROM superseded WHERE at < ? ORDER BY at LIMIT ?)
"""


def forget_receipts(unit: Unit, wishes: Sequence[Forget]) -> list[int]:
    """Forget parked receipts that nobody claimed, and with them ids that were overtaken; tells how many receipts."""
    counts: list[int] = []
    for wish in wishes:
        ids = [row[0] for row in unit.sql.execute(_OLDEST, (wish.before, wish.limit))]
        unpark(unit, ids)
        counts.append(len(ids))
    forget(unit, _FORGET_IDS, wishes)
    return counts


class Askable(msgspec.Struct, frozen=True):
    """A segment whose state the carrier can be asked for: its id is known."""

    message_id: int
    n: int
    number: str
    sender: str
    smsc_message_id: str
    state: State
    """IN_DOUBT, or SUBMITTED and never reported on."""


_ASKABLE = """
SELECT s.message_id, s.n, m.number, m.sender, s.smsc_message_id, s.state
FROM segment AS s JOIN message AS m ON m.id = s.message_id
WHERE s.state = 'in_doubt' AND s.carrier = ?1 AND s.smsc_message_id IS NOT NULL AND (s.message_id, s.n) > (?3, ?4)
UNION ALL
SELECT s.message_id, s.n, m.number, m.sender, s.smsc_message_id, s.state
FROM message AS m INDEXED BY message_submitted JOIN segment AS s ON s.message_id = m.id
WHERE m.state = 'submitted' AND m.expires_at < ?2 AND s.state = 'submitted' AND s.carrier = ?1
    AND s.smsc_message_id IS NOT NULL AND (s.message_id, s.n) > (?3, ?4)
ORDER BY 1, 2 LIMIT ?5
"""


def askable(unit: Unit, carrier: str, before: int, after: tuple[int, int], limit: int) -> list[Askable]:
    """Segments to ask about, in order behind a place: in doubt, or of texts that expired before an instant."""
    rows = unit.sql.execute(_ASKABLE, (carrier, before, *after, limit))
    return [
        Askable(message_id, n, number, sender, smsc_message_id, State(state))
        for message_id, n, number, sender, smsc_message_id, state in rows
    ]
