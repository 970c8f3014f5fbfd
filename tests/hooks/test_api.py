"""The contract of GatewayApi: the same tests for the gateway and for the fake that plugin authors get."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Protocol

import pytest

from gateway.config.templates import read_template_files
from gateway.hooks import Anew, Emitted, GatewayApi, Owed, Reassigned, Rejected
from gateway.hooks.fake import FakeGateway
from gateway.hooks.plugin import Plugin
from gateway.model.client_events import AccountPaid, AccountUpdated, ClientEvent, InvoiceIssued, InvoicePaid
from gateway.model.clock import DAY, HOUR, read_instant, spell_instant
from gateway.model.events import PLUGIN_KINDS
from gateway.model.ids import read as read_id
from gateway.model.ids import spell
from gateway.model.message import Origin
from gateway.model.money import Money
from gateway.model.notices import Job
from gateway.store.notices import Intake
from gateway.store.reads import MessageFilter
from tests.hooks import sample
from tests.web.estate import Estate, open_estate

NOW = read_instant("2026-03-02T15:00:00Z")
NUMBER = "+12025550123"
OTHER_NUMBER = "+12025550124"
USD = Money(5210, "USD")


class World(Protocol):
    """What the tests need besides the api."""

    @property
    def api(self) -> GatewayApi: ...

    async def learn(self, event: ClientEvent) -> None:
        """An event of the client, of which the plugin is told nothing."""

    async def due(self, instant: int, *, down: bool = False) -> list[Job]:
        """The jobs that the plugin is told of by an instant."""

    async def state(self, message: str) -> str:
        """Where a text stands, by its public id."""

    async def told(self) -> list[tuple[str, str]]:
        """Kinds and ids of the events out."""

    async def ask_first(self, number: str) -> None:
        """Let a number have no consent."""

    async def asked(self, number: str) -> bool:
        """Whether the number was asked for it."""


class FakeWorld:
    def __init__(self) -> None:
        self.fake = FakeGateway(sample, now=spell_instant(NOW))

    @property
    def api(self) -> GatewayApi:
        return self.fake

    async def learn(self, event: ClientEvent) -> None:
        self.fake.learn(event)

    async def due(self, instant: int, *, down: bool = False) -> list[Job]:
        sample.calls.clear()
        await self.fake.advance_to(instant, down=down)
        return [told for kind, told in sample.calls if kind == "job"]

    async def state(self, message: str) -> str:
        return next(text.state for text in self.fake.texts if text.message == message)

    async def told(self) -> list[tuple[str, str]]:
        return [(event.kind, event.id) for event in self.fake.events]

    async def ask_first(self, number: str) -> None:
        self.fake.no_consent.add(number)

    async def asked(self, number: str) -> bool:
        return number in self.fake.asked


@asynccontextmanager
async def fake_world() -> AsyncIterator[World]:
    yield FakeWorld()


class RealWorld:
    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        running = estate.doors.plugins
        (self.observer,) = running.observers.values()
        self.running = running
        self.api: GatewayApi = running.api(self.observer.plugin, "acme")

    async def learn(self, event: ClientEvent) -> None:
        await self.estate.store.receive_events([Intake("acme", event, self.estate.clock())])
        await self.observer.once()
        await self.api.cancel(f"{event.account}/after")

    async def due(self, instant: int, *, down: bool = False) -> list[Job]:
        steps = [instant] if down else [*range(self.estate.clock.instant, instant, HOUR), instant]
        sample.calls.clear()
        for step in steps:
            self.estate.clock.instant = step
            await self.running.jobs.once()
        await self.observer.once()
        return [told for kind, told in sample.calls if kind == "job"]

    async def state(self, message: str) -> str:
        found = await self.estate.store.message(read_id("msg", message) or 0, "acme")
        assert found is not None
        return str(found.state)

    async def told(self) -> list[tuple[str, str]]:
        events = await self.estate.store.events("acme", 0, 100)
        return [(event.kind, spell("evt", event.seq)) for event in events if event.kind in PLUGIN_KINDS]

    async def ask_first(self, number: str) -> None:
        """Only NUMBER has any."""

    async def asked(self, number: str) -> bool:
        listed, _ = await self.estate.store.messages(MessageFilter("acme", number=number))
        return any(message.origin is Origin.INVITATION for message in listed)


@asynccontextmanager
async def real_world() -> AsyncIterator[World]:
    plugin = Plugin("sample", sample)
    plugin.dialogs = {dialog.name: dialog for dialog in sample.declare_dialogs()}
    plugin.keywords = frozenset(sample.declare_keywords())
    async with open_estate([plugin]) as estate:
        estate.clock.instant = NOW
        files, _ = read_template_files(plugin.templates, "sample", "sample.")
        await estate.templates.load(files)
        await estate.doors.plugins.open()
        await estate.consent(NUMBER)
        yield RealWorld(estate)


@pytest.fixture(params=[fake_world, real_world])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with request.param() as opened:
        await opened.learn(issued())
        yield opened


def issued(**changes: Any) -> InvoiceIssued:
    fields: dict[str, Any] = {
        "id": "e1",
        "occurred_at": spell_instant(NOW - DAY),
        "account": "A-1",
        "number": NUMBER,
        "zone": "America/Chicago",
        "locale": "es",
        "program": "servicing",
        "invoice": "I-1",
        "amount": USD,
        "due_on": date(2026, 3, 5),
    }
    return InvoiceIssued(**(fields | changes))


async def test_an_account_is_what_events_told(world: World) -> None:
    account = await world.api.account("A-1")
    assert account is not None
    assert (account.number, account.zone, account.locale) == (NUMBER, "America/Chicago", "es")
    assert account.invoices["I-1"].amount == USD
    assert await world.api.account("A-2") is None


async def test_accounts_come_by_the_page(world: World) -> None:
    for n in (3, 2, 4):
        await world.learn(issued(id=f"e{n}", account=f"A-{n}"))
    assert [account.account for account in await world.api.accounts(limit=2)] == ["A-1", "A-2"]
    assert [account.account for account in await world.api.accounts("A-2")] == ["A-3", "A-4"]


async def test_days_and_times_are_the_consumers(world: World) -> None:
    account = await world.api.account("A-1")
    assert account is not None
    assert world.api.now == NOW
    assert world.api.day(account) == date(2026, 3, 2)
    assert world.api.at(date(2026, 3, 9), "10:00", account) == read_instant("2026-03-09T15:00:00Z")


async def test_a_text_goes_once_for_its_key(world: World) -> None:
    first = await world.api.submit("r/1", account="A-1", category="servicing", text="Thank you. STOP to opt out")
    assert (first.state, first.taken) == ("queued", True)
    again = await world.api.submit("r/1", account="A-1", category="servicing", text="Other words")
    assert again == first
    other = await world.api.submit("r/2", account="A-1", category="servicing", text="Thank you. STOP to opt out")
    assert other.message != first.message


async def test_a_text_can_wait_and_be_called_off_by_its_key_or_a_path_above(world: World) -> None:
    messages = []
    for key in ("inv/1/a", "inv/1/b", "inv/10/a"):
        held = await world.api.submit(
            key, account="A-1", category="servicing", text="Soon due. STOP to opt out", send_at=NOW + 3 * HOUR
        )
        assert (held.state, held.code, held.until) == ("held", "schedule.later", NOW + 3 * HOUR)
        messages.append(held.message)
    assert await world.api.cancel("inv/1") == 2
    states = [await world.state(message) for message in messages]
    assert states[:2] == ["cancelled", "cancelled"]
    assert states[2] in ("held", "queued")
    assert await world.api.cancel("inv/1") == 0


async def test_a_job_that_is_to_be_once_is_scheduled_once(world: World) -> None:
    await world.api.schedule("once/1", NOW + HOUR, {"n": 1}, account="A-1", once=True)
    await world.api.schedule("once/1", NOW, {"n": 2}, account="A-1", once=True)
    assert [job.payload for job in await world.due(NOW + HOUR)] == [{"n": 1}]
    await world.api.schedule("once/1", NOW + HOUR, {"n": 3}, account="A-1", once=True)
    await world.api.schedule("once/2", NOW + 2 * HOUR, account="A-1", once=True)
    await world.api.cancel("once/2")
    await world.api.schedule("once/2", NOW + 2 * HOUR, account="A-1", once=True)
    assert await world.due(NOW + 3 * HOUR) == []
    await world.api.schedule("once/2", NOW + 4 * HOUR, {"n": 4}, account="A-1")
    assert [job.payload for job in await world.due(NOW + 4 * HOUR)] == [{"n": 4}]


async def test_what_is_called_off_can_have_a_job_take_its_place(world: World) -> None:
    words: dict[str, Any] = {"account": "A-1", "category": "servicing", "text": "Soon due. STOP to opt out"}
    await world.api.submit("inv/1/said", send_at=NOW + 3 * HOUR, **words)
    anew = Anew("inv/1/anew", "A-1", {"n": 1})
    assert await world.api.cancel("inv/2", anew=Anew("inv/2/anew", "A-1")) == 0
    assert await world.api.cancel("inv/1/said", anew=anew) == 1
    assert await world.api.cancel("inv/1/said", anew=Anew("inv/1/anew", "A-1", {"n": 2})) == 0
    (job,) = await world.due(NOW)
    assert (job.key, job.account, job.payload, job.due, job.late) == ("inv/1/anew", "A-1", {"n": 1}, NOW, False)
    with pytest.raises(Rejected, match="key"):
        await world.api.cancel("inv/1", anew=Anew("no key", "A-1"))
    with pytest.raises(Rejected, match="payload"):
        await world.api.cancel("inv/1", anew=Anew("inv/1/anew", "A-1", {"n": 1.5}))


async def test_without_consent_nothing_goes(world: World) -> None:
    await world.ask_first(OTHER_NUMBER)
    blocked = await world.api.submit(
        "r/1", account="A-1", category="servicing", text="Hello. STOP to opt out", to=OTHER_NUMBER
    )
    assert (blocked.state, blocked.code, blocked.taken) == ("blocked", "consent.missing", False)


async def test_a_text_can_have_the_consumer_asked_and_wait_for_the_answer(world: World) -> None:
    await world.ask_first(OTHER_NUMBER)
    held = await world.api.submit(
        "r/1",
        account="A-1",
        category="servicing",
        text="Your plan. STOP to opt out",
        to=OTHER_NUMBER,
        ask_consent=True,
    )
    assert (held.state, held.code, held.taken, held.until) == ("held", "consent.pending", True, None)
    fields = {"account": "A-1", "category": "servicing", "to": OTHER_NUMBER}
    assert (await world.api.request_consent("c/1", **fields)).state == "asked"


async def test_nobody_is_asked_for_consent_to_a_text_about_what_is_not_owed(world: World) -> None:
    await world.ask_first(OTHER_NUMBER)
    words: dict[str, Any] = {"account": "A-1", "category": "servicing", "to": OTHER_NUMBER, "ask_consent": True}
    words |= {"text": "Please pay. STOP to opt out"}
    gone = await world.api.submit("r/1", unless_paid=Owed("invoices", "I-9"), **words)
    assert (gone.state, gone.taken, await world.asked(OTHER_NUMBER)) == ("blocked", False, False)
    held = await world.api.submit("r/2", unless_paid=Owed("invoices", "I-1"), **words)
    assert (held.state, await world.asked(OTHER_NUMBER)) == ("held", True)


async def test_a_text_for_those_who_owe_does_not_go_to_those_who_paid(world: World) -> None:
    words: dict[str, Any] = {"account": "A-1", "category": "servicing", "text": "Please pay. STOP to opt out"}
    held = await world.api.submit("r/1", send_at=NOW + HOUR, unless_paid=True, **words)
    kept = await world.api.submit("r/2", send_at=NOW + HOUR, **words)
    assert held.state == kept.state == "held"
    await world.learn(AccountPaid(id="e2", occurred_at=spell_instant(NOW), account="A-1"))
    assert await world.state(held.message) == "cancelled"
    assert await world.state(kept.message) != "cancelled"
    blocked = await world.api.submit("r/3", unless_paid=True, **words)
    assert (blocked.state, blocked.code) == ("blocked", "account.paid")


async def test_a_text_about_an_invoice_does_not_go_once_that_is_paid(world: World) -> None:
    words: dict[str, Any] = {"account": "A-1", "category": "servicing", "text": "Please pay. STOP to opt out"}
    words |= {"send_at": NOW + HOUR}
    await world.learn(issued(id="e2", invoice="I-2"))
    first, other = Owed("invoices", "I-1"), Owed("invoices", "I-2")
    held = await world.api.submit("r/1", unless_paid=first, **words)
    kept = await world.api.submit("r/2", unless_paid=other, **words)
    await world.learn(InvoicePaid(id="e3", occurred_at=spell_instant(NOW), account="A-1", invoice="I-1"))
    assert await world.state(held.message) == "cancelled"
    assert await world.state(kept.message) == "held"
    codes = [
        (await world.api.submit(f"r/{owed}", unless_paid=owed, **words)).code
        for owed in (first, other, Owed("invoices", "I-3"), Owed("payments", "I-2"))
    ]
    assert codes == ["account.paid", "schedule.later", "account.paid", "account.paid"]
    await world.learn(AccountPaid(id="e4", occurred_at=spell_instant(NOW), account="A-1"))
    assert await world.state(kept.message) == "cancelled"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"key": ""}, "key.invalid", "key"),
        ({"key": "a b"}, "key.invalid", "key"),
        ({"key": "a//b"}, "key.invalid", "key"),
        ({"key": "/a"}, "key.invalid", "key"),
        ({"key": "a" * 501}, "key.invalid", "key"),
        ({"text": None}, "request.invalid", "text"),
        ({"template": "menu"}, "request.invalid", "text"),
        ({"text": " "}, "content.empty", "text"),
        ({"text": None, "template": "unheard_of"}, "template.unknown", "template"),
        ({"text": None, "template": "menu", "values": {"amount": 52.1}}, "payload.invalid", "values"),
        ({"text": None, "template": "menu", "values": {"amount": object()}}, "payload.invalid", "values"),
        ({"text": None, "template": "menu"}, "template.variable_missing", "values.amount"),
        ({"text": None, "template": "menu", "values": {"amount": "52"}}, "template.variable_invalid", "values.amount"),
        ({"text": None, "template": "echo", "values": {"words": " "}}, "template.variable_invalid", "values.words"),
        ({"text": None, "template": "echo", "values": {"words": "x" * 500}}, "template.too_long", "template"),
        ({"account": "A-9"}, "account.unknown", "account"),
        ({"to": "12345"}, "number.invalid", "to"),
    ],
)
async def test_what_cannot_be_submitted_is_rejected_by_field(
    world: World, changes: dict[str, Any], code: str, field: str
) -> None:
    fields: dict[str, Any] = {"key": "r/1", "account": "A-1", "category": "servicing", "text": "Hello. STOP to opt out"}
    fields |= changes
    with pytest.raises(Rejected) as caught:
        await world.api.submit(fields.pop("key"), **fields)
    assert (caught.value.code, caught.value.field) == (code, field)


async def test_a_job_is_told_when_it_is_due_and_once(world: World) -> None:
    await world.api.schedule("j/1", NOW + HOUR, {"amount": USD, "day": date(2026, 3, 5)}, account="A-1")
    assert await world.due(NOW + HOUR - 1) == []
    (job,) = await world.due(NOW + HOUR)
    assert (job.key, job.account, job.due, job.late) == ("j/1", "A-1", NOW + HOUR, False)
    assert job.payload == {"amount": {"minor": 5210, "currency": "USD"}, "day": "2026-03-05"}
    assert await world.due(NOW + DAY) == []


async def test_a_job_is_replaced_by_its_key_and_called_off_by_a_path(world: World) -> None:
    await world.api.schedule("j/1", NOW + HOUR, {"n": 1}, account="A-1")
    await world.api.schedule("j/1", NOW + 2 * HOUR, {"n": 2}, account="A-1")
    await world.api.schedule("j/2", NOW + HOUR, account="A-1")
    await world.api.schedule("k/1", NOW + HOUR, account="A-1")
    assert await world.api.cancel("j/2") == 1
    assert [job.key for job in await world.due(NOW + HOUR)] == ["k/1"]
    assert [job.payload for job in await world.due(NOW + 2 * HOUR)] == [{"n": 2}]


async def test_a_job_of_the_past_is_due_now(world: World) -> None:
    await world.api.schedule("j/1", NOW - DAY, account="A-1")
    assert [job.key for job in await world.due(NOW)] == ["j/1"]


async def test_what_the_gateway_slept_through_is_caught_up_by_policy(world: World) -> None:
    for policy in ("send_late", "skip", "next_window"):
        await world.api.schedule(policy, NOW + HOUR, account="A-1", catch_up=policy)
    (late,) = await world.due(NOW + 5 * HOUR, down=True)
    assert (late.key, late.late) == ("send_late", True)
    (tomorrow,) = await world.due(NOW + DAY + HOUR)
    assert (tomorrow.key, tomorrow.due, tomorrow.late) == ("next_window", NOW + DAY + HOUR, False)


@pytest.mark.parametrize(
    "changes",
    [{"payload": {"n": 1.5}}, {"payload": [1]}, {"due": 1.5}, {"due": -1}, {"due": 10**16}, {"catch_up": "hope"}],
)
async def test_what_cannot_be_scheduled_is_rejected(world: World, changes: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"due": NOW, "payload": {}, "account": "A-1"} | changes
    with pytest.raises(Rejected):
        await world.api.schedule("j/1", **fields)


async def test_the_client_is_told_once_for_a_key(world: World) -> None:
    first = await world.api.emit("m/1", "step.email_due", account="A-1", data={"amount": USD})
    assert await world.api.emit("m/1", "step.email_due", account="A-1", data={"amount": USD}) == first
    await world.api.emit("m/2", "step.email_due", account="A-1", data={})
    assert [kind for kind, _ in await world.told()] == ["step.email_due"] * 2
    with pytest.raises(Rejected, match="kind"):
        await world.api.emit("m/3", "message.delivered", account="A-1", data={})


async def test_what_was_told_is_found_by_its_id_and_nothing_by_another(world: World) -> None:
    step = await world.api.emit("s/1", "step.email_due", account="A-1", data={"invoice": "I-1", "amount": USD})
    found = await world.api.emitted(step)
    assert found == Emitted("step.email_due", "A-1", {"invoice": "I-1", "amount": {"minor": 5210, "currency": "USD"}})
    for other in (
        "",
        step[:-1],
        f"{step[:-1]}~",
        f"msg{step[3:]}",
        spell("evt", 4_000_000_000),
        "evt_" + "z" * 13,
        "évt_\0",
    ):
        assert await world.api.emitted(other) is None


async def test_what_another_plugin_told_or_another_client_heard_is_not_found() -> None:
    async with real_world() as world:
        assert isinstance(world, RealWorld)
        await world.learn(issued())
        step = await world.api.emit("s/1", "step.email_due", account="A-1", data={})
        assert await world.running.api(Plugin("other", sample), "acme").emitted(step) is None
        assert await world.running.api(world.observer.plugin, "globex").emitted(step) is None
        assert await world.api.emitted(step) == Emitted("step.email_due", "A-1", {})


async def test_asking_for_consent_that_is_there_asks_nobody(world: World) -> None:
    assert (await world.api.request_consent("c/1", account="A-1", category="servicing")).state == "held"


LOOK: dict[str, Any] = {"checked_at": NOW - HOUR, "since": NOW - 70 * DAY, "source": "RND"}


async def test_a_look_into_a_database_is_taken_once(world: World) -> None:
    assert await world.api.report_number_check(NUMBER, Reassigned.NO, **LOOK)
    assert not await world.api.report_number_check(NUMBER, Reassigned.NO, **LOOK)
    assert await world.api.report_number_check(NUMBER, Reassigned.NO_DATA, **(LOOK | {"source": "another"}))
    sent = await world.api.submit("r/1", account="A-1", category="servicing", text="Hello. STOP to opt out")
    assert sent.state == "queued"


async def test_whose_number_was_reassigned_gets_no_texts_and_is_not_asked_for_consent(world: World) -> None:
    assert await world.api.report_number_check(NUMBER, Reassigned.YES, **LOOK)
    words: dict[str, Any] = {"account": "A-1", "category": "servicing", "text": "Hello. STOP to opt out"}
    for key, asks in (("r/1", False), ("r/2", True)):
        blocked = await world.api.submit(key, ask_consent=asks, **words)
        assert (blocked.state, blocked.code) == ("blocked", "consent.opted_out")
    asked = await world.api.request_consent("c/1", account="A-1", category="servicing")
    assert (asked.state, asked.code) == ("refused", "consent.opted_out")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "12345"}, "number"),
        ({"answer": "maybe"}, "answer"),
        ({"checked_at": NOW + 1}, "checked_at"),
        ({"checked_at": 1.5}, "checked_at"),
        ({"since": NOW}, "since"),
        ({"since": -1}, "since"),
        ({"source": " "}, "source"),
        ({"source": "x" * 201}, "source"),
        ({"source": "RND\n"}, "source"),
    ],
)
async def test_a_look_that_cannot_be_taken_is_rejected_by_field(
    world: World, changes: dict[str, Any], field: str
) -> None:
    fields: dict[str, Any] = {"number": NUMBER, "answer": "no"} | LOOK | changes
    with pytest.raises(Rejected) as caught:
        await world.api.report_number_check(fields.pop("number"), fields.pop("answer"), **fields)
    assert caught.value.field == field


async def test_a_dialog_asks_its_template_once_for_a_key(world: World) -> None:
    fields: dict[str, Any] = {"account": "A-1", "category": "servicing", "values": {"amount": USD}}
    first = await world.api.open_dialog("d/1", "menu", payload={"invoice": "I-1"}, **fields)
    assert first.state == "queued"
    assert await world.api.open_dialog("d/1", "menu", **fields) == first
    with pytest.raises(Rejected, match=r"dialog\.unknown"):
        await world.api.open_dialog("d/2", "unheard_of", **fields)


async def test_an_older_event_does_not_undo_a_newer_one(world: World) -> None:
    await world.learn(AccountUpdated(id="e3", occurred_at=spell_instant(NOW), account="A-1", number="+12025550124"))
    await world.learn(issued(id="e0", occurred_at=spell_instant(NOW - 9 * DAY), number="+12025550125"))
    account = await world.api.account("A-1")
    assert account is not None
    assert account.number == "+12025550124"
