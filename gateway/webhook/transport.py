"""Owns the connections webhooks go over: name, judged address, TLS, reuse. Does not sign, retry or read an answer.

A host is resolved once for each connection, every address found is judged, and the socket is connected to an address
that was judged: a name that changes its answer in between (DNS rebinding) changes nothing. Host header, SNI and
certificate stay with the name. Nothing here or below connects to a name, a proxy or the target of a redirect.

The pool is our own, over httpcore's HTTP/1.1 connection: httpcore's pool walks all idle connections for each of them on
every request, and may hand one of them to several requests at once (measured with 16 at once: a third of the speed).
"""

import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

import httpcore
import httpx
import trio

from gateway.model.url import Address, denial, unmapped

CONNECT_LIMIT: Final = 5.0  # seconds for the name, the connection and TLS together
_CLOSE_LIMIT: Final = 1.0
_MOST_ADDRESSES: Final = 8  # tried of one name; the name server decides how many it gives
_MOST_LOOKUPS: Final = 32  # threads that a dead name server can hold, none of which anyone else needs
_MOST_IDLE: Final = 64
_IDLE_SECONDS: Final = 30.0

Resolve = Callable[[str, int], Awaitable[Iterable[str]]]


class Unreachable(Exception):
    """There is no connection to a host. The message is for operators: the host, the reason and, if known, the fix."""


def system_resolver() -> Resolve:
    """All addresses of a host, as the system finds them. The coroutine raises OSError."""
    threads = trio.CapacityLimiter(_MOST_LOOKUPS)

    async def resolve(host: str, port: int) -> list[str]:
        found = await trio.to_thread.run_sync(
            partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM), abandon_on_cancel=True, limiter=threads
        )
        return [str(sockaddr[0]) for *_, sockaddr in found]

    return resolve


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over judged connections. Raises Unreachable and httpcore's network and protocol errors.

    `allow_private` holds for all of its connections, so that none made under it serves an endpoint without it.
    """

    def __init__(self, resolve: Resolve, tls: ssl.SSLContext, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._tls = tls
        self._allow_private = allow_private
        self._idle: list[httpcore.AsyncHTTP11Connection] = []  # the longest idle first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        connection = self._reuse_nowait(url.origin) or await self._open(url.origin)
        try:
            answer = await connection.handle_async_request(
                httpcore.Request(request.method, url, headers=request.headers.raw, content=request.stream)
            )
        except BaseException:
            await connection.aclose()
            raise
        body = _Body(answer, partial(self._release, connection))
        return httpx.Response(answer.status, headers=answer.headers, stream=body)

    async def aclose(self) -> None:
        """Close all idle connections. Those in use belong to their requests, which must have ended."""
        while self._idle:
            await self._idle.pop().aclose()

    def _reuse_nowait(self, origin: httpcore.Origin) -> httpcore.AsyncHTTP11Connection | None:
        for place in reversed(range(len(self._idle))):
            if self._idle[place].can_handle_request(origin) and not self._idle[place].has_expired():
                return self._idle.pop(place)
        return None

    async def _release(self, connection: httpcore.AsyncHTTP11Connection) -> None:
        # RFC 9112 §6.3: what follows an answer is none. Kept, it would be taken for the answer to the next webhook.
        surplus, _ = connection._h11_state.trailing_data
        if surplus:
            await connection.aclose()
        elif connection.is_available():
            self._idle.append(connection)
        while self._idle and (len(self._idle) > _MOST_IDLE or self._idle[0].has_expired()):
            await self._idle.pop(0).aclose()

    async def _open(self, origin: httpcore.Origin) -> httpcore.AsyncHTTP11Connection:
        host = origin.host.decode("ascii")
        try:
            with trio.fail_after(CONNECT_LIMIT):
                tcp = await self._connect(host, origin.port)
                stream = await self._encrypt(tcp, host) if origin.scheme == b"https" else tcp
        except trio.TooSlowError:
            raise Unreachable(f"{host}: no connection within {CONNECT_LIMIT:g} s") from None
        return httpcore.AsyncHTTP11Connection(origin, _Stream(stream, tcp.socket), keepalive_expiry=_IDLE_SECONDS)

    async def _connect(self, host: str, port: int) -> trio.SocketStream:
        addresses = await self._judged(host, port)
        reason = "no connection in time" if addresses else "the name has no address"
        for tried, address in enumerate(addresses):
            # A fair share of the time: an address that swallows packets leaves some for the next one.
            left = trio.current_effective_deadline() - trio.current_time()
            with trio.move_on_after(left / (len(addresses) - tried)):
                try:
                    return await _dial(address, port)
                except OSError as error:
                    reason = os.strerror(error.errno) if error.errno else "connection failed"
        raise Unreachable(f"{host}: {reason}")

    async def _judged(self, host: str, port: int) -> list[Address]:
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            raise Unreachable(f"{host}: {error.strerror or 'the name cannot be resolved'}") from error
        addresses = list(dict.fromkeys(unmapped(ip_address(text)) for text in found))
        for address in addresses:
            # A bad address among good ones is no oversight: whoever answers for the name is trying.
            reason = denial(address, allow_private=self._allow_private)
            if reason is not None:
                opens = not self._allow_private and denial(address, allow_private=True) is None
                fix = "set allow_private if it stands on your own network" if opens else "use a public address"
                raise Unreachable(f"{host} leads to {address}, which is {reason}; {fix}")
        return addresses[:_MOST_ADDRESSES]

    async def _encrypt(self, tcp: trio.SocketStream, host: str) -> trio.abc.Stream:
        encrypted = trio.SSLStream(tcp, self._tls, server_hostname=host, https_compatible=True)
        try:
            await encrypted.do_handshake()
        except trio.BrokenResourceError as error:
            await trio.aclose_forcefully(encrypted)
            raise Unreachable(f"{host}: {_tls_reason(error.__cause__)}") from error
        except BaseException:
            await trio.aclose_forcefully(encrypted)
            raise
        return encrypted


async def _dial(address: Address, port: int) -> trio.SocketStream:
    family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
    connecting = trio.socket.socket(family, socket.SOCK_STREAM)
    try:
        await connecting.connect((str(address), port))
    except BaseException:
        connecting.close()
        raise
    return trio.SocketStream(connecting)


def _tls_reason(error: BaseException | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS certificate refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason}"
    return "the connection was closed during the TLS handshake"


class _Stream(httpcore.AsyncNetworkStream):
    """A Trio stream as httpcore wants one. Time limits are the caller's cancel scopes, hence not looked at here."""

    def __init__(self, stream: trio.abc.Stream, below: trio.socket.SocketType) -> None:
        self._stream = stream
        self._socket = below
        self._unsent: list[bytes] = []

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Kept until the answer is asked for: head and body leave in one piece, and wake the receiver once."""
        self._unsent.append(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            if self._unsent:
                await self._send()
            return bytes(await self._stream.receive_some(max_bytes))
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise httpcore.ReadError(error) from error

    async def _send(self) -> None:
        octets = b"".join(self._unsent)
        self._unsent.clear()
        try:
            await self._stream.send_all(octets)
        except trio.BrokenResourceError:
            # Whoever refuses a request may hang up before it is whole, and has answered: that is for the reading to find.
            return

    async def aclose(self) -> None:
        await trio.aclose_forcefully(self._stream)

    def get_extra_info(self, info: str) -> Any:
        """Tells httpcore by `is_readable` that the other side has closed an idle connection, or said more than it was asked."""
        if info != "is_readable":
            return None
        undeciphered = self._stream._incoming.pending if isinstance(self._stream, trio.SSLStream) else 0
        return undeciphered > 0 or self._socket.is_readable()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, release: Callable[[], Awaitable[None]]) -> None:
        self._answer = answer
        self._release = release

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._answer.aiter_stream()

    async def aclose(self) -> None:
        # Nothing in here waits for the network; cut short, it would leave the connection neither idle nor closed.
        with trio.move_on_after(_CLOSE_LIMIT, shield=True):
            await self._answer.aclose()
            await self._release()
