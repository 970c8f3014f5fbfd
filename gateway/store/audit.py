"""Checking the ledger, a page at a time: every entry against its hash, every line of consents against its last entry.

Owns: the look, and the rows of ``broken``. Does not own: the chain's form (rules/chain), or what a broken chain stops
(rules).

Both looks go in the order of the ledger, and each finds what it compares with beside it: lines are kept in that order too.

An entry at fault does not hide those behind it: the check goes on from the hash that the entry should have led to as it is
written, so that one changed row is one finding. Who changed all that followed as well is found by the anchors.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec

from gateway.model.consent import ANY
from gateway.model.ledger import Anchor, AuditPage, AuditPlace, Broken, Fault, Finding, Head
from gateway.rules.chain import Chain, frontier, personal
from gateway.store.history import head
from gateway.store.ledger import hashes_of
from gateway.store.unit import Row, Unit

_ENTRIES = """
SELECT e.seq, e.before, e.at, e.client, e.program, e.category, e.was, e.state, e.erases, e.number, e.account, e.cause,
    e.evidence, e.salt, e.commitment, e.hash,
    e.before = 0 OR (b.client = e.client AND (b.number IS e.number OR b.salt IS NULL)), b.number
FROM consent_event AS e LEFT JOIN consent_event AS b ON b.seq = e.before
WHERE e.seq > ? ORDER BY e.seq LIMIT ?
"""
_ERASURES = "SELECT erases FROM consent_event WHERE erases IS NOT NULL"
_NEWEST = """
SELECT event, client, program, category, state, number, account FROM consent INDEXED BY consent_by_event
WHERE event > ? AND event <= ?
"""
# Of an entry that no line follows from: whether a later one of the same consent took its place.
_OVERTAKEN = """
SELECT 1 FROM consent WHERE number = ? AND client = ? AND program = ? AND category = ? AND account = ? AND event > ?
"""
_LINES = """
SELECT c.event, c.number, c.client
FROM consent AS c INDEXED BY consent_by_event LEFT JOIN consent_event AS e ON e.seq = c.event
WHERE c.event BETWEEN ? AND ? AND NOT coalesce(e.number = c.number AND e.client = c.client AND e.program = c.program
    AND e.category = c.category AND coalesce(e.account, '*') = c.account AND e.state = c.state AND e.at = c.changed_at, 0)
"""
_COUNT_LINES = "SELECT count(*) FROM consent INDEXED BY consent_by_event WHERE event BETWEEN ? AND ?"
_FIRST, _LAST = -(1 << 63), (1 << 63) - 1
_encode = msgspec.json.Encoder().encode


def check_page(unit: Unit, place: AuditPlace, anchors: Sequence[Anchor], limit: int) -> AuditPage:
    """Look at the next entries, or with all of them done at the lines that follow from so many."""
    if place.line is None:
        return _check_entries(unit, place, anchors, limit)
    return _check_lines(unit, place, limit)


def _check_entries(unit: Unit, place: AuditPlace, anchors: Sequence[Anchor], limit: int) -> AuditPage:
    chain = Chain(place.after, place.hashes)
    findings: list[Finding] = []
    emptied: list[Finding] = []
    rows = unit.sql.execute(_ENTRIES, (place.after, limit)).fetchall()
    newest = set(unit.sql.execute(_NEWEST, (place.after, rows[-1][0]))) if rows else set()
    for row in rows:
        (
            seq, before, _, client, program, category, _, state, _, number, account, cause, evidence, salt, commitment,
            digest, linked, owner,
        ) = row  # fmt: skip
        if seq != chain.last + 1:
            gone = chain.last + 1
            findings.append(Finding(Fault.MISSING, gone, detail=f"entries {gone} to {seq - 1}", gone=gone))
            chain = _chain_at(unit, seq - 1)
        if salt is not None:
            kept = b"null" if evidence is None else evidence.encode()
            commitment = sha256(salt + personal(number, account, cause, kept)).digest()
        elif number is not None or evidence is not None or commitment is None:
            findings.append(Finding(Fault.CHANGED, seq, number, client, "its salt is gone"))
            commitment = b""
        else:
            emptied.append(Finding(Fault.EMPTIED, seq, None, client))
        before_it, jumped = chain.links
        if not (before_it and jumped):
            findings.append(Finding(Fault.UNPROVEN, seq, number, client, "it is linked to an entry that is gone"))
        elif sha256(before_it + jumped + sha256(commitment + _encode(row[:9])).digest()).digest() != digest:
            findings.append(Finding(Fault.CHANGED, seq, number, client, "it is not what was hashed"))
        chain.add(digest)
        if not linked:
            findings.append(Finding(Fault.UNLINKED, seq, number, client, f"entry {before} is not this number's"))
            if owner not in (None, number):
                findings.append(Finding(Fault.UNLINKED, seq, owner, client, "it followed on an entry of this number"))
        consent = (client, program, category)
        which = ANY if account is None else account
        if (
            number is not None
            and (seq, *consent, state, number, which) not in newest
            and unit.sql.execute(_OVERTAKEN, (number, *consent, which, seq)).fetchone() is None
        ):
            findings.append(Finding(Fault.LINE, seq, number, client, "what stands is not what the ledger says"))
    if emptied:
        erased = _Ranges(row[0] for row in unit.sql.execute(_ERASURES))
        findings += [finding for finding in emptied if finding.seq not in erased]
    at_end = len(rows) < limit
    findings += _check_anchors(unit, place.after, chain.last, anchors, at_end=at_end)
    line = _FIRST if at_end else None
    following = AuditPlace(place.started_at, chain.last, {} if at_end else chain.hashes, line)
    return AuditPage(tuple(findings), len(rows), following, Head(chain.last, chain.head))


def _chain_at(unit: Unit, last: int) -> Chain:
    """The chain as if all entries up to ``last`` were there; what is gone has no hash."""
    wanted = frontier(last)
    return Chain(last, dict.fromkeys(wanted, b"") | hashes_of(unit, wanted))


def _check_anchors(unit: Unit, after: int, last: int, anchors: Sequence[Anchor], *, at_end: bool) -> Iterable[Finding]:
    hashes = hashes_of(unit, [anchor.head.seq for anchor in anchors])
    held = 0
    for anchor in sorted(anchors, key=lambda anchor: anchor.head.seq):
        seq = anchor.head.seq
        if hashes.get(seq) == anchor.head.hash:
            held = seq
        elif after < seq <= last:
            detail = f"it is not the one that was anchored on {anchor.day}"
            yield Finding(Fault.ANCHOR, seq, detail=detail, since=held)
        elif seq > last and at_end:
            detail = f"on {anchor.day} there were {seq} entries: the end is cut off"
            yield Finding(Fault.ANCHOR, last, detail=detail, gone=last + 1)


def _check_lines(unit: Unit, place: AuditPlace, limit: int) -> AuditPage:
    assert place.line is not None
    through = max(place.line, 0) + limit - 1
    if through >= place.after:
        through = _LAST  # whatever entry a line that nobody entered says it follows from
    findings = [
        Finding(Fault.LINE, event, number, client, "what stands does not follow from its entry")
        for event, number, client in unit.sql.execute(_LINES, (place.line, through))
    ]
    (checked,) = unit.sql.execute(_COUNT_LINES, (place.line, through)).fetchone()
    following = None if through == _LAST else AuditPlace(place.started_at, place.after, {}, through + 1)
    return AuditPage(tuple(findings), checked, following, head(unit))


class _Ranges:
    """The numbers that some spellings such as ``3-5,9`` have together."""

    def __init__(self, spelt: Iterable[str]) -> None:
        parts = sorted(tuple(map(int, part.split("-"))) for text in spelt for part in text.split(",") if part)
        self._begins = [part[0] for part in parts]
        self._ends: list[int] = []
        for part in parts:
            self._ends.append(max(part[-1], self._ends[-1] if self._ends else 0))

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._begins, number) - 1
        return place >= 0 and number <= self._ends[place]


class Marking(msgspec.Struct, frozen=True):
    """What a page of a check found, to be kept."""

    findings: tuple[Finding, ...]
    at: int
    settled_since: int | None = None
    """At the end of a check, when it began: marks that it did not make again are lifted."""


_MARK = """
INSERT INTO broken (number, client, seq, fault, at) VALUES {rows}
ON CONFLICT DO UPDATE SET seq = excluded.seq, fault = excluded.fault, at = excluded.at
"""
# All that was entered since the last day whose anchor held, of whomever: any of it may be made up.
_MARK_SINCE = """
INSERT OR REPLACE INTO broken (number, client, seq, fault, at)
SELECT number, client, min(seq), 'anchor', ?1 FROM consent_event
WHERE seq > ?2 AND seq <= ?3 AND number IS NOT NULL GROUP BY number, client
"""

# Who has no entry behind those that are gone may have said STOP in one of them.
_MARK_OLDER = """
INSERT OR REPLACE INTO broken (number, client, seq, fault, at)
SELECT number, client, max(event), 'missing', ?1 FROM consent GROUP BY number, client HAVING max(event) < ?2
"""


def mark_broken(unit: Unit, markings: Sequence[Marking]) -> list[int]:
    """Keep whose entries are at fault: they get no texts. Tells how many numbers are marked now."""
    for marking in markings:
        rows: dict[tuple[str, str], Row] = {}
        gone = max((finding.gone for finding in marking.findings if finding.gone is not None), default=None)
        if gone is not None:
            unit.sql.execute(_MARK_OLDER, (marking.at, gone))
        for finding in marking.findings:
            if finding.since is not None:
                unit.sql.execute(_MARK_SINCE, (marking.at, finding.since, finding.seq))
            elif finding.number is not None and finding.client is not None:
                who = (finding.number, finding.client)
                rows.setdefault(who, (*who, finding.seq, str(finding.fault), marking.at))
        unit.write(_MARK, list(rows.values()))
        if marking.settled_since is not None:
            unit.sql.execute("DELETE FROM broken WHERE at < ?", (marking.settled_since,))
    marked = unit.sql.execute("SELECT count(*) FROM broken").fetchone()[0]
    return [marked] * len(markings)


def broken(unit: Unit, number: str) -> list[Broken]:
    """Whose entries about a number are at fault, by client."""
    rows = unit.sql.execute("SELECT client, seq, fault, at FROM broken WHERE number = ? ORDER BY client", (number,))
    return [Broken(client, seq, Fault(fault), at) for client, seq, fault, at in rows]
