"""Caps on contacts in rolling windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Code
from gateway.model.clock import DAY, HOUR
from gateway.model.contact import Channel, Contact
from gateway.model.decision import Verdict
from gateway.rules.frequency import Cap, Per, frees_at, judge_frequency, longest_window

NOW = 1_780_000_000_000
DEBT = Cap("us-strict/per-debt@1", 2, 7 * DAY, Per.ACCOUNT)
PERSON = Cap("us-strict/per-consumer@1", 3, 7 * DAY)
DAILY = Cap("us-strict/per-day@1", 1, DAY)
STRICT = (DEBT, PERSON, DAILY)


def texts(*ages: int, account: str | None = "A") -> tuple[Contact, ...]:
    return tuple(Contact(NOW - age, account=account) for age in ages)


def test_nobody_was_contacted() -> None:
    assert judge_frequency(NOW, (), STRICT, "A").verdict is Verdict.ALLOW


def test_below_every_cap() -> None:
    assert judge_frequency(NOW, texts(2 * DAY), STRICT, "A").verdict is Verdict.ALLOW


@pytest.mark.parametrize(("age", "verdict"), [(DAY - 1, Verdict.HOLD), (DAY, Verdict.ALLOW), (DAY + 1, Verdict.ALLOW)])
def test_a_window_ends_to_the_millisecond(age: int, verdict: Verdict) -> None:
    finding = judge_frequency(NOW, texts(age), (DAILY,), None)
    assert finding.verdict is verdict
    if verdict is Verdict.HOLD:
        assert finding.until == NOW + 1


def test_a_full_window_frees_when_its_oldest_contact_leaves_it() -> None:
    finding = judge_frequency(NOW, texts(6 * DAY, 3 * DAY), (DEBT,), "A")
    assert (finding.verdict, finding.code, finding.until) == (Verdict.HOLD, Code.FREQUENCY_ACCOUNT, NOW + DAY)
    assert finding.detail is not None
    assert finding.detail.startswith(
        "at most 2 contacts about the account in 7 days (us-strict/per-debt@1); room at 2026-"
    )


def test_an_overfull_window_frees_when_enough_have_left() -> None:
    finding = judge_frequency(NOW, texts(6 * DAY, 5 * DAY, 4 * DAY), (DEBT,), "A")
    assert finding.until == NOW + 2 * DAY


def test_the_cap_that_frees_last_counts_and_gives_its_code() -> None:
    contacts = (*texts(6 * DAY, 5 * DAY, account="B"), *texts(4 * DAY, HOUR, account="A"))
    finding = judge_frequency(NOW, contacts, STRICT, "A")
    assert (finding.code, finding.until) == (Code.FREQUENCY_ACCOUNT, NOW + 3 * DAY)
    finding = judge_frequency(NOW, contacts, (PERSON, DAILY), "A")
    assert (finding.code, finding.until) == (Code.FREQUENCY_CONSUMER, NOW + 2 * DAY)


def test_a_cap_per_account_counts_that_account_and_what_has_none() -> None:
    other, nobodys = texts(DAY, 2 * DAY, account="B"), texts(DAY, 2 * DAY, account=None)
    assert judge_frequency(NOW, other, (DEBT,), "A").verdict is Verdict.ALLOW
    assert judge_frequency(NOW, nobodys, (DEBT,), "A").verdict is Verdict.HOLD
    assert judge_frequency(NOW, other, (DEBT,), None).verdict is Verdict.HOLD


def test_other_channels_count_unless_the_cap_says_which() -> None:
    calls = (Contact(NOW - HOUR, Channel.CALL, "A"), Contact(NOW - HOUR, Channel.EMAIL, "A"))
    by_phone = Cap("us-ma/weekly@1", 2, 7 * DAY, Per.ACCOUNT, (Channel.TEXT, Channel.CALL))
    assert judge_frequency(NOW, calls, (DEBT,), "A").verdict is Verdict.HOLD
    assert judge_frequency(NOW, calls, (by_phone,), "A").verdict is Verdict.ALLOW
    assert judge_frequency(NOW, (*calls, Contact(NOW - DAY, account="A")), (by_phone,), "A").verdict is Verdict.HOLD


def test_a_cap_on_calls_stops_no_text() -> None:
    calls = (Contact(NOW - HOUR, Channel.CALL),)
    cap = Cap("calls", 1, DAY, channels=(Channel.CALL,))
    assert judge_frequency(NOW, calls, (cap,), None).verdict is Verdict.ALLOW


def test_a_cap_may_refuse() -> None:
    refusing = Cap("never-twice", 1, DAY, refuses=True)
    finding = judge_frequency(NOW, texts(HOUR), (DAILY, refusing), "A")
    assert (finding.verdict, finding.code, finding.until) == (Verdict.REFUSE, Code.FREQUENCY_CONSUMER, None)
    assert judge_frequency(NOW, texts(DAY), (refusing,), "A").verdict is Verdict.ALLOW


def test_a_contact_under_way_counts() -> None:
    ahead = (Contact(NOW + HOUR),)
    assert judge_frequency(NOW, ahead, (DAILY,), None).until == NOW + HOUR + DAY
    assert judge_frequency(NOW, (*ahead, *texts(8 * DAY)), (DEBT,), None).verdict is Verdict.ALLOW


def test_the_longest_window() -> None:
    assert longest_window(STRICT) == 7 * DAY
    assert longest_window(()) == 0


@pytest.mark.parametrize(
    ("cap", "spelt"),
    [
        (DAILY, "at most 1 contact with the consumer in 1 day (us-strict/per-day@1)"),
        (Cap("x", 3, 36 * HOUR), "at most 3 contacts with the consumer in 36 hours (x)"),
        (
            Cap("x", 3, HOUR, channels=(Channel.TEXT, Channel.CALL)),
            "at most 3 contacts with the consumer by call, text in 1 hour (x)",
        ),
    ],
)
def test_a_finding_spells_its_cap(cap: Cap, spelt: str) -> None:
    detail = judge_frequency(NOW, texts(0, 0, 0), (cap,), None).detail
    assert detail is not None
    assert detail.partition(";")[0] == spelt


_CONTACTS = st.lists(
    st.builds(
        Contact,
        at=st.integers(-60, 10).map(lambda hours: NOW + hours * HOUR),
        channel=st.sampled_from(Channel),
        account=st.sampled_from(["A", "B", None]),
    ),
    max_size=12,
).map(tuple)
_CAPS = st.builds(
    Cap,
    name=st.just("cap"),
    most=st.integers(1, 4),
    window=st.integers(1, 48).map(lambda hours: hours * HOUR),
    per=st.sampled_from(Per),
    channels=st.frozensets(st.sampled_from(Channel)).map(lambda some: tuple(some | {Channel.TEXT})),
)


@given(_CONTACTS, _CAPS, st.sampled_from(["A", None]))
def test_room_is_there_from_its_instant_on_and_not_before(
    contacts: tuple[Contact, ...], cap: Cap, account: str | None
) -> None:
    def count(at: int) -> int:
        return sum(
            contact.at > at - cap.window
            and contact.channel in cap.channels
            and (cap.per is Per.CONSUMER or None in (account, contact.account) or contact.account == account)
            for contact in contacts
        )

    frees = frees_at(contacts, cap, account)
    for at in range(NOW - 60 * HOUR, NOW + 60 * HOUR, HOUR // 2):
        assert (count(at) < cap.most) == (at >= frees)
    assert count(frees) < cap.most


@given(_CONTACTS, st.lists(_CAPS, max_size=4).map(tuple), _CAPS)
def test_another_cap_never_lets_a_text_go_earlier(
    contacts: tuple[Contact, ...], caps: tuple[Cap, ...], more: Cap
) -> None:
    before = judge_frequency(NOW, contacts, caps, "A")
    after = judge_frequency(NOW, contacts, (*caps, more), "A")
    if after.verdict is Verdict.ALLOW:
        assert before.verdict is Verdict.ALLOW
    assert (after.until or 0) >= (before.until or 0)


def plans(*in_days: int) -> tuple[Contact, ...]:
    return tuple(Contact(NOW + days * DAY, planned=True) for days in in_days)


def test_what_is_planned_for_later_leaves_room_now() -> None:
    assert judge_frequency(NOW, plans(1, 2), (DAILY,), None).verdict is Verdict.ALLOW


def test_a_plan_stands_in_the_way_of_what_would_wait_until_then() -> None:
    finding = judge_frequency(NOW, (Contact(NOW), *plans(1, 2)), (DAILY,), None)
    assert finding.until == NOW + 3 * DAY


def test_a_contact_from_the_future_that_is_no_plan_counts_now() -> None:
    assert judge_frequency(NOW, (Contact(NOW + HOUR),), (DAILY,), None).until == NOW + HOUR + DAY


def test_very_many_plans_are_not_looked_through_one_by_one() -> None:
    finding = judge_frequency(NOW, (Contact(NOW), *plans(*range(1, 5000))), (DAILY,), None)
    assert finding.until == NOW + 5000 * DAY
