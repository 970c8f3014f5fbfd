"""The sockets below HTTP: where we listen, and the plainest possible stream over an accepted connection.

Owns: opening listeners with errors an operator can act on, and ``Wire``. Does not own: how many connections there
may be (door), nor what is said on them (conversation).
"""

import errno
import socket
from ipaddress import ip_address
from typing import Final, TypeAlias

import trio

Stream: TypeAlias = trio.abc.HalfCloseableStream

RECEIVE_BYTES: Final = 65536


class ListenError(Exception):
    """A listener could not be opened; the text names host and port, the reason and the fix."""


async def open_listeners(host: str, port: int) -> list[trio.SocketListener]:
    """Listen on every address that ``host`` stands for; port 0 lets the system choose. Raises ``ListenError``."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if not 0 <= port <= 65535:
        raise ListenError(f"cannot listen on {place}: a port is a number from 0 to 65535")
    try:
        return await trio.open_tcp_listeners(port, host=host)
    except socket.gaierror as error:
        raise ListenError(
            f"cannot listen on {place}: the host name is unknown ({error.strerror}); give an address of this machine"
        ) from error
    except OSError as error:
        why = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise ListenError(f"cannot listen on {place}: {why}") from error


_REASONS = {
    errno.EADDRINUSE: "the port is taken; stop the program that uses it, or configure another port",
    errno.EACCES: "not permitted; use a port from 1024 up, or grant the right to bind low ports (CAP_NET_BIND_SERVICE)",
    errno.EPERM: "not permitted; a security policy of this machine forbids it",
    errno.EADDRNOTAVAIL: "this machine has no such address; configure one of its own, or 127.0.0.1",
    errno.EAFNOSUPPORT: "this machine does not speak that address family; configure an address of another",
    errno.EMFILE: "too many open files; raise the limit of open files (ulimit -n)",
}


class Wire(trio.abc.HalfCloseableStream):
    """A connected socket as a stream, without the bookkeeping of ``trio.SocketStream``: half the time per request.

    One task uses it at a time. ``receive_some`` always waits for the selector first, which a request in a closed loop
    has to do anyway and which gives every other task its turn; ``send_all`` does not yield when the kernel takes all.
    """

    __slots__ = ("_socket",)

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            try:
                return self._socket.recv(max_bytes or RECEIVE_BYTES)
            except BlockingIOError:
                continue
            except OSError as error:
                raise trio.BrokenResourceError(str(error)) from error

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        try:
            sent = self._socket.send(data)
            if sent == len(data):
                return
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise trio.BrokenResourceError(str(error)) from error
        with memoryview(data) as view:
            while sent < len(view):
                await trio.lowlevel.wait_writable(self._socket)
                try:
                    sent += self._socket.send(view[sent:])
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise trio.BrokenResourceError(str(error)) from error

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.wait_writable(self._socket)

    async def send_eof(self) -> None:
        await trio.lowlevel.checkpoint()
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise trio.BrokenResourceError(str(error)) from error

    async def aclose(self) -> None:
        self.close()
        await trio.lowlevel.checkpoint()

    def close(self) -> None:
        """Close without waiting; twice does nothing."""
        if self._socket.fileno() >= 0:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()

    def turn_away(self, words: bytes) -> None:
        """Say something, if the kernel takes it at once, and close. Waits for nothing: it is for when we are full."""
        try:
            self._socket.send(words)
            self._socket.shutdown(socket.SHUT_WR)
            # Bytes left unread would make the close a reset, which can overtake what was just said.
            self._socket.recv(RECEIVE_BYTES)
        except OSError:
            pass  # gone, or silent so far: there is nobody to tell
        self.close()


def take_wire(accepted: trio.SocketStream) -> tuple[Wire, str]:
    """The socket of an accepted stream as a ``Wire``, and the peer's address; OSError when it has gone already."""
    address = accepted.socket.getpeername()
    wire = Wire(socket.socket(fileno=accepted.socket.detach()))
    return wire, plain_address(address[0]) if isinstance(address, tuple) else "local"


def plain_address(address: str) -> str:
    """An address in one spelling: no zone, and IPv4 as IPv4 even when it came through an IPv6 socket."""
    parsed = ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if parsed.version == 6 else None
    return str(mapped or parsed)


def neighbourhood(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 of an IPv6 one, which one host can use at will."""
    if ":" not in address:
        return address
    return str(ip_address(int(ip_address(address)) >> 64 << 64))
