"""The rule of length: a text that needs more segments than its category allows is refused, never cut.

Owns: what that means for a text. Does not own: counting segments (text), or the limit (config).
"""

from functools import lru_cache

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict

_RULE = "length"


@lru_cache(maxsize=1024)
def judge_length(segments: int, encoding: str, most: int) -> Finding:
    """Whether a text is short enough."""
    if segments <= most:
        return Finding(_RULE, Verdict.ALLOW, detail=f"{segments} of at most {most} segments, {encoding}")
    detail = f"{segments} segments in {encoding}, and {most} are allowed"
    return Finding(_RULE, Verdict.REFUSE, Code.CONTENT_TOO_LONG, detail)
