"""Owns one measured run: an order to the load, the wait until the carrier has it all, and the figures joined from both.

Does not choose what is run (scenarios) or say what is good (report).
"""

import time
from array import array
from pathlib import Path
from typing import Any, Self

import msgspec

from tools.bench.child import BenchError, Child
from tools.bench.load import Order, Tally
from tools.bench.meter import cpu_seconds, peak_rss
from tools.bench.system import System
from tools.bench.traffic import gaps, no_times, percentile

STALL = 20.0
"""Seconds without any progress at the carrier after which the rest of a run counts as lost."""
POLL = 0.1


class Figures(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a run measured. Rates are a second, latencies milliseconds; None where a run does not measure it."""

    scenario: str
    system: str
    note: str = ""
    messages: int = 0
    accepted: int = 0
    refused: int = 0
    """Refused or never answered."""
    submitted: int = 0
    lost: int = 0
    """Accepted, but not submitted in the time of the run."""
    duplicates: int = 0
    """Submitted more than once."""
    receipts: int = 0
    accepted_rate: float | None = None
    end_to_end_rate: float | None = None
    """From the sink's first to its last submit_sm."""
    receipt_rate: float | None = None
    """Receipts whose deliver_sm_resp said OK: for a durable gateway that is after it is on disk."""
    accept_p50: float | None = None
    accept_p99: float | None = None
    """From the request to its answer."""
    wire_p50: float | None = None
    wire_p99: float | None = None
    """From the request to the submit_sm at the sink."""
    cpu_per_1000: float | None = None
    """CPU seconds of the system's processes per 1,000 messages, receipts included."""
    peak_rss_mb: float | None = None
    first_submit_seconds: float | None = None
    """From the start of the system's processes to the first submit_sm."""
    idle_cpu_percent: float | None = None
    ideal_share: float | None = None
    """The end-to-end rate as a share of window / round trip."""
    empty_share: float | None = None
    """The end-to-end rate as a share of the rate with an empty queue."""
    octets_each: float | None = None
    """Database, its log and the ledger on disk, for each consent."""
    checked_rate: float | None = None
    """Entries of the ledger checked."""
    policy_share: float | None = None
    """The end-to-end rate with all packs as a share of the rate with the least policy: the median of the rounds."""
    policy_cpu_share: float | None = None
    """CPU of the gateway for a text with the least policy as a share of that with all packs."""
    told_rate: float | None = None
    """Events that all plugins were told."""
    due_seconds: float | None = None
    """From the instant at which jobs were due to the last text of them at the carrier."""
    more_p99: float | None = None
    """How much longer than without a plugin's misbehaviour the 99th percentile from request to answer is."""
    wall_seconds: float | None = None
    cpu_seconds: float | None = None
    """Of the system's processes, in the wall seconds beside it."""
    command_cpu_seconds: float | None = None
    """Of the operator's command."""


class SinkProcess(Child):
    """The sink in its own process."""

    def __init__(self, *, port: int = 0, delay: float = 0.0, receipt_delay: float = 0.0) -> None:
        super().__init__(
            "tools.bench.sink",
            *("--port", str(port), "--delay", str(delay), "--receipt-delay", str(receipt_delay)),
        )
        self.port = 0

    def __enter__(self) -> Self:
        try:
            self.port = self.hear(15)["port"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def stats(self) -> dict[str, Any]:
        return self.ask(do="stats")

    def reset(self, first: int, count: int) -> None:
        """Forget what was seen; expect the tokens from `first` on."""
        self.ask(do="reset", first=first, count=count)

    def wait_bound(self, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not self.stats()["bound"]:
            if time.monotonic() > deadline:
                raise BenchError(f"nobody bound to the sink within {seconds:.0f} s")
            time.sleep(0.02)

    def times(self, directory: Path, count: int) -> "array[float]":
        """When each expected token came."""
        path = directory / "wire"
        self.ask(do="journal", path=str(path))
        return read_journals(path, count)[0]

    def drained(self, arrived: int, receipts: int) -> dict[str, Any]:
        """The stats once so many expected texts and answers to so many receipts are in, or nothing moves any more."""
        return self._settled(STALL, arrived=arrived, acked=receipts)

    def submitted(self, count: int, patience: float) -> dict[str, Any]:
        """The stats once so many texts are in, expected or not, or nothing has moved for `patience` seconds."""
        return self._settled(patience, submits=count)

    def _settled(self, patience: float, **wanted: int) -> dict[str, Any]:
        seen: list[int] = []
        moved = time.monotonic()
        while True:
            stats = self.stats()
            progress = [stats[name] for name in wanted]
            if progress != seen:
                seen, moved = progress, time.monotonic()
            enough = all(stats[name] >= count for name, count in wanted.items())
            if enough or time.monotonic() - moved > patience:
                return stats
            time.sleep(POLL)


def order(
    system: System,
    directory: Path,
    *,
    count: int,
    first: int = 0,
    batch: int = 1,
    connections: int,
    rate: float = 0.0,
    numbers: int,
) -> Order:
    """The order for `count` texts, in the system's form for single requests or for batches."""
    form = system.single if batch == 1 else system.batch
    if form is None:
        raise BenchError(f"{system.name} has no request for several messages")
    journal = str(directory / "load")
    return Order(system.port(), form, first, count, batch, connections, rate, numbers, journal)


def load(wanted: Order, seconds: float = 1800.0) -> Tally:
    """Run an order to its end in its own process."""
    with Child("tools.bench.load") as child:
        child.tell(msgspec.json.encode(wanted))
        return msgspec.convert(child.hear(seconds), Tally)


def measure(scenario: str, system: System, sink: SinkProcess, directory: Path, wanted: Order) -> Figures:
    """Load the system with `wanted`, wait for the carrier to have it all and for all receipts, and tell the figures."""
    sink.reset(wanted.first, wanted.count)
    cpu = cpu_seconds(system.pids())
    tally = load(wanted)
    stats = sink.drained(tally.accepted, tally.accepted)
    cpu = cpu_seconds(system.pids()) - cpu
    sent, answered = read_journals(Path(wanted.journal), wanted.count)
    accepting = gaps(sent, answered)
    wire = gaps(sent, sink.times(directory, wanted.count))
    return Figures(
        scenario=scenario,
        system=system.name,
        note=_note(tally, stats),
        messages=wanted.count,
        accepted=tally.accepted,
        refused=wanted.count - tally.accepted,
        submitted=stats["submits"],
        lost=tally.accepted - stats["arrived"],
        duplicates=stats["duplicates"],
        receipts=stats["acked"],
        accepted_rate=rate(tally.accepted, tally.started, tally.finished),
        end_to_end_rate=rate(stats["submits"], stats["first"], stats["last"]),
        receipt_rate=rate(stats["acked"], stats["first_ack"], stats["last_ack"]),
        accept_p50=milliseconds(percentile(accepting, 0.50)),
        accept_p99=milliseconds(percentile(accepting, 0.99)),
        wire_p50=milliseconds(percentile(wire, 0.50)),
        wire_p99=milliseconds(percentile(wire, 0.99)),
        cpu_per_1000=cpu / stats["submits"] * 1000 if stats["submits"] else None,
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
    )


def rate(count: int, first: float, last: float) -> float | None:
    """Events a second, or None when they took no time that could be measured."""
    return count / (last - first) if last > first else None


def _note(tally: Tally, stats: dict[str, Any]) -> str:
    """Whatever should not have been, in words."""
    oddities = (
        (tally.refused, f"refused: {tally.complaint}"),
        (tally.unanswered, f"never answered: {tally.complaint}"),
        (tally.accepted - stats["arrived"], "accepted and not submitted"),
        (stats["duplicates"], "submitted again"),
        (stats["submits"] - stats["acked"], "receipts not acknowledged"),
        (stats["refused"], "receipts put off"),
    )
    return "; ".join(f"{count} {what}" for count, what in oddities if count)


def milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def read_journals(path: Path, count: int) -> "list[array[float]]":
    """The journals in a file, each of `count` moments."""
    journals = []
    with path.open("rb") as file:
        for _ in range(path.stat().st_size // (8 * count)):
            journal = no_times(0)
            journal.fromfile(file, count)
            journals.append(journal)
    return journals
