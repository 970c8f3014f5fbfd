"""Who may hear of a debt."""

import pytest

from gateway.errors import Code
from gateway.model.decision import Verdict
from gateway.model.profile import Party
from gateway.rules.packs import Refusal
from gateway.rules.party import judge_party

BOTH = frozenset({Refusal.THIRD_PARTY, Refusal.PARTY_UNKNOWN})


@pytest.mark.parametrize("party", [party for party in Party if party is not Party.THIRD_PARTY])
def test_the_consumer_and_those_in_the_consumers_place(party: Party) -> None:
    assert judge_party(party, BOTH).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    ("party", "refusal", "code"),
    [(Party.THIRD_PARTY, Refusal.THIRD_PARTY, Code.PARTY_THIRD), (None, Refusal.PARTY_UNKNOWN, Code.PARTY_UNKNOWN)],
)
def test_anybody_else_where_a_pack_refuses(party: Party | None, refusal: Refusal, code: Code) -> None:
    finding = judge_party(party, frozenset({refusal}))
    assert (finding.verdict, finding.code) == (Verdict.REFUSE, code)
    assert judge_party(party, BOTH - {refusal}).verdict is Verdict.ALLOW
