"""What only the fake has: playing the world to a plugin."""

from datetime import date
from typing import Any

import pytest

from gateway.hooks.fake import FakeGateway
from gateway.hooks.plugin import NotAPlugin
from gateway.model.client_events import AccountPaid, AccountUpdated
from gateway.model.clock import HOUR
from gateway.model.money import Money
from tests.hooks import sample, zoo

NUMBER = "+12025550123"


@pytest.fixture
def gateway() -> FakeGateway:
    sample.calls.clear()
    return FakeGateway(sample)


def event(locale: str = "en") -> AccountUpdated:
    return AccountUpdated(
        id="e1", occurred_at="2026-03-02T15:00:00Z", account="A", number=NUMBER, locale=locale, due_on=date(2026, 3, 9)
    )


async def test_a_plugin_is_told_of_events_and_of_the_jobs_that_it_made_of_them(gateway: FakeGateway) -> None:
    await gateway.post(event())
    assert [job.key for job in gateway.jobs] == ["A/after"]
    await gateway.advance(HOUR)
    assert [kind for kind, _ in sample.calls] == ["event", "job"]
    assert sample.calls[1][1].payload == {"event": "e1"}


async def test_a_plugin_is_told_of_events_of_the_types_that_it_declared() -> None:
    told: list[str] = []

    async def hears(event: AccountUpdated) -> None:
        told.append(event.id)

    gateway = FakeGateway(zoo.animal("animal", declare_events=lambda: ["account.paid"], observe_event=hears))
    await gateway.post(event(), AccountPaid(id="e2", occurred_at="2026-03-02T15:00:00Z", account="A"))
    assert told == ["e2"]
    assert await gateway.account("A") is not None


async def test_a_text_is_made_of_the_plugins_own_template(gateway: FakeGateway) -> None:
    gateway.learn(event())
    await gateway.open_dialog(
        "d", "menu", account="A", category="servicing", values={"amount": Money(5210, "USD")}, payload={"n": 1}
    )
    (text,) = gateway.texts
    assert (text.template, text.text) == ("sample.menu", "Pay $52.10 1 now, 2 later? Reply STOP to opt out.")
    await gateway.answer("now")
    (answer,) = [told for kind, told in sample.calls if kind == "answer"]
    assert (answer.choice, answer.key, answer.payload) == ("now", "d", {"n": 1})


async def test_a_keyword_is_told_with_the_account_that_has_the_number(gateway: FakeGateway) -> None:
    gateway.learn(event())
    await gateway.say("pay", NUMBER)
    await gateway.say("pay", "+12025550199")
    assert [told.account for _, told in sample.calls] == ["A", None]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"declare_events": lambda: ("invoice.payed",)}, "'invoice.payed', which there is not"),
        ({"declare_events": lambda: "invoice.paid"}, "declare_events returns what it must not"),
        ({"declare_keywords": lambda: ("STOP",)}, "the keyword 'STOP', which the gateway reserves"),
    ],
)
def test_what_would_stop_the_start_stops_the_test(declared: dict[str, Any], told: str) -> None:
    with pytest.raises(NotAPlugin, match=told):
        FakeGateway(zoo.animal("wrong", observe_event=zoo.raises, **declared))
