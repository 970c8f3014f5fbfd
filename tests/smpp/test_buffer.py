"""Frames out of a stream, in every way a stream can be cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import const
from gateway.smpp.buffer import FrameBuffer
from gateway.smpp.errors import FramingError
from tests.smpp.vectors import VECTORS, octets

FRAMES = [octets(name) for name in VECTORS]


def frames_of(buffer: FrameBuffer) -> list[bytes]:
    """All whole frames."""
    frames = []
    while (frame := buffer.next_frame()) is not None:
        frames.append(frame)
    return frames


def test_octet_by_octet() -> None:
    buffer = FrameBuffer(1000)
    got = []
    for octet in b"".join(FRAMES):
        buffer.feed(bytes((octet,)))
        got += frames_of(buffer)
    assert got == FRAMES
    assert len(buffer) == 0


def test_all_at_once() -> None:
    buffer = FrameBuffer(1000)
    buffer.feed(b"".join(FRAMES))
    assert frames_of(buffer) == FRAMES
    assert buffer.frames == len(FRAMES)


@given(st.lists(st.integers(1, 200), min_size=1))
def test_in_any_portions(portions: list[int]) -> None:
    buffer = FrameBuffer(1000)
    stream = b"".join(FRAMES)
    got = []
    turn = 0
    while stream:
        portion = portions[turn % len(portions)]
        turn += 1
        buffer.feed(stream[:portion])
        stream = stream[portion:]
        if turn % 2:
            got += frames_of(buffer)
    assert got + frames_of(buffer) == FRAMES


@pytest.mark.parametrize("missing", range(1, 16))
def test_half_a_header_is_waited_for(missing: int) -> None:
    buffer = FrameBuffer(1000)
    whole = octets("enquire_link")
    buffer.feed(whole[:-missing])
    assert buffer.next_frame() is None
    assert len(buffer) == 16 - missing
    buffer.feed(whole[-missing:])
    assert buffer.next_frame() == whole


@pytest.mark.parametrize("length", [0, 1, 15, 1001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_a_length_that_cannot_be_is_seen_in_four_octets(length: int) -> None:
    buffer = FrameBuffer(1000)
    buffer.feed(octets("unbind") + length.to_bytes(4))
    assert buffer.next_frame() == octets("unbind")
    with pytest.raises(FramingError) as caught:
        buffer.next_frame()
    assert caught.value.command_status == const.ESME_RINVCMDLEN
    assert caught.value.sequence_number == 0
    assert not caught.value.foreign
    assert str(length) in str(caught.value)


def test_the_header_of_a_bad_frame_is_named_if_it_is_there() -> None:
    buffer = FrameBuffer(1000)
    buffer.feed(bytes.fromhex("0000000F 00000004 00000000 0000002A"))
    with pytest.raises(FramingError) as caught:
        buffer.next_frame()
    assert (caught.value.command_id, caught.value.sequence_number) == (const.SUBMIT_SM, 42)


@pytest.mark.parametrize("length", [16, 1000])
def test_the_limits_themselves_are_allowed(length: int) -> None:
    buffer = FrameBuffer(1000)
    frame = length.to_bytes(4) + bytes(length - 4)
    buffer.feed(frame)
    assert buffer.next_frame() == frame


@pytest.mark.parametrize(
    ("first", "named"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP"),
        (b"POST /v1/messages HTTP/1.1\r\n", "HTTP"),
        (b"HTTP/1.1 400 Bad Request\r\n", "HTTP"),
        (bytes.fromhex("1603010200010001FC0303"), "TLS"),
        (bytes.fromhex("15030100020246"), "TLS"),
        (b"SSH-2.0-x", "SSH"),
    ],
)
def test_another_protocol_is_called_by_its_name(first: bytes, named: str) -> None:
    buffer = FrameBuffer(69_632)
    for octet in first[:3]:
        buffer.feed(bytes((octet,)))
        assert buffer.next_frame() is None
    buffer.feed(first[3:])
    with pytest.raises(FramingError, match=named) as caught:
        buffer.next_frame()
    assert caught.value.foreign


def test_only_the_first_octets_can_be_another_protocol() -> None:
    buffer = FrameBuffer(1000)
    buffer.feed(octets("unbind") + b"GET / HTTP/1.1")
    assert buffer.next_frame() == octets("unbind")
    with pytest.raises(FramingError) as caught:
        buffer.next_frame()
    assert not caught.value.foreign


def test_a_large_frame_in_single_octets_costs_no_more_than_its_length() -> None:
    """Were the whole copied for each octet, this would move two gigabytes."""
    buffer = FrameBuffer(69_632)
    frame = (69_632).to_bytes(4) + bytes(69_628)
    for octet in frame:
        buffer.feed(bytes((octet,)))
    assert buffer.next_frame() == frame
