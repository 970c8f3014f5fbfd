"""A workflow as it is written down in plugins.toml: when, if, then.

Owns: the shape of a rule, and whether its conditions hold. Does not own: doing what it says (the plugin).

    [[settings.workflow_rules.rules]]
    name = "promise-coming-up"
    daily = "10:00"
    zone = "America/Chicago"
    when = [{ field = "account.promised_on", age = -2 }, { field = "account.balance", at_least = 1000 }]
    [[settings.workflow_rules.rules.then]]
    do = "text"
    template = "promise_to_pay.reminder"
    values = { amount = "account.balance", promised_on = "account.promised_on" }

A field is ``account.…``, ``event.…`` (of the event that set the rule off) or ``fields.…`` (told by account.updated).
Money counts in minor units; the age of a day is in days, negative for one that is to come. What is not known fulfils nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from gateway.hooks import CatchUp, Category, Section, TemplateName, TemplateValues
from gateway.model.account import Account
from gateway.model.client_events import EVENT_TYPES, ClientEvent
from gateway.model.money import Money
from plugins.common import TimeOfDay

Wrong = tuple[str, str, str]
"""A key, what is wrong with it, and what to do about it."""

_ACCOUNT: Final[Mapping[str, Callable[[Account], object]]] = {
    "number": lambda account: account.number,
    "program": lambda account: account.program,
    "locale": lambda account: account.locale,
    "zone": lambda account: account.zone,
    "balance": lambda account: account.balance,
    "due_on": lambda account: account.next_due_on,
    "promised_on": lambda account: account.next_promised_on,
    "last_payment": lambda account: account.last_payment,
    "last_payment_on": lambda account: account.last_payment_on,
    "paid": lambda account: account.paid,
    "closed": lambda account: account.closed,
}

Field = Annotated[
    str,
    Meta(
        pattern=r"^(account|event|fields)\.[a-z0-9][a-z0-9_.-]{0,63}\Z",
        description="account.NAME, event.NAME or fields.NAME",
    ),
]
Age = Annotated[int, Meta(ge=-3650, le=3650, description="days, negative for days to come; -3650 to 3650")]


class Condition(Section, frozen=True, kw_only=True):
    """What one field has to be; of several tests, all."""

    field: Field
    known: bool | None = None
    is_: bool | int | str | None = msgspec.field(name="is", default=None)
    one_of: tuple[int | str, ...] | None = None
    at_least: int | None = None
    at_most: int | None = None
    age: Age | None = None
    age_at_least: Age | None = None
    age_at_most: Age | None = None

    def holds(self, value: object, today: date) -> bool:
        """Whether a value passes every test."""
        if self.known is not None and (value is not None) is not self.known:
            return False
        amount = value.minor if isinstance(value, Money) else value
        number = amount if type(amount) is int else None
        day = _day(value)
        age = None if day is None else (today - day).days
        return (
            (self.is_ is None or (type(amount) is type(self.is_) and amount == self.is_))
            and (self.one_of is None or (not isinstance(amount, bool) and amount in self.one_of))
            and _lies_between(number, self.at_least, self.at_most)
            and _lies_between(age, self.age, self.age)
            and _lies_between(age, self.age_at_least, self.age_at_most)
        )

    def check(self) -> Iterator[Wrong]:
        """That it says something."""
        if all(getattr(self, name) is None for name in self.__struct_fields__ if name != "field"):
            yield "field", "is tested for nothing", "give is, one_of, at_least, at_most, age or known"


class TextAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="text", tag_field="do"):
    """A text from a template, to the account's number."""

    template: TemplateName
    """In full, such as ``payment_reminders.after_3`` or one of your own."""
    values: TemplateValues = {}
    """For its variables: the name of a field, or else the words themselves."""
    category: Category = "servicing"
    unless_paid: bool = True


class ConsentAction(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="consent", tag_field="do"
):
    """Ask the consumer for consent, where it is missing."""

    category: Category = "servicing"


class EventAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="event", tag_field="do"):
    """Tell the client: ``workflow.fired`` with the rule's name and these values."""

    values: Mapping[str, str] = {}


class HandoverAction(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="handover", tag_field="do"
):
    """Ask the client for a person."""

    reason: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}\Z")]


class Rule(Section, frozen=True, kw_only=True):
    """One workflow: set off by events, or looked at once a day for all accounts."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}\Z")]
    then: Annotated[tuple[TextAction | ConsentAction | EventAction | HandoverAction, ...], Meta(min_length=1)]
    on: tuple[str, ...] = ()
    """Types of events."""
    daily: TimeOfDay | None = None
    zone: str = "UTC"
    """Where ``daily`` is meant."""
    catch_up: CatchUp = "send_late"
    """What becomes of the days on which a daily rule could not run at its time: done as soon as it can be, not done but told
    to the client, or done at the next day's time."""
    when: tuple[Condition, ...] = ()

    def holds(self, account: Account, event: ClientEvent | None, today: date) -> bool:
        """Whether all conditions do."""
        return all(condition.holds(look_up(condition.field, account, event), today) for condition in self.when)

    def day_of(self, account: Account, since: date, until: date) -> date | None:
        """On which of the days a daily rule holds for an account, as it is known now: an age is had on one day alone."""
        for condition in self.when:
            if condition.age is not None:
                told = _day(look_up(condition.field, account, None))
                ago = -1 if told is None else (until - told).days - condition.age
                if not 0 <= ago <= (until - since).days:
                    return None
                day = until - timedelta(days=ago)
                return day if self.holds(account, None, day) else None
        return None

    def is_over(self, account: Account, today: date) -> bool:
        """Whether a day that the rule acts before has gone by: to announce it now would be wrong."""
        ahead = [condition.field for condition in self.when if condition.age is not None and condition.age < 0]
        days = (_day(look_up(field, account, None)) for field in ahead)
        return any(day is not None and day < today for day in days)

    def check(self) -> Iterator[Wrong]:
        """What is wrong with it."""
        if bool(self.on) is (self.daily is not None):
            yield "on", "must be given, or else daily, and not both", "choose what sets the rule off"
        for event in self.on:
            if event not in EVENT_TYPES:
                yield "on", f"names {event!r}, which is no event", f"choose from {', '.join(EVENT_TYPES)}"
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError):
            yield "zone", "is no time zone", 'give an IANA name, such as "America/Chicago"'
        if self.on and self.catch_up != "send_late":
            yield "catch_up", "is for daily rules", "take it away: events are told late, and none is left out"
        if self.daily is not None and not self.on and not any(condition.age is not None for condition in self.when):
            yield "when", "would hold on many days in a row", "give a condition with an age: daily rules act on one day"
        for field in self._fields():
            yield from self._check_field(field)

    def _fields(self) -> Iterator[str]:
        yield from (condition.field for condition in self.when)
        for action in self.then:
            if isinstance(action, TextAction | EventAction):
                yield from filter(is_field, action.values.values())

    def _check_field(self, field: str) -> Iterator[Wrong]:
        space, _, name = field.partition(".")
        if space == "account" and name not in _ACCOUNT:
            yield "when", f"names {field}, which is not known", f"choose from {', '.join(_ACCOUNT)}"
        if space == "event":
            kinds = [EVENT_TYPES[event] for event in self.on if event in EVENT_TYPES]
            if not any(name in kind.__struct_fields__ for kind in kinds):
                yield "when", f"names {field}, which no event of the rule has", "choose a field of its events"


def is_field(text: str) -> bool:
    """Whether a value is the name of a field, and not words."""
    return text.startswith(("account.", "event.", "fields.")) and " " not in text


def look_up(field: str, account: Account, event: ClientEvent | None) -> object:
    """What is known under the name of a field; None where nothing is."""
    space, _, name = field.partition(".")
    if space == "fields":
        return account.fields.get(name)
    if space == "account":
        return _ACCOUNT[name](account)
    return None if event is None else getattr(event, name, None)


def fill(values: Mapping[str, str], account: Account, event: ClientEvent | None) -> dict[str, Any]:
    """Values with the names of fields replaced by what is known; what is not is left out."""
    filled = {name: look_up(text, account, event) if is_field(text) else text for name, text in values.items()}
    return {name: value for name, value in filled.items() if value is not None}


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-03-08") else None
    except ValueError:
        return None


def _lies_between(number: int | None, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    return number is not None and (least is None or number >= least) and (most is None or number <= most)
