"""Goals about what a webhook is and where it may go: it owns the look at signatures and at connections.

Signatures are held against the library that the standard's own authors publish, and that against their vector.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import standardwebhooks
import trio

from gateway.model.ids import spell
from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.evidence import Violation
from tools.torture.gateway import ROOT, SIGNING_KEY, Hook, number
from tools.torture.patience import until
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.sink import Request, Sink
from tools.torture.stage import Stage, stage

OLD_KEY = "whsec_" + "QW4gb2xkZXIga2V5IHRoYXQgaXMgYmVpbmcgcmVwbGFjZWQ="
STRANGER = "whsec_" + "Tm9ib2R5IGtub3dzIHRoaXMga2V5LCBub3QgZXZlbiB1cw=="
LEAST_FORMS = 200
TOLERANCE = 5.0
"""Seconds between the moment that a signature names and the one at which the request came."""


class Vector(msgspec.Struct, frozen=True):
    """The vector that all reference libraries of Standard Webhooks share."""

    key: str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    id: str = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    timestamp: int = 1614265330
    body: str = '{"test": 2432232314}'
    signature: str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def signature(key: str, id_: str, timestamp: int, body: bytes) -> str:
    """What the reference library signs."""
    moment = datetime.fromtimestamp(timestamp, UTC)
    return standardwebhooks.Webhook(key).sign(id_, moment, body.decode())


async def signatures(setting: Setting, *, texts: int) -> Finding:
    """S9: every webhook is signed as the reference library signs it, with both keys of a change-over."""
    directory = setting.place("signatures")
    carrier = Carrier("signed", directory)
    vector = Vector()
    sink = Sink()
    made = signature(vector.key, vector.id, vector.timestamp, vector.body.encode())
    more = list(unless(made == vector.signature, "unjudged", "the reference library misses the published vector", made))
    async with trio.open_nursery() as nursery:
        await sink.open(nursery)
        hook = Hook("main", sink.port, previous=OLD_KEY)
        async with stage(directory, [carrier], endpoints=[hook], launcher=setting.launcher) as on:
            await _deliver(on, texts)
            await on.heard()
            account = await on.account()
            events = {spell("evt", event.seq) for event in on.evidence().database.events}
        nursery.cancel_scope.cancel()
    for request in sink.received:
        more += _judged(request)
    heard = {request.headers.get("webhook-id", "") for request in sink.received}
    more += unless(events == heard, "webhook_lost", f"{len(events - heard)} of {len(events)} events")
    return found(f"{len(sink.received)} webhooks, each with the signatures of two keys", account, more=more)


def _judged(request: Request) -> Iterator[Violation]:
    """What is wrong with a webhook's headers."""
    id_, stamp, given = (request.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not re.fullmatch(r"\d{1,12}", stamp):
        yield Violation("unsigned", id_, f"webhook-timestamp is {stamp!r}")
        return
    wanted = " ".join(signature(key, id_, int(stamp), request.body) for key in (SIGNING_KEY, OLD_KEY))
    yield from unless(given == wanted, "forged", id_, f"signed {given}")
    yield from unless(abs(request.at - int(stamp)) <= TOLERANCE, "stale", id_, f"{request.at - int(stamp):.0f} s old")
    for key, body, good in (
        (SIGNING_KEY, request.body, True),
        (OLD_KEY, request.body, True),
        (STRANGER, request.body, False),
        (SIGNING_KEY, request.body + b" ", False),
    ):
        try:
            standardwebhooks.Webhook(key).verify(body, dict(request.headers))
            verified = True
        except standardwebhooks.WebhookVerificationError:
            verified = False
        yield from unless(verified == good, "forged", id_, "the reference library says otherwise")


async def _deliver(on: Stage, texts: int) -> None:
    """Some texts, all the way."""
    await on.gateway.start()
    await on.consent(map(number, range(texts)))
    orders = (Order(f"w{place}", number(place), on.carrier.name) for place in range(texts))
    await on.client.load(orders, 200.0)
    await on.drained()


class Strays(msgspec.Struct):
    """What `tests.system.strays` found."""

    forms: int
    refused: int
    answers: int
    redirects: int
    strayed: list[str]


async def strays(setting: Setting, *, texts: int) -> Finding:
    """S8: no form of URL, no answer of a name server and no redirect leads a webhook where it must not go."""
    told = await _offline(setting)
    more = [Violation("strayed", one) for one in told.strayed]
    more += unless(told.forms >= LEAST_FORMS, "unseen", f"{told.forms} forms")
    directory = setting.place("strays")
    carrier = Carrier("moved", directory)
    inner = Sink()
    async with trio.open_nursery() as nursery:
        await inner.open(nursery)
        head = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{inner.port}/\r\nContent-Length: 0\r\n\r\n"
        front = Sink(head.encode())
        await front.open(nursery)
        endpoints = [Hook("front", front.port)]
        async with stage(directory, [carrier], endpoints=endpoints, launcher=setting.launcher) as on:
            await _deliver(on, texts)
            await until(lambda: len(front.received) >= texts, 20.0)
            account = await on.account()
        nursery.cancel_scope.cancel()
    more += unless(not inner.connections, "strayed", f"{inner.connections} redirects were followed")
    more += unless(len(front.received) >= texts, "unseen", f"{len(front.received)} webhooks were redirected")
    redirects = told.redirects + len(front.received)
    figure = f"{told.forms} forms, {told.answers} answers of name servers, {redirects} redirects: {len(more)} strayed"
    return found(figure, account, more=more)


async def _offline(setting: Setting) -> Strays:
    """What the gateway's own client does with all of them, in a process of its own."""
    command = setting.program("tests.system.strays")
    done = await trio.run_process(command, capture_stdout=True, cwd=ROOT)
    return msgspec.json.decode(done.stdout, type=Strays)
