"""Two rules against what a client does by mistake: too many texts in a day, and the same one twice.

Owns: what the counts mean for a text. Does not own: counting (store), or the numbers (policy.toml, clients.toml).
"""

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict

_DAY = "daily_texts"
_REPEATED = "repetition"
_NEW = Finding(_REPEATED, Verdict.ALLOW)
_FLAGGED = Finding(
    _REPEATED, Verdict.ALLOW, Code.CONTENT_REPEATED, "the same words went to the number, or wait to, moments ago"
)
_REFUSED = Finding(
    _REPEATED,
    Verdict.REFUSE,
    Code.CONTENT_REPEATED,
    "the same words went to the number, or wait to, moments ago: send an idempotency key with each request",
)


def judge_day(taken: int, most: int) -> Finding:
    """Whether the client may have one more text today, after those taken."""
    if taken < most:
        return Finding(_DAY, Verdict.ALLOW, detail=f"{taken} of {most}")
    return Finding(_DAY, Verdict.REFUSE, Code.CLIENT_DAY_SPENT, f"the client had its {most} texts of the day (UTC)")


def judge_repetition(*, repeated: bool, refuses: bool) -> Finding:
    """Whether the words are new to the number."""
    if not repeated:
        return _NEW
    return _REFUSED if refuses else _FLAGGED
