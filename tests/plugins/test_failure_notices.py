"""Failure notices: failed and returned payments, each told in its own words."""

from datetime import date
from typing import Any

import pytest

from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    InvoiceIssued,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
)
from gateway.model.clock import DAY, spell_instant
from plugins import failure_notices
from tests.plugins.story import LINK, Story, usd

BOTH = pytest.mark.parametrize("kind", [PaymentFailed, PaymentNsf])


@pytest.fixture
def story() -> Story:
    return Story(FakeGateway(failure_notices, now="2026-03-02T15:00:00Z"))


async def test_a_failed_payment_is_told_with_the_day_of_the_next_try(story: Story) -> None:
    await story.tell(PaymentFailed, payment="P-1", amount=usd(5210), retry_on=date(2026, 3, 5), reason="card.expired")
    assert story.words == [
        "Acme: your payment of $52.10 on Mar 2, 2026 did not go through. We will try it again on Mar 5, 2026."
        " Reply STOP to opt out."
    ]


async def test_a_returned_payment_has_its_own_words(story: Story) -> None:
    await story.tell(InvoiceIssued, invoice="I-1", amount=usd(5210), due_on=date(2026, 3, 1), link=LINK)
    await story.tell(PaymentNsf, payment="P-1", amount=usd(5210), invoice="I-1")
    assert story.words == [
        "Acme: your bank returned the payment of $52.10 on Mar 2, 2026."
        f" To pay another way, go to {LINK} Reply STOP to opt out."
    ]


@BOTH
async def test_a_retry_that_is_past_is_not_spoken_of(story: Story, kind: Any) -> None:
    await story.tell(kind, payment="P-1", amount=usd(5210), retry_on=date(2026, 3, 1))
    assert "again" not in story.words[0]


@BOTH
async def test_told_twice_it_is_one_notice_and_a_second_attempt_another(story: Story, kind: Any) -> None:
    event: Any = await story.tell(kind, payment="P-1", amount=usd(5210))
    await story.gateway.post(event)
    await story.tell(kind, payment="P-1", amount=usd(5210))
    assert len(story.gateway.texts) == 1
    await story.gateway.advance(3 * DAY)
    await story.tell(kind, payment="P-1", amount=usd(5210))
    assert len(story.gateway.texts) == 2


@BOTH
async def test_a_payment_that_came_through_after_all_is_not_told_as_failed(story: Story, kind: Any) -> None:
    at = story.gateway.now
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210), occurred_at=spell_instant(at))
    await story.tell(kind, payment="P-1", amount=usd(5210), occurred_at=spell_instant(at - 1))
    assert story.gateway.texts == []


@BOTH
@pytest.mark.parametrize(
    ("end", "fields"),
    [
        (PaymentPosted, {"payment": "P-1", "amount": usd(5210)}),
        (PaymentCancelled, {"payment": "P-1"}),
        (AccountPaid, {}),
        (AccountClosed, {}),
    ],
)
async def test_a_notice_that_waits_is_called_off(story: Story, kind: Any, end: Any, fields: dict[str, Any]) -> None:
    await story.tell(kind, payment="P-1", amount=usd(5210))
    await story.tell(end, **fields)
    assert [text.state for text in story.gateway.texts] == ["cancelled"]


@BOTH
@pytest.mark.parametrize(
    ("end", "fields"),
    [
        (PaymentPosted, {"payment": "P-1", "amount": usd(5210), "balance": usd(0)}),
        (PaymentCancelled, {"payment": "P-1"}),
        (AccountPaid, {}),
        (AccountClosed, {}),
    ],
)
async def test_an_older_word_that_is_told_again_calls_nothing_off(
    story: Story, kind: Any, end: Any, fields: dict[str, Any]
) -> None:
    now = story.gateway.now
    issued = {"invoice": "I-1", "amount": usd(5210), "due_on": date(2026, 3, 20)}
    await story.tell(InvoiceIssued, **issued, occurred_at=spell_instant(now - 1))  # opens the account that was closed
    await story.tell(kind, payment="P-1", amount=usd(5210))
    await story.tell(end, **fields, occurred_at=spell_instant(now - 2))
    assert [text.state for text in story.gateway.texts] == ["queued"]


async def test_the_payment_that_had_paid_the_account_bounces(story: Story) -> None:
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210), balance=usd(0))
    await story.gateway.advance(3 * DAY)
    await story.tell(PaymentNsf, payment="P-1", amount=usd(5210))
    assert [text.state for text in story.gateway.texts] == ["queued"]


@BOTH
async def test_nothing_is_said_of_what_is_old_closed_or_nothing(story: Story, kind: Any) -> None:
    now = story.gateway.now
    await story.tell(kind, payment="P-1", amount=usd(5210), occurred_at=spell_instant(now - 3 * DAY - 1))
    await story.tell(kind, payment="P-2", amount=usd(0))
    await story.tell(AccountPaid, occurred_at=spell_instant(now))
    await story.tell(kind, payment="P-3", amount=usd(5210), occurred_at=spell_instant(now - 1))
    await story.tell(AccountClosed)
    await story.tell(kind, payment="P-4", amount=usd(5210))
    assert story.gateway.texts == []
