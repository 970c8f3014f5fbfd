"""Default deny: what the facts of a number mean for a text."""

from itertools import product

import pytest

from gateway.errors import Code
from gateway.model.decision import Verdict
from gateway.model.message import Facts
from gateway.rules.consent import judge_consent

CONSENTS = (None, "confirmed", "revoked")


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
        (Facts("pending"), Code.CONSENT_MISSING),  # a state that this rule does not know is no consent
    ],
)
def test_what_the_facts_mean(facts: Facts, code: Code | None) -> None:
    finding = judge_consent(facts, required=True)
    assert finding.code is code
    assert finding.verdict is (Verdict.ALLOW if code is None else Verdict.REFUSE)
    assert finding.rule == "consent"


def test_nothing_but_a_confirmed_consent_without_an_opt_out_allows() -> None:
    for consent, elsewhere, opted_out in product(CONSENTS, (False, True), (None, "*/*", "loans/*", "*/servicing")):
        finding = judge_consent(Facts(consent, elsewhere, opted_out), required=True)
        allowed = consent == "confirmed" and opted_out is None
        assert (finding.verdict is Verdict.ALLOW) == allowed
        assert finding.detail


def test_an_opt_out_is_told_with_its_scope() -> None:
    assert "loans/*" in (judge_consent(Facts(opted_out="loans/*"), required=True).detail or "")


@pytest.mark.parametrize("facts", [Facts(), Facts("revoked"), Facts(opted_out="*/*")])
def test_an_answer_to_the_consumer_s_own_text_needs_none(facts: Facts) -> None:
    finding = judge_consent(facts, required=False)
    assert finding.verdict is Verdict.ALLOW
    assert finding.detail == "answer to the consumer's own text"
