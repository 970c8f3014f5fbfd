"""The rule of repetitions: the same words to the same number, twice within minutes, are most often a client's mistake.

Owns: what that means for a text. Does not own: noticing it (store), or for how long it counts (policy.toml).
"""

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict

_RULE = "repetition"
_NEW = Finding(_RULE, Verdict.ALLOW, detail="the words are new to the number")
_FLAGGED = Finding(
    _RULE, Verdict.ALLOW, Code.CONTENT_REPEATED, "the same words went to the number, or wait to, moments ago"
)
_REFUSED = Finding(
    _RULE,
    Verdict.REFUSE,
    Code.CONTENT_REPEATED,
    "the same words went to the number, or wait to, moments ago: send an idempotency key with each request",
)


def judge_repetition(*, repeated: bool, refuses: bool) -> Finding:
    """Whether the words are new to the number."""
    if not repeated:
        return _NEW
    return _REFUSED if refuses else _FLAGGED
