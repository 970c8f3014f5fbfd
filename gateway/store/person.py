"""Taking a person out of everything but the ledger: texts, replies, reviews, profiles, accounts, logs.

Owns: what is known of a number beside its consents, and its end. Does not own: the ledger (erasure), or what follows for whoever
asks (flow).

Rows that say only something about the person are deleted. A message's row stays, without its number, words and account:
receipts still find it, and what went through is still counted. So do a client's events, whose order and count clients and
webhooks rely on: the person is blanked in them. The log of events is long and has no index by number, so it is gone
through page by page, in transactions of their own.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.message import State
from gateway.store.consent import end_queued
from gateway.store.unit import Row, Unit

_WAITING = """
SELECT m.id, s.n, m.segments, m.client, m.number, m.reference, m.account
FROM message AS m JOIN segment AS s ON s.message_id = m.id WHERE m.number = ? AND m.client = ? AND s.state = 'queued'
"""
# Receipts are the carrier's: a parked one belongs to no text yet, and names the number as the carrier writes it.
_RECEIPTS = """
(message_id IN (SELECT id FROM message WHERE number = :number AND client = :client)
    OR (message_id IS NULL AND instr(news, CAST(:digits AS BLOB)) > 0))
"""
_OF_NUMBER = (
    """
    DELETE FROM concat WHERE number = :number
        AND sender IN (SELECT sender FROM message WHERE number = :number AND client = :client)
    """,
    f"DELETE FROM receipt_key WHERE receipt_id IN (SELECT id FROM receipt WHERE {_RECEIPTS})",  # noqa: S608 - ours
    f"DELETE FROM receipt WHERE {_RECEIPTS}",  # noqa: S608 - ours
    """
    UPDATE message SET number = '', text = '', account = NULL, reference = NULL
    WHERE number = :number AND client = :client
    """,
    *(
        f"DELETE FROM {table} WHERE number = :number AND client = :client"  # noqa: S608 - ours
        for table in (
            "review",
            "hold",
            "dialog",
            "number_profile",
            "number_check",
            "check_due",
            "contact",
            "optin",
            "broken",
        )
    ),
    # What was written to no client's sender is under review with all of them: it goes with the last review.
    """
    DELETE FROM inbound WHERE source = :number AND (client = :client OR (client IS NULL AND NOT EXISTS
        (SELECT 1 FROM review AS r WHERE r.number = :number AND r.inbound_id = inbound.id)))
    """,
    # Carriers drop the plus sign, and some the country code. Parts that still wait for others may be another client's STOP.
    """
    DELETE FROM inbound_part WHERE joined_at IS NOT NULL
        AND length(ltrim(source, '+0')) > 6 AND :digits LIKE '%' || ltrim(source, '+0')
    """,
)
_ACCOUNTS = "DELETE FROM account WHERE client = ? AND number = ? RETURNING account"
_JOBS = "DELETE FROM job WHERE client = ? AND account IN ({rows})"
_NOTICES = "SELECT seq, body FROM notice WHERE client = ? AND instr(body, CAST(? AS BLOB)) > 0"
_OF_ACCOUNTS = "SELECT seq FROM notice WHERE client = ? AND account IN ({rows})"
_PAGE = "SELECT seq, body FROM event WHERE client = ? AND seq > ? ORDER BY seq LIMIT ?"
_BLANK = "UPDATE event SET body = v.column3 FROM (VALUES {rows}) AS v WHERE client = v.column1 AND seq = v.column2"
_RUN = re.compile(rb"\d{7,15}")
_WORDS = frozenset({"text", "words"})
"""Members of events that hold what a consumer wrote."""


def forget_person(unit: Unit, number: Number, client: str, at: int) -> None:
    """End what waits for the number, and take it out of all that the client has of it but ledger and events."""
    rows = unit.sql.execute(_WAITING, (number, client)).fetchall()
    end_queued(unit, rows, State.BLOCKED, at, "erasure", Code.CONSENT_OPTED_OUT)
    digits = number.removeprefix("+")
    for statement in _OF_NUMBER:
        unit.sql.execute(statement, {"number": number, "client": client, "digits": digits})
    accounts: list[Row] = unit.sql.execute(_ACCOUNTS, (client, number)).fetchall()
    notices = unit.sql.execute(_NOTICES, (client, digits)).fetchall()
    told: list[Row] = [(seq,) for seq, body in notices if digits.encode() in _RUN.findall(body)]
    told += unit.read(_OF_ACCOUNTS, accounts, (client,))
    unit.write(_JOBS, accounts, (client,))
    unit.write("DELETE FROM notice WHERE seq IN ({rows})", told)
    unit.write("DELETE FROM plugin_retry WHERE seq IN ({rows})", told)


class Scrub(msgspec.Struct, frozen=True):
    """A look through a client's events for people who are to be blanked in them."""

    numbers: tuple[Number, ...]
    client: str
    after: int
    limit: int


def scrub_events(unit: Unit, scrubs: Sequence[Scrub]) -> list[int | None]:
    """Blank numbers in events; the last event that was looked at, None where there are no more."""
    return [_scrub(unit, scrub) for scrub in scrubs]


def _scrub(unit: Unit, scrub: Scrub) -> int | None:
    wanted = {number.removeprefix("+").encode() for number in scrub.numbers}
    page = unit.sql.execute(_PAGE, (scrub.client, scrub.after, scrub.limit)).fetchall()
    found = [(seq, body) for seq, body in page if not wanted.isdisjoint(_RUN.findall(body))]
    spelt = [digits.decode() for digits in wanted]
    unit.write(_BLANK, [(scrub.client, seq, _blank(body, spelt)) for seq, body in found])
    return page[-1][0] if len(page) == scrub.limit else None


def _blank(body: bytes, numbers: Sequence[str]) -> bytes:
    return msgspec.json.encode(_blanked(msgspec.json.decode(body), numbers))


def _blanked(value: Any, numbers: Sequence[str]) -> Any:
    if isinstance(value, str):
        return "" if any(number in value for number in numbers) else value
    if isinstance(value, list):
        return [_blanked(one, numbers) for one in value]
    if isinstance(value, dict):
        return {name: "" if name in _WORDS else _blanked(one, numbers) for name, one in value.items()}
    return value
