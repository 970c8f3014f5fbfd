"""The rule that nothing goes without consent.

Owns: what the consent facts mean for a text. Does not own: the facts (store) or how consent changes (flow).

Default deny: consent is for one program and one category of text, and what nobody consented to is refused. An opt-out beats
every consent in its scope that the person gave before it.
"""

from gateway.errors import Code
from gateway.model.consent import ConsentState
from gateway.model.decision import Finding, Verdict
from gateway.model.message import Facts, Origin

_CONFIRMED = Finding("consent", Verdict.ALLOW, detail="confirmed")
_NOT_NEEDED = Finding("consent", Verdict.ALLOW, detail="answer to the consumer's own text")
_CONFIRMS = Finding("consent", Verdict.ALLOW, detail="it confirms the end of consent")
_ASKED = Finding("consent", Verdict.ALLOW, detail="it asks for consent")
_BROKEN = Finding(
    "consent",
    Verdict.REFUSE,
    Code.LEDGER_BROKEN,
    "what the ledger says of the number does not verify: see `assent admin ledger verify`",
)
_ASKING = frozenset({Origin.INVITATION, Origin.CODE})


def judge_consent(facts: Facts, origin: Origin) -> Finding:
    """Whether the consumer agreed to this kind of text and did not take it back.

    A text for which the consumer was asked waits for the answer. The answer to a consumer's own word
    needs no consent; nor do a request for it and the code that follows, but no opt-out lets them pass.
    """
    if origin is Origin.REPLY:
        return _NOT_NEEDED
    if facts.ledger_broken:
        return _BROKEN
    if origin is Origin.FAREWELL:
        return _CONFIRMS
    if facts.opted_out is not None:
        return Finding(
            "consent", Verdict.REFUSE, Code.CONSENT_OPTED_OUT, f"the number opted out; scope {facts.opted_out}"
        )
    if facts.consent == ConsentState.CONFIRMED:
        return _CONFIRMED
    if facts.consent == ConsentState.REVOKED:
        return Finding("consent", Verdict.REFUSE, Code.CONSENT_WITHDRAWN, "the consent for this category was withdrawn")
    if facts.consent == ConsentState.DISOWNED:
        return Finding("consent", Verdict.REFUSE, Code.CONSENT_WITHDRAWN, "the number is another person's")
    if origin in _ASKING:
        return _ASKED
    if facts.consent_pending:
        return Finding("consent", Verdict.HOLD, Code.CONSENT_PENDING, "the consumer was asked and has not answered yet")
    if facts.consent_elsewhere:
        return Finding(
            "consent",
            Verdict.REFUSE,
            Code.CONSENT_CATEGORY,
            "there is consent for another category of this program, not for this one",
        )
    return Finding("consent", Verdict.REFUSE, Code.CONSENT_MISSING, "no consent of this number is recorded")
