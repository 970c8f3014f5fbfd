"""Owns the scenario of many consents: imported as an operator does it, kept on disk, looked up as of an instant, checked.

Does not own the import or the check (`assent admin`). The rows come in an order that has nothing to do with the numbers, as
a client's files do: an index that is written in its own order would look better than it is.
"""

import csv
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.bench.assent import CATEGORY, CLIENT, PROGRAM, Assent
from tools.bench.child import BenchError
from tools.bench.load import Form, Order
from tools.bench.meter import cpu_seconds, peak_rss
from tools.bench.run import Figures, SinkProcess, load, milliseconds, rate, read_journals
from tools.bench.scenarios import CONNECTIONS, WINDOW, Sizes, running
from tools.bench.traffic import NUMBER, SUBSCRIBERS, gaps, percentile, subscriber

STRIDE = 15_485_863
"""A prime beyond all subscribers: steps of it meet each of them once."""
HEADER = ("number", "program", "category", "obtained_at", "medium", "wording", "source")
WORDING = "I agree to get texts about my account from Example Co. Msg & data rates may apply. Reply STOP to end."
LOOKS = 3000
LOOKS_A_SECOND = 100.0


def consents(amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """One gateway through all of it; nothing else is asked of it meanwhile."""
    with SinkProcess() as sink:
        system = Assent(directory / "system", smsc_port=sink.port, window=WINDOW)
        with running(system):
            path = directory / "consents.csv"
            write_rows(path, amounts.consents)
            yield _import(system, path, amounts.consents)
            yield _look_up(system, directory, amounts.consents)
            yield _verify(system, amounts.consents)


def write_rows(path: Path, count: int) -> None:
    """A file as it comes out of a client's system. Its consents are some days old."""
    if count > SUBSCRIBERS:
        raise BenchError(f"there are only {SUBSCRIBERS} numbers for {count} consents")
    first = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in range(count):
            number = NUMBER % subscriber(row * STRIDE % count)
            obtained = first + timedelta(seconds=row % 1_000_000)
            source = f"sign-up page, form {row:08d}"
            writer.writerow((number, PROGRAM, CATEGORY, obtained.isoformat(), "web form", WORDING, source))


def _import(system: Assent, path: Path, count: int) -> Figures:
    cpu = cpu_seconds(system.pids())
    done, used = system.command("consent", "import", str(path), "--client", CLIENT)
    return Figures(
        scenario="consents, import",
        system=system.name,
        messages=count,
        accepted=done["taken"],
        refused=count - done["taken"],
        accepted_rate=done["rows"] / done["seconds"],
        octets_each=system.disk() / done["taken"],
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
        cpu_seconds=cpu_seconds(system.pids()) - cpu,
        command_cpu_seconds=used,
        wall_seconds=done["seconds"],
    )


def _look_up(system: Assent, directory: Path, count: int) -> Figures:
    """At a rate, on a schedule that does not wait, each of another number and as of another instant of the next second."""
    time.sleep(1.0)  # what was entered in this second would be none of the consents of its beginning
    instant = datetime.now(UTC).replace(microsecond=0).isoformat().removesuffix("+00:00")
    form = Form(
        head="GET /v1/consents/%2B",
        item=f"{NUMBER.removeprefix('+')}?as_of={instant}.%08dZ",
        closing=f" HTTP/1.1\r\n{system.fields()}\r\n",
        accepted=('"confirmed"',),
    )
    looks = min(LOOKS, count)
    journal = directory / "looks"
    cpu = cpu_seconds(system.pids())
    tally = load(Order(system.port(), form, 0, looks, 1, CONNECTIONS, LOOKS_A_SECOND, count, str(journal)))
    took = gaps(*read_journals(journal, looks))
    return Figures(
        scenario="consents, as of",
        system=system.name,
        note=tally.complaint,
        messages=looks,
        accepted=tally.accepted,
        refused=looks - tally.accepted,
        accepted_rate=rate(tally.accepted, tally.started, tally.finished),
        accept_p50=milliseconds(percentile(took, 0.50)),
        accept_p99=milliseconds(percentile(took, 0.99)),
        cpu_seconds=cpu_seconds(system.pids()) - cpu,
        wall_seconds=tally.finished - tally.started,
    )


def _verify(system: Assent, count: int) -> Figures:
    cpu = cpu_seconds(system.pids())
    done, used = system.command("ledger", "verify")
    return Figures(
        scenario="consents, verify",
        system=system.name,
        messages=count,
        accepted=done["entries"],
        refused=count - done["entries"],
        checked_rate=done["entries"] / done["seconds"],
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
        cpu_seconds=cpu_seconds(system.pids()) - cpu,
        command_cpu_seconds=used,
        wall_seconds=done["seconds"],
    )
