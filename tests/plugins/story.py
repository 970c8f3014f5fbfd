"""What a client tells of one account, and the texts that come of it in full.

Owns: building events with little ado, and filling a plugin's templates as the gateway does. Does not own: what is tested.
"""

from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from gateway.hooks.fake import FakeGateway
from gateway.hooks.fake_api import GIVEN, FakeText
from gateway.model.client_events import AnyClientEvent, ClientEvent, InvoiceIssued
from gateway.model.clock import spell_instant
from gateway.model.money import Money
from gateway.text.template import render
from gateway.text.template_source import read_template

NUMBER = "+12025550123"
ZONE = "America/Chicago"
PLUGINS = Path(__file__).parents[2] / "plugins"
LINK = "https://pay.acme.example/i/42"

AnEvent = TypeVar("AnEvent", bound=ClientEvent)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


class Story:
    """A client that tells a gateway of accounts; events are of now unless told otherwise."""

    def __init__(self, gateway: FakeGateway) -> None:
        self.gateway = gateway
        self._count = 0

    def event(self, kind: type[AnEvent], **fields: Any) -> AnEvent:
        """An event about the account A-1, unless told otherwise."""
        self._count += 1
        standard = {
            "id": f"e{self._count}",
            "occurred_at": spell_instant(self.gateway.now),
            "account": "A-1",
            "number": NUMBER,
            "zone": ZONE,
        }
        return kind(**(standard | fields))

    async def tell(self, kind: type[ClientEvent], **fields: Any) -> ClientEvent:
        """Post an event, and return it."""
        event: Any = self.event(kind, **fields)
        told: AnyClientEvent = event
        await self.gateway.post(told)
        return event  # type: ignore[no-any-return]

    async def issue(
        self, due_on: date, invoice: str = "I-1", amount: Money | None = None, **fields: Any
    ) -> ClientEvent:
        """An invoice."""
        amount = amount or usd(5210)
        return await self.tell(InvoiceIssued, invoice=invoice, amount=amount, due_on=due_on, **fields)

    async def to(self, instant: str) -> None:
        """Let time pass until an instant; what was on its way before has arrived."""
        await self.carry()
        await self.gateway.advance_to(instant)

    async def carry(self) -> None:
        """Whatever is on its way arrives."""
        for text in self.gateway.texts:
            if text.state == "queued":
                await self.gateway.settle(text.key, "delivered")

    @property
    def went(self) -> list[tuple[str, str]]:
        """Instant and template of every text that was not blocked or called off."""
        return [
            (spell_instant(text.at)[:16], (text.template or "").rpartition(".")[2])
            for text in self.gateway.texts
            if text.state in ("queued", "held", "delivered")
        ]

    @property
    def words(self) -> list[str]:
        """What every text says, in English; that each can be said in Spanish too is seen to."""
        for text in self.gateway.texts:
            in_spanish(text)
        return [text.text for text in self.gateway.texts]

    @property
    def told(self) -> list[tuple[str, Any]]:
        """Kind and body of the events out."""
        return [(event.kind, event.data) for event in self.gateway.events]


def in_spanish(text: FakeText) -> str:
    """The text for somebody who reads Spanish. Raises TemplateRefused where its values do not fit."""
    plugin, _, name = (text.template or "").partition(".")
    spec = read_template(text.template or "", (PLUGINS / plugin / "templates" / f"{name}.toml").read_text("utf-8"))
    return render(spec, text.values, "es-US", None, GIVEN).text
