"""What clients tell that they should not: every kind of event to every workflow, on accounts that cannot be texted, twice, in
currencies that no text takes, on the days at the ends of the calendar."""

from typing import Any

import msgspec
import pytest

from gateway.config.decode import Faults, decode_table
from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import EVENT_TYPES, AnyClientEvent, read_event
from gateway.model.clock import DAY, spell_instant
from tests.model.test_client_events import BODIES
from tests.plugins.story import NUMBER, ZONE
from tests.plugins.test_shipped import NAMES, examples, module_of, plugin_of

WORKFLOWS = [name for name in NAMES if plugin_of(name)[0].implements("observe_event")]
EVERY = pytest.mark.parametrize("name", WORKFLOWS)
KINDS = pytest.mark.parametrize("kind", EVENT_TYPES)
LONG = 100 * DAY
NOW = "2026-03-02T15:00:00Z"
# What lies ahead when it is told, so that there is something to be said.
AHEAD: dict[str, dict[str, Any]] = {
    "invoice.issued": {"due_on": "2026-03-16"},
    "invoice.updated": {"due_on": "2026-03-17"},
    "payment.scheduled": {"due_on": "2026-03-16"},
    "account.updated": {"fields": {"last4": "1234", "method_last4": "5678"}},
}


@pytest.fixture
def gateway(name: str, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    return begin(name, monkeypatch)


def begin(name: str, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> FakeGateway:
    """A gateway with the plugin as conf/plugins.toml shows it."""
    monkeypatch.setenv("ASSENT_PORTAL_KEY", "x" * 32)
    faults = Faults("plugins.toml")
    settings = decode_table(plugin_of(name)[1], examples()[name] | changes, name, faults)
    assert list(faults) == []
    return FakeGateway(module_of(name), settings=settings, now=NOW, client="demo")


def event(gateway: FakeGateway, kind: str, **changes: Any) -> AnyClientEvent:
    body = BODIES[kind] | AHEAD.get(kind, {})
    about = {
        "id": f"{kind}/{len(changes)}",
        "occurred_at": spell_instant(gateway.now),
        "account": "A-1",
        "number": NUMBER,
    }
    return read_event(msgspec.json.encode({"type": kind, "zone": ZONE} | about | body | changes))


def said(gateway: FakeGateway) -> tuple[list[tuple[str | None, str]], list[str]]:
    """What went or waits, and what the client heard."""
    texts = [(text.template, text.text) for text in gateway.texts if text.state != "cancelled"]
    return texts, [told.kind for told in gateway.events]


@EVERY
@KINDS
async def test_nothing_is_said_or_begun_about_a_closed_account(name: str, kind: str, gateway: FakeGateway) -> None:
    before = spell_instant(gateway.now - 1)
    await gateway.post(event(gateway, "account.updated", occurred_at=before), event(gateway, "account.closed"))
    await gateway.post(event(gateway, kind, occurred_at=before if kind.startswith("invoice") else NOW))
    await gateway.advance(LONG)
    assert gateway.texts == []
    assert gateway.dialogs == []


@EVERY
@KINDS
async def test_an_account_whose_number_nobody_told_is_texted_nowhere(
    name: str, kind: str, gateway: FakeGateway
) -> None:
    await gateway.post(event(gateway, "account.updated", number=None), event(gateway, kind, number=None))
    await gateway.advance(LONG)
    assert gateway.texts == []


@EVERY
@KINDS
async def test_told_twice_it_is_said_once(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = []
    for times in (1, 2):
        gateway = begin(name, monkeypatch)
        for told in ("account.updated", "invoice.issued", kind):
            await gateway.post(*[event(gateway, told)] * times)
            await gateway.advance(0)
        await gateway.advance(LONG)
        outcomes.append(said(gateway))
    assert outcomes[0] == outcomes[1]


@EVERY
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
async def test_no_amount_is_said_in_a_currency_that_the_template_does_not_take(
    name: str, currency: str, gateway: FakeGateway
) -> None:
    amount = {"minor": 5210, "currency": currency}
    await gateway.post(event(gateway, "account.updated", balance=amount))
    for kind in ("invoice.issued", "payment.scheduled", "payment.failed", "promise.made"):
        await gateway.post(event(gateway, kind, amount=amount))
    part = amount | {"minor": 5200}
    await gateway.post(event(gateway, "payment.posted", amount=part, balance=amount))
    await gateway.advance(LONG)
    assert [text.text for text in gateway.texts if "52" in text.text] == []
    reasons = {told.data["reason"] for told in gateway.events if told.kind == "handover.requested"}
    if name in (
        "invoices",
        "payment_receipts",
        "payment_reminders",
        "failure_notices",
        "promise_to_pay",
        "text_to_pay",
    ):
        assert "text_impossible" in reasons


@EVERY
async def test_an_answer_to_what_was_no_step_changes_nothing(name: str, gateway: FakeGateway) -> None:
    amount = {"minor": 5210, "currency": "EUR"}
    for kind in ("invoice.issued", "payment.scheduled", "payment.failed", "promise.made"):
        await gateway.post(event(gateway, kind, amount=amount))
    await gateway.advance(LONG)
    handovers = [told.id for told in gateway.events if told.kind == "handover.requested"]
    before = (gateway.texts.copy(), gateway.events.copy(), gateway.jobs)
    for step in handovers:
        for outcome in ("clicked", "answered"):
            await gateway.post(event(gateway, "step.completed", step=step, outcome=outcome, answer="1"))
        await gateway.post(event(gateway, "step.failed", step=step))
    assert (gateway.texts, gateway.events, gateway.jobs) == before


@EVERY
@pytest.mark.parametrize("day", ["1970-01-02", "2026-03-08", "2026-11-01", "2028-02-29", "2199-12-30"])
@pytest.mark.parametrize("kind", ["invoice.issued", "payment.scheduled", "promise.made"])
async def test_any_day_of_the_calendar_can_be_told(
    name: str, day: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    awkward = {"time": "02:30"} if "time" in plugin_of(name)[1].__struct_fields__ else {}
    gateway = begin(name, monkeypatch, **awkward)
    await gateway.post(event(gateway, "account.updated"), event(gateway, kind, due_on=day))
    await gateway.advance(LONG)
    assert all(told.data["reason"] != "text_impossible" for told in gateway.events if told.kind == "handover.requested")
