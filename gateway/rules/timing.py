"""The rule of the text's own times: when it is to go, and until when it is any good.

Owns: what both mean for a text. Does not own: how long a text is good for where nobody says (flow), or the hours in which it
may go (quiet_hours).
"""

from gateway.errors import Code
from gateway.model.clock import DAY, spell_instant
from gateway.model.decision import Finding, Verdict

LONGEST_WAIT = 45 * DAY
"""How long the other rules may keep a text from when it is to go. Beyond that it is refused: caps that are full for so long are
a mistake, and those that come after it would not know of it any more."""

_RULE = "schedule"
_NOW = Finding(_RULE, Verdict.ALLOW, detail="at once")
_EXPIRED = Finding(_RULE, Verdict.REFUSE, Code.SCHEDULE_PAST_EXPIRY, "it has expired already")
_TOO_SOON = Finding(_RULE, Verdict.REFUSE, Code.SCHEDULE_PAST_EXPIRY, "it would expire before it is sent")


def judge_schedule(at: int, send_at: int | None, expires_at: int) -> Finding:
    """Whether a text is to go at once, is to wait for its time, or would come too late."""
    if send_at is None or send_at <= at:
        return _EXPIRED if expires_at <= at else _NOW
    if expires_at <= send_at:
        return _TOO_SOON
    return Finding(_RULE, Verdict.HOLD, Code.SCHEDULED, f"scheduled for {spell_instant(send_at)}", send_at)


def too_late(until: int) -> Finding:
    """That a text expires before the other rules let it go, at ``until``."""
    detail = f"it may go at {spell_instant(until)} and expires before that: give it more time"
    return Finding("validity", Verdict.REFUSE, Code.SCHEDULE_PAST_EXPIRY, detail)


def too_far(until: int, code: Code | None) -> Finding:
    """That another rule, whose ``code`` it is, keeps a text for longer than any waits, until ``until``."""
    detail = f"it may go at {spell_instant(until)}, and none waits longer than {LONGEST_WAIT // DAY} days: send fewer"
    return Finding("validity", Verdict.REFUSE, code, detail)
