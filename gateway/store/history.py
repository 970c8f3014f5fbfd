"""Reading the ledger: a number's history, how its consents stood at an instant, and what proves both to a stranger.

Owns: how entries become structs. Does not own: checking the whole ledger (audit), or writing it (ledger).
"""

import msgspec
from msgspec.structs import replace

from gateway.model.address import Number
from gateway.model.consent import ANY, Consent, ConsentState, Scope
from gateway.model.ledger import Head, LedgerEntry
from gateway.rules.chain import GENESIS, Entry, Link, commit, content, jump, path, personal, public
from gateway.store.ledger import PAST, hashes_of
from gateway.store.number_checks import checks_of, renewed
from gateway.store.unit import Row, Unit

ENTRY_COLUMNS = (
    "seq, before, at, client, program, category, was, state, erases, number, account, cause, evidence, salt, commitment,"
    " hash"
)
_HISTORY = f"""
{PAST} SELECT {ENTRY_COLUMNS} FROM past CROSS JOIN consent_event USING (seq)
WHERE number = ?1 AND client = ?2 ORDER BY seq LIMIT ?3
"""  # noqa: S608 - the columns are ours
_BY_SEQ = f"SELECT {ENTRY_COLUMNS} FROM consent_event WHERE seq IN ({{rows}})"  # noqa: S608 - the columns are ours
_HEAD = "SELECT seq, hash FROM consent_event ORDER BY seq DESC LIMIT 1"

MOST_ENTRIES = 10_000
"""Of one number with one client: many more than anybody's life has."""


class Bundle(msgspec.Struct, frozen=True):
    """A number's history with what proves that it is whole and in the chain."""

    entries: tuple[LedgerEntry, ...]
    links: tuple[Link, ...]
    """From the head to the newest entry, and from each entry to the one before it, with all that lie between."""
    head: Head


def history(unit: Unit, number: str, client: str, limit: int = MOST_ENTRIES) -> list[LedgerEntry]:
    """All entries about a number with a client, oldest first."""
    return [_entry(row) for row in unit.sql.execute(_HISTORY, (number, client, limit))]


_HEARD = """
SELECT program, max(received_at) FROM inbound INDEXED BY inbound_by_source
WHERE source = ? AND client = ? AND program IS NOT NULL AND kind <> 'opt-out' AND received_at <= ? GROUP BY program
"""


class _Agreed(msgspec.Struct, frozen=True):
    """When an entry says that the person agreed."""

    obtained_at: int = 0


_decode_agreed = msgspec.json.Decoder(_Agreed | None).decode


def consents_at(unit: Unit, number: str, client: str, at: int) -> list[Consent]:
    """How the consents of a number stood at an instant: what had been entered by then, in the order of entry, and until when
    the person had been heard of."""
    lines: dict[Scope, Consent] = {}
    heard = dict(unit.sql.execute(_HEARD, (number, client, at)).fetchall())
    checks = checks_of(unit, number, client)
    for entry in history(unit, number, client):
        if entry.at > at:
            continue
        scope = Scope(entry.program, entry.category, ANY if entry.account is None else entry.account)
        before = lines[scope].fresh_at if scope in lines else 0
        lines[scope] = Consent(
            Number(number),
            client,
            entry.program,
            entry.category,
            ConsentState(entry.state),
            entry.at,
            entry.cause or "",
            msgspec.Raw(entry.evidence or b"null"),
            scope.account,
            entry.seq,
            max(before, _agreed_at(entry)),
        )
    return [
        replace(lines[scope], fresh_at=renewed(max(lines[scope].fresh_at, heard.get(scope.program, 0)), checks, at))
        if lines[scope].state is ConsentState.CONFIRMED
        else lines[scope]
        for scope in sorted(lines)
    ]


def _agreed_at(entry: LedgerEntry) -> int:
    """When the person was heard of by what an entry says, if it is a consent: as `Book.enter` has it."""
    if entry.state != ConsentState.CONFIRMED:
        return 0
    agreed = _decode_agreed(entry.evidence or b"null")
    return entry.at if agreed is None or not agreed.obtained_at else agreed.obtained_at


def head(unit: Unit) -> Head:
    """The end of the chain; of an empty one, too."""
    row = unit.sql.execute(_HEAD).fetchone()
    return Head(0, GENESIS) if row is None else Head(*row)


def bundle(unit: Unit, number: str, client: str, through: int = 0) -> Bundle:
    """A number's history with its proof; the way to the entry ``through`` is proven too, such as a day's anchor."""
    entries = history(unit, number, client)
    end = head(unit)
    wanted = {entry.seq for entry in entries} | ({through} if 0 < through <= end.seq else set())
    way: set[int] = set()
    last = end.seq
    for seq in sorted(wanted, reverse=True):
        way.update(path(seq, last))
        last = seq
    found = {row[0]: _entry(row) for row in unit.read(_BY_SEQ, [(seq,) for seq in sorted(way)])}
    near = {seq - 1 for seq in way} | {jump(seq) for seq in way}
    hashes = {0: GENESIS, **hashes_of(unit, sorted(near - {0}))}
    links = [Link(seq, hashes[seq - 1], hashes[jump(seq)], says(found[seq])) for seq in sorted(way, reverse=True)]
    return Bundle(tuple(entries), tuple(links), end)


def public_part(entry: LedgerEntry) -> bytes:
    """The public part of an entry, as it is hashed."""
    return public(
        Entry(
            entry.seq,
            entry.before,
            entry.at,
            entry.client,
            entry.program,
            entry.category,
            entry.was,
            entry.state,
            entry.erases,
        )
    )


def personal_part(entry: LedgerEntry) -> bytes:
    """The personal part of an entry that still has it, as it is hashed."""
    return personal(entry.number, entry.account, entry.cause or "", entry.evidence or b"null")


def commitment_of(entry: LedgerEntry) -> bytes:
    """The hash of an entry's personal part: kept where that was erased, else computed."""
    if entry.salt is None:
        return entry.commitment or b""
    return commit(entry.salt, personal_part(entry))


def says(entry: LedgerEntry) -> bytes:
    """The hash of all that an entry says."""
    return content(commitment_of(entry), public_part(entry))


def _entry(row: Row) -> LedgerEntry:
    (
        seq, before, at, client, program, category, was, state, erases, number, account, cause, evidence, salt, commitment,
        digest,
    ) = row  # fmt: skip
    kept = None if evidence is None else evidence.encode()
    return LedgerEntry(
        seq, before, at, client, program, category, was, state, erases, number, account, cause, kept, salt, commitment,
        digest,
    )  # fmt: skip
