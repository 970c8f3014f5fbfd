"""Invoices: one channel after the other, and texts at any place."""

from datetime import date
from typing import Any

import pytest

from gateway.hooks import Anew
from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountPaid,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    StepCompleted,
    StepFailed,
)
from gateway.model.clock import DAY, HOUR, MINUTE, spell_instant
from plugins import invoices
from plugins.invoices import Channel, InvoiceSettings
from tests.plugins.story import LINK, Story, usd

DUE = date(2026, 3, 20)
CHAIN = (
    Channel(by="email", until="clicked", minutes=1),
    Channel(by="whatsapp", until="delivered", minutes=5),
)


def story_of(*chain: Channel) -> Story:
    settings = InvoiceSettings(chain=chain)
    return Story(FakeGateway(invoices, settings=settings, now="2026-03-02T15:00:00Z"))


@pytest.fixture
def story() -> Story:
    return story_of(*CHAIN)


async def fail(story: Story, place: int) -> None:
    """A step fails, and what is due at once happens."""
    await story.tell(StepFailed, step=story.gateway.events[place].id)
    await story.gateway.advance(0)


async def test_an_e_mail_is_due_first_and_carries_what_it_is_about(story: Story) -> None:
    await story.issue(DUE, link=LINK)
    amount = {"minor": 5210, "currency": "USD"}
    assert story.told == [
        ("step.email_due", {"invoice": "I-1", "place": 0, "amount": amount, "due_on": "2026-03-20", "link": LINK})
    ]
    assert story.gateway.texts == []


async def test_unanswered_the_next_channel_is_due_and_the_text_last(story: Story) -> None:
    await story.issue(DUE, link=LINK)
    await story.gateway.advance(MINUTE)
    assert [kind for kind, _ in story.told] == ["step.email_due", "step.whatsapp_due"]
    await story.gateway.advance(5 * MINUTE)
    assert story.words == [
        f"Acme: your invoice of $52.10 is ready and due Mar 20, 2026. See it at {LINK} Reply STOP to opt out."
    ]


@pytest.mark.parametrize(
    ("outcome", "ends"), [("delivered", False), ("opened", False), ("clicked", True), ("paid", True)]
)
async def test_a_step_that_got_far_enough_ends_the_chain(story: Story, outcome: str, ends: bool) -> None:
    await story.issue(DUE)
    await story.tell(StepCompleted, step=story.gateway.events[0].id, outcome=outcome)
    await story.gateway.advance(HOUR)
    assert (story.gateway.texts == []) is ends
    assert len(story.told) == (1 if ends else 2)


async def test_a_step_that_failed_brings_the_next_channel_at_once(story: Story) -> None:
    await story.issue(DUE)
    await fail(story, 0)
    await fail(story, 1)
    assert [text.template for text in story.gateway.texts] == ["invoices.issued"]
    await story.gateway.advance(HOUR)
    assert (len(story.told), len(story.gateway.texts)) == (2, 1)


async def test_an_answer_about_one_invoice_leaves_the_other_alone(story: Story) -> None:
    await story.issue(DUE, invoice="I-1")
    await story.issue(DUE, invoice="I-2", amount=usd(99))
    await story.tell(StepCompleted, step=story.gateway.events[1].id, outcome="clicked")
    await story.gateway.advance(HOUR)
    assert [text.values["amount"]["minor"] for text in story.gateway.texts] == [5210]


class Counting(FakeGateway):
    """Counts what is called off."""

    looks = 0

    async def cancel(self, key: str, *, anew: Anew | None = None) -> int:
        self.looks += 1
        return await super().cancel(key, anew=anew)


async def test_an_answer_is_looked_for_at_its_invoice_alone_however_many_are_open() -> None:
    gateway = Counting(invoices, settings=InvoiceSettings(chain=CHAIN), now="2026-03-02T15:00:00Z")
    story = Story(gateway)
    for number in range(50):
        await story.issue(DUE, invoice=f"I-{number}", amount=usd(number + 1))
    gateway.looks = 0
    await fail(story, 49)
    assert gateway.looks == 1
    assert story.told[-1] == ("step.whatsapp_due", story.told[49][1] | {"place": 1})


async def test_one_channel_twice_is_two_steps() -> None:
    mail = Channel(by="email", until="clicked", minutes=1)
    story = story_of(mail, mail)
    await story.issue(DUE)
    await story.gateway.advance(MINUTE)
    await fail(story, 0)  # it was over
    assert len(story.told) == 2
    await fail(story, 1)
    assert [text.template for text in story.gateway.texts] == ["invoices.issued"]


async def test_answers_about_steps_that_nobody_knows_change_nothing(story: Story) -> None:
    await story.issue(DUE)
    await story.tell(StepCompleted, step="out_unknown", outcome="clicked")
    await story.tell(StepFailed, step="out_unknown")
    await story.tell(StepCompleted, step=story.gateway.events[0].id, outcome="glanced_at")
    await story.tell(StepFailed, step=story.gateway.events[0].id, account="A-9")
    await story.gateway.advance(HOUR)
    assert len(story.gateway.texts) == 1


@pytest.mark.parametrize(
    ("kind", "fields"), [(InvoicePaid, {"invoice": "I-1"}), (InvoiceCancelled, {"invoice": "I-1"}), (AccountPaid, {})]
)
async def test_a_settled_invoice_needs_no_further_channel(story: Story, kind: Any, fields: dict[str, Any]) -> None:
    await story.issue(DUE)
    await story.tell(kind, **fields)
    assert story.gateway.jobs == []
    await story.gateway.advance(HOUR)
    assert (len(story.told), story.gateway.texts) == (1, [])


@pytest.mark.parametrize("kind", [InvoicePaid, InvoiceCancelled])
async def test_an_older_word_about_the_invoice_calls_nothing_off(story: Story, kind: Any) -> None:
    await story.issue(DUE)
    await story.tell(kind, invoice="I-1", occurred_at=spell_instant(story.gateway.now - 1))
    assert len(story.gateway.jobs) == 1


async def test_paid_one_millisecond_before_the_text(story: Story) -> None:
    await story.issue(DUE)
    await story.gateway.advance(6 * MINUTE - 1)
    story.gateway.learn(story.event(InvoicePaid, invoice="I-1"))
    await story.gateway.advance(MINUTE)
    assert story.gateway.texts == []


async def test_without_a_chain_the_text_goes_at_once() -> None:
    story = story_of()
    await story.issue(DUE)
    assert story.words == ["Acme: your invoice of $52.10 is ready and due Mar 20, 2026. Reply STOP to opt out."]


async def test_told_twice_it_is_one_chain(story: Story) -> None:
    event: Any = await story.issue(DUE)
    await story.gateway.post(event)
    await story.gateway.advance(HOUR)
    assert (len(story.told), len(story.gateway.texts)) == (2, 1)


async def test_invoices_of_the_past_are_not_told_of(story: Story) -> None:
    old = spell_instant(story.gateway.now - 3 * DAY - 1)
    await story.tell(InvoiceIssued, invoice="I-1", amount=usd(1), due_on=DUE, occurred_at=old)
    await story.tell(InvoiceIssued, invoice="I-2", amount=usd(0), due_on=DUE)
    assert story.told == []


@pytest.mark.parametrize("after", [0, MINUTE, 6 * MINUTE, DAY])
async def test_issued_again_under_another_event_nothing_is_sent_again(story: Story, after: int) -> None:
    await story.issue(DUE)
    await story.gateway.advance(after)
    await story.carry()
    await story.issue(DUE)
    await story.gateway.advance(DAY)
    assert [kind for kind, _ in story.told] == ["step.email_due", "step.whatsapp_due"]
    assert [(text.template, text.at) for text in story.gateway.texts] == [
        ("invoices.issued", story.gateway.now - DAY - after + 6 * MINUTE)
    ]


async def test_issued_again_after_its_step_had_its_answer_the_chain_has_ended(story: Story) -> None:
    await story.issue(DUE)
    await story.tell(StepCompleted, step=story.gateway.events[0].id, outcome="clicked")
    await story.issue(DUE)
    await story.gateway.advance(DAY)
    assert (len(story.told), story.gateway.texts) == (1, [])


@pytest.mark.parametrize("kind", [InvoiceIssued, InvoiceUpdated])
async def test_a_text_that_waits_is_said_anew_with_the_new_amount(kind: Any) -> None:
    story = story_of()
    await story.issue(DUE)
    await story.tell(kind, invoice="I-1", amount=usd(4000), due_on=DUE)
    await story.gateway.advance(0)
    assert [(text.state, text.values["amount"]["minor"]) for text in story.gateway.texts] == [
        ("cancelled", 5210),
        ("queued", 4000),
    ]
    await story.carry()
    await story.tell(kind, invoice="I-1", amount=usd(3000), due_on=DUE)
    await story.gateway.advance(DAY)
    assert len(story.gateway.texts) == 2


async def test_what_is_said_of_an_invoice_that_was_never_issued_begins_nothing(story: Story) -> None:
    await story.tell(InvoiceUpdated, invoice="I-1", amount=usd(4000), due_on=DUE)
    await story.gateway.advance(DAY)
    assert (story.told, story.gateway.texts) == ([], [])
