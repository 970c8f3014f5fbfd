"""The example of conf/examples/debt-collection, lived by three consumers from the invoice to the call on day 90."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import trio

from gateway.config import PluginsConfig
from gateway.model.client_events import (
    AnyClientEvent,
    InvoiceIssued,
    PaymentPosted,
    PromiseMade,
    StepCompleted,
)
from gateway.model.clock import MINUTE, spell_instant
from gateway.model.money import Money
from tests.plugins.life import Life, life_of, lived
from tests.plugins.story import ZONE

EXAMPLE = Path(__file__).parents[2] / "conf" / "examples" / "debt-collection" / "plugins.toml"
ISSUED, DUE, END = date(2026, 3, 3), date(2026, 3, 17), date(2026, 6, 20)
HOURS = (15, 16, 20)
SILENT, PROMISING, SEEN = "+12025550123", "+12025550124", "+12025550125"
WORDS = {
    "is ready": "invoice",
    "is due Mar": "before",
    "was due": "after 3",
    "have not received": "after 6",
    "When can you pay": "when",
    "ways to pay": "options",
    "how many monthly": "how many",
    "monthly payments of": "plan",
    "Your plan is set": "set",
    "We noted": "thanks",
    "you planned": "promised",
    "we received": "receipt",
}


def config() -> PluginsConfig:
    return msgspec.convert(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")), PluginsConfig)


def instant(day: date, hour: int) -> int:
    return int(datetime.combine(day, time(hour), UTC).timestamp() * 1000)


class Client:
    """Tells of three accounts, each called by its number."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self._count = 0

    async def tell(self, kind: type[AnyClientEvent], number: str, **fields: Any) -> None:
        self._count += 1
        standard = {"id": f"e{self._count}", "occurred_at": spell_instant(self.life.wall), "account": number}
        event: Any = kind(**(standard | {"number": number, "zone": ZONE, "program": "servicing"} | fields))
        await self.life.tell(event)

    def heard(self, number: str) -> list[tuple[str, Mapping[str, Any]]]:
        return [(kind, body) for kind, body in self.life.told if body["account"] == number]

    def read(self, number: str) -> list[tuple[str, str]]:
        """The day of each text, and what it is about."""
        texts = [text for text in self.life.sent if text.number == number]
        return [
            (spell_instant(text.at)[5:10], next(name for words, name in WORDS.items() if words in text.text))
            for text in texts
        ]


async def live(client: Client) -> None:
    life = client.life
    for number in (SILENT, PROMISING, SEEN):
        await life.consent(number)
        link = f"https://pay.acme.example/{number[-2:]}"
        await client.tell(
            InvoiceIssued, number, invoice=f"I{number}", amount=Money(10000, "USD"), due_on=DUE, link=link
        )
    step = next(body["id"] for _, body in client.heard(SEEN))
    await client.tell(StepCompleted, SEEN, step=step, outcome="clicked")
    for minutes in (1, 2, 6, 7):
        await life.pass_to(instant(ISSUED, 15) + minutes * MINUTE)
    for days in range((END - ISSUED).days):
        day = ISSUED + timedelta(days=days + 1)
        for hour in HOURS:
            await life.pass_to(instant(day, hour))
            if hour == HOURS[-1]:
                await happen(client, day)


async def happen(client: Client, day: date) -> None:
    """What consumers answer, and what the client does about it."""
    if day == DUE + timedelta(days=1):
        await client.tell(PaymentPosted, SEEN, payment="P-1", amount=Money(10000, "USD"), balance=Money(0, "USD"))
    if day == DUE + timedelta(days=45):
        await client.life.say(PROMISING, "in 7 days")
        promised = next(body["data"] for kind, body in client.heard(PROMISING) if kind == "promise.made")
        fields = {"amount": Money(**promised["amount"]), "due_on": date.fromisoformat(promised["due_on"])}
        await client.tell(PromiseMade, PROMISING, promise=promised["promise"], invoice=promised["invoice"], **fields)
    if day == DUE + timedelta(days=60):
        for answer in ("1", "three", "I accept"):
            await client.life.say(SILENT, answer)


async def test_the_example_lives_a_hundred_days() -> None:
    enabled = config()
    with trio.fail_after(300):
        async with life_of(lived(enabled.enabled, enabled.settings), instant(ISSUED, 15)) as life:
            client = Client(life)
            await live(client)
    until_45 = [
        ("03-03", "invoice"),
        ("03-14", "before"),
        ("03-20", "after 3"),
        ("03-23", "after 6"),
        ("05-01", "when"),
    ]
    assert client.read(SILENT) == [
        *until_45,
        ("05-16", "options"),
        ("05-16", "how many"),
        ("05-16", "plan"),
        ("05-16", "set"),
    ]
    kinds = ["step.email_due", "step.whatsapp_due", "step.sms_due"]
    assert [kind for kind, _ in client.heard(SILENT)] == [*kinds[:2], "plan.chosen", "step.voice_due"]
    (plan,) = (body["data"] for kind, body in client.heard(SILENT) if kind == "plan.chosen")
    assert [part["amount"]["minor"] for part in plan["installments"]] == [3333, 3333, 3334]
    assert {part["due_on"][-2:] for part in plan["installments"]} == {"15"}
    assert client.read(PROMISING)[: len(until_45) + 2] == [*until_45, ("05-01", "thanks"), ("05-07", "promised")]
    assert [kind for kind, _ in client.heard(PROMISING)][:4] == [*kinds[:2], "promise.made", "promise.broken"]
    # Who clicked in the e-mail heard of the invoice by nothing else, and after the payment nothing but its receipt.
    assert client.read(SEEN) == [("03-14", "before"), ("03-18", "receipt")]
    assert [kind for kind, _ in client.heard(SEEN)] == ["step.email_due"]
