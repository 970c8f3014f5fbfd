"""Receipts: one for each payment."""

from datetime import date
from itertools import permutations
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
from gateway.model.clock import DAY, HOUR, read_instant, spell_instant
from gateway.model.money import Money
from plugins import payment_receipts
from plugins.payment_receipts import ReceiptSettings
from tests.plugins.story import Story, usd

START = "2026-03-02T03"


@pytest.fixture
def story() -> Story:
    return Story(FakeGateway(payment_receipts, now=f"{START}:00:00Z"))


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


async def test_one_that_waits_is_called_off_when_the_account_is_closed(story: Story) -> None:
    story.gateway.closed_until = story.gateway.now + 9 * HOUR
    await story.issue(date(2026, 4, 1))
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    await story.tell(AccountClosed, occurred_at=spell_instant(story.gateway.now - 1))  # it was opened again since
    assert receipts(story) == ["held"]
    await story.tell(AccountClosed)
    assert receipts(story) == ["cancelled"]


async def present(story: Story, hour: int, kind: Any = PaymentPosted, **fields: Any) -> Any:
    """The payment P-1, so many hours after the story began."""
    at = read_instant(f"{START}:00:00Z") + hour * HOUR
    await story.gateway.advance_to(max(at, story.gateway.now))
    await story.carry()
    return await story.tell(kind, payment="P-1", amount=usd(5210), occurred_at=spell_instant(at), **fields)


def receipts(story: Story) -> list[str]:
    """What became of each."""
    return [text.state for text in story.gateway.texts]


@pytest.mark.parametrize("kind", [PaymentNsf, PaymentFailed])
async def test_a_payment_that_came_back_and_is_posted_again_has_a_new_receipt(story: Story, kind: Any) -> None:
    await present(story, 0)
    await present(story, 24, kind)
    again = await present(story, 60)
    assert receipts(story) == ["delivered", "queued"]
    assert "on Mar 4, 2026" in story.words[1]
    await story.gateway.post(again)
    await present(story, 60)
    await present(story, 61)
    assert receipts(story) == ["delivered", "delivered"]
    await present(story, 70, kind)
    await present(story, 80)
    await present(story, 80)
    assert len(receipts(story)) == 3


async def test_told_again_in_another_order_a_payment_that_came_back_has_no_receipt_more(story: Story) -> None:
    events = [await present(story, 0), await present(story, 24, PaymentNsf), await present(story, 60)]
    for order in permutations(events):
        for event in order:
            await story.gateway.post(event)
    assert len(receipts(story)) == 2


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_in_whatever_order_it_is_told_a_payment_has_a_receipt_for_each_time_at_most(
    story: Story, order: tuple[int, ...]
) -> None:
    told: Any = [(PaymentPosted, 0), (PaymentNsf, 24), (PaymentPosted, 48)]
    for _ in range(3):
        for place in order:
            kind, hour = told[place]
            await present(story, hour, kind)
    assert 1 <= len(receipts(story)) <= 2


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(PaymentNsf, {"amount": usd(5210)}), (PaymentFailed, {"amount": usd(5210)}), (PaymentCancelled, {})],
)
async def test_a_receipt_that_was_called_off_is_none_of_the_payment_that_is_posted_again(
    story: Story, kind: Any, fields: dict[str, Any]
) -> None:
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    await story.gateway.advance(HOUR)
    await story.tell(kind, payment="P-1", **fields)
    await story.gateway.advance(HOUR)
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210))
    assert receipts(story) == ["cancelled", "queued"]


async def test_a_failed_attempt_that_is_told_late_brings_no_second_receipt(story: Story) -> None:
    await present(story, 24)
    await present(story, 0, PaymentFailed)
    await present(story, 24)
    await present(story, 25)
    assert len(receipts(story)) == 1


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
