"""The verb of checks for reassigned numbers: kept, and what they make of the number's consents.

Owns: the rows, and which consents an answer makes fresh. Does not own: when a consent is stale (rules/freshness).

NO counts for a consent whose person was heard of on or after the day that was asked about: what lies before that day the answer
does not speak of (12 CFR 1006.6(d)(5); 47 CFR 64.1200(m)). YES disowns the number: whoever holds it agreed to nothing.
"""

from collections.abc import Sequence

import msgspec

from gateway.model.address import Number
from gateway.model.consent import Evidence
from gateway.model.number_check import NumberCheck, Reassigned
from gateway.store.consent import disown
from gateway.store.unit import Unit

_KEEP = "INSERT OR IGNORE INTO number_check (number, client, at, since, answer, source, told_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
_RENEW = """
UPDATE consent SET fresh_at = max(fresh_at, ?1) WHERE number = ?2 AND client = ?3 AND state = 'confirmed' AND fresh_at >= ?4
"""
_OF = "SELECT number, client, answer, at, since, source, told_at FROM number_check WHERE number = ? AND client = ? ORDER BY at"
_encode = msgspec.json.Encoder().encode


def keep_checks(unit: Unit, checks: Sequence[NumberCheck]) -> list[bool]:
    """Keep checks, each once; tells of each whether it was new."""
    return [_keep(unit, check) for check in checks]


def _keep(unit: Unit, check: NumberCheck) -> bool:
    row = (check.number, check.client, check.at, check.since, str(check.answer), check.source, check.told_at)
    if not unit.sql.execute(_KEEP, row).rowcount:
        return False
    if check.answer is Reassigned.NO:
        unit.sql.execute(_RENEW, (check.at, check.number, check.client, check.since))
    elif check.answer is Reassigned.YES:
        evidence = _encode(Evidence(check.at, "database", "", check.source))
        disown(unit, check.number, check.client, check.told_at, cause="reassigned", evidence=evidence)
    return True


def checks_of(unit: Unit, number: str, client: str) -> list[NumberCheck]:
    """All checks of a number by a client, oldest first."""
    rows = unit.sql.execute(_OF, (number, client))
    return [NumberCheck(Number(which), whose, Reassigned(answer), *rest) for which, whose, answer, *rest in rows]


def renewed(fresh_at: int, checks: Sequence[NumberCheck], at: int) -> int:
    """Until when a person was heard of at an instant, with the checks by then."""
    for check in checks:
        if check.answer is Reassigned.NO and check.told_at <= at and fresh_at >= check.since:
            fresh_at = max(fresh_at, check.at)
    return fresh_at
