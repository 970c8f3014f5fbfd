"""The chain that binds the consent ledger: what is hashed, how entries are linked, and how one is proven without the rest.

Owns: the bytes of an entry, its hash, the links, proofs. Does not own: the entries (store), or where salts come from.

There is one chain for the whole gateway. One is enough, because one writer commits everything, and better than one for
each client: a cut-off tail shows whoever's it was, and one anchor a day covers all. An entry is linked to the one before it
and to one further back, by the jump pointers of Myers ("An applicative random-access stack", 1983): entries form blocks of
1, 3, 7, 15 … (the number of the entry in skew binary), and an entry that completes a block is linked to the one before that
block. So verifying everything is one pass of one hash an entry, and a proof that an entry is in the chain takes a few dozen
hashes out of a million entries, of which none tells anything about anybody.

What is personal (number, account, cause, evidence) is hashed apart, with a salt of its own. When it is erased, its hash
stays, and so the chain holds; without the salt nobody can try numbers until one fits.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import accumulate
from typing import Final

import msgspec

GENESIS: Final = bytes(32)
"""What stands for the entries before the first."""
SALT_BYTES: Final = 16

_encode = msgspec.json.Encoder().encode


class Entry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What of an entry is nobody's secret; its JSON array is what is hashed."""

    seq: int
    before: int
    """The number's entry before this one, with the same client; 0 where there is none. A person's history has no gaps."""
    at: int
    client: str
    program: str
    category: str
    was: str
    state: str
    erases: str | None = None
    """For an erasure: the entries whose personal part it took away, such as ``3-5,9``."""


def personal(number: str | None, account: str | None, cause: str, evidence: bytes) -> bytes:
    """The personal part of an entry, as it is hashed: a JSON array whose last item is the evidence as it was given."""
    return b"%b,%b]" % (_encode((number, account, cause))[:-1], evidence)


def commit(salt: bytes, part: bytes) -> bytes:
    """The hash that stands for a personal part."""
    return sha256(salt + part).digest()


def public(entry: Entry) -> bytes:
    """The rest of an entry, as it is hashed."""
    return _encode(entry)


def content(commitment: bytes, part: bytes) -> bytes:
    """The hash of what an entry says: its personal commitment and its public part."""
    return sha256(commitment + part).digest()


def link(before: bytes, jumped: bytes, says: bytes) -> bytes:
    """An entry's hash, of the two that it is linked to and of what it says."""
    return sha256(b"%b%b%b" % (before, jumped, says)).digest()


def blocks(last: int) -> list[int]:
    """The lengths of the blocks that the entries up to ``last`` form: only the two newest may be of one length."""
    found: list[int] = []
    length = (1 << last.bit_length()) - 1
    while last:
        while length > last:
            length >>= 1
        found.append(length)
        last -= length
    return found


def jump(seq: int) -> int:
    """The earlier entry, besides the one before it, that an entry is linked to; 0: none."""
    return seq - blocks(seq)[-1]


def frontier(last: int) -> list[int]:
    """The ends of the blocks: the entries whose hashes are needed to go on after ``last``."""
    return list(accumulate(blocks(last)))


class Chain:
    """The end of a chain, to which entries are added one after the other."""

    def __init__(self, last: int = 0, hashes: Mapping[int, bytes] | None = None) -> None:
        """``hashes`` are those of ``frontier(last)``."""
        self.last = last
        self._lengths = blocks(last)
        self._ends = [(hashes or {})[seq] for seq in frontier(last)]

    @property
    def head(self) -> bytes:
        """The hash of the last entry."""
        return self._ends[-1] if self._ends else GENESIS

    @property
    def hashes(self) -> dict[int, bytes]:
        """What it takes to go on from here."""
        return dict(zip(accumulate(self._lengths), self._ends, strict=True))

    @property
    def links(self) -> tuple[bytes, bytes]:
        """The hashes that the next entry is linked to: that of the one before it, and of the one it jumps to."""
        ends, lengths = self._ends, self._lengths
        if not ends:
            return GENESIS, GENESIS
        if len(lengths) > 1 and lengths[-1] == lengths[-2]:
            return ends[-1], ends[-3] if len(ends) > 2 else GENESIS
        return ends[-1], ends[-1]

    def hash_next(self, says: bytes) -> bytes:
        """The hash that the next entry has to have, of its ``content``."""
        return link(*self.links, says)

    def add(self, digest: bytes) -> None:
        """The next entry has this hash."""
        ends, lengths = self._ends, self._lengths
        self.last += 1
        if len(lengths) > 1 and lengths[-1] == lengths[-2]:
            ends[-2:] = [digest]
            lengths[-2:] = [2 * lengths[-1] + 1]
        else:
            ends.append(digest)
            lengths.append(1)


def path(seq: int, head: int) -> list[int]:
    """The entries that lead from ``head`` back to ``seq``, both with them: each is linked to the next."""
    found = [head]
    at = head
    while at > seq:
        at = jump(at) if jump(at) >= seq else at - 1
        found.append(at)
    return found


class Link(msgspec.Struct, frozen=True):
    """One entry of a proof, without what it says."""

    seq: int
    before: bytes
    """The hash of the entry before it."""
    jumped: bytes
    """The hash of the one that it jumps to."""
    says: bytes
    """Its ``content``."""


def proven(links: Iterable[Link], last: int, head: bytes) -> dict[int, bytes] | None:
    """The hashes of all entries that links prove to be in the chain whose last entry, ``last``, has the hash ``head``.

    Each entry but the last has to be linked from one that is proven already; None where a link does not fit.
    """
    known = {last: head}
    for one in sorted(links, key=lambda one: -one.seq):
        if known.get(one.seq) != link(one.before, one.jumped, one.says):
            return None
        for seq, digest in ((one.seq - 1, one.before), (jump(one.seq), one.jumped)):
            if known.setdefault(seq, digest) != digest:
                return None
    return known


def spell_ranges(numbers: Iterable[int]) -> str:
    """``3-5,9`` for 3, 4, 5 and 9."""
    spelt: list[str] = []
    begin = end = -1
    for number in sorted(numbers):
        if number == end + 1 and begin >= 0:
            end = number
            continue
        if begin >= 0:
            spelt.append(f"{begin}-{end}" if end > begin else f"{begin}")
        begin = end = number
    if begin >= 0:
        spelt.append(f"{begin}-{end}" if end > begin else f"{begin}")
    return ",".join(spelt)
