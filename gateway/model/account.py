"""A consumer's account at a client, as far as the client's events tell of it.

Owns: what is known of an account. Does not own: how events change it (rules/accounts), or the truth, which is upstream.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

from gateway.model.client_events import FieldValue
from gateway.model.money import Money


class Standing(StrEnum):
    """What remains to be done about an invoice, a payment or a promise."""

    OPEN = "open"
    DONE = "done"
    """Paid, posted, kept."""
    FAILED = "failed"
    """Bounced, refused, broken."""
    CANCELLED = "cancelled"


class Due(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is to be paid: an invoice, a scheduled payment, a promise."""

    standing: Standing
    stands_since: int
    """When the event happened that says so, milliseconds since the epoch."""
    amount: Money | None = None
    due_on: date | None = None
    link: str | None = None
    as_of: Mapping[str, int] = {}
    """When the event happened that told the newest of the three."""
    said: Standing | None = None
    """Of an invoice, what was said of it itself, where something else holds: the account was paid since, or a payment of
    it came back."""
    invoice: str | None = None
    """Of a payment or a promise, what it is for."""
    posted_at: int = 0
    """Of a payment, when it came in first."""
    returned_at: int = 0
    """Of a payment, when it failed, came back or was withdrawn last."""
    bounced: bool = False
    """Of a payment, whether it ever came back for want of funds."""


class Owed(msgspec.Struct, frozen=True):
    """One thing of an account that is to be paid."""

    group: Literal["invoices", "payments"]
    name: str

    def is_open_in(self, account: "Account") -> bool:
        """Whether it is known there, and still to be paid."""
        due = (account.invoices if self.group == "invoices" else account.payments).get(self.name)
        return due is not None and due.standing is Standing.OPEN

    def __str__(self) -> str:
        return f"{self.group}/{self.name}"


class Settlement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Nothing was owed, at an instant."""

    at: int
    payment: str | None = None
    """Which one left nothing to pay, where it says so itself."""


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """The latest that is known, whatever the order in which the events came."""

    client: str
    account: str
    number: str | None = None
    """Where the consumer is texted, E.164."""
    numbers: tuple[str, ...] = ()
    """All that events named, the latest first."""
    program: str | None = None
    locale: str | None = None
    zone: str | None = None
    balance: Money | None = None
    due_on: date | None = None
    """As account.updated told it: see ``next_due_on``."""
    promised_on: date | None = None
    """As account.updated told it: see ``next_promised_on``."""
    last_payment: Money | None = None
    last_payment_on: date | None = None
    paid: bool = False
    """Nothing is owed: the account was paid, no newer invoice followed, and no payment that paid it came back."""
    closed: bool = False
    settled_at: int = 0
    """When the account was last paid for good: invoices of before are settled, however late they are told."""
    settlements: tuple[Settlement, ...] = ()
    """When it was paid, for good or not, the latest first."""
    issued_at: int = 0
    """When the newest invoice was issued."""
    invoices: Mapping[str, Due] = {}
    """By the client's name for them: all that are open, and the last few that are not."""
    payments: Mapping[str, Due] = {}
    promises: Mapping[str, Due] = {}
    plans: Mapping[str, Due] = {}
    """Whether they are proposed, accepted or rejected; no amounts, no days."""
    fields: Mapping[str, FieldValue] = {}
    """Of the client, from account.updated."""
    as_of: Mapping[str, int] = {}
    """When the event happened that told the newest of each of the facts above."""

    @property
    def silent(self) -> bool:
        """Nothing is to be asked of the consumer any more."""
        return self.paid or self.closed

    def standing_of(self, payment: str) -> Standing | None:
        """Of a payment by the newest word about it, however late an older one is told; None where it is not kept."""
        known = self.payments.get(payment)
        return None if known is None else known.standing

    @property
    def next_due_on(self) -> date | None:
        """The earliest day of an open invoice; where none is known, what account.updated told, while something is owed."""
        return _earliest(self.invoices) or (None if self.silent else self.due_on)

    @property
    def next_promised_on(self) -> date | None:
        """The earliest day of an open promise; where none is known, what account.updated told, while something is owed."""
        return _earliest(self.promises) or (None if self.silent else self.promised_on)


def is_pointless(unless_paid: bool | Owed, account: Account | None) -> bool:
    """Whether a text is not to go because what it asks for is paid, or is not known to be owed."""
    if isinstance(unless_paid, Owed) and (account is None or not unless_paid.is_open_in(account)):
        return True
    return bool(unless_paid) and account is not None and account.silent


def _earliest(dues: Mapping[str, Due]) -> date | None:
    days = (due.due_on for due in dues.values() if due.standing is Standing.OPEN and due.due_on is not None)
    return min(days, default=None)
