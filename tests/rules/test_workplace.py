"""Numbers at work whose employers forbid texts."""

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.decision import Decision, Verdict
from gateway.model.message import Facts, Origin, Ruling, State
from gateway.model.profile import Profile
from gateway.rules.charters import Charter
from gateway.rules.gate import look_again, rule
from gateway.rules.packs import Purpose, Refusal
from gateway.rules.workplace import judge_workplace
from tests.rules.test_gate import TERMS, claimed, submission
from tests.rules.test_gate_policy import NOON
from tests.rules.test_packs import shipped

REFUSING = frozenset({Refusal.WORKPLACE})
AT_WORK = Facts("confirmed", fresh_at=NOON, profile=Profile(employer_forbids=True))


@pytest.mark.parametrize(
    ("forbids", "refusals", "verdict", "code"),
    [
        (False, REFUSING, Verdict.ALLOW, None),
        (True, REFUSING, Verdict.REFUSE, Code.WORKPLACE_FORBIDDEN),
        (True, frozenset[Refusal](), Verdict.ALLOW, None),
    ],
)
def test_a_pack_refuses_what_the_employer_forbids(
    forbids: bool, refusals: frozenset[Refusal], verdict: Verdict, code: Code | None
) -> None:
    finding = judge_workplace(forbids=forbids, refusals=refusals)
    assert (finding.rule, finding.verdict, finding.code) == ("workplace", verdict, code)


def test_a_prohibition_that_no_pack_heeds_is_on_record() -> None:
    assert judge_workplace(forbids=True, refusals=frozenset()) != judge_workplace(forbids=False, refusals=frozenset())


@pytest.mark.parametrize("pack", ["us-strict", "us-reg-f"])
def test_nothing_goes_there_not_even_what_waited(pack: str) -> None:
    """12 CFR 1006.6(b)(3)."""
    charter = Charter((shipped(pack),), Purpose.SERVICING)
    at = {"at": NOON, "expires_at": NOON + 3_600_000}
    ruling = rule(submission(**at), AT_WORK, msgspec.structs.replace(TERMS, charter=charter))
    assert (ruling.state, ruling.code) == (State.BLOCKED, Code.WORKPLACE_FORBIDDEN)
    (finding,) = (
        one for one in msgspec.json.decode(ruling.decision, type=Decision).findings if one.rule == "workplace"
    )
    assert finding.detail
    again = look_again(claimed(expires_at=NOON + 3_600_000), AT_WORK, NOON, charter)
    assert isinstance(again, Ruling)
    assert (again.state, again.code) == (State.BLOCKED, Code.WORKPLACE_FORBIDDEN)


@pytest.mark.parametrize("origin", [Origin.REPLY, Origin.CODE])
def test_who_writes_from_there_is_answered(origin: Origin) -> None:
    charter = Charter((shipped("us-reg-f"),), Purpose.SERVICING)
    assert look_again(claimed(origin=origin, expires_at=NOON + 3_600_000), AT_WORK, NOON, charter) is None


def test_the_last_word_does_not_go_there_either() -> None:
    charter = Charter((shipped("us-reg-f"),), Purpose.SERVICING)
    farewell = look_again(claimed(origin=Origin.FAREWELL, expires_at=NOON + 3_600_000), AT_WORK, NOON, charter)
    assert isinstance(farewell, Ruling)
    assert farewell.code == Code.WORKPLACE_FORBIDDEN
