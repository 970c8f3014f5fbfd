"""The rule of freshness: a consent that nobody has heard of for long may be another person's by now.

Owns: how long a consent counts, and that a clock which was set ahead and back proves nothing. Does not own: when the person was
last heard of (store), or the number of days (packs).

12 CFR 1006.6(d)(5): within 60 days a text from the consumer, renewed consent, or a check that the number was not reassigned.
"""

from functools import lru_cache

from gateway.errors import Code
from gateway.model.clock import DAY, spell_instant
from gateway.model.decision import Finding, Verdict

_RULE = "freshness"
_UNLIMITED = Finding(_RULE, Verdict.ALLOW, detail="no pack limits how long consent counts")
_NO_CONSENT = Finding(_RULE, Verdict.ALLOW, detail="no consent to be fresh")


def is_stale(at: int, fresh_at: int, days: int | None) -> bool:
    """Whether a consent counts no longer."""
    return judge_freshness(at, fresh_at, days).verdict is Verdict.REFUSE


@lru_cache(maxsize=512)
def _heard(days: int) -> Finding:
    return Finding(_RULE, Verdict.ALLOW, detail=f"last heard of {days} days ago")


def judge_freshness(at: int, fresh_at: int | None, days: int | None) -> Finding:
    """Whether the person was heard of within ``days``; None: it does not matter, or there is no consent to judge."""
    if days is None:
        return _UNLIMITED
    if fresh_at is None:
        return _NO_CONSENT
    if fresh_at - at > DAY:
        return Finding(
            _RULE,
            Verdict.REFUSE,
            Code.CONSENT_STALE,
            f"last heard of at {spell_instant(fresh_at)}, which is yet to come: a clock was wrong, and nobody knows when it was",
        )
    if at - fresh_at <= days * DAY:
        return _heard(max(0, at - fresh_at) // DAY)
    return Finding(
        _RULE,
        Verdict.REFUSE,
        Code.CONSENT_STALE,
        f"last heard of at {spell_instant(fresh_at)}, more than {days} days ago: renew the consent, or have the number"
        " checked for reassignment",
    )
