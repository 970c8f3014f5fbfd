"""A text when a payment failed, and another one when the bank returned it.

Owns: when a notice is due, and whether a retry is spoken of. Does not own: the words (templates), whether it may go (the rules).

Each attempt at a payment has one notice, by the day of the attempt. None is sent when a newer event says that the payment
came through after all.
"""

from typing import Annotated

from msgspec import Meta

from gateway.hooks import GatewayApi, Info, Settings, hookimpl
from gateway.model.account import Standing
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    AnyClientEvent,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
)
from gateway.model.clock import DAY
from plugins.common import Category, about, day_of, first_invoice, say


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
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: NoticeSettings) -> None:
    """See Hooks."""
    if isinstance(event, PaymentPosted | PaymentCancelled):
        await api.cancel(about(event, event.payment))
    elif isinstance(event, AccountPaid | AccountClosed):
        await api.cancel(about(event))
    elif isinstance(event, PaymentFailed | PaymentNsf):
        await _tell(event, api, settings)


async def _tell(event: PaymentFailed | PaymentNsf, api: GatewayApi, settings: NoticeSettings) -> None:
    account = await api.account(event.account)
    if account is None or account.closed or not event.amount.minor:
        return
    # Paid in full since, or only told now. (An account that was paid by the very payment that bounced is told of it.)
    if account.settled_at > event.at or api.now - event.at > settings.within_days * DAY:
        return
    known = account.payments.get(event.payment)
    if known is not None and known.standing is not Standing.FAILED:
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
