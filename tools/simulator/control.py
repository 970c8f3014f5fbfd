"""The control port: what may be asked of the simulator over HTTP and JSON.

It owns paths, parameters and answers; what they ask for is done by `smsc`, how HTTP is spoken is `exchange`'s. It has no keys:
it is meant for a loopback address, and it refuses browsers (whatever has an `Origin`), so that no web page gets at it.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import msgspec
import trio
from msgspec import Meta, Struct

from tools.simulator import scenario
from tools.simulator.door import Door
from tools.simulator.exchange import BadRequest, Exchange
from tools.simulator.journal import Entry
from tools.simulator.originate import Nobody, RawDelivery, Unwritable
from tools.simulator.scenario import Mo, ScenarioError, Seconds
from tools.simulator.session import HowDown
from tools.simulator.smsc import Smsc

HELP: Final = {
    "POST /mo": "a consumer's text: {from, text, to?, encoding?, data_coding?, long?, parts?, account?}",
    "POST /deliver": "a deliver_sm by its fields: {source_addr, destination_addr, short_message?: hex, tlvs?: [[tag, hex]], ...}",
    "GET /faults": "the scenario being played, and the names of all",
    "POST /faults": "play another: {scenario?: name or file, set?: {table: {key: value}}}; without scenario, change this one",
    "GET /journal": "what was seen and done: ?after=n&limit=n&wait=seconds&event=name (repeatable)",
    "GET /stats": "counters",
    "GET /sessions": "the links",
    "POST /disconnect": "{how: fin|rst|blackhole|unbind, session?, account?, away?: seconds during which none may connect}",
}

_MAX_WAIT: Final = 60.0

_Query: TypeAlias = list[tuple[str, str]]
_Route: TypeAlias = Callable[[_Query, bytes], Awaitable[object]]


class _Faults(Struct, frozen=True, forbid_unknown_fields=True):
    scenario: str | None = None
    set: dict[str, Any] = {}


class _Disconnect(Struct, frozen=True, forbid_unknown_fields=True):
    how: HowDown
    session: int | None = None
    account: str | None = None
    away: Seconds = 0.0


class _JournalQuery(Struct, frozen=True, forbid_unknown_fields=True):
    after: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1)] = 1_000
    wait: Annotated[float, Meta(ge=0, le=_MAX_WAIT)] = 0.0
    event: list[str] = []


class Control:
    """Serves the control port of one SMSC, whose listening socket is `door`."""

    def __init__(self, smsc: Smsc, door: Door) -> None:
        self._smsc = smsc
        self._door = door
        self._routes: dict[str, _Route] = {
            "GET /": self._help,
            "POST /mo": self._mo,
            "POST /deliver": self._deliver,
            "GET /faults": self._playing,
            "POST /faults": self._play,
            "GET /journal": self._journal,
            "GET /stats": self._stats,
            "GET /sessions": self._sessions,
            "POST /disconnect": self._disconnect,
        }

    async def serve(self, stream: trio.abc.Stream) -> None:
        """Answer the requests of one connection until it ends."""
        exchange = Exchange(stream)
        try:
            while True:
                try:
                    request = await exchange.next_request()
                    if request is None:
                        return
                    head, body = request
                    if any(name == b"origin" for name, _ in head.headers):
                        raise BadRequest(HTTPStatus.FORBIDDEN, "this port is not for web pages")
                    status, answer = await self._answer(head.method.decode(), head.target.decode("ascii"), body)
                    self._smsc.settle()
                except BadRequest as error:
                    status, answer = error.status, {"error": str(error)}
                await exchange.answer(status, answer)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    async def _answer(self, method: str, target: str, body: bytes) -> tuple[HTTPStatus, object]:
        try:
            url = urlsplit(target)
            route = self._routes.get(f"{method} {url.path}")
            if route is None:
                return HTTPStatus.NOT_FOUND, {"error": f"there is no {method} {url.path}", "routes": HELP}
            return HTTPStatus.OK, await route(parse_qsl(url.query), body)
        except (Nobody, ScenarioError, Unwritable) as error:
            return HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)}
        except (msgspec.DecodeError, ValueError) as error:
            return HTTPStatus.BAD_REQUEST, {"error": str(error)}

    async def _help(self, query: _Query, body: bytes) -> object:
        return HELP

    async def _mo(self, query: _Query, body: bytes) -> object:
        return {"deliveries": self._smsc.originate(msgspec.json.decode(body, type=Mo))}

    async def _deliver(self, query: _Query, body: bytes) -> object:
        return {"deliveries": [self._smsc.deliver(msgspec.json.decode(body, type=RawDelivery))]}

    async def _playing(self, query: _Query, body: bytes) -> object:
        return {"playing": self._smsc.script.scenario, "scenarios": scenario.names()}

    async def _play(self, query: _Query, body: bytes) -> object:
        wanted = msgspec.json.decode(body, type=_Faults)
        base = self._smsc.script.scenario if wanted.scenario is None else scenario.load(wanted.scenario)
        self._smsc.play(scenario.changed(base, wanted.set))
        return {"playing": self._smsc.script.scenario}

    async def _journal(self, query: _Query, body: bytes) -> object:
        single = {name: value for name, value in query if name != "event"}
        events = [value for name, value in query if name == "event"]
        wanted = msgspec.convert({**single, "event": events}, _JournalQuery, strict=False)
        journal = self._smsc.journal
        seen = wanted.after
        found: list[Entry] = []
        with trio.move_on_after(wanted.wait):
            while True:
                found = journal.after(seen, frozenset(wanted.event), wanted.limit)
                if found:
                    break
                seen = max(seen, journal.last)
                if not wanted.wait:
                    break
                await journal.wait_beyond(seen)
        return {
            "entries": found,
            "next": found[-1].n if found else seen,
            "forgotten": max(0, journal.forgotten - wanted.after),
        }

    async def _stats(self, query: _Query, body: bytes) -> object:
        return self._smsc.stats()

    async def _sessions(self, query: _Query, body: bytes) -> object:
        return {"sessions": self._smsc.session_views()}

    async def _disconnect(self, query: _Query, body: bytes) -> object:
        wanted = msgspec.json.decode(body, type=_Disconnect)
        gone = self._smsc.disconnect(wanted.how, session=wanted.session, account=wanted.account)
        if wanted.away:
            self._door.go_away(wanted.away)
        return {"sessions": gone}
