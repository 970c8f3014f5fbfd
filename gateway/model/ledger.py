"""The ledger of consents, as it is read and checked.

Owns: an entry, what proves it, and what a check finds. Does not own: the chain's form (rules/chain), or the rows (store).
"""

from enum import StrEnum

import msgspec


class LedgerEntry(msgspec.Struct, frozen=True):
    """One change of a consent. What is personal in it is None once it was erased."""

    seq: int
    before: int
    at: int
    client: str
    program: str
    category: str
    was: str
    state: str
    erases: str | None
    number: str | None
    account: str | None
    cause: str | None
    evidence: bytes | None
    """JSON."""
    salt: bytes | None
    commitment: bytes | None
    """Of the personal part, once that was erased."""
    hash: bytes


class Head(msgspec.Struct, frozen=True):
    """An entry and its hash: all before it is bound by these two."""

    seq: int
    hash: bytes


class Anchor(msgspec.Struct, frozen=True):
    """Where the chain stood on a day, as the file beside the database has it."""

    day: str
    """UTC, such as ``2026-11-21``."""
    at: int
    head: Head


class Fault(StrEnum):
    """What a check can find to be wrong."""

    CHANGED = "changed"
    """An entry does not say what was hashed, or is linked to something else."""
    MISSING = "missing"
    """Entries are gone."""
    UNPROVEN = "unproven"
    """An entry is linked to one that is gone: nobody can tell whether it was changed."""
    UNLINKED = "unlinked"
    """The number's entry before this one is gone, or another number's."""
    EMPTIED = "emptied"
    """The personal part is gone, and no erasure took it."""
    LINE = "line"
    """What stands is not what the last entry says."""
    ANCHOR = "anchor"
    """The chain does not lead to the anchor of a day."""


class Broken(msgspec.Struct, frozen=True):
    """Why a number gets no texts from a client: what the last check found of its entries first."""

    client: str
    seq: int
    """The entry at fault; 0 for a line that follows from none."""
    fault: Fault
    at: int
    """When it was found."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, where, and whose texts it stops."""

    fault: Fault
    seq: int
    """The entry at fault; 0 for a line that follows from none."""
    number: str | None = None
    client: str | None = None
    detail: str = ""
    since: int | None = None
    """With an anchor that does not hold: the last one that does. Whatever was entered in between may be made up."""
    gone: int | None = None
    """The first of the entries that are gone. Each may have been the last word of anybody who has no later one."""


class AuditPlace(msgspec.Struct, frozen=True):
    """How far a check came: a page at a time, so that nobody waits long for it."""

    started_at: int
    after: int = 0
    """The last entry that was looked at."""
    hashes: dict[int, bytes] = {}
    """What it takes to go on from there."""
    line: int | None = None
    """With all entries done: the lines of consents that follow from entries before this one were looked at."""


class AuditPage(msgspec.Struct, frozen=True):
    """What a page of a check found."""

    findings: tuple[Finding, ...]
    checked: int
    """Entries, or lines."""
    following: AuditPlace | None
    """Where to go on; None at the end."""
    head: Head
