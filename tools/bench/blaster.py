"""Owns the measure of the sink alone: a client that submits as fast as one core can, over one bind.

Does not check what the sink says beyond counting it. Its figure is the ceiling below which the sink never is the
bottleneck of a measurement.
"""

import socket
import struct
import time

from tools.bench.carrier import (
    BIND_TRANSCEIVER,
    DELIVER_SM,
    DELIVER_SM_RESP,
    ENQUIRE_LINK,
    HEADER,
    OK,
    RESPONSE,
    SUBMIT_SM,
)
from tools.bench.traffic import NUMBER, TEXT, subscriber

WINDOW = 2048
BLOCK = 256
"""Submits in one write."""
ACK = struct.Struct(">IIIIx")  # a deliver_sm_resp has an empty message_id


def submit_sm(sequence: int, token: int, registered_delivery: int) -> bytes:
    """A whole submit_sm to the token's subscriber. SMPP 3.4 §4.4.1"""
    text = (TEXT % token).encode()
    number = (NUMBER % subscriber(token))[1:].encode()
    body = b"\0\1\x0112125550100\0\1\1%b\0\0\0\0\0\0%c\0\0\0%c%b" % (number, registered_delivery, len(text), text)
    return HEADER.pack(16 + len(body), SUBMIT_SM, OK, sequence) + body


def bind(port: int, system_id: str) -> socket.socket:
    """A bound transceiver link to the sink on this machine. SMPP 3.4 §4.1.5"""
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    body = system_id.encode() + b"\0secret\0\0\x34\0\0\0"
    sock.sendall(HEADER.pack(16 + len(body), BIND_TRANSCEIVER, OK, 1) + body)
    answer = sock.recv(4096)
    if len(answer) < 16 or HEADER.unpack_from(answer)[1:3] != (BIND_TRANSCEIVER | RESPONSE, OK):
        raise ConnectionError(f"the sink did not take the bind: {answer.hex()}")
    return sock


def blast(port: int, count: int, *, receipts: bool) -> float:
    """Submit `count` texts, acknowledge their receipts, and return the seconds from first write to last answer."""
    answered = received = sent = 0
    wanted = count if receipts else 0
    blocks = [
        b"".join(submit_sm(token + 2, token, int(receipts)) for token in range(first, min(first + BLOCK, count)))
        for first in range(0, count, BLOCK)
    ]
    with bind(port, "blaster") as sock:
        started = time.monotonic()
        rest = b""
        while answered < count or received < wanted:
            out = bytearray()
            while blocks and sent - answered < WINDOW:
                out += blocks.pop(0)
                sent = min(sent + BLOCK, count)
            if out:
                sock.sendall(out)
            buf = rest + sock.recv(1 << 16)
            if buf == rest:
                raise ConnectionError("the sink closed the connection")
            pos, end = 0, len(buf)
            acks = []
            while end - pos >= 16:
                length, command, _, sequence = HEADER.unpack_from(buf, pos)
                if pos + length > end:
                    break
                if command == DELIVER_SM:
                    acks.append(ACK.pack(17, DELIVER_SM_RESP, OK, sequence))
                elif command != ENQUIRE_LINK | RESPONSE:
                    answered += 1
                pos += length
            rest = buf[pos:]
            if acks:
                received += len(acks)
                sock.sendall(b"".join(acks))
        return time.monotonic() - started
