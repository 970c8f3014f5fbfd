"""Owns how figures are shown: the table, the goals, the JSON file.

Does not measure. A goal that needs a figure which was not measured is left out, never guessed.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from tools.bench.meter import Machine
from tools.bench.run import Figures

GATEWAY = "assent"
PEER = "kannel"


class Goal(msgspec.Struct, frozen=True):
    """One figure held against what it should be."""

    what: str
    goal: str
    figure: str
    met: bool


class Report(msgspec.Struct, kw_only=True):
    """One bench run, as it is written to the JSON file."""

    taken_at: str
    machine: Machine
    sink_ceiling: float | None = None
    """Messages a second of the sink alone."""
    runs: list[Figures] = msgspec.field(default_factory=list)
    goals: list[Goal] = msgspec.field(default_factory=list)

    def find(self, system: str, scenario: str) -> Figures | None:
        return next((run for run in self.runs if (run.system, run.scenario) == (system, scenario)), None)


def new_report(machine: Machine) -> Report:
    """A report of now, without figures."""
    return Report(taken_at=datetime.now(UTC).isoformat(timespec="seconds"), machine=machine)


def ratio(report: Report, run: Figures) -> float | None:
    """The end-to-end rate against the peer's in the same scenario; batches against its single requests, for it has
    no others."""
    counterpart = "single" if run.scenario == "batch" else run.scenario
    other = report.find(PEER, counterpart)
    if run.system == PEER or other is None or not other.end_to_end_rate or run.end_to_end_rate is None:
        return None
    return run.end_to_end_rate / other.end_to_end_rate


def headroom(report: Report, run: Figures) -> float | None:
    """How many times faster the sink alone is than this run."""
    if not report.sink_ceiling or not run.end_to_end_rate:
        return None
    return report.sink_ceiling / run.end_to_end_rate


class Bound(NamedTuple):
    """A goal before it is measured: the figure of one scenario, and the least or the most it may be."""

    what: str
    scenario: str
    figure: Callable[[Report, Figures], float | None]
    unit: str
    least: float = -math.inf
    most: float = math.inf


BOUNDS = (
    Bound("single requests against Kannel", "single", ratio, " ×", least=2),
    Bound("batches against Kannel", "batch", ratio, " ×", least=8),
    Bound("request to wire at 500 msg/s, p99", "latency", lambda _, run: run.wire_p99, " ms", most=25),
    Bound("CPU when idle", "idle", lambda _, run: run.idle_cpu_percent, " %", most=1),
    Bound("share of window / round trip", "rtt", lambda _, run: _percent(run.ideal_share), " %", least=95),
    Bound("first submit, queue full", "backlog, draining", lambda _, run: run.first_submit_seconds, " s", most=10),
    Bound("memory, queue full", "backlog", lambda _, run: run.peak_rss_mb, " MB", most=300),
    Bound("rate, queue full against empty", "backlog", lambda _, run: _percent(run.empty_share), " %", least=90),
    Bound("the sink alone against the run", "batch", headroom, " ×", least=3),
    Bound("consents imported", "consents, import", lambda _, run: run.accepted_rate, " /s", least=10_000),
    Bound("disk for a consent, ledger included", "consents, import", lambda _, run: run.octets_each, " B", most=1024),
    Bound("consents as of an instant, p99", "consents, as of", lambda _, run: run.accept_p99, " ms", most=10),
    Bound("entries of the ledger checked", "consents, verify", lambda _, run: run.checked_rate, " /s", least=100_000),
    Bound("all packs against the least policy", "policy", lambda _, run: _percent(run.policy_share), " %", least=70),
    Bound("client events on disk", "events", lambda _, run: run.accepted_rate, " /s", least=2000),
    Bound("due at one instant, the last at the carrier", "events, due", lambda _, run: run.due_seconds, " s", most=60),
    Bound("p99 beside a plugin that blocks, more by", "plugin, block", lambda _, run: run.more_p99, " ms", most=100),
    Bound("p99 beside a plugin that raises, more by", "plugin, raise", lambda _, run: run.more_p99, " ms", most=100),
)


def goals(report: Report) -> Iterator[Goal]:
    """What the gateway should reach, where it was measured. A run that lost or repeated a message reaches nothing."""
    for bound in BOUNDS:
        run = report.find(GATEWAY, bound.scenario)
        figure = None if run is None else bound.figure(report, run)
        if run is not None and figure is not None:
            met = bound.least <= figure <= bound.most and not (run.refused or run.lost or run.duplicates)
            wanted = f"≥ {_short(bound.least)}" if math.isfinite(bound.least) else f"≤ {_short(bound.most)}"
            yield Goal(bound.what, wanted + bound.unit, f"{_short(figure)}{bound.unit}", met)


COLUMNS: Sequence[tuple[str, Callable[[Figures], str]]] = (
    ("accepted/s", lambda run: _whole(run.accepted_rate)),
    ("end to end/s", lambda run: _whole(run.end_to_end_rate)),
    ("receipts/s", lambda run: _whole(run.receipt_rate)),
    ("to answer\np50 / p99 ms", lambda run: _pair(run.accept_p50, run.accept_p99)),
    ("to wire\np50 / p99 ms", lambda run: _pair(run.wire_p50, run.wire_p99)),
    ("CPU s\nper 1,000", lambda run: _figure(run.cpu_per_1000, ".2f")),
    ("peak RSS\nMB", lambda run: _whole(run.peak_rss_mb)),
)


def show(report: Report, console: Console) -> None:
    """The table, what was odd, and the goals."""
    machine = report.machine
    console.print(
        f"{machine.cpus} CPUs, {machine.system}, Python {machine.python}, {machine.filesystem} "
        f"(fsync {machine.fsync_ms:.2f} ms)" + _sink(report)
    )
    table = Table("scenario", "system", title="Load, sink and system on one machine, a receipt for every message")
    for name, _ in COLUMNS:
        table.add_column(name, justify="right")
    table.add_column("against\nKannel", justify="right")
    table.add_column("more")
    for run in report.runs:
        cells = (cell(run) for _, cell in COLUMNS)
        table.add_row(run.scenario, run.system, *cells, _figure(ratio(report, run), ".2f"), _more(run))
    console.print(table)
    for run in report.runs:
        if run.note:
            console.print(f"{run.system}, {run.scenario}: {run.note}", markup=False)
    if report.goals:
        table = Table("goal", "wanted", "measured", "", title="Goals")
        for goal in report.goals:
            table.add_row(goal.what, goal.goal, goal.figure, "met" if goal.met else "[bold]not met[/bold]")
        console.print(table)


def write(report: Report, path: Path) -> None:
    """The JSON file."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")


def _sink(report: Report) -> str:
    return f"; the sink alone: {report.sink_ceiling:,.0f} messages/s" if report.sink_ceiling else ""


def _more(run: Figures) -> str:
    parts = (
        (run.first_submit_seconds, "first submit after {:.1f} s"),
        (run.idle_cpu_percent, "{:.2f} % CPU"),
        (_percent(run.ideal_share), "{:.1f} % of window / round trip"),
        (_percent(run.empty_share), "{:.1f} % of empty"),
        (run.octets_each, "{:.0f} B on disk each"),
        (run.checked_rate, "{:,.0f} entries checked/s"),
        (_percent(run.policy_share), "{:.1f} % of the least policy's rate"),
        (_percent(run.policy_cpu_share), "the least takes {:.1f} % of its CPU"),
        (run.told_rate, "{:,.0f} events told to all plugins/s"),
        (run.due_seconds, "the last {:.1f} s after it was due"),
        (run.more_p99, "p99 {:+.1f} ms"),
        (run.cpu_seconds, "CPU {:.1f} s"),
        (run.command_cpu_seconds, "the command's {:.1f} s"),
        (run.wall_seconds, "in {:.1f} s"),
    )
    return ", ".join(text.format(figure) for figure, text in parts if figure is not None)


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:.3g}"


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _figure(figure: float | None, form: str) -> str:
    return "" if figure is None else format(figure, form)


def _whole(figure: float | None) -> str:
    return _figure(figure, ",.0f")


def _pair(middle: float | None, high: float | None) -> str:
    return "" if middle is None else f"{_figure(middle, '.1f')} / {_figure(high, '.1f')}"
