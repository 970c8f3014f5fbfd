"""Owns the scenario of a plugin that misbehaves: what single requests of another client feel of it.

Does not reach into the gateway: the plugin is a package of the bench's that is installed for the measured process, offered by
an entry point, and enabled for one client alone. That client tells of something all the time, and an operator calls the plugin
again as soon as it is suspended, so that it blocks (or raises, or loops) from the first text of a run to the last. Afterwards
the plugin is mended, and has to have been told everything. The deeds take turns, each on a gateway of its own, and each is held
against the plugin that does nothing in the same round: what else the machine does meets them all.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tools.bench.assent import Assent, client_toml
from tools.bench.child import BenchError
from tools.bench.events import LIMIT, wait_until_told
from tools.bench.run import Figures, SinkProcess, measure, order
from tools.bench.scenarios import CONNECTIONS, RECEIPT_DELAY, WINDOW, Sizes, running

NAME = "stray"
OTHER = "other"
DEEDS = ("nothing", "block", "raise", "loop")
MODULE = '''\
"""Does to each event what its setting says."""

import time
from typing import Literal

from gateway.hooks import Info, Settings, hookimpl
from gateway.model.client_events import AnyClientEvent


class StraySettings(Settings, frozen=True, kw_only=True):
    does: Literal["nothing", "block", "raise", "loop"]


@hookimpl
def declare_info() -> Info:
    return Info(summary="Misbehaves")


@hookimpl
def declare_settings() -> type[Settings]:
    return StraySettings


@hookimpl
async def observe_event(event: AnyClientEvent, settings: StraySettings) -> None:
    if settings.does == "block":
        time.sleep(60)
    if settings.does == "raise":
        raise RuntimeError("stray")
    while settings.does == "loop":
        pass
'''
METADATA = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1\n"
ENTRY_POINTS = f"[assent.plugins]\n{NAME} = {NAME}\n"
SETTINGS = 'enabled = ["{name}"]\n[settings.{name}]\nclients = ["{client}"]\ndoes = "{does}"\n'
SENDER_OF_OTHER = "12125550101"
RATE = 200.0
EVENTS = 5
ROUNDS = 5
COUNTED = ("messages", "accepted", "refused", "submitted", "lost", "duplicates", "receipts")
TIMED = (
    "accepted_rate",
    "end_to_end_rate",
    "receipt_rate",
    "accept_p50",
    "accept_p99",
    "wire_p50",
    "wire_p99",
    "cpu_per_1000",
    "peak_rss_mb",
)
PAUSE = 0.25
"""Seconds between some new events, and between two looks of the operator's."""


class Turn(NamedTuple):
    """One round of a deed."""

    figures: Figures
    told: int
    """Events that the plugin was told of."""
    failed: int


def stray(amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """The same load for each deed, in rounds; a row for each deed."""
    packages = directory / "packages"
    install(packages)
    rounds: dict[str, list[Turn]] = {does: [] for does in DEEDS}
    for turn in range(ROUNDS):
        for does, turns in rounds.items():
            turns.append(_beside(does, amounts.plugin_seconds / ROUNDS, packages, directory / f"{does}-{turn}"))
    usual = rounds.pop(DEEDS[0])
    yield together(usual)
    for turns in rounds.values():
        yield together(turns, usual)


def together(turns: Sequence[Turn], against: Sequence[Turn] = ()) -> Figures:
    """The rounds of one deed as one: what is counted added up, of what is timed the median."""
    runs, usual = [turn.figures for turn in turns], [turn.figures for turn in against]
    told, failed = sum(turn.told for turn in turns), sum(turn.failed for turn in turns)
    pairs = [(one.accept_p99, other.accept_p99) for one, other in zip(runs, usual, strict=bool(usual))]
    more = [one - other for one, other in pairs if one is not None and other is not None]
    figures: dict[str, Any] = {name: sum(getattr(run, name) for run in runs) for name in COUNTED}
    for name in TIMED:
        values = [value for run in runs if (value := getattr(run, name)) is not None]
        figures[name] = median(values) if values else None
    notes = [run.note for run in runs]
    if failed and not figures["lost"]:
        notes.append(
            f"the plugin was told of {told} events, failed {failed} times and heard them all once it was mended"
        )
    return Figures(
        scenario=runs[0].scenario,
        system=runs[0].system,
        note="; ".join(dict.fromkeys(filter(None, notes))),
        more_p99=median(more) if more else None,
        **figures,
    )


def install(directory: Path) -> None:
    """Put the plugin and its entry point into a directory of packages, as an installer does."""
    for name, text in (
        (f"{NAME}/__init__.py", MODULE),
        (f"{NAME}-1.dist-info/METADATA", METADATA),
        (f"{NAME}-1.dist-info/entry_points.txt", ENTRY_POINTS),
    ):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def plugins_toml(does: str) -> str:
    """The plugin enabled for the other client."""
    return SETTINGS.format(name=NAME, client=OTHER, does=does)


def _beside(does: str, seconds: float, packages: Path, directory: Path) -> Turn:
    """The load, while the plugin does what it does; then the plugin mended, as an operator mends it."""
    files = {
        "plugins.toml": plugins_toml(does),
        "clients.toml": client_toml() + client_toml(OTHER, OTHER, SENDER_OF_OTHER),
    }
    count = max(1, int(RATE * seconds))
    with SinkProcess(receipt_delay=RECEIPT_DELAY) as sink:
        system = Assent(directory / "system", smsc_port=sink.port, window=WINDOW, files=files, packages=packages)
        with running(system):
            sink.wait_bound()
            system.admit(count)
            wanted = order(system, directory, count=count, connections=CONNECTIONS, rate=RATE, numbers=count)
            with ThreadPoolExecutor(1) as pool:
                ended = threading.Event()
                telling = pool.submit(_tell, system, ended)
                try:
                    figures = measure(f"plugin, {does}", system, sink, directory, wanted)
                    if does != DEEDS[0]:
                        _wait_for_failure(system)
                finally:
                    ended.set()
            told = telling.result()
            failed = _plugin(system)["failed"]
        system.configure("plugins.toml", plugins_toml(DEEDS[0]))
        with running(system):
            system.operator("POST", f"/v1/plugins/{NAME}/resume")
            wait_until_told(system)
            if failed:
                figures.lost += max(0, told - _plugin(system)["calls"])
    return Turn(figures, told, failed)


def _tell(system: Assent, ended: threading.Event) -> int:
    """Tell the plugin of new events, and call it again wherever it was suspended, until the end; how many it was told."""
    told = 0
    while not ended.wait(PAUSE):
        now = datetime.now(UTC).isoformat(timespec="seconds")
        events = [
            {"id": f"event-{one}", "type": "account.updated", "occurred_at": now, "account": f"A-{one}"}
            for one in range(told, told + EVENTS)
        ]
        results = system.client("POST", "/v1/events", {"events": events}, OTHER)["results"]
        if any(result["status"] != 202 for result in results):
            raise BenchError(f"events were refused: {results}")
        told += EVENTS
        system.operator("POST", f"/v1/plugins/{NAME}/resume")
    return told


def _wait_for_failure(system: Assent) -> None:
    """A short run may be over before the first call is given up."""
    deadline = time.monotonic() + LIMIT
    while not _plugin(system)["failed"]:
        if time.monotonic() > deadline:
            raise BenchError("the plugin does not misbehave")
        time.sleep(PAUSE)


def _plugin(system: Assent) -> dict[str, Any]:
    (found,) = system.operator("GET", "/v1/plugins")["plugins"]
    plugin: dict[str, Any] = found
    return plugin
