"""What the workflows have in common: saying something, asking something, and handing over to a person.

Owns: the forms of settings that several plugins take, and telling the client what could not be said. Does not own: when a
workflow speaks, or its words (each plugin).

A text can be impossible for good: an amount in a currency that its template does not take, a link that leads elsewhere than to
the client's domains, an account whose number nobody told. The client then hears of it as ``handover.requested``, because
somebody has to look; repeating the call would change nothing.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from msgspec import Meta

from gateway.hooks import Answer, GatewayApi, Job, Owed, Rejected, Reply, Submitted, key_of
from gateway.model.account import Account, Due, Standing
from gateway.model.client_events import ClientEvent
from gateway.model.clock import day_at
from gateway.model.money import Money

TimeOfDay = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", description='a time of the consumer\'s day, such as "10:00"')
]
Days = Annotated[int, Meta(ge=-60, le=365, description="days after the due date, negative for days before; -60 to 365")]

LAST_YEAR: Final = 2199
"""Jobs are taken up to the end of it."""


async def say(
    api: GatewayApi,
    key: str,
    *,
    account: str,
    category: str,
    template: str,
    values: Mapping[str, object] = {},
    **options: Any,
) -> Submitted | None:
    """Submit a text from a template; None where it can never be made, of which the client is told."""
    try:
        return await api.submit(key, account=account, category=category, template=template, values=values, **options)
    except Rejected as error:
        await _tell(api, key, account, error)
        return None


async def ask(
    api: GatewayApi,
    key: str,
    dialog: str,
    *,
    account: str,
    category: str,
    values: Mapping[str, object] = {},
    payload: Mapping[str, Any] = {},
    to: str | None = None,
    unless_paid: bool | Owed = True,
) -> Submitted | None:
    """Open a dialog about what is owed; None where its question can never be made, of which the client is told."""
    try:
        return await api.open_dialog(
            key,
            dialog,
            account=account,
            category=category,
            values=values,
            payload=payload,
            to=to,
            unless_paid=unless_paid,
        )
    except Rejected as error:
        await _tell(api, key, account, error)
        return None


async def hand_over(api: GatewayApi, key: str, account: str, reason: str, **details: object) -> None:
    """Ask the client for a person."""
    await api.emit(f"{key}/handover", "handover.requested", account=account, data={"reason": reason, **details})


async def account_of(api: GatewayApi, reply: Reply) -> Account | None:
    """The account that a keyword is about. Where none that is known has the number, or several have, the consumer, who waits
    for an answer, is left to a person."""
    account = None if reply.account is None else await api.account(reply.account)
    if account is None:
        key = key_of("reply", reply.id)
        await hand_over(api, key, "", "account_unclear", number=reply.number, keyword=reply.keyword)
    return account


async def _tell(api: GatewayApi, key: str, account: str, error: Rejected) -> None:
    await hand_over(api, key, account, "text_impossible", code=error.code, field=error.field, problem=error.problem)


def open_due(dues: Mapping[str, Due], name: str | None) -> Due | None:
    """Something that is still to be paid, and of which the amount and the day are known."""
    due = None if name is None else dues.get(name)
    return due if due is not None and is_payable(due) else None


def is_payable(due: Due) -> bool:
    """Whether it is still to be paid, and the amount and the day are known."""
    return due.standing is Standing.OPEN and due.due_on is not None and due.amount is not None and due.amount.minor > 0


def first_invoice(account: Account) -> str | None:
    """The open invoice that is due first."""
    days = {name: due.due_on for name, due in account.invoices.items() if is_payable(due) and due.due_on is not None}
    return min(days, key=lambda name: (days[name], name), default=None)


def owed(account: Account) -> Money | None:
    """All that is owed: the balance where the client told one, else what the open invoices come to; None where unknown.

    A balance of nothing is of before the invoice was issued, or the payment came back, that made the account owe again.
    """
    if account.silent:
        return None
    if account.balance is not None and account.balance.minor:
        return account.balance
    amounts = [due.amount for due in account.invoices.values() if is_payable(due) and due.amount is not None]
    if len({amount.currency for amount in amounts}) != 1:
        return None
    return Money(sum(amount.minor for amount in amounts), amounts[0].currency)


def day_of(instant: int, account: Account) -> date:
    """The consumer's day at an instant."""
    return day_at(instant, account.zone or "UTC")


def about(whose: Account | ClientEvent | Job | Answer, *parts: object) -> str:
    """A key for something about an account: whatever is begun about it lies below that of the account alone."""
    return key_of(whose.account, *parts)
