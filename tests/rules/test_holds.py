"""Which replies hold a number, how soon a person must look, and what a hold does to a text."""

import pytest

from gateway.errors import Code
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.model.decision import Verdict
from gateway.model.events import Kind
from gateway.model.hold import HoldReason
from gateway.model.inbound import SignalName
from gateway.model.message import Facts
from gateway.rules.holds import hold_reasons, judge_hold, review_due
from gateway.rules.keywords import classify


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("ok thanks", ()),
        ("STOP", ()),
        ("I lost my job and cannot pay", ()),
        ("I dispute this debt", ()),
        ("enough", ("review",)),
        ("stop calling me", ("review",)),
        ("talk to my attorney", ("attorney",)),
        ("I filed for bankruptcy", ("bankruptcy",)),
        ("my husband passed away last month", ("deceased",)),
        ("cease and desist", ("cease",)),
        ("wrong number", ("wrong_party",)),
    ],
)
def test_what_holds_a_number(text: str, reasons: tuple[str, ...]) -> None:
    assert hold_reasons(classify(text)) == reasons


@pytest.mark.parametrize(
    ("came", "hours", "due"),
    [
        ("2026-03-02T15:00:00Z", 24, "2026-03-03T15:00:00Z"),  # Monday
        ("2026-03-06T18:00:00Z", 24, "2026-03-07T18:00:00Z"),  # Friday: a day is sooner than a business day
        ("2026-03-06T18:00:00Z", 96, "2026-03-09T18:00:00Z"),  # Friday: until Monday at most
        ("2026-03-07T18:00:00Z", 96, "2026-03-09T18:00:00Z"),  # Saturday
        ("2026-03-04T15:00:00Z", 96, "2026-03-05T15:00:00Z"),  # Wednesday: a pack may not take longer
        ("2026-03-04T15:00:00Z", 4, "2026-03-04T19:00:00Z"),
    ],
)
def test_a_review_is_due_within_hours_and_a_business_day(came: str, hours: int, due: str) -> None:
    assert review_due(read_instant(came), hours) == read_instant(due)


@pytest.mark.parametrize("day", range(14))
@pytest.mark.parametrize("hours", [1, 24, 1000])
def test_a_review_is_never_due_later_than_three_days_on(day: int, hours: int) -> None:
    came = read_instant("2026-03-01T00:00:00Z") + day * DAY
    assert came < review_due(came, hours) <= came + min(hours * HOUR, 3 * DAY)


def test_a_held_number_gets_nothing_until_the_text_expires() -> None:
    facts = Facts("confirmed", holds=(HoldReason.ATTORNEY, HoldReason.REVIEW))
    finding = judge_hold(facts)
    assert (finding.verdict, finding.code, finding.until) == (Verdict.HOLD, Code.HOLD_ATTORNEY, None)
    assert finding.detail == "the number is held: attorney, review"
    assert judge_hold(Facts("confirmed")).verdict is Verdict.ALLOW


@pytest.mark.parametrize("reason", HoldReason)
def test_every_reason_has_its_code(reason: HoldReason) -> None:
    assert reason.code == f"hold.{reason}"


@pytest.mark.parametrize("name", SignalName)
def test_every_signal_has_its_event(name: SignalName) -> None:
    assert Kind(f"consumer.{name}")
