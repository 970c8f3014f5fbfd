"""What a client's billing system tells the gateway: invoices, payments, plans, promises, steps on other channels.

Owns: the types of client events, their fields and bounds, and what no single field shows to be wrong. Does not own: taking
them in (web, flow), keeping them (store), or what they lead to (plugins).

An event is a fact in the past tense, told once: the same ``id`` again changes nothing. Money is whole minor units and a
currency, days are dates, ``occurred_at`` is an instant with its zone. What an event leaves out stays as it was known.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias, get_args

import msgspec
from msgspec import Meta

from gateway.model.address import InvalidNumber, parse_number
from gateway.model.clock import is_zone, read_instant
from gateway.model.money import Money

__all__ = [
    "EVENT_TYPES",
    "AccountClosed",
    "AccountPaid",
    "AccountUpdated",
    "AnyClientEvent",
    "ClientEvent",
    "Installment",
    "InvoiceCancelled",
    "InvoiceIssued",
    "InvoicePaid",
    "InvoiceUpdated",
    "Money",
    "PaymentCancelled",
    "PaymentFailed",
    "PaymentNsf",
    "PaymentPosted",
    "PaymentScheduled",
    "PlanAccepted",
    "PlanProposed",
    "PlanRejected",
    "PromiseBroken",
    "PromiseKept",
    "PromiseMade",
    "StepCompleted",
    "StepFailed",
    "faults_of",
    "read_event",
    "type_of",
]

Wrong = tuple[str, str, str]
"""A field, what is wrong with it, and what to do about it."""

Label = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,200}\Z", description="1 to 200 characters on one line")]
EventId = Annotated[
    str, Meta(pattern=r"^[\x21-\x7e]{1,100}\Z", description="1 to 100 printable ASCII characters without blanks")
]
Moment = Annotated[
    str, Meta(max_length=40, extra_json_schema={"format": "date-time"}, description="RFC 3339 with its zone")
]
Locale = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?\Z", description='such as "en", "es" or "es-MX"')]
Zone = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}\Z", description='an IANA name, such as "America/Chicago"')]
Link = Annotated[str, Meta(pattern=r"^https://[\x21-\x7e]{1,500}\Z", description="an https URL on the client's domain")]
Word = Annotated[
    str, Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}\Z", description="1 to 64 lower-case letters, digits, _.-")
]
FieldValue: TypeAlias = bool | int | Annotated[str, Meta(max_length=500)] | None

_FIRST_DAY, _LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)


class ClientEvent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"
):
    """What every event says."""

    id: EventId
    """The client's own name for the event: the same one again is the same event."""
    occurred_at: Moment
    account: Label
    """The consumer's account, in the client's words."""
    number: str | None = None
    """The consumer's number in E.164, where it is to be used from now on."""
    program: Word | None = None
    """Which of the client's programs texts about this account."""
    locale: Locale | None = None
    zone: Zone | None = None
    """Where the consumer is known to be."""

    @property
    def at(self) -> int:
        """When it happened, in milliseconds since the epoch."""
        return read_instant(self.occurred_at)


class InvoiceIssued(ClientEvent, frozen=True, kw_only=True, tag="invoice.issued"):
    """Something is to be paid by a day."""

    invoice: Label
    amount: Money
    due_on: date
    link: Link | None = None


class InvoiceUpdated(ClientEvent, frozen=True, kw_only=True, tag="invoice.updated"):
    """An open invoice changed: the due date moved, the amount is another one."""

    invoice: Label
    amount: Money | None = None
    due_on: date | None = None
    link: Link | None = None


class InvoicePaid(ClientEvent, frozen=True, kw_only=True, tag="invoice.paid"):
    """One invoice is settled."""

    invoice: Label


class InvoiceCancelled(ClientEvent, frozen=True, kw_only=True, tag="invoice.cancelled"):
    """One invoice is void."""

    invoice: Label


class PaymentScheduled(ClientEvent, frozen=True, kw_only=True, tag="payment.scheduled"):
    """A payment will be taken on a day; the same payment again has moved."""

    payment: Label
    amount: Money
    due_on: date
    invoice: Label | None = None


class PaymentCancelled(ClientEvent, frozen=True, kw_only=True, tag="payment.cancelled"):
    """A scheduled payment will not be taken."""

    payment: Label


class PaymentPosted(ClientEvent, frozen=True, kw_only=True, tag="payment.posted"):
    """A payment came in."""

    payment: Label
    amount: Money
    posted_on: date | None = None
    invoice: Label | None = None
    balance: Money | None = None
    """What is still owed after it."""


class PaymentFailed(ClientEvent, frozen=True, kw_only=True, tag="payment.failed"):
    """A payment was refused: the card, the bank, the network."""

    payment: Label
    amount: Money
    retry_on: date | None = None
    reason: Word | None = None
    """For rules and statistics; never written to the consumer."""
    invoice: Label | None = None


class PaymentNsf(ClientEvent, frozen=True, kw_only=True, tag="payment.nsf"):
    """A payment bounced: the funds did not suffice."""

    payment: Label
    amount: Money
    retry_on: date | None = None
    invoice: Label | None = None


class Installment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One payment of a plan."""

    amount: Money
    due_on: date


class PlanProposed(ClientEvent, frozen=True, kw_only=True, tag="plan.proposed"):
    """A payment plan waits for the consumer's authorization."""

    plan: Label
    installments: Annotated[tuple[Installment, ...], Meta(min_length=1, max_length=120)]
    expires_at: Moment | None = None
    """When the offer ends."""


class PlanAccepted(ClientEvent, frozen=True, kw_only=True, tag="plan.accepted"):
    """The consumer authorized a plan."""

    plan: Label


class PlanRejected(ClientEvent, frozen=True, kw_only=True, tag="plan.rejected"):
    """The consumer, or the client, ended a plan before it was authorized."""

    plan: Label


class PromiseMade(ClientEvent, frozen=True, kw_only=True, tag="promise.made"):
    """The consumer promised a payment by a day; the same promise again has moved."""

    promise: Label
    amount: Money
    due_on: date
    invoice: Label | None = None


class PromiseKept(ClientEvent, frozen=True, kw_only=True, tag="promise.kept"):
    """The promised payment came."""

    promise: Label


class PromiseBroken(ClientEvent, frozen=True, kw_only=True, tag="promise.broken"):
    """The promised payment did not come."""

    promise: Label


class AccountUpdated(ClientEvent, frozen=True, kw_only=True, tag="account.updated"):
    """What is known of an account, for rules: balance, days, and the client's own fields."""

    balance: Money | None = None
    due_on: date | None = None
    promised_on: date | None = None
    fields: Annotated[
        dict[Word, FieldValue],
        Meta(
            max_length=50,
            description='up to 50 of the client\'s own, such as {"in_dispute": true}: true or false, whole numbers, texts of up'
            " to 500 characters, or null",
        ),
    ] = {}
    """Of the client; a field that is null is forgotten."""


class AccountPaid(ClientEvent, frozen=True, kw_only=True, tag="account.paid"):
    """Nothing is owed any more."""


class AccountClosed(ClientEvent, frozen=True, kw_only=True, tag="account.closed"):
    """The account ended: nothing is to be said about it any more."""


class StepCompleted(ClientEvent, frozen=True, kw_only=True, tag="step.completed"):
    """A step that the gateway asked for on another channel (``step.email_due``, ``step.voice_due``) got somewhere."""

    step: Label
    """The id that the event out carried."""
    outcome: Word
    """How far: ``delivered``, ``opened``, ``clicked``, ``answered``, ``paid``."""
    answer: Annotated[str, Meta(max_length=200)] | None = None
    """What the consumer chose, where something was asked."""


class StepFailed(ClientEvent, frozen=True, kw_only=True, tag="step.failed"):
    """A step on another channel could not be done: the next channel need not wait."""

    step: Label
    reason: Word | None = None


AnyClientEvent: TypeAlias = (
    InvoiceIssued
    | InvoiceUpdated
    | InvoicePaid
    | InvoiceCancelled
    | PaymentScheduled
    | PaymentCancelled
    | PaymentPosted
    | PaymentFailed
    | PaymentNsf
    | PlanProposed
    | PlanAccepted
    | PlanRejected
    | PromiseMade
    | PromiseKept
    | PromiseBroken
    | AccountUpdated
    | AccountPaid
    | AccountClosed
    | StepCompleted
    | StepFailed
)


def type_of(event: type[ClientEvent] | ClientEvent) -> str:
    """``invoice.issued``, as the event is spelt."""
    return str(event.__struct_config__.tag)


EVENT_TYPES: Final[Mapping[str, type[ClientEvent]]] = MappingProxyType(
    {type_of(kind): kind for kind in get_args(AnyClientEvent)}
)
"""All types by their spelling, in the order in which they are told to whoever misspelt one."""

_decode = msgspec.json.Decoder[Any](AnyClientEvent).decode


def read_event(text: bytes) -> AnyClientEvent:
    """An event as it was kept. Raises msgspec.ValidationError."""
    event: AnyClientEvent = _decode(text)
    return event


def faults_of(event: ClientEvent) -> Iterator[Wrong]:
    """What is wrong with an event whose fields are each of the right type; nothing when it can be taken."""
    try:
        read_instant(event.occurred_at)
    except ValueError as error:
        yield "occurred_at", str(error), 'such as "2026-03-08T10:00:00Z"'
    if event.number is not None:
        try:
            parse_number(event.number)
        except InvalidNumber as error:
            yield "number", str(error), 'write it as "+12025550123"'
    if event.zone is not None and not is_zone(event.zone):
        yield "zone", "no such time zone", 'give an IANA name, such as "America/Chicago"'
    if isinstance(event, PlanProposed):
        yield from _plan_faults(event)
    for name in _DAYS.get(type(event), ()):
        day = getattr(event, name)
        if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
            yield name, "is not between 1970 and 2200", 'such as "2026-03-08"'


def _plan_faults(event: PlanProposed) -> Iterator[Wrong]:
    if event.expires_at is not None:
        try:
            read_instant(event.expires_at)
        except ValueError as error:
            yield "expires_at", str(error), 'such as "2026-03-08T10:00:00Z"'
    if len({installment.amount.currency for installment in event.installments}) > 1:
        yield "installments", "are in more than one currency", "use one"
    days = [installment.due_on for installment in event.installments]
    if any(later - earlier <= timedelta() for earlier, later in pairwise(days)):
        yield "installments", "are not in the order of their days", "sort them; two of one day are one"
    if not all(_FIRST_DAY <= day <= _LAST_DAY for day in days):
        yield "installments", "are not all between 1970 and 2200", 'such as "2026-03-08"'


_DAYS: Final[Mapping[type[ClientEvent], tuple[str, ...]]] = {
    kind: tuple(field.name for field in msgspec.structs.fields(kind) if field.type in (date, date | None))
    for kind in EVENT_TYPES.values()
}
