"""Owns the sink's protocol: bytes of many ESMEs in, answers and receipts out, and a journal of when each text came.

Does not touch a socket or a clock (`sink` does), does not model a carrier's faults (the simulator does) and shares no
code with the gateway, so that neither its speed nor its reading of SMPP leans on what it measures. The work on each PDU
is straight-line; moments are those of the read that brought it.
"""

import struct
from collections import deque
from typing import Any

from tools.bench.traffic import TOKEN_WIDTH, no_times

# SMPP 3.4 §5.1.2.1, §5.1.3
GENERIC_NACK = 0x80000000
BIND_RECEIVER = 0x00000001
BIND_TRANSMITTER = 0x00000002
BIND_TRANSCEIVER = 0x00000009
SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
DELIVER_SM_RESP = 0x80000005
UNBIND = 0x00000006
ENQUIRE_LINK = 0x00000015
RESPONSE = 0x80000000
OK, INVALID_LENGTH, INVALID_COMMAND, INVALID_BIND_STATE = 0, 2, 3, 4

HEADER = struct.Struct(">IIII")
SUBMIT_ANSWER = struct.Struct(">IIII17s")
LARGEST_PDU = 65536
RECEIPT_WINDOW = 256
"""Receipts a link may owe answers for: beyond it they wait, as at a carrier."""
NEVER = float("inf")
RECEIPT_GRAIN = 0.01
"""Seconds: delayed receipts ripen in steps of it, so that the sink is not woken for each of them."""
REFUSAL_PAUSE = 0.1  # seconds
RECEIPT_FIELDS = b"\x04" + bytes(8)
"""esm_class 0x04 (a receipt), then the eight fields up to sm_length, all empty. SMPP 3.4 §4.6.1, §5.2.12"""


class Journal:
    """What was seen since the last reset; moments are seconds of CLOCK_MONOTONIC, zero when there was none."""

    def __init__(self, first: int = 0, count: int = 0) -> None:
        self.first_token = first
        self.times = no_times(count)
        self.submits = self.arrived = self.duplicates = self.strays = 0
        self.first = self.last = 0.0
        self.acked = self.refused = 0
        self.first_ack = self.last_ack = 0.0

    def summary(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("times", "first_token")}


class Account:
    """One system_id: the links bound under it and the receipts that wait for any of them that may receive."""

    def __init__(self) -> None:
        self.receivers: list[Link] = []
        self.waiting: deque[tuple[float, bytes]] = deque()  # (moment due, deliver_sm body), in order
        self.paused_until = 0.0

    def refused(self, body: bytes, now: float) -> None:
        """The peer cannot take a receipt now: pause, then offer it again before all others."""
        self.waiting.appendleft((0.0, body))
        self.paused_until = now + REFUSAL_PAUSE

    def next_due(self) -> float:
        """The moment of the next receipt that some link has room for."""
        if not self.waiting or all(len(link.unacked) >= RECEIPT_WINDOW for link in self.receivers):
            return NEVER
        return max(self.waiting[0][0], self.paused_until)

    def pump(self, now: float) -> None:
        """Hand due receipts to the links that have room."""
        if now < self.paused_until:
            return
        waiting = self.waiting
        for link in self.receivers:
            unacked, out, sequence = link.unacked, [], link.sequence
            while waiting and waiting[0][0] <= now and len(unacked) < RECEIPT_WINDOW:
                body = waiting.popleft()[1]
                sequence = sequence % 0x7FFFFFFF + 1
                unacked[sequence] = body
                out.append(HEADER.pack(16 + len(body), DELIVER_SM, 0, sequence) + body)
            link.sequence = sequence
            if out:
                link.write(b"".join(out), now)


class Sink:
    """The state all links share: accounts, journal, message ids. Bytes in and out, time is an argument."""

    def __init__(
        self, *, delay: float = 0.0, receipt_delay: float = 0.0, first_id: int = 10**15, date: bytes = b"2401010000"
    ) -> None:
        self.delay = delay
        self.receipt_delay = receipt_delay
        self.next_id = first_id  # sixteen digits, unique also across restarts when it comes from a clock
        self.journal = Journal()
        self.accounts: dict[bytes, Account] = {}
        self.middle = b" sub:001 dlvrd:001 submit date:%b done date:%b stat:DELIVRD err:000 text:" % (date, date)
        """The part of a receipt's text between id and text. SMPP 3.4 Appendix B"""

    def ripe(self, now: float) -> float:
        """When the receipt of a text that is answered now may go out."""
        if not self.receipt_delay:
            return now
        return -(-(now + self.receipt_delay) // RECEIPT_GRAIN) * RECEIPT_GRAIN

    def bound(self) -> int:
        """How many links may receive."""
        return sum(len(account.receivers) for account in self.accounts.values())


class Link:
    """One connection: give it what came with `receive`, send what is in `out` after `ripen`."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.account: Account | None = None
        self.unacked: dict[int, bytes] = {}
        self.sequence = 0
        self.closing = False
        self.out = bytearray()
        self._rest = b""
        self._later: deque[tuple[float, bytes]] = deque()

    def write(self, data: bytes, now: float) -> None:
        if self.sink.delay:
            self._later.append((now + self.sink.delay, data))
        else:
            self.out += data

    def ripen(self, now: float) -> None:
        """Move what the round trip has held back long enough to `out`."""
        while self._later and self._later[0][0] <= now:
            self.out += self._later.popleft()[1]

    def next_due(self) -> float:
        return self._later[0][0] if self._later else NEVER

    def close(self) -> None:
        """The connection is gone: its unanswered receipts wait for the next bind, as at a carrier."""
        if self.account is not None:
            self.account.waiting.extendleft((0.0, body) for body in reversed(self.unacked.values()))
            if self in self.account.receivers:
                self.account.receivers.remove(self)
        self.unacked = {}

    def receive(self, data: bytes, now: float) -> None:
        """Take what one read brought, at the moment `now`; answers go to `write`."""
        sink, journal, account = self.sink, self.sink.journal, self.account
        buf = self._rest + data if self._rest else data
        pos, end = 0, len(buf)
        answers: list[bytes] = []
        first_token, times = journal.first_token, journal.times
        expected = len(times)
        middle, ripe, message_id = sink.middle, sink.ripe(now), sink.next_id
        submits = acked = 0
        while end - pos >= 16:
            length, command, status, sequence = HEADER.unpack_from(buf, pos)
            if not 16 <= length <= LARGEST_PDU:
                self.closing = True
                break
            stop = pos + length
            if stop > end:
                break
            if command == SUBMIT_SM and account is not None:
                try:
                    source = buf.index(0, pos + 16) + 1
                    destination = buf.index(0, source + 2) + 1
                    addressed = buf.index(0, destination + 2) + 1
                    registered = buf.index(0, buf.index(0, addressed + 3) + 1) + 1
                    text = registered + 5
                    excess = text + buf[registered + 4] - stop
                except (ValueError, IndexError):
                    excess = 1
                if excess > 0:
                    answers.append(HEADER.pack(16, SUBMIT_SM | RESPONSE, INVALID_LENGTH, sequence))
                    pos = stop
                    continue
                submits += 1
                message_id += 1
                identity = b"%016d" % message_id
                answers.append(SUBMIT_ANSWER.pack(33, SUBMIT_SM | RESPONSE, OK, sequence, identity))
                token = buf[text : text + TOKEN_WIDTH]
                index = int(token) - first_token if token.isdigit() else -1
                if not 0 <= index < expected:
                    journal.strays += 1
                elif times[index]:
                    journal.duplicates += 1
                else:
                    times[index] = now
                    journal.arrived += 1
                if buf[registered] & 3 == 1:  # SMPP 3.4 §5.2.17: a receipt for success and for failure
                    note = b"id:" + identity + middle + buf[text : min(text + 20, stop)]
                    body = b"".join(
                        (
                            b"\0",
                            buf[destination:addressed],
                            buf[source:destination],
                            RECEIPT_FIELDS,
                            bytes((len(note),)),
                            note,
                        )
                    )
                    account.waiting.append((ripe, body))
            elif command in (DELIVER_SM_RESP, GENERIC_NACK):
                owed = self.unacked.pop(sequence, None)
                if owed is not None and account is not None:
                    if command == DELIVER_SM_RESP and status == OK:
                        acked += 1
                    else:
                        journal.refused += 1
                        account.refused(owed, now)
            else:
                answers.append(self._session(buf[pos:stop], command, sequence))
                account = self.account
            pos = stop
        self._rest = buf[pos:] if pos < end else b""
        sink.next_id = message_id
        if submits:
            journal.submits += submits
            journal.first = journal.first or now
            journal.last = now
        if acked:
            journal.acked += acked
            journal.first_ack = journal.first_ack or now
            journal.last_ack = now
        if answers:
            self.write(b"".join(answers), now)

    def _session(self, pdu: bytes, command: int, sequence: int) -> bytes:
        """Answer everything that is not traffic."""
        if command in (BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER) and self.account is None:
            self.account = self.sink.accounts.setdefault(pdu[16:].partition(b"\0")[0], Account())
            if command != BIND_TRANSMITTER:
                self.account.receivers.append(self)
            return HEADER.pack(21, command | RESPONSE, OK, sequence) + b"sink\0"
        if command == UNBIND:
            self.closing = True
        if command in (UNBIND, ENQUIRE_LINK):
            return HEADER.pack(16, command | RESPONSE, OK, sequence)
        if command & RESPONSE:
            return b""
        status = INVALID_BIND_STATE if command in (SUBMIT_SM, *range(1, 10)) else INVALID_COMMAND
        return HEADER.pack(16, GENERIC_NACK if status == INVALID_COMMAND else command | RESPONSE, status, sequence)
