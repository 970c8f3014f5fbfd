"""The verb that applies delivery receipts, and parks those that came before their submit response.

Owns: matching a receipt to a segment, and the segment's move forward. Does not own: reading a receipt (smpp).

A receipt is matched within its carrier's account only, by the keys it was given: by the likeliest of them whose segment
went to the consumer's number that the receipt names, and the newest such segment where a carrier reuses ids. Where no number
agrees (carriers hide them or spell them their own way) the first key counts alone, as the id that the carrier spelt, for a
segment that is still waiting. The other keys never do: a number read in the wrong base is some other text's id.
"""

from collections.abc import Iterable, Sequence

import msgspec

from gateway.model.address import Number
from gateway.model.consent import ANY, ConsentChange, ConsentState
from gateway.model.message import ReceiptNews, State
from gateway.store.consent import change_consents
from gateway.store.rollup import Move, roll_up
from gateway.store.unit import Row, Unit

# A receipt moves a segment forward only. Delivered is last: carriers do send it after an EXPIRED, and then it is true.
_FORWARD = {
    State.UNDELIVERED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED),
    State.EXPIRED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED),
    State.REJECTED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED),
    State.DELIVERED: (State.SUBMITTED, State.IN_DOUBT, State.UNCONFIRMED, State.UNDELIVERED, State.EXPIRED),
}

_BY_KEY = """
SELECT json_array(s.smsc_key, s.message_id, s.n, m.segments, s.state, m.client, m.number, m.reference, m.account) AS row
FROM segment AS s JOIN message AS m ON m.id = s.message_id
WHERE s.carrier = ? AND s.smsc_key IN ({rows})
"""
_APPLY = """
UPDATE segment SET state = v.column3, stat = v.column4, err = v.column5, receipt_at = v.column6
FROM (VALUES {rows}) AS v WHERE message_id = v.column1 AND n = v.column2
"""
_KEEP = "INSERT INTO receipt (carrier, bind, smsc_key, news, at, message_id) VALUES (?, ?, ?, ?, ?, ?)"

_STATES = {str(state): state for state in State}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ReceiptNews).decode


class _Target(msgspec.Struct, gc=False):
    message_id: int
    n: int
    total: int
    state: State
    client: str
    number: str
    reference: str | None
    account: str | None


def receive_receipts(unit: Unit, receipts: Sequence[ReceiptNews]) -> list[bool]:
    """Apply or park the receipts; tells of each whether it was matched."""
    targets: dict[tuple[str, str], list[_Target]] = {}
    for carrier in dict.fromkeys(receipt.carrier for receipt in receipts):
        keys = {key for receipt in receipts if receipt.carrier == carrier for key in receipt.keys}
        for key, message_id, n, total, state, *rest in unit.gather(_BY_KEY, [(key,) for key in keys], (carrier,)):
            targets.setdefault((carrier, key), []).append(_Target(message_id, n, total, _STATES[state], *rest))
    matched: list[tuple[ReceiptNews, _Target]] = []
    found: list[bool] = []
    for receipt in receipts:
        target = _target(receipt, targets)
        found.append(target is not None)
        if target is None:
            _park(unit, receipt)
        else:
            matched.append((receipt, target))
    _apply(unit, matched)
    return found


def _target(receipt: ReceiptNews, targets: dict[tuple[str, str], list[_Target]]) -> _Target | None:
    for key in receipt.keys:
        agreeing = [
            target
            for target in targets.get((receipt.carrier, key), ())
            if _same_number(receipt.number, target.number) or _same_number(receipt.sender, target.number)
        ]
        if agreeing:
            return max(agreeing, key=_age)
    if not receipt.keys:
        return None
    # One that has its receipt may have lent its id to a younger text, whose submit_sm_resp is still to come.
    waiting = [target for target in targets.get((receipt.carrier, receipt.keys[0]), ()) if _moves(target, receipt)]
    return max(waiting, key=_age, default=None)


def _moves(target: _Target, receipt: ReceiptNews) -> bool:
    return receipt.state is None or target.state in _FORWARD.get(receipt.state, ())


def _age(target: _Target) -> tuple[int, int]:
    return target.message_id, target.n


def _same_number(told: str, ours: str) -> bool:
    # Carriers drop the plus sign, and some the country code; some leave the addresses as they were in the submit_sm.
    digits = told.lstrip("+0")
    return len(digits) >= 7 and ours.endswith(digits)


def _apply(unit: Unit, matched: Iterable[tuple[ReceiptNews, _Target]]) -> None:
    rows: dict[tuple[int, int], Row] = {}
    moves: list[Move] = []

    def write() -> None:
        unit.write(_APPLY, list(rows.values()))
        roll_up(unit, moves)
        rows.clear()
        moves.clear()

    opted_out: list[ConsentChange] = []
    for receipt, target in matched:
        state = receipt.state
        if receipt.opted_out:
            opted_out.append(
                ConsentChange(
                    Number(target.number), target.client, ANY, ANY, ConsentState.REVOKED, receipt.at, "carrier"
                )
            )
        if state is None or not _moves(target, receipt):
            # Nothing moves, yet the carrier was told that we have it: keep it for the record.
            unit.sql.execute(
                _KEEP, (receipt.carrier, receipt.bind, None, _encode(receipt), receipt.at, target.message_id)
            )
            continue
        if (target.message_id, target.n) in rows:
            write()  # its segment moves twice (DELIVRD on the heels of an EXPIRED): each move is told
        target.state = state
        rows[target.message_id, target.n] = (
            target.message_id,
            target.n,
            str(state),
            receipt.stat,
            receipt.err,
            receipt.at,
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
                "receipt",
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
WHERE k.carrier = ? AND k.smsc_key IN ({rows}) ORDER BY r.id
"""


def apply_parked(unit: Unit, carrier: str, keys: Sequence[str], at: int) -> None:
    """Apply the receipts that were parked for segments which now have their carrier's ids: they count from now."""
    if (
        not keys
        or unit.sql.execute("SELECT 1 FROM receipt_key WHERE carrier = ? LIMIT 1", (carrier,)).fetchone() is None
    ):
        return
    parked = {row[1]: _decode(row[2]) for row in unit.read(_PARKED, [(key,) for key in keys], (carrier,))}
    if not parked:
        return
    ids = [(receipt_id,) for receipt_id in parked]
    unit.write("DELETE FROM receipt_key WHERE receipt_id IN ({rows})", ids)
    unit.write("DELETE FROM receipt WHERE id IN ({rows})", ids)
    receive_receipts(unit, [msgspec.structs.replace(news, at=max(news.at, at)) for news in parked.values()])
