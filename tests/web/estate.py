"""A gateway without carriers, for tests of the resources: two clients, the store in memory, the real flow, both doors."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from gateway.carrier.bind import BindStatus
from gateway.config import (
    CarrierConfig,
    CategoryConfig,
    ClientConfig,
    Config,
    GatewayConfig,
    PluginsConfig,
    PolicyConfig,
    ProgramConfig,
    WebhookConfig,
)
from gateway.config.templates import TemplateFile
from gateway.errors import Code
from gateway.flow.check import Check
from gateway.flow.consent import Consents
from gateway.flow.intake import EventIntake
from gateway.flow.ledger import Ledger
from gateway.flow.optins import OptIns, Random
from gateway.flow.optouts import OptOuts
from gateway.flow.plugin_api import asks_by
from gateway.flow.plugins import Plugins
from gateway.flow.prepare import Preparation
from gateway.flow.refusals import PluginRefusals
from gateway.flow.reviews import Reviews
from gateway.flow.submit import Submit
from gateway.flow.templates import Templates
from gateway.flow.waits import Wait
from gateway.hooks.host import Host
from gateway.hooks.plugin import Plugin, hearers
from gateway.metrics import Metrics
from gateway.model.address import Number
from gateway.model.clock import read_instant
from gateway.model.consent import Optin
from gateway.model.hold import HoldReason, Opening
from gateway.model.ids import IdSource, InboundId, ReviewId, spell
from gateway.model.inbound import Heard, Inbound, InboundEffect, Reading, ReplyKind, SignalName
from gateway.model.message import Answer as Settled
from gateway.model.message import Claimed, ReceiptNews, State
from gateway.rules.charters import Charters
from gateway.rules.holds import review_due
from gateway.store.anchors import AnchorFile
from gateway.store.claim import Claim
from gateway.store.inbound import Reception
from gateway.store.optins import answer_optin
from gateway.store.sqlite import SqliteStore, open_memory
from gateway.store.unit import Unit
from gateway.store.writer import Verb
from gateway.web.auth import Gate, Keys
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.operator import operator_handler
from gateway.web.problem import Problem
from gateway.web.public import public_handler
from tests.policies import opened

NUMBER = "+12025550123"
OTHER_NUMBER = "+12025550124"
START = read_instant("2026-03-02T15:00:00Z")
TOKEN = "adm_" + "t" * 43

BASIS = "agreed elsewhere"
EVIDENCE = {
    "obtained_at": "2026-01-15T10:00:00Z",
    "medium": "web form",
    "wording": "I agree to get texts.",
    "source": "sign-up page",
}
ASKING = {"method": "quick", "to": OTHER_NUMBER, "program": "servicing", "category": "servicing"}
WISH = {"to": NUMBER, "program": "servicing", "category": "servicing", "text": "Your payment is due."}


def program(name: str, sender: str) -> ProgramConfig:
    return ProgramConfig(
        id=name,
        sender=sender,
        carriers=("main",),
        categories=("servicing", "marketing"),
        purpose="Texts about an account",
        help_text="Help: example.com/help",
        stop_confirmation="No more texts.",
        start_confirmation="Texts again.",
    )


CONFIG = opened(
    Config(
        gateway=GatewayConfig(),
        carriers=(CarrierConfig(name="main", host="127.0.0.1", system_id="assent", password="secret"),),
        clients=(
            ClientConfig(
                id="acme",
                name="Acme",
                allow_imported_consent=True,
                imported_consent_basis=BASIS,
                programs=(program("servicing", "+12025550100"), program("offers", "+12025550101")),
                webhooks=(WebhookConfig(id="hook", url="https://hooks.example/in", secret="whsec_" + "A" * 32),),
            ),
            ClientConfig(
                id="globex",
                name="Globex",
                allow_imported_consent=True,
                imported_consent_basis=BASIS,
                programs=(program("servicing", "+12025550102"),),
            ),
            ClientConfig(id="initech", name="Initech", programs=(program("servicing", "+12025550103"),)),
        ),
        policy=PolicyConfig(
            categories={
                "servicing": CategoryConfig(),
                "marketing": CategoryConfig(max_segments=1),
                "collections": CategoryConfig(),
                "system": CategoryConfig(consent="none"),
            }
        ),
        plugins=PluginsConfig(),
    )
)


TEMPLATES = (
    TemplateFile(
        "due",
        "templates/due.toml",
        """
fallback = "en"
summary = "Something is due"
[texts]
en = "{{ client_name }}: {{ amount }} is due {{ due_date }}.{% if link %} {{ link }}{% endif %} Reply STOP to opt out."
es = "{{ client_name }}: {{ amount }} vence el {{ due_date }}.{% if link %} {{ link }}{% endif %} Responda STOP para salir."
[variables]
amount = { kind = "money", minimum = 1 }
due_date = { kind = "date" }
link = { kind = "url", optional = true }
""",
        "conf",
    ),
)


class Clock:
    """The time of the day, which only a test moves."""

    def __init__(self) -> None:
        self.instant: int = START

    def __call__(self) -> int:
        return self.instant


class Answer(msgspec.Struct, frozen=True):
    """What a door answered."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.raw)


class Estate:
    """Both doors, and what is behind them."""

    def __init__(
        self, store: SqliteStore, directory: Path, plugins: Sequence[Plugin] = (), config: Config = CONFIG
    ) -> None:
        self.directory = directory
        self.clock = Clock()
        self.config = config
        self.store = store
        self.metrics = Metrics()
        self.room = True
        self.reasons: list[str] = []
        self.binds: list[BindStatus] = []
        self.waits: list[Wait] = []
        self.replayed: list[str] = []
        self.pauses: dict[str, float] = {}
        self.ids = IdSource()
        healthy = frozenset(carrier.name for carrier in config.carriers)
        self.templates = Templates(config, store, self.clock)
        host = Host(plugins, self.metrics)
        charters = Charters(config)
        submit = Submit(
            config,
            store,
            Preparation(config, charters, self.ids, self.clock, lambda: healthy, self.templates),
            self.metrics,
            self.clock,
            lambda: self.room,
            lambda carriers: None,
            PluginRefusals(host, store),
            hearers(plugins, "observe_number_check", (client.id for client in config.clients)),
        )
        self.drawn = 471100
        random = Random(lambda below: self.drawn % below, bytes)
        self.optins = OptIns(config, store, submit, self.templates, self.ids, random, self.clock)
        self.optouts = OptOuts()
        self.ledger = Ledger(config, charters, store, AnchorFile(directory), self.optouts, self.clock)
        consents = Consents(config, store, submit, self.optouts, self.clock, tuple)
        self.keys = Keys(config, store, self.clock)
        self.doors = Doors(
            config,
            store,
            submit,
            consents,
            Reviews(store, self.optouts, self.metrics, [client.id for client in config.clients], self.clock),
            self.optins,
            EventIntake(config, store, self.metrics, lambda: self.room, self.clock),
            Plugins(host, store, config, submit, asks_by(self.optins), consents, self.metrics, self.clock),
            self.ledger,
            self.keys,
            self.metrics,
            self.clock,
            lambda: self.reasons,
            self.waits_of,
            self.templates,
            Check(config, store, submit, self.clock),
            self.replayed.append,
            lambda endpoint: self.pauses.get(endpoint, 0.0),
        )
        self.gate = Gate()
        self.public = public_handler(self.doors, self.gate)
        self.operator = operator_handler(self.doors, self, TOKEN)
        self.secrets: dict[str, str] = {}

    async def waits_of(self, carrier: str) -> list[Wait]:
        return self.waits

    def observe(self) -> list[BindStatus]:
        return self.binds

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        client: str | None = "acme",
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        peer: str = "192.0.2.1",
    ) -> Answer:
        """A request at the public door, by a client with its key."""
        known = {} if client is None else {"authorization": f"Bearer {self.secrets[client]}"}
        return await self._ask(self.public, method, path, body, raw, known | (headers or {}), query, peer)

    async def stream(self, path: str, raw: bytes, headers: dict[str, str]) -> bytes:
        """All pieces of an answer that comes in pieces, to a POST of ``acme``."""
        known = {"authorization": f"Bearer {self.secrets['acme']}", "content-type": "application/json"}
        request = Request(method="POST", path=path, headers=known | headers, body=raw, peer="192.0.2.1")
        response: Response = await self.public(request)
        assert response.stream is not None
        return b"".join([piece async for piece in response.stream])

    async def operate(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        """A request at the operator's door."""
        known = {"authorization": f"Bearer {TOKEN}", "host": "127.0.0.1:8081"}
        return await self._ask(self.operator, method, path, body, raw, known | (headers or {}), query, "127.0.0.1")

    async def _ask(
        self,
        handler: Any,
        method: str,
        path: str,
        body: object,
        raw: bytes | None,
        headers: dict[str, str],
        query: dict[str, str] | None,
        peer: str,
    ) -> Answer:
        if raw is None:
            raw = b"" if body is None else msgspec.json.encode(body)
        if raw or method in ("POST", "PUT"):
            headers = {"content-type": "application/json"} | headers
        request = Request(method=method, path=path, query=query or {}, headers=headers, body=raw, peer=peer, params={})
        try:
            response: Response = await handler(request)
        except Problem as problem:
            response = problem.to_response()
        return Answer(response.status, dict(response.headers), response.body)

    async def consent(self, number: str = NUMBER, category: str = "servicing", client: str = "acme") -> None:
        """Record a consent."""
        body = {"program": "servicing", "category": category, "evidence": EVIDENCE}
        assert (await self.ask("PUT", f"/v1/consents/{number}", body, client=client)).status == 200

    async def asked(self, **changes: object) -> str:
        """Ask a consumer to opt in; the id of the request."""
        answer = await self.ask("POST", "/v1/optins", ASKING | changes)
        assert answer.status == 202, answer.body
        spelt: str = answer.body["id"]
        return spelt

    async def answer_optin(self, number: str, *, yes: bool) -> None:
        """A consumer answers the program "servicing" of Acme."""

        def answer(unit: Unit, items: Sequence[None]) -> list[Optin | None]:
            return [answer_optin(unit, number, "acme", "servicing", yes, self.clock(), words="yes") for _ in items]

        (found,) = await self.store.writer.post(Verb(answer, 11), [None])
        assert found is not None

    async def text(self, **changes: object) -> str:
        """Submit a text that is taken; its id."""
        answer = await self.ask("POST", "/v1/messages", WISH | changes)
        assert answer.status == 202, answer.body
        spelt: str = answer.body["id"]
        return spelt

    async def claim(self) -> tuple[Claimed, ...]:
        """Mark what is due in flight, as a dispatcher does."""
        (claims,) = await self.store.claim(Claim("main", "main/trx-1", 100, self.clock(), lambda *_: None))
        return claims.segments

    async def settle(self, segment: Claimed, state: State, cause: str = "response", **more: Any) -> None:
        """Say what came of a claimed segment."""
        assert await self.store.settle([Settled(segment, state, self.clock(), cause, **more)]) == [True]

    async def receipt(self, smsc_message_id: str, state: State, stat: str) -> None:
        """A delivery receipt comes in."""
        news = ReceiptNews(
            "main",
            "main/trx-1",
            smsc_message_id,
            (smsc_message_id,),
            state,
            stat,
            "000",
            NUMBER,
            "+12025550100",
            None,
            self.clock(),
        )
        assert await self.store.receive_receipts([news]) == [smsc_message_id]

    async def unclear(
        self,
        text: str,
        client: str = "acme",
        reasons: tuple[HoldReason, ...] = (HoldReason.REVIEW,),
        number: str = NUMBER,
    ) -> str:
        """A text comes that holds its number; the id of its review."""
        review_id = ReviewId(self.ids.next(self.clock()))
        inbound = Inbound(
            InboundId(self.ids.next(self.clock())),
            "main",
            client,
            "servicing",
            number,
            "12025550100",
            text,
            ReplyKind.NEEDS_REVIEW,
            self.clock(),
            fingerprint=str(review_id).encode(),
            reading=Reading("weak.ending", "enough", (Heard(SignalName.HARDSHIP, "hardship.money", "lost my job"),)),
        )
        opening = Opening(review_id, client, reasons, review_due(self.clock()))
        effect = InboundEffect(inbound, number=Number(number), told=(client,), openings=(opening,))
        assert await self.store.receive_inbound([Reception(effect)]) == [True]
        return spell("rev", review_id)

    async def doubt(self, **changes: object) -> str:
        """A text of which nobody knows whether the carrier has it; its id."""
        spelt = await self.text(**changes)
        for segment in await self.claim():
            await self.settle(segment, State.IN_DOUBT, "link_lost", code=Code.IN_DOUBT_LINK_LOST)
        return spelt


@asynccontextmanager
async def open_estate(plugins: Sequence[Plugin] = (), config: Config = CONFIG) -> AsyncIterator[Estate]:
    """An estate whose clients have a key each."""
    with TemporaryDirectory() as directory:
        async with open_memory() as store:
            estate = Estate(store, Path(directory), plugins, config)
            await estate.keys.load()
            await estate.templates.load(TEMPLATES)
            for client in config.clients:
                estate.secrets[client.id] = await estate.keys.create(client.id, "test")
            yield estate
