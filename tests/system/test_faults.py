"""The promise under fire, in small: the real process is killed, frozen, starved, cut off and lied to, and the ledger is clean.

`make torture` runs the same goals at full size.
"""

import pytest

from tests.system.conftest import Proofs
from tools.torture.goals import GOALS
from tools.torture.run import Wanted

RUNS = [Wanted(goal.id, small=True) for goal in GOALS if goal.id != "carriers"]


@pytest.mark.parametrize("wanted", RUNS, ids=lambda wanted: wanted.goal)
def test_a_goal_is_met(wanted: Wanted, proofs: Proofs) -> None:
    finding = proofs.finding(wanted)
    assert finding.met, str(finding)
