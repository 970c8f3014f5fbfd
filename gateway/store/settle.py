"""The verb that records what came of claimed segments: the carrier's response, a lost link, an opt-out in between.

Owns: the move out of in flight, the receipts that were parked for it, and the opt-out that a carrier refuses a text for. Does
not own: which verdict a status has.
"""

from collections.abc import Iterator, Sequence

from gateway.errors import Code
from gateway.model.message import Answer, State
from gateway.store.consent import change_consents, told_by_carrier
from gateway.store.receipts import apply_parked
from gateway.store.requeue import requeue
from gateway.store.rollup import Move, roll_up
from gateway.store.unit import Row, Surprise, Unit

# An answer may come late, after the segment was put in doubt: the truth beats the doubt. It may even come after the
# segment went back to the queue: that the carrier has it keeps it from going twice. But an answer to one attempt says
# nothing about the next.
_WAITING = """
SELECT json_array(s.message_id, s.n, s.attempt, s.state) AS row
FROM (VALUES {rows}) AS v CROSS JOIN segment AS s ON s.message_id = v.column1 AND s.n = v.column2
"""
_SETTLE = """
UPDATE segment SET state = v.column3, command_status = v.column4, smsc_message_id = v.column5, smsc_key = v.column6,
    submitted_at = v.column7, due_at = coalesce(v.column8, due_at), attempt = attempt - v.column9
FROM (VALUES {rows}) AS v
WHERE message_id = v.column1 AND n = v.column2 AND attempt = v.column10
    AND (state IN ('in_flight', 'in_doubt') OR (state = 'queued' AND v.column3 = 'submitted'))
"""
_OVERTAKEN = "INSERT OR IGNORE INTO superseded (carrier, smsc_key, message_id, n, at) VALUES {rows}"
_OPEN = ("in_flight", "in_doubt")


def settle(unit: Unit, answers: Sequence[Answer]) -> list[bool]:
    """Record the answers; tells of each whether its segment was still waiting for one."""
    return [settled for share in _shares(answers) for settled in _settle(unit, share)]


def _shares(answers: Sequence[Answer]) -> Iterator[Sequence[Answer]]:
    """The answers, cut where a segment has a second one: that one is judged by what the first left behind."""
    start = 0
    seen: set[tuple[int, int]] = set()
    for index, answer in enumerate(answers):
        place = (answer.segment.message_id, answer.segment.n)
        if place in seen:
            yield answers[start:index]
            start = index
            seen = set()
        seen.add(place)
    yield answers[start:]


def _settle(unit: Unit, answers: Sequence[Answer]) -> list[bool]:
    # Nearly every answer finds its segment waiting. Then the update that says so is all there is to do.
    settled = _look(unit, answers) if unit.careful else [True] * len(answers)
    rows: list[Row] = []
    for answer, waited in zip(answers, settled, strict=True):
        if not waited:
            continue
        segment = answer.segment
        rows.append(
            (
                segment.message_id,
                segment.n,
                str(answer.state),
                answer.command_status,
                answer.smsc_message_id,
                answer.smsc_key,
                answer.at if answer.state is State.SUBMITTED else None,
                answer.due_at if answer.state is State.QUEUED else None,
                0 if answer.spent else 1,
                segment.attempt,
            )
        )
    if unit.write(_SETTLE, rows) != len(rows):
        raise Surprise
    unit.queued.update(answer.segment.carrier for answer in answers if answer.state is State.QUEUED)
    moves = [_move(answer) for answer, waited in zip(answers, settled, strict=True) if waited]
    roll_up(unit, moves)
    requeue(unit, moves)
    keys: dict[str, list[str]] = {}
    overtaken: list[Row] = []
    for answer, waited in zip(answers, settled, strict=True):
        if answer.smsc_key is None:
            continue
        segment = answer.segment
        keys.setdefault(segment.carrier, []).append(answer.smsc_key)
        if not waited:
            overtaken.append((segment.carrier, answer.smsc_key, segment.message_id, segment.n, answer.at))
    unit.write(_OVERTAKEN, overtaken)
    refused = [answer for answer in answers if answer.code is Code.CARRIER_OPTED_OUT]
    if refused:
        change_consents(unit, [told_by_carrier(one.segment.number, one.segment.client, one.at) for one in refused])
    for carrier, its_keys in keys.items():
        apply_parked(unit, carrier, its_keys, max(answer.at for answer in answers))
    return settled


def _look(unit: Unit, answers: Sequence[Answer]) -> list[bool]:
    """Of each answer, whether its segment waits for it."""
    places = [(answer.segment.message_id, answer.segment.n) for answer in answers]
    now = {(message_id, n): (attempt, state) for message_id, n, attempt, state in unit.gather(_WAITING, places)}
    return [_waits(answer, now.get(place)) for answer, place in zip(answers, places, strict=True)]


def _waits(answer: Answer, now: tuple[int, str] | None) -> bool:
    if now is None or now[0] != answer.segment.attempt:
        return False
    return now[1] in _OPEN or (now[1] == "queued" and answer.state is State.SUBMITTED)


def _move(answer: Answer) -> Move:
    segment = answer.segment
    return Move(
        segment.message_id,
        segment.n,
        segment.total,
        segment.client,
        segment.number,
        answer.state,
        answer.at,
        answer.cause,
        segment.reference,
        segment.account,
        answer.code,
        answer.command_status,
        None,
        None,
        answer.due_at if answer.state is State.QUEUED else None,
    )
