"""What is open with a consumer when a text of theirs comes in: a question, a request to opt in, an opt-out. And who has texted
them, where the address that they write to does not tell.

Owns: looking it up. Does not own: what it makes of the text (rules/replies), or what the text does to it (inbound).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.address import Number
from gateway.model.consent import ConsentState
from gateway.store.dialogs import Asked, Asker, asked_dialogs
from gateway.store.optins import open_optins
from gateway.store.unit import Unit

# An opt-out of the whole program or of all programs, and no consent that was given after it.
_OPTED_OUT = """
SELECT 1 FROM consent AS ended WHERE ended.number = ?1 AND ended.client = ?2 AND ended.program IN ('*', ?3)
    AND ended.category = '*' AND ended.account = '*' AND ended.state IN ('revoked', 'disowned')
    AND NOT EXISTS (
        SELECT 1 FROM consent AS given WHERE given.number = ?1 AND given.client = ?2 AND given.program = ?3
            AND given.state = 'confirmed' AND given.event > ended.event
    )
"""
_LATEST = """
SELECT category, account FROM message INDEXED BY message_by_number
WHERE number = ? AND client = ? AND program = ? AND origin NOT IN ('reply', 'code', 'invitation', 'farewell')
    AND state IN ('queued', 'submitted', 'in_doubt', 'delivered', 'undelivered', 'unconfirmed')
ORDER BY id DESC LIMIT 1
"""

_TEXTED = """
SELECT DISTINCT client FROM message INDEXED BY message_by_number
WHERE number = ? AND carrier = ? AND state IN ('queued', 'submitted', 'in_doubt', 'delivered', 'undelivered', 'unconfirmed')
"""

_REGION = "SELECT region FROM number_profile WHERE number = ? AND client = ?"


class Standing(msgspec.Struct, frozen=True):
    """How a program stands with a consumer at the moment."""

    dialog: Asked | None = None
    """The question that waits for an answer."""
    requested: ConsentState | None = None
    """INVITED or CODE_SENT, where a request to opt in is open."""
    opted_out: bool = False
    latest: tuple[str, str | None] | None = None
    """Category and account of the last text that the consumer got or is about to get."""
    region: str | None = None
    """Of the consumer's address, where the client told it."""


class Stranger(msgspec.Struct, frozen=True):
    """Somebody who wrote to an address that is no program's now."""

    number: Number
    carrier: str


def texted(unit: Unit, strangers: Sequence[Stranger]) -> dict[Stranger, tuple[str, ...]]:
    """The clients whose texts went to each by that carrier, or wait for it; also those that are not configured any more."""
    return {
        one: tuple(client for (client,) in unit.sql.execute(_TEXTED, (one.number, one.carrier)))
        for one in dict.fromkeys(strangers)
    }


def standings(unit: Unit, askers: Sequence[Asker], now: int) -> dict[Asker, Standing]:
    """How each program stands with whoever wrote to it."""
    dialogs = asked_dialogs(unit, askers, now)
    return {asker: _standing(unit, asker, dialogs.get(asker), now) for asker in dict.fromkeys(askers)}


def _standing(unit: Unit, asker: Asker, dialog: Asked | None, now: int) -> Standing:
    who = (asker.number, asker.client, asker.program)
    optin = next((one for one in open_optins(unit, *who) if one.expires_at > now), None)
    return Standing(
        dialog,
        None if optin is None else optin.state,
        unit.sql.execute(_OPTED_OUT, who).fetchone() is not None,
        unit.sql.execute(_LATEST, who).fetchone(),
        next((region for (region,) in unit.sql.execute(_REGION, (asker.number, asker.client))), None),
    )
