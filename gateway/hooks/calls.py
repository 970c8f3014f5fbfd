"""What is checked of every call of a plugin to the gateway, the real one and the fake alike.

Owns: keys, payloads, and what goes without saying: whom a text about an account goes to, and by which clock. Does not own: doing
it.
"""

from collections.abc import Mapping
from datetime import date
from datetime import time as wall_time
from typing import Any, Final

import msgspec

from gateway.errors import Code
from gateway.hooks.api import Rejected
from gateway.hooks.keys import LONGEST_KEY, is_key
from gateway.model.account import Account
from gateway.model.address import InvalidNumber, Number, parse_number
from gateway.model.clock import day_at, instant_at, is_zone
from gateway.model.events import PLUGIN_KINDS, Kind
from gateway.model.number_check import NumberCheck, Reassigned, faults_of
from gateway.rules.schedules import CATCH_UPS

LARGEST_PAYLOAD: Final = 16 * 1024
"""Octets of JSON."""
UTC_ZONE: Final = "UTC"

_encode = msgspec.json.Encoder(order="deterministic").encode


def check_key(key: str) -> None:
    """Raises Rejected for what is no key."""
    if not isinstance(key, str) or not is_key(key):
        raise Rejected(
            Code.KEY_INVALID,
            "key",
            f"is no path of printable characters without blanks, up to {LONGEST_KEY}: build it with key_of",
        )


def as_json(value: Mapping[str, Any], field: str) -> bytes:
    """A payload or values as JSON. Raises Rejected for what JSON cannot say, for fractions, and for too much of it."""
    try:
        plain = msgspec.to_builtins(value, str_keys=False)
        text = _encode(plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise Rejected(Code.PAYLOAD_INVALID, field, "holds what JSON cannot say") from error
    if not isinstance(plain, dict) or not all(isinstance(name, str) for name in plain):
        raise Rejected(Code.PAYLOAD_INVALID, field, "is no mapping of names to values")
    if len(text) > LARGEST_PAYLOAD:
        raise Rejected(Code.PAYLOAD_INVALID, field, f"has more than {LARGEST_PAYLOAD} octets as JSON")
    if _holds_fraction(plain):
        raise Rejected(Code.PAYLOAD_INVALID, field, "holds a number with a point: money is whole minor units")
    return text


def _holds_fraction(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_fraction, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_fraction, value))
    return isinstance(value, float)


def number_for(account: Account | None, to: str | None) -> Number:
    """The number that is meant. Raises Rejected where there is none."""
    if to is None:
        if account is None:
            raise Rejected(Code.ACCOUNT_UNKNOWN, "account", "no event told of it, and no number is given")
        if account.number is None:
            raise Rejected(Code.NUMBER_INVALID, "to", "no event told a number of the account, and none is given")
        to = account.number
    return _read_number(to, "to")


def _read_number(number: str, field: str) -> Number:
    try:
        return parse_number(number)
    except InvalidNumber as error:
        raise Rejected(Code.NUMBER_INVALID, field, str(error)) from error


def check_text(
    key: str,
    text: str | None,
    template: str | None,
    values: Mapping[str, object],
    send_at: int | None,
    expires_at: int | None,
) -> dict[str, Any]:
    """The values as JSON spells them. Raises Rejected for what is no text: it is given as it is or by a template."""
    check_key(key)
    if (text is None) == (template is None):
        raise Rejected(Code.REQUEST_INVALID, "text", "give either a text or a template")
    if text is not None and not text.strip():
        raise Rejected(Code.CONTENT_EMPTY, "text", "there is nothing to read in it")
    for name, instant in (("send_at", send_at), ("expires_at", expires_at)):
        if instant is not None:
            check_due(instant, name)
    spelt: dict[str, Any] = msgspec.json.decode(as_json(values, "values"))
    return spelt


def check_job(key: str, due: int, catch_up: str, payload: Mapping[str, Any]) -> bytes:
    """The payload of a job as JSON. Raises Rejected for what is none."""
    check_key(key)
    check_due(due)
    if catch_up not in CATCH_UPS:
        raise Rejected(Code.REQUEST_INVALID, "catch_up", f"is none of {', '.join(sorted(CATCH_UPS))}")
    return as_json(payload, "payload")


def check_due(due: int, field: str = "due") -> None:
    """Raises Rejected for what is no instant in whole milliseconds up to the year 2200."""
    if type(due) is not int or not 0 <= due < 7_258_118_400_000:
        raise Rejected(Code.REQUEST_INVALID, field, "is no instant in whole milliseconds since the epoch")


def check_zone(zone: str) -> None:
    """Raises Rejected for what is no time zone."""
    if not is_zone(zone):
        raise Rejected(Code.REQUEST_INVALID, "zone", 'is no IANA name, such as "America/Chicago"')


def check_kind(kind: str) -> Kind:
    """The kind of an event out. Raises Rejected for one that plugins cannot tell."""
    if kind not in PLUGIN_KINDS:
        raise Rejected(Code.REQUEST_INVALID, "kind", f"is none of {', '.join(sorted(PLUGIN_KINDS))}")
    return Kind(kind)


def read_number_check(
    client: str, number: str, answer: str, checked_at: int, since: int, source: str, now: int
) -> NumberCheck:
    """A look into a database. Raises Rejected for one that cannot be taken."""
    who = _read_number(number, "number")
    check_due(checked_at, "checked_at")
    check_due(since, "since")
    try:
        said = Reassigned(answer)
    except ValueError as error:
        raise Rejected(Code.REQUEST_INVALID, "answer", f"is none of {', '.join(Reassigned)}") from error
    for field, problem, fix in faults_of(source, checked_at, since, now):
        raise Rejected(Code.REQUEST_INVALID, field, f"{problem}; {fix}")
    return NumberCheck(who, client, said, checked_at, since, source, now)


def zone_of(account: Account | None) -> str:
    """Where the consumer is known to be, or UTC."""
    return UTC_ZONE if account is None or account.zone is None else account.zone


def day(now: int, account: Account) -> date:
    """The day it is where the consumer is."""
    return day_at(now, zone_of(account))


def at(day: date, time: str, account: Account) -> int:
    """The instant at which the consumer's clock shows a time on a day."""
    return instant_at(day, wall_time.fromisoformat(time), zone_of(account))
