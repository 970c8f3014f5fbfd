"""The guard: what it refuses, and that it lets everything else go on to the rules."""

from typing import Any

import pytest

from gateway.hooks import Draft
from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import AccountClosed, AccountUpdated
from plugins import account_guard
from plugins.account_guard import GuardSettings, Mark

NOW = "2026-03-02T15:00:00Z"
MARKED = GuardSettings(marks=(Mark(field="in_dispute", values=(True,)), Mark(field="status", values=("court", 7))))


def guard(settings: GuardSettings | None = None, *, closed: bool = False, **fields: Any) -> FakeGateway:
    gateway = FakeGateway(account_guard, settings=settings, now=NOW)
    gateway.learn(AccountUpdated(id="e-1", occurred_at=NOW, account="A-1", fields=fields))
    if closed:
        gateway.learn(AccountClosed(id="e-2", occurred_at=NOW, account="A-1"))
    return gateway


def draft(account: str | None = "A-1", category: str = "servicing") -> Draft:
    return Draft("acme", "servicing", category, "+12025550123", "Hello", None, account, None, 0)


@pytest.mark.parametrize("fields", [{"in_dispute": True}, {"status": "court"}, {"status": 7}])
def test_a_marked_account_is_guarded(fields: dict[str, Any]) -> None:
    refusal = guard(MARKED, **fields).decide(draft())
    assert refusal is not None
    assert next(iter(fields)) in refusal.reason


@pytest.mark.parametrize("fields", [{}, {"in_dispute": False}, {"in_dispute": 1}, {"status": "open"}, {"other": True}])
def test_any_other_account_is_not(fields: dict[str, Any]) -> None:
    assert guard(MARKED, **fields).decide(draft()) is None


def test_a_closed_account_is_guarded_unless_the_operator_says_so() -> None:
    assert guard(closed=True).decide(draft()) is not None
    open_door = GuardSettings(closed=False, marks=(Mark(field="x", values=(1,)),))
    assert guard(open_door, closed=True).decide(draft()) is None


def test_it_can_be_for_some_categories() -> None:
    settings = GuardSettings(categories=("collections",))
    assert guard(settings, closed=True).decide(draft()) is None
    assert guard(settings, closed=True).decide(draft(category="collections")) is not None


@pytest.mark.parametrize("account", [None, "unheard of"])
def test_of_what_is_not_known_it_says_nothing(account: str | None) -> None:
    assert guard(MARKED, in_dispute=True).decide(draft(account)) is None


def test_a_guard_of_nothing_is_a_fault() -> None:
    assert [wrong[0] for wrong in GuardSettings(closed=False).check()] == ["marks"]
