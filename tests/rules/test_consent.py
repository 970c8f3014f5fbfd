"""Default deny: what the facts of a number mean for a text."""

from itertools import product

import pytest

from gateway.errors import Code
from gateway.model.consent import ConsentState
from gateway.model.decision import Verdict
from gateway.model.message import Facts, Origin
from gateway.rules.consent import judge_consent

NOON = 1_790_000_000_000
CONSENTS = (None, *ConsentState)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(), Code.CONSENT_MISSING),
        (Facts(consent_elsewhere=True), Code.CONSENT_CATEGORY),
        (Facts("revoked"), Code.CONSENT_WITHDRAWN),
        (Facts("revoked", consent_elsewhere=True), Code.CONSENT_WITHDRAWN),
        (Facts(opted_out="*/*"), Code.CONSENT_OPTED_OUT),
        (Facts("confirmed", opted_out="*/*"), Code.CONSENT_OPTED_OUT),
        (Facts("confirmed", True, "loans/*"), Code.CONSENT_OPTED_OUT),
        (Facts("confirmed"), None),
        (Facts("confirmed", consent_elsewhere=True), None),
        (Facts("unheard"), Code.CONSENT_MISSING),  # a state that this rule does not know is no consent
    ],
)
def test_what_the_facts_mean(facts: Facts, code: Code | None) -> None:
    finding = judge_consent(facts, Origin.CLIENT)
    assert finding.code is code
    assert finding.verdict is (Verdict.ALLOW if code is None else Verdict.REFUSE)
    assert finding.rule == "consent"


def test_nothing_but_a_confirmed_consent_without_an_opt_out_allows() -> None:
    for consent, elsewhere, opted_out in product(CONSENTS, (False, True), (None, "*/*", "loans/*", "*/servicing")):
        finding = judge_consent(Facts(consent, elsewhere, opted_out), Origin.CLIENT)
        allowed = consent == "confirmed" and opted_out is None
        assert (finding.verdict is Verdict.ALLOW) == allowed
        assert finding.detail


def test_an_opt_out_is_told_with_its_scope() -> None:
    assert "loans/*" in (judge_consent(Facts(opted_out="loans/*"), Origin.CLIENT).detail or "")


@pytest.mark.parametrize("facts", [Facts(), Facts("revoked"), Facts(opted_out="*/*")])
def test_an_answer_to_the_consumer_s_own_text_needs_none(facts: Facts) -> None:
    finding = judge_consent(facts, Origin.REPLY)
    assert finding.verdict is Verdict.ALLOW
    assert finding.detail == "answer to the consumer's own text"


def test_what_confirms_an_opt_out_passes_it_and_not_a_broken_ledger() -> None:
    assert judge_consent(Facts("revoked", opted_out="*/*"), Origin.FAREWELL).verdict is Verdict.ALLOW
    broken = Facts("revoked", opted_out="*/*", ledger_broken=True)
    assert judge_consent(broken, Origin.FAREWELL).code is Code.LEDGER_BROKEN


@pytest.mark.parametrize("origin", [Origin.INVITATION, Origin.CODE])
def test_a_request_for_consent_needs_none_and_stops_at_every_opt_out(origin: Origin) -> None:
    for consent in (None, "invited", "code_sent", "declined", "expired", "stale", "confirmed"):
        assert judge_consent(Facts(consent), origin).verdict is Verdict.ALLOW
        assert judge_consent(Facts(consent, opted_out="*/*"), origin).code is Code.CONSENT_OPTED_OUT
    for consent in ("revoked", "disowned"):
        assert judge_consent(Facts(consent), origin).code is Code.CONSENT_WITHDRAWN


@pytest.mark.parametrize("consent", ["invited", "code_sent"])
def test_a_text_waits_for_an_answer_where_the_request_says_so(consent: str) -> None:
    finding = judge_consent(Facts(consent, consent_pending=True), Origin.CLIENT)
    assert (finding.verdict, finding.code, finding.until) == (Verdict.HOLD, Code.CONSENT_PENDING, None)
    assert judge_consent(Facts(consent), Origin.CLIENT).code is Code.CONSENT_MISSING
    stopped = judge_consent(Facts(consent, opted_out="*/*", consent_pending=True), Origin.CLIENT)
    assert stopped.verdict is Verdict.REFUSE
