"""Text to pay: PAY, CONFIRM, and one intent for one payment."""

from datetime import date
from typing import Any

import pytest

from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    AccountUpdated,
    InvoicePaid,
    InvoiceUpdated,
    PaymentFailed,
)
from gateway.model.clock import DAY
from plugins import text_to_pay
from tests.plugins.story import LINK, NUMBER, Story, usd

FIELDS = {"last4": "0042", "method_last4": "1881"}


async def due(**fields: Any) -> Story:
    """An invoice on its due day, after eleven."""
    story = Story(FakeGateway(text_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(AccountUpdated, fields=FIELDS | fields)
    await story.issue(date(2026, 3, 20))
    await story.to("2026-03-20T16:00:00Z")
    await story.carry()
    return story


async def test_pay_then_confirm_tells_the_client_to_charge() -> None:
    story = await due()
    await story.gateway.answer("pay")
    await story.gateway.answer("confirm")
    assert story.words == [
        "Acme: $52.10 is due Mar 20, 2026 on your account ending in 0042. Reply PAY to pay it with the method you used"
        " last. Reply STOP to opt out.",
        "Acme: reply CONFIRM to pay $52.10 now with the method ending in 1881. Without it nothing is paid."
        " Reply STOP to opt out.",
        "Acme: thank you. Your payment of $52.10 is on its way. A receipt will follow. Reply STOP to opt out.",
    ]
    amount = {"minor": 5210, "currency": "USD"}
    assert story.told == [
        (
            "payment.intent_confirmed",
            {
                "invoice": "I-1",
                "amount": amount,
                "method_last4": "1881",
                "confirmed_at": "2026-03-20T16:00:00.000Z",
            },
        )
    ]


async def test_pay_alone_charges_nothing() -> None:
    story = await due()
    await story.gateway.answer("pay")
    await story.gateway.answer(None, outcome="expired")
    assert story.told == []
    assert story.words[-1] == "Acme: nothing was paid. For help: acme.example/help. Reply STOP to opt out."


@pytest.mark.parametrize(
    ("kind", "fields"), [(InvoicePaid, {"invoice": "I-1"}), (AccountPaid, {}), (AccountClosed, {})]
)
@pytest.mark.parametrize("waits", [False, True])
async def test_who_paid_in_another_way_does_not_hear_that_nothing_was_paid(kind: Any, fields: Any, waits: bool) -> None:
    story = await due()
    await story.gateway.answer("pay")
    await story.carry()
    if waits:
        story.gateway.closed_until = story.gateway.now + DAY
        await story.gateway.answer(None, outcome="expired")
    await story.tell(kind, **fields)
    if not waits:
        await story.gateway.answer(None, outcome="expired")
    assert [name for _, name in story.went] == ["ask", "confirm"]


async def test_two_reprompts_bring_a_person() -> None:
    story = await due()
    await story.gateway.answer("pay")
    await story.gateway.answer(None, outcome="handed_over")
    assert story.told == []  # the gateway itself tells the client
    assert story.words[-1].startswith("Acme: nothing was paid.")


@pytest.mark.parametrize("outcome", ["expired", "opted_out"])
async def test_no_answer_to_the_first_question_says_nothing_more(outcome: Any) -> None:
    story = await due()
    await story.gateway.answer(None, outcome=outcome)
    assert (story.told, len(story.gateway.texts)) == ([], 1)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (InvoicePaid, {"invoice": "I-1"}),
        (InvoiceUpdated, {"invoice": "I-1", "amount": usd(9999)}),
        (AccountUpdated, {"fields": {"method_last4": "9999"}}),
    ],
)
async def test_what_was_confirmed_is_charged_or_nothing(kind: Any, fields: dict[str, Any]) -> None:
    story = await due()
    await story.gateway.answer("pay")
    story.gateway.learn(story.event(kind, **fields))
    await story.gateway.answer("confirm")
    assert story.told == []
    assert story.words[-1].startswith("Acme: nothing was paid.")


async def test_a_consumer_who_confirms_twice_pays_once() -> None:
    story = await due()
    for _ in range(2):
        await story.gateway.say("PAY", NUMBER)
        await story.gateway.answer("confirm")
    assert [kind for kind, _ in story.told] == ["payment.intent_confirmed"]


async def test_after_a_failure_it_can_be_paid_again() -> None:
    story = await due()
    await story.gateway.say("PAY", NUMBER)
    await story.gateway.answer("confirm")
    await story.tell(PaymentFailed, payment="P-1", amount=usd(5210))
    await story.gateway.say("PAGAR", NUMBER)
    await story.gateway.answer("confirm")
    assert [kind for kind, _ in story.told] == ["payment.intent_confirmed"] * 2


@pytest.mark.parametrize("fields", [{"last4": None}, {"method_last4": None}, {"method_last4": "4111111111111111"}])
async def test_without_a_method_on_file_nothing_is_asked(fields: dict[str, Any]) -> None:
    story = await due(**fields)
    assert story.gateway.texts == []
    await story.gateway.say("PAY", NUMBER)
    assert story.words == ["Acme: nothing was paid. For help: acme.example/help. Reply STOP to opt out."]


async def test_without_a_method_on_file_the_link_is_the_answer_to_pay() -> None:
    story = Story(FakeGateway(text_to_pay, now="2026-03-02T15:00:00Z"))
    await story.issue(date(2026, 3, 20), link=LINK)
    await story.gateway.say("PAY", NUMBER)
    assert story.words == [f"Acme: thank you. You can pay $52.10 at {LINK} Reply STOP to opt out."]
    await story.tell(AccountPaid)
    await story.gateway.say("PAY", NUMBER)
    assert story.words[-1].startswith("Acme: nothing was paid.")


async def test_it_is_not_asked_once_paid_nor_for_days_that_are_past() -> None:
    story = Story(FakeGateway(text_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(AccountUpdated, fields=FIELDS)
    await story.issue(date(2026, 3, 20))
    await story.issue(date(2026, 3, 1), invoice="I-2")
    await story.tell(InvoicePaid, invoice="I-1")
    assert story.gateway.jobs == []


async def test_a_keyword_from_a_number_that_nobody_knows_asks_nothing() -> None:
    story = await due()
    await story.gateway.say("PAY", "+12025550199")
    assert len(story.gateway.texts) == 1


async def test_no_text_or_event_holds_more_of_a_method_than_four_digits() -> None:
    story = await due()
    await story.gateway.answer("pay")
    await story.gateway.answer("confirm")
    for words in story.words:
        assert all(len(run) <= 4 for run in words.replace("$52.10", "").split() if run.isdigit())


async def waiting() -> Story:
    """The question was made, and waits for the hours."""
    story = Story(FakeGateway(text_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(AccountUpdated, fields=FIELDS)
    await story.issue(date(2026, 3, 20))
    await story.to("2026-03-20T16:00:00Z")
    return story


async def test_a_question_that_waits_is_asked_anew_with_the_new_amount() -> None:
    story = await waiting()
    await story.tell(InvoiceUpdated, invoice="I-1", amount=usd(9999))
    await story.gateway.advance(0)
    assert [(text.state, text.values["amount"]["minor"]) for text in story.gateway.texts] == [
        ("cancelled", 5210),
        ("queued", 9999),
    ]
    await story.gateway.answer("pay")
    await story.gateway.answer("confirm")
    assert story.told[0][1]["amount"] == {"minor": 9999, "currency": "USD"}


async def test_a_question_that_waits_while_the_due_date_moves_is_asked_on_the_new_day() -> None:
    story = await waiting()
    await story.tell(InvoiceUpdated, invoice="I-1", due_on=date(2026, 3, 25))
    await story.to("2026-03-24T23:00:00Z")
    assert [text.state for text in story.gateway.texts] == ["cancelled"]
    await story.to("2026-03-25T23:00:00Z")
    assert [text.state for text in story.gateway.texts] == ["cancelled", "queued"]


async def test_a_question_that_was_asked_stays_open_and_is_not_asked_again() -> None:
    story = await due()
    await story.issue(date(2026, 3, 20))
    await story.gateway.advance(0)
    assert len(story.gateway.texts) == 1
    await story.gateway.answer("pay")
    assert "CONFIRM" in story.words[-1]
