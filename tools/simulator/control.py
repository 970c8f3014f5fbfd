"""The control port: HTTP and JSON for whoever scripts the simulator.

It owns requests and answers; what they ask for is done by `smsc`. It is meant for a loopback address: it has no keys, and
refuses browsers (anything with an `Origin`), so that a web page cannot reach it.
"""

import math
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlsplit

import h11
import msgspec
import trio
from msgspec import Meta, Struct

from tools.simulator import scenario
from tools.simulator.originate import Unwritable
from tools.simulator.scenario import Mo, ScenarioError, Seconds
from tools.simulator.smsc import HowDown, Nobody, RawDelivery, Smsc

_MAX_BODY: Final = 1 << 20
_IDLE: Final = 60.0
_MAX_WAIT: Final = 60.0

HELP: Final = {
    "POST /mo": "a consumer's text: {from, to?, text, encoding?, data_coding?, long?, parts?, account?}",
    "POST /deliver": "a deliver_sm of your own: {source, destination, ..., short_message (hex), tlvs: {tag: hex}}",
    "GET /faults": "the scenario that is being played, and the names of all",
    "POST /faults": "play another: {scenario?: name or file, set?: {table: {key: value}}}; without scenario, change this one",
    "GET /journal": "?after=n &wait=seconds &event=name (repeatable) &limit=n: what was seen and done",
    "GET /stats": "counters",
    "GET /sessions": "the links",
    "POST /disconnect": "{how: fin|rst|blackhole|unbind, session?, account?, away?: seconds without a listener}",
}


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
    wait: Annotated[float, Meta(ge=0, le=_MAX_WAIT)] = 0.0
    limit: Annotated[int, Meta(ge=1)] = 1_000
    event: list[str] = []


class _Failed(Exception):
    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


_Query = list[tuple[str, str]]
_Route = Callable[[_Query, bytes], Awaitable[object]]


class Control:
    """Serves the control port for one SMSC."""

    def __init__(self, smsc: Smsc) -> None:
        self._smsc = smsc
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

    async def serve(self, stream: trio.SocketStream) -> None:
        """Answer the requests of one connection until it ends."""
        async with stream:
            connection = h11.Connection(h11.SERVER)
            try:
                while connection.our_state is h11.IDLE:
                    with trio.move_on_after(_IDLE) as idle:
                        request, body = await _read(connection, stream)
                    if idle.cancelled_caught or request is None:
                        return
                    status, answer = await self._answer(request, body)
                    await _write(connection, stream, status, answer)
                    if connection.our_state is h11.DONE and connection.their_state is h11.DONE:
                        connection.start_next_cycle()
            except h11.RemoteProtocolError as error:
                if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                    await _write(connection, stream, HTTPStatus(error.error_status_hint), {"error": str(error)})
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

    async def _answer(self, request: h11.Request, body: bytes) -> tuple[HTTPStatus, object]:
        try:
            if body_too_long := len(body) > _MAX_BODY:
                raise _Failed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {_MAX_BODY} octets")
            assert not body_too_long
            if any(name == b"origin" for name, _ in request.headers):
                raise _Failed(HTTPStatus.FORBIDDEN, "this port is not for web pages (the request has an Origin)")
            url = urlsplit(request.target.decode("ascii", "replace"))
            route = self._routes.get(f"{request.method.decode()} {url.path}")
            if route is None:
                raise _Failed(HTTPStatus.NOT_FOUND, f"there is {', '.join(HELP)}")
            return HTTPStatus.OK, await route(parse_qsl(url.query), body)
        except _Failed as error:
            return error.status, {"error": str(error)}
        except (Nobody, ScenarioError, Unwritable) as error:
            return HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)}
        except msgspec.DecodeError as error:
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
        names = frozenset(wanted.event)
        entries: list[object] = []
        seen = wanted.after
        with trio.move_on_after(wanted.wait):
            while True:
                for entry in journal.after(seen, names):
                    entries.append(entry)
                    if len(entries) == wanted.limit:
                        break
                seen = journal.last
                if entries or not wanted.wait:
                    break
                await journal.wait_beyond(seen)
        return {
            "entries": entries,
            # Where to go on: behind the last one returned, or, when all was looked at, behind the last one there is.
            "next": entries[-1].n if len(entries) == wanted.limit else seen,  # type: ignore[attr-defined]
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
            self._smsc.go_away(wanted.away)
        return {"sessions": gone}
