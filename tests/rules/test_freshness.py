"""How long a consent counts without a sign of life."""

import pytest

from gateway.errors import Code
from gateway.model.clock import DAY
from gateway.model.decision import Verdict
from gateway.rules.freshness import judge_freshness

AT = 1_790_000_000_000


@pytest.mark.parametrize("age", [0, 59 * DAY, 60 * DAY, -DAY])
def test_a_person_who_was_heard_of_lately(age: int) -> None:
    assert judge_freshness(AT, AT - age, 60).verdict is Verdict.ALLOW


@pytest.mark.parametrize(("age", "days"), [(0, 0), (DAY - 1, 0), (3 * DAY, 3), (-DAY, 0)])
def test_how_long_ago_that_was_is_told(age: int, days: int) -> None:
    assert judge_freshness(AT, AT - age, 60).detail == f"last heard of {days} days ago"


def test_a_person_who_was_heard_of_in_the_future() -> None:
    """A clock that jumps by a day does no harm; one that was months ahead keeps nothing fresh for months."""
    finding = judge_freshness(AT, AT + DAY + 1, 60)
    assert (finding.verdict, finding.code) == (Verdict.REFUSE, Code.CONSENT_STALE)


def test_a_person_who_was_not() -> None:
    finding = judge_freshness(AT, AT - 60 * DAY - 1, 60)
    assert (finding.verdict, finding.code) == (Verdict.REFUSE, Code.CONSENT_STALE)


@pytest.mark.parametrize(("fresh_at", "days"), [(None, 60), (0, None), (None, None)])
def test_nothing_to_judge(fresh_at: int | None, days: int | None) -> None:
    assert judge_freshness(AT, fresh_at, days).verdict is Verdict.ALLOW
