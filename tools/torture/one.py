"""One goal in a process of its own: it owns the command line of that process, and the JSON that it prints.

    python -m tools.torture.one R1 --directory DIR [--small] [--seed N] [--set kills=3]... [--sabotage NAME]

A goal that cannot be judged ends with a traceback, which is a finding too.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

import msgspec
import trio

from tools.torture.gateway import PRODUCT
from tools.torture.goals import BY_ID
from tools.torture.peers import PEERS
from tools.torture.proof import Setting

SABOTAGE = "tests.system.sabotage"


def size(text: str) -> tuple[str, float]:
    """A size of the run as typed: `kills=3`. Raises argparse.ArgumentTypeError."""
    name, _, value = text.partition("=")
    try:
        return name, float(value) if "." in value else int(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER (such as kills=3)") from None


def main() -> None:
    """Run it and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tools.torture.one")
    parser.add_argument("goal", choices=BY_ID)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", type=size, action="append", default=[], metavar="NAME=NUMBER")
    parser.add_argument("--sabotage", metavar="NAME")
    parser.add_argument("--peer", choices=PEERS)
    options = parser.parse_args()
    goal = BY_ID[options.goal]
    launcher = PRODUCT if options.sabotage is None else (SABOTAGE, options.sabotage)
    sizes = {**(goal.small if options.small else goal.large), **dict(options.set)}
    run = goal.run if options.peer is None else PEERS[options.peer]
    finding = trio.run(partial(run, Setting(options.directory, options.seed, launcher), **sizes))
    sys.stdout.buffer.write(msgspec.json.encode(finding))


if __name__ == "__main__":
    main()
