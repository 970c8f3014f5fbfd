"""Owns the list of scenarios that the gateway goes through alone: what they measure, no peer has.

Does not own what they do (one file each). They take minutes each at full size, and are run when they are asked for by name.
"""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from tools.bench.consents import consents
from tools.bench.events import events
from tools.bench.policy import policy
from tools.bench.run import Figures
from tools.bench.scenarios import Sizes
from tools.bench.stray import stray

OWN: Mapping[str, Callable[[Sizes, Path], Iterator[Figures]]] = {
    "consents": consents,
    "policy": policy,
    "events": events,
    "plugin": stray,
}


def run_own(names: Collection[str], amounts: Sizes, directory: Path) -> Iterator[Figures]:
    """The figures of the named ones, one after the other as they are ready. Each has a directory of its own."""
    for name, scenario in OWN.items():
        if name in names:
            yield from scenario(amounts, Path(tempfile.mkdtemp(dir=directory)))
