"""Owns the HTTP load: N keep-alive connections that each carry one request at a time, at full speed or at a fixed rate.

Does not know which gateway it talks to: an `Order` brings the bytes. It is its own process, without an HTTP library, so
that it takes as little as possible of the cores it shares with what is measured.

    python -m tools.bench.load < ORDER

reads one line of JSON (an Order) and prints one line of JSON (a Tally).
"""

import gc
import select
import socket
import sys
import time
from array import array
from collections import deque
from collections.abc import Iterator
from typing import Literal

import msgspec

from tools.bench.traffic import no_times, subscriber

READ_SIZE = 1 << 16
SILENCE = 60.0
"""Seconds without a single answer after which the load gives up."""


class Form(msgspec.Struct, frozen=True):
    """How a system wants its requests: head, opening, the items joined by commas, closing.

    `{length}` in the head becomes the length of what follows the head. An item is a printf template that takes what
    `places` names, in that order: a subscriber number, a token, both of fixed width. `accepted` is counted in the body of
    a 2xx answer; without it a 2xx is worth all items of the request.
    """

    head: str
    item: str
    opening: str = ""
    closing: str = ""
    accepted: tuple[str, ...] = ()
    places: tuple[Literal["number", "token"], ...] = ("number", "token")


class Order(msgspec.Struct, frozen=True):
    """One run: `count` items from token `first` on, `batch` to a request. A rate is in items a second; 0 is full speed."""

    port: int
    form: Form
    first: int
    count: int
    batch: int
    connections: int
    rate: float
    numbers: int
    journal: str
    """Where to write two arrays of float64: when each item was sent, when its answer came (monotonic; 0: never)."""


class Tally(msgspec.Struct):
    """What became of an order; moments are seconds of CLOCK_MONOTONIC."""

    started: float
    finished: float
    accepted: int
    refused: int
    unanswered: int
    complaint: str
    """The beginning of the first answer that was not an acceptance."""


class Lane:
    """One connection and the request it is waiting for."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.first = self.count = 0
        self.received = b""


def length_of(received: bytes) -> int | None:
    """Octets of the first HTTP answer in `received`, or None as long as its head is incomplete."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    lower = received[:head].lower()
    at = lower.find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError(f"an answer without Content-Length: {received[:head]!r}")
    stop = lower.find(b"\r\n", at + 2)
    return head + 4 + int(lower[at + 17 : stop if stop > 0 else head])


class Load:
    """The closed loop. `sent` and `answered` are journals by item."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.next = order.first
        self.end = order.first + order.count
        self.sent = no_times(order.count)
        self.answered = no_times(order.count)
        self.tally = Tally(0.0, 0.0, 0, 0, order.count, "")
        self._head = order.form.head.encode()
        self._item = order.form.item.encode()
        self._opening = order.form.opening.encode()
        self._closing = order.form.closing.encode()
        self._signs = [sign.encode() for sign in order.form.accepted]
        self._places = [("number", "token").index(place) for place in order.form.places]

    def request(self, first: int, count: int) -> bytes:
        """The bytes of the request for `count` items from token `first` on."""
        item = self._item
        items = b",".join([item % values for values in self._values(first, count)])
        rest = b"".join((self._opening, items, self._closing))
        return self._head.replace(b"{length}", b"%d" % len(rest)) + rest

    def _values(self, first: int, count: int) -> Iterator[tuple[int, ...]]:
        """What each item takes."""
        numbers, places = self.order.numbers, self._places
        pairs = ((subscriber(token % numbers), token) for token in range(first, first + count))
        if places == [0, 1]:  # straight on, for this is the hot path
            return pairs
        return (tuple([pair[place] for place in places]) for pair in pairs)

    def send(self, lane: Lane, due: float) -> None:
        """Put the next request on a lane. `due` is when it should have gone, or 0 for now: a request that found no
        free connection waited through the gateway's fault, one that was merely sent late did not."""
        first, count = self.next, min(self.order.batch, self.end - self.next)
        request = self.request(first, count)
        lane.first, lane.count = first - self.order.first, count
        self.next += count
        _mark(self.sent, lane, due or time.monotonic())
        lane.sock.sendall(request)

    def take(self, lane: Lane, answer: bytes, now: float) -> None:
        """Account for one whole answer."""
        _mark(self.answered, lane, now)
        tally = self.tally
        status, body = answer[9:12], answer.partition(b"\r\n\r\n")[2]
        accepted = 0
        if status[:1] == b"2":
            accepted = sum(body.count(sign) for sign in self._signs) if self._signs else lane.count
        tally.accepted += accepted
        tally.refused += lane.count - accepted
        tally.unanswered -= lane.count
        if accepted < lane.count and not tally.complaint:
            tally.complaint = f"HTTP {status.decode(errors='replace')} {body[:500].decode(errors='replace')}"
        lane.count = 0

    def run(self) -> Tally:
        order, tally = self.order, self.tally
        lanes = {}
        poll = select.epoll()
        for _ in range(min(order.connections, -(-order.count // order.batch))):
            sock = socket.create_connection(("127.0.0.1", order.port), timeout=10)
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lanes[sock.fileno()] = Lane(sock)
            poll.register(sock, select.EPOLLIN)
        idle = deque(lanes.values())
        tally.started = heard = time.monotonic()
        waited = False  # whether requests that are due have had to wait for a connection
        while tally.unanswered:
            now = time.monotonic()
            timeout = heard + SILENCE - now
            while self.next < self.end:
                due = tally.started + (self.next - order.first) / order.rate if order.rate else 0.0
                if due > now:
                    timeout, waited = due - now, False
                    break
                if not idle:
                    waited = True
                    break
                self.send(idle.popleft(), due if waited else 0.0)
            events = poll.poll(max(0.0, timeout))
            now = time.monotonic()
            if events:
                heard = now
            elif now - heard > SILENCE:
                tally.complaint = tally.complaint or f"no answer for {SILENCE:.0f} s"
                break
            for number, _ in events:
                lane = lanes[number]
                data = lane.sock.recv(READ_SIZE)
                if not data:
                    raise ConnectionError("the gateway closed a connection that was waiting for an answer")
                received = lane.received + data if lane.received else data
                length = length_of(received)
                if length is None or len(received) < length:
                    lane.received = received
                    continue
                lane.received = received[length:]
                self.take(lane, received[:length], now)
                idle.append(lane)
        tally.finished = time.monotonic()
        poll.close()
        for lane in lanes.values():
            lane.sock.close()
        return tally


def _mark(journal: "array[float]", lane: Lane, moment: float) -> None:
    if lane.count == 1:
        journal[lane.first] = moment
    else:
        journal[lane.first : lane.first + lane.count] = array("d", [moment]) * lane.count


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    gc.disable()  # nothing here makes cycles
    load = Load(order)
    try:
        tally = load.run()
    except OSError as error:
        sys.exit(f"load: {error}")
    with open(order.journal, "wb") as file:
        load.sent.tofile(file)
        load.answered.tofile(file)
    print(msgspec.json.encode(tally).decode(), flush=True)


if __name__ == "__main__":
    main()
