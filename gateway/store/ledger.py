"""The consents of some numbers within one transaction, and the ledger that every change of them goes into.

Owns: consent and consent_event rows, the chain's end, and that no consent changes without an entry. Does not own: which
change is asked for (consent, optins), or the chain's form (rules/chain).
"""

import os
from collections.abc import Iterable, Sequence

import msgspec

from gateway.model.consent import ANY, ConsentState, Scope
from gateway.model.events import Kind
from gateway.rules.chain import SALT_BYTES, Chain, Entry, commit, content, frontier, personal, public
from gateway.rules.consent_machine import ENDED, OPEN, Arrow, step
from gateway.store.unit import Row, Unit

_LINES = """
SELECT json_array(number, client, program, category, account, state, changed_at, fresh_at, awaited, event) AS row
FROM consent WHERE number IN ({rows})
"""
_KEEP = """
INSERT INTO consent (number, client, program, category, account, state, changed_at, fresh_at, awaited, event)
VALUES {rows}
ON CONFLICT DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at, fresh_at = excluded.fresh_at,
    awaited = excluded.awaited, event = excluded.event
"""
APPEND = """
INSERT INTO consent_event (seq, before, at, client, program, category, was, state, erases, number, account, cause, evidence,
    salt, commitment, hash)
VALUES {rows}
"""
# The entries about a number with a client: from the newest that a line follows from, each names the one before it. An index over
# the numbers of all entries would be a second random place to write for each row of an import.
PAST = """
WITH RECURSIVE past (seq) AS (
    SELECT max(event) FROM consent WHERE number = ?1 AND client = ?2
    UNION SELECT e.before FROM past CROSS JOIN consent_event AS e ON e.seq = past.seq
)
"""
_EVIDENCE_COLUMN = 12
KIND_OF = {
    ConsentState.INVITED: str(Kind.CONSENT_INVITED),
    ConsentState.CODE_SENT: str(Kind.CONSENT_CODE_SENT),
    ConsentState.CONFIRMED: str(Kind.CONSENT_GRANTED),
    ConsentState.DECLINED: str(Kind.CONSENT_DECLINED),
    ConsentState.EXPIRED: str(Kind.CONSENT_EXPIRED),
    ConsentState.REVOKED: str(Kind.CONSENT_REVOKED),
    ConsentState.STALE: str(Kind.CONSENT_STALE),
    ConsentState.DISOWNED: str(Kind.CONSENT_DISOWNED),
}
_STATES = {str(state): state for state in ConsentState}
_encode = msgspec.json.Encoder().encode


class ConsentNews(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a consent event tells."""

    number: str
    program: str
    category: str
    state: str
    cause: str
    account: str = ANY


class Line(msgspec.Struct, gc=False):
    """How one consent stands."""

    state: ConsentState = ConsentState.UNKNOWN
    changed_at: int = 0
    fresh_at: int = 0
    awaited: bool = False
    event: int = 0


class Closed(msgspec.Struct, frozen=True, gc=False):
    """A request that is open no longer, because its consent moved on."""

    number: str
    client: str
    scope: Scope
    state: ConsentState
    at: int


class Book:
    """The consents of some numbers, read once, changed in memory, and written once."""

    def __init__(self, unit: Unit, numbers: Iterable[str]) -> None:
        self.closed: list[Closed] = []
        """Requests that were open and are no longer."""
        self._unit = unit
        self._lines: dict[tuple[str, str], dict[Scope, Line]] = {}
        self._changed: dict[tuple[str, str, Scope], Line] = {}
        self._entries: list[Row] = []
        self._chain: Chain | None = None
        self._salts = b""
        names = [(number,) for number in dict.fromkeys(numbers)]
        for number, client, program, category, account, state, *rest in unit.gather(_LINES, names):
            line = Line(_STATES[state], rest[0], rest[1], bool(rest[2]), rest[3])
            self.lines(number, client)[Scope(program, category, account)] = line

    def lines(self, number: str, client: str) -> dict[Scope, Line]:
        """All lines of a number with a client."""
        return self._lines.setdefault((number, client), {})

    def line(self, number: str, client: str, scope: Scope) -> Line:
        """One line; an UNKNOWN one where there is none."""
        return self.lines(number, client).get(scope) or Line()

    def ended_at(self, number: str, client: str, scope: Scope) -> int | None:
        """When a consent was ended last, by itself or in a wider scope, the opt-outs of single accounts aside."""
        return max(
            (
                line.changed_at
                for other, line in self.lines(number, client).items()
                if line.state in ENDED and other.account == ANY and other.covers(scope)
            ),
            default=None,
        )

    def stands(self, number: str, client: str, scope: Scope) -> bool:
        """Whether a consent is confirmed, and no wider opt-out is later."""
        line = self.line(number, client, scope)
        return line.state is ConsentState.CONFIRMED and not self.covered(number, client, scope)

    def covered(self, number: str, client: str, scope: Scope) -> bool:
        """Whether a wider opt-out, other than of single accounts, is later than what a consent follows from."""
        event = self.line(number, client, scope).event
        return any(
            other.event > event
            for wider, other in self.lines(number, client).items()
            if other.state in ENDED and wider.wide and wider.account == ANY and wider.covers(scope)
        )

    def evidence(self, number: str, client: str, scope: Scope) -> bytes | None:
        """What the last entry of a consent has for evidence; None where that was erased, or nothing was given."""
        event = self.line(number, client, scope).event
        last = self._entries[-1][0] if self._entries else 0
        if self._entries and event > last - len(self._entries):
            evidence: str | None = self._entries[event - last - 1][_EVIDENCE_COLUMN]
        else:
            row = self._unit.sql.execute("SELECT evidence FROM consent_event WHERE seq = ?", (event,)).fetchone()
            evidence = None if row is None else row[0]
        return None if evidence is None else evidence.encode()

    def enter(
        self,
        number: str,
        client: str,
        scope: Scope,
        arrow: Arrow,
        at: int,
        cause: str,
        evidence: bytes = b"null",
        *,
        fresh_at: int | None = None,
        awaited: bool = False,
        silent: bool = False,
    ) -> bool:
        """Move one consent along an arrow, with its entry; False where the arrow does not begin at its state.

        ``fresh_at`` is when the person was heard of, if not now; ``silent`` keeps it from the client's log.
        """
        lines = self.lines(number, client)
        line = lines.get(scope)
        was = ConsentState.UNKNOWN if line is None else line.state
        state = step(was, arrow)
        if state is None:
            return False
        if line is None:
            line = lines[scope] = Line()
        account = None if scope.account == ANY else scope.account
        before = max(other.event for other in lines.values())
        line.event = self._append(before, at, client, scope, was, state, number, account, cause, evidence)
        line.state, line.changed_at, line.awaited = state, at, awaited
        if state is ConsentState.CONFIRMED:
            line.fresh_at = max(line.fresh_at, at if fresh_at is None else fresh_at)
        self._changed[number, client, scope] = line
        if was in OPEN and state not in OPEN:
            self.closed.append(Closed(number, client, scope, state, at))
        if not silent:
            news = ConsentNews(number, scope.program, scope.category, state, cause, scope.account)
            self._unit.tell(client, at, KIND_OF[state], _encode(news))
        return True

    def close(self) -> None:
        """Write all that changed."""
        if not self._changed:
            return
        self._unit.write(
            _KEEP,
            [
                (
                    number,
                    client,
                    scope.program,
                    scope.category,
                    scope.account,
                    str(line.state),
                    line.changed_at,
                    line.fresh_at,
                    int(line.awaited),
                    line.event,
                )
                for (number, client, scope), line in self._changed.items()
            ],
        )
        self._unit.write(APPEND, self._entries)
        self._changed, self._entries, self._chain = {}, [], None

    def _append(
        self,
        before: int,
        at: int,
        client: str,
        scope: Scope,
        was: ConsentState,
        state: ConsentState,
        number: str,
        account: str | None,
        cause: str,
        evidence: bytes,
    ) -> int:
        if self._chain is None:
            self._chain = open_chain(self._unit)
        chain = self._chain
        entry = Entry(chain.last + 1, before, at, client, scope.program, scope.category, was, state)
        if not self._salts:
            self._salts = os.urandom(SALT_BYTES * 256)
        salt, self._salts = self._salts[:SALT_BYTES], self._salts[SALT_BYTES:]
        digest = chain.hash_next(content(commit(salt, personal(number, account, cause, evidence)), public(entry)))
        chain.add(digest)
        self._entries.append(
            (
                entry.seq,
                before,
                at,
                client,
                scope.program,
                scope.category,
                str(was),
                str(state),
                None,
                number,
                account,
                cause,
                None if evidence == b"null" else evidence.decode(),
                salt,
                None,
                digest,
            )
        )
        return entry.seq


def open_chain(unit: Unit) -> Chain:
    """The end of the chain on disk."""
    last = unit.sql.execute("SELECT coalesce(max(seq), 0) FROM consent_event").fetchone()[0]
    return Chain(last, hashes_of(unit, frontier(last)))


def hashes_of(unit: Unit, seqs: Sequence[int]) -> dict[int, bytes]:
    """The hashes of entries."""
    return dict(unit.read("SELECT seq, hash FROM consent_event WHERE seq IN ({rows})", [(seq,) for seq in seqs]))
