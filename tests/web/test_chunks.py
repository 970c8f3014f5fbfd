"""The strict look at a chunked body, fed in every way, and held against h11."""

import random

import h11
import pytest

from gateway.web.chunks import CHUNKS, LINE_BYTES, TRAILER_BYTES, Chunks
from gateway.web.problem import Problem

LIMIT = 1000
NEXT = b"GET /smuggled HTTP/1.1\r\n\r\n"

GOOD = [
    b"0\r\n\r\n",
    b"3\r\nabc\r\n0\r\n\r\n",
    b"00000003\r\nabc\r\n000\r\n\r\n",
    b"A\r\n0\r\n\r\n12345\r\nb\r\nhello world\r\n0\r\n\r\n",
    b"3;a\r\nabc\r\n0;last\r\n\r\n",
    b'3;a=b;c="d \\" ;\xe4";e\r\nabc\r\n0\r\n\r\n',
    b"3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Empty:\r\n\r\n",
    b"3e8\r\n" + b"x" * LIMIT + b"\r\n0\r\n\r\n",
    b"1\r\nx\r\n" * 100 + b"0\r\n\r\n",
]

BAD: list[tuple[bytes, int]] = [
    (b"\r\nabc\r\n", 400),
    (b"g\r\n", 400),
    (b"0x3\r\nabc", 400),
    (b"+3\r\nabc", 400),
    (b"-3\r\nabc", 400),
    (b"1_0\r\n", 400),
    (b"3 \r\nabc", 400),
    (b" 3\r\nabc", 400),
    (b"3\t\r\nabc", 400),
    (b"3 ;a\r\nabc", 400),
    (b"3; a\r\nabc", 400),
    (b"3;\r\nabc", 400),
    (b"3;a=\r\nabc", 400),
    (b"3;a=b c\r\nabc", 400),
    (b'3;a="b\r\nabc', 400),
    (b"3;a\x00\r\nabc", 400),
    (b"3;a\rb\r\nabc", 400),
    (b"3\nabc\r\n", 400),
    (b"3\r\r\nabc", 400),
    (b"3\r\nabcd\r\n", 400),
    (b"3\r\nabc\n0\n", 400),
    (b"3\r\nabc\rX", 400),
    (b"3\r\nabc0\r\n", 400),
    (b"00000000000000003\r\nabc", 400),
    (b"3;" + b"a" * LINE_BYTES, 400),
    (b"0\r\nX : y\r\n\r\n", 400),
    (b"0\r\n X: y\r\n\r\n", 400),
    (b"0\r\nX: y\r\n z\r\n\r\n", 400),
    (b"0\r\nX: \x00\r\n\r\n", 400),
    (b"0\r\nX\r\n\r\n", 400),
    (b"0\r\nX: y\n\r\n", 400),
    (b"0\r\nContent-Length: 5\r\n\r\n", 400),
    (b"0\r\ntransfer-encoding: chunked\r\n\r\n", 400),
    (b"0\r\nHost: h\r\n\r\n", 400),
    (b"0\r\n" + b"X: y\r\n" * TRAILER_BYTES, 431),
    (b"3e9\r\n", 413),
    (b"ffffffff\r\n", 413),
    (b"ffffffffffffffff\r\n", 413),
    (b"3e8\r\n" + b"x" * LIMIT + b"\r\n1\r\n", 413),
]


def scan_in_steps(stream: bytes, step: int) -> tuple[int, bool]:
    """How much of a stream is taken when it comes in steps, what was left being offered again, as the server does."""
    chunks = Chunks(LIMIT)
    taken = 0
    for end in range(step, len(stream) + step, step):
        taken += chunks.scan(stream[taken:end])
    return taken, chunks.done


@pytest.mark.parametrize("body", GOOD)
@pytest.mark.parametrize("step", [1, 2, 3, 7, 10_000])
def test_a_good_body_ends_where_it_ends(body: bytes, step: int) -> None:
    assert scan_in_steps(body, step) == (len(body), True)
    assert scan_in_steps(body + NEXT, step) == (len(body), True)


@pytest.mark.parametrize("body", GOOD)
def test_no_beginning_of_a_good_body_ends(body: bytes) -> None:
    for end in range(len(body)):
        chunks = Chunks(LIMIT)
        assert chunks.scan(body[:end]) <= end
        assert not chunks.done


@pytest.mark.parametrize(("body", "status"), BAD, ids=lambda value: repr(value)[:40])
@pytest.mark.parametrize("step", [1, 2, 10_000])
def test_a_bad_body_is_refused(body: bytes, status: int, step: int) -> None:
    with pytest.raises(Problem) as caught:
        scan_in_steps(body, step)
    assert caught.value.status == status


def test_a_size_beyond_the_limit_is_refused_before_its_content_comes() -> None:
    with pytest.raises(Problem, match="413"):
        Chunks(LIMIT).scan(b"%x\r\n" % (LIMIT + 1))


def test_too_many_chunks_are_refused() -> None:
    chunks = Chunks(10 * CHUNKS)
    body = b"1\r\nx\r\n"
    assert chunks.scan(body * CHUNKS) == len(body) * CHUNKS
    with pytest.raises(Problem) as caught:
        chunks.scan(body)
    assert caught.value.status == 413


def test_a_partial_line_is_not_taken() -> None:
    chunks = Chunks(LIMIT)
    assert chunks.scan(b"3") == 0
    assert chunks.scan(b"3\r") == 0
    assert chunks.scan(b"3\r\nab") == 5
    assert chunks.scan(b"c\r") == 1
    assert chunks.scan(b"\r\n0\r\n") == 5
    assert chunks.scan(b"\r\n") == 2
    assert chunks.done


def test_what_passes_ends_in_the_same_place_for_h11() -> None:
    """4,000 mutations of good bodies, each with a request smuggled behind: the two readers agree on the end."""
    source = random.Random(7)
    spice = [b"\r", b"\n", b"\r\n", b"0", b"\0", b";", b" ", b"0\r\n\r\n", b"f"]
    passed = 0
    for _ in range(4_000):
        body = bytearray(source.choice(GOOD))
        for _ in range(source.randint(0, 2)):
            at = source.randrange(len(body))
            body[at : at + source.randint(0, 2)] = source.choice([source.choice(spice), source.randbytes(1)])
        stream = bytes(body) + NEXT
        chunks = Chunks(LIMIT)
        try:
            taken = chunks.scan(stream)
        except Problem:
            continue
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + stream[:taken])
        events = []
        while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            events.append(event)
        assert isinstance(events[-1], h11.EndOfMessage) == chunks.done
        passed += chunks.done
    assert passed > 500
