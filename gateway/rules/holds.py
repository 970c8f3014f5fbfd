"""Holds: which replies stop all automated texts until a person has looked, how soon that must be, and what a hold means.

Owns: the reasons that follow from a reading, the deadline of a review, the finding of a text to a held number. Does not own:
the reading (replies), or the rows (store).

An unclear reply may be a revocation "by any reasonable means" (47 CFR 64.1200(a)(10)), so the doubt holds. A lawyer,
bankruptcy, a death or a demand to cease changes who may be written to at all (12 CFR 1006.6(b)(2), 11 U.S.C. 362(a)(6),
12 CFR 1006.6(a)(4), 1006.6(c)); a number of somebody else's is nobody's to text.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.model.clock import DAY, HOUR, MINUTE
from gateway.model.decision import Finding, Verdict
from gateway.model.hold import HoldReason
from gateway.model.message import Facts
from gateway.rules.replies.classify import Reply

REVIEW_HOURS = 24
"""How long a review may take where no policy pack says."""

_BY_SIGNAL = {
    "wrong_party": HoldReason.WRONG_PARTY,
    "attorney": HoldReason.ATTORNEY,
    "bankruptcy": HoldReason.BANKRUPTCY,
    "deceased": HoldReason.DECEASED,
    "cease": HoldReason.CEASE,
}
_UNCERTAIN = frozenset(
    {
        "wrong_party.not-me",
        "wrong_party.unknown-person",
        "wrong_party.third-party",
        "wrong_party.new-number",
        "wrong_party.mention",
    }
)
# No yes that could be taken for one, or a code for somebody else: a person should look, and nothing is to end.
_UNCLEAR_YES = frozenset({"request.unclear", "request.ambiguous", "request.code", "request.code-awaited"})
_SATURDAY = 5
_FREE = Finding("hold", Verdict.ALLOW, detail="not held")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hold_reasons(reply: Reply) -> tuple[HoldReason, ...]:
    """Why a number is held after a reply; nothing for most."""
    unclear = [HoldReason.REVIEW] if reply.kind == "needs-review" and reply.rule not in _UNCLEAR_YES else []
    told = [_BY_SIGNAL[signal.name] for signal in reply.signals if signal.name in _BY_SIGNAL]
    return tuple(dict.fromkeys(unclear + told))


def disowns(reply: Reply) -> bool:
    """Whether a reply says for certain that the number is somebody else's: that ends its consents for good.

    A name may be any word ("this isn't fair"), and who does not know somebody may mean the sender; a person with a
    new number may still read this one; "the wrong person answered" tells of another call: none is certain unless it asks for
    an end, too. Nor is what would hold nothing by itself ("I dialed the wrong number").
    """
    told = {signal.rule for signal in reply.signals if signal.name == "wrong_party"}
    return bool(told) and (reply.kind == "opt-out" or (reply.kind == "needs-review" and not told <= _UNCERTAIN))


def review_due(at: int, hours: int = REVIEW_HOURS) -> int:
    """Until when a text that came at ``at`` is to be looked at: so many hours, and never more than one business day."""
    return min(at + hours * HOUR, _next_business_day(at))


def _next_business_day(at: int) -> int:
    """The same time of the next Monday to Friday, UTC."""
    day = _EPOCH + timedelta(minutes=at // MINUTE)
    days = 1
    while (day + timedelta(days=days)).weekday() >= _SATURDAY:
        days += 1
    return at + days * DAY


def judge_hold(facts: Facts) -> Finding:
    """Whether the number is held: then the text waits for a person's decision, for as long as it is valid."""
    if not facts.holds:
        return _FREE
    return _held(facts.holds)


def _held(holds: Sequence[HoldReason]) -> Finding:
    detail = f"the number is held: {', '.join(holds)}"
    return Finding("hold", Verdict.HOLD, holds[0].code, detail)
