"""A gateway for the tests of plugins: no disk, no carrier, a clock that the test moves.

Owns: the contract of ``GatewayApi`` in memory, and playing the world to one plugin: events, days that pass, answers. Does not
own: the rules (a number has consent or not, that is all), or fences: what a plugin raises, its test sees. Templates are filled
from the plugin's own files; of one that is not there, the name and the values are kept.

    gateway = FakeGateway(payment_receipts, now="2026-03-02T15:00:00Z")
    await gateway.post(PaymentPosted(id="e1", occurred_at="2026-03-02T15:00:00Z", account="A", number="+12025550123", ...))
    assert [text.template for text in gateway.texts] == ["payment_receipts.receipt"]
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import ModuleType
from typing import Any, Literal

import msgspec

from gateway.errors import Code
from gateway.hooks import calls
from gateway.hooks.api import Anew, ConsentRequest, Rejected, Submitted
from gateway.hooks.keys import is_under
from gateway.hooks.plugin import Plugin
from gateway.hooks.specs import Draft, Refusal, Settings
from gateway.model.account import Account
from gateway.model.client_events import AnyClientEvent, ClientEvent, faults_of
from gateway.model.clock import read_instant
from gateway.model.ids import spell
from gateway.model.notices import Answer, Job, Reply, TextOutcome
from gateway.rules.accounts import apply
from gateway.rules.schedules import LATE_AFTER, CatchUp, catch_up
from gateway.text.template import render
from gateway.text.template_source import read_template
from gateway.text.template_spec import TemplateRefused

WAITING = ("queued", "held")
GIVEN = {"client_name": "Acme", "contact": "acme.example/help"}
"""What every template has of a client."""


class FakeText(msgspec.Struct):
    """A text that the plugin submitted."""

    key: str
    account: str
    number: str
    program: str
    category: str
    template: str | None
    values: Mapping[str, Any]
    text: str
    """What the consumer reads; empty where the template is not one of the plugin's."""
    at: int
    send_at: int | None
    expires_at: int | None
    unless_paid: bool
    state: str
    code: str | None
    message: str


class FakeEvent(msgspec.Struct, frozen=True):
    """An event out."""

    id: str
    key: str
    kind: str
    account: str
    data: Mapping[str, Any]


class FakeDialog(msgspec.Struct):
    """A question that the plugin asked."""

    key: str
    dialog: str
    account: str
    number: str
    payload: Mapping[str, Any]
    open: bool


class _Planned(msgspec.Struct, frozen=True):
    job: Job
    policy: CatchUp
    zone: str


class FakeGateway:
    """See GatewayApi. What the plugin did is in ``texts``, ``jobs``, ``events`` and ``dialogs``."""

    def __init__(
        self,
        module: ModuleType | None = None,
        *,
        settings: Settings | None = None,
        now: str = "2026-03-02T15:00:00Z",
        client: str = "acme",
        program: str = "servicing",
    ) -> None:
        self.plugin = None if module is None else Plugin(module.__name__.rpartition(".")[2], module)
        self.settings = settings or Settings()
        if self.plugin is not None:
            if settings is None and self.plugin.implements("declare_settings"):
                self.settings = self.plugin.call("declare_settings", {})()
            self.plugin.settings = self.settings
            declared = self._declared("declare_dialogs")
            self.plugin.dialogs = {dialog.name: dialog for dialog in declared}
            self.plugin.keywords = frozenset(self._declared("declare_keywords"))
        self.texts: list[FakeText] = []
        self.events: list[FakeEvent] = []
        self.dialogs: list[FakeDialog] = []
        self.others: dict[str, str] = {}
        """Dialogs of other plugins that are enabled, and the templates of their questions, all by full name."""
        self.no_consent: set[str] = set()
        """Numbers that have not agreed to texts."""
        self.asked: list[str] = []
        """Numbers that were asked for consent."""
        self._client = client
        self._program = program
        self._now: int = read_instant(now)
        self._accounts: dict[str, Account] = {}
        self._jobs: dict[str, _Planned] = {}
        self._once: set[str] = set()
        self._count = 0

    # The contract.

    @property
    def client(self) -> str:
        """See GatewayApi."""
        return self._client

    @property
    def now(self) -> int:
        """See GatewayApi."""
        return self._now

    def day(self, account: Account) -> date:
        """See GatewayApi."""
        return calls.day(self._now, account)

    def at(self, day: date, time: str, account: Account) -> int:
        """See GatewayApi."""
        return calls.at(day, time, account)

    async def account(self, account: str) -> Account | None:
        """See GatewayApi."""
        return self._accounts.get(account)

    async def accounts(self, after: str = "", limit: int = 100) -> Sequence[Account]:
        """See GatewayApi."""
        return [self._accounts[name] for name in sorted(self._accounts) if name > after][:limit]

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
        unless_paid: bool = False,
        ask_consent: bool = False,
    ) -> Submitted:
        """See GatewayApi."""
        spelt = calls.check_text(key, text, template, values, send_at, expires_at)
        for known in self.texts:
            if known.key == key:
                return Submitted(known.message, known.state, known.code)
        about = self._accounts.get(account)
        number = calls.number_for(about, to)
        if template is not None:
            template, text = self._fill(template, spelt, about)
        state, code = self._judge(about, number, send_at, unless_paid=unless_paid, ask_consent=ask_consent)
        self._count += 1
        told = program or (about.program if about is not None else None) or self._program
        made = FakeText(
            key, account, number, told, category, template, spelt, text or "", self._now, send_at, expires_at, unless_paid,
            state, code, spell("msg", self._count),
        )  # fmt: skip
        self.texts.append(made)
        return Submitted(made.message, state, code)

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
        calls.check_key(key)
        calls.check_due(due)
        calls.check_policy(catch_up)
        kept = msgspec.json.decode(calls.as_json(payload, "payload"))
        zone = zone or calls.zone_of(self._accounts.get(account))
        calls.check_zone(zone)
        if once and key in self._once:
            return
        if once:
            self._once.add(key)
        self._count += 1
        job = Job(spell("job", self._count), key, account, due, kept)
        self._jobs[key] = _Planned(job, catch_up, zone)

    async def cancel(self, key: str, *, anew: Anew | None = None) -> int:
        """See GatewayApi."""
        calls.check_key(key)
        if anew is not None:
            calls.check_key(anew.key)
            calls.as_json(anew.payload, "payload")
        count = 0
        for name in [name for name in self._jobs if is_under(name, key)]:
            del self._jobs[name]
            count += 1
        for text in self.texts:
            if is_under(text.key, key) and text.state in WAITING:
                text.state, text.code = "cancelled", Code.CANCELLED_BY_CLIENT
                count += 1
        for dialog in self.dialogs:
            if is_under(dialog.key, key) and dialog.open:
                dialog.open = False
                count += 1
        if anew is not None and count:
            await self.schedule(anew.key, self._now, anew.payload, account=anew.account)
        return count

    async def request_consent(
        self, key: str, *, account: str, category: str, to: str | None = None, program: str | None = None
    ) -> ConsentRequest:
        """See GatewayApi."""
        calls.check_key(key)
        number = calls.number_for(self._accounts.get(account), to)
        if number not in self.no_consent:
            return ConsentRequest("held")
        if number not in self.asked:
            self.asked.append(number)
        return ConsentRequest("asked")

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
        unless_paid: bool = False,
    ) -> Submitted:
        """See GatewayApi."""
        declared = {} if self.plugin is None else self.plugin.dialogs
        own = dialog if self.plugin is None else dialog.removeprefix(f"{self.plugin.name}.")
        template = declared[own].template if own in declared else self.others.get(dialog)
        if template is None:
            raise Rejected(
                Code.DIALOG_UNKNOWN, "dialog", f"is not declared: {', '.join(sorted(declared)) or 'none is'}"
            )
        kept = msgspec.json.decode(calls.as_json(payload, "payload"))
        is_new = all(text.key != key for text in self.texts)
        submitted = await self.submit(
            key,
            account=account,
            category=category,
            template=template,
            values=values,
            to=to,
            program=program,
            unless_paid=unless_paid,
        )
        if is_new and submitted.taken:
            number = self.texts[-1].number
            for older in self.dialogs:
                older.open = older.open and older.number != number
            self.dialogs.append(FakeDialog(key, own, account, number, kept, True))
        return submitted

    async def emit(self, key: str, kind: str, *, account: str, data: Mapping[str, Any]) -> str:
        """See GatewayApi."""
        calls.check_key(key)
        checked = calls.check_kind(kind)
        kept = msgspec.json.decode(calls.as_json(data, "data"))
        for known in self.events:
            if known.key == key:
                return known.id
        self._count += 1
        self.events.append(FakeEvent(spell("out", self._count), key, checked, account, kept))
        return self.events[-1].id

    # The world, as a test plays it.

    @property
    def jobs(self) -> list[Job]:
        """What is scheduled, the next first."""
        return sorted((planned.job for planned in self._jobs.values()), key=lambda job: (job.due, job.id))

    def learn(self, event: ClientEvent) -> None:
        """Take an event in without telling the plugin: what is known of the account changes."""
        faults = list(faults_of(event))
        assert not faults, faults
        account = self._accounts.get(event.account) or Account(self._client, event.account)
        self._accounts[event.account] = apply(account, event)
        if self._accounts[event.account].silent:
            for text in self.texts:
                if text.account == event.account and text.unless_paid and text.state in WAITING:
                    text.state, text.code = "cancelled", Code.ACCOUNT_PAID

    async def post(self, *events: AnyClientEvent) -> None:
        """Take events in, and tell the plugin of each."""
        for event in events:
            self.learn(event)
            await self._observe("observe_event", event=event)

    async def advance_to(self, instant: int | str, *, down: bool = False) -> None:
        """Let time pass, running what falls due; ``down``: the gateway was not running, and catches up at ``instant``."""
        until = read_instant(instant) if isinstance(instant, str) else instant
        if down:
            self._now = until
        while self.jobs and self.jobs[0].due <= until:
            planned = self._jobs.pop(self.jobs[0].key)
            job = planned.job
            self._now = max(self._now, job.due)
            due = catch_up(planned.policy, job.due, self._now, planned.zone)
            if due is not None and due > self._now:
                job = msgspec.structs.replace(job, due=due)
                self._jobs[job.key] = _Planned(job, planned.policy, planned.zone)
            elif due is not None:
                late = self._now - job.due >= LATE_AFTER
                await self._observe("observe_job", job=msgspec.structs.replace(job, late=late))
        self._now = max(self._now, until)

    async def advance(self, milliseconds: int) -> None:
        """Let so much time pass."""
        await self.advance_to(self._now + milliseconds)

    async def answer(
        self,
        choice: str | None,
        *,
        outcome: Literal["chosen", "expired", "handed_over", "opted_out"] = "chosen",
        account: str | None = None,
    ) -> None:
        """Answer the open dialog, the latest of the account where one is given."""
        dialog = next(one for one in reversed(self.dialogs) if one.open and account in (None, one.account))
        assert self.plugin is not None
        known = {one.id for one in self.plugin.dialogs[dialog.dialog].choices}
        assert (choice in known) == (outcome == "chosen"), f"{choice!r} is none of {sorted(known)}"
        dialog.open = False
        self._count += 1
        told = Answer(
            spell("ans", self._count), dialog.dialog, dialog.key, dialog.account, outcome, choice, dialog.number,
            self._now, dialog.payload,
        )  # fmt: skip
        await self._observe("observe_answer", answer=told)

    async def say(self, keyword: str, number: str) -> None:
        """A consumer writes one of the plugin's keywords."""
        assert self.plugin is not None
        assert keyword in self.plugin.keywords
        self._count += 1
        named = [name for name, account in self._accounts.items() if number == account.number]
        account = named[0] if len(named) == 1 else None
        reply = Reply(spell("in", self._count), keyword, number, self._program, self._now, account)
        await self._observe("observe_reply", reply=reply)

    async def settle(self, key: str, state: str, code: str | None = None) -> None:
        """A text reaches a final state."""
        text = next(one for one in self.texts if one.key == key)
        text.state, text.code = state, code
        self._count += 1
        outcome = TextOutcome(
            spell("out", self._count), text.message, key, text.account, state, self._now, code
        )  # fmt: skip
        await self._observe("observe_text", outcome=outcome)

    def decide(self, draft: Draft) -> Refusal | None:
        """What the plugin says of a text."""
        assert self.plugin is not None
        account = None if draft.account is None else self._accounts.get(draft.account)
        answer: Refusal | None = self.plugin.call(
            "decide_text", {"draft": draft, "account": account, "settings": self.settings}
        )
        return answer

    async def _observe(self, hook: str, **told: object) -> None:
        if self.plugin is not None and self.plugin.implements(hook):
            await self.plugin.call(hook, {**told, "api": self, "settings": self.settings})

    def _declared(self, hook: str) -> Sequence[Any]:
        if self.plugin is None or not self.plugin.implements(hook):
            return ()
        declared: Sequence[Any] = self.plugin.call(hook, {"settings": self.settings})
        return declared

    def _fill(self, name: str, values: Mapping[str, Any], account: Account | None) -> tuple[str, str]:
        """The full name of a template, and the text that comes of it."""
        if self.plugin is None:
            return name, ""
        full = self.plugin.full_name(name)
        file = self.plugin.templates / f"{full.removeprefix(f'{self.plugin.name}.')}.toml"
        if not file.is_file():
            if full.startswith(f"{self.plugin.name}."):
                raise Rejected(
                    "template.unknown", "template", f"there is no {file.name} in the plugin's folder templates"
                )
            return full, ""
        locale = "en" if account is None or account.locale is None else account.locale
        local = locale if len(locale) > 3 else f"{locale}-US"
        try:
            spec = read_template(full, file.read_text(encoding="utf-8"))
            return full, render(spec, values, local, None, GIVEN).text
        except TemplateRefused as error:
            fault = error.faults[0]
            raise Rejected(fault.code, fault.field, f"{fault.problem}; {fault.fix}") from error

    def _judge(
        self, account: Account | None, number: str, send_at: int | None, *, unless_paid: bool, ask_consent: bool
    ) -> tuple[str, str | None]:
        if unless_paid and account is not None and account.silent:
            return "blocked", Code.ACCOUNT_PAID
        if number in self.no_consent:
            if not ask_consent:
                return "blocked", Code.CONSENT_MISSING
            if number not in self.asked:
                self.asked.append(number)
            return "held", "consent.pending"
        if send_at is not None and send_at > self._now:
            return "held", Code.SCHEDULED
        return "queued", None
