"""An account with two numbers: who writes is answered, whichever of them the account is texted at."""

from datetime import date
from typing import Any

import pytest
import trio

from gateway.model.address import Number
from gateway.model.client_events import AccountUpdated, InvoiceIssued
from gateway.model.clock import read_instant
from gateway.model.money import Money
from gateway.store.unlinked import Link
from tests.plugins.life import Life, life_of, lived

TEXTED, OTHER = "+12025550123", "+12025550124"
NOW = "2026-03-03T16:00:00Z"
FIELDS = {"last4": "0042", "method_last4": "1881"}


async def told(life: Life, number: str, events: str) -> None:
    """The client tells of the account, and of an invoice."""
    about: dict[str, Any] = {"occurred_at": NOW, "account": "A-1", "number": number, "program": "servicing"}
    about |= {"zone": "America/New_York"}
    invoice: dict[str, Any] = {"invoice": "I-1", "amount": Money(5210, "USD"), "due_on": date(2026, 1, 17)}
    await life.tell(AccountUpdated(id=f"{events}-1", fields={**FIELDS}, **about))
    await life.tell(InvoiceIssued(id=f"{events}-2", **invoice, **about))


def read(life: Life) -> list[tuple[str, str]]:
    """Whom each text went to, and a word of it."""
    words = ("CONFIRM to", "on its way", "ways to pay", "how many", "When can", "noted", "get back")
    return [(text.number, next(word for word in words if word in text.text)) for text in life.sent]


@pytest.mark.parametrize(
    ("says", "reads"),
    [
        (["PAY", "CONFIRM"], ["CONFIRM to", "on its way"]),
        (["OPTIONS", "1"], ["ways to pay", "how many"]),
        (["OPTIONS", "5"], ["ways to pay", "get back"]),
    ],
)
async def test_a_number_that_was_linked_to_the_account_is_answered(says: list[str], reads: list[str]) -> None:
    with trio.fail_after(60):
        async with life_of(lived(["text_to_pay", "payment_options"]), read_instant(NOW)) as life:
            await life.consent(TEXTED)
            await life.consent(OTHER)
            await told(life, TEXTED, "e")
            await life.store.link_number(Link(Number(OTHER), life.client, "A-1", life.wall))
            for words in says:
                await life.say(OTHER, words)
            assert read(life) == [(OTHER, word) for word in reads]


@pytest.mark.parametrize(("says", "reads"), [("2", "noted"), ("5", "get back")])
async def test_who_was_asked_is_answered_though_the_account_is_texted_elsewhere_since(says: str, reads: str) -> None:
    with trio.fail_after(60):
        async with life_of(lived(["payment_reminders", "promise_to_pay"]), read_instant(NOW)) as life:
            await life.consent(TEXTED)
            await life.consent(OTHER)
            await told(life, OTHER, "e")
            assert read(life) == [(OTHER, "When can")]
            await told(life, TEXTED, "f")
            await life.say(OTHER, says)
            assert read(life) == [(OTHER, "When can"), (OTHER, reads)]
