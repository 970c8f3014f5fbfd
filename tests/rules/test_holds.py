"""Which replies hold a number, how soon a person must look, and what a hold does to a text."""

import pytest

from gateway.errors import Code
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.model.decision import Verdict
from gateway.model.events import Kind
from gateway.model.hold import HoldReason
from gateway.model.inbound import SignalName
from gateway.model.message import Facts
from gateway.rules.holds import disowns, hold_reasons, judge_hold, review_due
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
        ("see you in court", ("attorney",)),
        ("I was in court all day sorry", ()),
        ("Is it legal to charge this fee?", ()),
        ("I need a lawyer fee refund", ()),
        ("wrong number", ("wrong_party",)),
    ],
)
def test_what_holds_a_number(text: str, reasons: tuple[str, ...]) -> None:
    assert hold_reasons(classify(text)) == reasons


@pytest.mark.parametrize(
    "text",
    [
        "wrong number", "you have the wrong number", "nobody by that name here", "no one named Maria at this number",
        "She doesn't have this number anymore", "this number belongs to someone else now", "This is no longer Kevin's number",
        "this isn't Maria, stop", "número equivocado", "aquí no vive ningún Pedro",
        "ce n'est pas le bon numéro",
    ],
)  # fmt: skip
def test_what_disowns_a_number(text: str) -> None:
    assert disowns(classify(text))


@pytest.mark.parametrize(
    "text",
    [
        "ok", "STOP", "nobody called me back", "no one called me", "nobody in the office answered", "nobody answers at all",
        "I have this number for emergencies only", "this number no longer works for payments", "I dialed the wrong number",
        "I don't know who this is", "I don't know a thing about it", "this isn't fair", "this isn't Maria", "it's not loading",
        "is this the wrong number to pay?", "my sister pays", "nobody told me", "no hay nadie en la oficina",
    ],
)  # fmt: skip
def test_what_may_be_anything_disowns_nobody(text: str) -> None:
    """It would end every consent of the number, and no START takes that back."""
    assert not disowns(classify(text))


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
