"""A proof that cannot fail proves nothing: each of them is held against a gateway that breaks its promise."""

import subprocess
import sys

import pytest

from tests.system.conftest import Proofs
from tests.system.sabotage import SABOTAGES
from tools.torture.broken import BROKEN
from tools.torture.goals import BY_ID
from tools.torture.run import Wanted

RUNS = {broken.wanted: broken.violation for broken in BROKEN if not broken.slow}


@pytest.mark.parametrize("wanted", RUNS, ids=lambda wanted: f"{wanted.sabotage}-{wanted.goal}")
def test_a_broken_promise_is_seen(wanted: Wanted, proofs: Proofs) -> None:
    finding = proofs.finding(wanted)
    assert RUNS[wanted] in {violation.name for violation in finding.violations}, str(finding)


def test_every_goal_has_its_sabotage_and_every_sabotage_its_goal() -> None:
    assert {broken.goal for broken in BROKEN} == BY_ID.keys()
    assert {broken.sabotage for broken in BROKEN} == SABOTAGES.keys()


def test_every_sabotage_hits_its_mark() -> None:
    """Told in a second, by name, rather than by a proof that fails after minutes."""
    all_of_them = "from tests.system.sabotage import SABOTAGES\nfor breaks in SABOTAGES.values(): breaks()"
    patched = subprocess.run([sys.executable, "-c", all_of_them], capture_output=True, text=True)
    assert patched.returncode == 0, patched.stderr
