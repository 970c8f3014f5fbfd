"""The door for operators, on loopback: metrics, binds, queues, any client's messages and consents, doubts, keys, webhooks.

Owns: which resources stand behind it, who may come in, and the small ones itself. Does not own: the larger resources.

Whoever can connect is not yet an operator: any program of this machine can, and so can a web page in a browser on it, whose
host name an attacker points at 127.0.0.1 (DNS rebinding). Hence the token, which only the owner of the data directory can
read, and the look at Host, which a page cannot choose.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from gateway.config.gateway import is_loopback
from gateway.errors import Code
from gateway.flow.waits import Cause, Wait
from gateway.metrics import CONTENT_TYPE
from gateway.model.clock import DAY
from gateway.model.ids import first_id, spell_message
from gateway.model.message import State
from gateway.store.reads import Depth
from gateway.store.received import InboundFilter
from gateway.web.apikeys import ApiKeys
from gateway.web.auth import Gate
from gateway.web.binds import Observed, list_binds
from gateway.web.border import at_border
from gateway.web.consent_views import BrokenView, ConsentView, view_broken, view_consents
from gateway.web.consents import ConsentResource, read_as_of
from gateway.web.doors import Doors
from gateway.web.doubts import Doubts
from gateway.web.endpoints import Endpoints
from gateway.web.health import health_operations
from gateway.web.http import Handler, Request, Response
from gateway.web.inbound import InboundView, view_inbound
from gateway.web.ledger import LedgerResource
from gateway.web.operator_templates import OperatorTemplates
from gateway.web.plugins import PluginDesk
from gateway.web.problem import Problem
from gateway.web.receipts import list_receipts
from gateway.web.reviews import ReviewResource
from gateway.web.router import Route, Router
from gateway.web.unlinked import UnlinkedResource
from gateway.web.views import WaitView, view_for_operator, view_wait
from gateway.web.wire import check_query, no_such, read_message_id, read_number, reply, spell_time


class QueueView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What waits for a carrier, in segments, and why."""

    carrier: str
    queued: int
    in_flight: int
    in_doubt: int
    oldest_due: str | None = None
    waits: tuple[WaitView, ...] = ()


class QueuesView(msgspec.Struct, frozen=True):
    """The queues of all carriers."""

    queues: list[QueueView]


class ClientInboundView(msgspec.Struct, frozen=True):
    """A text of a consumer, and to whom it was."""

    client: str
    inbound: InboundView


class InboundOfView(msgspec.Struct, frozen=True):
    """What a number's consumer wrote in a time."""

    number: str
    inbound: list[ClientInboundView]
    more: bool
    """Whether a client heard of more than the newest 100, which are here."""


class ClientConsentView(msgspec.Struct, frozen=True):
    """A consent, and whose it is."""

    client: str
    consent: ConsentView


class ClientConsentsView(msgspec.Struct, frozen=True, omit_defaults=True):
    """All consents of a number, of all clients."""

    number: str
    consents: list[ClientConsentView]
    as_of: str | None = None
    broken: dict[str, BrokenView] = {}
    """By client: where the ledger does not verify."""


class MessagesOfView(msgspec.Struct, frozen=True):
    """Messages to a number to which something happened in a time, the newest first."""

    number: str
    messages: list[str]
    more: bool
    """Whether there are more than the newest 100, which are here."""


_MOST_MESSAGES: Final = 100
_UNANSWERED_WITHIN: Final = 30 * DAY
"""An alarm is for what somebody may still answer; the list (GET /v1/inbound) goes all the way back."""


def operator_handler(doors: Doors, pool: Observed, token: str) -> Handler:
    """What answers the requests of operators; ``token`` opens all but health and metrics."""
    router = Router(operator_routes(doors, pool, token))
    return at_border(_for_loopback(router, doors.config.gateway.admin.address[0]))


def operator_routes(doors: Doors, pool: Observed, token: str) -> list[Route]:
    """All routes of the door."""
    gate = Gate()
    desk = _Desk(doors, pool)
    ledger = LedgerResource(doors)
    doubts, keys, endpoints, reviews = Doubts(doors), ApiKeys(doors), Endpoints(doors), ReviewResource(doors)
    templates = OperatorTemplates(doors)
    plugins = PluginDesk(doors)
    unlinked = UnlinkedResource(doors)
    guarded: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "/v1/binds", list_binds(pool)),
        ("GET", "/v1/queues", desk.queues),
        ("GET", "/v1/messages/{id}", desk.message),
        ("GET", "/v1/consents/{number}", desk.consents),
        ("GET", "/v1/consents/{number}/export", ledger.export_any),
        ("POST", "/v1/consents/{number}/erase", ledger.erase_everywhere),
        ("POST", "/v1/clients/{client}/consents", ConsentResource(doors).take),
        ("POST", "/v1/ledger/check", ledger.check),
        ("GET", "/v1/doubts", doubts.browse),
        ("POST", "/v1/doubts/settle", doubts.settle),
        ("GET", "/v1/reviews", reviews.browse),
        ("GET", "/v1/reviews/{id}", reviews.show),
        ("POST", "/v1/reviews/{id}", reviews.decide),
        ("GET", "/v1/numbers/{number}/messages", desk.messages_of),
        ("GET", "/v1/numbers/{number}/inbound", desk.inbound_of),
        ("GET", "/v1/numbers/unlinked", unlinked.browse),
        ("PUT", "/v1/clients/{client}/numbers/{number}/link", unlinked.link_for),
        ("GET", "/v1/receipts", list_receipts(doors)),
        ("GET", "/v1/templates", templates.browse),
        ("GET", "/v1/templates/{name}", templates.show),
        ("POST", "/v1/templates/{name}/preview", templates.preview),
        ("GET", "/v1/keys", keys.browse),
        ("POST", "/v1/keys", keys.create),
        ("DELETE", "/v1/keys/{id}", keys.revoke),
        ("GET", "/v1/plugins", plugins.browse),
        ("GET", "/v1/plugins/{plugin}", plugins.look),
        ("POST", "/v1/plugins/{plugin}/resume", plugins.resume),
        ("GET", "/v1/webhooks", endpoints.browse),
        ("POST", "/v1/webhooks/{client}/{webhook}/replay", endpoints.replay),
    ]
    return [
        *health_operations(doors),
        Route("GET", "/metrics", desk.metrics),
        *(Route(method, path, gate.for_operator(token, handler)) for method, path, handler in guarded),
    ]


class _Desk:
    """The small resources."""

    def __init__(self, doors: Doors, pool: Observed) -> None:
        self._doors = doors
        self._pool = pool

    async def metrics(self, request: Request) -> Response:
        """For Prometheus, which shows no token: there is nothing about anybody in it."""
        metrics = self._doors.metrics
        for bind in self._pool.observe():
            metrics.window_in_use.of(bind.carrier, bind.name).set(bind.in_flight)
        for depth in await self._depths():
            metrics.queue_depth.of(depth.carrier).set(depth.queued)
            metrics.in_doubt.of(depth.carrier).set(depth.in_doubt)
        await self._doors.reviews.count()
        now = self._doors.now()
        clients = [client.id for client in self._doors.config.clients]
        for waiting in await self._doors.store.unanswered(clients, now - _UNANSWERED_WITHIN, now):
            metrics.inbound_unanswered.of(waiting.client).set(waiting.texts)
            longest = 0 if waiting.oldest_at is None else now - waiting.oldest_at
            metrics.inbound_unanswered_seconds.of(waiting.client).set(longest / 1000)
        return Response(200, metrics.render(), CONTENT_TYPE)

    async def queues(self, request: Request) -> Response:
        """How much waits for each carrier, and why."""
        views = [
            QueueView(
                depth.carrier,
                depth.queued,
                depth.in_flight,
                depth.in_doubt,
                spell_time(depth.oldest_due),
                tuple(view_wait(wait) for wait in await self._doors.waits(depth.carrier)),
            )
            for depth in await self._depths()
        ]
        return reply(QueuesView(views))

    async def message(self, request: Request) -> Response:
        """A message of whatever client, without its words."""
        message = await self._doors.store.message(read_message_id(request.params["id"]), None)
        if message is None:
            raise no_such("message")
        waits: list[Wait] = []
        if any(segment.state is State.QUEUED for segment in message.segments):
            limits = {segment.waits for segment in message.segments}
            waits = [
                wait
                for wait in await self._doors.waits(message.carrier)
                if wait.cause is not Cause.QUOTA or wait.key in limits
            ]
        return reply(view_for_operator(message, await self._doors.store.timeline(message.id), waits))

    async def messages_of(self, request: Request) -> Response:
        """Messages of all clients to a number to which something happened in a time."""
        check_query(request, "since", "until")
        number = read_number(request.params["number"], "path:number")
        since, until = read_as_of(request, "since"), read_as_of(request, "until")
        found = await self._doors.store.messages_between(number, since, until, _MOST_MESSAGES + 1)
        spelt = [spell_message(message_id) for message_id in found[:_MOST_MESSAGES]]
        return reply(MessagesOfView(number, spelt, len(found) > _MOST_MESSAGES))

    async def inbound_of(self, request: Request) -> Response:
        """What the consumer behind a number wrote to all clients in a time, the oldest first, and how it was read."""
        check_query(request, "since", "until")
        number = read_number(request.params["number"], "path:number")
        since, until = (first_id(read_as_of(request, name)) for name in ("since", "until"))
        found: list[ClientInboundView] = []
        more = False
        for client in self._doors.config.clients:
            wanted = InboundFilter(client.id, number, before=until, limit=_MOST_MESSAGES + 1)
            page, _ = await self._doors.store.received_page(wanted)
            heard = [one for one in page if one.id >= since]
            more |= len(heard) > _MOST_MESSAGES
            found += [ClientInboundView(client.id, view_inbound(one)) for one in heard[:_MOST_MESSAGES]]
        return reply(InboundOfView(number, sorted(found, key=lambda each: each.inbound.received_at), more))

    async def consents(self, request: Request) -> Response:
        """All consents of a number with the configured clients, now or as they stood at an instant."""
        check_query(request, "as_of")
        at = read_as_of(request) if "as_of" in request.query else None
        number = read_number(request.params["number"], "path:number")
        found = [
            ClientConsentView(client.id, consent)
            for client in self._doors.config.clients
            for consent in view_consents(
                await self._doors.consents.of(client, number)
                if at is None
                else await self._doors.consents.stood(client, number, at)
            )
        ]
        broken = {one.client: view_broken(one) for one in await self._doors.store.broken(number)}
        return reply(ClientConsentsView(number, found, spell_time(at), broken))

    async def _depths(self) -> list[Depth]:
        """Of all carriers: those configured, and behind them those of which something is left."""
        configured = [carrier.name for carrier in self._doors.config.carriers]
        names = dict.fromkeys([*configured, *await self._doors.store.carriers()])
        return [await self._doors.store.depth(name) for name in names]


def _for_loopback(handler: Handler, configured: str) -> Handler:
    async def answer(request: Request) -> Response:
        host = _host_of(request.headers.get("host", ""))
        if host != configured.lower() and not is_loopback(host):
            raise Problem(
                421,
                Code.REQUEST_INVALID,
                "This door answers to the names of this machine alone.",
                field="header:host",
                fix="Connect to 127.0.0.1; a proxy in front of this door must send that as Host.",
            )
        return await handler(request)

    return answer


def _host_of(field: str) -> str:
    """The host of a Host field, in lower case, without port and brackets."""
    if field.startswith("["):
        return field[1:].partition("]")[0].lower()
    return field.partition(":")[0].lower()
