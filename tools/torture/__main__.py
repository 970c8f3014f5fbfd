"""`make torture`: it owns the command line, the order of the runs, and the table.

    python -m tools.torture [--goal ID]... [--small] [--at-once N] [--set NAME=NUMBER]... [--sabotage NAME | --sabotaged]
                            [--peer kannel] [--seed N] [--json FILE] [--keep DIR]

One line for each goal, with its figure. The exit status is 0 when all are met. Each goal runs in a process of its own. With
--sabotaged each goal is held against a gateway that breaks its promise, and the exit status is 0 when all notice. With
--peer R1 is held against somebody else's gateway.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tools.torture.broken import BROKEN, Broken
from tools.torture.goals import BY_ID, GOALS
from tools.torture.one import size
from tools.torture.peers import ABSENT, PEERS
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
    breaking = parser.add_mutually_exclusive_group()
    breaking.add_argument("--sabotage", metavar="NAME", help="break a promise: the goal must then not be met")
    breaking.add_argument("--sabotaged", action="store_true", help="break a promise of each goal, and see it noticed")
    breaking.add_argument("--peer", choices=PEERS, help="hold R1 against this gateway instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all findings there")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep journals, logs and databases there")
    return parser.parse_args(command_line)


def main() -> None:
    """Run the goals."""
    options = arguments(sys.argv[1:])
    names = options.goal or (["R1"] if options.peer else [goal.id for goal in GOALS])
    if options.peer and names != ["R1"]:
        sys.exit("--peer goes with R1 alone")
    if options.peer and (missing := ABSENT[options.peer]()):
        print(f"R1       skipped  {options.peer}: {missing}")
        return
    if options.sabotaged:
        broken = [one for one in BROKEN if one.goal in names]
        wanted = [one.wanted for one in broken]
    else:
        sizes = sizes_of(dict(options.set))
        wanted = [Wanted(name, options.small, sizes, options.sabotage, options.seed, options.peer) for name in names]
    results: list[Result] = []
    with _place(options.keep) as directory, ThreadPoolExecutor(options.at_once) as runners:
        for one, result in zip(wanted, runners.map(lambda one: prove(one, directory), wanted), strict=True):
            results.append(result)
            print(_caught(broken[len(results) - 1], result) if options.sabotaged else _line(one, result), flush=True)
    if options.json is not None:
        told = {
            one.name if options.sabotaged else one.goal: result for one, result in zip(wanted, results, strict=True)
        }
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    if options.sabotaged:
        missed = [one.sabotage for one, result in zip(broken, results, strict=True) if not _noticed(one, result)]
        what = "broken promises noticed"
    else:
        missed = [one.goal for one, result in zip(wanted, results, strict=True) if not result.finding.met]
        what = "goals met"
    print(f"{len(results) - len(missed)} of {len(results)} {what}" + (f"; not {', '.join(missed)}" if missed else ""))
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
    name = f"{goal.id} {wanted.peer}" if wanted.peer else goal.id
    verdict = "met" if finding.met else "NOT MET"
    lines = [f"{name:9}{verdict:8} {goal.what}: {finding.figure} [{result.seconds:.0f} s]"]
    lines += [f"{'':18}{violation}" for violation in finding.violations[:SHOWN]]
    if len(finding.violations) > SHOWN:
        lines.append(f"{'':18}and {len(finding.violations) - SHOWN} more")
    return "\n".join(lines)


def _noticed(broken: Broken, result: Result) -> bool:
    return broken.violation in {violation.name for violation in result.finding.violations}


def _caught(broken: Broken, result: Result) -> str:
    verdict = "noticed" if _noticed(broken, result) else "MISSED"
    seen = next((str(one) for one in result.finding.violations if one.name == broken.violation), result.finding.figure)
    return f"{broken.goal:9}{verdict:8} {broken.sabotage}: {seen} [{result.seconds:.0f} s]"


if __name__ == "__main__":
    main()
