"""The journal: everything the simulator saw and did, as JSON lines in a file and as a ring in memory.

It owns the records, their numbers and the file; it judges nothing. `at` is CLOCK_MONOTONIC in nanoseconds, the same for
all processes of a machine; `n` counts the records of one run from 1. What belongs to a link carries its `session` number;
a PDU and its answer share `session` and `sequence`, which are unique together per direction unless the peer reuses numbers.

A record is in the file before what it speaks of is on the wire: whoever has got an answer finds it here. Not the other way
round: an answer that stands here just before its link ends may have reached nobody.
"""

import os
import time
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import trio
from msgspec import Struct


class Part(Struct, frozen=True):
    """The place of a `submit_sm` in a long text."""

    via: Literal["udh8", "udh16", "sar"]
    reference: int
    total: int
    number: int


class Record(Struct, kw_only=True, tag_field="event", omit_defaults=True, gc=False):
    """What all records have. The journal numbers and dates a record when it takes it."""

    n: int = 0
    at: int = 0


class Started(Record, tag="started"):
    """The simulator began to listen."""

    port: int
    scenario: str


class Played(Record, tag="scenario"):
    """Another scenario took over."""

    title: str


class Opened(Record, tag="opened"):
    """A connection was accepted."""

    session: int
    peer: str


class Bound(Record, tag="bind"):
    """A bind was answered; `status` is ESME_ROK when it was granted."""

    session: int
    sequence: int
    account: str
    type: str
    status: str


class Unbound(Record, tag="unbind"):
    """An orderly end, asked for by `us` or by `them`."""

    session: int
    by: Literal["us", "them"]


class Closed(Record, tag="closed"):
    """A connection ended."""

    session: int
    account: str
    reason: str


class Submitted(Record, tag="submit_sm"):
    """A text arrived. `token` is the first word of its text."""

    session: int
    sequence: int
    account: str
    bind: str
    token: str
    source: str
    destination: str
    text: str
    data_coding: int
    esm_class: int
    registered_delivery: int
    part: Part | None = None


class Answered(Record, tag="submit_sm_resp"):
    """A text was answered, or (`status` is `silence`, `fin`, `rst`, `blackhole`) was not. `message_id` is there whenever
    the text was taken, told or not."""

    session: int
    sequence: int
    token: str
    status: str
    message_id: str = ""


class Delivered(Record, tag="deliver_sm"):
    """A receipt or a consumer's text went out, for the `attempt`-th time. `delivery` names it over all attempts."""

    session: int
    sequence: int
    delivery: int
    attempt: int
    kind: Literal["mo", "receipt", "intermediate", "raw"]
    source: str
    destination: str
    text: str
    message_id: str = ""
    stat: str = ""


class Taken(Record, tag="deliver_sm_resp"):
    """The answer to a delivery; `status` is `timeout`, `lost` or `closed` where there was none."""

    session: int
    sequence: int
    delivery: int
    status: str


class GivenUp(Record, tag="given_up"):
    """A delivery that will not be tried again."""

    delivery: int
    reason: str


class Queried(Record, tag="query_sm"):
    """`query_sm` and its answer."""

    session: int
    sequence: int
    message_id: str
    status: str
    state: str = ""


class Cancelled(Record, tag="cancel_sm"):
    """`cancel_sm` and its answer; `cancelled` counts the texts that it stopped."""

    session: int
    sequence: int
    message_id: str
    status: str
    cancelled: int = 0


class FaultPlayed(Record, tag="fault"):
    """A fault of the scenario, or one asked for by console or control port."""

    on: str
    do: str
    session: int = 0
    sequence: int = 0


class Complained(Record, tag="complaint"):
    """The peer broke the protocol; what, in words."""

    session: int
    detail: str


Entry: TypeAlias = (
    Started
    | Played
    | Opened
    | Bound
    | Unbound
    | Closed
    | Submitted
    | Answered
    | Delivered
    | Taken
    | GivenUp
    | Queried
    | Cancelled
    | FaultPlayed
    | Complained
)


class Journal:
    """Takes records, keeps the last `keep` of them, and writes all of them to `path` if there is one."""

    def __init__(self, path: Path | None = None, keep: int = 50_000) -> None:
        self._ring: deque[Entry] = deque(maxlen=keep)
        self._unwritten: list[Entry] = []
        self._encode_lines = msgspec.json.Encoder().encode_lines
        self._news = trio.Event()
        self._heard = 0
        self._fd = -1
        self.last = 0
        if path is not None:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, record: Entry) -> None:
        """Number, date and take `record`; it reaches the file with the next `flush`."""
        self.last += 1
        record.n = self.last
        record.at = time.monotonic_ns()
        self._ring.append(record)
        if self._fd >= 0:
            self._unwritten.append(record)

    def flush(self) -> None:
        """Hand all records to the operating system and wake who waits for news. Raises OSError."""
        if self._unwritten:
            left = memoryview(self._encode_lines(self._unwritten))
            self._unwritten.clear()
            while left:
                left = left[os.write(self._fd, left) :]
        if self._heard != self.last:
            self._heard = self.last
            self._news.set()
            self._news = trio.Event()

    def after(self, n: int, events: frozenset[str] = frozenset(), limit: int | None = None) -> list[Entry]:
        """The records in memory that are newer than number `n`, of these events (none: of all), the oldest first."""
        newer = islice(self._ring, max(0, n - self.forgotten), None)
        if events:
            newer = (record for record in newer if record.__struct_config__.tag in events)  # type: ignore[assignment]
        return list(islice(newer, limit))

    @property
    def forgotten(self) -> int:
        """The number of the newest record that is no longer in memory."""
        return self.last - len(self._ring)

    async def wait_beyond(self, n: int) -> None:
        """Return as soon as there is a flushed record newer than number `n`."""
        while self._heard <= n:
            await self._news.wait()

    def close(self) -> None:
        """Write what is left and close the file."""
        self.flush()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def read(path: Path) -> list[Entry]:
    """All records of a journal file; a last line cut off in the middle by a kill is left out."""
    raw = path.read_bytes()
    return msgspec.json.Decoder(Entry).decode_lines(raw[: raw.rfind(b"\n") + 1])
