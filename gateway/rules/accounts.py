"""What a client event changes in what is known of its account.

Owns: the merge. Does not own: the structs (model), or keeping them (store).

Events come late, twice and out of order. So each fact is kept with the instant of the event that told it, and an event
changes a fact unless a newer one did: whatever the order in which they came, the outcome is that of their own order.
A settled invoice stays settled by this too, when an older word about it comes in behind.

An account that was paid owes again when the payment comes back: ``payment.nsf``, or ``payment.failed`` of one that was
posted. What that payment settled is open again, until the account, the invoice or the payment is told paid anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from gateway.model.account import Account, Due, Owed, Settlement, Standing
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
MOST_FIELDS = 200
"""Of the client, those that were forgotten included; those told of longest ago go first."""
_FIELD = "fields."
_MOST_NUMBERS = 10
_MOST_SETTLEMENTS = 12

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

_TOLD: Mapping[str, tuple[str, ...]] = {
    "invoices": ("amount", "due_on", "link"),
    "payments": ("amount", "due_on", "invoice"),
    "plans": (),
    "promises": ("amount", "due_on", "invoice"),
}
"""What events tell of something due, besides how it stands."""
_ABOUT_DEBTS = (
    AccountPaid,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
    PaymentScheduled,
)


def owed_by(event: ClientEvent) -> list[Owed]:
    """What an event speaks of that is, or was, to be paid: the invoice and the payment that it names."""
    invoice, payment = getattr(event, "invoice", None), getattr(event, "payment", None)
    owed = [Owed("invoices", invoice)] if invoice is not None else []
    return [*owed, Owed("payments", payment)] if payment is not None else owed


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
    fresh = {name: value for name, value in event.fields.items() if at >= account.as_of.get(f"{_FIELD}{name}", 0)}
    fields = {name: value for name, value in {**account.fields, **fresh}.items() if value is not None}
    as_of = {**account.as_of, **{f"{_FIELD}{name}": at for name in fresh}}
    ages = sorted(((as_of[key], key) for key in as_of if key.startswith(_FIELD)), reverse=True)
    for _, key in ages[MOST_FIELDS:]:
        del as_of[key]
        fields.pop(key.removeprefix(_FIELD), None)
    return replace(account, fields=fields, as_of=as_of)


def _settle(account: Account, event: ClientEvent, at: int) -> Account:
    """Whether anything is owed, and whether the account is still there."""
    if isinstance(event, AccountClosed):
        return _learn(account, {"closed": True}, at)
    if isinstance(event, InvoiceIssued):
        account = _learn(account, {"closed": False}, at)
        account = replace(account, issued_at=max(account.issued_at, at))
    if isinstance(event, AccountPaid):
        account = _paid(account, Settlement(at))
    if isinstance(event, PaymentPosted) and event.balance is not None and event.balance.minor == 0:
        account = _paid(account, Settlement(at, event.payment))
    return _weighed(account) if isinstance(event, _ABOUT_DEBTS) else account


def _paid(account: Account, settlement: Settlement) -> Account:
    found = sorted({*account.settlements, settlement}, key=lambda one: (-one.at, one.payment or ""))
    return replace(account, settlements=tuple(found[:_MOST_SETTLEMENTS]))


def _weighed(account: Account) -> Account:
    """What is owed, from all that was said: a payment that came back undoes what it had settled."""
    returned = {name: one for name, one in account.payments.items() if one.standing is Standing.FAILED}
    if not returned and not account.settlements and all(due.said is None for due in account.invoices.values()):
        return account
    settled_at = 0
    for settlement in account.settlements:
        if not any(_undoes(name, one, settlement, account.settlements) for name, one in returned.items()):
            settled_at = settlement.at
            break
    reopened: dict[str, int] = {}
    for one in returned.values():
        if one.invoice is not None and (one.posted_at or one.bounced):
            reopened[one.invoice] = max(one.stands_since, reopened.get(one.invoice, 0))
    invoices = {name: _holds(due, settled_at, reopened.get(name, 0)) for name, due in account.invoices.items()}
    paid = settled_at > 0 and settled_at >= account.issued_at
    return replace(account, invoices=invoices, settled_at=settled_at, paid=paid)


def _undoes(name: str, returned: Due, settlement: Settlement, settlements: Sequence[Settlement]) -> bool:
    """Whether a payment that came back had its part in a settlement: its own, or one that was told when it was in.

    Of a bounced one that was never told to be in, the last settlement before is taken to be by it, unless that was another's.
    """
    if settlement.at > returned.stands_since:
        return False
    if settlement.payment == name:
        return True
    if returned.posted_at:
        return returned.posted_at <= settlement.at
    last = next((one for one in settlements if one.at < returned.stands_since), None)
    return returned.bounced and settlement == last and settlement.payment is None


def _holds(due: Due, settled_at: int, reopened_at: int) -> Due:
    """An invoice as it stands, beyond what was said of it itself."""
    said = holds = due.said or due.standing
    since = due.stands_since
    if said is Standing.DONE and since <= reopened_at:
        holds, since = Standing.OPEN, reopened_at
    if holds is Standing.OPEN and since <= settled_at:
        holds = Standing.DONE
    return due if holds is due.standing else replace(due, standing=holds, said=None if holds is said else said)


def _stand(account: Account, group: str, name: str, standing: Standing, event: ClientEvent, at: int) -> Account:
    dues: Mapping[str, Due] = getattr(account, group)
    due = dues.get(name, Due(standing, 0))
    if at >= due.stands_since:
        due = replace(due, standing=standing, said=None, stands_since=at)
    if isinstance(event, PaymentPosted):
        due = replace(due, posted_at=min(due.posted_at or at, at))
    if isinstance(event, PaymentFailed | PaymentNsf | PaymentCancelled):
        due = replace(due, returned_at=max(due.returned_at, at))
    if isinstance(event, PaymentNsf):
        due = replace(due, bounced=True)
    account = replace(account, **{group: _pruned({**dues, name: due})})
    return _describe(account, group, name, event, at)


def _describe(account: Account, group: str, name: str, event: ClientEvent, at: int) -> Account:
    dues: Mapping[str, Due] = getattr(account, group)
    # Of an invoice that was never issued, only changed, nothing is asked: it counts as done until it is.
    due = dues.get(name, Due(Standing.DONE, 0))
    told = {field: getattr(event, field, None) for field in _TOLD[group]}
    fresh = {field: value for field, value in told.items() if value is not None and at >= due.as_of.get(field, 0)}
    due = replace(due, **fresh, as_of={**due.as_of, **dict.fromkeys(fresh, at)})
    return replace(account, **{group: _pruned({**dues, name: due})})


def _pruned(dues: Mapping[str, Due]) -> Mapping[str, Due]:
    if len(dues) <= MOST_DUES:
        return dues
    first = min(dues, key=lambda name: (dues[name].standing is Standing.OPEN, dues[name].stands_since))
    return {name: due for name, due in dues.items() if name != first}
