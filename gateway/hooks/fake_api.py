"""What a plugin can do in its tests: the contract of ``GatewayApi`` in memory.

Owns: what the plugin did, kept for the test to look at. Does not own: the world that the plugin is told of (fake), or the
rules: a number has consent or not, that is all. Templates are filled from the plugin's own files; of one that is not there,
the name and the values are kept.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from gateway.errors import Code
from gateway.hooks import calls
from gateway.hooks.api import Anew, ConsentRequest, Emitted, Rejected, Submitted
from gateway.hooks.keys import is_under
from gateway.hooks.plugin import Plugin
from gateway.model.account import Account, Owed, is_pointless
from gateway.model.ids import spell
from gateway.model.notices import Job
from gateway.model.number_check import NumberCheck, Reassigned
from gateway.rules.schedules import CatchUp
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
    unless_paid: bool | Owed
    state: str
    code: str | None
    message: str
    until: int | None = None
    """When it may go, where it is held until an instant."""


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


class Planned(msgspec.Struct, frozen=True):
    """A job that waits."""

    job: Job
    policy: CatchUp
    zone: str


class FakeApi:
    """See GatewayApi. What the plugin did is in ``texts``, ``jobs``, ``events`` and ``dialogs``."""

    def __init__(self, plugin: Plugin | None, now: int, client: str, program: str) -> None:
        self.plugin = plugin
        self.texts: list[FakeText] = []
        self.events: list[FakeEvent] = []
        self.dialogs: list[FakeDialog] = []
        self.others: dict[str, str] = {}
        """Dialogs of other plugins that are enabled, and the templates of their questions, all by full name."""
        self.no_consent: set[str] = set()
        """Numbers that have not agreed to texts."""
        self.asked: list[str] = []
        """Numbers that were asked for consent."""
        self.checks: list[NumberCheck] = []
        """What the plugin reported of numbers; who has one of which it said YES gets no texts."""
        self.closed_until = 0
        """The hours hold texts until this instant."""
        self._client = client
        self._program = program
        self._now = now
        self._accounts: dict[str, Account] = {}
        self._jobs: dict[str, Planned] = {}
        self._once: set[str] = set()
        self._count = 0

    @property
    def jobs(self) -> list[Job]:
        """What is scheduled, the next first."""
        return sorted((planned.job for planned in self._jobs.values()), key=lambda job: (job.due, job.id))

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
        return [self._accounts[name] for name in sorted(self._accounts) if name > after][: max(1, min(limit, 1000))]

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
        spelt = calls.check_text(key, text, template, values, send_at, expires_at)
        for known in self.texts:
            if known.key == key:
                return Submitted(known.message, known.state, known.code, known.until)
        about = self._accounts.get(account)
        number = calls.number_for(about, to)
        if template is not None:
            template, text = self._fill(template, spelt, about)
        state, code = self._judge(about, number, send_at, unless_paid=unless_paid, ask_consent=ask_consent)
        until = max(send_at or 0, self.closed_until) if code in (Code.SCHEDULED, Code.QUIET_HOURS) else None
        self._count += 1
        told = program or (about.program if about is not None else None) or self._program
        made = FakeText(
            key, account, number, told, category, template, spelt, text or "", self._now, send_at, expires_at, unless_paid,
            state, code, spell("msg", self._count), until,
        )  # fmt: skip
        self.texts.append(made)
        return Submitted(made.message, state, code, until)

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
        kept = msgspec.json.decode(calls.check_job(key, due, catch_up, payload))
        zone = zone or calls.zone_of(self._accounts.get(account))
        calls.check_zone(zone)
        if once and key in self._once:
            return
        if once:
            self._once.add(key)
        self._count += 1
        job = Job(spell("job", self._count), key, account, due, kept)
        self._jobs[key] = Planned(job, catch_up, zone)

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
        gone = [text for text in self.texts if is_under(text.key, key) and text.state in WAITING]
        for text in gone:
            text.state, text.code = "cancelled", Code.CANCELLED_BY_CLIENT
            count += 1
        for dialog in self.dialogs:
            if not dialog.open:
                continue
            unasked = any(text.key == dialog.key for text in gone)
            # A question of another plugin's is that one's to call off.
            own = anew is None and "." not in dialog.dialog and is_under(dialog.key, key)
            dialog.open = not (own or unasked)
            count += own
        if anew is not None and count:
            await self.schedule(anew.key, self._now, anew.payload, account=anew.account)
        return count

    async def request_consent(
        self, key: str, *, account: str, category: str, to: str | None = None, program: str | None = None
    ) -> ConsentRequest:
        """See GatewayApi."""
        calls.check_key(key)
        number = calls.number_for(self._accounts.get(account), to)
        if self._disowned(number):
            return ConsentRequest("refused", Code.CONSENT_OPTED_OUT)
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
        unless_paid: bool | Owed = False,
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

    async def emitted(self, event_id: str) -> Emitted | None:
        """See GatewayApi."""
        found = next((event for event in self.events if event.id == event_id), None)
        return None if found is None else Emitted(found.kind, found.account, found.data)

    async def report_number_check(
        self, number: str, answer: Reassigned, *, checked_at: int, since: int, source: str
    ) -> bool:
        """See GatewayApi."""
        check = calls.read_number_check(self._client, number, answer, checked_at, since, source, self._now)
        if any((one.number, one.at, one.source) == (check.number, check.at, check.source) for one in self.checks):
            return False
        self.checks.append(check)
        return True

    def _disowned(self, number: str) -> bool:
        return any(check.number == number and check.answer is Reassigned.YES for check in self.checks)

    def _fill(self, name: str, values: Mapping[str, Any], account: Account | None) -> tuple[str, str]:
        """The full name of a template, and the text that comes of it."""
        if self.plugin is None:
            return name, ""
        full = self.plugin.template_name(name)
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
            field = fault.field if fault.field.partition(".")[0] in ("values", "locale") else "template"
            raise Rejected(fault.code, field, f"{fault.problem}; {fault.fix}") from error

    def _judge(
        self, account: Account | None, number: str, send_at: int | None, *, unless_paid: bool | Owed, ask_consent: bool
    ) -> tuple[str, str | None]:
        if is_pointless(unless_paid, account):
            return "blocked", Code.ACCOUNT_PAID
        if self._disowned(number):
            return "blocked", Code.CONSENT_OPTED_OUT
        if number in self.no_consent:
            if not ask_consent:
                return "blocked", Code.CONSENT_MISSING
            if number not in self.asked:
                self.asked.append(number)
            return "held", "consent.pending"
        if send_at is not None and send_at > self._now:
            return "held", Code.SCHEDULED
        if self.closed_until > self._now:
            return "held", Code.QUIET_HOURS
        return "queued", None
