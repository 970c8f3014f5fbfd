"""The verb that applies delivery receipts, and parks those that came before their submit response.

Owns: matching a receipt to a segment, and the segment's move forward. Does not own: reading a receipt (smpp).

A receipt is matched within its carrier's account only, by the keys it was given: by the likeliest of them whose segment
went to the consumer's number that the receipt names, and the newest such text where a carrier reuses ids; where it gave all
segments of a text one id, each receipt is that of a segment which has none yet. Where no number agrees (carriers hide them
or spell them their own way) the first key counts alone, as the id that the carrier spelt, for a segment that is still waiting.
The other keys never do: a number read in the wrong base is some other text's id.

Any receipt proves that the carrier has the text: one in doubt is submitted by it at least. An id that belongs to an attempt
which another has overtaken counts only for DELIVERED: the consumer has the text, whichever attempt brought it.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from gateway.model.clock import DAY
from gateway.model.consent import ConsentChange
from gateway.model.message import ReceiptNews, State
from gateway.rules.doubt import same_number
from gateway.store.consent import change_consents, told_by_carrier
from gateway.store.rollup import Move, roll_up
from gateway.store.unit import Row, Unit

# A receipt moves a segment forward only. Delivered is last: carriers do send it after an EXPIRED, and then it is true.
_FORWARD = {
    State.UNDELIVERED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED),
    State.EXPIRED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED),
    State.REJECTED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED),
    State.DELIVERED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED, State.UNDELIVERED, State.EXPIRED),
}

_WAITING = _FORWARD[State.EXPIRED]
"""No receipt has ended it."""

_BY_KEY = """
SELECT json_array(s.smsc_key, s.message_id, s.n, m.segments, s.state, m.client, m.number, m.reference, m.account) AS row
FROM segment AS s JOIN message AS m ON m.id = s.message_id
WHERE s.carrier = ? AND s.smsc_key IN ({rows})
"""
_BY_OVERTAKEN_KEY = """
SELECT json_array(k.smsc_key, s.message_id, s.n, m.segments, s.state, m.client, m.number, m.reference, m.account) AS row
FROM superseded AS k JOIN segment AS s ON s.message_id = k.message_id AND s.n = k.n JOIN message AS m ON m.id = s.message_id
WHERE k.carrier = ? AND k.smsc_key IN ({rows})
"""
_ANY_OVERTAKEN = "SELECT 1 FROM superseded WHERE carrier = ? LIMIT 1"
_APPLY = """
UPDATE segment SET state = v.column3, stat = v.column4, err = v.column5, receipt_at = v.column6, done_date = v.column7
FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2
"""
_KEEP = "INSERT INTO receipt (carrier, bind, smsc_key, news, at, message_id) VALUES (?, ?, ?, ?, ?, ?)"

PARKED_FOR = 3 * DAY
"""How long a receipt waits for its segment; behind that an id may be another text's."""

_STATES = {str(state): state for state in State}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ReceiptNews).decode


class Target(msgspec.Struct, gc=False):
    """A segment that a receipt is about, and what telling of its move takes."""

    message_id: int
    n: int
    total: int
    state: State
    client: str
    number: str
    reference: str | None
    account: str | None
    key: str = ""
    """Which key of the receipt it was found by."""
    overtaken: bool = False


_Targets: TypeAlias = dict[tuple[str, str], list[Target]]

# Which of a receipt's keys are looked up. Nearly every receipt is found by its likeliest.
_LIKELIEST = slice(1)
_LESS_LIKELY = slice(1, None)
_ANY = slice(None)


def receive_receipts(unit: Unit, receipts: Sequence[ReceiptNews]) -> list[str | None]:
    """Apply or park the receipts; tells of each the key that it was matched by, None where it was parked."""
    found = _targets(unit, receipts)
    matched: list[tuple[ReceiptNews, Target]] = []
    for receipt, target in zip(receipts, found, strict=True):
        if target is None:
            _park(unit, receipt)
        else:
            matched.append((receipt, target))
    apply(unit, matched)
    return [target.key if target is not None else None for target in found]


def _targets(unit: Unit, receipts: Sequence[ReceiptNews]) -> list[Target | None]:
    targets: _Targets = {}
    carriers = dict.fromkeys(receipt.carrier for receipt in receipts)
    for carrier in carriers:
        _look_up(unit, _BY_KEY, carrier, receipts, targets, _LIKELIEST)
    taken: set[tuple[int, int]] = set()
    found = [_agreeing(receipt, receipt.keys[:1], targets, taken) for receipt in receipts]
    others = [receipt for receipt, target in zip(receipts, found, strict=True) if target is None]
    if others:
        for carrier in carriers:
            _look_up(unit, _BY_KEY, carrier, others, targets, _LESS_LIKELY)
        found = [target or _target(receipt, targets, taken) for receipt, target in zip(receipts, found, strict=True)]
    unknown = [receipt for receipt, target in zip(receipts, found, strict=True) if target is None]
    overtaken: _Targets = {}
    for carrier in dict.fromkeys(receipt.carrier for receipt in unknown):
        if unit.sql.execute(_ANY_OVERTAKEN, (carrier,)).fetchone() is not None:
            _look_up(unit, _BY_OVERTAKEN_KEY, carrier, unknown, overtaken, _ANY)
    if not overtaken:
        return found
    for target in (target for several in overtaken.values() for target in several):
        target.overtaken = True
    return [target or _target(receipt, overtaken, taken) for receipt, target in zip(receipts, found, strict=True)]


def _look_up(
    unit: Unit, query: str, carrier: str, receipts: Iterable[ReceiptNews], targets: _Targets, which: slice
) -> None:
    keys = {key for receipt in receipts if receipt.carrier == carrier for key in receipt.keys[which]}
    keys = {key for key in keys if (carrier, key) not in targets}
    for key, message_id, n, total, state, *rest in unit.gather(query, [(key,) for key in keys], (carrier,)):
        target = Target(message_id, n, total, _STATES[state], *rest)
        target.key = key
        targets.setdefault((carrier, key), []).append(target)


def _agreeing(
    receipt: ReceiptNews, keys: Iterable[str], targets: _Targets, taken: set[tuple[int, int]]
) -> Target | None:
    """By the first of the keys that leads to texts to the number of the receipt, the newest of these."""
    for key in keys:
        agreeing = [
            target
            for target in targets.get((receipt.carrier, key), ())
            if same_number(receipt.number, target.number) or same_number(receipt.sender, target.number)
        ]
        if agreeing:
            return _newest(agreeing, receipt, taken)
    return None


def _target(receipt: ReceiptNews, targets: _Targets, taken: set[tuple[int, int]]) -> Target | None:
    agreeing = _agreeing(receipt, receipt.keys, targets, taken)
    if agreeing is not None or not receipt.keys:
        return agreeing
    # One that has its receipt may have lent its id to a younger text, whose submit_sm_resp is still to come.
    waiting = [target for target in targets.get((receipt.carrier, receipt.keys[0]), ()) if _moves(target, receipt)]
    return _newest(waiting, receipt, taken) if waiting else None


def _newest(targets: Sequence[Target], receipt: ReceiptNews, taken: set[tuple[int, int]]) -> Target:
    """Of the newest text's segments with one id, one that waits for its receipt; ``taken`` have theirs in this batch."""
    newest = max(targets, key=_age)
    if len(targets) == 1 or receipt.state is None:
        return newest
    free = [t for t in targets if t.message_id == newest.message_id and (t.message_id, t.n) not in taken]
    waiting = [t for t in free if t.state in _WAITING] or [t for t in free if _moves(t, receipt)]
    chosen = min(waiting, key=_age, default=newest)
    taken.add((chosen.message_id, chosen.n))
    return chosen


def _moves(target: Target, receipt: ReceiptNews) -> bool:
    return receipt.state is None or target.state in _FORWARD.get(receipt.state, ())


def _age(target: Target) -> tuple[int, int]:
    return target.message_id, target.n


def apply(unit: Unit, matched: Iterable[tuple[ReceiptNews, Target]]) -> None:
    """Move the segments by their receipts, or keep the receipts for the record."""
    rows: dict[tuple[int, int], Row] = {}
    moves: list[Move] = []

    def write() -> None:
        unit.write(_APPLY, list(rows.values()))
        roll_up(unit, moves)
        rows.clear()
        moves.clear()

    opted_out: list[ConsentChange] = []
    reached: dict[tuple[int, int], State] = {}
    for receipt, target in matched:
        # The receipts of a batch may know one segment by two ids: its own, and one that was overtaken.
        target.state = reached.get((target.message_id, target.n), target.state)
        state = receipt.state
        if state is None and target.state is State.IN_DOUBT:
            state = State.SUBMITTED
        if receipt.opted_out:
            opted_out.append(told_by_carrier(target.number, target.client, receipt.at))
        counts = state is State.DELIVERED or not target.overtaken
        forward = state is not None and counts and _moves(target, receipt)
        if receipt.conflict or not forward:
            # Nothing moves, yet the carrier was told that we have it; or it says two things: keep it for the record.
            unit.sql.execute(
                _KEEP, (receipt.carrier, receipt.bind, None, _encode(receipt), receipt.at, target.message_id)
            )
        if state is None or not forward:
            continue
        if (target.message_id, target.n) in rows:
            write()  # its segment moves twice (DELIVRD on the heels of an EXPIRED): each move is told
        reached[target.message_id, target.n] = state
        rows[target.message_id, target.n] = (
            target.message_id,
            target.n,
            str(state),
            receipt.stat,
            receipt.err,
            receipt.at,
            receipt.done_date,
        )
        moves.append(
            Move(
                target.message_id,
                target.n,
                target.total,
                target.client,
                target.number,
                state,
                receipt.at,
                receipt.cause,
                target.reference,
                target.account,
                receipt.code,
                None,
                receipt.stat,
                receipt.err,
            )
        )
    write()
    change_consents(unit, opted_out)


def _park(unit: Unit, receipt: ReceiptNews) -> None:
    cursor = unit.sql.execute(
        _KEEP,
        (receipt.carrier, receipt.bind, receipt.keys[0] if receipt.keys else None, _encode(receipt), receipt.at, None),
    )
    keys = [(receipt.carrier, key, cursor.lastrowid) for key in dict.fromkeys(receipt.keys)]
    unit.write("INSERT INTO receipt_key (carrier, smsc_key, receipt_id) VALUES {rows}", keys)


_PARKED = """
SELECT k.smsc_key, r.id, r.news FROM receipt_key AS k JOIN receipt AS r ON r.id = k.receipt_id
WHERE k.carrier = ? AND r.at >= ? AND k.smsc_key IN ({rows}) ORDER BY r.id
"""


def unpark(unit: Unit, ids: Sequence[int]) -> None:
    """Take parked receipts out: they have found their segments."""
    unit.write("DELETE FROM receipt_key WHERE receipt_id IN ({rows})", [(receipt_id,) for receipt_id in ids])
    unit.write("DELETE FROM receipt WHERE id IN ({rows})", [(receipt_id,) for receipt_id in ids])


def apply_parked(unit: Unit, carrier: str, keys: Sequence[str], at: int) -> None:
    """Apply the receipts that were parked for segments which now have their carrier's ids: they count from now."""
    if (
        not keys
        or unit.sql.execute("SELECT 1 FROM receipt_key WHERE carrier = ? LIMIT 1", (carrier,)).fetchone() is None
    ):
        return
    since = at - PARKED_FOR
    parked = {row[1]: _decode(row[2]) for row in unit.read(_PARKED, [(key,) for key in keys], (carrier, since))}
    if not parked:
        return
    unpark(unit, list(parked))
    receive_receipts(unit, [msgspec.structs.replace(news, at=max(news.at, at)) for news in parked.values()])
