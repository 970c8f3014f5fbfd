"""A proof that cannot fail proves nothing: each of them is held against a gateway that breaks its promise."""

import pytest

from tests.system.conftest import Proofs
from tests.system.sabotage import SABOTAGES
from tools.torture.run import Wanted, sizes_of
from tools.torture.scenarios import CASES

DROPS_TCP = next(place for place, case in enumerate(CASES) if case.scenario == "drops_tcp")


def broken(sabotage: str, goal: str, **sizes: float) -> Wanted:
    return Wanted(goal, True, sizes_of(sizes), sabotage)


RUNS: dict[Wanted, str] = {
    broken("acknowledge_before_commit", "R1", kills=3): "lost",
    broken("resend_after_a_crash", "R1", kills=4): "duplicated",
    broken("never_sync", "R2", submits=30, texts=30): "before_the_disk",
    broken("answer_consumers_before_the_commit", "R2", submits=30, texts=30): "before_the_disk",
    broken("resend_after_a_lost_link", "R7", flaps=3): "duplicated",
    broken("no_rate_limit", "R10", seconds=3): "too_fast",
    broken("forget_early_receipts", "R12", texts=60): "misjudged",
    broken("check_consent_only_at_accept", "R14", numbers=16, kills=0, patience=5): "sent_after_stop",
    broken("check_consent_only_at_accept", "R14v", races=10): "lost_race",
    broken("forget_idempotency_keys", "R16", keys=60, kills=0): "key_doubled",
    broken("move_the_cursor_before_delivering", "R19", kills=4): "webhook_lost",
    broken("stop_without_draining", "R22", stops=2): "in_doubt",
    broken("log_what_is_sent", "R22", stops=1): "logged",
    broken("believe_any_receipt", "S10", forgeries=60): "believed",
    broken("call_it_submitted_when_a_link_is_lost", "carriers", first=DROPS_TCP, last=DROPS_TCP + 1): "lost",
}
"""Each with the name of the violation that must be seen."""


@pytest.mark.parametrize("wanted", RUNS, ids=lambda wanted: f"{wanted.sabotage}-{wanted.goal}")
def test_a_broken_promise_is_seen(wanted: Wanted, proofs: Proofs) -> None:
    finding = proofs.finding(wanted)
    assert RUNS[wanted] in {violation.name for violation in finding.violations}, str(finding)


def test_every_sabotage_has_its_proof() -> None:
    assert {wanted.sabotage for wanted in RUNS} == SABOTAGES.keys() - {"nothing"}
