"""A TCP conversation as a capture file that any dissector reads.

Owns: the layout of pcap, IPv4 and TCP, and a proxy that notes what passes. Does not own: what is said.

The format is that of libpcap's savefiles (magic 0xA1B2C3D4, LINKTYPE_RAW: each packet begins with its IPv4 header).
"""

import struct
from collections.abc import Iterator

import msgspec
import trio

_FILE = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_IP = struct.Struct(">BBHHHBBH4s4s")
_TCP = struct.Struct(">HHIIBBHHH")
_LINKTYPE_RAW = 101
_CLIENT, _SERVER = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))  # RFC 5737
_CLIENT_PORT, _SMPP_PORT = 49152, 2775
_SYN, _ACK, _PUSH, _FIN = 0x02, 0x10, 0x08, 0x01
_MOST = 1400
"""Octets of a segment: a long PDU spans several, as on a real link."""


class Piece(msgspec.Struct, frozen=True):
    """What one end sent at a time, in seconds."""

    at: float
    from_client: bool
    octets: bytes


def pcap(pieces: list[Piece]) -> bytes:
    """The conversation, with its handshake and its end."""
    return _FILE.pack(0xA1B2C3D4, 2, 4, 0, 0, 65535, _LINKTYPE_RAW) + b"".join(
        _RECORD.pack(int(at), round(at % 1 * 1_000_000) % 1_000_000, len(packet), len(packet)) + packet
        for at, packet in _packets(pieces)
    )


def _packets(pieces: list[Piece]) -> Iterator[tuple[float, bytes]]:
    sent = {True: 1000, False: 2000}  # the next sequence number of each end
    began = pieces[0].at
    yield began, _packet(True, sent[True], 0, _SYN, b"")
    yield began, _packet(False, sent[False], sent[True] + 1, _SYN | _ACK, b"")
    sent = {end: number + 1 for end, number in sent.items()}
    yield began, _packet(True, sent[True], sent[False], _ACK, b"")
    for piece in pieces:
        for start in range(0, len(piece.octets), _MOST):
            part = piece.octets[start : start + _MOST]
            yield (
                piece.at,
                _packet(piece.from_client, sent[piece.from_client], sent[not piece.from_client], _PUSH | _ACK, part),
            )
            sent[piece.from_client] += len(part)
    ended = pieces[-1].at
    yield ended, _packet(True, sent[True], sent[False], _FIN | _ACK, b"")
    yield ended, _packet(False, sent[False], sent[True] + 1, _FIN | _ACK, b"")


def _packet(from_client: bool, sequence: int, acknowledged: int, flags: int, octets: bytes) -> bytes:
    source, target = (_CLIENT, _SERVER) if from_client else (_SERVER, _CLIENT)
    ports = (_CLIENT_PORT, _SMPP_PORT) if from_client else (_SMPP_PORT, _CLIENT_PORT)
    tcp = _TCP.pack(*ports, sequence, acknowledged, 5 << 4, flags, 65535, 0, 0) + octets
    pseudo = source + target + struct.pack(">BBH", 0, 6, len(tcp))  # RFC 9293 §3.1
    tcp = tcp[:16] + struct.pack(">H", _checksum(pseudo + tcp)) + tcp[18:]
    ip = _IP.pack(0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, source, target)
    return ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:] + tcp


def _checksum(octets: bytes) -> int:
    """RFC 1071."""
    padded = octets + b"\0" * (len(octets) % 2)
    total: int = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Tap:
    """Stands between two ends on loopback and notes what passes."""

    def __init__(self, target: int) -> None:
        self.pieces: list[Piece] = []
        self._target = target

    async def serve(self, client: trio.SocketStream) -> None:
        """One connection, to its end."""
        server = await trio.open_tcp_stream("127.0.0.1", self._target)
        async with server, trio.open_nursery() as nursery:
            nursery.start_soon(self._pass, client, server, True)
            await self._pass(server, client, False)
            nursery.cancel_scope.cancel()

    async def _pass(self, source: trio.SocketStream, target: trio.SocketStream, from_client: bool) -> None:
        try:
            while octets := bytes(await source.receive_some(65536)):
                self.pieces.append(Piece(trio.current_time() % 1_000_000, from_client, octets))
                await target.send_all(octets)
            await target.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the other end has gone
