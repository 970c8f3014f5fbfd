"""What the store knows of a number at the instant of a judgement.

Owns: reading consents and holds of many numbers at once. Does not own: what follows from them (rules).
"""

from collections.abc import Sequence

from gateway.model.consent import ANY, ConsentState
from gateway.model.hold import HoldReason
from gateway.model.message import Facts
from gateway.rules.consent_machine import ENDED
from gateway.store.unit import Row, Unit

_CONSENTS = """
SELECT json_array(number, client, program, category, account, state, awaited, event) AS row
FROM consent WHERE number IN ({rows})
"""

_HOLDS = "SELECT json_array(number, client, reason) AS row FROM hold WHERE number IN ({rows})"
_REASONS = {str(reason): reason for reason in HoldReason}

Want = tuple[str, str, str, str, str | None]
"""Number, client, program, category, account."""


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
    _, client, program, category, account = want
    consent: str | None = None
    pending = elsewhere = False
    given = ended = 0
    opted_out: str | None = None
    for _, its_client, its_program, its_category, its_account, state, awaited, event in rows:
        if its_client != client or its_program not in (program, ANY) or its_account not in (account, ANY):
            continue
        if its_account != ANY:
            if its_category in (category, ANY) and state in ENDED:
                # Whatever was agreed to later was not about this account.
                return Facts(consent, elsewhere, f"{its_program}/{its_category} of the account", tuple(holds))
        elif its_category == ANY or its_program == ANY:
            if its_category in (category, ANY) and state in ENDED and event > ended:
                ended, opted_out = event, f"{its_program}/{its_category}"
        elif its_category == category:
            consent, given, pending = state, event, bool(awaited)
        elif state == ConsentState.CONFIRMED:
            elsewhere = True
    renewed = consent is not None and given > ended
    return Facts(consent, elsewhere, None if renewed else opted_out, tuple(holds), pending)
