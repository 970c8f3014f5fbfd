"""`make torture`: it owns the command line, the order of the runs, and the table.

    python -m tools.torture [--goal ID]... [--small] [--at-once N] [--set NAME=NUMBER]... [--sabotage NAME]
                            [--seed N] [--json FILE] [--keep DIR]

One line for each goal, with its figure. The exit status is 0 when all are met. Each goal runs in a process of its own.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tools.torture.goals import BY_ID, GOALS
from tools.torture.one import size
from tools.torture.run import Result, Wanted, prove, sizes_of

SHOWN = 5
"""Violations of a goal that are printed; all are in the JSON."""


def arguments(command_line: list[str]) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m tools.torture", description=__doc__.partition("\n")[0])
    parser.add_argument("--goal", action="append", choices=BY_ID, help="may be given several times (default: all)")
    parser.add_argument("--small", action="store_true", help="the sizes of the test suite")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="goals that run side by side")
    parser.add_argument(
        "--set", type=size, action="append", default=[], metavar="NAME=NUMBER", help="a size of the run"
    )
    parser.add_argument("--sabotage", metavar="NAME", help="break a promise: the goal must then not be met")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all findings there")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep journals, logs and databases there")
    return parser.parse_args(command_line)


def main() -> None:
    """Run the goals."""
    options = arguments(sys.argv[1:])
    names = options.goal or [goal.id for goal in GOALS]
    wanted = [
        Wanted(name, options.small, sizes_of(dict(options.set)), options.sabotage, options.seed) for name in names
    ]
    results: dict[str, Result] = {}
    with _place(options.keep) as directory, ThreadPoolExecutor(options.at_once) as runners:
        for one, result in zip(wanted, runners.map(lambda one: prove(one, directory), wanted), strict=True):
            results[one.goal] = result
            print(_line(one, result), flush=True)
    missed = [name for name, result in results.items() if not result.finding.met]
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    print(
        f"{len(results) - len(missed)} of {len(results)} goals met" + (f"; not {', '.join(missed)}" if missed else "")
    )
    sys.exit(bool(missed))


@contextmanager
def _place(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="assent-torture-") as name:
        yield Path(name)


def _line(wanted: Wanted, result: Result) -> str:
    finding = result.finding
    goal = BY_ID[wanted.goal]
    verdict = "met" if finding.met else "NOT MET"
    lines = [f"{goal.id:9}{verdict:8} {goal.what}: {finding.figure} [{result.seconds:.0f} s]"]
    lines += [f"{'':18}{violation}" for violation in finding.violations[:SHOWN]]
    if len(finding.violations) > SHOWN:
        lines.append(f"{'':18}and {len(finding.violations) - SHOWN} more")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
