"""What the store knows of a number at the instant of a judgement.

Owns: reading consents and holds of many numbers at once. Does not own: what follows from them (rules).
"""

from collections.abc import Sequence

from gateway.model.consent import ANY, ConsentState
from gateway.model.hold import HoldReason
from gateway.model.message import Facts
from gateway.store.unit import Row, Unit

_CONSENTS = """
SELECT json_array(number, client, program, category, state, renewed) AS row FROM consent WHERE number IN ({rows})
"""

_HOLDS = "SELECT json_array(number, client, reason) AS row FROM hold WHERE number IN ({rows})"
_REASONS = {str(reason): reason for reason in HoldReason}

Want = tuple[str, str, str, str]
"""Number, client, program, category."""


def facts_for(unit: Unit, wants: Sequence[Want]) -> list[Facts]:
    """The facts for each want, in their order."""
    rows: dict[str, list[Row]] = {}
    numbers = [(number,) for number in dict.fromkeys(want[0] for want in wants)]
    for row in unit.gather(_CONSENTS, numbers):
        rows.setdefault(row[0], []).append(row)
    holds: dict[tuple[str, str], list[HoldReason]] = {}
    for number, client, reason in unit.gather(_HOLDS, numbers):
        holds.setdefault((number, client), []).append(_REASONS[reason])
    return [_facts(want, rows.get(want[0], ()), holds.get(want[:2], ())) for want in wants]


def _facts(want: Want, rows: Sequence[Row], holds: Sequence[HoldReason]) -> Facts:
    _, client, program, category = want
    consent: str | None = None
    elsewhere = False
    opted_out: str | None = None
    renewed = False
    for _, its_client, its_program, its_category, state, since_opt_out in rows:
        if its_client != client or its_program not in (program, ANY):
            continue
        if its_category == ANY or its_program == ANY:
            if its_category in (category, ANY) and state == ConsentState.REVOKED:
                opted_out = f"{its_program}/{its_category}"
        elif its_category == category:
            consent, renewed = state, bool(since_opt_out)
        elif state == ConsentState.CONFIRMED:
            elsewhere = True
    return Facts(consent, elsewhere, None if renewed else opted_out, tuple(holds))
