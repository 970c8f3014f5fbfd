"""A new invoice, told by one channel after the other until the consumer has seen it.

Owns: the chain of channels, texts among them at any place. Does not own: e-mail, WhatsApp or telephone: those steps are events
to the client (``step.email_due``), which answers with ``step.completed`` and how far it got, or ``step.failed``; nor whether a
text may go (the rules).

A channel has so many minutes to reach its outcome; a further outcome than the one wanted counts too, and one that comes after its
time still ends the chain. When the time is up, or the step has failed, the next channel is due. The invoice is looked at afresh
before each. Of a text the carrier says whether it was delivered; what else is known of it (a click), the client answers as
of any step: it is told of the text by ``step.sms_due``. The minutes of a text that the hours hold count from when it may go.

An invoice has one chain, by its own name: issued again under another event, it begins nothing anew and brings back no step
that has had its answer. A text that waits while the invoice changes is called off and said anew.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

from gateway.hooks import (
    Anew,
    Category,
    GatewayApi,
    Info,
    Job,
    Owed,
    Section,
    Settings,
    Submitted,
    TextOutcome,
    hookimpl,
    key_of,
)
from gateway.model.account import Account, Due
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
from plugins.common import about, open_due, say

Outcome = Literal["delivered", "opened", "clicked", "answered", "paid"]
_FAR: Final[Sequence[str]] = get_args(Outcome)
"""How far a step can get, each further than the one before."""
_UNSEEN: Final = frozenset({"opened", "answered"})
"""What nobody can tell of a text."""
_LOST: Final = frozenset({"undelivered", "expired", "rejected", "blocked"})
"""The ends of a text that reached nobody. Who cancels one has another reason."""
_LONGEST_HOLD: Final = 2 * DAY
"""So long a channel waits for the hours of a text."""
_LATE: Final = 2 * MINUTE
_GRACE: Final = 5 * MINUTE
"""What came in while the gateway was down may take so long to be told."""

# The keys of an invoice's deeds lie below its own: PLACE is the event out, PLACE/text the text, and these are jobs.
_WAIT: Final = "wait"
_NEXT: Final = "next"
_ANEW: Final = "anew"


class Channel(Section, frozen=True, kw_only=True):
    """One step."""

    by: Literal["email", "whatsapp", "voice", "sms"]
    until: Outcome | None = None
    """What has to happen, so that no other channel is needed; of the last one, nothing."""
    minutes: Annotated[int, Meta(ge=1, le=20_160)] | None = None
    """How long it has for that."""

    def check(self) -> Iterator[tuple[str, str, str]]:
        """A text is not seen to be opened."""
        if self.by == "sms" and self.until in _UNSEEN:
            yield "until", "is nothing that can be known of a text", "choose delivered, clicked or paid"


class InvoiceSettings(Settings, frozen=True, kw_only=True):
    """[settings.invoices]"""

    chain: Annotated[tuple[Channel, ...], Meta(max_length=5)] = (Channel(by="email", until="clicked", minutes=60),)
    """In this order; where no text is among them, it comes last."""
    category: Category = "servicing"
    within_days: Annotated[int, Meta(ge=1, le=90)] = 3
    """An invoice that was issued longer ago is not told of."""

    @property
    def steps(self) -> tuple[Channel, ...]:
        """The chain with its text."""
        return self.chain if any(channel.by == "sms" for channel in self.chain) else (*self.chain, Channel(by="sms"))

    def check(self) -> Iterator[tuple[str, str, str]]:
        """Each channel knows what to wait for, but for the last one, which waits for nothing."""
        last = len(self.steps) - 1
        for place, channel in enumerate(self.chain):
            where = f"chain[#{place + 1}]"
            for name in ("until", "minutes"):
                value = getattr(channel, name)
                if place < last and value is None:
                    yield f"{where}.{name}", "is missing, and a channel comes after it", f"give {_EXAMPLES[name]}"
                elif place == last and value is not None:
                    yield f"{where}.{name}", "is given, and no channel comes after it", "take it away"


_EXAMPLES: Final = {"until": f"one of {', '.join(_FAR)}", "minutes": "the minutes that it has for that, such as 60"}


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Tells of a new invoice by one channel after the other, texts among them")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return InvoiceSettings


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "invoice.issued",
        "invoice.updated",
        "invoice.paid",
        "invoice.cancelled",
        "payment.posted",
        "account.paid",
        "account.closed",
        "step.completed",
        "step.failed",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: InvoiceSettings) -> None:
    """See Hooks."""
    account = await api.account(event.account)
    if account is None:
        return
    match event:
        case InvoiceIssued() | InvoiceUpdated():
            if (
                not await _say_anew(api, settings, account, event.invoice)
                and isinstance(event, InvoiceIssued)
                and api.now - event.at <= settings.within_days * DAY
            ):
                await _begin(api, settings, account, event.invoice, 0)
        case InvoicePaid() | InvoiceCancelled() if open_due(account.invoices, event.invoice) is None:
            await api.cancel(about(account, event.invoice))
        case AccountPaid() | AccountClosed() | PaymentPosted() if account.silent:
            await api.cancel(about(account))
        case StepCompleted() if event.outcome in _FAR:
            await _hear(api, settings, account.account, event.step, event.outcome)
        case StepFailed():
            await _hear(api, settings, account.account, event.step, None)


@hookimpl
async def observe_text(outcome: TextOutcome, api: GatewayApi, settings: InvoiceSettings) -> None:
    """See Hooks."""
    match outcome.key.split("/"):
        case [_, _, _, "text", step, *_] if outcome.state == "delivered" or outcome.state in _LOST:
            await _hear(api, settings, outcome.account, step, None if outcome.state in _LOST else outcome.state)


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: InvoiceSettings) -> None:
    """See Hooks."""
    account = await api.account(job.account)
    if account is None:
        return
    invoice, place, what = job.payload["invoice"], job.payload["place"], job.key.rpartition("/")[2]
    if what == _ANEW:
        await _begin(api, settings, account, invoice, place, f"/{job.id}")
        return
    if what != _NEXT:
        if api.now - job.due >= _LATE and not job.payload.get("late"):
            await api.schedule(job.key, api.now + _GRACE, {**job.payload, "late": True}, account=job.account)
            return
        await api.cancel(about(account, invoice, place))  # a text that has not left yet
    await _begin(api, settings, account, invoice, place + 1)


async def _begin(
    api: GatewayApi, settings: InvoiceSettings, account: Account, invoice: str, place: int, again: str = ""
) -> None:
    """Begin the step at a place of the chain, unless it was begun before; behind the last one nothing is left to do."""
    due = open_due(account.invoices, invoice)
    if due is None or account.silent or place >= len(settings.steps):
        return
    channel, path = settings.steps[place], about(account, invoice, place)
    is_last = place == len(settings.steps) - 1
    payload = {"invoice": invoice, "place": place}
    since, key = api.now, f"{path}/text{again}"
    if channel.by != "sms" or not is_last:
        told = {**payload, "amount": due.amount, "due_on": due.due_on, "link": due.link}
        step = await api.emit(path, f"step.{channel.by}_due", account=account.account, data=told)
        key = f"{path}/text/{step}{again}"
    if channel.by == "sms":
        submitted = await _say(api, settings, account, invoice, due, key)
        if submitted is not None and submitted.until is not None:
            since = max(since, submitted.until)
        if not is_last and (submitted is None or not submitted.taken or since - api.now > _LONGEST_HOLD):
            await api.cancel(path)
            await api.schedule(f"{path}/{_NEXT}", api.now, payload, account=account.account)
            return
    if channel.minutes is not None:
        await api.schedule(
            f"{path}/{_WAIT}", since + channel.minutes * MINUTE, payload, account=account.account, once=True
        )


async def _say(
    api: GatewayApi, settings: InvoiceSettings, account: Account, invoice: str, due: Due, key: str
) -> Submitted | None:
    return await say(
        api,
        key,
        account=account.account,
        category=settings.category,
        template="issued",
        values={"amount": due.amount, "due_date": due.due_on, "link": due.link},
        unless_paid=Owed("invoices", invoice),
    )


async def _say_anew(api: GatewayApi, settings: InvoiceSettings, account: Account, invoice: str) -> bool:
    """Have a text that has not left yet said anew, with what is known now; False where none waits."""
    for place, channel in enumerate(settings.steps):
        path = about(account, invoice, place)
        anew = Anew(f"{path}/{_ANEW}", account.account, {"invoice": invoice, "place": place})
        if channel.by == "sms" and await api.cancel(f"{path}/text", anew=anew):
            return True
    return False


async def _hear(api: GatewayApi, settings: InvoiceSettings, account: str, step: str, outcome: str | None) -> None:
    """How far a step of ours got, or that it failed: the chain ends, or goes on, or neither."""
    asked = await api.emitted(step)
    if asked is None or asked.account != account or not asked.kind.startswith("step."):
        return
    invoice, place = asked.data["invoice"], asked.data.get("place", len(settings.steps))
    channel = settings.steps[place] if place < len(settings.steps) else None
    if channel is None or asked.kind != f"step.{channel.by}_due":
        return  # the settings changed since
    if outcome is None:
        path = key_of(account, invoice, place)
        await api.cancel(path, anew=Anew(f"{path}/{_NEXT}", account, {"invoice": invoice, "place": place}))
    elif channel.until is not None and _FAR.index(outcome) >= _FAR.index(channel.until):
        await api.cancel(key_of(account, invoice))
