"""Daily rules after a time when the gateway was down: every day that an account was of the age is acted on, or told."""

from datetime import date, timedelta
from typing import Any

import pytest

from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import AccountPaid, AccountUpdated
from gateway.model.clock import read_instant, spell_instant
from plugins import workflow_rules
from plugins.workflow_rules import PAGE
from tests.plugins.story import Story
from tests.plugins.test_workflow_rules import read

RULE = """
[[rules]]
name = "three-days-late"
daily = "10:00"
zone = "America/Chicago"
catch_up = "{policy}"
when = [{{ field = "account.due_on", age = {age} }}]
then = [{{ do = "event", values = {{ due_on = "account.due_on" }} }}]
"""
START = date(2026, 3, 2)
DOWN, UP = "2026-03-04T20:00:00Z", "2026-03-08T20:00:00Z"  # the runs of the 5th to the 8th, over a change of the clocks
MISSED = [date(2026, 3, day) for day in (5, 6, 7, 8)]

Done = list[tuple[str, str, str]]


def story_of(policy: str, age: int = 3) -> Story:
    settings = read(RULE.format(policy=policy, age=age))
    return Story(FakeGateway(workflow_rules, settings=settings, now=f"{START}T12:00:00Z"))


async def arm(story: Story, age: int = 3, days: int = 12) -> None:
    """An account for each day, which is of the age on that day."""
    for number in range(days):
        day = START + timedelta(days=number)
        await story.tell(AccountUpdated, account=f"A-{day}", due_on=day - timedelta(days=age))


class Diary(FakeGateway):
    """When the client was told what."""

    def __init__(self, policy: str, age: int = 3) -> None:
        super().__init__(workflow_rules, settings=read(RULE.format(policy=policy, age=age)), now=f"{START}T12:00:00Z")
        self.done: Done = []

    def wake(self, instant: str) -> None:
        """The gateway is up again, and nothing was run yet."""
        self._now = read_instant(instant)

    async def emit(self, key: str, kind: str, *, account: str, data: Any) -> str:
        if all(event.key != key for event in self.events):
            self.done.append((spell_instant(self.now)[:16], kind.removeprefix("workflow."), account[2:]))
        return await super().emit(key, kind, account=account, data=data)


def on_time(*days: int) -> Done:
    """What is done at ten o'clock in Chicago."""
    return [(f"2026-03-{day:02}T{15 if day >= 8 else 16}:00", "fired", f"2026-03-{day:02}") for day in days]


def at(instant: str, kind: str, days: list[date]) -> Done:
    return [(instant, kind, str(day)) for day in days]


BEFORE, AFTER = on_time(2, 3, 4), on_time(9, 10, 11, 12, 13)


@pytest.mark.parametrize(
    ("policy", "missed"),
    [
        ("send_late", at(UP[:16], "fired", MISSED)),
        ("skip", at(UP[:16], "missed", MISSED)),
        ("next_window", at("2026-03-09T15:00", "fired", MISSED)),
    ],
)
async def test_each_missed_day_is_made_good_as_the_rule_says(policy: str, missed: Done) -> None:
    diary = Diary(policy)
    await arm(Story(diary))
    await diary.advance_to(DOWN)
    await diary.advance_to(UP, down=True)
    await diary.advance_to("2026-03-20T00:00:00Z")
    assert sorted(diary.done) == sorted([*BEFORE, *missed, *AFTER])


@pytest.mark.parametrize("policy", ["send_late", "skip", "next_window"])
async def test_an_event_that_is_heard_before_the_late_run_makes_no_difference(policy: str) -> None:
    outcomes = []
    for is_heard in (False, True):
        diary = Diary(policy)
        story = Story(diary)
        await arm(story)
        await diary.advance_to(DOWN)
        if is_heard:
            diary.wake(UP)
            await story.tell(AccountUpdated, account="A-other")
        await diary.advance_to(UP, down=True)
        await diary.advance_to("2026-03-20T00:00:00Z")
        outcomes.append(sorted(diary.done))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("policy", "missed"),
    [
        ("send_late", at("2026-03-08T15:05", "fired", MISSED)),
        ("skip", [*at("2026-03-08T15:05", "missed", MISSED[:3]), *at("2026-03-08T15:05", "fired", MISSED[3:])]),
        ("next_window", at("2026-03-08T15:05", "fired", MISSED)),
    ],
)
async def test_up_again_at_the_time_of_a_run_that_run_is_not_late(policy: str, missed: Done) -> None:
    diary = Diary(policy)
    await arm(Story(diary))
    await diary.advance_to(DOWN)
    await diary.advance_to("2026-03-08T15:05:00Z", down=True)
    await diary.advance_to("2026-03-20T00:00:00Z")
    assert sorted(diary.done) == sorted([*BEFORE, *missed, *AFTER])


async def test_down_again_before_the_next_window_nothing_is_lost() -> None:
    diary = Diary("next_window")
    await arm(Story(diary))
    await diary.advance_to(DOWN)
    await diary.advance_to(UP, down=True)
    await diary.advance_to("2026-03-09T23:00:00Z", down=True)
    await diary.advance_to("2026-03-20T00:00:00Z")
    late = at("2026-03-10T15:00", "fired", [*MISSED, date(2026, 3, 9)])
    assert sorted(diary.done) == sorted([*BEFORE, *late, *on_time(10, 11, 12, 13)])


async def test_a_late_run_goes_through_all_accounts_and_acts_on_each_once() -> None:
    for policy, kind in (("send_late", "fired"), ("skip", "missed"), ("next_window", "fired")):
        diary = Diary(policy)
        story = Story(diary)
        for number in range(2 * PAGE + 1):
            await story.tell(AccountUpdated, account=f"A-{number:03}", due_on=date(2026, 3, 2 + number % 2))
        await diary.advance_to(DOWN)
        await diary.advance_to(UP, down=True)
        await diary.advance_to("2026-03-20T00:00:00Z")
        assert sorted(account for _, _, account in diary.done) == [f"{number:03}" for number in range(2 * PAGE + 1)]
        assert {told for _, told, _ in diary.done} == {kind}


async def test_a_day_that_was_to_be_announced_and_went_by_is_told_and_not_announced() -> None:
    diary = Diary("send_late", age=-2)
    await arm(Story(diary), age=-2)
    await diary.advance_to(DOWN)
    await diary.advance_to(UP, down=True)
    late = [(str(due), kind) for when, kind, due in diary.done if when == UP[:16]]
    # Whose day is the 7th was to be told on the 5th; on the 8th, it is still time for the 8th.
    assert late == [("2026-03-05", "missed"), *((f"2026-03-0{day}", "fired") for day in (6, 7, 8))]


async def test_a_late_run_looks_at_accounts_as_they_are_now() -> None:
    story = story_of("send_late")
    settings = read(
        RULE.format(policy="send_late", age=3).replace("then =", "then = [{ do = 'text', template = 'x.y' }]#")
    )
    story.gateway.settings = settings
    for number in range(2):
        await story.tell(AccountUpdated, account=f"A-{number}", due_on=date(2026, 3, 3))
    await story.gateway.advance_to(DOWN)
    story.gateway.learn(story.event(AccountPaid, account="A-0"))
    await story.gateway.advance_to(UP, down=True)
    assert [(text.account, text.state) for text in story.gateway.texts] == [("A-1", "queued")]


async def test_a_day_that_holds_no_date_is_no_age_on_any() -> None:
    settings = read(RULE.format(policy="send_late", age=3).replace("account.due_on", "fields.day"))
    story = Story(FakeGateway(workflow_rules, settings=settings, now=f"{START}T12:00:00Z"))
    for number, day in enumerate(("9999-12-31", "0001-01-01", "soon", "", "2026-02-30", 7, True)):
        await story.tell(AccountUpdated, account=f"A-{number}", fields={"day": day})
    await story.gateway.advance_to(DOWN)
    await story.gateway.advance_to(UP, down=True)
    assert story.told == []
