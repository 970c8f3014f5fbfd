"""Invoices: texts at any place of the chain, and what comes back of them."""

import tomllib
from datetime import date
from typing import Any

import pytest
import trio

from gateway.config.decode import Faults, decode_table
from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    StepCompleted,
    StepFailed,
)
from gateway.model.clock import DAY, HOUR, MINUTE, read_instant, spell_instant
from gateway.model.money import Money
from plugins import invoices
from plugins.invoices import InvoiceSettings
from tests.plugins.life import life_of, lived
from tests.plugins.story import NUMBER, ZONE, Story, usd

DUE = date(2026, 3, 20)
EMAIL = '{ by = "email", until = "clicked", minutes = 60 }'
TEXT = '{ by = "sms", until = "delivered", minutes = 30 }'
LINKED = '{ by = "sms", until = "clicked", minutes = 30 }'


def faults_of(chain: str) -> list[tuple[str, str]]:
    """Keys and fixes of what is wrong with a chain."""
    faults = Faults("plugins.toml")
    decode_table(InvoiceSettings, tomllib.loads(f"chain = [{chain}]"), "settings.invoices", faults)
    return [(fault.key.removeprefix("settings.invoices."), fault.fix) for fault in faults]


def story_of(*chain: str) -> Story:
    faults = Faults("plugins.toml")
    settings = decode_table(InvoiceSettings, tomllib.loads(f"chain = [{', '.join(chain)}]"), "", faults)
    assert list(faults) == []
    return Story(FakeGateway(invoices, settings=settings, now="2026-03-02T15:00:00Z"))


def went(story: Story) -> list[str]:
    """What was begun and not called off, in its order: events out by their kinds, texts by their states."""
    texts = [text.state for text in story.gateway.texts if text.state != "cancelled"]
    return [texts.pop(0) if kind == "step.sms_due" and texts else kind for kind, _ in story.told] + texts


async def settle(story: Story, state: str, place: int = -1) -> None:
    """A text reaches its end, and what is due at once happens."""
    await story.gateway.settle(story.gateway.texts[place].key, state)
    await story.gateway.advance(0)


def step(story: Story, kind: str) -> str:
    """The id of the last event out of a kind."""
    return [event.id for event in story.gateway.events if event.kind == kind][-1]


async def test_a_text_that_is_delivered_ends_the_chain() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    await story.issue(DUE)
    assert [text.template for text in story.gateway.texts] == ["invoices.issued"]
    await settle(story, "delivered")
    await story.gateway.advance(DAY)
    assert went(story) == ["delivered"]


async def test_a_text_that_is_not_delivered_in_time_brings_the_next_channel() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    await story.issue(DUE)
    story.gateway.texts[0].state = "submitted"
    await story.gateway.advance(30 * MINUTE - 1)
    assert went(story) == ["submitted"]
    await story.gateway.advance(1)
    assert went(story) == ["submitted", "step.email_due"]


@pytest.mark.parametrize("state", ["undelivered", "expired", "rejected", "blocked"])
async def test_a_text_that_reaches_nobody_brings_the_next_channel_at_once(state: str) -> None:
    story = story_of(EMAIL, TEXT, '{ by = "voice" }')
    await story.issue(DUE)
    await story.gateway.advance(HOUR)
    await settle(story, state)
    assert went(story) == ["step.email_due", state, "step.voice_due"]
    await story.gateway.advance(DAY)
    assert len(went(story)) == 3


@pytest.mark.parametrize("state", ["cancelled", "unconfirmed"])
async def test_of_a_text_of_which_nothing_is_known_the_time_decides(state: str) -> None:
    story = story_of(TEXT, '{ by = "email" }')
    await story.issue(DUE)
    await settle(story, state)
    assert [kind for kind, _ in story.told] == ["step.sms_due"]
    await story.gateway.advance(30 * MINUTE)
    assert [kind for kind, _ in story.told] == ["step.sms_due", "step.email_due"]


async def test_the_client_answers_what_the_carrier_does_not_know() -> None:
    for outcome, ends in (("delivered", False), ("clicked", True), ("paid", True)):
        story = story_of(LINKED, '{ by = "email" }')
        await story.issue(DUE)
        await settle(story, "delivered")
        await story.tell(StepCompleted, step=step(story, "step.sms_due"), outcome=outcome)
        await story.gateway.advance(DAY)
        assert went(story) == (["delivered"] if ends else ["delivered", "step.email_due"]), outcome


async def test_the_client_may_say_that_a_text_failed() -> None:
    story = story_of(LINKED, '{ by = "email" }')
    await story.issue(DUE)
    await story.tell(StepFailed, step=step(story, "step.sms_due"))
    await story.gateway.advance(0)
    assert [text.state for text in story.gateway.texts] == ["cancelled"]
    assert [kind for kind, _ in story.told] == ["step.sms_due", "step.email_due"]


async def test_an_answer_of_the_channel_before_ends_the_chain_though_its_time_is_over() -> None:
    story = story_of(EMAIL, TEXT, '{ by = "voice" }')
    await story.issue(DUE)
    mail = step(story, "step.email_due")
    await story.gateway.advance(HOUR + MINUTE)
    await story.tell(StepCompleted, step=mail, outcome="opened")  # not far enough
    assert went(story) == ["step.email_due", "queued"]
    await story.tell(StepCompleted, step=mail, outcome="clicked")
    await story.gateway.advance(DAY)
    assert [text.state for text in story.gateway.texts] == ["cancelled"]
    assert [kind for kind, _ in story.told] == ["step.email_due", "step.sms_due"]


async def test_a_failure_of_the_channel_before_is_no_news_of_the_text() -> None:
    story = story_of(EMAIL, TEXT, '{ by = "voice" }')
    await story.issue(DUE)
    await story.gateway.advance(HOUR)
    await story.tell(StepFailed, step=step(story, "step.email_due"))
    await story.gateway.advance(0)
    assert went(story) == ["step.email_due", "queued"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (InvoicePaid, {"invoice": "I-1"}),
        (InvoiceCancelled, {"invoice": "I-1"}),
        (AccountPaid, {}),
        (AccountClosed, {}),
    ],
)
async def test_paid_while_a_text_is_on_its_way_no_channel_follows(kind: Any, fields: dict[str, Any]) -> None:
    for state in ("submitted", "queued"):
        story = story_of(TEXT, '{ by = "email" }')
        await story.issue(DUE)
        story.gateway.texts[0].state = state
        await story.tell(kind, **fields)
        await settle(story, "undelivered")
        await story.gateway.advance(DAY)
        assert [kind for kind, _ in story.told] == ["step.sms_due"]


async def test_paid_one_millisecond_before_a_text_in_the_middle_or_after_it() -> None:
    for before, kinds in ((HOUR, ["step.email_due"]), (HOUR + 30 * MINUTE, ["step.email_due", "step.sms_due"])):
        story = story_of(EMAIL, TEXT, '{ by = "voice" }')
        await story.issue(DUE)
        await story.gateway.advance(before - 1)
        story.gateway.learn(story.event(InvoicePaid, invoice="I-1"))
        await story.gateway.advance(DAY)
        assert [kind for kind, _ in story.told] == kinds
        assert {text.state for text in story.gateway.texts} <= {"cancelled"}


async def test_whatever_is_told_twice_happens_once() -> None:
    story = story_of(TEXT, EMAIL, TEXT, '{ by = "voice" }')
    for _ in range(2):
        await story.issue(DUE)
    for _ in range(2):
        await settle(story, "undelivered", 0)
    for _ in range(2):
        await story.tell(StepFailed, step=step(story, "step.email_due"))
        await story.issue(DUE)
        await story.gateway.advance(0)
    for _ in range(2):
        await settle(story, "delivered", 1)
        await story.issue(DUE)
    await story.gateway.advance(DAY)
    assert went(story) == ["undelivered", "step.email_due", "delivered"]


async def test_what_came_of_a_text_while_the_gateway_was_down_has_five_minutes_to_be_told() -> None:
    for came in (True, False):
        story = story_of(TEXT, '{ by = "email" }')
        await story.issue(DUE)
        story.gateway.texts[0].state = "submitted"
        await story.gateway.advance_to("2026-03-02T20:00:00Z", down=True)
        assert went(story) == ["submitted"]
        await story.gateway.advance(4 * MINUTE)
        if came:
            await settle(story, "delivered")
        await story.gateway.advance(MINUTE)
        assert went(story) == (["delivered"] if came else ["submitted", "step.email_due"])


async def test_a_gateway_that_is_down_again_and_again_goes_on_in_the_end() -> None:
    story = story_of(EMAIL)
    await story.issue(DUE)
    await story.gateway.advance_to("2026-03-02T20:00:00Z", down=True)
    await story.gateway.advance_to("2026-03-02T23:00:00Z", down=True)
    assert [text.template for text in story.gateway.texts] == ["invoices.issued"]


async def test_the_minutes_of_a_text_count_from_the_end_of_the_hours_that_hold_it() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    story.gateway.closed_until = read_instant("2026-03-03T14:00:00Z")
    await story.issue(DUE)
    await story.to("2026-03-03T14:29:59Z")
    assert went(story) == ["held"]
    await story.gateway.settle(story.gateway.texts[0].key, "delivered")
    await story.gateway.advance(DAY)
    assert went(story) == ["delivered"]


async def test_a_text_that_may_not_go_for_days_is_not_waited_for() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    story.gateway.closed_until = story.gateway.now + 2 * DAY + 1
    await story.issue(DUE)
    await story.gateway.advance(0)
    assert [text.state for text in story.gateway.texts] == ["cancelled"]
    await story.gateway.advance(5 * DAY)
    assert [kind for kind, _ in story.told] == ["step.sms_due", "step.email_due"]


async def test_a_text_that_has_not_left_when_its_time_is_up_is_called_off() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    await story.issue(DUE)
    await story.gateway.advance(30 * MINUTE)
    assert [text.state for text in story.gateway.texts] == ["cancelled"]
    assert [kind for kind, _ in story.told] == ["step.sms_due", "step.email_due"]


async def test_without_consent_the_next_channel_is_due_at_once() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    story.gateway.no_consent.add(NUMBER)
    await story.issue(DUE)
    await story.gateway.advance(0)
    assert went(story) == ["blocked", "step.email_due"]


async def test_a_text_that_can_never_be_made_is_told_and_the_next_channel_is_due() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    await story.issue(DUE, amount=Money(5210, "EUR"))
    await story.gateway.advance(DAY)
    assert [kind for kind, _ in story.told] == ["step.sms_due", "handover.requested", "step.email_due"]


@pytest.mark.parametrize("kind", [InvoiceIssued, InvoiceUpdated])
@pytest.mark.parametrize("state", ["delivered", "undelivered"])
async def test_a_text_that_waits_is_said_anew_at_its_place(kind: Any, state: str) -> None:
    story = story_of(EMAIL, TEXT, '{ by = "voice" }')
    await story.issue(DUE)
    await story.gateway.advance(HOUR + 10 * MINUTE)
    await story.tell(kind, invoice="I-1", amount=usd(4000), due_on=DUE)
    await settle(story, "cancelled", 0)  # which the plugin hears of
    assert [(text.state, text.values["amount"]["minor"]) for text in story.gateway.texts] == [
        ("cancelled", 5210),
        ("queued", 4000),
    ]
    await settle(story, state)
    await story.gateway.advance(DAY)
    kinds = ["step.email_due", "step.sms_due", "step.voice_due"]
    assert [kind for kind, _ in story.told] == (kinds if state == "undelivered" else kinds[:2])
    assert len(story.gateway.texts) == 2


async def test_a_text_that_left_is_not_said_anew() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    await story.issue(DUE)
    await story.carry()
    await story.tell(InvoiceUpdated, invoice="I-1", amount=usd(4000))
    await story.gateway.advance(DAY)
    assert len(story.gateway.texts) == 1


async def test_two_texts_of_one_chain_are_two() -> None:
    story = story_of(LINKED, EMAIL, '{ by = "sms" }')
    await story.issue(DUE)
    await settle(story, "delivered")
    await story.gateway.advance(30 * MINUTE)
    await story.gateway.advance(HOUR)
    await settle(story, "delivered")
    assert went(story) == ["delivered", "step.email_due", "delivered"]


async def test_where_the_chain_has_a_text_none_comes_last() -> None:
    story = story_of(TEXT, '{ by = "email" }')
    await story.issue(DUE)
    await settle(story, "undelivered")
    await story.tell(StepFailed, step=step(story, "step.email_due"))
    await story.gateway.advance(DAY)
    assert went(story) == ["undelivered", "step.email_due"]
    assert story.gateway.jobs == []


async def test_answers_after_the_settings_changed_do_no_harm() -> None:
    story = story_of(EMAIL, TEXT, '{ by = "voice" }')
    await story.issue(DUE)
    await story.gateway.advance(HOUR)
    story.gateway.settings = story_of().gateway.settings  # the text alone
    for kind in ("step.email_due", "step.sms_due"):
        await story.tell(StepCompleted, step=step(story, kind), outcome="clicked")
        await story.tell(StepFailed, step=step(story, kind))
    await settle(story, "undelivered")
    await story.gateway.advance(DAY)
    assert went(story) == ["step.email_due", "undelivered"]


@pytest.mark.parametrize(
    ("chain", "key", "fix"),
    [
        ('{ by = "sms", until = "delivered" }, { by = "email" }', "chain[#1].minutes", "give the minutes"),
        ('{ by = "sms" }, { by = "email" }', "chain[#1].until", "give one of delivered"),
        ('{ by = "email" }', "chain[#1].until", "give one of delivered"),
        (f'{EMAIL}, {{ by = "sms", until = "delivered", minutes = 5 }}', "chain[#2].until", "take it away"),
        (f"{TEXT}, {EMAIL}", "chain[#2].minutes", "take it away"),
        ('{ by = "sms", until = "opened", minutes = 5 }, { by = "email" }', "chain[#1].until", "choose delivered"),
        ('{ by = "sms", until = "answered", minutes = 5 }, { by = "email" }', "chain[#1].until", "choose delivered"),
        ('{ by = "pigeon", until = "clicked", minutes = 5 }', "chain[#1].by", "'sms'"),
        ('{ by = "email", until = "seen", minutes = 5 }', "chain[#1].until", "'delivered'"),
        ('{ by = "email", until = "clicked", minutes = 0 }', "chain[#1].minutes", "whole number"),
        ('{ by = "email", untill = "clicked", minutes = 5 }', "chain[#1].untill", "until"),
        (", ".join([EMAIL] * 6), "chain", "a list"),
    ],
)
def test_a_chain_that_makes_no_sense_is_named_with_its_fix(chain: str, key: str, fix: str) -> None:
    found = dict(faults_of(chain))
    assert key in found
    assert fix in found[key]


@pytest.mark.parametrize("chain", ["", EMAIL, f'{EMAIL}, {{ by = "sms" }}', f'{TEXT}, {EMAIL}, {{ by = "voice" }}'])
def test_chains_that_make_sense(chain: str) -> None:
    assert faults_of(chain) == []


async def test_over_a_carrier_a_nightly_run_is_texted_in_the_morning_and_who_has_no_consent_gets_the_mail() -> None:
    chain = [{"by": "sms", "until": "delivered", "minutes": 30}, {"by": "email"}]
    night = read_instant("2026-03-03T08:00:00Z")  # three o'clock where the number is
    with trio.fail_after(120):
        async with life_of(lived(["invoices"], {"invoices": {"chain": chain}}), night) as life:
            await life.consent(NUMBER)
            for number, name in ((NUMBER, "1"), ("+12025550188", "2")):
                fields = {"account": f"A-{name}", "number": number, "zone": ZONE, "program": "servicing"}
                at = spell_instant(night)
                amount = Money(5210, "USD")
                await life.tell(
                    InvoiceIssued(
                        id=f"e{name}", occurred_at=at, invoice=f"I-{name}", amount=amount, due_on=DUE, **fields
                    )
                )
            for half_hours in range(24):
                await life.pass_to(night + half_hours * 30 * MINUTE)
            assert [(spell_instant(text.at)[:16], text.number) for text in life.sent] == [("2026-03-03T14:00", NUMBER)]
            assert [(kind, body["account"]) for kind, body in life.told] == [
                ("step.sms_due", "A-1"),
                ("step.sms_due", "A-2"),
                ("step.email_due", "A-2"),
            ]
