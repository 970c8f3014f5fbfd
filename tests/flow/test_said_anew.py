"""A reminder that waits while its invoice changes is called off and said anew: once, wherever the gateway stops in between."""

from datetime import date
from typing import Any

import pytest

from gateway.config.templates import read_template_files
from gateway.flow.plugin_api import PluginApi
from gateway.flow.plugins import Plugins
from gateway.hooks.plugin import Plugin
from gateway.model.client_events import ClientEvent, InvoiceIssued, InvoiceUpdated
from gateway.model.clock import SECOND, read_instant, spell_instant
from gateway.model.money import Money
from gateway.store.notices import Intake
from plugins import payment_reminders
from tests.web.estate import NUMBER, Estate, open_estate

TEN = read_instant("2026-03-17T15:00:00Z")
"""Ten in the morning in Chicago, three days before the due date."""


def reminders() -> Plugin:
    plugin = Plugin("payment_reminders", payment_reminders)
    plugin.settings = payment_reminders.ReminderSettings()
    return plugin


async def begin(estate: Estate, instant: int) -> Plugins:
    estate.clock.instant = instant
    running = estate.doors.plugins
    (plugin,) = running.host.plugins
    files, _ = read_template_files(plugin.templates, "payment_reminders", "payment_reminders.")
    await estate.templates.load(files)
    await running.open()
    return running


async def tell(estate: Estate, *events: ClientEvent) -> None:
    await estate.store.receive_events([Intake("acme", event, estate.clock()) for event in events])


async def go_on(running: Plugins) -> None:
    for _ in range(3):
        await running.jobs.once()
        for observer in running.observers.values():
            await observer.once()


class Stopped(Exception):
    """The process ends here."""


@pytest.mark.parametrize("stops", ["never", "before", "after"])
@pytest.mark.parametrize("restarts", [True, False])
async def test_it_goes_once_with_the_new_amount(monkeypatch: pytest.MonkeyPatch, stops: str, restarts: bool) -> None:
    cancel, armed = PluginApi.cancel, [stops]

    async def cut(api: PluginApi, key: str, **fields: Any) -> int:
        if key.endswith("/said") and armed == ["before"]:
            armed.clear()
            raise Stopped
        count = await cancel(api, key, **fields)
        if key.endswith("/said") and armed == ["after"]:
            armed.clear()
            raise Stopped
        return count

    async with open_estate([reminders()]) as estate:
        running = await begin(estate, TEN - SECOND)
        await estate.consent()
        told: dict[str, Any] = {"account": "A", "program": "servicing", "zone": "America/Chicago", "invoice": "I"}
        at = spell_instant(estate.clock())
        due, amount = date(2026, 3, 20), Money(5210, "USD")
        await tell(estate, InvoiceIssued(id="e1", occurred_at=at, number=NUMBER, amount=amount, due_on=due, **told))
        await go_on(running)
        estate.clock.instant = TEN
        await go_on(running)

        monkeypatch.setattr(PluginApi, "cancel", cut)
        at = spell_instant(estate.clock())
        await tell(estate, InvoiceUpdated(id="e2", occurred_at=at, amount=Money(2000, "USD"), **told))
        await go_on(running)
        if restarts:
            estate = Estate(estate.store, estate.directory, [reminders()])
            running = await begin(estate, TEN)
        estate.clock.instant = TEN + SECOND  # after the first pause before it is told again
        await go_on(running)
        (waits,) = await estate.claim()
        assert "$20.00" in waits.text
        assert armed == (["never"] if stops == "never" else [])
        await go_on(running)
        assert await estate.claim() == ()
