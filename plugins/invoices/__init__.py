"""A new invoice, told by one channel after the other until the consumer has seen it.

Owns: the chain, with a text at its end. Does not own: e-mail, WhatsApp or telephone: those steps are events to the client
(``step.email_due``), which answers with ``step.completed`` and how far it got, or ``step.failed``.

A channel has so many minutes to reach its outcome; a further outcome than the one wanted counts too. When the time is up, or
the step has failed, the next channel is due. The invoice is looked at afresh before each.

An invoice has one chain, by its own name: issued again under another event, it begins nothing anew and brings back no step
that has had its answer. A text that waits while the invoice changes is called off and said anew.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

from gateway.hooks import Anew, GatewayApi, Info, Job, Owed, Section, Settings, hookimpl, key_of
from gateway.model.account import Account
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    AnyClientEvent,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    PaymentPosted,
    StepCompleted,
    StepFailed,
)
from gateway.model.clock import DAY, MINUTE
from plugins.common import Category, about, open_due, say

Outcome = Literal["delivered", "opened", "clicked", "answered", "paid"]
_FAR: Final[Sequence[str]] = get_args(Outcome)
"""How far a step can get, each further than the one before."""
_ANEW: Final = "/anew"
"""The key of the job that says the text again ends so."""


class Channel(Section, frozen=True, kw_only=True):
    """One step before the text."""

    by: Literal["email", "whatsapp", "voice"]
    until: Outcome
    """What has to happen, so that no other channel is needed."""
    minutes: Annotated[int, Meta(ge=1, le=20_160)]
    """How long it has for that."""


class InvoiceSettings(Settings, frozen=True, kw_only=True):
    """[settings.invoices]"""

    chain: Annotated[tuple[Channel, ...], Meta(max_length=5)] = (Channel(by="email", until="clicked", minutes=60),)
    """In this order, and then the text; only the text where empty."""
    category: Category = "servicing"
    within_days: Annotated[int, Meta(ge=1, le=90)] = 3
    """An invoice that was issued longer ago is not told of."""


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Tells of a new invoice by e-mail through the client, then by text")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return InvoiceSettings


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: InvoiceSettings) -> None:
    """See Hooks."""
    account = await api.account(event.account)
    if account is None:
        return
    match event:
        case InvoiceIssued() | InvoiceUpdated():
            path = about(account, event.invoice)
            anew = Anew(f"{path}{_ANEW}", account.account, {"invoice": event.invoice, "place": len(settings.chain) - 1})
            if (
                not await api.cancel(f"{path}/text", anew=anew)
                and isinstance(event, InvoiceIssued)
                and api.now - event.at <= settings.within_days * DAY
            ):
                await _go_on(api, settings, account, event.invoice, 0)
        case InvoicePaid() | InvoiceCancelled() if open_due(account.invoices, event.invoice) is None:
            await api.cancel(about(account, event.invoice))
        case AccountPaid() | AccountClosed() | PaymentPosted() if account.silent:
            await api.cancel(about(account))
        case StepCompleted() if event.outcome in _FAR:
            await _end(api, settings, account, event.step, event.outcome)
        case StepFailed():
            ended = await _end(api, settings, account, event.step, _FAR[-1])
            if ended is not None:
                invoice, place = ended
                await _go_on(api, settings, account, invoice, place + 1)


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: InvoiceSettings) -> None:
    """See Hooks."""
    account = await api.account(job.account)
    if account is not None:
        again = f"/{job.id}" if job.key.endswith(_ANEW) else ""
        await _go_on(api, settings, account, job.payload["invoice"], job.payload["place"] + 1, again)


async def _go_on(
    api: GatewayApi, settings: InvoiceSettings, account: Account, invoice: str, place: int, again: str = ""
) -> None:
    """Begin the step at a place of the chain, unless it was begun before; behind the last one, the text."""
    due = open_due(account.invoices, invoice)
    if due is None or account.silent:
        return
    path = about(account, invoice)
    if place >= len(settings.chain):
        await say(
            api,
            f"{path}/text{again}",
            account=account.account,
            category=settings.category,
            template="issued",
            values={"amount": due.amount, "due_date": due.due_on, "link": due.link},
            unless_paid=Owed("invoices", invoice),
        )
        return
    channel = settings.chain[place]
    told = {"invoice": invoice, "amount": due.amount, "due_on": due.due_on, "link": due.link}
    step = await api.emit(f"{path}/{place}", f"step.{channel.by}_due", account=account.account, data=told)
    await api.schedule(
        f"{path}/{place}/{step}",
        api.now + channel.minutes * MINUTE,
        {"invoice": invoice, "place": place},
        account=account.account,
        once=True,
    )


async def _end(
    api: GatewayApi, settings: InvoiceSettings, account: Account, step: str, outcome: str
) -> tuple[str, int] | None:
    """Call off what waits for a step that got so far; returns the invoice and the place in the chain that it was about.

    The step is told by its id alone: whose job could be called off, that was its place.
    """
    asked = await api.emitted(step)
    if asked is None or asked.account != account.account:
        return None
    invoice: str = asked.data["invoice"]
    for place, channel in enumerate(settings.chain):
        if (
            asked.kind == f"step.{channel.by}_due"
            and _FAR.index(channel.until) <= _FAR.index(outcome)
            and await api.cancel(f"{about(account, invoice, place)}/{key_of(step)}")
        ):
            return invoice, place
    return None
