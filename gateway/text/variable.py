"""The typed variables of templates: what a value may be, and the shortest and longest that can come of it.

Owns: the kinds, their bounds, and the check of a value. Does not own: how a locale spells it (spelling), or where a variable
stands in a text (template).

Values come as JSON has them. Money is a whole number of minor units and a currency, never a number with a point: 52.10 is
not a number that a computer has.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from gateway.text import gsm7
from gateway.text.spelling import CURRENCIES, Speller, Style

_MOST: Final = 10**15
"""No amount or number goes beyond."""


class WrongValue(ValueError):
    """A value that is not what its variable takes. Never quotes the value."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}; {fix}")
        self.problem = problem
        self.fix = fix


class Extremes(NamedTuple):
    """Spellings between which all others are in length."""

    shortest: str
    longest: str
    foreign: str | None
    """The longest that GSM 03.38 cannot write; None where it can write all."""


class _Variable(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True, omit_defaults=True
):
    optional: bool = False
    """It may be absent; then it is empty, and false in a condition."""


class MoneyVariable(_Variable, frozen=True, kw_only=True, tag="money"):
    """``{"minor": 5210, "currency": "USD"}``: $52.10. Bounds are in minor units."""

    minimum: int = 0
    maximum: int = 99_999_999
    currencies: Annotated[tuple[str, ...], Meta(min_length=1)] = ("USD",)

    def check(self) -> Iterator[str]:
        """What is wrong with the declaration."""
        yield from _check_bounds(self.minimum, self.maximum)
        for currency in self.currencies:
            if currency not in CURRENCIES:
                yield f"{currency!r} is no currency of ISO 4217"

    def spell(self, value: object, spelling: Speller, zone: tzinfo | None) -> str:
        """The amount with its currency, or WrongValue."""
        if isinstance(value, float):
            raise WrongValue("money is never a number with a point", f"give whole minor units, such as {_MONEY}")
        if not isinstance(value, dict) or set(value) != {"minor", "currency"}:
            raise WrongValue("is no amount of money", f"give {_MONEY}")
        minor, currency = value["minor"], value["currency"]
        if type(minor) is not int:
            raise WrongValue(
                "its minor is not a whole number", f"give minor units (cents) without a point, such as {_MONEY}"
            )
        if not isinstance(currency, str) or currency not in self.currencies:
            raise WrongValue("its currency is not one of the variable's", f"give {' or '.join(self.currencies)}")
        _check_between(minor, self.minimum, self.maximum)
        return spelling.money(minor, currency)

    def extremes(self, spelling: Speller) -> Extremes:
        """Over all currencies, and the bounds."""
        amounts = _ends(self.minimum, self.maximum)
        return _between([spelling.money(minor, currency) for currency in self.currencies for minor in amounts])


class IntegerVariable(_Variable, frozen=True, kw_only=True, tag="integer"):
    """A whole number, grouped as the locale does: a count, never an account number."""

    minimum: int = 0
    maximum: int = 999_999

    def check(self) -> Iterator[str]:
        """What is wrong with the declaration."""
        yield from _check_bounds(self.minimum, self.maximum)

    def spell(self, value: object, spelling: Speller, zone: tzinfo | None) -> str:
        """The number, or WrongValue."""
        if type(value) is not int:
            raise WrongValue("is no whole number", "give a number without a point and without quotes")
        _check_between(value, self.minimum, self.maximum)
        return spelling.integer(value)

    def extremes(self, spelling: Speller) -> Extremes:
        """Between the bounds."""
        return _between([spelling.integer(end) for end in _ends(self.minimum, self.maximum)])


class DateVariable(_Variable, frozen=True, kw_only=True, tag="date"):
    """``"2026-03-08"``: a day as the client's calendar has it; no time zone moves it."""

    style: Style = "medium"

    def check(self) -> Iterator[str]:
        """What is wrong with the declaration."""
        return iter(())

    def spell(self, value: object, spelling: Speller, zone: tzinfo | None) -> str:
        """The date, or WrongValue."""
        if not isinstance(value, str) or _DATE.fullmatch(value) is None:
            raise WrongValue("is no date", 'give year, month and day as ISO 8601 has them, such as "2026-03-08"')
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise WrongValue(
                "is a date that does not exist", 'give a day of the calendar, such as "2026-03-08"'
            ) from None
        return spelling.date(day, self.style)

    def extremes(self, spelling: Speller) -> Extremes:
        """Over the months, with days of one figure and of two."""
        return _date_extremes(self.style, spelling)


class DatetimeVariable(_Variable, frozen=True, kw_only=True, tag="datetime"):
    """``"2026-03-08T09:30:00-05:00"``: an instant, shown to the minute in the consumer's zone if that is given."""

    style: Style = "medium"

    def check(self) -> Iterator[str]:
        """What is wrong with the declaration."""
        return iter(())

    def spell(self, value: object, spelling: Speller, zone: tzinfo | None) -> str:
        """Date and time on the clock of ``zone``, or else of the value's own offset; or WrongValue."""
        if not isinstance(value, str) or _DATETIME.fullmatch(value) is None:
            raise WrongValue(
                "is no instant with an offset", 'give RFC 3339 with Z or an offset, such as "2026-03-08T09:30:00-05:00"'
            )
        try:
            moment = datetime.fromisoformat(value)
            return spelling.moment(moment if zone is None else moment.astimezone(zone), self.style)
        except (ValueError, OverflowError):
            raise WrongValue(
                "is an instant that does not exist", "give a day of the calendar and a time of the day"
            ) from None

    def extremes(self, spelling: Speller) -> Extremes:
        """Over the months and the hours, with figures one and two."""
        return _datetime_extremes(self.style, spelling)


class UrlVariable(_Variable, frozen=True, kw_only=True, tag="url"):
    """An https link on one of the client's own domains or under one."""

    domains: tuple[str, ...] = ()
    """Where empty, the client's are put here; of a client that has none, any will do."""
    max_length: Annotated[int, Meta(ge=12, le=500)] = 100

    def check(self) -> Iterator[str]:
        """What is wrong with the declaration."""
        for domain in self.domains:
            if _DOMAIN.fullmatch(domain) is None:
                yield f"{domain!r} is no domain in small letters, such as pay.acme.example"

    def spell(self, value: object, spelling: Speller, zone: tzinfo | None) -> str:
        """The link as given, or WrongValue."""
        found = _URL.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise WrongValue(
                "is no plain https link",
                "begin it with https:// and a host name, without user, port or fragment, and percent-encode all but letters, "
                "figures and -._!$&'()*+,;=:@%/?",
            )
        if len(found[0]) > self.max_length:
            raise WrongValue(f"has {len(found[0])} characters and {self.max_length} are allowed", "give a shorter link")
        host = found[1].lower()
        if (
            self.domains
            and host not in self.domains
            and not host.endswith(tuple(["." + domain for domain in self.domains]))
        ):
            raise WrongValue("leads to a domain that is not the variable's", f"link to {' or '.join(self.domains)}")
        return found[0]

    def extremes(self, spelling: Speller) -> Extremes:
        """From the shortest domain alone to the full length."""
        shortest = f"https://{min(self.domains or (_SHORTEST_DOMAIN,), key=len)}"
        return Extremes(shortest, shortest + "/" + "x" * (self.max_length - len(shortest) - 1), None)


class TextVariable(_Variable, frozen=True, kw_only=True, tag="text"):
    """Words of one line, such as a name. Lengths are in UTF-16 units, as a segment counts them."""

    min_length: Annotated[int, Meta(ge=1, le=500)] = 1
    max_length: Annotated[int, Meta(ge=1, le=500)] = 40
    plain: bool = False
    """Only characters of the GSM 03.38 basic table: no value makes the whole text UCS-2, or longer than it looks."""

    def check(self) -> Iterator[str]:
        """What is wrong with the declaration."""
        if self.min_length > self.max_length:
            yield "min_length is above max_length"

    def spell(self, value: object, spelling: Speller, zone: tzinfo | None) -> str:
        """The text as given, or WrongValue."""
        if not isinstance(value, str):
            raise WrongValue("is no text", "give a text in quotes")
        for position, char in enumerate(value):
            if unicodedata.category(char) in _UNPRINTABLE or char in _BIDI:
                raise WrongValue(
                    f"holds the character U+{ord(char):04X} at position {position}, which cannot be printed",
                    "remove it",
                )
        if self.plain and ((septets := gsm7.encode(value)) is None or len(septets) > len(value)):
            raise WrongValue("holds a character that is not in the basic table of GSM 03.38", "write it without")
        length = len(value.encode("utf-16-be")) // 2
        if not value.strip() or not self.min_length <= length <= self.max_length:
            raise WrongValue(
                f"has {length} characters and {self.min_length} to {self.max_length} are allowed, one of them no blank",
                "shorten or complete it",
            )
        return value

    def extremes(self, spelling: Speller) -> Extremes:
        """Wide letters; for the foreign one a letter that GSM 03.38 has not."""
        foreign = None if self.plain else "ž" * self.max_length
        return Extremes("x" * self.min_length, "x" * self.max_length, foreign)


Variable = MoneyVariable | IntegerVariable | DateVariable | DatetimeVariable | UrlVariable | TextVariable

_SHORTEST_DOMAIN: Final = "a.co"
_MONEY: Final = '{"minor": 5210, "currency": "USD"}'
_DATE: Final = re.compile(r"(?:19[7-9]|20\d|21\d)\d-\d\d-\d\d", re.ASCII)
_DATETIME: Final = re.compile(
    r"(?:19[7-9]|20\d|21\d)\d-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
# RFC 3986 less user, port, fragment and what takes two septets each ("~", "[" and "]"), so that a length is a length.
_URL: Final = re.compile(
    rf"https://((?:{_LABEL}\.)+{_LABEL})(?:[/?](?:[A-Za-z0-9._!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{{2}})*)?"
)
_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@lru_cache(maxsize=256)
def _date_extremes(style: Style, spelling: Speller) -> Extremes:
    days = [date(2026, month, day) for month in range(1, 13) for day in (1, 28)]
    return _between([spelling.date(day, style) for day in days])


@lru_cache(maxsize=256)
def _datetime_extremes(style: Style, spelling: Speller) -> Extremes:
    moments = [
        datetime(2026, month, day, hour, 30)  # noqa: DTZ001 - a clock on a wall, for its length alone
        for month in range(1, 13)
        for day in (1, 28)
        for hour in (1, 11, 13, 23)
    ]
    return _between([spelling.moment(moment, style) for moment in moments])


def _between(spellings: list[str]) -> Extremes:
    ordered = sorted(spellings, key=_measure)
    foreign = [spelt for spelt in ordered if gsm7.encode(spelt) is None]
    plain = [spelt for spelt in ordered if gsm7.encode(spelt) is not None] or ordered
    return Extremes(plain[0], plain[-1], foreign[-1] if foreign else None)


def _measure(text: str) -> int:
    """Septets, or UTF-16 units where GSM 03.38 cannot write it."""
    septets = gsm7.encode(text)
    return len(septets) if septets is not None else len(text.encode("utf-16-be")) // 2


def _ends(minimum: int, maximum: int) -> list[int]:
    """Numbers of which one has the shortest spelling and one the longest."""
    return [minimum, maximum, min(max(minimum, 0), maximum)]


def _check_bounds(minimum: int, maximum: int) -> Iterator[str]:
    if not -_MOST <= minimum <= maximum <= _MOST:
        yield f"minimum and maximum are not in order, or beyond {_MOST}"


def _check_between(number: int, minimum: int, maximum: int) -> None:
    if not minimum <= number <= maximum:
        raise WrongValue("is out of bounds", f"give a number from {minimum} to {maximum}")
