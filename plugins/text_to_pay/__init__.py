"""Pay by answering: PAY, then CONFIRM.

Owns: the two questions, and the word to the client that a payment is wanted. Does not own: the payment. No card number, no
account number and no code ever passes here: the client charges the method that it has on file, and whose last four digits it
told (``account.updated`` with the fields ``last4`` of the account and ``method_last4``). Without both nothing is asked, and who
writes PAY gets the invoice's link.

Between question and answer an amount can change: what was confirmed is charged or nothing. And a consumer who confirms
twice pays once: until a payment of the account fails, the same amount of the same invoice is the same intent.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.hooks import (
    Anew,
    Answer,
    Category,
    Choice,
    DialogSpec,
    GatewayApi,
    Info,
    Job,
    Owed,
    Reply,
    Settings,
    hookimpl,
)
from gateway.model.account import Account, Standing
from gateway.model.client_events import AnyClientEvent, InvoiceCancelled, InvoiceIssued, InvoicePaid, InvoiceUpdated
from gateway.model.clock import spell_instant
from gateway.model.money import Money
from plugins.common import LAST_YEAR, Days, TimeOfDay, about, account_of, ask, first_invoice, open_due, say

_ANEW: Final = "/anew"
"""The key of the job that asks again what was called off ends so."""
_LAST4: Final = re.compile(r"[0-9]{4}")
_PAY: Final = Choice(id="pay", words=("pay", "pagar", "pay now", "pagar ahora"))
_CONFIRM: Final = Choice(id="confirm", words=("confirm", "confirmar", "confirmo", "confirmed"))


class TextToPaySettings(Settings, frozen=True, kw_only=True):
    """[settings.text_to_pay]"""

    offset: Days = 0
    """On which day from the due day the consumer is asked."""
    time: TimeOfDay = "11:00"
    category: Category = "servicing"
    ask_hours: Annotated[int, Meta(ge=1, le=336)] = 72
    """How long PAY can be answered."""
    confirm_hours: Annotated[int, Meta(ge=1, le=72)] = 2
    """How long CONFIRM can be answered."""


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="A payment by answering PAY and then CONFIRM, with the method on file")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return TextToPaySettings


@hookimpl
def declare_dialogs(settings: TextToPaySettings) -> Sequence[DialogSpec]:
    """See Hooks."""
    return [
        DialogSpec(name="ask", template="ask", choices=(_PAY,), expires_hours=settings.ask_hours),
        DialogSpec(name="confirm", template="confirm", choices=(_CONFIRM,), expires_hours=settings.confirm_hours),
    ]


@hookimpl
def declare_keywords() -> Sequence[str]:
    """See Hooks."""
    return ("PAY", "PAGAR")


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "invoice.issued",
        "invoice.updated",
        "invoice.paid",
        "invoice.cancelled",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: TextToPaySettings) -> None:
    """See Hooks."""
    if not isinstance(event, InvoiceIssued | InvoiceUpdated | InvoicePaid | InvoiceCancelled):
        return
    account = await api.account(event.account)
    if account is None:
        return
    path = about(account, "invoice", event.invoice)
    due = open_due(account.invoices, event.invoice)
    if due is None or due.due_on is None or account.silent:
        await api.cancel(path)
        return
    # A question that waits may name another amount, or another day.
    await api.cancel(f"{path}/asked", anew=Anew(f"{path}{_ANEW}", account.account, {"invoice": event.invoice}))
    day = due.due_on + timedelta(days=settings.offset)
    if api.day(account) <= day and day.year <= LAST_YEAR:
        await api.schedule(
            f"{path}/ask",
            api.at(day, settings.time, account),
            {"invoice": event.invoice},
            account=account.account,
            catch_up="skip",
        )
    else:
        await api.cancel(f"{path}/ask")


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: TextToPaySettings) -> None:
    """See Hooks."""
    account = await api.account(job.account)
    bill = None if account is None else _bill(account, job.payload["invoice"])
    if account is None or bill is None:
        return
    again = job.key.endswith(_ANEW)
    if again and api.day(account) != bill.due_on + timedelta(days=settings.offset):
        return
    path = about(account, "invoice", bill.invoice, "asked", bill.due_on)
    await ask(
        api,
        f"{path}/{job.id}" if again else path,
        "ask",
        account=account.account,
        category=settings.category,
        values={"amount": bill.amount, "due_date": bill.due_on, "last4": bill.last4},
        payload={"invoice": bill.invoice},
        unless_paid=Owed("invoices", bill.invoice),
    )


@hookimpl
async def observe_reply(reply: Reply, api: GatewayApi, settings: TextToPaySettings) -> None:
    """See Hooks."""
    account = await account_of(api, reply)
    if account is not None:
        key = about(account, "reply", reply.id)
        await _confirm(api, settings, key, account, reply.number, first_invoice(account))


@hookimpl
async def observe_answer(answer: Answer, api: GatewayApi, settings: TextToPaySettings) -> None:
    """See Hooks."""
    account = await api.account(answer.account)
    if account is None or answer.outcome == "opted_out":
        return
    key = about(answer, "answer", answer.id)
    if answer.choice == "pay":
        await _confirm(api, settings, key, account, answer.number, answer.payload["invoice"])
    elif answer.dialog == "confirm":
        asked = msgspec.convert(answer.payload, _Bill)
        if answer.choice == "confirm" and _bill(account, asked.invoice) == asked:
            await _pay(api, settings, key, account, asked, answer)
        else:
            # Who let the time run out may have paid in another way; who answers now is told in any case.
            unless_paid = Owed("invoices", asked.invoice) if answer.outcome == "expired" else False
            await say(
                api,
                key,
                account=account.account,
                category=settings.category,
                template="not_paid",
                to=answer.number,
                unless_paid=unless_paid,
            )


class _Bill(msgspec.Struct, frozen=True):
    """What would be paid."""

    invoice: str
    amount: Money
    due_on: date
    last4: str
    method_last4: str


def _bill(account: Account, invoice: str | None) -> _Bill | None:
    """None where nothing is to be paid, or the client has no method on file."""
    due = open_due(account.invoices, invoice)
    last4, method = account.fields.get("last4"), account.fields.get("method_last4")
    if account.silent or invoice is None or due is None or due.amount is None or due.due_on is None:
        return None
    if not (
        isinstance(last4, str) and _LAST4.fullmatch(last4) and isinstance(method, str) and _LAST4.fullmatch(method)
    ):
        return None
    return _Bill(invoice, due.amount, due.due_on, last4, method)


async def _confirm(
    api: GatewayApi, settings: TextToPaySettings, key: str, account: Account, number: str, invoice: str | None
) -> None:
    """Ask who wrote once more, with the amount and the method; or say that nothing was paid."""
    bill = _bill(account, invoice)
    if bill is None:
        await _say_how(api, settings, key, account, number, invoice)
        return
    await ask(
        api,
        key,
        "confirm",
        account=account.account,
        category=settings.category,
        values={"amount": bill.amount, "method_last4": bill.method_last4},
        payload=msgspec.to_builtins(bill),
        to=number,
        unless_paid=Owed("invoices", bill.invoice),
    )


async def _say_how(
    api: GatewayApi, settings: TextToPaySettings, key: str, account: Account, number: str, invoice: str | None
) -> None:
    """Nothing can be paid by text: by the link then, where there is one."""
    due = None if account.silent else open_due(account.invoices, invoice)
    link = None if due is None else due.link
    await say(
        api,
        key,
        account=account.account,
        category=settings.category,
        template="not_paid" if link is None else "link",
        values={} if link is None or due is None else {"amount": due.amount, "link": link},
        to=number,
    )


async def _pay(
    api: GatewayApi, settings: TextToPaySettings, key: str, account: Account, bill: _Bill, answer: Answer
) -> None:
    failed_at = max(
        [payment.stands_since for payment in account.payments.values() if payment.standing is Standing.FAILED],
        default=0,
    )
    await api.emit(
        about(account, "intent", bill.invoice, bill.amount.minor, bill.amount.currency, failed_at),
        "payment.intent_confirmed",
        account=account.account,
        data={
            "invoice": bill.invoice,
            "amount": bill.amount,
            "method_last4": bill.method_last4,
            "confirmed_at": spell_instant(answer.at),
        },
    )
    await say(
        api,
        key,
        account=account.account,
        category=settings.category,
        template="confirmed",
        values={"amount": bill.amount},
        to=answer.number,
    )
