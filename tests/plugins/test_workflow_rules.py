"""Workflow rules: when, if, then, without Python."""

import tomllib
from datetime import date
from typing import Any

import msgspec
import pytest

from gateway.config.decode import Faults, decode_table
from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountClosed,
    AccountPaid,
    AccountUpdated,
    PaymentFailed,
    PaymentPosted,
    PromiseMade,
)
from gateway.model.clock import DAY, HOUR
from plugins import workflow_rules
from plugins.workflow_rules import PAGE, RuleSettings
from plugins.workflow_rules.rule import Condition
from tests.plugins.story import NUMBER, Story, in_spanish, usd

COMING = """
[[rules]]
name = "promise-coming-up"
daily = "10:00"
zone = "America/Chicago"
when = [{ field = "account.promised_on", age = -2 }, { field = "account.balance", at_least = 1000 }]
[[rules.then]]
do = "text"
template = "promise_to_pay.reminder"
values = { amount = "account.balance", promised_on = "account.promised_on" }
"""
FAILED = """
[[rules]]
name = "big-failure"
on = ["payment.failed", "payment.nsf"]
when = [{ field = "event.amount", at_least = 10000 }, { field = "fields.segment", is = "gold" }]
then = [{ do = "handover", reason = "big_failure" }, { do = "consent" },
        { do = "event", values = { amount = "event.amount", segment = "fields.segment", note = "call first" } }]
"""


def read(text: str) -> RuleSettings:
    faults = Faults("plugins.toml")
    settings = decode_table(RuleSettings, tomllib.loads(text), "", faults)
    assert list(faults) == []
    return settings


def story_of(text: str) -> Story:
    return Story(FakeGateway(workflow_rules, settings=read(text), now="2026-03-02T15:00:00Z"))


@pytest.mark.parametrize("template", ["due", "payment_reminders.after_3"])
async def test_a_rule_names_a_template_in_full_be_it_one_of_the_operators_own(template: str) -> None:
    story = story_of(f'''
[[rules]]
name = "failed"
on = ["payment.failed"]
then = [{{ do = "text", template = "{template}" }}]
''')
    await story.tell(PaymentFailed, payment="P-1", amount=usd(5210))
    assert [text.template for text in story.gateway.texts] == [template]


async def test_a_promise_is_reminded_of_the_wanted_days_before_by_a_daily_job() -> None:
    story = story_of(COMING)
    await story.tell(AccountUpdated, balance=usd(5210))
    await story.tell(PromiseMade, promise="R-1", amount=usd(5210), due_on=date(2026, 3, 12))
    await story.tell(PromiseMade, promise="R-2", amount=usd(1), due_on=date(2026, 3, 12), account="A-2")
    await story.tell(AccountUpdated, balance=usd(999), account="A-2")
    await story.to("2026-04-01T00:00:00Z")
    assert story.went == [("2026-03-10T15:00", "reminder")]
    assert in_spanish(story.gateway.texts[0]).startswith("Acme: usted iba a pagar $52.10 antes del 12 mar 2026.")


async def test_a_daily_rule_goes_through_all_accounts_page_by_page() -> None:
    story = story_of(COMING)
    count = 2 * PAGE
    for number in range(count):
        account = f"A-{number:03}"
        await story.tell(
            AccountUpdated,
            account=account,
            balance=usd(1000),
            promised_on=date(2026, 3, 4),
            number=f"+1202555{number:04}",
        )
    await story.to("2026-03-03T00:00:00Z")
    assert len({text.account for text in story.gateway.texts}) == len(story.gateway.texts) == count


async def test_a_run_that_was_slept_through_is_of_its_own_day() -> None:
    story = story_of(COMING)
    await story.tell(AccountUpdated, balance=usd(1000), promised_on=date(2026, 3, 12))
    await story.to("2026-03-09T20:00:00Z")
    await story.gateway.advance_to("2026-03-11T20:00:00Z", down=True)
    assert story.went == [("2026-03-11T20:00", "reminder")]
    await story.to("2026-04-01T00:00:00Z")
    assert len(story.went) == 1


async def test_an_event_sets_a_rule_off_once() -> None:
    story = story_of(FAILED)
    story.gateway.no_consent.add(NUMBER)
    await story.tell(AccountUpdated, fields={"segment": "gold"})
    event: Any = await story.tell(PaymentFailed, payment="P-1", amount=usd(10000))
    await story.gateway.post(event)
    amount = {"minor": 10000, "currency": "USD"}
    assert story.told == [
        ("handover.requested", {"reason": "big_failure", "rule": "big-failure"}),
        (
            "workflow.fired",
            {"rule": "big-failure", "values": {"amount": amount, "segment": "gold", "note": "call first"}},
        ),
    ]
    assert story.gateway.asked == [NUMBER]


async def test_a_rule_whose_conditions_do_not_hold_does_nothing() -> None:
    story = story_of(FAILED)
    await story.tell(PaymentFailed, payment="P-1", amount=usd(10000))
    await story.tell(AccountUpdated, fields={"segment": "gold"})
    await story.tell(PaymentFailed, payment="P-1", amount=usd(9999))
    await story.tell(PaymentPosted, payment="P-1", amount=usd(10000))
    assert story.told == []


async def test_nothing_is_texted_about_what_is_paid_or_closed() -> None:
    for end in (AccountPaid, AccountClosed):
        story = story_of(COMING)
        await story.tell(AccountUpdated, balance=usd(5210))
        await story.tell(PromiseMade, promise="R-1", amount=usd(5210), due_on=date(2026, 3, 12))
        await story.tell(end)
        await story.to("2026-04-01T00:00:00Z")
        assert story.went == []


TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("tests", "value", "holds"),
    [
        ({"age": -2}, date(2026, 3, 12), True),
        ({"age": -2}, "2026-03-12", True),
        ({"age": -2}, date(2026, 3, 11), False),
        ({"age": 10}, date(2026, 2, 28), True),
        ({"age": 0}, None, False),
        ({"age": 0}, "soon", False),
        ({"age": 0}, "2026-02-30", False),
        ({"age_at_least": 3}, date(2026, 3, 7), True),
        ({"age_at_least": 3, "age_at_most": 5}, date(2026, 3, 4), False),
        ({"at_least": 100}, usd(100), True),
        ({"at_least": 100}, usd(99), False),
        ({"at_most": 5}, 5, True),
        ({"at_most": 5}, True, False),
        ({"at_most": 5}, "4", False),
        ({"is": "gold"}, "gold", True),
        ({"is": True}, 1, False),
        ({"is": 0}, False, False),
        ({"one_of": ["gold", 7]}, 7, True),
        ({"one_of": [1]}, True, False),
        ({"one_of": ["gold"]}, None, False),
        ({"known": True}, None, False),
        ({"known": False}, None, True),
        ({"known": True, "is": "a"}, "b", False),
    ],
)
def test_conditions(tests: dict[str, Any], value: object, holds: bool) -> None:
    condition = msgspec.convert({"field": "fields.x", **tests}, Condition)
    assert condition.holds(value, TODAY) is holds


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ('name = "a"\nthen = [{ do = "consent" }]', "on must be given"),
        ('name = "a"\non = ["payment.posted"]\ndaily = "10:00"\nthen = [{ do = "consent" }]', "on must be given"),
        ('name = "a"\non = ["payment.lost"]\nthen = [{ do = "consent" }]', "no event"),
        ('name = "a"\ndaily = "10:00"\nthen = [{ do = "consent" }]', "many days in a row"),
        (
            'name = "a"\ndaily = "10:00"\nzone = "Mars/Base"\nwhen = [{ field = "account.due_on", age = 1 }]\n'
            'then = [{ do = "consent" }]',
            "no time zone",
        ),
        (
            'name = "a"\non = ["payment.posted"]\nwhen = [{ field = "account.x", is = 1 }]\nthen = [{ do = "consent" }]',
            "account.x",
        ),
        (
            'name = "a"\non = ["payment.posted"]\nwhen = [{ field = "event.x", is = 1 }]\nthen = [{ do = "consent" }]',
            "event.x",
        ),
        (
            'name = "a"\non = ["payment.posted"]\nwhen = [{ field = "event.amount" }]\nthen = [{ do = "consent" }]',
            "tested for nothing",
        ),
        (
            'name = "a"\ndaily = "10:00"\nwhen = [{ field = "account.due_on", age = 1 }]\n'
            'then = [{ do = "event", values = { x = "event.amount" } }]',
            "event.amount",
        ),
        (
            'name = "a"\non = ["payment.posted"]\ncatch_up = "skip"\nthen = [{ do = "consent" }]',
            "catch_up is for daily",
        ),
        (
            'name = "a"\ndaily = "10:00"\ncatch_up = "hope"\nwhen = [{ field = "account.due_on", age = 1 }]\n'
            'then = [{ do = "consent" }]',
            "catch_up",
        ),
        ('name = "a"\non = ["payment.posted"]\nthen = []', "then"),
        ('name = "a"\non = ["payment.posted"]\nthen = [{ do = "dance" }]', "dance"),
        ('name = "A b"\non = ["payment.posted"]\nthen = [{ do = "consent" }]', "name"),
        ('name = "a"\non = ["payment.posted"]\nthen = [{ do = "consent" }]\nif = 1', "if"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named_at_the_start(rule: str, fault: str) -> None:
    faults = Faults("plugins.toml")
    decode_table(RuleSettings, tomllib.loads(f"[[rules]]\n{rule}\n"), "settings.workflow_rules", faults)
    found = [f"{one.key} {one.problem}" for one in faults]
    assert len(found) == 1
    assert fault in found[0]


def test_two_rules_of_one_name() -> None:
    rule = '[[rules]]\nname = "a"\non = ["payment.posted"]\nthen = [{ do = "consent" }]\n'
    faults = Faults("plugins.toml")
    decode_table(RuleSettings, tomllib.loads(rule * 2), "", faults)
    assert [one.problem for one in faults] == ["has two of the same name"]


async def test_however_many_events_there_are_a_day_has_one_job_of_a_rule() -> None:
    story = story_of(COMING)
    await story.tell(AccountUpdated, balance=usd(1))
    (first,) = story.gateway.jobs
    for number in range(20):
        await story.tell(AccountUpdated, balance=usd(number), account=f"A-{number}")
    assert story.gateway.jobs == [first]
    await story.gateway.advance(DAY)
    (second,) = story.gateway.jobs
    assert second.due == first.due + DAY


async def test_a_rule_that_gets_another_time_runs_by_it_from_the_next_event_on() -> None:
    story = story_of(COMING)
    await story.tell(AccountUpdated, balance=usd(1000), promised_on=date(2026, 3, 4))
    (before,) = story.gateway.jobs
    story.gateway.settings = read(COMING.replace("10:00", "17:30"))
    await story.tell(AccountUpdated, account="A-2")
    assert [job.due - before.due for job in story.gateway.jobs] == [0, 7 * HOUR + HOUR // 2]
    await story.to("2026-03-03T00:00:00Z")
    assert len(story.went) == 1


async def test_a_year_of_a_daily_rule_leaves_one_job_behind() -> None:
    story = story_of(COMING)
    await story.tell(AccountUpdated, balance=usd(1))
    await story.gateway.advance(365 * DAY)
    assert len(story.gateway.jobs) == 1
