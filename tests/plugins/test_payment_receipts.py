"""Receipts: one for each payment."""

from datetime import date
from typing import Any

import pytest

from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    PaymentCancelled,
    PaymentFailed,
    PaymentNsf,
    PaymentPosted,
)
from gateway.model.clock import DAY, spell_instant
from gateway.model.money import Money
from plugins import payment_receipts
from plugins.payment_receipts import ReceiptSettings
from tests.plugins.story import Story, usd


@pytest.fixture
def story() -> Story:
    return Story(FakeGateway(payment_receipts, now="2026-03-02T03:00:00Z"))


async def test_a_receipt_follows_a_payment(story: Story) -> None:
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    # It is still the first of March in Chicago.
    assert story.words == ["Acme: we received your payment of $52.10 on Mar 1, 2026. Thank you. Reply STOP to opt out."]


async def test_the_day_of_posting_is_the_clients(story: Story) -> None:
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210), posted_on=date(2026, 2, 28))
    assert "on Feb 28, 2026" in story.words[0]


async def test_a_payment_told_twice_has_one_receipt(story: Story) -> None:
    event: Any = await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    await story.gateway.post(event)
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    assert len(story.gateway.texts) == 1


async def test_two_payments_have_two_receipts_and_accounts_do_not_meet(story: Story) -> None:
    await story.tell(PaymentPosted, payment="P-1", amount=usd(1))
    await story.tell(PaymentPosted, payment="P-2", amount=usd(1))
    await story.tell(PaymentPosted, payment="P-1", amount=usd(1), account="A-2")
    assert len(story.gateway.texts) == 3


async def test_the_last_payment_has_its_receipt_though_nothing_is_owed_any_more(story: Story) -> None:
    await story.tell(AccountPaid)
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210), balance=usd(0))
    assert [text.state for text in story.gateway.texts] == ["queued"]


async def test_none_goes_to_a_closed_account(story: Story) -> None:
    await story.tell(AccountClosed)
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    assert story.gateway.texts == []


async def test_none_goes_for_a_payment_that_bounced_before_it_was_told(story: Story) -> None:
    at = story.gateway.now
    await story.tell(PaymentNsf, payment="P-1", amount=usd(5210), occurred_at=spell_instant(at))
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210), occurred_at=spell_instant(at - 1))
    assert story.gateway.texts == []


async def test_one_that_waits_is_called_off_when_the_payment_bounces(story: Story) -> None:
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    await story.tell(PaymentNsf, payment="P-1", amount=usd(5210))
    assert [text.state for text in story.gateway.texts] == ["cancelled"]


@pytest.mark.parametrize("kind", [PaymentFailed, PaymentNsf])
async def test_an_older_failure_that_is_told_again_calls_no_receipt_off(story: Story, kind: Any) -> None:
    before = spell_instant(story.gateway.now - 1)
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    await story.tell(kind, payment="P-1", amount=usd(5210), occurred_at=before)
    await story.tell(PaymentCancelled, payment="P-1", occurred_at=before)
    assert [text.state for text in story.gateway.texts] == ["queued"]


async def test_payments_of_the_past_get_none(story: Story) -> None:
    old = spell_instant(story.gateway.now - 3 * DAY - 1)
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210), occurred_at=old)
    await story.tell(PaymentPosted, payment="P-2", amount=usd(0))
    assert story.gateway.texts == []


@pytest.mark.parametrize(
    ("payment", "shown"), [("CHK-1009", "Reference: CHK-1009."), ("a b", ""), ("x" * 21, ""), ("Ñ1", "")]
)
async def test_the_reference_is_shown_where_wanted_and_fit(payment: str, shown: str) -> None:
    story = Story(FakeGateway(payment_receipts, settings=ReceiptSettings(show_reference=True)))
    await story.tell(PaymentPosted, payment=payment, amount=usd(5210))
    assert ("Reference" in story.words[0]) == bool(shown)
    assert shown in story.words[0]


async def test_an_amount_that_cannot_be_said_is_told_to_the_client(story: Story) -> None:
    await story.tell(PaymentPosted, payment="P-1", amount=Money(5210, "EUR"))
    assert story.gateway.texts == []
    ((kind, data),) = story.told
    assert (kind, data["reason"], data["field"]) == ("handover.requested", "text_impossible", "values.amount")
