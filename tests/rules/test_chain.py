"""The chain of the ledger: linked, proven by few hashes, and broken by any change."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.rules.chain import (
    GENESIS,
    Chain,
    Entry,
    Link,
    blocks,
    commit,
    content,
    frontier,
    jump,
    link,
    path,
    personal,
    proven,
    public,
    spell_ranges,
)


def _says(seq: int) -> bytes:
    entry = Entry(seq, 0, 1000 + seq, "acme", "loans", "servicing", "unknown", "confirmed")
    return content(sha256(b"%d" % seq).digest(), public(entry))


def _build(count: int) -> dict[int, bytes]:
    """All hashes, by the definition."""
    hashes = {0: GENESIS}
    for seq in range(1, count + 1):
        hashes[seq] = link(hashes[seq - 1], hashes[jump(seq)], _says(seq))
    return hashes


@given(st.integers(1, 200), st.data())
def test_a_chain_goes_on_from_its_frontier_as_if_it_had_never_stopped(count: int, data: st.DataObject) -> None:
    hashes = _build(count)
    chain = Chain()
    for seq in range(1, count + 1):
        if data.draw(st.booleans()):
            chain = Chain(chain.last, {each: hashes[each] for each in frontier(chain.last)})
        digest = chain.hash_next(_says(seq))
        assert digest == hashes[seq]
        chain.add(digest)
        assert sorted(chain.hashes) == sorted(frontier(seq))
        assert chain.head == hashes[seq]


@given(st.integers(1, 300), st.data())
def test_entries_are_proven_by_the_way_back_from_the_head(count: int, data: st.DataObject) -> None:
    hashes = _build(count)
    wanted = sorted(data.draw(st.sets(st.integers(1, count), min_size=1, max_size=4)), reverse=True)
    seqs = {at for seq, head in zip(wanted, [count, *wanted], strict=False) for at in path(seq, head)}
    links = [Link(at, hashes[at - 1], hashes[jump(at)], _says(at)) for at in sorted(seqs)]
    found = proven(links, count, hashes[count])
    assert found is not None
    assert {seq: found[seq] for seq in wanted} == {seq: hashes[seq] for seq in wanted}
    assert proven(links, count, sha256(b"another head").digest()) is None
    place = data.draw(st.integers(0, len(links) - 1))
    for field in ("before", "jumped", "says"):
        value: bytes = getattr(links[place], field)
        changed = replace(links[place], **{field: value[:-1] + bytes([value[-1] ^ 1])})
        assert proven([*links[:place], changed, *links[place + 1 :]], count, hashes[count]) is None


@pytest.mark.parametrize("seq", [1, 2, 3, 524_288, 777_777, 999_999, 1_000_000])
def test_a_proof_out_of_a_million_is_short(seq: int) -> None:
    assert len(path(seq, 1_000_000)) <= 60


def test_entries_form_blocks_in_skew_binary() -> None:
    assert [blocks(last) for last in range(10)] == [
        [], [1], [1, 1], [3], [3, 1], [3, 1, 1], [3, 3], [7], [7, 1], [7, 1, 1],
    ]  # fmt: skip
    assert [jump(seq) for seq in range(1, 9)] == [0, 1, 0, 3, 4, 3, 0, 7]


def test_a_link_that_nothing_leads_to_proves_nothing() -> None:
    hashes = _build(8)
    assert proven([], 8, hashes[8]) == {8: hashes[8]}
    assert proven([Link(3, hashes[2], hashes[0], _says(3))], 8, hashes[8]) is None


def test_the_bytes_that_are_hashed() -> None:
    """Anybody can do the sum again: this is the format that exports promise."""
    part = personal("+12025550123", None, "api", b'{"medium":"paper"}')
    assert part == b'["+12025550123",null,"api",{"medium":"paper"}]'
    assert commit(b"salt", part) == sha256(b"salt" + part).digest()
    entry = Entry(2, 1, 5, "acme", "loans", "servicing", "unknown", "confirmed")
    assert public(entry) == b'[2,1,5,"acme","loans","servicing","unknown","confirmed",null]'
    one, two, three = (sha256(bytes([n])).digest() for n in range(3))
    assert content(one, b"x") == sha256(one + b"x").digest()
    assert link(one, two, three) == sha256(one + two + three).digest()


@pytest.mark.parametrize(
    ("numbers", "spelt"), [([], ""), ([3], "3"), ([3, 4, 5, 9], "3-5,9"), ([9, 1, 2], "1-2,9"), ([0, 1], "0-1")]
)
def test_ranges(numbers: list[int], spelt: str) -> None:
    assert spell_ranges(numbers) == spelt
