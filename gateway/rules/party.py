"""The rule of parties: debts are nobody's business but the consumer's and of those who stand in the consumer's place.

Owns: who those are. Does not own: what was said of a number (store), or which packs ask (policy).

12 CFR 1006.6(d)(1): the consumer, the spouse, the parent of a minor, guardian, executor and the consumer's attorney.
"""

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict
from gateway.model.profile import Party
from gateway.rules.packs import Purpose, Refusal

_RULE = "party"
_NO_COLLECTIONS = frozenset({Purpose.SERVICING, Purpose.MARKETING})
_FITS = {party: Finding(_RULE, Verdict.ALLOW, detail=str(party)) for party in Party}
_UNKNOWN_FITS = Finding(_RULE, Verdict.ALLOW, detail="not known")
_UNKNOWN = Finding(
    _RULE,
    Verdict.REFUSE,
    Code.PARTY_UNKNOWN,
    "nobody has said whose number it is: give its party (PUT /v1/numbers) or use a neutral category",
)
_THIRD = Finding(_RULE, Verdict.REFUSE, Code.PARTY_THIRD, "the number belongs to a third party")


def judge_party(party: Party | None, refusals: frozenset[Refusal]) -> Finding:
    """Whether the one who answers the number may get such a text."""
    if party is None:
        return _UNKNOWN if Refusal.PARTY_UNKNOWN in refusals else _UNKNOWN_FITS
    if party is Party.THIRD_PARTY and Refusal.THIRD_PARTY in refusals:
        return _THIRD
    return _FITS[party]


def may_hear_of_debts(party: Party | None, purpose: Purpose | None) -> bool:
    """Whether a text may speak of a debt: what collects to the right party alone, others to anybody but a third party."""
    if party is None:
        return purpose in _NO_COLLECTIONS
    return party is not Party.THIRD_PARTY
