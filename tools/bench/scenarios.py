"""Owns the scenarios: what is started, in which order it is loaded, and how many messages that takes.

Does not measure (run) or judge (report). Every system goes through the same functions, with a sink of its own.
"""

import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tools.bench.blaster import blast
from tools.bench.child import BenchError
from tools.bench.load import Order
from tools.bench.meter import cpu_seconds, peak_rss
from tools.bench.run import STALL, Figures, SinkProcess, load, measure, order, rate
from tools.bench.system import Setting, System
from tools.port import free_port

NAMES = ("single", "batch", "idle", "latency", "rtt", "backlog")
STEADY = NAMES[:3]
"""These share one start of the system, in this order."""
WINDOW = 500
"""Unanswered submit_sm that the carrier allows, but for the scenario of the round trip."""
CONNECTIONS = 32
BATCH = 100
BATCH_CONNECTIONS = 8
LATENCY_RATE = 500.0
ROUND_TRIP = 0.05
ROUND_TRIP_WINDOW = 32
RECEIPT_DELAY = 1.0
"""Seconds from a carrier's answer to its receipt."""
SETTLE = 3.0
FIRST_SUBMIT_LIMIT = 300.0


class Sizes(msgspec.Struct, frozen=True):
    """How many messages each scenario takes."""

    single: int
    batch: int
    latency: int
    rtt: int
    backlog: int
    idle_seconds: float = 60.0
    consents: int = 1_000_000
    accounts: int = 100_000
    """Of which a tenth has something due at one instant."""
    plugin_seconds: float = 60.0


def sizes(messages: int, backlog: int) -> Sizes:
    """From the number of single requests; those that run at a given rate have enough with ten seconds of it."""
    return Sizes(
        single=messages,
        batch=2 * messages,
        latency=min(messages, int(10 * LATENCY_RATE)),
        rtt=min(messages, int(10 * ROUND_TRIP_WINDOW / ROUND_TRIP)),
        backlog=backlog,
    )


def ceiling(count: int) -> float:
    """Messages a second of the sink alone, a receipt for each."""
    with SinkProcess() as sink:
        sink.reset(0, count)
        return count / blast(sink.port, count, receipts=True)


def run(names: Collection[str], setting: Setting, amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """The figures of the named scenarios, one after the other as they are ready. Each start has a directory of its own."""
    steady = [name for name in STEADY if name in names]
    if steady:
        yield from _steady(steady, setting, amounts, Path(tempfile.mkdtemp(dir=directory)))
    if "latency" in names:
        yield _latency(setting, amounts.latency, Path(tempfile.mkdtemp(dir=directory)))
    if "rtt" in names:
        yield _round_trip(setting, amounts, Path(tempfile.mkdtemp(dir=directory)))
    if "backlog" in names:
        yield from _backlog(setting, amounts, Path(tempfile.mkdtemp(dir=directory)))


@contextmanager
def running(system: System) -> Iterator[None]:
    """The system from its start to its stop, however the block ends; what it logged goes with an error."""
    try:
        system.start()
        yield
    except BenchError as error:
        raise BenchError("\n".join(filter(None, (str(error), system.complaints())))) from None
    finally:
        system.stop()


def _steady(names: list[str], setting: Setting, amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """An empty queue and a carrier that answers at once."""
    with SinkProcess(receipt_delay=RECEIPT_DELAY) as sink:
        system = setting(directory / "system", smsc_port=sink.port, window=WINDOW)
        plans: dict[str, Callable[[], Iterator[Figures]]] = {
            "single": lambda: _single(system, sink, amounts, directory),
            "batch": lambda: _batch(system, sink, amounts.batch, directory),
            "idle": lambda: _idle(system, amounts.idle_seconds),
        }
        with running(system):
            sink.wait_bound()
            system.admit(max(amounts.single, amounts.batch))
            for name in names:
                yield from plans[name]()


def _single(system: System, sink: SinkProcess, amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """Twice, so that the second is at the rate that a system can keep: a store of one file a message is up to three times
    faster for its first 20,000 or so, on a part of the disk where nothing was deleted lately."""
    count = amounts.single
    for scenario in ("single, first", "single"):
        wanted = order(system, directory, count=count, connections=CONNECTIONS, numbers=count)
        yield measure(scenario, system, sink, directory, wanted)


def _batch(system: System, sink: SinkProcess, count: int, directory: Path) -> Iterator[Figures]:
    if system.batch is not None:
        wanted = order(system, directory, count=count, batch=BATCH, connections=BATCH_CONNECTIONS, numbers=count)
        yield measure("batch", system, sink, directory, wanted)


def _idle(system: System, seconds: float) -> Iterator[Figures]:
    time.sleep(SETTLE)
    started, cpu = time.monotonic(), cpu_seconds(system.pids())
    time.sleep(seconds)
    used = cpu_seconds(system.pids()) - cpu
    yield Figures(
        scenario="idle",
        system=system.name,
        idle_cpu_percent=100 * used / (time.monotonic() - started),
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
    )


def _latency(setting: Setting, count: int, directory: Path) -> Figures:
    """A rate that any system can hold, on a schedule that does not wait for it."""
    with SinkProcess(receipt_delay=RECEIPT_DELAY) as sink:
        system = setting(directory / "system", smsc_port=sink.port, window=WINDOW)
        with running(system):
            sink.wait_bound()
            system.admit(count)
            wanted = order(system, directory, count=count, connections=CONNECTIONS, rate=LATENCY_RATE, numbers=count)
            return measure("latency", system, sink, directory, wanted)


def _round_trip(setting: Setting, amounts: Sizes, directory: Path) -> Figures:
    """A distant carrier: nothing but its window may limit the rate. Twice of what that lets through is submitted."""
    with SinkProcess(delay=ROUND_TRIP, receipt_delay=RECEIPT_DELAY) as sink:
        system = setting(directory / "system", smsc_port=sink.port, window=ROUND_TRIP_WINDOW)
        with running(system):
            sink.wait_bound()
            system.admit(amounts.rtt)
            wanted = order(
                system,
                directory,
                count=amounts.rtt,
                connections=CONNECTIONS,
                rate=2 * ROUND_TRIP_WINDOW / ROUND_TRIP,
                numbers=amounts.rtt,
            )
            figures = measure("rtt", system, sink, directory, wanted)
    if figures.end_to_end_rate is not None:
        # the first window goes out at once and the clock starts with it
        cycles = (figures.submitted - ROUND_TRIP_WINDOW) / figures.submitted
        figures.ideal_share = figures.end_to_end_rate * cycles / (ROUND_TRIP_WINDOW / ROUND_TRIP)
    return figures


def _backlog(setting: Setting, amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """Fill the queue while the carrier is away; start anew with all of it queued, drain, and load on top of it.

    The rate with the queue full is held against the rate of the same load on the same system with the queue empty. Both
    begin right behind as many texts whose receipts are still coming in: with only one of them the rates would not compare.
    """
    port = free_port()
    system = setting(directory / "system", smsc_port=port, window=WINDOW)
    count, queued = min(amounts.batch, amounts.backlog), amounts.backlog
    with running(system):
        system.admit(queued)
        batch, connections = (1, CONNECTIONS) if system.batch is None else (BATCH, BATCH_CONNECTIONS)
        with SinkProcess(port=port, receipt_delay=RECEIPT_DELAY) as sink:
            sink.wait_bound()
            before = order(system, directory, count=count, batch=batch, connections=connections, numbers=queued)
            sink.reset(before.first, before.count)
            load(before)
            sink.submitted(count, STALL)
            wanted = order(
                system, directory, first=count, count=count, batch=batch, connections=connections, numbers=queued
            )
            empty = _in_and_out("backlog, empty", system, sink, wanted)
        yield empty
        wanted = order(system, directory, count=queued, batch=batch, connections=connections, numbers=queued)
        tally = load(wanted)
        filled = Figures(
            scenario="backlog, filling",
            system=system.name,
            note=tally.complaint,
            messages=queued,
            accepted=tally.accepted,
            accepted_rate=rate(tally.accepted, tally.started, tally.finished),
            peak_rss_mb=peak_rss(system.pids()) / 1e6,
        )
        yield filled
    with SinkProcess(port=port, receipt_delay=RECEIPT_DELAY) as sink:
        started = time.monotonic()
        with running(system):
            yield _draining(system, sink, count, started)
            wanted = order(
                system, directory, first=queued, count=count, batch=batch, connections=connections, numbers=queued
            )
            on_top = _in_and_out("backlog", system, sink, wanted)
            if on_top.end_to_end_rate and empty.end_to_end_rate:
                on_top.empty_share = on_top.end_to_end_rate / empty.end_to_end_rate
            yield on_top


def _draining(system: System, sink: SinkProcess, count: int, started: float) -> Figures:
    """From the start of the system until `count` of the queued messages are out."""
    stats = sink.submitted(count, FIRST_SUBMIT_LIMIT)
    return Figures(
        scenario="backlog, draining",
        system=system.name,
        submitted=stats["submits"],
        end_to_end_rate=rate(stats["submits"], stats["first"], stats["last"]),
        receipt_rate=rate(stats["acked"], stats["first_ack"], stats["last_ack"]),
        first_submit_seconds=stats["first"] - started if stats["first"] else None,
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
    )


def _in_and_out(scenario: str, system: System, sink: SinkProcess, wanted: Order) -> Figures:
    """As many in as out: the load is accepted while the carrier gets as many texts, its own or what was queued before."""
    sink.reset(wanted.first, wanted.count)
    cpu = cpu_seconds(system.pids())
    tally = load(wanted)
    stats = sink.submitted(wanted.count, STALL)
    cpu = cpu_seconds(system.pids()) - cpu
    return Figures(
        scenario=scenario,
        system=system.name,
        note=tally.complaint,
        messages=wanted.count,
        accepted=tally.accepted,
        submitted=stats["submits"],
        accepted_rate=rate(tally.accepted, tally.started, tally.finished),
        end_to_end_rate=rate(stats["submits"], stats["first"], stats["last"]),
        receipt_rate=rate(stats["acked"], stats["first_ack"], stats["last_ack"]),
        cpu_per_1000=cpu / stats["submits"] * 1000 if stats["submits"] else None,
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
    )
