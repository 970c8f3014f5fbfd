"""What the store knows of a number at the instant of a judgement.

Owns: reading consents, holds, profiles and contacts of many numbers at once. Does not own: what follows from them (rules).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from gateway.model.clock import DAY
from gateway.model.consent import ANY, ConsentState
from gateway.model.contact import Channel, Contact
from gateway.model.hold import HoldReason
from gateway.model.ids import first_id
from gateway.model.message import ANSWERS, Claimed, Facts, Submission
from gateway.model.profile import Party, Profile
from gateway.rules.consent_machine import ENDED
from gateway.rules.timing import LONGEST_WAIT
from gateway.store.unit import Row, Unit


class Want(NamedTuple):
    """A text that is to be judged."""

    number: str
    client: str
    program: str
    category: str
    account: str | None = None
    message_id: int = 0
    """The text itself is none of its contacts."""


class Lookback(NamedTuple):
    """Which contacts are wanted."""

    since: int
    """Those at or after that instant."""
    planned: bool
    """With texts that have not left yet, at the time that they are due."""


# One step for all: the rows of each kind begin with its letter and the number. The sqlite3 module hands the interpreter
# lock over at each step, which costs more than the rows.
_KNOWN = """
WITH wanted (number, client) AS (VALUES {rows})
SELECT json_array('c', c.number, c.client, c.program, c.category, c.account, c.state, c.awaited, c.event, c.fresh_at)
    AS row
FROM wanted CROSS JOIN consent AS c ON c.number = wanted.number AND c.client = wanted.client
UNION ALL
SELECT json_array('h', h.number, h.client, h.reason)
FROM wanted CROSS JOIN hold AS h ON h.number = wanted.number AND h.client = wanted.client
UNION ALL
SELECT json_array('p', p.number, p.client, p.zone, p.zone_confirmed_at, p.region, p.party_role, p.hours,
    p.employer_forbids)
FROM wanted CROSS JOIN number_profile AS p ON p.number = wanted.number AND p.client = wanted.client
UNION ALL
SELECT json_array('b', b.number, b.client)
FROM wanted CROSS JOIN broken AS b ON b.number = wanted.number AND b.client = wanted.client
"""
_LATE = LONGEST_WAIT
"""How much later than it was accepted, or than it was scheduled for, a text may leave: held, queued, tried again."""
# When a text left, as far as is known: what a carrier put off, or what was taken back unwritten, is no attempt.
_LEFT = """
CASE WHEN s.attempt > 0 THEN s.claimed_at WHEN m.segments > 1
    THEN (SELECT max(t.claimed_at) FROM segment AS t WHERE t.message_id = m.id AND t.attempt > 0) END
"""
# Where a text is to be found: accepted lately, or scheduled long ago for a time that is not long past. One that the rules, the
# client or its validity ended is no contact, unless it was out by then, be it in part; nor is one that the carrier refused whole.
_TEXT = f"""
SELECT json_array(m.number, m.client, m.account, m.id, coalesce({_LEFT}, s.due_at), {_LEFT}, 'text',
    m.program, m.tells_opt_out AND m.state IN ('submitted', 'delivered', 'unconfirmed')) AS row
FROM wanted CROSS JOIN message AS m ON {{found}}
    CROSS JOIN segment AS s ON s.message_id = m.id AND s.n = 1
WHERE m.origin NOT IN ('reply', 'code', 'answer') AND (m.state NOT IN ('blocked', 'cancelled', 'expired') OR {_LEFT} IS NOT NULL)
    AND (m.state <> 'rejected' OR m.segments > 1 AND EXISTS (SELECT 1 FROM segment AS t WHERE t.message_id = m.id
        AND (t.submitted_at IS NOT NULL OR t.state IN ('in_flight', 'in_doubt', 'delivered'))))
"""  # noqa: S608 - our own text
_REPORTED = """
SELECT json_array(c.number, c.client, c.account, c.id, c.at, c.at, c.channel, NULL, 0)
FROM wanted CROSS JOIN contact AS c ON {found} AND c.at >= wanted.since
"""
_BY_NUMBER = " UNION ALL ".join(
    (
        "WITH wanted (number, id, since) AS (VALUES {rows})"
        + _TEXT.replace("{found}", "m.number = wanted.number AND m.id >= wanted.id"),
        _TEXT.replace(
            "{found}", f"m.number = wanted.number AND m.send_at >= wanted.since - {_LATE} AND m.id < wanted.id"
        ),
        _REPORTED.replace("{found}", "c.number = wanted.number"),
    )
)
_BY_ACCOUNT = " UNION ALL ".join(
    (
        "WITH wanted (client, account, id, since) AS (VALUES {rows})"
        + _TEXT.replace("{found}", "m.client = wanted.client AND m.account = wanted.account AND m.id >= wanted.id"),
        _REPORTED.replace("{found}", "c.client = wanted.client AND c.account = wanted.account"),
    )
)
_ACCOUNT_LATE = 400 * DAY
"""The same of a text about an account. Accounts have few, so that those scheduled long ago are looked for among all."""


def facts_for(unit: Unit, wants: Sequence[Want], lookback: Lookback | None = None) -> list[Facts]:
    """The facts for each want, in their order; without contacts where none are asked for."""
    known: dict[tuple[str, str], list[Row]] = {want[:2]: [] for want in wants}
    for row in unit.gather(_KNOWN, list(known)):
        known[row[1], row[2]].append(row)
    if lookback is None:
        return [_facts(want, known[want[:2]], (), None) for want in wants]
    contacts = _Contacts(unit, wants, lookback)
    return [_facts(want, known[want[:2]], contacts.of(want), contacts.told_opt_out(want)) for want in wants]


class _Contacts:
    """The contacts of many numbers and accounts."""

    def __init__(self, unit: Unit, wants: Sequence[Want], lookback: Lookback) -> None:
        since = lookback.since
        self._lookback = lookback
        numbers = dict.fromkeys(want.number for want in wants)
        accounts = dict.fromkeys((want.client, want.account) for want in wants if want.account is not None)
        self._of_number: dict[tuple[str, str], list[Row]] = {}
        self._of_account: dict[tuple[str, str], list[Row]] = {}
        cut = first_id(since - _LATE)
        for row in unit.gather(_BY_NUMBER, [(number, cut, since) for number in numbers]):
            if self._counts(row):
                self._of_number.setdefault((row[1], row[0]), []).append(row)
        cut = first_id(since - _ACCOUNT_LATE)
        for row in unit.gather(_BY_ACCOUNT, [(client, account, cut, since) for client, account in accounts]):
            if self._counts(row):
                self._of_account.setdefault((row[1], row[2]), []).append(row)

    def _counts(self, row: Row) -> bool:
        at: int = row[4]
        return at >= self._lookback.since and (self._lookback.planned or row[5] is not None)

    def of(self, want: Want) -> tuple[Contact, ...]:
        rows: Iterable[Row] = self._of_number.get((want.client, want.number), ())
        if want.account is not None:
            rows = {row[3]: row for row in (*rows, *self._of_account.get((want.client, want.account), ()))}.values()
        return tuple(
            Contact(row[4], _CHANNELS[row[6]], row[2], row[5] is None) for row in rows if row[3] != want.message_id
        )

    def told_opt_out(self, want: Want) -> int | None:
        """When a text of the program that said how to opt out left last. One that is known not to have arrived told nothing,
        nor does one of which that is in doubt."""
        rows = self._of_number.get((want.client, want.number), ())
        return max((row[5] for row in rows if row[8] and row[7] == want.program and row[5] is not None), default=None)


class Planned:
    """Texts that were judged in this transaction and are not written yet: the next ones to the same people count them."""

    def __init__(self) -> None:
        self._of_number: dict[tuple[str, str], dict[int, Contact]] = {}
        self._of_account: dict[tuple[str, str], dict[int, Contact]] = {}

    def note(self, text: Submission | Claimed, message_id: int, at: int) -> None:
        """A text will go at an instant."""
        if text.origin in ANSWERS:
            return
        contact = Contact(at, account=text.account, planned=True)
        self._of_number.setdefault((text.client, text.number), {})[message_id] = contact
        if text.account is not None:
            self._of_account.setdefault((text.client, text.account), {})[message_id] = contact

    def added_to(self, facts: Facts, text: Submission | Claimed, message_id: int) -> Facts:
        """The facts with what was noted of other texts."""
        noted = self._of_number.get((text.client, text.number), {})
        if text.account is not None:
            noted = noted | self._of_account.get((text.client, text.account), {})
        more = [contact for its_id, contact in noted.items() if its_id != message_id]
        return replace(facts, contacts=(*facts.contacts, *more)) if more else facts


_REASONS = {str(reason): reason for reason in HoldReason}
_CHANNELS = {str(channel): channel for channel in Channel}
_PARTIES = {str(party): party for party in Party}


def _facts(want: Want, rows: Iterable[Row], contacts: tuple[Contact, ...], opt_out_told_at: int | None) -> Facts:
    consent: str | None = None
    pending = elsewhere = broken = False
    given = ended = 0
    fresh_at: int | None = None
    opted_out: str | None = None
    of_account: str | None = None
    holds: list[HoldReason] = []
    profile: Profile | None = None
    for kind, _, _, *rest in rows:
        if kind == "h":
            holds.append(_REASONS[rest[0]])
            continue
        if kind == "p":
            zone, confirmed_at, region, spelt, hours, forbids = rest
            party = None if spelt is None else _PARTIES[spelt]
            profile = Profile(zone, confirmed_at, region, party, hours=hours, employer_forbids=bool(forbids))
            continue
        if kind == "b":
            broken = True
            continue
        program, category, account, state, awaited, event, heard_at = rest
        if program not in (want.program, ANY) or account not in (want.account, ANY):
            continue
        if account != ANY:
            if category in (want.category, ANY) and state in ENDED:
                # Whatever was agreed to later was not about this account.
                of_account = f"{program}/{category} of the account"
        elif category == ANY or program == ANY:
            if category in (want.category, ANY) and state in ENDED and event > ended:
                ended, opted_out = event, f"{program}/{category}"
        elif category == want.category:
            consent, given, pending, fresh_at = state, event, bool(awaited), heard_at
        elif state == ConsentState.CONFIRMED:
            elsewhere = True
    if of_account is None and consent is not None and given > ended:  # it was given after the opt-out
        opted_out = None
    return Facts(
        consent,
        elsewhere,
        of_account or opted_out,
        tuple(holds),
        pending,
        fresh_at,
        opt_out_told_at,
        contacts,
        profile,
        broken,
    )
