"""The gateway with one promise broken on purpose: a proof that does not notice proves nothing.

    python -m tests.system.sabotage NAME run --conf DIR
    python -m tests.system.sabotage NAME --module MODULE ...

Owns: running the gateway, or a program that uses its parts, after one of the ways in broken_roads and broken_doors.
"""

import runpy
import sys

from gateway.__main__ import main
from tests.system import broken_doors, broken_roads
from tests.system.breaking import SABOTAGES

__all__ = ["SABOTAGES", "broken_doors", "broken_roads"]

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    SABOTAGES[name]()
    if arguments[0] == "--module":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.exit(main(arguments))
