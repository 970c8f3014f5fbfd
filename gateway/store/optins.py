"""The verbs of requests to opt in: made, answered by text, proven by a code, lapsed.

Owns: optin rows, the count of invitations, and the attempts at a code. Does not own: what an answer does to the consent
(ledger, rules/consent_machine), the words (flow/optins), or which reply means yes (rules/replies).
"""

from collections.abc import Sequence
from enum import StrEnum
from hmac import compare_digest

import msgspec

from gateway.model.address import Number
from gateway.model.consent import ConsentState, Evidence, Method, Optin, Scope
from gateway.model.ids import OptinId
from gateway.model.message import Accepted, State
from gateway.model.profile import Party
from gateway.rules.codes import MOST_ATTEMPTS, digest_code
from gateway.rules.consent_machine import ENDED, OPEN, Arrow, on_yes, step
from gateway.rules.freshness import is_stale
from gateway.store.accept import Acceptance, accept
from gateway.store.consent import close_book
from gateway.store.ledger import Book
from gateway.store.news import tell_message
from gateway.store.numbers import know_party
from gateway.store.unit import Row, Unit

_COLUMNS = (
    "id, client, program, category, number, method, state, created_at, expires_at, wording, message_id, account, agent,"
    " code_message_id, salt, digest, code_ttl, attempts"
)
_INSERT = f"INSERT INTO optin ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_OF_PROGRAM = f"SELECT {_COLUMNS} FROM optin WHERE number = ? AND client = ? AND program = ? ORDER BY id DESC"  # noqa: S608
_BY_ID = f"SELECT {_COLUMNS} FROM optin WHERE id = ? AND client = ?"  # noqa: S608 - the columns are ours
_OVERDUE = f"""
SELECT {_COLUMNS} FROM optin INDEXED BY optin_open
WHERE (state = 'invited' OR state = 'code_sent') AND expires_at <= ? LIMIT ?
"""  # noqa: S608 - the columns are ours
_SEND_CODE = "UPDATE optin SET state = 'code_sent', expires_at = ? WHERE id = ?"
_LET_GO = """
UPDATE segment SET due_at = ? WHERE message_id = ? AND state = 'queued'
"""
_LET_MESSAGE_GO = """
UPDATE message SET state = 'queued', code = NULL, updated_at = ?1, expires_at = ?2 WHERE id = ?3 AND state = 'held'
RETURNING carrier, id, client, number, reference, account
"""

_encode = msgspec.json.Encoder().encode
CAUSE = "optin"


class Request(msgspec.Struct, frozen=True):
    """A request to opt in that is to be made, with the texts that make it."""

    optin: Optin
    texts: Acceptance
    """The invitation, and behind it the text with the code where YES sends one."""
    most: int
    """How many invitations the number may get from the program, all accounts and categories together."""
    fresh_days: int | None = None
    """How long a consent counts without a word of the person; one that is older may be asked for anew."""


class Refusal(StrEnum):
    """Why no request was made."""

    OPEN = "open"
    """Another one is."""
    STANDS = "stands"
    """The consumer agreed already."""
    OPTED_OUT = "opted_out"
    SPENT = "spent"
    """The number was asked as often as it may be."""


class Requested(msgspec.Struct, frozen=True):
    """What came of a request: the open one (this or the one before it), or why there is none."""

    optin: Optin | None
    refusal: Refusal | None = None
    invitation: Accepted | None = None
    """What became of the text that asks; its decision says why where it was refused."""


class Trial(msgspec.Struct, frozen=True):
    """A code that was told to an agent."""

    id: OptinId
    client: str
    code: str
    at: int
    agent: str | None = None
    reply: Acceptance | None = None
    """The confirmation, for the case that the code is right."""


class Tried(msgspec.Struct, frozen=True):
    """What came of a code."""

    optin: Optin | None
    """As it stands now; None where there is none of this client."""
    right: bool = False
    was_open: bool = True


def request_optins(unit: Unit, requests: Sequence[Request]) -> list[Requested]:
    """Make requests, each with its texts in one transaction. One whose text may not go leaves that text's decision alone."""
    return [_request(unit, request) for request in requests]


def _request(unit: Unit, request: Request) -> Requested:
    optin = request.optin
    scope = Scope(optin.program, optin.category)
    book = Book(unit, [optin.number])
    earlier = _rows(unit, _OF_PROGRAM, (optin.number, optin.client, optin.program))
    still_open = next((one for one in earlier if one.category == optin.category and one.state in OPEN), None)
    if still_open is not None:
        return Requested(still_open, Refusal.OPEN)
    fresh_at = book.line(optin.number, optin.client, scope).fresh_at
    stands = book.stands(optin.number, optin.client, scope)
    stale = stands and is_stale(optin.created_at, fresh_at, request.fresh_days)
    if stands and not stale:
        return Requested(None, Refusal.STANDS)
    if not stale and _opted_out(book, optin, scope):
        return Requested(None, Refusal.OPTED_OUT)
    if len(earlier) >= request.most:
        return Requested(None, Refusal.SPENT)
    (answer,) = accept(unit, [request.texts])
    if not isinstance(answer, tuple):
        raise TypeError("an invitation has no idempotency key")
    invitation = answer[0]
    if invitation.state is State.BLOCKED:
        return Requested(None, None, invitation)
    unit.sql.execute(_INSERT, _row(optin))
    evidence = _encode(
        {"method": optin.method, "wording": optin.wording, "account": optin.account, "agent": optin.agent}
    )
    awaited = optin.method is Method.PAYMENT_PLAN
    number, client, at = optin.number, optin.client, optin.created_at
    if stale:
        why = _encode({"fresh_at": fresh_at, "fresh_days": request.fresh_days})
        book.enter(number, client, scope, Arrow.AGE, at, "freshness", why)
    if not book.enter(number, client, scope, Arrow.INVITE, at, CAUSE, evidence, awaited=awaited):
        raise ValueError("a request was made where none can be")
    close_book(unit, book)
    return Requested(optin, None, invitation)


def _opted_out(book: Book, optin: Optin, scope: Scope) -> bool:
    line = book.line(optin.number, optin.client, scope)
    if step(line.state, Arrow.INVITE) is None:
        return True
    return any(
        other.state in ENDED and wider.covers(scope) for wider, other in book.lines(optin.number, optin.client).items()
    )


def open_optins(unit: Unit, number: str, client: str, program: str) -> list[Optin]:
    """The requests that a number may answer now, the newest first: YES and NO are about that one."""
    return [optin for optin in _rows(unit, _OF_PROGRAM, (number, client, program)) if optin.state in OPEN]


def answer_optin(
    unit: Unit, number: str, client: str, program: str, yes: bool, at: int, *, words: str = "", source: str = "text"
) -> Optin | None:
    """The consumer answered by text: the newest open request moves on, with all that it lets go or ends.

    Returns the request as it stands now (CONFIRMED, CODE_SENT, DECLINED); None where none is open whose time is not over, or
    it waits for its code. ``words`` are what the consumer wrote, ``source`` names the inbound text: both are evidence.
    """
    optin = next((one for one in open_optins(unit, number, client, program) if one.expires_at > at), None)
    if optin is None:
        return None
    arrow = on_yes(optin.method) if yes else Arrow.DECLINE
    evidence = _encode(Evidence(at, "text", optin.wording, _said(source, words)))
    state = _move(unit, optin, arrow, at, evidence)
    if state is None:
        return None
    expires_at = at
    if state is ConsentState.CODE_SENT:
        expires_at = at + optin.code_ttl
        _send_code(unit, optin, at, expires_at)
    return msgspec.structs.replace(optin, state=state, expires_at=expires_at)


def try_codes(unit: Unit, trials: Sequence[Trial]) -> list[Tried]:
    """Compare codes with what was sent; a right one confirms, once, and too many wrong ones end the request."""
    return [_try(unit, trial) for trial in trials]


def _try(unit: Unit, trial: Trial) -> Tried:
    optin = find_optin(unit, trial.id, trial.client)
    if optin is None:
        return Tried(None, was_open=False)
    awaits_code = optin.state is ConsentState.CODE_SENT or (
        optin.state is ConsentState.INVITED and optin.method is Method.APPROVAL_CODE
    )
    if not awaits_code or optin.expires_at <= trial.at:
        return Tried(optin, was_open=False)
    if compare_digest(digest_code(optin.salt, optin.number, optin.program, trial.code), optin.digest):
        by = "" if trial.agent is None else f" by {trial.agent}"
        evidence = _encode(Evidence(trial.at, "code", optin.wording, f"code told and entered{by}"))
        if _move(unit, optin, Arrow.VERIFY, trial.at, evidence) is None:
            raise ValueError("a request that awaits its code cannot be confirmed")
        # Whom the agent speaks with holds the handset: the right party of 12 CFR 1006.6(d).
        know_party(unit, optin.number, optin.client, Party.CONSUMER, trial.at)
        if trial.reply is not None:
            accept(unit, [trial.reply])
        return Tried(msgspec.structs.replace(optin, state=ConsentState.CONFIRMED, expires_at=trial.at), right=True)
    optin = msgspec.structs.replace(optin, attempts=optin.attempts + 1)
    unit.sql.execute("UPDATE optin SET attempts = ? WHERE id = ?", (optin.attempts, optin.id))
    if optin.attempts >= MOST_ATTEMPTS:
        _move(unit, optin, Arrow.LAPSE, trial.at, _encode({"attempts": optin.attempts}))
        optin = msgspec.structs.replace(optin, state=ConsentState.EXPIRED, expires_at=trial.at)
    return Tried(optin)


class Lapse(msgspec.Struct, frozen=True):
    """A look for requests whose time is over."""

    now: int
    limit: int


def lapse_optins(unit: Unit, looks: Sequence[Lapse]) -> list[int]:
    """End requests that were not answered in time; tells how many."""
    counts: list[int] = []
    for look in looks:
        overdue = _rows(unit, _OVERDUE, (look.now, look.limit))
        for optin in overdue:
            _move(unit, optin, Arrow.LAPSE, look.now, b"null")
        counts.append(len(overdue))
    return counts


def find_optin(unit: Unit, optin_id: int, client: str) -> Optin | None:
    """A client's request; None if it has no such one."""
    return next(iter(_rows(unit, _BY_ID, (optin_id, client))), None)


def _move(unit: Unit, optin: Optin, arrow: Arrow, at: int, evidence: bytes) -> ConsentState | None:
    """Draw the arrow for a request's consent; None where it does not begin there. Closing the book closes the request."""
    scope = Scope(optin.program, optin.category)
    book = Book(unit, [optin.number])
    awaited = arrow is Arrow.SEND_CODE and optin.method is Method.PAYMENT_PLAN
    if not book.enter(optin.number, optin.client, scope, arrow, at, CAUSE, evidence, awaited=awaited):
        return None
    close_book(unit, book)
    return book.line(optin.number, optin.client, scope).state


def _send_code(unit: Unit, optin: Optin, at: int, expires_at: int) -> None:
    unit.sql.execute(_SEND_CODE, (expires_at, optin.id))
    unit.sql.execute(_LET_GO, (at, optin.code_message_id))
    let_go = unit.sql.execute(_LET_MESSAGE_GO, (at, expires_at, optin.code_message_id)).fetchall()
    for carrier, message_id, client, number, reference, account in let_go:
        unit.queued.add(carrier)
        tell_message(
            unit,
            client,
            at,
            message_id,
            number,
            State.QUEUED,
            reference=reference,
            account=account,
            cause=CAUSE,
            due_at=at,
        )


def _said(source: str, words: str) -> str:
    return f"{source}: {words}" if words else source


def _rows(unit: Unit, query: str, values: Row) -> list[Optin]:
    return [_optin(row) for row in unit.sql.execute(query, values).fetchall()]


def _optin(row: Row) -> Optin:
    optin_id, client, program, category, number, method, state, *rest = row
    kept = (client, program, category, Number(number), Method(method), ConsentState(state))
    return Optin(OptinId(optin_id), *kept, *rest)


def _row(optin: Optin) -> Row:
    return (
        optin.id,
        optin.client,
        optin.program,
        optin.category,
        optin.number,
        str(optin.method),
        str(optin.state),
        optin.created_at,
        optin.expires_at,
        optin.wording,
        optin.message_id,
        optin.account,
        optin.agent,
        optin.code_message_id,
        optin.salt,
        optin.digest,
        optin.code_ttl,
        optin.attempts,
    )
