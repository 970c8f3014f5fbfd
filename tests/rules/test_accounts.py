"""What is known of an account, whatever the order in which its events come."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.account import Account, Standing
from gateway.model.client_events import EVENT_TYPES, ClientEvent
from gateway.model.clock import spell_instant
from gateway.model.money import Money
from gateway.rules.accounts import MOST_DUES, MOST_FIELDS, apply

DAY = date(2026, 3, 8)


def event(kind: str, second: int, **fields: Any) -> ClientEvent:
    return EVENT_TYPES[kind](
        id=f"{kind}-{second}", occurred_at=spell_instant(1_700_000_000_000 + second * 1000), account="A", **fields
    )


def known(*events: ClientEvent) -> Account:
    account = Account("acme", "A")
    for one in events:
        account = apply(account, one)
    return account


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_an_invoice_is_known_until_it_is_paid() -> None:
    issued = event("invoice.issued", 1, invoice="I", amount=usd(100), due_on=DAY, link="https://pay.example/I")
    account = known(issued)
    assert account.invoices["I"].standing is Standing.OPEN
    assert (account.invoices["I"].amount, account.next_due_on) == (usd(100), DAY)
    account = apply(account, event("invoice.updated", 2, invoice="I", due_on=DAY + timedelta(7)))
    assert account.next_due_on == DAY + timedelta(7)
    assert account.invoices["I"].link == "https://pay.example/I"
    account = apply(account, event("invoice.paid", 3, invoice="I"))
    assert account.invoices["I"].standing is Standing.DONE
    assert account.next_due_on is None


def test_an_older_word_changes_nothing() -> None:
    account = known(
        event("invoice.updated", 5, invoice="I", amount=usd(200), due_on=DAY),
        event("invoice.issued", 1, invoice="I", amount=usd(100), due_on=DAY - timedelta(3)),
    )
    assert (account.invoices["I"].amount, account.invoices["I"].due_on) == (usd(200), DAY)


def test_what_was_issued_before_the_account_was_paid_is_paid_however_late_it_is_told() -> None:
    account = known(
        event("account.paid", 5),
        event("invoice.issued", 7, invoice="new", amount=usd(1), due_on=DAY),
        event("invoice.issued", 1, invoice="old", amount=usd(1), due_on=DAY - timedelta(30)),
    )
    assert account.invoices["old"].standing is Standing.DONE
    assert account.invoices["new"].standing is Standing.OPEN
    assert not account.paid
    assert account.next_due_on == DAY


def test_a_payment_that_leaves_nothing_owed_settles_the_account() -> None:
    account = known(event("payment.posted", 1, payment="P", amount=usd(100), balance=usd(0), posted_on=DAY))
    assert account.paid
    assert account.silent
    assert (account.last_payment, account.last_payment_on) == (usd(100), DAY)


ISSUED = event("invoice.issued", 1, invoice="I", amount=usd(100), due_on=DAY)
POSTED = event("payment.posted", 2, payment="P", amount=usd(100), balance=usd(0))
TOLD_PAID = event("account.paid", 3)
BOUNCED = event("payment.nsf", 4, payment="P", amount=usd(100))


@pytest.mark.parametrize("paid", [(POSTED,), (TOLD_PAID,), (POSTED, TOLD_PAID)])
def test_a_payment_that_bounced_opens_what_it_had_settled(paid: tuple[ClientEvent, ...]) -> None:
    for order in permutations((ISSUED, *paid, BOUNCED)):
        account = known(*order)
        assert not account.silent
        assert account.invoices["I"].standing is Standing.OPEN
        again = apply(account, event("account.paid", 5))
        assert again.silent
        assert again.invoices["I"].standing is Standing.DONE


def test_what_was_settled_before_that_payment_stays_settled() -> None:
    account = known(
        ISSUED,
        TOLD_PAID,
        event("invoice.issued", 5, invoice="J", amount=usd(7), due_on=DAY),
        event("payment.posted", 6, payment="Q", amount=usd(7), balance=usd(0)),
        event("payment.nsf", 7, payment="Q", amount=usd(7)),
    )
    assert {name: due.standing for name, due in account.invoices.items()} == {
        "I": Standing.DONE,
        "J": Standing.OPEN,
    }
    assert not account.paid


@pytest.mark.parametrize(
    "other",
    [
        event("payment.posted", 3, payment="Q", amount=usd(100), balance=usd(0)),  # another one paid
        event("account.paid", 5),  # paid since
        event("payment.posted", 5, payment="P", amount=usd(100), balance=usd(0)),  # tried again, and it came
    ],
)
def test_a_bounce_that_had_no_part_in_the_settlement_opens_nothing(other: ClientEvent) -> None:
    for order in permutations((ISSUED, other, BOUNCED)):
        account = known(*order)
        assert account.silent
        assert account.invoices["I"].standing is Standing.DONE


def test_a_failed_attempt_opens_nothing_unless_the_payment_was_posted() -> None:
    failed = event("payment.failed", 4, payment="P", amount=usd(100))
    assert known(ISSUED, TOLD_PAID, failed).silent
    assert not known(ISSUED, POSTED, TOLD_PAID, failed).silent


@pytest.mark.parametrize("kind", ["payment.nsf", "payment.failed"])
def test_the_invoice_that_a_payment_names_is_open_again_when_it_comes_back(kind: str) -> None:
    posted = event("payment.posted", 2, payment="P", amount=usd(100), invoice="I")
    for order in permutations(
        (ISSUED, posted, event("invoice.paid", 3, invoice="I"), event(kind, 4, payment="P", amount=usd(1)))
    ):
        assert known(*order).invoices["I"].standing is Standing.OPEN
        settled = apply(known(*order), event("invoice.paid", 5, invoice="I"))
        assert settled.invoices["I"].standing is Standing.DONE
        retried = apply(known(*order), event("payment.posted", 5, payment="P", amount=usd(100)))
        assert retried.invoices["I"].standing is Standing.DONE
    cancelled = known(ISSUED, posted, event("invoice.cancelled", 3, invoice="I"), BOUNCED)
    assert cancelled.invoices["I"].standing is Standing.CANCELLED


def test_an_invoice_that_was_never_issued_is_not_open() -> None:
    account = known(event("invoice.updated", 1, invoice="I", amount=usd(1), due_on=DAY), TOLD_PAID, BOUNCED)
    assert account.invoices["I"].standing is not Standing.OPEN


def test_a_closed_account_stays_closed_until_a_newer_invoice_is_issued() -> None:
    closed = event("account.closed", 3)
    for order in permutations((ISSUED, POSTED, closed, BOUNCED)):
        account = known(*order, event("invoice.updated", 9, invoice="I", amount=usd(2)), event("account.updated", 9))
        assert account.closed
        assert account.silent
        assert not apply(account, event("invoice.issued", 10, invoice="J", amount=usd(1), due_on=DAY)).silent


def test_the_newest_number_comes_first() -> None:
    account = known(
        event("account.paid", 2, number="+12025550102"),
        event("account.paid", 1, number="+12025550101"),
        event("account.paid", 3, number="+12025550103"),
    )
    assert account.number == "+12025550103"
    assert account.numbers == ("+12025550103", "+12025550102", "+12025550101")


def test_fields_of_the_client_are_merged_one_by_one() -> None:
    account = known(
        event("account.updated", 2, fields={"a": 1, "b": "x"}),
        event("account.updated", 1, fields={"a": 0, "c": True}),
        event("account.updated", 3, fields={"b": None}),
    )
    assert account.fields == {"a": 1, "c": True}


def test_the_fields_that_are_kept_are_bounded_and_the_newest_stay() -> None:
    events = [event("account.updated", n, fields={f"f{n}": n, f"g{n}": None}) for n in range(MOST_FIELDS)]
    account = known(*events)
    assert set(account.fields) == {f"f{n}" for n in range(MOST_FIELDS // 2, MOST_FIELDS)}
    assert len(account.as_of) == MOST_FIELDS
    again = apply(account, event("account.updated", MOST_FIELDS, fields={"f0": 7}))
    assert again.fields["f0"] == 7


def test_promises_move_the_promised_day() -> None:
    made = event("promise.made", 1, promise="R", amount=usd(5), due_on=DAY)
    assert known(made).next_promised_on == DAY
    assert known(made, event("promise.broken", 2, promise="R")).next_promised_on is None
    assert known(made, event("promise.broken", 2, promise="R")).promises["R"].standing is Standing.FAILED


def test_the_dues_that_are_kept_are_bounded_and_open_ones_go_last() -> None:
    events = [event("invoice.issued", n, invoice=f"I{n}", amount=usd(1), due_on=DAY) for n in range(MOST_DUES)]
    events.append(event("invoice.paid", MOST_DUES, invoice="I50"))
    events.append(event("invoice.issued", MOST_DUES + 1, invoice="new", amount=usd(1), due_on=DAY))
    account = known(*events)
    assert len(account.invoices) == MOST_DUES
    assert "I50" not in account.invoices
    assert {"I0", "new"} <= set(account.invoices)


def bare(account: Account) -> object:
    return msgspec.structs.replace(account, as_of={}, numbers=tuple(sorted(account.numbers)))


_KINDS = st.sampled_from(
    [
        ("invoice.issued", {"invoice": "I", "amount": usd(1), "due_on": DAY}),
        ("invoice.issued", {"invoice": "J", "amount": usd(2), "due_on": DAY + timedelta(1)}),
        ("invoice.updated", {"invoice": "I", "due_on": DAY + timedelta(2)}),
        ("invoice.paid", {"invoice": "I"}),
        ("invoice.cancelled", {"invoice": "J"}),
        ("account.paid", {}),
        ("account.closed", {"number": "+12025550101"}),
        ("payment.posted", {"payment": "P", "amount": usd(3), "balance": usd(0), "number": "+12025550102"}),
        ("promise.made", {"promise": "R", "amount": usd(4), "due_on": DAY}),
        ("promise.kept", {"promise": "R"}),
        ("payment.posted", {"payment": "Q", "amount": usd(3), "invoice": "I"}),
        ("payment.failed", {"payment": "P", "amount": usd(3)}),
        ("payment.nsf", {"payment": "Q", "amount": usd(3)}),
        ("payment.nsf", {"payment": "Q", "amount": usd(3), "invoice": "I"}),
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_KINDS, min_size=2, max_size=5))
def test_the_order_of_arrival_does_not_matter(kinds: list[tuple[str, dict[str, Any]]]) -> None:
    events = [event(kind, second, **fields) for second, (kind, fields) in enumerate(kinds, 1)]
    outcomes = {msgspec.json.encode(bare(known(*order)), order="deterministic") for order in permutations(events)}
    assert len(outcomes) == 1
