"""Runs of the proof that tests of this session ask for, side by side, each in a process of its own.

Owns: which are run, and when. Does not own: what they do (tools/torture).
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tools.torture.goals import BY_ID
from tools.torture.proof import Finding
from tools.torture.run import Result, Wanted, prove
from tools.torture.strace import hindrance

AT_ONCE = 2 + len(os.sched_getaffinity(0))
"""They wait more than they work."""
LIMIT_SECONDS = 600.0
LONGEST = ("R1", "carriers", "R9")
"""What goes on while all the others come and go."""


class Proofs:
    """The runs that are under way, and what they found."""

    def __init__(self, runs: dict[Wanted, Future[Result]], hindrance: str | None) -> None:
        self._runs = runs
        self._hindrance = hindrance

    def finding(self, wanted: Wanted) -> Finding:
        """What a run found, once it has ended. Skips the test of one that cannot be traced on this machine."""
        if self._hindrance is not None and BY_ID[wanted.goal].traced:
            pytest.skip(self._hindrance)
        return self._runs[wanted].result().finding


@pytest.fixture(scope="session")
def proofs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofs]:
    """All runs that the collected tests name by their parameter ``wanted``: the longest first, then as the tests come."""
    specs = (getattr(item, "callspec", None) for item in request.session.items)
    named = (callspec.params.get("wanted") for callspec in specs if callspec is not None)
    hindered = hindrance()
    wanted = dict.fromkeys(
        one for one in named if isinstance(one, Wanted) and (hindered is None or not BY_ID[one.goal].traced)
    )
    directory = tmp_path_factory.mktemp("proofs")
    with ThreadPoolExecutor(AT_ONCE) as runners:
        first = sorted(wanted, key=lambda one: one.goal not in LONGEST or one.sabotage is not None)
        yield Proofs({one: runners.submit(prove, one, directory, LIMIT_SECONDS) for one in first}, hindered)
        runners.shutdown(cancel_futures=True)
