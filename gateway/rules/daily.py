"""The rule of a client's day: what it may submit from midnight to midnight UTC, so that no mistake goes to everybody.

Owns: what the count means for a text. Does not own: counting (store), or the number (clients.toml).
"""

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict

_RULE = "daily_texts"


def judge_day(taken: int, most: int) -> Finding:
    """Whether the client may have one more text today, after those taken."""
    if taken < most:
        return Finding(_RULE, Verdict.ALLOW, detail=f"{taken} of {most}")
    return Finding(_RULE, Verdict.REFUSE, Code.CLIENT_DAY_SPENT, f"the client had its {most} texts of the day (UTC)")
