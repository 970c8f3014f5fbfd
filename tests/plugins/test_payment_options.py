"""Payment options: whole cents, the 15th of the months, and a person for the rest."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import AccountPaid, AccountUpdated, InvoicePaid, PaymentNsf, PaymentPosted
from gateway.model.money import Money
from plugins import payment_options
from plugins.payment_options import COUNTS, MOST_ROUNDS
from plugins.payment_options.plan import installments
from tests.plugins.story import NUMBER, Story, usd


@given(st.integers(1, 10**12), st.sampled_from(COUNTS), st.dates(date(1970, 1, 1), date(2190, 1, 1)))
def test_parts_add_up_and_fall_due_on_the_15th_of_the_following_months(minor: int, count: int, today: date) -> None:
    if minor < count:
        with pytest.raises(ValueError, match="too small"):
            installments(usd(minor), count, today)
        return
    plan = installments(usd(minor), count, today)
    assert sum(part.amount.minor for part in plan) == minor
    assert len({part.amount for part in plan[:-1]}) == 1
    assert 0 <= plan[-1].amount.minor - plan[0].amount.minor < count
    months = [part.due_on.year * 12 + part.due_on.month for part in plan]
    assert months == [today.year * 12 + today.month + number for number in range(1, count + 1)]
    assert {part.due_on.day for part in plan} == {15}


def test_the_example_of_a_hundred_dollars_in_three() -> None:
    assert [(part.amount.minor, str(part.due_on)) for part in installments(usd(10000), 3, date(2026, 10, 31))] == [
        (3333, "2026-11-15"),
        (3333, "2026-12-15"),
        (3334, "2027-01-15"),
    ]


async def opened(amount: Money | None = None) -> Story:
    """The menu is open."""
    story = Story(FakeGateway(payment_options, now="2026-03-02T15:00:00Z"))
    await story.issue(date(2026, 1, 16), amount=amount or usd(10000))
    await story.gateway.say("OPTIONS", NUMBER)
    return story


async def test_the_menu_offers_five_ways() -> None:
    story = await opened()
    assert story.words == [
        "Acme: ways to pay $100.00. Reply 1 installments, 2 refinancing, 3 a later date, 4 one final payment,"
        " 5 talk to us. Reply STOP to opt out."
    ]


async def test_installments_are_chosen_shown_and_accepted() -> None:
    story = await opened()
    await story.gateway.answer("installments")
    await story.gateway.answer("count_3")
    await story.gateway.answer("accept")
    assert story.words[1:] == [
        "Acme: in how many monthly payments? Reply 3, 6 or 9. Reply STOP to opt out.",
        "Acme: 3 monthly payments of $33.33, the last of $33.34, from Apr 15, 2026. Reply 1 to accept, 2 to talk to us,"
        " 3 for another number of payments. Reply STOP to opt out.",
        "Acme: thank you. Your plan is set: 3 monthly payments from Apr 15, 2026. We will remind you before each."
        " Reply STOP to opt out.",
    ]
    parts = [(3333, "2026-04-15"), (3333, "2026-05-15"), (3334, "2026-06-15")]
    assert story.told == [
        (
            "plan.chosen",
            {
                "amount": {"minor": 10000, "currency": "USD"},
                "count": 3,
                "installments": [
                    {"amount": {"minor": minor, "currency": "USD"}, "due_on": day} for minor, day in parts
                ],
            },
        )
    ]


async def test_equal_parts_are_not_spoken_of_twice() -> None:
    story = await opened(usd(9000))
    await story.gateway.answer("installments")
    await story.gateway.answer("count_9")
    assert "9 monthly payments of $10.00, from" in story.words[-1]


async def test_another_number_is_shown_up_to_a_limit_and_then_a_person_helps() -> None:
    story = await opened()
    await story.gateway.answer("installments")
    for _ in range(MOST_ROUNDS - 1):
        await story.gateway.answer("count_6")
        await story.gateway.answer("other")
        assert story.words[-1].startswith("Acme: in how many")
    await story.gateway.answer("count_6")
    await story.gateway.answer("other")
    assert [(kind, data["reason"]) for kind, data in story.told] == [("handover.requested", "wants_other_installments")]
    assert story.words[-1].startswith("Acme: thank you. A member of our team")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (["refinancing"], "refinancing"),
        (["deferral"], "deferral"),
        (["balloon"], "balloon"),
        (["talk"], "asked_for_a_person"),
        (["installments", "count_6", "talk"], "asked_for_a_person"),
    ],
)
async def test_a_person_goes_on_with_what_a_text_cannot_settle(path: list[str], reason: str) -> None:
    story = await opened()
    for choice in path:
        await story.gateway.answer(choice)
    amount = {"minor": 10000, "currency": "USD"}
    assert story.told == [("handover.requested", {"reason": reason, "amount": amount})]
    assert story.words[-1].startswith("Acme: thank you. A member of our team")


async def test_who_is_not_understood_hears_that_a_person_will_help() -> None:
    story = await opened()
    await story.gateway.answer("installments")
    await story.gateway.answer(None, outcome="handed_over")
    assert story.told == []  # the gateway itself tells the client
    assert story.words[-1].startswith("Acme: thank you. A member of our team")


async def test_a_plan_for_an_amount_that_has_changed_is_asked_about_again() -> None:
    story = await opened()
    await story.gateway.answer("installments")
    await story.gateway.answer("count_3")
    story.gateway.learn(story.event(AccountUpdated, balance=usd(8000)))
    await story.gateway.answer("accept")
    assert story.told == []
    assert story.words[-1].startswith("Acme: in how many")


@pytest.mark.parametrize("outcome", ["expired", "opted_out"])
async def test_silence_is_no_answer(outcome: Any) -> None:
    story = await opened()
    await story.gateway.answer(None, outcome=outcome)
    assert (story.told, len(story.gateway.texts)) == ([], 1)


async def test_what_cannot_be_parted_is_for_a_person() -> None:
    story = await opened(usd(5))
    await story.gateway.answer("installments")
    await story.gateway.answer("count_6")
    assert [data["reason"] for _, data in story.told] == ["no_installments_possible"]


async def test_who_owes_nothing_that_is_known_gets_a_person() -> None:
    story = Story(FakeGateway(payment_options))
    await story.tell(AccountPaid)
    await story.gateway.say("OPCIONES", NUMBER)
    assert [data["reason"] for _, data in story.told] == ["nothing_known_to_be_owed"]


async def test_a_keyword_from_a_number_of_two_accounts_or_of_none_is_for_a_person() -> None:
    story = Story(FakeGateway(payment_options))
    for number in (NUMBER, "+12025550199"):
        await story.tell(AccountPaid)
        await story.tell(AccountPaid, account="B-1", number=NUMBER)
        await story.gateway.say("OPTIONS", number)
        assert story.told[-1] == (
            "handover.requested",
            {"reason": "account_unclear", "number": number, "keyword": "OPTIONS"},
        )
    assert story.words == []


async def test_amounts_in_two_currencies_are_not_added_up() -> None:
    story = Story(FakeGateway(payment_options))
    await story.issue(date(2026, 1, 16), invoice="I-1", amount=usd(1))
    await story.issue(date(2026, 1, 16), invoice="I-2", amount=Money(1, "CAD"))
    await story.gateway.say("OPTIONS", NUMBER)
    assert [data["reason"] for _, data in story.told] == ["nothing_known_to_be_owed"]


async def test_a_balance_goes_before_the_sum_of_the_invoices() -> None:
    story = await opened()
    await story.tell(AccountUpdated, balance=usd(4200))
    await story.gateway.say("OPTIONS", NUMBER)
    assert "ways to pay $42.00" in story.words[-1]


async def test_a_question_is_closed_once_everything_is_paid() -> None:
    story = await opened()
    await story.tell(InvoicePaid, invoice="I-1")
    await story.tell(AccountPaid)
    assert [dialog.open for dialog in story.gateway.dialogs] == [False]


async def test_what_is_owed_after_a_bounce_is_what_its_invoices_come_to() -> None:
    story = Story(FakeGateway(payment_options))
    await story.issue(date(2026, 3, 20))
    await story.tell(PaymentPosted, payment="P-1", amount=usd(5210), balance=usd(0))
    await story.gateway.advance(1)
    await story.tell(PaymentNsf, payment="P-1", amount=usd(5210))
    await story.gateway.say("OPTIONS", NUMBER)
    assert "$52.10" in story.words[-1]
