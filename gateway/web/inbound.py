"""Texts of consumers over HTTP: what was written, how it was read, what was reported.

Owns: filters, pages, the shape of a text in JSON. Does not own: the reading (rules), or what followed from it (events,
reviews, consents).
"""

from enum import StrEnum
from typing import TypeVar

import msgspec

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.model import ids
from gateway.model.clock import spell_instant
from gateway.model.inbound import Heard, Inbound, ReplyKind, SignalName
from gateway.store.received import InboundFilter
from gateway.web.auth import Gate
from gateway.web.consents import read_as_of
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.paging import PAGING, read_cursor, read_limit, spell_cursor
from gateway.web.problem import Problem
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.wire import no_such, read_number, reply

E = TypeVar("E", bound=StrEnum)
_UNANSWERED = "unanswered_before"


class InboundView(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, rename={"from_": "from"}):
    """One text of a consumer, and how it was read: which rule fired on which words."""

    id: str
    from_: str
    to: str
    program: str | None = None
    text: str
    kind: ReplyKind
    rule: str
    words: str
    signals: tuple[Heard, ...] = ()
    scope: str | None = None
    """What stood behind a keyword: "all", "12345"."""
    declined: bool = False
    """It was a NO to an open request."""
    language: str | None = None
    context: tuple[str, ...] = ()
    """What was open with the consumer when it came."""
    received_at: str
    parts: int = 1
    complete: bool = True
    """False where parts never came."""


class InboundsView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Texts of consumers, newest first."""

    inbound: tuple[InboundView, ...]
    next: str | None = None
    """The cursor of the next page; absent at the end."""


class InboundResource:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._store = doors.store

    async def show(self, request: Request, client: ClientConfig) -> Response:
        """One text."""
        inbound_id = ids.read("in", request.params["id"])
        found = None if inbound_id is None else await self._store.received(inbound_id, client.id)
        if found is None:
            raise no_such("text")
        return reply(view_inbound(found))

    async def browse(self, request: Request, client: ClientConfig) -> Response:
        """A page of texts."""
        query = request.query
        wanted = InboundFilter(
            client.id,
            read_number(query["from"], "query:from") if "from" in query else None,
            query.get("program"),
            _read_choice(ReplyKind, "kind", query),
            _read_choice(SignalName, "signal", query),
            read_as_of(request, _UNANSWERED) if _UNANSWERED in query else None,
            read_cursor(request, "newest"),
            read_limit(request),
        )
        page, before = await self._store.received_page(wanted)
        return reply(InboundsView(tuple(view_inbound(inbound) for inbound in page), spell_cursor(before)))


def view_inbound(inbound: Inbound) -> InboundView:
    """As JSON shows it."""
    reading = inbound.reading
    return InboundView(
        id=ids.spell("in", inbound.id),
        from_=inbound.source,
        to=inbound.destination,
        program=inbound.program,
        text=inbound.text,
        kind=inbound.kind,
        rule=reading.rule,
        words=reading.words,
        signals=reading.signals,
        scope=reading.scope,
        declined=reading.declined,
        language=reading.language or None,
        context=reading.context,
        received_at=spell_instant(inbound.received_at),
        parts=inbound.parts,
        complete=inbound.complete,
    )


def _read_choice(kind: type[E], name: str, query: dict[str, str]) -> E | None:
    text = query.get(name)
    if text is None:
        return None
    known = [one.value for one in kind]
    if text not in known:
        raise Problem(
            422,
            Code.REQUEST_INVALID,
            f"There is no such {name}.",
            field=f"query:{name}",
            fix=f"Use one of {', '.join(known)}.",
        )
    return kind(text)


_FILTERS = (
    Parameter("from", "Only texts from this number, E.164.", {"type": "string", "examples": ["+12025550123"]}),
    Parameter("program", "Only those to this program.", {"type": "string"}),
    Parameter("kind", "Only those that ask for this.", {"$ref": "#/components/schemas/ReplyKind"}),
    Parameter("signal", "Only those that report this.", {"$ref": "#/components/schemas/SignalName"}),
    Parameter(
        _UNANSWERED,
        "Only those that came before this instant, that no core word of the gateway's answers, and after which nothing"
        " went to the number: a supervisor's list of what waits.",
        {"type": "string", "format": "date-time"},
    ),
    *PAGING,
)


def inbound_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    inbound = InboundResource(doors)
    return [
        Operation(
            "GET",
            "/v1/inbound",
            gate.for_client(doors.keys, inbound.browse),
            id="listInbound",
            summary="Texts of consumers, newest first: what they ask for, which rule fired on which words, what they report",
            parameters=_FILTERS,
            outcomes=(Outcome(200, "A page. It may hold fewer than `limit` and still have a `next`.", InboundsView),),
            problems=((400, "A parameter is not known."), (422, "The value of a parameter cannot be taken.")),
        ),
        Operation(
            "GET",
            "/v1/inbound/{id}",
            gate.for_client(doors.keys, inbound.show),
            id="getInbound",
            summary="Look at a consumer's text and how it was read",
            outcomes=(Outcome(200, "The text.", InboundView),),
            problems=((404, "There is no such text to this client."),),
        ),
    ]
