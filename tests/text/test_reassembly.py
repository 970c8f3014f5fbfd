"""Parts of a consumer's text: any order, twice, in conflict, missing, and written in any alphabet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text.alphabet import Alphabet
from gateway.text.reassembly import GAP, Joined, Key, ReceivedPart, deadline, join, receive
from gateway.text.segment import segment

NEVER = 10**12


def part(sequence: int, body: bytes, *, total: int = 2, at: int = 0, coding: int = 0, locking: int = 0) -> ReceivedPart:
    return ReceivedPart(body, coding, at, 7, total, sequence, locking=locking)


def join_now(*parts: ReceivedPart, alphabet: Alphabet = Alphabet.GSM7) -> Joined | None:
    return join(parts, alphabet, now=0, timeout=NEVER)


def test_a_message_in_one_piece_needs_no_waiting() -> None:
    found = join_now(receive(b"STOP", udhi=False, data_coding=0, at=0))
    assert found == Joined("STOP", lossy=False, binary=False)


def test_it_waits_for_the_last_part_in_any_order() -> None:
    a, b, c = part(1, b"one ", total=3), part(2, b"two ", total=3), part(3, b"three", total=3)
    assert join_now(c) is None
    assert join_now(c, a) is None
    found = join_now(c, a, b)
    assert found is not None
    assert found.text == "one two three"
    assert found.missing == ()


def test_a_part_delivered_twice_is_one_part() -> None:
    assert join_now(part(1, b"a"), part(1, b"a", at=5)) is None
    found = join_now(part(1, b"a"), part(1, b"a", at=5), part(2, b"b"))
    assert found is not None
    assert (found.text, found.duplicates, found.left_out) == ("ab", 1, ())


def test_a_reference_used_again_before_the_first_message_was_whole() -> None:
    old = part(1, b"STOP this, ", at=0)
    found = join_now(part(2, b"world", at=9), old, part(1, b"hello ", at=8))
    assert found is not None
    assert found.text == "hello world"
    assert found.left_out == (old,)
    assert found.duplicates == 0


def test_the_same_octets_in_another_alphabet_are_another_part() -> None:
    old, new = part(1, b"a", coding=0), part(1, b"a", coding=3, at=1)
    found = join_now(old, new, part(2, b"b", coding=3))
    assert found is not None
    assert found.left_out == (old,)


def test_after_the_timeout_what_is_there_comes_with_what_is_missing() -> None:
    parts = [part(3, b"OP", total=5, at=3000), part(2, b"ST", total=5, at=1000)]
    assert deadline(parts, 60_000) == 61_000
    assert join(parts, now=60_999, timeout=60_000) is None
    found = join(parts, now=61_000, timeout=60_000)
    assert found is not None
    assert found.text == GAP + "STOP" + GAP
    assert found.missing == (1, 4, 5)


def test_a_character_is_not_put_together_across_a_gap() -> None:
    high, low = "😀".encode("utf-16-be")[:2], "😀".encode("utf-16-be")[2:]
    found = join([part(1, high, total=3, coding=8), part(3, low, total=3, coding=8)], now=9, timeout=1)
    assert found is not None
    assert "😀" not in found.text
    assert found.lossy


def test_a_surrogate_pair_lies_across_two_parts() -> None:
    octets = "Да 😀!".encode("utf-16-be")
    found = join_now(part(1, octets[:8], coding=8), part(2, octets[8:], coding=8))
    assert found is not None
    assert (found.text, found.lossy) == ("Да 😀!", False)


def test_an_escape_pair_lies_across_two_parts() -> None:
    found = join_now(part(1, b"10 \x1b"), part(2, b"\x65 due"))
    assert found is not None
    assert found.text == "10 € due"


def test_an_octet_of_ucs2_lies_across_two_parts() -> None:
    octets = "Да".encode("utf-16-be")
    found = join_now(part(1, octets[:3], coding=8), part(2, octets[3:], coding=8))
    assert found is not None
    assert (found.text, found.lossy) == ("Да", False)


def test_each_part_may_be_written_differently() -> None:
    found = join_now(
        part(1, b"GSM \x00, ", total=4),
        part(2, "Да, ".encode("utf-16-be"), total=4, coding=8),
        part(3, "é, ".encode("latin-1"), total=4, coding=3),
        part(4, b"\x0c", total=4, locking=1),
    )
    assert found is not None
    assert found.text == "GSM @, Да, é, ğ"


def test_packed_parts_are_unpacked_one_by_one() -> None:
    first = bytes.fromhex("0500030a0201" + "9065361b")  # "Hell", behind one fill bit
    second = bytes.fromhex("0500030a0202" + "de")  # "o"
    parts = [receive(octets, udhi=True, data_coding=0, at=0) for octets in (second, first)]
    found = join_now(*parts, alphabet=Alphabet.GSM7_PACKED)
    assert found is not None
    assert found.text == "Hello"


@pytest.mark.parametrize("text", ["a" * 152 + "@" + "b", "a" * 152 + "\r" + "\n", "a" * 152 + "€", "@" * 300])
def test_a_full_packed_part_ends_in_a_character_and_not_in_padding(text: str) -> None:
    sent = segment(text, alphabet=Alphabet.GSM7_PACKED, reference_bits=8)
    parts = [receive(part.payload, udhi=part.udhi, data_coding=0, at=0) for part in sent.parts]
    found = join_now(*parts, alphabet=Alphabet.GSM7_PACKED)
    assert found is not None
    assert found.text == text


def test_plain_words_in_parts_are_read_where_the_profile_says_packed() -> None:
    parts = [
        receive(bytes((5, 0, 3, 7, 2, n)) + words, udhi=True, data_coding=0, at=0)
        for n, words in ((1, b"ST"), (2, b"OP"))
    ]
    found = join_now(*parts, alphabet=Alphabet.GSM7_PACKED)
    assert found is not None
    assert (found.text, found.lossy) == ("STOP", True)


def test_packing_is_no_matter_of_ucs2() -> None:
    found = join_now(receive("Да".encode("utf-16-be"), udhi=False, data_coding=8, at=0), alphabet=Alphabet.GSM7_PACKED)
    assert found is not None
    assert found.text == "Да"


def test_binary_parts_are_told() -> None:
    octets = bytes.fromhex("0605040b8423f0") + b"\x01\x06\xff"
    found = join_now(receive(octets, udhi=True, data_coding=4, at=0))
    assert found == Joined("", lossy=True, binary=True, ports=(0x0B84, 0x23F0))


@pytest.mark.parametrize(
    ("payload", "udhi", "sar", "place"),
    [
        (bytes.fromhex("050003070201") + b"x", True, None, (7, 2, 1)),
        (bytes.fromhex("060804012c0302") + b"x", True, None, (300, 3, 2)),
        (b"x", False, (300, 3, 2), (300, 3, 2)),
        (bytes.fromhex("03240101") + b"x", True, (9, 2, 2), (9, 2, 2)),
        (bytes.fromhex("050003070201") + b"x", True, (9, 3, 3), (7, 2, 1)),
        (bytes.fromhex("050003070101") + b"x", True, None, (0, 1, 1)),
        (bytes.fromhex("050003070203") + b"x", True, None, (0, 1, 1)),
        (b"x", False, (9, 2, 3), (0, 1, 1)),
        (b"x", False, (9, 0, 0), (0, 1, 1)),
        (b"x", False, (9, 256, 1), (0, 1, 1)),
    ],
)
def test_the_place_of_a_part(
    payload: bytes, udhi: bool, sar: tuple[int, int, int] | None, place: tuple[int, int, int]
) -> None:
    found = receive(payload, udhi=udhi, data_coding=0, at=4, sar=sar)
    assert found.body == b"x"
    assert (found.reference, found.total, found.sequence) == place


def test_an_impossible_place_is_told() -> None:
    assert receive(b"x", udhi=False, data_coding=0, at=0, sar=(9, 2, 3)).fault == "part 3 of 2"
    assert receive(b"Hello", udhi=True, data_coding=0, at=0).fault is not None
    assert receive(b"Hello", udhi=True, data_coding=0, at=0).body == b"Hello"


def test_the_key_has_the_sender_in_it() -> None:
    one = part(1, b"a")
    assert one.key("north", "4670", "1000") == Key("north", "4670", "1000", 7, 2)
    assert one.key("north", "4670", "1000") != one.key("north", "4671", "1000")


@given(
    st.lists(
        st.builds(
            receive,
            st.binary(max_size=20),
            udhi=st.booleans(),
            data_coding=st.integers(0, 255),
            at=st.integers(0, 100),
            sar=st.none() | st.tuples(st.just(1), st.just(3), st.integers(0, 4)),
        ),
        min_size=1,
    ),
    st.sampled_from(Alphabet),
)
def test_whatever_comes_is_joined_without_failing(parts: list[ReceivedPart], alphabet: Alphabet) -> None:
    stored: dict[Key, list[ReceivedPart]] = {}
    for one in parts:
        stored.setdefault(one.key("c", "s", "d"), []).append(one)
    for key, together in stored.items():
        found = join(together, alphabet, now=1000, timeout=1)
        assert found is not None
        places = {one.sequence for one in together}
        assert len(found.missing) == key.total - len(places)
        assert len(places) + found.duplicates + len(found.left_out) == len(together)
