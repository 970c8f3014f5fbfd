"""The flow with everything real but the socket and the clock: memory streams, the store's in-memory twin, a set wall clock.

Owns: a carrier that is an SMSC-role Connection at the other end of a memory stream. Does not own: what is tested.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio
import trio.testing

from gateway.carrier.bind import BindKind, BindState, BindStatus
from gateway.carrier.link import Link
from gateway.config import CarrierConfig, Config, load
from gateway.flow.consent import Consents, Grant
from gateway.flow.dispatch import Dispatch
from gateway.flow.health import Health
from gateway.flow.inbound import InboundRoad
from gateway.flow.invalid import Invalid
from gateway.flow.ledger import Ledger
from gateway.flow.optins import OptIns, Random
from gateway.flow.optouts import OptOuts
from gateway.flow.prepare import Preparation, Wish
from gateway.flow.queries import Queries
from gateway.flow.replies import Replies
from gateway.flow.reviews import Reviews
from gateway.flow.road import CarrierRoad
from gateway.flow.submit import Submit
from gateway.flow.sweep import Sweep
from gateway.flow.templates import Templates
from gateway.metrics import Metrics
from gateway.model.consent import Evidence
from gateway.model.ids import IdSource
from gateway.model.ledger import Anchor
from gateway.model.message import Accepted, Message, State
from gateway.rules.charters import Charters
from gateway.smpp import const
from gateway.smpp.connection import Connection
from gateway.smpp.events import NeedData, RequestReceived, ResponseReceived
from gateway.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    DeliverSmResp,
    QuerySm,
    QuerySmResp,
    Request,
    Response,
    SubmitSm,
    SubmitSmResp,
)
from gateway.smpp.session import Role
from gateway.smpp.timers import Limits
from gateway.store.anchors import AnchorFile
from gateway.store.claim import Claim, Claims
from gateway.store.sqlite import SqliteStore, open_memory
from tests.policies import opened

NUMBER = "+12025550123"
SENDER = "12025550100"
CONF = Path(__file__).parent.parent.parent / "conf"
NOON = 1_790_000_000_000


class Smsc:
    """The carrier's end of a link: records every request, answers texts as ``answer`` says."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.connection = Connection(Role.SMSC, Limits(window=1000))
        self.submits: list[SubmitSm] = []
        self.answers: list[Response] = []
        self.answer: Callable[[SubmitSm], SubmitSmResp | None] = self._accept
        self.queries: list[QuerySm] = []
        self.tell: Callable[[QuerySm], Response | None] = lambda query: QuerySmResp(
            command_status=const.ESME_RQUERYFAIL
        )
        self.stream = stream
        self._ids = 0

    def _accept(self, pdu: SubmitSm) -> SubmitSmResp:
        self._ids += 1
        return SubmitSmResp(message_id=f"{self._ids:08x}")

    async def run(self) -> None:
        while True:
            try:
                octets = await self.stream.receive_some(65536)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
            self.connection.receive_data(bytes(octets), trio.current_time())
            while not isinstance(event := self.connection.next_event(), NeedData):
                if isinstance(event, RequestReceived):
                    self._take(event.request)
                elif isinstance(event, ResponseReceived):
                    self.answers.append(event.response)
            await self.send()
            if not octets:
                return

    def _take(self, request: Request) -> None:
        if isinstance(request, BindTransceiver):
            self.connection.respond(request, BindTransceiverResp(system_id="rig"))
        elif isinstance(request, SubmitSm):
            self.submits.append(request)
            response = self.answer(request)
            if response is not None:
                self.connection.respond(request, response)
        elif isinstance(request, QuerySm):
            self.queries.append(request)
            told = self.tell(request)
            if told is not None:
                self.connection.respond(request, told)

    async def send(self) -> None:
        octets = self.connection.data_to_send()
        if octets:
            await self.stream.send_all(octets)

    async def deliver(self, **fields: object) -> None:
        """Bring a deliver_sm; its answer turns up in ``answers``."""
        values: dict[str, object] = {
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "source_addr": NUMBER[1:],
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": SENDER,
        }
        self.connection.request(DeliverSm(**(values | fields)), trio.current_time())  # type: ignore[arg-type]
        await self.send()
        await settle()

    async def text(self, words: str, **fields: object) -> int:
        """A consumer's text; returns the command_status of our answer."""
        await self.deliver(short_message=words.encode("ascii"), **fields)
        answer = self.answers[-1]
        assert isinstance(answer, DeliverSmResp)
        return answer.command_status

    async def receipt(self, smsc_message_id: str, stat: str = "DELIVRD", **fields: object) -> int:
        """A delivery receipt in the form of SMPP 3.4 Appendix B."""
        text = (
            f"id:{smsc_message_id} sub:001 dlvrd:001 submit date:2609211200 done date:2609211201"
            f" stat:{stat} err:000 text:Hello"
        )
        await self.deliver(short_message=text.encode(), esm_class=4, **fields)
        answer = self.answers[-1]
        assert isinstance(answer, DeliverSmResp)
        return answer.command_status


async def settle() -> None:
    """Until every task waits for something."""
    for _ in range(3):
        await trio.testing.wait_all_tasks_blocked()


class Anchors(AnchorFile):
    """In memory: a clock that jumps would not wait for the thread that writes the file."""

    def __init__(self) -> None:
        self.kept: list[Anchor] = []

    async def read(self) -> list[Anchor]:
        return list(self.kept)

    async def append(self, anchor: Anchor) -> None:
        self.kept.append(anchor)


class Rig:
    """All of the flow, with as many links as a test wants."""

    def __init__(
        self,
        config: Config,
        store: SqliteStore,
        nursery: trio.Nursery,
        wall: int = NOON,
        checked: frozenset[str] = frozenset(),
    ) -> None:
        self.config = config
        self.store = store
        self.wall = wall
        self.metrics = Metrics()
        self.optouts = OptOuts()
        self.links: list[Link] = []
        self.binds: list[BindStatus] = []
        self.keywords: dict[tuple[str, str], tuple[str, str]] = {}
        """Of plugins: client and word, to plugin and word."""
        self.room = True
        ids = IdSource()
        self.health = Health(carrier.name for carrier in config.carriers)
        self.templates = Templates(config, store, self.now)
        charters = Charters(config)
        self.dispatch = Dispatch(config, charters, store, self.optouts, self.metrics, self.now, checked)
        self.submitting = Submit(
            config,
            store,
            Preparation(config, charters, ids, self.now, self.health.healthy, self.templates),
            self.metrics,
            self.now,
            lambda: self.room,
            self.dispatch.wake,
            checked=checked,
        )
        random = Random(lambda below: 4711 % below, bytes)
        self.optins = OptIns(config, store, self.submitting, self.templates, ids, random, self.now)
        self.anchors = Anchors()
        self.ledger = Ledger(config, charters, store, self.anchors, self.optouts, self.now)
        self.consents = Consents(config, store, self.submitting, self.optouts, self.now, lambda: self.links)
        self.inbound = InboundRoad(
            config,
            store,
            Replies(config, store, self.submitting, ids, self.now, lambda: self.links, self._keyword),
            self.optouts,
            self.metrics,
            self.now,
            lambda: self.links,
        )
        self.reviews = Reviews(store, self.optouts, self.metrics, [client.id for client in config.clients], self.now)
        self.queries = Queries(config, store, lambda: self.links, self.now)
        self.road = CarrierRoad(self.dispatch, self.inbound, self.queries)
        self._nursery = nursery
        store.on_commit(lambda queued, told, verbs, seconds: self.dispatch.wake(queued))

    @property
    def client(self) -> str:
        return self.config.clients[0].id

    def now(self) -> int:
        return self.wall

    async def link(self, *, carrier_name: str | None = None, serve: bool = True) -> tuple[Link, Smsc]:
        """A link that is bound over a memory stream, and its carrier: the one of that name, or the first."""
        ours, theirs = trio.testing.memory_stream_pair()
        carrier = self.config.carriers[0] if carrier_name is None else self.config.carrier(carrier_name)
        assert carrier is not None
        connection = Connection(Role.ESME, Limits(window=carrier.window, response_timeout=carrier.response_seconds))
        link = Link(carrier.name, f"{carrier.name}/trx-{len(self.links) + 1}", ours, connection, self.road)
        smsc = Smsc(theirs)
        self._nursery.start_soon(smsc.run)
        connection.request(BindTransceiver(system_id="rig", password="secret"), trio.current_time())
        self._nursery.start_soon(link.run)
        await link.settled.wait()
        self.links.append(link)
        self.health.changed(BindStatus(link.bind, carrier.name, BindKind.TRX, BindState.BOUND))
        if serve:
            self._nursery.start_soon(self._serve, link)
        return link, smsc

    async def _serve(self, link: Link) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.road.serve, link)
            await link.wait_ended()
            nursery.cancel_scope.cancel()
        self.links.remove(link)
        self.health.changed(BindStatus(link.bind, link.carrier, BindKind.TRX, BindState.WAITING))

    def observe(self) -> list[BindStatus]:
        """The links, as a pool tells of its binds; or what a test says of them."""
        return self.binds or [BindStatus(link.bind, link.carrier, BindKind.TRX, BindState.BOUND) for link in self.links]

    def sweep(self) -> Sweep:
        """The rounds for all the carriers."""
        pool: Any = self
        names = (carrier.name for carrier in self.config.carriers)
        return Sweep(
            self.store, self.inbound, self.reviews, self.optins, self.ledger, pool, names, self.metrics, self.now
        )

    def slow_claims(self, monkeypatch: pytest.MonkeyPatch) -> trio.Event:
        """Claims are on disk as ever, and answered when the event is set."""
        claim = self.store.claim
        gate = trio.Event()

        async def claim_slowly(wish: Claim) -> list[Claims]:
            claims = await claim(wish)
            await gate.wait()
            return claims

        monkeypatch.setattr(self.store, "claim", claim_slowly)
        return gate

    def _keyword(self, client: str, text: str) -> tuple[str, str] | None:
        return self.keywords.get((client, text.casefold()))

    async def consent(self, number: str = NUMBER, category: str = "servicing") -> None:
        evidence = Evidence(self.wall - 1000, "web form", "I agree", "sign-up page")
        answers = await self.consents.grant(self.config.clients[0], [Grant(number, "servicing", category, evidence)])
        assert answers == [True]

    async def submit(self, text: str = "Hello", number: str = NUMBER, **fields: object) -> Accepted:
        wish = Wish(number, "servicing", "servicing", text, **fields)  # type: ignore[arg-type]
        (answer,) = await self.submitting.submit(self.config.clients[0], [wish])
        assert not isinstance(answer, Invalid), answer
        await settle()
        return answer

    async def message(self, accepted: Accepted) -> Message:
        found = await self.store.message(accepted.id, self.client)
        assert found is not None
        return found

    async def state(self, accepted: Accepted) -> State:
        return (await self.message(accepted)).state


def configured(**carrier: object) -> Config:
    """The shipped configuration, its carrier changed."""
    config = opened(load(CONF))
    changed: CarrierConfig = msgspec.structs.replace(config.carriers[0], **carrier)
    return msgspec.structs.replace(config, carriers=(changed,))


@asynccontextmanager
async def rig_of(config: Config, at: int = NOON) -> AsyncIterator[Rig]:
    """A rig whose tasks end with the block; ``at`` is where its wall clock stands."""
    async with open_memory() as store, trio.open_nursery() as nursery:
        yield Rig(config, store, nursery, at)
        nursery.cancel_scope.cancel()


def rig(**carrier: object) -> AbstractAsyncContextManager[Rig]:
    """A rig of the shipped configuration, its carrier changed."""
    return rig_of(configured(**carrier))
