"""Taking a person out of the ledger without breaking it: on demand, and when records have had their time.

Owns: the end of the personal parts of entries, and the entry that says which. Does not own: what else is known of the person
(person), who may ask for it, or how long records are kept (flow, policy).

What stays of an entry is its public part and the hash of the rest. What stays of the person, after an erasure on demand, is
one line: the number, and that it gets no texts. Without that line the next import would bring the person back, and the
opt-out has to be honoured for years (47 CFR 64.1200(d)(6)). After the time for which records are kept, nothing stays.
"""

import os
from collections.abc import Sequence

import msgspec

from gateway.model.address import Number
from gateway.model.consent import ANY, ConsentChange, ConsentState
from gateway.rules.chain import SALT_BYTES, Entry, commit, content, personal, public, spell_ranges
from gateway.store.consent import change_consents
from gateway.store.history import commitment_of, history
from gateway.store.ledger import APPEND, open_chain
from gateway.store.person import forget_person
from gateway.store.unit import Unit

_ERASE = """
UPDATE consent_event SET number = NULL, account = NULL, cause = NULL, evidence = NULL, salt = NULL, commitment = v.column2
FROM (VALUES {rows}) AS v WHERE seq = v.column1
"""
_FORGET = """
DELETE FROM consent WHERE number = ? AND client = ?
    AND NOT (? AND program = '*' AND category = '*' AND account = '*')
"""
_CAUSE = "erasure"
# Nothing stands or is open, and all that was said no to has had its time.
_OLD = """
SELECT c.number FROM consent AS c WHERE c.client = ?1 GROUP BY c.number
HAVING max(c.changed_at) < ?2
    AND max(CASE WHEN c.state IN ('revoked', 'disowned') THEN c.changed_at ELSE 0 END) < ?3
    AND max(c.state NOT IN ('revoked', 'disowned', 'declined', 'expired') AND NOT EXISTS (
        SELECT 1 FROM consent AS w WHERE w.number = c.number AND w.client = c.client AND w.event > c.event
            AND w.state IN ('revoked', 'disowned') AND w.account = '*'
            AND w.program IN ('*', c.program) AND w.category IN ('*', c.category)
    )) = 0
LIMIT ?4
"""


class Erasure(msgspec.Struct, frozen=True):
    """Numbers that a client's records are to be rid of."""

    numbers: tuple[Number, ...]
    client: str
    at: int
    reason: str
    """For the record; it must not name the person."""
    keep_opt_out: bool = True


def erase(unit: Unit, erasures: Sequence[Erasure]) -> list[int]:
    """Take the personal parts away; tells of each how many entries lost theirs. Erased once more, nothing happens."""
    counts: list[int] = []
    for erasure in erasures:
        erased = [seq for number in erasure.numbers for seq in _erase(unit, erasure, number)]
        if erased:
            _append(unit, erasure, spell_ranges(erased))
        counts.append(len(erased))
    return counts


def _erase(unit: Unit, erasure: Erasure, number: Number) -> list[int]:
    client = erasure.client
    forget_person(unit, number, client, erasure.at)
    entries = history(unit, number, client)
    if not entries or (erasure.keep_opt_out and len(entries) == 1 and entries[0].cause == _CAUSE):
        return []
    if erasure.keep_opt_out:
        stays = ConsentChange(number, client, ANY, ANY, ConsentState.REVOKED, erasure.at, _CAUSE)
        change_consents(unit, [stays])
        *entries, last = history(unit, number, client)
        if last.program != ANY:  # requests that were open ended by it, with entries behind its own
            change_consents(unit, [stays])
            entries.append(last)
    unit.write(_ERASE, [(entry.seq, commitment_of(entry)) for entry in entries])
    unit.sql.execute(_FORGET, (number, client, erasure.keep_opt_out))
    return [entry.seq for entry in entries]


def _append(unit: Unit, erasure: Erasure, erases: str) -> None:
    chain = open_chain(unit)
    evidence = msgspec.json.encode({"reason": erasure.reason})
    entry = Entry(chain.last + 1, 0, erasure.at, erasure.client, "", "", "", "erased", erases)
    salt = os.urandom(SALT_BYTES)
    digest = chain.hash_next(content(commit(salt, personal(None, None, _CAUSE, evidence)), public(entry)))
    row = (
        entry.seq, 0, erasure.at, erasure.client, "", "", "", "erased", erases, None, None, _CAUSE, evidence.decode(), salt,
        None, digest,
    )  # fmt: skip
    unit.write(APPEND, [row])


class Aged(msgspec.Struct, frozen=True):
    """A look for records of a client that have had their time."""

    client: str
    records_before: int
    """Records whose number had no change since then, and no consent, are kept no longer."""
    opt_outs_before: int
    """Opt-outs from before then are kept no longer."""
    limit: int


def aged(unit: Unit, look: Aged) -> list[str]:
    """Numbers of a client of which nothing has to be kept any more."""
    values = (look.client, look.records_before, look.opt_outs_before, look.limit)
    return [row[0] for row in unit.sql.execute(_OLD, values)]
