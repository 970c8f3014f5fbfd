"""Numbers that wrote and that no account is known of: the queue, and linking one to an account.

Owns: the handlers behind both doors, the body and the answers. Does not own: which numbers those are (store), or the request to
opt in that a link makes (flow).
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.flow.links import Links
from gateway.model import ids
from gateway.model.clock import spell_instant
from gateway.model.inbound import Inbound, ReplyKind
from gateway.store.optins import Refusal
from gateway.store.unlinked import UnlinkedFilter
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.evidence import check_text
from gateway.web.http import Request, Response
from gateway.web.optins import LONGEST, OptinView, label, not_asked, view_optin
from gateway.web.paging import PAGING, read_cursor, read_limit, spell_cursor
from gateway.web.routes import Operation, Outcome
from gateway.web.wire import Body, check_query, no_such, read_number, reply, unacceptable


class LinkBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose number it is, and what its owner is asked for."""

    account: Annotated[str, label("the consumer's account, in the client's words", LONGEST["account"])]
    program: Annotated[str, Meta(description="the id of the program that asks")]
    category: Annotated[str, Meta(description="one of the program's categories")]
    agent: Annotated[str | None, label("who links it, for the record", LONGEST["agent"])] = None


class LinkedNumberView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number that is linked, and the request that was made of its owner."""

    number: str
    account: str
    optin: OptinView | None = None
    """The request that is open now."""
    code: Code | None = None
    """Why none was made: the link stands all the same."""
    detail: str | None = None


class UnlinkedView(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A number that wrote and that nobody knows, with its newest text."""

    number: str
    client: str | None = None
    """Shown to operators."""
    program: str | None = None
    to: str
    inbound: str
    text: str
    kind: ReplyKind
    received_at: str


class UnlinkedPage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Numbers, those that wrote last first."""

    numbers: tuple[UnlinkedView, ...]
    next: str | None = None
    """The cursor of the next page; absent at the end."""


_LINK: Final = Body(LinkBody)


class UnlinkedResource:
    """The handlers. Without a client they are an operator's: the queues of all clients, and what was written to none."""

    def __init__(self, doors: Doors) -> None:
        self._store = doors.store
        self._clients = {client.id: client for client in doors.config.clients}
        self._links = Links(doors.store, doors.optins, doors.now)

    async def browse(self, request: Request, client: ClientConfig | None = None) -> Response:
        """A page of numbers."""
        check_query(request, *(parameter.name for parameter in PAGING))
        wanted = UnlinkedFilter(
            None if client is None else client.id, read_cursor(request, "newest"), read_limit(request)
        )
        page, before = await self._store.unlinked_page(wanted)
        return reply(UnlinkedPage(tuple(_view(inbound, client) for inbound in page), spell_cursor(before)))

    async def link(self, request: Request, client: ClientConfig) -> Response:
        """Link a number to an account; the same once more does no harm."""
        number = read_number(request.params["number"], "path:number")
        body = _LINK.read(request)
        faults: list[Invalid] = []
        for name in ("account", "agent"):
            value = getattr(body, name)
            if value is not None:
                check_text(name, value, LONGEST[name], faults)
        if faults:
            raise unacceptable(faults)
        outcome = await self._links.link(client, number, body.account, body.program, body.category, body.agent)
        if isinstance(outcome, Invalid):
            raise unacceptable([outcome])
        if outcome.optin is not None and outcome.refusal in (None, Refusal.OPEN):
            return reply(LinkedNumberView(number, body.account, view_optin(outcome.optin)))
        problem = not_asked(outcome)
        return reply(LinkedNumberView(number, body.account, None, Code(problem.code), problem.detail))

    async def link_for(self, request: Request) -> Response:
        """The same by an operator, for the client that the path names."""
        client = self._clients.get(request.params["client"])
        if client is None:
            raise no_such("client")
        return await self.link(request, client)


def _view(inbound: Inbound, client: ClientConfig | None) -> UnlinkedView:
    return UnlinkedView(
        number=inbound.source,
        client=inbound.client if client is None else None,
        program=inbound.program,
        to=inbound.destination,
        inbound=ids.spell("in", inbound.id),
        text=inbound.text,
        kind=inbound.kind,
        received_at=spell_instant(inbound.received_at),
    )


def unlinked_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes of the public door."""
    unlinked = UnlinkedResource(doors)
    return [
        Operation(
            "GET",
            "/v1/numbers/unlinked",
            gate.for_client(doors.keys, unlinked.browse),
            id="listUnlinked",
            summary="Numbers that wrote and that no account, text or consent is known of, with the newest text of each",
            parameters=PAGING,
            outcomes=(Outcome(200, "A page. It may hold fewer than `limit` and still have a `next`.", UnlinkedPage),),
            problems=((400, "A parameter is not known."), (422, "The value of a parameter cannot be taken.")),
        ),
        Operation(
            "PUT",
            "/v1/numbers/{number}/link",
            gate.for_client(doors.keys, unlinked.link),
            id="linkNumber",
            summary="Link a number that wrote to an account, and ask its owner to opt in",
            body=LinkBody,
            example={"account": "A-1027", "program": "servicing", "category": "servicing", "agent": "sam"},
            outcomes=(Outcome(200, "It is linked; the owner is being asked, or is not, and why.", LinkedNumberView),),
            problems=(
                (400, "The body is not what is expected; nothing was recorded."),
                (415, "The body is not declared as JSON."),
                (422, "A value cannot be taken; nothing was recorded."),
            ),
        ),
    ]
