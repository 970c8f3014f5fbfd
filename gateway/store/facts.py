"""What the store knows of a number at the instant of a judgement.

Owns: reading consents of many numbers at once. Does not own: what follows from them (rules).
"""

from collections.abc import Sequence

from gateway.model.consent import ANY, ConsentState
from gateway.model.message import Facts
from gateway.store.unit import Row, Unit

Want = tuple[str, str, str, str]
"""Number, client, program, category."""


def facts_for(unit: Unit, wants: Sequence[Want]) -> list[Facts]:
    """The facts for each want, in their order."""
    rows: dict[str, list[Row]] = {}
    numbers = [(number,) for number in dict.fromkeys(want[0] for want in wants)]
    for row in unit.read(
        "SELECT number, client, program, category, state FROM consent WHERE number IN ({rows})", numbers
    ):
        rows.setdefault(row[0], []).append(row)
    return [_facts(want, rows.get(want[0], ())) for want in wants]


def _facts(want: Want, rows: Sequence[Row]) -> Facts:
    _, client, program, category = want
    consent: str | None = None
    elsewhere = False
    opted_out: str | None = None
    for _, its_client, its_program, its_category, state in rows:
        if its_client != client or its_program not in (program, ANY):
            continue
        if its_category == ANY or its_program == ANY:
            if its_category in (category, ANY) and state == ConsentState.REVOKED:
                opted_out = f"{its_program}/{its_category}"
        elif its_category == category:
            consent = state
        elif state == ConsentState.CONFIRMED:
            elsewhere = True
    return Facts(consent, elsewhere, opted_out)
