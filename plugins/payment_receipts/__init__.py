"""A receipt for each payment, once for each time that it came in.

Owns: when a receipt is due. Does not own: its words (templates), or whether it may go (the rules).

A payment has one receipt by its own name, however often and under however many events it is told. One that came back and is
posted again, by the instants of the events, is money that came in anew, and has one receipt more. None is sent for a payment
that has bounced meanwhile, nor for one of the past that is only being made known, nor once the account is closed.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta

from gateway.hooks import Category, GatewayApi, Info, Settings, hookimpl
from gateway.model.account import Standing
from gateway.model.client_events import (
    AccountClosed,
    AnyClientEvent,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
)
from gateway.model.clock import DAY
from plugins.common import about, day_of, say

_REFERENCE: Final = re.compile(r"[A-Za-z0-9#./-]{1,20}")
"""What the template takes."""


class ReceiptSettings(Settings, frozen=True, kw_only=True):
    """[settings.payment_receipts]"""

    category: Category = "servicing"
    show_reference: bool = False
    """Write the client's name for the payment into the receipt, where it is short; only if it is nobody's account number."""
    within_days: Annotated[int, Meta(ge=1, le=90)] = 3
    """A payment that was posted longer ago gets no receipt."""


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="A receipt by text for each payment, once each time that it came in")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return ReceiptSettings


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "payment.posted",
        "payment.failed",
        "payment.nsf",
        "payment.cancelled",
        "account.closed",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: ReceiptSettings) -> None:
    """See Hooks."""
    if isinstance(event, AccountClosed):
        account = await api.account(event.account)
        if account is not None and account.closed:
            await api.cancel(about(event))
        return
    if isinstance(event, PaymentFailed | PaymentNsf | PaymentCancelled):
        account = await api.account(event.account)
        if account is not None and account.standing_of(event.payment) is not Standing.DONE:
            await api.cancel(about(event, event.payment))
        return
    if (
        not isinstance(event, PaymentPosted)
        or not event.amount.minor
        or api.now - event.at > settings.within_days * DAY
    ):
        return
    account = await api.account(event.account)
    if account is None or account.closed:
        return
    if account.standing_of(event.payment) not in (Standing.DONE, None):
        return
    key = about(event, event.payment)
    known = account.payments.get(event.payment)
    if known is not None and known.returned_at:
        if event.at < known.returned_at:
            return  # what is told here came back
        if known.posted_at <= known.returned_at:
            key = about(event, event.payment, known.returned_at)
    reference = event.payment if settings.show_reference and _REFERENCE.fullmatch(event.payment) else None
    await say(
        api,
        key,
        account=event.account,
        category=settings.category,
        template="receipt",
        values={
            "amount": event.amount,
            "paid_on": event.posted_on or day_of(event.at, account),
            "reference": reference,
        },
    )
