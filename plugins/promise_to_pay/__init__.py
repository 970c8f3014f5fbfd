"""When can you pay? The question, the promise that answers it, and what becomes of the promise.

Owns: the dialog ``when``, reminders of promises, and the word on whether one was kept. Does not own: when the question is asked
(payment_reminders opens the dialog), or the truth about payments, which is upstream.

A promise is made by text, or told by the client (``promise.made``: by telephone, in the portal). One made by text is told
to the client as ``promise.made``; when the client tells it back under the same name, the invoice's reminders move to the
promised day. Either way the consumer is reminded of it before its day. After that day the client hears ``promise.kept`` if
payments of at least the amount came in since it was made, and of what was promised for days before it, or its invoice or
the account was paid; else ``promise.broken``. A client that knows better tells so itself, before or after, and its word
counts. Of a promise that is kept before its day nobody is reminded.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.hooks import Anew, Answer, Category, Choice, DialogSpec, GatewayApi, Info, Job, Owed, Settings, hookimpl
from gateway.model.account import Account, Standing
from gateway.model.client_events import AnyClientEvent, PromiseBroken, PromiseKept, PromiseMade
from gateway.model.money import Money
from plugins.common import LAST_YEAR, TimeOfDay, about, day_of, first_invoice, hand_over, open_due, say

_DAYS: Final = {"tomorrow": 1, "week": 7, "fortnight": 14}
_CHOICES: Final = (
    Choice(id="now", words=("1", "now", "pay now", "pay", "ahora", "pagar ahora", "pagar")),
    Choice(id="tomorrow", words=("2", "tomorrow", "mañana")),
    Choice(id="week", words=("3", "7 days", "in 7 days", "7", "a week", "una semana")),
    Choice(id="fortnight", words=("4", "14 days", "in 14 days", "14", "two weeks", "dos semanas")),
    Choice(
        id="person",
        words=("5", "agent", "talk", "talk to a person", "talk to us", "agente", "hablar", "hablar con una persona"),
    ),
)


class PromiseSettings(Settings, frozen=True, kw_only=True):
    """[settings.promise_to_pay]"""

    category: Category = "servicing"
    time: TimeOfDay = "10:00"
    offsets: tuple[Annotated[int, Meta(ge=-60, le=0)], ...] = (-1,)
    """Reminders, in days from the promised one; where all of them are past, on the day itself."""
    grace_days: Annotated[int, Meta(ge=0, le=30)] = 1
    """So many days after the promised one a payment may take to be posted."""
    expires_hours: Annotated[int, Meta(ge=1, le=336)] = 72
    """How long the question can be answered."""


class _Promise(msgspec.Struct, frozen=True):
    """A promise, as jobs carry it."""

    name: str
    amount: Money
    due_on: date
    made_at: int
    invoice: str | None = None


class _Work(msgspec.Struct, frozen=True):
    """What a job is for."""

    promise: _Promise
    is_verdict: bool = False
    step: date | None = None
    """The day of the reminder by the offsets; None for one that was called off while it waited, and is said anew."""


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Asks when a consumer can pay, reminds of the promise, and tells whether it was kept")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return PromiseSettings


@hookimpl
def declare_dialogs(settings: PromiseSettings) -> Sequence[DialogSpec]:
    """See Hooks."""
    return [
        DialogSpec(
            name="when", template="menu", choices=_CHOICES, reprompt="again", expires_hours=settings.expires_hours
        )
    ]


@hookimpl
async def observe_answer(answer: Answer, api: GatewayApi, settings: PromiseSettings) -> None:
    """See Hooks."""
    account = await api.account(answer.account)
    if account is None or answer.outcome in ("expired", "opted_out"):
        return
    key = about(answer, "answer", answer.id)
    name = answer.payload.get("invoice") or first_invoice(account)
    due = open_due(account.invoices, name)
    if answer.outcome == "handed_over":
        # The gateway has told the client; it remains to tell the consumer.
        await say(api, key, account=account.account, category=settings.category, template="person", to=answer.number)
    elif answer.choice == "person":
        await _hand_over(api, settings, answer, account, "asked_for_a_person", name)
    elif account.silent or name is None or due is None or due.amount is None:
        # Paid or withdrawn between question and answer: there is nothing to promise any more.
        return
    elif answer.choice == "now":
        if due.link is None:
            await _hand_over(api, settings, answer, account, "wants_to_pay_now", name)
            return
        await say(
            api,
            key,
            account=account.account,
            category=settings.category,
            template="pay_now",
            values={"amount": due.amount, "link": due.link},
            to=answer.number,
            unless_paid=Owed("invoices", name),
        )
    elif answer.choice in _DAYS:
        promised_on = day_of(answer.at, account) + timedelta(days=_DAYS[answer.choice])
        promise = _Promise(f"text-{answer.id.rpartition('/')[2]}", due.amount, promised_on, answer.at, name)
        told = {"promise": promise.name, "invoice": name, "amount": promise.amount, "due_on": promise.due_on}
        await api.emit(key, "promise.made", account=account.account, data=told)
        await _follow(api, settings, account, promise)
        await say(
            api,
            key,
            account=account.account,
            category=settings.category,
            template="thanks",
            values={"amount": promise.amount, "promised_on": promise.due_on},
            to=answer.number,
        )


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "promise.made",
        "promise.kept",
        "promise.broken",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: PromiseSettings) -> None:
    """See Hooks."""
    if not isinstance(event, PromiseMade | PromiseKept | PromiseBroken):
        return
    account = await api.account(event.account)
    known = None if account is None else account.promises.get(event.promise)
    if account is None or known is None:
        return
    await _renew_reminders(api, account)
    if known.standing is not Standing.OPEN or known.due_on is None or known.amount is None:
        await api.cancel(about(account, "promise", event.promise))
        return
    made_at = known.as_of.get("due_on", event.at)
    promise = _Promise(event.promise, known.amount, known.due_on, made_at, known.invoice)
    await _follow(api, settings, account, promise)


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: PromiseSettings) -> None:
    """See Hooks."""
    account = await api.account(job.account)
    work = msgspec.convert(job.payload, _Work)
    promise = work.promise
    known = None if account is None else account.promises.get(promise.name)
    # A promise by text that the client has not told back is not known of the account.
    if account is None or (
        known is not None and (known.standing is not Standing.OPEN or known.due_on != promise.due_on)
    ):
        return
    if work.is_verdict:
        kind = "promise.kept" if _was_kept(account, promise) else "promise.broken"
        told = {"promise": promise.name, "amount": promise.amount, "due_on": promise.due_on}
        await api.emit(
            about(account, "promise", promise.name, "verdict", promise.due_on), kind, account=job.account, data=told
        )
    elif (
        not account.silent
        and api.day(account) <= promise.due_on
        and promise.amount.minor
        and not _was_kept(account, promise)
    ):
        invoice = promise.invoice if promise.invoice in account.invoices else None
        due = open_due(account.invoices, invoice or first_invoice(account))
        # By its day and not by the promise: one that is told twice, by text and by the client, is one to the consumer.
        await say(
            api,
            about(account, "reminder", promise.due_on, work.step or job.id),
            account=account.account,
            category=settings.category,
            template="reminder",
            values={
                "amount": promise.amount,
                "promised_on": promise.due_on,
                "link": None if due is None else due.link,
            },
            expires_at=api.at(promise.due_on + timedelta(days=1), "00:00", account),
            unless_paid=True if invoice is None else Owed("invoices", invoice),
        )


async def _renew_reminders(api: GatewayApi, account: Account) -> None:
    """Call off reminders that wait, which may be of another day or amount than the promise is now; those of days for which a
    promise still stands are said anew."""
    for name, known in account.promises.items():
        if known.standing is Standing.OPEN and known.due_on is not None and known.amount is not None:
            promise = _Promise(name, known.amount, known.due_on, known.as_of["due_on"], known.invoice)
            work = msgspec.to_builtins(_Work(promise))
            anew = Anew(about(account, "anew", known.due_on), account.account, work)
            await api.cancel(about(account, "reminder", known.due_on), anew=anew)
    await api.cancel(about(account, "reminder"))


async def _follow(api: GatewayApi, settings: PromiseSettings, account: Account, promise: _Promise) -> None:
    """Schedule what a promise leads to; one that has moved, anew."""
    key = about(account, "promise", promise.name)
    await api.cancel(key)
    today, made_on = api.day(account), day_of(promise.made_at, account)
    if promise.due_on < today or promise.due_on.year >= LAST_YEAR:
        return
    steps = [promise.due_on + timedelta(days=offset) for offset in settings.offsets]
    days = {step: step for step in steps if step > made_on} or {max(steps, default=promise.due_on): promise.due_on}
    for step, day in days.items():
        if day >= today:
            await api.schedule(
                f"{key}/remind/{step}",
                api.at(day, settings.time, account),
                msgspec.to_builtins(_Work(promise, step=step)),
                account=account.account,
            )
    judged_on = promise.due_on + timedelta(days=1 + settings.grace_days)
    await api.schedule(
        f"{key}/judge",
        api.at(judged_on, settings.time, account),
        msgspec.to_builtins(_Work(promise, is_verdict=True)),
        account=account.account,
    )


async def _hand_over(
    api: GatewayApi, settings: PromiseSettings, answer: Answer, account: Account, reason: str, invoice: str | None
) -> None:
    key = about(answer, "answer", answer.id)
    await hand_over(api, key, account.account, reason, invoice=invoice)
    await say(api, key, account=account.account, category=settings.category, template="person", to=answer.number)


def _was_kept(account: Account, promise: _Promise) -> bool:
    """Whether what came in since covers the promise, and those of the same time for days before it."""
    if account.paid and account.settled_at >= promise.made_at:
        return True
    invoice = account.invoices.get(promise.invoice or "")
    if invoice is not None and invoice.standing is Standing.DONE and invoice.stands_since >= promise.made_at:
        return True
    before = [
        (other.as_of["due_on"], other.amount.minor)
        for other in account.promises.values()
        if other.standing in (Standing.OPEN, Standing.DONE)
        and other.due_on is not None
        and day_of(promise.made_at, account) <= other.due_on < promise.due_on
        and other.amount is not None
        and other.amount.currency == promise.amount.currency
    ]
    since = min([promise.made_at, *(made_at for made_at, _ in before)])
    came = [
        paid.amount.minor
        for paid in account.payments.values()
        if paid.standing is Standing.DONE
        and paid.stands_since >= since
        and paid.amount is not None
        and paid.amount.currency == promise.amount.currency
    ]
    return sum(came) >= promise.amount.minor + sum(minor for _, minor in before)
