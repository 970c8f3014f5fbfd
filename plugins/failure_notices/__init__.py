"""A text when a payment failed, and another one when the bank returned it.

Owns: when a notice is due, and whether a retry is spoken of. Does not own: the words (templates), whether it may go (the rules).

Each attempt at a payment has one notice, by the day of the attempt. None is sent when a newer event says that the payment
came through after all.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from gateway.hooks import Category, GatewayApi, Info, Settings, hookimpl
from gateway.model.account import Account, Standing
from gateway.model.client_events import (
    AccountPaid,
    AnyClientEvent,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
)
from gateway.model.clock import DAY
from plugins.common import about, day_of, first_invoice, say


class NoticeSettings(Settings, frozen=True, kw_only=True):
    """[settings.failure_notices]"""

    category: Category = "servicing"
    within_days: Annotated[int, Meta(ge=1, le=90)] = 3
    """Of an attempt that was made longer ago nothing is said."""


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Texts after a payment that failed or that the bank returned")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return NoticeSettings


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "payment.failed",
        "payment.nsf",
        "payment.posted",
        "payment.cancelled",
        "account.paid",
        "account.closed",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: NoticeSettings) -> None:
    """See Hooks."""
    account = await api.account(event.account)
    if account is None:
        return
    if account.closed:
        await api.cancel(about(event))
    elif isinstance(event, PaymentPosted | PaymentCancelled):
        if account.standing_of(event.payment) is not Standing.FAILED:
            await api.cancel(about(event, event.payment))
    elif isinstance(event, AccountPaid):
        for payment, known in account.payments.items():
            if known.standing is Standing.FAILED and known.stands_since <= account.settled_at:
                await api.cancel(about(event, payment))
    elif isinstance(event, PaymentFailed | PaymentNsf):
        await _tell(event, api, settings, account)


async def _tell(event: PaymentFailed | PaymentNsf, api: GatewayApi, settings: NoticeSettings, account: Account) -> None:
    if not event.amount.minor:
        return
    # Paid in full since, or only told now. (An account that was paid by the very payment that bounced is told of it.)
    if account.settled_at > event.at or api.now - event.at > settings.within_days * DAY:
        return
    if account.standing_of(event.payment) not in (Standing.FAILED, None):
        return
    template = "nsf" if isinstance(event, PaymentNsf) else "failed"
    attempted_on = day_of(event.at, account)
    invoice = account.invoices.get(event.invoice or first_invoice(account) or "")
    await say(
        api,
        about(event, event.payment, template, attempted_on),
        account=event.account,
        category=settings.category,
        template=template,
        values={
            "amount": event.amount,
            "attempted_on": attempted_on,
            "retry_on": event.retry_on if event.retry_on is not None and event.retry_on >= api.day(account) else None,
            "link": None if invoice is None else invoice.link,
        },
    )
