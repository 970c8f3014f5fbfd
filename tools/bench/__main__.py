"""Owns the command line of the bench: what to measure, against whom, and where the JSON goes.

    python -m tools.bench [--scenario NAME]... [--messages N] [--backlog N] [--peer kannel] [--json FILE]
    python -m tools.bench --scenario consents --scenario policy --scenario events --scenario plugin
        [--consents N] [--accounts N] [--seconds N]

Files go below the directory for temporary files (TMPDIR); it must be on a real disk, or durability costs nothing.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import FrameType

from msgspec.structs import replace
from rich.console import Console

from tools.bench import report
from tools.bench.assent import Assent
from tools.bench.child import BenchError
from tools.bench.kannel import Kannel
from tools.bench.meter import machine, spread
from tools.bench.own import OWN, run_own
from tools.bench.run import Figures
from tools.bench.scenarios import NAMES, ceiling, run, sizes

CEILING_MESSAGES = 100_000
VOLATILE = ("tmpfs", "ramfs")
TO_DISK_ONLY = "%s is in memory: set TMPDIR to a directory on a disk, or these figures say nothing about durability"


def arguments(command_line: list[str]) -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--scenario",
        action="append",
        choices=(*NAMES, *OWN, "all"),
        help=f"may be given several times (default: all, which is all but {', '.join(OWN)})",
    )
    parser.add_argument("--messages", type=_count, default=60_000, help="single requests (default: %(default)s)")
    parser.add_argument("--backlog", type=_count, default=1_000_000, help="messages queued (default: %(default)s)")
    parser.add_argument("--consents", type=_count, default=1_000_000, help="consents imported (default: %(default)s)")
    parser.add_argument(
        "--accounts",
        type=_count,
        default=100_000,
        help="that events tell of, a tenth due at once (default: %(default)s)",
    )
    parser.add_argument("--seconds", type=_count, default=60, help="that a plugin misbehaves (default: %(default)s)")
    parser.add_argument("--peer", choices=[report.PEER], help="measure this one too and print the ratio")
    parser.add_argument("--peer-only", action="store_true", help="measure only the peer")
    parser.add_argument("--json", type=Path, metavar="FILE", help="default: bench-TIME.json")
    options = parser.parse_args(command_line)
    if options.peer_only and options.peer is None:
        parser.error("--peer-only needs --peer")
    return options


def main() -> None:
    options = arguments(sys.argv[1:])
    signal.signal(signal.SIGTERM, _interrupted)
    console = Console(width=None if sys.stdout.isatty() else 160)
    try:
        _bench(options, console)
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")


def _bench(options: argparse.Namespace, console: Console) -> None:
    asked = options.scenario or ["all"]
    names = [name for name in NAMES if name in asked or "all" in asked]
    # a store of one file a message takes its time to queue a million: the peer does it only when it is asked by name
    peer_names = [name for name in names if name != "backlog" or name in asked]
    amounts = replace(
        sizes(options.messages, options.backlog),
        consents=options.consents,
        accounts=options.accounts,
        plugin_seconds=options.seconds,
    )
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as name:
        directory = Path(name)
        spread(directory)
        found = report.new_report(machine(directory))
        if found.machine.filesystem in VOLATILE:
            console.print(TO_DISK_ONLY % directory, style="bold")
        found.sink_ceiling = ceiling(CEILING_MESSAGES)
        systems: list[Iterator[Figures]] = []
        if options.peer:
            systems.append(run(peer_names, Kannel, amounts, directory))
        if not options.peer_only:
            systems.append(run(names, Assent, amounts, directory))
            systems.append(run_own(asked, amounts, directory))
        try:
            for figures in chain(*systems):
                found.runs.append(figures)
                print(f"{figures.system}: {figures.scenario} done", file=sys.stderr)
        finally:  # what was measured before something went wrong is shown as well
            if found.runs:
                found.goals = list(report.goals(found))
                report.show(found, console)
                path = options.json or Path(f"bench-{datetime.now(UTC):%Y%m%d-%H%M%S}.json")
                report.write(found, path)
                console.print(f"written to {path}")


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("give a number of at least 1")
    return count


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
