"""The rule of the workplace: nothing goes where the consumer's employer forbids it.

Owns: what such a prohibition means for a text. Does not own: who told of it (the client, PUT /v1/numbers), or which packs ask
(policy).

12 CFR 1006.6(b)(3): no contact at the consumer's place of employment if it is known, or should be, that the employer forbids
the consumer to get it there.
"""

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict
from gateway.rules.packs import Refusal

_RULE = "workplace"
_FREE = Finding(_RULE, Verdict.ALLOW, detail="no employer is known to forbid it")
_UNHEEDED = Finding(_RULE, Verdict.ALLOW, detail="the employer forbids it, and no pack minds")
_FORBIDDEN = Finding(
    _RULE,
    Verdict.REFUSE,
    Code.WORKPLACE_FORBIDDEN,
    "it is a number at work, and the employer forbids it: use another number of the consumer's",
)


def judge_workplace(*, forbids: bool, refusals: frozenset[Refusal]) -> Finding:
    """Whether the number may get texts, as far as the consumer's employer is concerned."""
    if not forbids:
        return _FREE
    return _FORBIDDEN if Refusal.WORKPLACE in refusals else _UNHEEDED
