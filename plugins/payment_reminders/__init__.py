"""Reminders before and after the day on which something is due.

Owns: which reminder is next, and what makes it needless. Does not own: its words (templates), whether it may go (the rules), or
what a consumer answers when asked for a promise (promise_to_pay).

An invoice has one job: its next step. When the job is due, or an event says something new of the invoice, all is looked at
afresh: what is known of the account decides, not what was known when the job was made. A step of an earlier day is past;
only those that the gateway slept through are caught up with, and of several the last one. So a series never bursts, an import
of old invoices texts nobody, and a text carries the amount of the moment at which it is made.

A promise moves all that is due before it: the steps after the due date are then counted from the promised day.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Final

from msgspec import Meta

from gateway.hooks import Anew, Category, GatewayApi, Info, Job, Owed, Rejected, Settings, hookimpl
from gateway.model.account import Account, Due
from gateway.model.client_events import (
    AnyClientEvent,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
    PaymentScheduled,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    StepCompleted,
)
from plugins.common import LAST_YEAR, Days, TimeOfDay, about, hand_over, open_due, owed, say
from plugins.payment_reminders.schedule import PATIENCE, Group, Step, stage, steps_of

_PAY: Final = frozenset({"1", "pay"})
_PERSON: Final = frozenset({"0", "agent", "person"})
"""What a consumer chose on the telephone."""
_ANEW: Final = "/anew"
"""The key of the job that says again what was called off ends so."""


class ReminderSettings(Settings, frozen=True, kw_only=True):
    """[settings.payment_reminders]"""

    offsets: Annotated[tuple[Days, ...], Meta(min_length=1, max_length=20)] = (-3, 3, 6, 45, 60)
    """When a text goes."""
    time: TimeOfDay = "10:00"
    ask_promise: Days | None = 45
    """On which of them the consumer is asked for a promise instead, where promise_to_pay is enabled."""
    ask_options: Days | None = None
    """On which of them the ways to pay are offered instead, where payment_options is enabled."""
    voice: Days | None = 90
    """When the client is told that a call is due (step.voice_due)."""
    category: Category = "servicing"
    overdue_category: Category = "servicing"
    """Of what is said after the due date."""

    def check(self) -> Iterator[tuple[str, str, str]]:
        """One step a day."""
        days = [*self.offsets, *([] if self.voice is None else [self.voice])]
        if len(set(days)) < len(days):
            yield "offsets", "has the same day twice, or the day of voice", "keep one of them"


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Reminders before and after a due date")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return ReminderSettings


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "invoice.issued",
        "invoice.updated",
        "invoice.paid",
        "invoice.cancelled",
        "payment.scheduled",
        "payment.cancelled",
        "payment.posted",
        "payment.failed",
        "payment.nsf",
        "promise.made",
        "promise.kept",
        "promise.broken",
        "account.paid",
        "account.closed",
        "step.completed",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: ReminderSettings) -> None:
    """See Hooks."""
    account = await api.account(event.account)
    if account is None:
        return
    if account.silent:
        await api.cancel(about(account))
        return
    series = _Series(api, settings, account)
    match event:
        case InvoiceIssued() | InvoiceUpdated() | InvoicePaid() | InvoiceCancelled():
            await series.hear("invoices", event.invoice)
        case PaymentScheduled() | PaymentPosted() | PaymentCancelled():
            await series.hear("payments", event.payment)
        case PaymentFailed() | PaymentNsf():
            await series.hear("payments", event.payment)
            await series.hear_invoices()  # what it had settled is open again
        case PromiseMade() | PromiseKept() | PromiseBroken():
            await series.hear_invoices()
        case StepCompleted() if event.answer is not None:
            await series.hear_call(event.step, event.answer)


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: ReminderSettings) -> None:
    """See Hooks."""
    account = await api.account(job.account)
    if account is not None:
        series = _Series(api, settings, account)
        again = job.id if job.key.endswith(_ANEW) else None
        await series.follow(job.payload["group"], job.payload["name"], api.day(account) - PATIENCE, again)


class _Series:
    """The reminders of one account, from what is known now."""

    def __init__(self, api: GatewayApi, settings: ReminderSettings, account: Account) -> None:
        self._api = api
        self._settings = settings
        self._account = account

    async def follow(self, group: Group, name: str, since: date, again: str | None = None) -> None:
        """Take the step whose time has come, unless it is of a day before ``since``, and schedule the next one."""
        path = about(self._account, group, name)
        due = open_due(getattr(self._account, group), name)
        if due is None or self._account.silent:
            await self._api.cancel(path)
            return
        voice = () if self._settings.voice is None else (self._settings.voice,)
        steps = steps_of(self._account, group, due, (*self._settings.offsets, *voice))
        ahead = [step for step in steps if self._instant(step) > self._api.now]
        if ahead and ahead[0].day.year <= LAST_YEAR:
            payload = {"group": group, "name": name}
            await self._api.schedule(f"{path}/next", self._instant(ahead[0]), payload, account=self._account.account)
        else:
            await self._api.cancel(f"{path}/next")
        come = steps[: len(steps) - len(ahead)]
        if come and come[-1].day >= since:
            key = f"{path}/said/{come[-1].day}" if again is None else f"{path}/said/{come[-1].day}/{again}"
            await self._take(key, group, name, due, come[-1], self._until(come[-1], ahead[0] if ahead else None))

    async def hear(self, group: Group, name: str) -> None:
        """Something new is known. What waits to go may say what is wrong now: call it off, and have it said anew if it still
        holds. Only what had not gone is said again, and a crash on the way neither loses nor doubles it."""
        path = about(self._account, group, name)
        anew = Anew(f"{path}{_ANEW}", self._account.account, {"group": group, "name": name})
        due = open_due(getattr(self._account, group), name)
        if due is None or not await self._api.cancel(f"{path}/said", anew=anew):
            await self.follow(group, name, self._api.day(self._account))

    async def hear_invoices(self) -> None:
        """Something new is known of all that is to be paid. Of what is not, nothing waits."""
        for name in [name for name in self._account.invoices if open_due(self._account.invoices, name)]:
            await self.hear("invoices", name)

    async def hear_call(self, step: str, answer: str) -> None:
        """What the consumer chose in a call that ``step.voice_due`` of ours asked for."""
        asked = await self._api.emitted(step)
        if asked is None or asked.account != self._account.account or asked.kind != "step.voice_due":
            return
        key = about(self._account, "called", step)
        invoice: str = asked.data["invoice"]
        due = open_due(self._account.invoices, invoice)
        if answer.casefold() in _PAY and due is not None and due.link is not None:
            await say(
                self._api,
                key,
                account=self._account.account,
                category=self._settings.overdue_category,
                template="link",
                values={"amount": due.amount, "link": due.link},
                unless_paid=Owed("invoices", invoice),
            )
        elif answer.casefold() in _PAY | _PERSON:
            await hand_over(self._api, key, self._account.account, "asked_in_call", step=step, invoice=invoice)

    async def _take(self, key: str, group: Group, name: str, due: Due, step: Step, until: int) -> None:
        settings, account = self._settings, self._account.account
        if step.offset == settings.voice:
            details = {"invoice": name, "amount": due.amount, "due_on": due.due_on}
            await self._api.emit(
                f"{about(self._account, group, name)}/voice/{step.day}", "step.voice_due", account=account, data=details
            )
            return
        category = settings.category if step.offset <= 0 else settings.overdue_category
        values = {"amount": due.amount, "due_date": due.due_on}
        if step.offset == settings.ask_promise and await self._ask(
            key, "promise_to_pay.when", group, name, values, category
        ):
            return
        if step.offset == settings.ask_options:
            amount = {"amount": owed(self._account)}
            if await self._ask(key, "payment_options.menu", group, name, amount, category):
                return
        await say(
            self._api,
            key,
            account=account,
            category=category,
            template=stage(step.offset),
            values=values | {"link": due.link},
            expires_at=until,
            unless_paid=Owed(group, name),
        )

    async def _ask(
        self, key: str, dialog: str, group: Group, name: str, values: Mapping[str, object], category: str
    ) -> bool:
        """Ask a question in place of the text; False where its plugin is not enabled."""
        try:
            await self._api.open_dialog(
                key,
                dialog,
                account=self._account.account,
                category=category,
                values=values,
                payload={"invoice": name},
                unless_paid=Owed(group, name),
            )
        except Rejected:
            # What else may be wrong with it, the text will show.
            return False
        return True

    def _instant(self, step: Step) -> int:
        return self._api.at(step.day, self._settings.time, self._account)

    def _until(self, step: Step, following: Step | None) -> int:
        """How long a text may wait: not into the next one, and what announces a day not beyond it."""
        limits = [self._api.at(step.day + PATIENCE, self._settings.time, self._account)]
        if following is not None:
            limits.append(self._instant(following))
        if step.offset <= 0:
            limits.append(self._api.at(step.day + timedelta(days=1 - step.offset), "00:00", self._account))
        return min(limits)
