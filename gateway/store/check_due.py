"""Telling plugins that a number is to be checked for reassignment: a text was refused because its consent is stale.

Owns: how often a check is asked for. Does not own: when a consent is stale (rules/freshness), what a check says (number_checks),
or who hears of it (flow/observe).

A day's texts to one number ask once, however many are refused, and those that are not stale cost nothing here.
12 CFR 1006.6(d)(5); 47 CFR 64.1200(m).
"""

import msgspec

from gateway.errors import Code
from gateway.model.clock import DAY
from gateway.model.consent import ConsentState
from gateway.model.ids import spell_message
from gateway.model.message import Claimed, Facts, Ruling, Submission
from gateway.model.notices import NumberCheckDue
from gateway.store.notices import NewNotice, add_notices
from gateway.store.unit import Unit

# A clock that was set ahead and back must not keep a number from being asked about for as long as it was wrong.
ASK = f"""
INSERT INTO check_due (number, client, at) VALUES {{rows}}
ON CONFLICT DO UPDATE SET at = excluded.at WHERE abs(excluded.at - check_due.at) >= {DAY}
RETURNING number, client
"""  # noqa: S608 - a number of ours

_encode = msgspec.json.Encoder().encode


class StaleTexts:
    """Those that were refused in one transaction."""

    def __init__(self, clients: frozenset[str]) -> None:
        """``clients``: those of which a plugin hears that a number is to be checked."""
        self._clients = clients
        self._due: dict[tuple[str, str], NumberCheckDue] = {}

    def note(self, text: Submission | Claimed, message_id: int, facts: Facts, ruling: Ruling, at: int) -> None:
        """A text was refused; it counts where a check could make its consent fresh."""
        if ruling.code != Code.CONSENT_STALE or text.client not in self._clients:
            return
        since = facts.fresh_at
        # Of an instant that is yet to come no database knows: a clock was wrong, and only a new consent helps.
        if since is None or since > at or facts.consent != ConsentState.CONFIRMED:
            return
        name = (text.number, text.client)
        known = self._due.get(name)
        if known is None or since < known.since:  # what is true since the earlier day is true since the later one
            self._due[name] = NumberCheckDue(
                f"{spell_message(message_id)}/check", text.number, text.program, text.category, since, at, text.account
            )

    def tell(self, unit: Unit) -> None:
        """Put at the end of the plugins' log what was not asked for lately."""
        if not self._due:
            return
        asked = unit.read(ASK, [(*name, due.at) for name, due in self._due.items()])
        told = [(client, self._due[number, client]) for number, client in asked]
        # Where no account is known, the number stands for it: numbers do not wait for each other.
        add_notices(
            unit,
            [NewNotice(client, due.account or due.number, None, "check", due.at, _encode(due)) for client, due in told],
        )
