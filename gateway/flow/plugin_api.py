"""What plugins can do, done: ``hooks.GatewayApi`` over the store and the one door for texts.

Owns: what goes without saying in a plugin's call (number, program, locale), and telling the plugin what is wrong with it. Does
not own: the contract (hooks/api), judging texts (submit, rules), or keys of deeds (store).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Protocol

import msgspec
from msgspec.structs import replace

from gateway.config import ClientConfig, Config
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.flow.optins import OptIns, OptinWish
from gateway.flow.prepare import Wish
from gateway.flow.submit import DeedWish, Question, Submit
from gateway.hooks import calls
from gateway.hooks.api import Anew, ConsentRequest, Emitted, Rejected, Submitted
from gateway.hooks.plugin import Plugin
from gateway.model.account import Account, Owed, is_pointless
from gateway.model.clock import MINUTE
from gateway.model.consent import Method
from gateway.model.dialog import DialogSpec
from gateway.model.events import PLUGIN_KINDS
from gateway.model.ids import read as read_id
from gateway.model.ids import spell_message
from gateway.model.message import Accepted, Origin, State
from gateway.model.number_check import NumberCheck, Reassigned
from gateway.rules.schedules import CatchUp
from gateway.store.base import Store
from gateway.store.deeds import Telling, Told
from gateway.store.jobs import CallOff, NewJob
from gateway.store.optins import Refusal

ANSWER_TIME: Final = 15 * MINUTE
"""So soon an answer has to follow a consumer's words, and so long it is one: later, hours and caps count for it."""

_PAST_ALL_SEQS: Final = 1 << 63
"""No number of an event is that large, and the store takes none."""
_decode_told = msgspec.json.Decoder(Told).decode


class Asks(Protocol):
    """Asks consumers for consent."""

    async def __call__(
        self, client: ClientConfig, number: str, program: str, category: str, account: str, locale: str | None
    ) -> ConsentRequest | Invalid:
        """Ask, where the rules let it be asked. Raises Transient where the store cannot write now."""
        ...


def asks_by(optins: OptIns) -> Asks:
    """Asking by the gateway's own requests to opt in, which texts of the category wait for."""

    async def ask(
        client: ClientConfig, number: str, program: str, category: str, account: str, locale: str | None
    ) -> ConsentRequest | Invalid:
        wish = OptinWish(Method.PAYMENT_PLAN, number, program, category, account, None, locale)
        requested = await optins.request(client, wish)
        if isinstance(requested, Invalid):
            return requested
        if requested.refusal is Refusal.STANDS:
            return ConsentRequest("held")
        if requested.refusal is Refusal.OPEN or requested.optin is not None:
            return ConsentRequest("asked")
        if requested.invitation is not None and requested.invitation.code is not None:
            return ConsentRequest("refused", str(requested.invitation.code))
        return ConsentRequest("refused", None if requested.refusal is None else f"consent.{requested.refusal}")

    return ask


class Doing(msgspec.Struct, frozen=True):
    """What the calls of all plugins go through."""

    config: Config
    store: Store
    submit: Submit
    asks: Asks
    note_check: Callable[[ClientConfig, NumberCheck], Awaitable[bool]]
    """Takes what a database of reassigned numbers said: the same for plugins as for clients."""
    scheduled: Callable[[str, int], None]
    """Told of a plugin's job and the instant at which it is due."""
    now: Callable[[], int]
    dialogs: Mapping[str, tuple[Plugin, DialogSpec]]
    """All that plugins declared, by full name."""


class Waiting(msgspec.Struct, frozen=True):
    """A consumer who wrote something, and waits for what is said to it."""

    number: str
    since: int


class PluginApi:
    """See GatewayApi. One plugin, for one client, and one notice: ``waiting`` is who wrote what it tells."""

    def __init__(self, plugin: Plugin, client: ClientConfig, doing: Doing, waiting: Waiting | None = None) -> None:
        self._plugin = plugin
        self._client = client
        self._doing = doing
        self._waiting = waiting

    @property
    def client(self) -> str:
        """See GatewayApi."""
        return self._client.id

    @property
    def now(self) -> int:
        """See GatewayApi."""
        return self._doing.now()

    def day(self, account: Account) -> date:
        """See GatewayApi."""
        return calls.day(self.now, account)

    def at(self, day: date, time: str, account: Account) -> int:
        """See GatewayApi."""
        return calls.at(day, time, account)

    async def account(self, account: str) -> Account | None:
        """See GatewayApi."""
        return (await self._doing.store.accounts_of(self.client, [account])).get(account)

    async def accounts(self, after: str = "", limit: int = 100) -> Sequence[Account]:
        """See GatewayApi."""
        return await self._doing.store.accounts_page(self.client, after, max(1, min(limit, 1000)))

    async def submit(
        self,
        key: str,
        *,
        account: str,
        category: str,
        template: str | None = None,
        values: Mapping[str, object] = {},
        text: str | None = None,
        to: str | None = None,
        program: str | None = None,
        send_at: int | None = None,
        expires_at: int | None = None,
        unless_paid: bool | Owed = False,
        ask_consent: bool = False,
    ) -> Submitted:
        """See GatewayApi."""
        if ask_consent:
            await self._ask_first(account, category, to, program, unless_paid=unless_paid)
        return await self._submit(
            key,
            account,
            category,
            template,
            values,
            text,
            to,
            program,
            send_at=send_at,
            expires_at=expires_at,
            unless_paid=unless_paid,
        )

    async def schedule(
        self,
        key: str,
        due: int,
        payload: Mapping[str, Any] = {},
        *,
        account: str,
        catch_up: CatchUp = "send_late",
        zone: str | None = None,
        once: bool = False,
    ) -> None:
        """See GatewayApi."""
        kept = calls.check_job(key, due, catch_up, payload)
        if zone is None:
            zone = calls.zone_of(await self.account(account)) if catch_up == "next_window" else calls.UTC_ZONE
        calls.check_zone(zone)
        job = NewJob(self._plugin.name, self.client, key, account, due, catch_up, zone, kept, self.now, once)
        try:
            await self._doing.store.schedule(job)
        finally:  # the hook's time may be over before it hears that the job is on disk
            self._doing.scheduled(self._plugin.name, due)

    async def cancel(self, key: str, *, anew: Anew | None = None) -> int:
        """See GatewayApi."""
        calls.check_key(key)
        now, then = self.now, None
        if anew is not None:
            calls.check_key(anew.key)
            kept = calls.as_json(anew.payload, "payload")
            then = NewJob(
                self._plugin.name, self.client, anew.key, anew.account, now, "send_late", calls.UTC_ZONE, kept, now
            )
        try:
            (count,) = await self._doing.store.call_off(CallOff(self._plugin.name, self.client, key, now, then))
        finally:  # as in schedule
            if then is not None:
                self._doing.scheduled(self._plugin.name, now)
        return count

    async def request_consent(
        self, key: str, *, account: str, category: str, to: str | None = None, program: str | None = None
    ) -> ConsentRequest:
        """See GatewayApi."""
        calls.check_key(key)
        about = await self.account(account)
        locale = None if about is None else about.locale
        number = calls.number_for(about, to)
        return await self._ask(number, self._program(about, program, category), category, account, locale)

    async def open_dialog(
        self,
        key: str,
        dialog: str,
        *,
        account: str,
        category: str,
        values: Mapping[str, object] = {},
        payload: Mapping[str, Any] = {},
        to: str | None = None,
        program: str | None = None,
        unless_paid: bool | Owed = False,
    ) -> Submitted:
        """See GatewayApi."""
        found = self._doing.dialogs.get(self._plugin.full_name(dialog))
        if found is None:
            known = ", ".join(sorted(self._doing.dialogs)) or "none is declared"
            raise Rejected(Code.DIALOG_UNKNOWN, "dialog", f"is not declared: {known}")
        owner, declared = found
        kept = calls.as_json(payload, "payload")
        again = None if declared.reprompt is None else owner.template_name(declared.reprompt)
        return await self._submit(
            key,
            account,
            category,
            owner.template_name(declared.template),
            values,
            None,
            to,
            program,
            unless_paid=unless_paid,
            question=Question(owner.name, declared, again, kept),
        )

    async def emit(self, key: str, kind: str, *, account: str, data: Mapping[str, Any]) -> str:
        """See GatewayApi."""
        calls.check_key(key)
        checked = calls.check_kind(kind)
        kept = calls.as_json(data, "data")
        telling = Telling(self._plugin.name, self.client, key, account, str(checked), kept, self.now)
        (event_id,) = await self._doing.store.tell_for_plugin(telling)
        return event_id

    async def emitted(self, event_id: str) -> Emitted | None:
        """See GatewayApi."""
        seq = read_id("evt", event_id)
        if seq is None or not 0 < seq < _PAST_ALL_SEQS:
            return None
        found = await self._doing.store.events(self.client, seq - 1, 1)
        if not found or found[0].seq != seq or found[0].kind not in PLUGIN_KINDS:
            return None
        told = _decode_told(found[0].body)
        if told.plugin != self._plugin.name:
            return None
        return Emitted(str(found[0].kind), told.account, msgspec.json.decode(told.data))

    async def report_number_check(
        self, number: str, answer: Reassigned, *, checked_at: int, since: int, source: str
    ) -> bool:
        """See GatewayApi."""
        check = calls.read_number_check(self.client, number, answer, checked_at, since, source, self.now)
        return await self._doing.note_check(self._client, check)

    async def _submit(
        self,
        key: str,
        account: str,
        category: str,
        template: str | None,
        values: Mapping[str, object],
        text: str | None,
        to: str | None,
        program: str | None,
        *,
        send_at: int | None = None,
        expires_at: int | None = None,
        unless_paid: bool | Owed,
        question: Question | None = None,
    ) -> Submitted:
        spelt = calls.check_text(key, text, template, values, send_at, expires_at)
        about = await self.account(account)
        wish = Wish(
            to=calls.number_for(about, to),
            program=self._program(about, program, category),
            category=category,
            text=text or "",
            account=account,
            send_at=send_at,
            expires_at=expires_at,
            template=None if template is None else self._plugin.template_name(template),
            values=spelt,
            locale=None if about is None else about.locale,
        )
        origin = Origin.PLUGIN
        if self._answers(wish):
            origin, until = Origin.ANSWER, self.now + ANSWER_TIME
            wish = replace(wish, expires_at=until if expires_at is None else min(until, expires_at))
        deed = DeedWish(self._plugin.name, key, account, unless_paid, question, origin)
        answer = await self._doing.submit.submit_deed(self._client, wish, deed)
        if isinstance(answer, Invalid):
            raise _rejected(answer)
        return _submitted(answer)

    def _answers(self, wish: Wish) -> bool:
        """Whether it is what a consumer waits for: the first text to who wrote, soon after (12 CFR 1006.6(b)(1), comment
        6(b)(1)-2)."""
        waiting = self._waiting
        if waiting is None or waiting.number != wish.to or wish.send_at is not None:
            return False
        self._waiting = None
        return self.now <= waiting.since + ANSWER_TIME

    async def _ask_first(
        self, account: str, category: str, to: str | None, program: str | None, *, unless_paid: bool | Owed
    ) -> None:
        about = await self.account(account)
        if is_pointless(unless_paid, about):
            return
        locale = None if about is None else about.locale
        await self._ask(calls.number_for(about, to), self._program(about, program, category), category, account, locale)

    async def _ask(self, number: str, program: str, category: str, account: str, locale: str | None) -> ConsentRequest:
        asked = await self._doing.asks(self._client, number, program, category, account, locale)
        if isinstance(asked, Invalid):
            raise _rejected(asked)
        return asked

    def _program(self, account: Account | None, program: str | None, category: str) -> str:
        """The program that texts: the one asked for, or the account's, or the only one that sends the category."""
        wanted = program or (account.program if account is not None else None)
        if wanted is not None:
            return wanted
        able = [one.id for one in self._client.programs if category in one.categories]
        if len(able) != 1:
            raise Rejected(
                Code.PROGRAM_UNKNOWN,
                "program",
                f"no event told one, and {len(able)} programs of the client send {category}: name one",
            )
        return able[0]


def _submitted(answer: Accepted) -> Submitted:
    state = State.QUEUED if answer.state is State.IN_FLIGHT else answer.state
    code = None if answer.code is None else str(answer.code)
    return Submitted(spell_message(answer.id), str(state), code, answer.due_at)


def _rejected(fault: Invalid) -> Rejected:
    return Rejected(fault.code, fault.field.replace("vars/", "values."), f"{fault.detail}; {fault.fix}")
