"""Promises to pay: the question, the reminder, the verdict."""

from datetime import date
from typing import Any

import pytest

from gateway.hooks import Submitted
from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountPaid,
    InvoiceCancelled,
    InvoicePaid,
    PaymentNsf,
    PaymentPosted,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
)
from gateway.model.clock import spell_instant
from plugins import promise_to_pay
from plugins.promise_to_pay import PromiseSettings
from tests.plugins.story import LINK, Story, usd


async def asked(**invoice: Any) -> Story:
    """The question is open."""
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.issue(date(2026, 1, 16), **invoice)
    values = {"amount": usd(5210), "due_date": date(2026, 1, 16)}
    opened = await story.gateway.open_dialog(
        "q", "when", account="A-1", category="servicing", values=values, payload={"invoice": "I-1"}, unless_paid=True
    )
    assert isinstance(opened, Submitted)
    await story.carry()
    return story


async def test_the_question_names_five_answers() -> None:
    story = await asked()
    assert story.words == [
        "Acme: $52.10 has been due since Jan 16, 2026. When can you pay? Reply 1 now, 2 tomorrow, 3 in 7 days,"
        " 4 in 14 days, 5 talk to a person. Reply STOP to opt out."
    ]


@pytest.mark.parametrize(
    ("choice", "day", "spelt", "reminded"),
    [
        ("tomorrow", "2026-03-03", "Mar 3, 2026", "2026-03-03T16:00"),
        ("week", "2026-03-09", "Mar 9, 2026", "2026-03-08T15:00"),
        ("fortnight", "2026-03-16", "Mar 16, 2026", "2026-03-15T15:00"),
    ],
)
async def test_a_promise_is_told_thanked_for_and_reminded_of(choice: str, day: str, spelt: str, reminded: str) -> None:
    story = await asked(link=LINK)
    await story.gateway.answer(choice)
    amount = {"minor": 5210, "currency": "USD"}
    ((kind, data),) = story.told
    assert kind == "promise.made"
    assert data | {"promise": ""} == {"promise": "", "invoice": "I-1", "amount": amount, "due_on": day}
    assert story.words[-1] == (
        f"Acme: thank you. We noted $52.10 for {spelt}. We will send you a reminder before then. Reply STOP to opt out."
    )
    await story.to(f"{day}T23:00:00Z")
    assert story.went[-1] == (reminded, "reminder")
    assert story.words[-1] == f"Acme: you planned to pay $52.10 by {spelt}. Pay at {LINK} Reply STOP to opt out."


async def test_the_client_tells_the_promise_back_and_the_consumer_notices_nothing() -> None:
    story = await asked()
    await story.gateway.answer("week")
    promise = story.told[0][1]["promise"]
    await story.tell(PromiseMade, promise=promise, amount=usd(5210), due_on=date(2026, 3, 9))
    await story.tell(PromiseMade, promise="theirs", amount=usd(5210), due_on=date(2026, 3, 9))
    await story.to("2026-03-10T00:00:00Z")
    assert [name for _, name in story.went] == ["menu", "thanks", "reminder"]


async def test_pay_now_brings_the_link_or_a_person() -> None:
    story = await asked(link=LINK)
    await story.gateway.answer("now")
    assert story.words[-1] == f"Acme: thank you. You can pay $52.10 at {LINK} Reply STOP to opt out."
    assert story.told == []
    story = await asked()
    await story.gateway.answer("now")
    assert [(kind, data["reason"]) for kind, data in story.told] == [("handover.requested", "wants_to_pay_now")]


async def test_a_person_is_asked_for() -> None:
    story = await asked()
    await story.gateway.answer("person")
    assert [(kind, data["reason"]) for kind, data in story.told] == [("handover.requested", "asked_for_a_person")]
    assert story.words[-1].startswith("Acme: thank you. A member of our team will get back to you.")


async def test_who_is_not_understood_hears_that_a_person_will_help() -> None:
    story = await asked()
    await story.gateway.answer(None, outcome="handed_over")
    assert story.told == []  # the gateway itself tells the client
    assert story.words[-1].startswith("Acme: thank you. A member of our team will get back to you.")


@pytest.mark.parametrize("outcome", ["expired", "opted_out"])
async def test_silence_is_no_answer(outcome: Any) -> None:
    story = await asked()
    await story.gateway.answer(None, outcome=outcome)
    assert (story.told, len(story.gateway.texts)) == ([], 1)


async def test_a_promise_about_what_was_paid_meanwhile_is_none() -> None:
    story = await asked()
    story.gateway.learn(story.event(InvoicePaid, invoice="I-1"))
    await story.gateway.answer("week")
    assert (story.told, len(story.gateway.texts)) == ([], 1)


async def test_a_promise_by_telephone_is_reminded_of_on_the_wanted_days() -> None:
    story = Story(FakeGateway(promise_to_pay, settings=PromiseSettings(offsets=(-3, -1)), now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.to("2026-03-21T00:00:00Z")
    assert story.went == [("2026-03-17T15:00", "reminder"), ("2026-03-19T15:00", "reminder")]


async def test_a_promise_that_moved_is_reminded_of_for_its_new_day() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 25))
    await story.to("2026-03-25T23:00:00Z")
    assert story.went == [("2026-03-24T15:00", "reminder")]


async def test_a_promise_told_again_after_its_reminder_is_reminded_of_once() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    event: Any = await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.to("2026-03-19T16:00:00Z")
    await story.carry()
    await story.gateway.post(event)
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.to("2026-03-21T00:00:00Z")
    assert story.went == [("2026-03-19T15:00", "reminder")]


@pytest.mark.parametrize(
    ("payments", "verdict"),
    [
        ([], "promise.broken"),
        ([(PaymentPosted, "P-1", 699)], "promise.broken"),
        ([(PaymentPosted, "P-1", 700)], "promise.kept"),
        ([(PaymentPosted, "P-1", 400), (PaymentPosted, "P-2", 300)], "promise.kept"),
        ([(PaymentPosted, "P-1", 700), (PaymentNsf, "P-1", 700)], "promise.broken"),
    ],
)
async def test_the_client_hears_whether_it_was_kept(payments: list[Any], verdict: str) -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PaymentPosted, payment="P-0", amount=usd(5000))
    await story.to("2026-03-03T15:00:00Z")
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.to("2026-03-10T15:00:00Z")
    for kind, payment, amount in payments:
        await story.tell(kind, payment=payment, amount=usd(amount))
    await story.to("2026-03-22T14:00:00Z")
    assert story.told == []
    await story.to("2026-03-22T15:00:00Z")
    amount = {"minor": 700, "currency": "USD"}
    assert story.told == [(verdict, {"promise": "R-1", "amount": amount, "due_on": "2026-03-20"})]


async def test_an_account_that_was_paid_has_kept_its_promise_and_hears_nothing_more() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.to("2026-03-10T15:00:00Z")
    await story.tell(AccountPaid)
    await story.to("2026-04-01T00:00:00Z")
    assert (story.went, [kind for kind, _ in story.told]) == ([], ["promise.kept"])


PROMISED = {"promise": "R-1", "amount": usd(5210), "due_on": date(2026, 3, 20)}


@pytest.mark.parametrize(
    ("kind", "fields", "promised"),
    [
        (PaymentPosted, {"payment": "P-1", "amount": usd(5210)}, {}),
        (PaymentPosted, {"payment": "P-1", "amount": usd(5210), "invoice": "I-1"}, {"invoice": "I-1"}),
        (InvoicePaid, {"invoice": "I-1"}, {"invoice": "I-1"}),
    ],
)
async def test_nobody_is_reminded_of_a_promise_that_is_kept(
    kind: Any, fields: dict[str, Any], promised: dict[str, Any]
) -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.issue(date(2026, 1, 16))
    await story.issue(date(2026, 4, 16), invoice="I-2")
    await story.tell(PromiseMade, **PROMISED | promised)
    await story.to("2026-03-10T15:00:00Z")
    await story.tell(kind, **fields)
    await story.to("2026-04-01T00:00:00Z")
    assert (story.went, [kind for kind, _ in story.told]) == ([], ["promise.kept"])


@pytest.mark.parametrize(
    ("days", "reminded", "verdicts"),
    [
        ([], 2, ["promise.broken", "promise.broken"]),
        ([9], 1, ["promise.kept", "promise.broken"]),
        ([8, 9], 0, ["promise.kept", "promise.kept"]),
        ([9, 24], 1, ["promise.kept", "promise.kept"]),
    ],
)
@pytest.mark.parametrize("later", [0, 4])
async def test_one_payment_keeps_one_of_two_promises(
    days: list[int], reminded: int, verdicts: list[str], later: int
) -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-06T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 10 + later))
    for day in range(7, 29):
        await story.to(f"2026-03-{day:02}T12:00:00Z")
        if day == 7 + later:
            await story.tell(PromiseMade, promise="R-2", amount=usd(700), due_on=date(2026, 3, 24))
        if day in days:
            await story.tell(PaymentPosted, payment=f"P-{day}", amount=usd(700))
    assert (len(story.went), [kind for kind, _ in story.told]) == (reminded, verdicts)


async def test_a_promise_by_text_is_kept_by_its_invoice() -> None:
    story = await asked()
    await story.gateway.answer("week")
    await story.tell(InvoicePaid, invoice="I-1")
    await story.to("2026-04-01T00:00:00Z")
    assert [name for _, name in story.went] == ["menu", "thanks"]
    assert [kind for kind, _ in story.told] == ["promise.made", "promise.kept"]


async def test_a_reminder_that_waits_is_called_off_with_its_invoice() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.issue(date(2026, 1, 16))
    await story.tell(PromiseMade, **PROMISED, invoice="I-1")
    await story.to("2026-03-19T15:00:00Z")
    await story.tell(InvoiceCancelled, invoice="I-1")
    assert [text.state for text in story.gateway.texts] == ["cancelled"]


async def test_the_link_of_a_reminder_is_of_the_promised_invoice() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.issue(date(2026, 1, 16), link=f"{LINK}00")
    await story.issue(date(2026, 2, 16), invoice="I-2", link=LINK)
    await story.tell(PromiseMade, **PROMISED, invoice="I-2")
    await story.to("2026-03-21T00:00:00Z")
    assert story.words == [
        f"Acme: you planned to pay $52.10 by Mar 20, 2026. Pay at {LINK} Reply STOP to opt out.",
    ]


async def test_a_promise_about_an_invoice_that_nobody_told_of_is_reminded_of() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, **PROMISED, invoice="I-9")
    await story.to("2026-03-21T00:00:00Z")
    assert [name for _, name in story.went] == ["reminder"]


@pytest.mark.parametrize("kind", [PromiseKept, PromiseBroken])
async def test_a_client_that_knows_better_is_not_contradicted(kind: Any) -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.tell(kind, promise="R-1")
    assert story.gateway.jobs == []
    await story.tell(
        PromiseMade, promise="R-1", amount=usd(1), due_on=date(2026, 4, 1), occurred_at="2026-03-01T00:00:00Z"
    )
    assert story.gateway.jobs == []


async def test_a_promise_for_a_day_that_is_past_or_beyond_the_calendar_leads_to_nothing() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 1))
    await story.tell(PromiseMade, promise="R-2", amount=usd(700), due_on=date(2199, 12, 30))
    await story.tell(PromiseBroken, promise="R-9")
    assert story.gateway.jobs == []


async def test_the_day_of_an_answer_is_the_consumers() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-03T03:00:00Z"))
    await story.issue(date(2026, 1, 16))
    values = {"amount": usd(5210), "due_date": date(2026, 1, 16)}
    await story.gateway.open_dialog("q", "when", account="A-1", category="servicing", values=values)
    await story.gateway.answer("tomorrow")
    assert story.told[0][1]["due_on"] == "2026-03-03"  # it is 21:00 on the second in Chicago
    assert spell_instant(story.gateway.jobs[0].due)[:16] == "2026-03-03T16:00"


async def test_a_reminder_that_waits_is_said_anew_when_its_promise_is_told_again() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.tell(PromiseMade, promise="R-2", amount=usd(300), due_on=date(2026, 3, 25))
    await story.to("2026-03-19T15:00:00Z")
    await story.tell(PromiseMade, promise="R-1", amount=usd(900), due_on=date(2026, 3, 20))
    await story.gateway.advance(0)
    assert [(text.state, text.values["amount"]["minor"]) for text in story.gateway.texts] == [
        ("cancelled", 700),
        ("queued", 900),
    ]
    await story.to("2026-03-24T15:00:00Z")
    await story.tell(PromiseKept, promise="R-1")
    await story.gateway.advance(0)
    assert [text.state for text in story.gateway.texts] == ["cancelled", "delivered", "cancelled", "queued"]
    await story.to("2026-03-26T15:00:00Z")
    await story.tell(PromiseKept, promise="R-2")
    await story.gateway.advance(0)
    assert len(story.went) == 2


async def test_a_reminder_that_waits_is_called_off_when_its_promise_is_kept() -> None:
    story = Story(FakeGateway(promise_to_pay, now="2026-03-02T15:00:00Z"))
    await story.tell(PromiseMade, promise="R-1", amount=usd(700), due_on=date(2026, 3, 20))
    await story.to("2026-03-19T15:00:00Z")
    await story.tell(PromiseKept, promise="R-1")
    await story.gateway.advance(0)
    assert story.went == []
