"""The log that plugins read, and the client events that come into it.

Owns: notices and how long they are remembered, the ids of client events, and accounts. Does not own: who reads how far
(plugins), or what an event changes in an account (rules/accounts).

An event is in the log, its account changed, and the texts called off that its account makes pointless, in one
transaction; after it, the client is told that it was taken.
"""

from collections.abc import Sequence
from enum import Enum
from hashlib import blake2b

import msgspec

from gateway.errors import Code
from gateway.model.account import Account
from gateway.model.client_events import ClientEvent, type_of
from gateway.rules.accounts import apply, owed_by
from gateway.store.doubt import Cancellation, cancel
from gateway.store.unit import Row, Unit

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Account).decode

KNOWN = """
SELECT e.client, e.id, e.fingerprint FROM (VALUES {rows}) AS v
CROSS JOIN client_event AS e ON e.client = v.column1 AND e.id = v.column2
"""
_ADD_EVENT = "INSERT INTO client_event (client, id, fingerprint, at) VALUES {rows}"
ACCOUNTS = """
SELECT a.client, a.account, a.body FROM (VALUES {rows}) AS v
CROSS JOIN account AS a ON a.client = v.column1 AND a.account = v.column2
"""
_PUT_ACCOUNT = """
INSERT INTO account (client, account, number, body) VALUES {rows}
ON CONFLICT (client, account) DO UPDATE SET number = excluded.number, body = excluded.body
"""
_ADD_NOTICE = "INSERT INTO notice (client, account, plugin, kind, at, body) VALUES {rows}"
POINTLESS = """
SELECT d.message_id, d.client FROM (VALUES {rows}) AS v
CROSS JOIN deed AS d ON d.client = v.column1 AND d.account = v.column2 AND d.unless_paid = 1
CROSS JOIN message AS m ON m.id = d.message_id AND m.state IN ('queued', 'held')
"""
POINTLESS_DUE = f"{POINTLESS} AND d.owed = v.column3"
PAGE = "SELECT body FROM account WHERE client = ? AND account > ? ORDER BY account LIMIT ?"
BY_NUMBER = """
SELECT account FROM account WHERE client = ?1 AND number = ?2
UNION SELECT account FROM number_profile WHERE client = ?1 AND number = ?2 AND account IS NOT NULL LIMIT 2
"""
AFTER = """
SELECT seq, client, account, plugin, kind, at, body FROM notice
WHERE seq > ?1 AND seq <= ?2 AND (plugin = ?3 OR plugin IS NULL AND kind IN (SELECT value FROM json_each(?4)))
ORDER BY seq LIMIT ?5
"""
_LAST = "SELECT coalesce(max(seq), 0) FROM notice"
_SPAN = 10_000
"""Notices that one look goes through at the most, whoever they are for."""
BY_SEQ = "SELECT seq, client, account, plugin, kind, at, body FROM notice WHERE seq IN ({rows})"
FORGET_NOTICES = """
DELETE FROM notice WHERE seq IN (SELECT seq FROM notice ORDER BY seq LIMIT ?2) AND at < ?1
AND seq <= (SELECT coalesce(min(cursor), 9223372036854775807) FROM plugin WHERE enabled = 1)
AND seq NOT IN (SELECT seq FROM plugin_retry)
"""
FORGET_EVENTS = """
DELETE FROM client_event WHERE (client, id) IN (SELECT client, id FROM client_event WHERE at < ? ORDER BY at LIMIT ?)
"""
FORGET_CHECKS = """
DELETE FROM check_due WHERE (number, client) IN (SELECT number, client FROM check_due WHERE at < ? ORDER BY at LIMIT ?)
"""


class NewNotice(msgspec.Struct, frozen=True, gc=False):
    """Something that a plugin is to be told, or all that hear its kind where it is for none."""

    client: str
    account: str
    plugin: str | None
    kind: str
    """The type of a client event, such as ``invoice.issued``; else ``job``, ``answer``, ``reply``, ``text``, ``check``."""
    at: int
    body: bytes


class Notice(msgspec.Struct, frozen=True, gc=False):
    """One entry of the log."""

    seq: int
    client: str
    account: str
    plugin: str | None
    kind: str
    at: int
    body: bytes


def add_notices(unit: Unit, notices: Sequence[NewNotice]) -> None:
    """Put notices at the end of the log, in their order."""
    unit.noticed.update((one.plugin, one.kind) for one in notices)
    unit.write(_ADD_NOTICE, [(one.client, one.account, one.plugin, one.kind, one.at, one.body) for one in notices])


class Intake(msgspec.Struct, frozen=True, gc=False):
    """A client event that came in."""

    client: str
    event: ClientEvent
    at: int


class Taken(Enum):
    """What became of it."""

    NEW = "new"
    AGAIN = "again"
    """It was taken before: the same id with the same words."""
    OTHER = "other"
    """Another event was taken under its id."""


def receive_events(unit: Unit, intakes: Sequence[Intake]) -> list[Taken]:
    """Take client events, each once: into the log, into its account, and against texts that it makes pointless."""
    bodies = [_encode(intake.event) for intake in intakes]
    prints = [blake2b(body, digest_size=16).digest() for body in bodies]
    names = [(intake.client, intake.event.id) for intake in intakes]
    known = {(client, event_id): found for client, event_id, found in unit.read(KNOWN, list(dict.fromkeys(names)))}
    answers: list[Taken] = []
    events: list[Row] = []
    notices: list[NewNotice] = []
    fresh: list[Intake] = []
    for intake, name, body, fingerprint in zip(intakes, names, bodies, prints, strict=True):
        before = known.get(name)
        if before is not None:
            answers.append(Taken.AGAIN if before == fingerprint else Taken.OTHER)
            continue
        known[name] = fingerprint
        answers.append(Taken.NEW)
        fresh.append(intake)
        events.append((*name, fingerprint, intake.at))
        notices.append(NewNotice(intake.client, intake.event.account, None, type_of(intake.event), intake.at, body))
    unit.write(_ADD_EVENT, events)
    add_notices(unit, notices)
    _change_accounts(unit, fresh)
    return answers


def _change_accounts(unit: Unit, intakes: Sequence[Intake]) -> None:
    names = list(dict.fromkeys((intake.client, intake.event.account) for intake in intakes))
    accounts = {(client, account): _decode(body) for client, account, body in unit.read(ACCOUNTS, names)}
    silenced: dict[tuple[str, str], int] = {}
    settled: dict[tuple[str, str, str], int] = {}
    for intake in intakes:
        name = (intake.client, intake.event.account)
        accounts[name] = apply(accounts.get(name) or Account(*name), intake.event)
        if accounts[name].silent:
            silenced[name] = intake.at
        for owed in owed_by(intake.event):
            if not owed.is_open_in(accounts[name]):
                settled[(*name, str(owed))] = intake.at
    unit.write(
        _PUT_ACCOUNT,
        [(*name, account.number, _encode(account)) for name, account in accounts.items()],
    )
    pointless = set(unit.read(POINTLESS, list(silenced)) + unit.read(POINTLESS_DUE, list(settled)))
    at = max([*silenced.values(), *settled.values()], default=0)
    cancel(unit, [Cancellation(message_id, client, at, Code.ACCOUNT_PAID) for message_id, client in sorted(pointless)])


def accounts_of(unit: Unit, client: str, names: Sequence[str]) -> dict[str, Account]:
    """Those of the accounts that are known, by name."""
    found = kept_accounts(unit, [(client, name) for name in dict.fromkeys(names)])
    return {account: read_account(body) for (_, account), body in found.items()}


def kept_accounts(unit: Unit, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """Those of the accounts that are known, by client and name, as they are kept."""
    return {(client, account): body for client, account, body in unit.read(ACCOUNTS, names)}


def read_account(body: bytes) -> Account:
    """An account as it was kept: one of its own for each who reads it."""
    return _decode(body)


def accounts_page(unit: Unit, client: str, after: str, limit: int) -> list[Account]:
    """Accounts in the order of their names."""
    return [_decode(body) for (body,) in unit.sql.execute(PAGE, (client, after, limit))]


def account_of_number(unit: Unit, client: str, number: str) -> str | None:
    """The one account that is texted at a number, or that a person linked it to; None where there is none, or more than one."""
    rows = unit.sql.execute(BY_NUMBER, (client, number)).fetchall()
    return rows[0][0] if len(rows) == 1 else None


class Listening(msgspec.Struct, frozen=True):
    """A plugin that has read the log up to ``after``."""

    plugin: str
    kinds: frozenset[str]
    """What it hears of that is for all."""
    after: int
    limit: int


class Heard(msgspec.Struct, frozen=True):
    """What a plugin is to be told next."""

    notices: tuple[Notice, ...]
    through: int
    """Up to there it has read the log then: what lies between is not for it."""
    is_all: bool
    """Whether the log ends there."""


def notices_after(unit: Unit, look: Listening) -> Heard:
    """What a plugin is to be told next."""
    (last,) = unit.sql.execute(_LAST).fetchone()
    end = max(look.after, min(last, look.after + _SPAN))
    values = (look.after, end, look.plugin, _encode(sorted(look.kinds)).decode(), look.limit)
    notices = tuple(Notice(*row) for row in unit.sql.execute(AFTER, values))
    through = notices[-1].seq if len(notices) == look.limit else end
    return Heard(notices, through, through >= last)


def notices_of(unit: Unit, seqs: Sequence[int]) -> list[Notice]:
    """Notices by their numbers, in their order."""
    return sorted((Notice(*row) for row in unit.read(BY_SEQ, [(seq,) for seq in seqs])), key=lambda one: one.seq)


class ForgetNotices(msgspec.Struct, frozen=True):
    """How long notices and the ids of events are remembered at the least."""

    notices_before: int
    """Also of that a check was asked for: never less than the day for which one is enough."""
    ids_before: int
    limit: int


def forget_notices(unit: Unit, wishes: Sequence[ForgetNotices]) -> list[int]:
    """Forget what all plugins were told long ago; tells how many rows."""
    return [
        unit.sql.execute(FORGET_NOTICES, (wish.notices_before, wish.limit)).rowcount
        + unit.sql.execute(FORGET_EVENTS, (wish.ids_before, wish.limit)).rowcount
        + unit.sql.execute(FORGET_CHECKS, (wish.notices_before, wish.limit)).rowcount
        for wish in wishes
    ]
