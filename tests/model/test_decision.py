"""What follows from several findings: the strictest has its way, and all of them are kept."""

from itertools import permutations

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.decision import Decision, Finding, Verdict, conclude

ALLOW = Finding("country", Verdict.ALLOW)
HOLD = Finding("schedule", Verdict.HOLD, Code.SCHEDULED, until=500)
LONG_HOLD = Finding("quiet", Verdict.HOLD, Code.SCHEDULED, until=900)
ENDLESS_HOLD = Finding("person", Verdict.HOLD, Code.SCHEDULED)
REFUSE = Finding("consent", Verdict.REFUSE, Code.CONSENT_MISSING, "no consent")
REFUSE_TOO = Finding("length", Verdict.REFUSE, Code.CONTENT_TOO_LONG)


def test_nothing_found_is_allowed() -> None:
    assert conclude(()) == Decision(Verdict.ALLOW, None, ())


@pytest.mark.parametrize("findings", list(permutations((ALLOW, HOLD, LONG_HOLD, REFUSE))))
def test_a_refusal_beats_everything(findings: tuple[Finding, ...]) -> None:
    assert conclude(findings) == Decision(Verdict.REFUSE, Code.CONSENT_MISSING, findings)


@pytest.mark.parametrize("findings", list(permutations((ALLOW, HOLD, LONG_HOLD))))
def test_the_longest_hold_counts(findings: tuple[Finding, ...]) -> None:
    decision = conclude(findings)
    assert (decision.outcome, decision.until) == (Verdict.HOLD, 900)


def test_the_first_refusal_names_the_code_and_all_are_kept() -> None:
    decision = conclude((REFUSE_TOO, REFUSE))
    assert (decision.code, decision.findings) == (Code.CONTENT_TOO_LONG, (REFUSE_TOO, REFUSE))


def test_a_hold_without_an_end_has_none() -> None:
    assert conclude((ENDLESS_HOLD,)).until is None


def test_a_decision_is_read_as_it_was_written() -> None:
    decision = conclude((ALLOW, HOLD, REFUSE))
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision
