"""The verb that takes submissions: judged and stored in one transaction, once per idempotency key.

Owns: rows of new messages, their segments, concatenation references and idempotency keys. Does not own: the judgement,
which is handed in.
"""

from collections.abc import Callable, Sequence

import msgspec

from gateway.model.events import Kind
from gateway.model.message import Accepted, Facts, Ruling, State, Submission
from gateway.store.check_due import StaleTexts
from gateway.store.facts import Lookback, Planned, Want, facts_for
from gateway.store.grounds import keep_grounds
from gateway.store.news import tell_message
from gateway.store.tallies import Tallies, Tally
from gateway.store.unit import Row, Unit

Judge = Callable[[Submission, Facts], Ruling]
"""The rules, pure: what becomes of a submission by the facts."""


class KeyReused(Exception):
    """The idempotency key was used before for another request body."""


class Acceptance(msgspec.Struct, frozen=True):
    """One request's submissions, which share its idempotency key."""

    submissions: tuple[Submission, ...]
    judge: Judge
    client: str
    at: int
    key: str | None = None
    fingerprint: bytes = b""
    kept: bytes = b"null"
    """JSON that a repetition of the key gets back with the answers: what the caller said of the request besides them."""
    lookback: int = 0
    """How far back contacts are facts, in milliseconds; 0 where nothing counts them."""
    tally: Tally | None = None
    """What else is counted; None: nothing."""
    checked: frozenset[str] = frozenset()
    """Clients of which a plugin hears that a number is to be checked for reassignment."""


class Replayed(msgspec.Struct, frozen=True):
    """The first answer again, to a key that was used before for the same request."""

    answers: tuple[Accepted, ...]
    kept: msgspec.Raw = msgspec.Raw(b"null")


Answer = tuple[Accepted, ...] | Replayed | KeyReused

_encode = msgspec.json.Encoder().encode
_decode_answer = msgspec.json.Decoder(Replayed).decode

_MESSAGE = """
INSERT INTO message (id, client, program, category, number, sender, carrier, text, encoding, units, segments, concat,
    priority, state, code, origin, account, reference, accepted_at, send_at, expires_at, updated_at, decided_at,
    grounds, template, template_version, tells_opt_out)
VALUES {rows}
"""
_SEGMENT = "INSERT INTO segment (message_id, n, carrier, priority, due_at, state) VALUES {rows}"
_QUEUED = str(State.QUEUED)
_UNTOLD = msgspec.Raw(b"null"), 0
"""The decision of one that is not refused."""
_KIND_OF = {
    State.QUEUED: str(Kind.MESSAGE_ACCEPTED),
    State.HELD: str(Kind.MESSAGE_HELD),
    State.BLOCKED: str(Kind.MESSAGE_BLOCKED),
}


def accept(unit: Unit, acceptances: Sequence[Acceptance]) -> list[Answer]:
    """Judge and store; an answer for each acceptance, the first one's again where its key was used before."""
    answers: dict[int, tuple[Accepted, ...]] = {}
    known = _known_keys(unit, acceptances)
    fresh: list[int] = []
    for index, acceptance in enumerate(acceptances):
        if acceptance.key is None:
            fresh.append(index)
            continue
        name = (acceptance.client, acceptance.key)
        if name not in known:
            known[name] = (acceptance.fingerprint, index)
            fresh.append(index)
    stored = _store(unit, [acceptances[index] for index in fresh])
    for index, share in zip(fresh, stored, strict=True):
        answers[index] = share
    keys: list[Row] = []
    for index in fresh:
        acceptance = acceptances[index]
        if acceptance.key is not None:
            answer_json = _encode(Replayed(answers[index], msgspec.Raw(acceptance.kept)))
            keys.append((acceptance.client, acceptance.key, acceptance.fingerprint, answer_json, acceptance.at))
    unit.write("INSERT INTO idempotency (client, key, fingerprint, answer, at) VALUES {rows}", keys)
    results: list[Answer] = []
    for index, acceptance in enumerate(acceptances):
        if index in answers:
            results.append(answers[index])
            continue
        fingerprint, first = known[(acceptance.client, acceptance.key or "")]
        if fingerprint != acceptance.fingerprint:
            results.append(KeyReused())
        elif isinstance(first, int):
            results.append(Replayed(answers[first], msgspec.Raw(acceptances[first].kept)))
        else:
            results.append(_decode_answer(first))
    return results


def _known_keys(unit: Unit, acceptances: Sequence[Acceptance]) -> dict[tuple[str, str], tuple[bytes, bytes | int]]:
    names = [(acceptance.client, acceptance.key) for acceptance in acceptances if acceptance.key is not None]
    rows = unit.read(
        "SELECT i.client, i.key, i.fingerprint, i.answer FROM (VALUES {rows}) AS v"
        " CROSS JOIN idempotency AS i ON i.client = v.column1 AND i.key = v.column2",
        names,
    )
    return {(client, key): (fingerprint, answer) for client, key, fingerprint, answer in rows}


def _store(unit: Unit, acceptances: Sequence[Acceptance]) -> list[tuple[Accepted, ...]]:
    submissions = [submission for acceptance in acceptances for submission in acceptance.submissions]
    judges = [acceptance.judge for acceptance in acceptances for _ in acceptance.submissions]
    lookback = _lookback(acceptances)
    facts = facts_for(unit, [Want(s.number, s.client, s.program, s.category, s.account) for s in submissions], lookback)
    planned = Planned()
    tallies = _tallies(unit, acceptances)
    stale = StaleTexts(frozenset().union(*(acceptance.checked for acceptance in acceptances)))
    judged: list[tuple[Submission, Ruling, int]] = []
    segments: list[Row] = []
    taken: list[Accepted] = []
    for submission, judge, fact in zip(submissions, judges, facts, strict=True):
        fact = planned.added_to(fact, submission, submission.id)
        ruling = judge(submission, fact if tallies is None else tallies.added_to(fact, submission))
        if ruling.instead is not None:
            submission = ruling.instead
        refused = ruling.state is State.BLOCKED
        concat = 0
        if not refused:
            if tallies is not None:
                tallies.note(submission)
            planned.note(submission, submission.id, ruling.due_at)
            if submission.segments > 1:
                concat = _next_concat(unit, submission)
            for n in range(1, submission.segments + 1):
                segments.append((submission.id, n, submission.carrier, submission.priority, ruling.due_at, _QUEUED))
            unit.queued.add(submission.carrier)
        else:
            stale.note(submission, submission.id, fact, ruling, submission.at)
        judged.append((submission, ruling, concat))
        _tell(unit, submission, ruling)
        # What somebody has to end is held for as long as it is good.
        ends = ruling.state is State.HELD and ruling.due_at < submission.expires_at
        due_at = ruling.due_at if ends else None
        size, encoding = submission.length, submission.encoding
        decision, decided_at = (msgspec.Raw(ruling.decision), submission.at) if refused else _UNTOLD
        taken.append(Accepted(submission.id, ruling.state, encoding, size, ruling.code, decision, decided_at, due_at))
    if tallies is not None:
        tallies.record(unit)
    stale.tell(unit)
    grounds = keep_grounds(unit, (ruling.decision for _, ruling, _ in judged))
    unit.write(_MESSAGE, [_message_row(*one, grounds[one[1].decision]) for one in judged])
    unit.write(_SEGMENT, segments)
    shares: list[tuple[Accepted, ...]] = []
    start = 0
    for acceptance in acceptances:
        end = start + len(acceptance.submissions)
        shares.append(tuple(taken[start:end]))
        start = end
    return shares


def _tallies(unit: Unit, acceptances: Sequence[Acceptance]) -> Tallies | None:
    if all(acceptance.tally is None for acceptance in acceptances):
        return None
    return Tallies(unit, [(text, acceptance.tally) for acceptance in acceptances for text in acceptance.submissions])


def _lookback(acceptances: Sequence[Acceptance]) -> Lookback | None:
    longest = max((acceptance.lookback for acceptance in acceptances), default=0)
    if not longest:
        return None
    return Lookback(min(acceptance.at for acceptance in acceptances) - longest, planned=True)


def _message_row(s: Submission, ruling: Ruling, concat: int, grounds: bytes) -> Row:
    return (
        s.id,
        s.client,
        s.program,
        s.category,
        s.number,
        s.sender,
        s.carrier,
        s.text,
        str(s.encoding),
        s.units,
        s.segments,
        concat,
        s.priority,
        str(ruling.state),
        ruling.code,
        str(s.origin),
        s.account,
        s.reference,
        s.at,
        s.send_at,
        s.expires_at,
        s.at,
        s.at,
        grounds,
        s.template,
        s.template_version,
        int(s.tells_opt_out),
    )


def _tell(unit: Unit, s: Submission, ruling: Ruling) -> None:
    tell_message(
        unit,
        s.client,
        s.at,
        s.id,
        s.number,
        ruling.state,
        kind=_KIND_OF[ruling.state],
        reference=s.reference,
        account=s.account,
        code=ruling.code,
        cause="rules",
        due_at=ruling.due_at if ruling.state is State.HELD else None,
    )


def _next_concat(unit: Unit, s: Submission) -> int:
    # Sequential for each sender and number, and kept over restarts: the same 8 bits twice within minutes would join
    # two texts into one on the handset.
    row = unit.sql.execute(
        "INSERT INTO concat (sender, number, last) VALUES (?, ?, 1)"
        " ON CONFLICT DO UPDATE SET last = (last + 1) & 65535 RETURNING last",
        (s.sender, s.number),
    ).fetchone()
    return int(row[0])
