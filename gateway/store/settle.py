"""The verb that records what came of claimed segments: the carrier's response, a lost link, an opt-out in between.

Owns: the move out of in flight, and the receipts that were parked for it. Does not own: which verdict a status has.
"""

from collections.abc import Iterator, Sequence

from gateway.model.message import Answer, State
from gateway.store.receipts import apply_parked
from gateway.store.rollup import Move, roll_up
from gateway.store.unit import Row, Unit

# An answer may come late, after the segment was put in doubt: the truth beats the doubt. It may even come after the
# segment went back to the queue: that the carrier has it keeps it from going twice. But an answer to one attempt says
# nothing about the next.
_SETTLE = """
UPDATE segment SET state = v.column3, command_status = v.column4, smsc_message_id = v.column5, smsc_key = v.column6,
    submitted_at = v.column7, due_at = coalesce(v.column8, due_at), attempt = attempt - v.column9
FROM (VALUES {rows}) AS v
WHERE message_id = v.column1 AND n = v.column2 AND attempt = v.column10
    AND (state IN ('in_flight', 'in_doubt') OR (state = 'queued' AND v.column3 = 'submitted'))
RETURNING message_id, n
"""


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
    rows: list[Row] = []
    for answer in answers:
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
    moved = set(unit.read(_SETTLE, rows))
    settled = [(answer.segment.message_id, answer.segment.n) in moved for answer in answers]
    unit.queued.update(answer.segment.carrier for answer in answers if answer.state is State.QUEUED)
    roll_up(unit, [_move(answer) for answer, waited in zip(answers, settled, strict=True) if waited])
    keys: dict[str, list[str]] = {}
    for answer, waited in zip(answers, settled, strict=True):
        if waited and answer.smsc_key is not None:
            keys.setdefault(answer.segment.carrier, []).append(answer.smsc_key)
    for carrier, its_keys in keys.items():
        apply_parked(unit, carrier, its_keys)
    return settled


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
