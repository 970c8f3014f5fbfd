"""The rule of countries: texts go where the allow list says, from a sender that exists there.

Owns: what both mean for a text. Does not own: the list (config), a number's country or a sender's kind (model.address), or
whose law counts there (zones).
"""

from functools import lru_cache

from gateway.errors import Code
from gateway.model.address import NUMERIC_ONLY, SenderKind, sender_kind
from gateway.model.decision import Finding, Verdict

_RULE = "country"


def judge_country(region: str | None, allowed: frozenset[str], sender: str) -> Finding:
    """Whether texts go to the number's country (ISO 3166; None: not known) from this sender."""
    if region not in allowed:
        detail = f"texts to {region} are not on the allow list"
        return Finding(_RULE, Verdict.REFUSE, Code.COUNTRY_NOT_ALLOWED, detail)
    if region in NUMERIC_ONLY and sender_kind(sender) is SenderKind.ALPHANUMERIC:
        detail = f"a name as a sender does not reach {region}: only a telephone number or a short code does"
        return Finding(_RULE, Verdict.REFUSE, Code.SENDER_NOT_ALLOWED, detail)
    return _fits(region or "")


@lru_cache(maxsize=1024)
def _fits(region: str) -> Finding:
    return Finding(_RULE, Verdict.ALLOW, detail=region)
