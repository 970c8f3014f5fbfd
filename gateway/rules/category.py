"""The rule of categories: a program sends the kinds of text that it is configured for, and no others.

Owns: what that means for a text. Does not own: which those are (config), or whether the consumer agreed to one (consent).
"""

from functools import lru_cache

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict

_RULE = "category"
_OTHER = Finding(_RULE, Verdict.REFUSE, Code.CATEGORY_NOT_ALLOWED, "the program is not configured for this category")


def judge_category(category: str, *, allowed: bool) -> Finding:
    """Whether the program sends texts of this category."""
    return _fits(category) if allowed else _OTHER


@lru_cache(maxsize=1024)
def _fits(category: str) -> Finding:
    return Finding(_RULE, Verdict.ALLOW, detail=category)
