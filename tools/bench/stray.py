"""Owns the scenario of a plugin that misbehaves: what single requests of another client feel of it.

Does not reach into the gateway: the plugin is a package of the bench's that is installed for the measured process, offered by
an entry point, and enabled for one client alone. That client tells of something all the time, and an operator calls the plugin
again as soon as it is suspended, so that it blocks (or raises, or loops) from the first text of a run to the last. Afterwards
the plugin is mended, and has to have been told everything.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
PAUSE = 0.25
"""Seconds between some new events, and between two looks of the operator's."""


def stray(amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """The same load for each deed, each on a gateway of its own."""
    usual: float | None = None
    packages = directory / "packages"
    install(packages)
    for does in DEEDS:
        figures = _beside(does, amounts.plugin_seconds, packages, directory / does)
        if does == DEEDS[0]:
            usual = figures.accept_p99
        elif usual is not None and figures.accept_p99 is not None:
            figures.more_p99 = figures.accept_p99 - usual
        yield figures


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


def _beside(does: str, seconds: float, packages: Path, directory: Path) -> Figures:
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
    note = f"the plugin was told of {told} events, failed {failed} times and heard them all once it was mended"
    figures.note = "; ".join(filter(None, (figures.note, note if failed and not figures.lost else "")))
    return figures


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
