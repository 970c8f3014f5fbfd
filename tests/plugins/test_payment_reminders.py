"""Payment reminders: which text on which day, and when none."""

from datetime import date, timedelta
from typing import Any

import pytest

from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    PaymentCancelled,
    PaymentNsf,
    PaymentPosted,
    PaymentScheduled,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    StepCompleted,
)
from gateway.model.clock import DAY, read_instant, spell_instant
from gateway.model.money import Money
from plugins import payment_reminders
from plugins.payment_reminders import ReminderSettings
from tests.plugins.story import LINK, NUMBER, Story, in_spanish, usd

DUE = date(2026, 3, 20)


@pytest.fixture
def story() -> Story:
    return Story(FakeGateway(payment_reminders, now="2026-03-02T15:00:00Z"))


async def test_a_series_goes_three_days_before_and_3_6_45_and_60_days_after(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-09-01T00:00:00Z")
    # Ten in the morning in Chicago is 15:00 UTC in summer time.
    assert story.went == [
        ("2026-03-17T15:00", "before_3"),
        ("2026-03-23T15:00", "after_3"),
        ("2026-03-26T15:00", "after_6"),
        ("2026-05-04T15:00", "after_45"),
        ("2026-05-19T15:00", "after_60"),
    ]
    assert story.words[0] == "Acme: your payment of $52.10 is due Mar 20, 2026. Reply STOP to opt out."


async def test_the_link_is_in_the_text_where_the_invoice_has_one(story: Story) -> None:
    await story.issue(DUE, link=LINK)
    await story.to("2026-03-18T00:00:00Z")
    assert f"Pay or see details at {LINK} Reply STOP" in story.words[0]


async def test_offsets_are_settings_and_each_has_the_words_of_its_lateness() -> None:
    settings = ReminderSettings(offsets=(-7, 0, 1, 10, 61), voice=None, time="17:30")
    story = Story(FakeGateway(payment_reminders, settings=settings))
    await story.issue(DUE)
    await story.to("2026-09-01T00:00:00Z")
    assert story.went == [
        ("2026-03-13T22:30", "before_3"),
        ("2026-03-20T22:30", "before_3"),
        ("2026-03-21T22:30", "after_3"),
        ("2026-03-30T22:30", "after_6"),
        ("2026-05-20T22:30", "after_60"),
    ]


async def test_where_their_plugins_are_enabled_questions_take_the_place_of_texts() -> None:
    settings = ReminderSettings(ask_options=60)
    story = Story(FakeGateway(payment_reminders, settings=settings))
    story.gateway.others = {
        "promise_to_pay.when": "promise_to_pay.menu",
        "payment_options.menu": "payment_options.menu",
    }
    await story.issue(DUE)
    await story.to("2026-06-01T00:00:00Z")
    assert [text.template for text in story.gateway.texts[3:]] == ["promise_to_pay.menu", "payment_options.menu"]
    assert [dialog.payload for dialog in story.gateway.dialogs] == [{"invoice": "I-1"}] * 2
    assert all(in_spanish(text) for text in story.gateway.texts)


async def test_at_90_days_a_call_is_due_from_the_client(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-06-18T15:00:00Z")
    assert story.told == [
        (
            "step.voice_due",
            {"invoice": "I-1", "amount": {"minor": 5210, "currency": "USD"}, "due_on": "2026-03-20"},
        )
    ]


@pytest.mark.parametrize(
    ("answer", "link", "kind"), [("1", LINK, "text"), ("1", None, "handover"), ("0", LINK, "handover"), ("7", LINK, "")]
)
async def test_what_was_chosen_in_the_call_comes_back(story: Story, answer: str, link: str | None, kind: str) -> None:
    await story.issue(DUE, link=link)
    await story.to("2026-06-18T16:00:00Z")
    texts, events = len(story.gateway.texts), len(story.gateway.events)
    step = story.gateway.events[-1].id
    await story.tell(StepCompleted, step=step, outcome="answered", answer=answer)
    assert len(story.gateway.texts) == texts + (kind == "text")
    assert [told for told, _ in story.told[events:]] == (["handover.requested"] if kind == "handover" else [])
    if kind == "text":
        assert story.words[-1] == f"Acme: thank you. You can pay $52.10 at {LINK} Reply STOP to opt out."


async def test_the_link_after_a_call_is_of_the_invoice_that_the_call_was_about(story: Story) -> None:
    await story.issue(DUE, invoice="I-2", link=LINK)
    await story.issue(DUE - timedelta(days=1), amount=usd(99), link=f"{LINK}00")
    await story.to("2026-06-18T16:00:00Z")
    of_the_second = story.gateway.events[-1]
    assert of_the_second.data["invoice"] == "I-2"
    await story.tell(StepCompleted, step=of_the_second.id, outcome="answered", answer="1")
    assert story.words[-1] == f"Acme: thank you. You can pay $52.10 at {LINK} Reply STOP to opt out."


async def test_the_answer_of_a_call_that_was_not_asked_for_changes_nothing(story: Story) -> None:
    await story.issue(DUE, link=LINK)
    await story.issue(DUE, account="A-2", link=LINK)
    await story.to("2026-06-18T16:00:00Z")
    texts, events = len(story.gateway.texts), len(story.gateway.events)
    others = next(event.id for event in story.gateway.events if event.account == "A-2")
    for step in ("evt_unknown", others):
        for answer in ("1", "0"):
            await story.tell(StepCompleted, step=step, outcome="answered", answer=answer)
    assert (len(story.gateway.texts), len(story.gateway.events)) == (texts, events)


async def test_the_series_moves_with_the_due_date(story: Story) -> None:
    await story.issue(DUE)
    await story.tell(InvoiceUpdated, invoice="I-1", due_on=date(2026, 4, 20))
    await story.to("2026-04-25T00:00:00Z")
    assert story.went == [("2026-04-17T15:00", "before_3"), ("2026-04-23T15:00", "after_3")]
    assert "Apr 20, 2026" in story.words[0]


async def test_a_due_date_that_moves_back_and_forth_reminds_once_a_day(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-03-17T16:00:00Z")
    await story.carry()
    await story.tell(InvoiceUpdated, invoice="I-1", due_on=date(2026, 3, 30))
    await story.tell(InvoiceUpdated, invoice="I-1", due_on=DUE)
    await story.to("2026-03-22T00:00:00Z")
    assert story.went == [("2026-03-17T15:00", "before_3")]


async def test_a_text_that_waits_goes_no_more_when_the_due_date_has_moved(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-03-17T15:00:00Z")
    await story.tell(InvoiceUpdated, invoice="I-1", due_on=date(2026, 4, 20))
    assert story.went == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (AccountPaid, {}),
        (AccountClosed, {}),
        (InvoicePaid, {"invoice": "I-1"}),
        (InvoiceCancelled, {"invoice": "I-1"}),
        (PaymentPosted, {"payment": "P-1", "amount": usd(5210), "balance": usd(0)}),
    ],
)
async def test_nothing_goes_once_it_is_paid_or_withdrawn(story: Story, kind: Any, fields: dict[str, Any]) -> None:
    await story.issue(DUE)
    await story.tell(kind, **fields)
    await story.to("2026-09-01T00:00:00Z")
    assert story.went == []
    assert story.told == []
    assert story.gateway.jobs == []


async def test_a_payment_one_millisecond_before_the_reminder_stops_it(story: Story) -> None:
    await story.issue(DUE)
    await story.gateway.advance_to(read_instant("2026-03-17T15:00:00Z") - 1)
    # The plugin has not even been told yet: what is known of the account counts.
    story.gateway.learn(story.event(InvoicePaid, invoice="I-1"))
    await story.to("2026-03-18T00:00:00Z")
    assert story.gateway.texts == []


async def test_a_payment_while_the_text_waits_calls_it_off(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-03-17T15:00:00Z")
    await story.tell(InvoicePaid, invoice="I-1")
    assert [text.state for text in story.gateway.texts] == ["cancelled"]


async def test_only_the_invoice_that_was_paid_is_silent(story: Story) -> None:
    await story.issue(DUE, invoice="I-1")
    await story.issue(DUE, invoice="I-2", amount=usd(99))
    await story.tell(InvoicePaid, invoice="I-1")
    await story.to("2026-03-18T00:00:00Z")
    assert [text.values["amount"] for text in story.gateway.texts] == [{"minor": 99, "currency": "USD"}]


async def test_what_still_waits_is_said_anew_with_the_new_amount(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-03-17T15:00:00Z")
    await story.tell(InvoiceUpdated, invoice="I-1", amount=usd(2000))
    await story.gateway.advance(0)
    assert [(text.state, text.values["amount"]["minor"]) for text in story.gateway.texts] == [
        ("cancelled", 5210),
        ("queued", 2000),
    ]


async def test_what_had_gone_is_not_said_again_with_a_new_amount(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-03-17T15:00:00Z")
    await story.carry()
    await story.tell(InvoiceUpdated, invoice="I-1", amount=usd(2000))
    await story.to("2026-03-22T00:00:00Z")
    assert len(story.gateway.texts) == 1


async def test_an_event_told_twice_reminds_once(story: Story) -> None:
    event = await story.issue(DUE)
    await story.to("2026-03-17T15:00:00Z")
    await story.carry()
    await story.gateway.post(event)  # type: ignore[arg-type]
    await story.to("2026-03-22T00:00:00Z")
    assert len(story.gateway.texts) == 1


async def test_events_out_of_order_end_in_the_same_series(story: Story) -> None:
    at = story.gateway.now
    moved = story.event(
        InvoiceUpdated, invoice="I-1", due_on=date(2026, 4, 20), occurred_at=spell_instant(at), amount=usd(100)
    )
    issued = story.event(
        InvoiceIssued, invoice="I-1", amount=usd(5210), due_on=DUE, occurred_at=spell_instant(at - DAY)
    )
    await story.gateway.post(moved, issued)
    await story.to("2026-04-18T00:00:00Z")
    assert story.went == [("2026-04-17T15:00", "before_3")]
    assert "$1.00" in story.words[0]


async def test_a_paid_event_that_came_before_its_invoice_wins_by_its_time(story: Story) -> None:
    at = story.gateway.now
    paid = story.event(InvoicePaid, invoice="I-1", occurred_at=spell_instant(at))
    issued = story.event(InvoiceIssued, invoice="I-1", amount=usd(1), due_on=DUE, occurred_at=spell_instant(at - 1))
    await story.gateway.post(paid, issued)
    assert story.gateway.jobs == []


async def test_events_of_unknown_invoices_and_accounts_change_nothing(story: Story) -> None:
    await story.tell(InvoicePaid, invoice="I-9")
    await story.tell(InvoiceCancelled, invoice="I-9", account="A-9")
    await story.tell(InvoiceUpdated, invoice="I-9", amount=usd(1))
    await story.tell(PromiseKept, promise="R-9")
    await story.tell(StepCompleted, step="out_9", outcome="answered", answer="1", account="A-8")
    await story.to("2026-09-01T00:00:00Z")
    assert story.gateway.texts == []


@pytest.mark.parametrize("days", [4, 7, 40, 400])
async def test_an_import_of_old_invoices_texts_nobody_at_once(story: Story, days: int) -> None:
    await story.issue(date(2026, 3, 2) - timedelta(days=days))
    await story.gateway.advance_to(story.gateway.now)
    assert story.gateway.texts == []


async def test_an_invoice_of_the_day_of_a_step_is_reminded_of_that_day(story: Story) -> None:
    await story.to("2026-03-17T20:00:00Z")
    await story.issue(DUE)
    assert story.went == [("2026-03-17T20:00", "before_3")]


async def test_of_several_steps_slept_through_only_the_last_goes(story: Story) -> None:
    await story.issue(DUE)
    await story.gateway.advance_to("2026-03-27T18:00:00Z", down=True)
    assert story.went == [("2026-03-27T18:00", "after_6")]


async def test_a_step_slept_through_for_long_is_past(story: Story) -> None:
    await story.issue(DUE)
    await story.gateway.advance_to("2026-04-10T18:00:00Z", down=True)
    assert story.went == []
    await story.to("2026-05-05T00:00:00Z")
    assert story.went == [("2026-05-04T15:00", "after_45")]


async def test_a_text_waits_no_longer_than_the_next_one_and_none_beyond_the_day_it_announces(story: Story) -> None:
    settings = ReminderSettings(offsets=(-1, 3, 5))
    story = Story(FakeGateway(payment_reminders, settings=settings))
    await story.issue(DUE)
    await story.to("2026-03-30T00:00:00Z")
    assert [spell_instant(text.expires_at or 0)[:16] for text in story.gateway.texts] == [
        "2026-03-21T05:00",  # the due day ends in Chicago
        "2026-03-25T15:00",  # the next step
        "2026-03-28T15:00",  # three days
    ]
    assert all(text.unless_paid for text in story.gateway.texts)


@pytest.mark.parametrize(
    ("due", "zone", "time", "instant"),
    [
        (date(2028, 3, 3), "America/Chicago", "10:00", "2028-02-29T16:00"),
        (date(2028, 2, 29), "America/Chicago", "10:00", "2028-02-26T16:00"),
        (date(2027, 3, 17), "America/Chicago", "02:30", "2027-03-14T08:30"),  # 02:30 does not come that day
        (date(2026, 11, 4), "America/Chicago", "01:30", "2026-11-01T06:30"),  # 01:30 comes twice
        (date(2026, 3, 20), "Pacific/Honolulu", "10:00", "2026-03-17T20:00"),
    ],
)
async def test_days_and_hours_are_of_the_consumers_calendar(due: date, zone: str, time: str, instant: str) -> None:
    story = Story(FakeGateway(payment_reminders, settings=ReminderSettings(time=time)))
    await story.issue(due, zone=zone)
    assert spell_instant(story.gateway.jobs[0].due)[:16] == instant


async def test_due_dates_at_the_end_of_the_calendar_are_taken(story: Story) -> None:
    await story.issue(date(2199, 12, 30))
    assert [spell_instant(job.due)[:10] for job in story.gateway.jobs] == ["2199-12-27"]
    await story.issue(date(1970, 1, 2), invoice="I-2")
    await story.gateway.advance_to("2199-12-28T00:00:00Z")
    assert [text.template for text in story.gateway.texts] == ["payment_reminders.before_3"]


async def test_a_consumer_who_moved_west_is_not_woken(story: Story) -> None:
    await story.issue(DUE, zone="America/New_York")
    story.gateway.learn(story.event(AccountPaid, account="A-2"))
    story.gateway.learn(story.event(InvoiceUpdated, invoice="I-1", zone="America/Los_Angeles"))
    await story.to("2026-03-18T00:00:00Z")
    assert story.went == [("2026-03-17T17:00", "before_3")]


async def test_a_scheduled_payment_is_announced_and_no_more(story: Story) -> None:
    await story.tell(PaymentScheduled, payment="P-1", amount=usd(700), due_on=DUE)
    await story.to("2026-09-01T00:00:00Z")
    assert story.went == [("2026-03-17T15:00", "before_3")]
    assert "$7.00 is due Mar 20, 2026" in story.words[0]


async def test_a_scheduled_payment_that_moved_or_was_cancelled(story: Story) -> None:
    await story.tell(PaymentScheduled, payment="P-1", amount=usd(700), due_on=DUE)
    await story.tell(PaymentScheduled, payment="P-1", amount=usd(700), due_on=DUE + timedelta(days=9))
    assert [spell_instant(job.due)[:10] for job in story.gateway.jobs] == ["2026-03-26"]
    await story.tell(PaymentCancelled, payment="P-1")
    assert story.gateway.jobs == []


async def test_a_promise_moves_the_steps_after_the_due_date(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-05-05T00:00:00Z")
    await story.carry()
    await story.tell(PromiseMade, promise="R-1", amount=usd(5210), due_on=date(2026, 5, 25), invoice="I-1")
    await story.to("2026-06-02T00:00:00Z")
    assert story.went[4:] == [("2026-05-28T15:00", "after_3"), ("2026-05-31T15:00", "after_6")]


async def test_a_broken_promise_counts_from_its_day_and_a_kept_one_no_more(story: Story) -> None:
    await story.issue(DUE)
    await story.to("2026-03-24T00:00:00Z")
    await story.carry()
    await story.tell(PromiseMade, promise="R-1", amount=usd(100), due_on=date(2026, 3, 30))
    await story.to("2026-04-01T00:00:00Z")
    await story.tell(PromiseBroken, promise="R-1")
    assert [spell_instant(job.due)[:10] for job in story.gateway.jobs] == ["2026-04-02"]
    await story.tell(PromiseKept, promise="R-1", occurred_at=spell_instant(story.gateway.now + 1))
    assert [spell_instant(job.due)[:10] for job in story.gateway.jobs] == ["2026-05-04"]


@pytest.mark.parametrize("amount", [Money(0, "USD")])
async def test_nothing_is_asked_for_nothing(story: Story, amount: Money) -> None:
    await story.issue(DUE, amount=amount)
    assert story.gateway.jobs == []


async def test_an_account_without_a_number_is_told_to_the_client(story: Story) -> None:
    await story.issue(DUE, number=None)
    await story.to("2026-03-18T00:00:00Z")
    assert [(kind, data["reason"], data["field"]) for kind, data in story.told] == [
        ("handover.requested", "text_impossible", "to")
    ]


async def test_invoices_of_two_accounts_do_not_meet(story: Story) -> None:
    await story.issue(DUE, account="A-1")
    await story.issue(DUE, account="A-2", number="+12025550124")
    await story.issue(DUE, account="A/1", number="+12025550125")
    await story.tell(AccountPaid, account="A-1")
    await story.to("2026-03-18T00:00:00Z")
    assert sorted(text.number for text in story.gateway.texts) == ["+12025550124", "+12025550125"]
    assert NUMBER not in {text.number for text in story.gateway.texts}


@pytest.mark.parametrize(
    ("paid", "fields"),
    [
        (AccountPaid, {}),
        (PaymentPosted, {"payment": "P-1", "amount": usd(5210), "balance": usd(0)}),
        (InvoicePaid, {"invoice": "I-1"}),
    ],
)
async def test_a_payment_that_bounces_lets_the_series_go_on(story: Story, paid: Any, fields: dict[str, Any]) -> None:
    await story.issue(DUE)
    await story.to("2026-03-18T00:00:00Z")
    await story.carry()
    await story.tell(paid, **fields)
    assert story.gateway.jobs == []
    await story.to("2026-03-24T16:00:00Z")
    await story.tell(PaymentNsf, payment="P-1", amount=usd(5210), invoice="I-1")
    await story.to("2026-09-01T00:00:00Z")
    # The step of the 23rd fell into the days on which it counted as paid.
    assert story.went == [
        ("2026-03-17T15:00", "before_3"),
        ("2026-03-26T15:00", "after_6"),
        ("2026-05-04T15:00", "after_45"),
        ("2026-05-19T15:00", "after_60"),
    ]


async def test_a_bounce_of_before_the_payment_changes_nothing(story: Story) -> None:
    await story.issue(DUE)
    await story.tell(AccountPaid)
    before = spell_instant(story.gateway.now - 1)
    await story.tell(PaymentNsf, payment="P-1", amount=usd(5210), occurred_at=before)
    assert story.gateway.jobs == []
