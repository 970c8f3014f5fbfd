"""A gateway that lives through days: all of the flow over a carrier, the plugins of the house, the shipped policy.

Owns: letting time pass hour by hour, and writing down each text that reaches a consumer. Does not own: what clients tell and
consumers answer, or what should have been said (the tests).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import trio

import plugins
from gateway.config import Config, PluginsConfig, load
from gateway.extensions import template_files
from gateway.flow.intake import EventIntake
from gateway.flow.plugin_api import asks_by
from gateway.flow.plugins import Plugins
from gateway.hooks.discovery import Finder
from gateway.hooks.host import CallLimits, Host
from gateway.hooks.loading import load as load_plugins
from gateway.hooks.plugin import hearers
from gateway.model.client_events import ClientEvent
from gateway.model.events import PLUGIN_KINDS
from gateway.smpp.pdu import SubmitSm
from gateway.store.deeds import Follow
from gateway.store.sqlite import SqliteStore, open_memory
from gateway.text.decode import decode
from tests.flow.rig import CONF, Rig, settle

ACME = {"name": "Acme", "contact": "acme.example/help", "domains": ("acme.example",)}


class Sent(msgspec.Struct, frozen=True):
    """A text as a consumer got it."""

    at: int
    number: str
    text: str


class Life(Rig):
    """The flow of the rig, with plugins, and a clock that goes on by hours."""

    def __init__(self, config: Config, store: SqliteStore, nursery: trio.Nursery, wall: int) -> None:
        enabled = load_plugins(config.plugins, Finder((plugins.__name__,)))
        clients = (client.id for client in config.clients)
        super().__init__(config, store, nursery, wall, hearers(enabled, "observe_number_check", clients))
        patient = CallLimits(observe_seconds=60.0)  # a busy machine is no reason to give a plugin up
        self.host = Host(enabled, self.metrics, patient)
        self.intake = EventIntake(config, store, self.metrics, lambda: True, self.now)
        asks = asks_by(self.optins)
        self.plugins = Plugins(self.host, store, config, self.submitting, asks, self.consents, self.metrics, self.now)
        self._follows = any(plugin.implements("observe_text") for plugin in enabled)
        self.rounds = self.sweep()
        self.sent: list[Sent] = []
        self.told: list[tuple[str, Any]] = []
        """Kind and body of what plugins told the client."""
        self._heard = 0
        self._parts: dict[tuple[str, bytes], list[bytes]] = {}
        self._seen = 0
        self._receipts = 0

    def _keyword(self, client: str, text: str) -> tuple[str, str] | None:
        return self.host.keyword(client, text)

    async def begin(self) -> None:
        """Bind, and put the plugins and their texts in force."""
        await self.templates.load(template_files(self.config, self.host.plugins))
        await self.plugins.open()
        await self._follow()
        _, self.smsc = await self.link()

    async def tell(self, *events: ClientEvent) -> None:
        """The client tells of something; the plugins hear it."""
        client = self.config.clients[0]
        for event in events:
            assert self.intake.check(client, event) == []
        await self.intake.take(client, events)
        await self.go_on()

    async def say(self, number: str, words: str) -> None:
        """A consumer writes."""
        await self.smsc.text(words, source_addr=number.removeprefix("+"))
        await self.go_on()

    async def go_on(self) -> None:
        """All that is due now happens: jobs, plugins, texts, receipts."""
        while True:
            await self.plugins.jobs.once()
            await self._follow()
            for observer in self.plugins.observers.values():
                await observer.once()
            self.dispatch.wake(["simulator"])
            await settle()
            if not await self._arrive():
                break
        await self._hear()

    async def pass_to(self, instant: int) -> None:
        """Time goes on to an instant."""
        self.wall = instant
        await self.rounds.once()
        await self.go_on()

    async def _follow(self) -> None:
        """Plugins are to hear what became of their texts."""
        while self._follows and (await self.store.follow_texts(Follow(self.client, 5000)))[0]:
            pass

    async def _arrive(self) -> bool:
        """What was handed to the carrier reaches its consumer, and the receipt comes back."""
        fresh = self.smsc.submits[self._seen :]
        self._seen += len(fresh)
        for submit in fresh:
            self._receipts += 1
            await self.smsc.receipt(f"{self._receipts:08x}", source_addr=submit.destination_addr)
            self._read(submit)
        return bool(fresh)

    def _read(self, submit: SubmitSm) -> None:
        body, number = submit.short_message, f"+{submit.destination_addr}"
        if submit.esm_class & 0x40:
            header, body = body[1 : 1 + body[0]], body[1 + body[0] :]
            assert header[:2] == b"\x00\x03", "a concatenated text (3GPP TS 23.040 §9.2.3.24.1)"
            parts = self._parts.setdefault((number, header[2:3]), [])
            parts.append(body)
            if len(parts) < header[3]:
                return
            body = b"".join(self._parts.pop((number, header[2:3])))
        self.sent.append(Sent(self.wall, number, decode(body, submit.data_coding).text))

    async def _hear(self) -> None:
        """The client reads its log."""
        for event in await self.store.events(self.client, self._heard, 10_000):
            self._heard = event.seq
            if event.kind in PLUGIN_KINDS:
                self.told.append((str(event.kind), msgspec.json.decode(event.body)))


def lived(enabled: Sequence[str], settings: Mapping[str, dict[str, Any]] = {}) -> Config:
    """The shipped configuration with plugins."""
    config = load(CONF)
    client = msgspec.structs.replace(config.clients[0], **ACME)
    told = PluginsConfig(enabled=tuple(enabled), settings=dict(settings))
    return msgspec.structs.replace(config, clients=(client, *config.clients[1:]), plugins=told)


@asynccontextmanager
async def life_of(config: Config, at: int) -> AsyncIterator[Life]:
    """A gateway that lives from an instant to the end of the block."""
    async with open_memory() as store, trio.open_nursery() as nursery:
        life = Life(config, store, nursery, at)
        await life.begin()
        yield life
        nursery.cancel_scope.cancel()
