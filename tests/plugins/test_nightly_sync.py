"""A client whose billing system tells everything again each night under new event ids, and whose bank takes a payment back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import trio

from gateway.model.client_events import AnyClientEvent, InvoiceIssued, PaymentNsf, PaymentPosted, PromiseMade
from gateway.model.clock import read_instant, spell_instant
from gateway.model.money import Money
from tests.plugins.life import Life, life_of, lived
from tests.plugins.story import NUMBER, ZONE

ENABLED = ["invoices", "payment_reminders", "promise_to_pay"]
SETTINGS: dict[str, Any] = {"invoices": {"chain": []}}
START, DUE = date(2026, 3, 2), date(2026, 3, 20)
AMOUNT = Money(5210, "USD")


def spoken(life: Life) -> list[tuple[str, str]]:
    """When each text came, and the words by which it is known."""
    words = ("is ready", "is due", "was due", "have not received", "you planned", "we received")
    return [(spell_instant(text.at)[:16], next(known for known in words if known in text.text)) for text in life.sent]


class Client:
    """Tells of one account."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._count = 0

    async def tell(self, kind: type[AnyClientEvent], **fields: Any) -> None:
        self._count += 1
        standard = {"id": f"e{self._count}", "occurred_at": spell_instant(self._life.wall), "account": "A-1"}
        event: Any = kind(**(standard | {"number": NUMBER, "zone": ZONE, "program": "servicing"} | fields))
        await self._life.tell(event)

    async def issue(self) -> None:
        await self.tell(InvoiceIssued, invoice="I-1", amount=AMOUNT, due_on=DUE)


async def live(
    days: int,
    happens: dict[date, list[tuple[Any, dict[str, Any]]]],
    nightly: bool,
    enabled: Sequence[str] = ENABLED,
) -> list[tuple[str, str]]:
    with trio.fail_after(120):
        async with life_of(lived(enabled, SETTINGS), read_instant(f"{START}T15:00:00Z")) as life:
            client = Client(life)
            await life.consent(NUMBER)
            await client.issue()
            for number in range(days):
                day = START + timedelta(days=number)
                for hour in (15, 16, 20):
                    await life.pass_to(
                        int(
                            datetime(
                                day.year, day.month, day.day, hour, 30 if hour == 20 else 0, tzinfo=UTC
                            ).timestamp()
                            * 1000
                        )
                    )
                for kind, fields in happens.get(day, []):
                    await client.tell(kind, **fields)
                if nightly and day < date(2026, 3, 18):
                    await life.pass_to(life.wall + 9 * 3_600_000)  # half past midnight in Chicago
                    await client.issue()
            return spoken(life)


@pytest.mark.parametrize("nightly", [False, True])
async def test_the_consumer_reads_each_text_once_and_is_reminded_again_after_the_bounce(nightly: bool) -> None:
    payment = {"payment": "P-1", "amount": AMOUNT}
    happens: dict[date, list[tuple[Any, dict[str, Any]]]] = {
        date(2026, 3, 18): [(PaymentPosted, payment | {"balance": Money(0, "USD")})],
        date(2026, 3, 24): [(PaymentNsf, payment)],
    }
    assert await live(30, happens, nightly) == [
        ("2026-03-02T15:00", "is ready"),
        ("2026-03-17T15:00", "is due"),
        ("2026-03-26T15:00", "have not received"),
    ]


async def test_a_payment_that_is_told_each_night_has_a_receipt_for_each_time_that_it_came_in() -> None:
    def on(*days: int) -> list[tuple[date, dict[str, Any]]]:
        return [(date(2026, 3, day), {"payment": "P-1", "amount": AMOUNT}) for day in days]

    posted = on(3, 4, 5, 11, 12, 13)
    happens: dict[date, list[tuple[Any, dict[str, Any]]]] = {day: [(PaymentPosted, told)] for day, told in posted}
    happens |= {day: [(PaymentNsf, told)] for day, told in on(9, 10)}
    assert await live(14, happens, False, ["payment_receipts"]) == [
        ("2026-03-03T20:30", "we received"),
        ("2026-03-11T20:30", "we received"),
    ]


async def test_a_promise_that_is_told_each_night_is_reminded_of_once() -> None:
    promise = (PromiseMade, {"promise": "R-1", "amount": AMOUNT, "due_on": date(2026, 3, 30), "invoice": "I-1"})
    happens = {date(2026, 3, 21) + timedelta(days=number): [promise] for number in range(9)}
    assert await live(31, happens, False) == [
        ("2026-03-02T15:00", "is ready"),
        ("2026-03-17T15:00", "is due"),
        ("2026-03-29T16:00", "you planned"),  # a Sunday: the hours begin at noon where the number is
    ]
