"""What a client event changes in what is known of its account.

Owns: the merge. Does not own: the structs (model), or keeping them (store).

Events come late, twice and out of order. So each fact is kept with the instant of the event that told it, and an event
changes a fact unless a newer one did: whatever the order in which they came, the outcome is that of their own order.
A settled invoice stays settled by this too, when an older word about it comes in behind.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from gateway.model.account import Account, Due, Standing
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    AccountUpdated,
    ClientEvent,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
    PaymentScheduled,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)

MOST_DUES = 100
"""Invoices, payments, promises and plans each that an account keeps; the longest settled go first."""
_MOST_NUMBERS = 10

_STANDINGS: Mapping[type[ClientEvent], tuple[str, str, Standing]] = {
    InvoiceIssued: ("invoices", "invoice", Standing.OPEN),
    InvoicePaid: ("invoices", "invoice", Standing.DONE),
    InvoiceCancelled: ("invoices", "invoice", Standing.CANCELLED),
    PaymentScheduled: ("payments", "payment", Standing.OPEN),
    PaymentPosted: ("payments", "payment", Standing.DONE),
    PaymentFailed: ("payments", "payment", Standing.FAILED),
    PaymentNsf: ("payments", "payment", Standing.FAILED),
    PaymentCancelled: ("payments", "payment", Standing.CANCELLED),
    PlanProposed: ("plans", "plan", Standing.OPEN),
    PlanAccepted: ("plans", "plan", Standing.DONE),
    PlanRejected: ("plans", "plan", Standing.CANCELLED),
    PromiseMade: ("promises", "promise", Standing.OPEN),
    PromiseKept: ("promises", "promise", Standing.DONE),
    PromiseBroken: ("promises", "promise", Standing.FAILED),
}


def apply(account: Account, event: ClientEvent) -> Account:
    """The account as it is known after an event about it."""
    at = event.at
    if isinstance(event, InvoiceUpdated):
        account = _describe(account, "invoices", event.invoice, event, at)
    elif type(event) in _STANDINGS:
        group, name, standing = _STANDINGS[type(event)]
        account = _stand(account, group, getattr(event, name), standing, event, at)
    facts: dict[str, Any] = {
        name: value for name in ("number", "program", "locale", "zone") if (value := getattr(event, name)) is not None
    }
    if isinstance(event, PaymentPosted):
        facts |= {"last_payment": event.amount, "last_payment_on": event.posted_on}
        if event.balance is not None:
            facts["balance"] = event.balance
    if isinstance(event, AccountUpdated):
        told = {name: getattr(event, name) for name in ("balance", "due_on", "promised_on")}
        facts |= {name: value for name, value in told.items() if value is not None}
        account = _merge_fields(account, event, at)
    account = _learn(account, facts, at)
    return _settle(account, event, at)


def _learn(account: Account, facts: Mapping[str, Any], at: int) -> Account:
    """The facts that nothing newer is known of."""
    fresh = {name: value for name, value in facts.items() if at >= account.as_of.get(name, 0)}
    numbers = account.numbers
    if "number" in facts:
        number = facts["number"]
        others = [known for known in numbers if known != number]
        numbers = tuple([number, *others] if "number" in fresh else [*others[:1], number, *others[1:]])[:_MOST_NUMBERS]
    return replace(account, **fresh, numbers=numbers, as_of={**account.as_of, **dict.fromkeys(fresh, at)})


def _merge_fields(account: Account, event: AccountUpdated, at: int) -> Account:
    """The client's own fields, each by its own age; one that is null is forgotten."""
    fresh = {name: value for name, value in event.fields.items() if at >= account.as_of.get(f"fields.{name}", 0)}
    fields = {name: value for name, value in {**account.fields, **fresh}.items() if value is not None}
    as_of = {**account.as_of, **{f"fields.{name}": at for name in fresh}}
    return replace(account, fields=fields, as_of=as_of)


def _settle(account: Account, event: ClientEvent, at: int) -> Account:
    """Whether anything is owed, and whether the account is still there."""
    if isinstance(event, AccountClosed):
        return _learn(account, {"closed": True}, at)
    if isinstance(event, AccountPaid) or (
        isinstance(event, PaymentPosted) and event.balance is not None and event.balance.minor == 0
    ):
        account = _learn(account, {"paid": True}, at)
        settled_at = max(account.settled_at, at)
        invoices = {name: _settled(due, settled_at) for name, due in account.invoices.items()}
        return replace(account, settled_at=settled_at, invoices=invoices)
    if isinstance(event, InvoiceIssued):
        return _learn(account, {"paid": False, "closed": False}, at)
    return account


def _settled(due: Due, settled_at: int) -> Due:
    """An invoice that was open when the account was paid."""
    paid = due.standing is Standing.OPEN and due.stands_since <= settled_at
    return replace(due, standing=Standing.DONE) if paid else due


def _stand(account: Account, group: str, name: str, standing: Standing, event: ClientEvent, at: int) -> Account:
    dues: Mapping[str, Due] = getattr(account, group)
    due = dues.get(name, Due(standing, 0))
    if at >= due.stands_since:
        due = replace(due, standing=standing, stands_since=at)
    account = replace(account, **{group: _pruned({**dues, name: due})})
    return _describe(account, group, name, event, at)


def _describe(account: Account, group: str, name: str, event: ClientEvent, at: int) -> Account:
    dues: Mapping[str, Due] = getattr(account, group)
    due = dues.get(name, Due(Standing.OPEN, 0))
    told = {field: getattr(event, field, None) for field in ("amount", "due_on", "link")}
    fresh = {field: value for field, value in told.items() if value is not None and at >= due.as_of.get(field, 0)}
    due = replace(due, **fresh, as_of={**due.as_of, **dict.fromkeys(fresh, at)})
    if group == "invoices":
        due = _settled(due, account.settled_at)
    return replace(account, **{group: _pruned({**dues, name: due})})


def _pruned(dues: Mapping[str, Due]) -> Mapping[str, Due]:
    if len(dues) <= MOST_DUES:
        return dues
    first = min(dues, key=lambda name: (dues[name].standing is Standing.OPEN, dues[name].stands_since))
    return {name: due for name, due in dues.items() if name != first}
