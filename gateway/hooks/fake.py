"""A gateway for the tests of plugins: no disk, no carrier, a clock that the test moves.

Owns: playing the world to one plugin: events, days that pass, answers. Does not own: what the plugin can do in it (fake_api), or
fences: what a plugin raises, its test sees.

    gateway = FakeGateway(payment_receipts, now="2026-03-02T15:00:00Z")
    await gateway.post(PaymentPosted(id="e1", occurred_at="2026-03-02T15:00:00Z", account="A", number="+12025550123", ...))
    assert [text.template for text in gateway.texts] == ["payment_receipts.receipt"]
"""

from types import ModuleType
from typing import Literal

import msgspec

from gateway.errors import Code
from gateway.hooks.discovery import take_declarations
from gateway.hooks.fake_api import WAITING, FakeApi, Planned
from gateway.hooks.plugin import NotAPlugin, Plugin
from gateway.hooks.specs import Draft, Refusal, Settings
from gateway.model.account import Account, is_pointless
from gateway.model.client_events import AnyClientEvent, ClientEvent, faults_of, type_of
from gateway.model.clock import read_instant
from gateway.model.ids import spell
from gateway.model.notices import Answer, NumberCheckDue, Reply, TextOutcome
from gateway.rules.accounts import apply
from gateway.rules.schedules import LATE_AFTER, catch_up


class FakeGateway(FakeApi):
    """What a plugin under test is given, and the world around it. Raises NotAPlugin for what would stop the gateway's start."""

    def __init__(
        self,
        module: ModuleType | None = None,
        *,
        settings: Settings | None = None,
        now: str = "2026-03-02T15:00:00Z",
        client: str = "acme",
        program: str = "servicing",
    ) -> None:
        plugin = None if module is None else Plugin(module.__name__.rpartition(".")[2], module)
        super().__init__(plugin, read_instant(now), client, program)
        self.settings = settings or Settings()
        if self.plugin is not None:
            if settings is None and self.plugin.implements("declare_settings"):
                self.settings = self.plugin.call("declare_settings", {})()
            self.plugin.settings = self.settings
            for problem, fix in take_declarations(self.plugin, lambda declare: declare()):
                raise NotAPlugin(problem, fix)

    def learn(self, event: ClientEvent) -> None:
        """Take an event in without telling the plugin: what is known of the account changes."""
        faults = list(faults_of(event))
        assert not faults, faults
        account = self._accounts.get(event.account) or Account(self._client, event.account)
        self._accounts[event.account] = apply(account, event)
        for text in self.texts:
            if (
                text.account == event.account
                and text.state in WAITING
                and is_pointless(text.unless_paid, self._accounts[event.account])
            ):
                text.state, text.code = "cancelled", Code.ACCOUNT_PAID

    async def post(self, *events: AnyClientEvent) -> None:
        """Take events in, and tell the plugin of each whose type it declared."""
        for event in events:
            self.learn(event)
            if self.plugin is not None and type_of(event) in self.plugin.events:
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
                self._jobs[job.key] = Planned(job, planned.policy, planned.zone)
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
        assert keyword.casefold() in self.plugin.keywords
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

    async def find_stale(
        self, number: str, since: int, *, account: str | None = None, category: str = "servicing"
    ) -> None:
        """A text is refused because nobody heard of the number's person after ``since``."""
        self._count += 1
        due = NumberCheckDue(
            spell("chk", self._count), number, self._program, category, since, self._now, account
        )  # fmt: skip
        await self._observe("observe_number_check", due=due)

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
