"""Sockets: errors that tell what to do, and the plain stream."""

import socket

import pytest
import trio

from gateway.web.listen import ListenError, Wire, neighbourhood, open_listeners, plain_address


async def test_a_free_port() -> None:
    listeners = await open_listeners("127.0.0.1", 0)
    for listener in listeners:
        assert listener.socket.getsockname()[1] > 0
        await listener.aclose()


async def test_a_port_that_is_taken() -> None:
    (listener,) = await open_listeners("127.0.0.1", 0)
    port = listener.socket.getsockname()[1]
    async with listener:
        with pytest.raises(ListenError, match=rf"127\.0\.0\.1:{port}: the port is taken; .*another port"):
            await open_listeners("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("127.0.0.1", 65536, "from 0 to 65535"),
        ("127.0.0.1", -1, "from 0 to 65535"),
        ("192.0.2.1", 0, r"192\.0\.2\.1:0: this machine has no such address"),
        ("host name", 0, "the host name is unknown"),
    ],
)
async def test_what_cannot_be_listened_on(host: str, port: int, why: str) -> None:
    with pytest.raises(ListenError, match=why):
        await open_listeners(host, port)


async def test_a_port_that_is_not_permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(trio, "open_tcp_listeners", refuse)
    with pytest.raises(ListenError, match=r"\[::1\]:80: not permitted; .*1024"):
        await open_listeners("::1", 80)


async def test_a_wire_is_a_proper_stream() -> None:
    async def pair() -> tuple[Wire, Wire]:
        one, other = socket.socketpair()
        return Wire(one), Wire(other)

    with trio.fail_after(30):
        one, other = await pair()
        async with one, other:
            big = bytes(range(256)) * 8192
            received = bytearray()

            async def read() -> None:
                while len(received) < len(big):
                    received.extend(await other.receive_some())

            async with trio.open_nursery() as nursery:
                nursery.start_soon(read)
                await one.send_all(big)
            assert received == big
            await one.send_eof()
            assert await other.receive_some() == b""
            await other.send_all(b"still")
            assert await one.receive_some(2) == b"st"


async def test_a_wire_to_nobody_is_broken() -> None:
    one, other = socket.socketpair()
    wire = Wire(one)
    other.close()
    with trio.fail_after(5), pytest.raises(trio.BrokenResourceError):
        await wire.send_all(b"x" * 100_000)
    await wire.aclose()
    wire.close()


def test_addresses() -> None:
    assert plain_address("::ffff:192.0.2.1") == "192.0.2.1"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert neighbourhood("192.0.2.1") == "192.0.2.1"
    assert neighbourhood("2001:db8:0:1:2:3:4:5") == neighbourhood("2001:db8:0:1:ffff::")
    assert neighbourhood("2001:db8:0:1::") != neighbourhood("2001:db8:0:2::")
    assert neighbourhood("local") == "local"
