"""Ways to pay what cannot be paid at once.

Owns: the dialogs ``menu``, ``counts`` and ``plan``, and the word to the client on what was chosen. Does not own: granting a
plan: the client hears ``plan.chosen`` with every installment and acts on it, by ``plan.proposed`` or by new invoices.

The menu opens when a consumer writes OPTIONS, or in place of a reminder (``ask_options`` of payment_reminders). Installments are
chosen by text; refinancing, another date and a final payment are for a person. What is accepted is what was shown: when
the amount has changed meanwhile, the question is asked again.
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.hooks import Answer, Category, Choice, DialogSpec, GatewayApi, Info, Reply, Settings, hookimpl
from gateway.model.account import Account
from gateway.model.client_events import AccountClosed, AccountPaid, AnyClientEvent, Installment, PaymentPosted
from gateway.model.money import Money
from plugins.common import about, account_of, ask, hand_over, owed, say
from plugins.payment_options.plan import installments

COUNTS: Final = (3, 6, 9)
MOST_ROUNDS: Final = 3
"""So often another number of installments is shown before a person goes on with it."""

_FOR_A_PERSON: Final = {
    "refinancing": "refinancing",
    "deferral": "deferral",
    "balloon": "balloon",
    "talk": "asked_for_a_person",
}
_MENU: Final = (
    Choice(id="installments", words=("1", "installments", "installment", "cuotas")),
    Choice(id="refinancing", words=("2", "refinancing", "refinance", "refinanciamiento")),
    Choice(id="deferral", words=("3", "later", "a later date", "otra fecha")),
    Choice(id="balloon", words=("4", "one final payment", "final payment", "un pago final")),
    Choice(id="talk", words=("5", "talk", "talk to us", "hablar", "hablar con nosotros")),
)
_COUNTS: Final = tuple(
    Choice(id=f"count_{count}", words=(str(count), words))
    for count, words in zip(COUNTS, ("three", "six", "nine"), strict=True)
)
_PLAN: Final = (
    Choice(id="accept", words=("1", "accept", "aceptar", "acepto")),
    Choice(id="talk", words=("2", "talk", "talk to us", "hablar", "hablar con nosotros")),
    Choice(id="other", words=("3", "other", "another number of payments", "otro", "otra", "otro plan de cuotas")),
)


class OptionsSettings(Settings, frozen=True, kw_only=True):
    """[settings.payment_options]"""

    category: Category = "servicing"
    expires_hours: Annotated[int, Meta(ge=1, le=336)] = 72
    """How long each question can be answered."""


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Installments by text, other ways to pay by a person")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return OptionsSettings


@hookimpl
def declare_dialogs(settings: OptionsSettings) -> Sequence[DialogSpec]:
    """See Hooks."""
    return [
        DialogSpec(name=name, template=name, choices=choices, expires_hours=settings.expires_hours)
        for name, choices in (("menu", _MENU), ("counts", _COUNTS), ("plan", _PLAN))
    ]


@hookimpl
def declare_keywords() -> Sequence[str]:
    """See Hooks."""
    return ("OPTIONS", "OPCIONES")


@hookimpl
async def observe_reply(reply: Reply, api: GatewayApi, settings: OptionsSettings) -> None:
    """See Hooks."""
    account = await account_of(api, reply)
    if account is None:
        return
    talk = _Talk(api, settings, account, reply.number, about(account, "reply", reply.id))
    amount = owed(account)
    if amount is None:
        await talk.hand_over("nothing_known_to_be_owed")
    else:
        await talk.ask("menu", {"amount": amount}, _Shown())


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "payment.posted",
        "account.paid",
        "account.closed",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi) -> None:
    """See Hooks."""
    if not isinstance(event, AccountPaid | AccountClosed | PaymentPosted):
        return
    account = await api.account(event.account)
    if account is not None and account.silent:
        await api.cancel(about(account))


@hookimpl
async def observe_answer(answer: Answer, api: GatewayApi, settings: OptionsSettings) -> None:
    """See Hooks."""
    account = await api.account(answer.account)
    if account is None or answer.outcome in ("expired", "opted_out"):
        return
    talk = _Talk(api, settings, account, answer.number, about(account, "answer", answer.id))
    shown = msgspec.convert(answer.payload, _Shown)
    choice = answer.choice
    if choice is None:
        # The gateway has told the client that nothing was understood; it remains to tell the consumer.
        await talk.say("person", {})
    elif choice in _FOR_A_PERSON:
        await talk.hand_over(_FOR_A_PERSON[choice], owed(account))
    elif choice in ("installments", "other"):
        await talk.ask_count(shown.round)
    elif choice == "accept":
        await talk.accept(shown)
    else:
        await talk.show_plan(int(choice.removeprefix("count_")), shown.round)


class _Shown(msgspec.Struct, frozen=True):
    """What a question carries to its answer."""

    round: int = 0
    amount: Money | None = None
    plan: tuple[Installment, ...] = ()


class _Talk:
    """One turn of the conversation with who wrote; everything it begins lies below its key."""

    def __init__(self, api: GatewayApi, settings: OptionsSettings, account: Account, number: str, key: str) -> None:
        self._api = api
        self._settings = settings
        self._account = account
        self._number = number
        self._key = key

    async def ask(self, dialog: str, values: dict[str, object], shown: _Shown) -> None:
        """Open a dialog."""
        await ask(
            self._api,
            self._key,
            dialog,
            account=self._account.account,
            category=self._settings.category,
            values=values,
            payload=msgspec.to_builtins(shown),
            to=self._number,
        )

    async def ask_count(self, past: int) -> None:
        """In how many installments?"""
        if past >= MOST_ROUNDS or owed(self._account) is None:
            await self.hand_over("wants_other_installments", owed(self._account))
        else:
            await self.ask("counts", {}, _Shown(past + 1))

    async def show_plan(self, count: int, past: int) -> None:
        """Show what so many installments come to."""
        amount = owed(self._account)
        if amount is None or amount.minor < count:
            await self.hand_over("no_installments_possible", amount)
            return
        plan = installments(amount, count, self._api.day(self._account))
        first, last = plan[0], plan[-1]
        values = {
            "count": count,
            "amount": first.amount,
            "last_amount": None if last.amount == first.amount else last.amount,
            "first_due": first.due_on,
        }
        await self.ask("plan", values, _Shown(past, amount, plan))

    async def accept(self, shown: _Shown) -> None:
        """Tell the client of the plan, and the consumer that it was heard."""
        if owed(self._account) != shown.amount:
            await self.ask_count(shown.round)
            return
        told = {"amount": shown.amount, "count": len(shown.plan), "installments": shown.plan}
        await self._api.emit(self._key, "plan.chosen", account=self._account.account, data=told)
        await self.say("accepted", {"count": len(shown.plan), "first_due": shown.plan[0].due_on})

    async def hand_over(self, reason: str, amount: Money | None = None) -> None:
        """A person goes on with it."""
        await hand_over(self._api, self._key, self._account.account, reason, amount=amount)
        await self.say("person", {})

    async def say(self, template: str, values: dict[str, object]) -> None:
        """Submit a text."""
        await say(
            self._api,
            self._key,
            account=self._account.account,
            category=self._settings.category,
            template=template,
            values=values,
            to=self._number,
        )
