"""Messages that are kept: finding them, looking at one, cancelling one.

Owns: filters, pages and the answer to a cancel. Does not own: submitting (submissions) or what a message looks like (views).
"""

import msgspec

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.model.ids import spell_message
from gateway.model.message import State
from gateway.store.doubt import Cancellation
from gateway.store.reads import MessageFilter
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.paging import PAGING, read_cursor, read_limit, spell_cursor
from gateway.web.problem import Problem
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.views import MessageSummary, MessageView, summarise, view
from gateway.web.wire import Body, no_such, read_message_id, read_number, reply

_STATES = tuple(state.value for state in State)


class PageView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Messages, newest first."""

    messages: tuple[MessageSummary, ...]
    next: str | None = None
    """The cursor of the next page; absent at the end."""


class CancelledView(msgspec.Struct, frozen=True):
    """A message that will not go."""

    id: str
    state: State


class NoBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing: the body may be absent."""


_NOTHING = Body(NoBody)


class Messages:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def show(self, request: Request, client: ClientConfig) -> Response:
        """One message with all that is known of it."""
        message = await self._doors.store.message(read_message_id(request.params["id"]), client.id)
        if message is None:
            raise no_such("message")
        return reply(view(message, await self._doors.store.timeline(message.id)))

    async def browse(self, request: Request, client: ClientConfig) -> Response:
        """A page of messages."""
        query = request.query
        wanted = MessageFilter(
            client.id,
            read_number(query["to"], "query:to") if "to" in query else None,
            query.get("program"),
            _read_state(query["state"]) if "state" in query else None,
            query.get("reference"),
            query.get("account"),
            read_cursor(request, "newest"),
            read_limit(request),
        )
        page, before = await self._doors.store.messages(wanted)
        return reply(PageView(tuple(summarise(message) for message in page), spell_cursor(before)))

    async def cancel(self, request: Request, client: ClientConfig) -> Response:
        """End a message of which nothing was handed to a carrier; once more does no harm."""
        if request.body:
            _NOTHING.read(request)
        message_id = read_message_id(request.params["id"])
        (state,) = await self._doors.store.cancel(Cancellation(message_id, client.id, self._doors.now()))
        if state is None:
            raise no_such("message")
        if state is not State.CANCELLED:
            raise Problem(
                409,
                Code.STATE_CONFLICT,
                f"The message is {state}: what was handed to a carrier or has ended cannot be cancelled.",
                fix="See what became of it: GET /v1/messages/{id}.",
                extra={"id": spell_message(message_id), "state": state},
            )
        return reply(CancelledView(spell_message(message_id), state))


def _read_state(text: str) -> State:
    if text not in _STATES:
        raise Problem(
            422,
            Code.REQUEST_INVALID,
            "There is no such state.",
            field="query:state",
            fix=f"Use one of {', '.join(_STATES)}.",
        )
    return State(text)


_FILTERS = (
    Parameter("to", "Only texts to this number, E.164.", {"type": "string", "examples": ["+12025550123"]}),
    Parameter("program", "Only those of this program.", {"type": "string"}),
    Parameter("state", "Only those in this state.", {"$ref": "#/components/schemas/State"}),
    Parameter("reference", "Only those with this reference.", {"type": "string"}),
    Parameter("account", "Only those of this account.", {"type": "string"}),
    *PAGING,
)


def message_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    messages = Messages(doors)
    return [
        Operation(
            "GET",
            "/v1/messages",
            gate.for_client(doors.keys, messages.browse),
            id="listMessages",
            summary="Find messages, newest first",
            parameters=_FILTERS,
            outcomes=(Outcome(200, "A page. It may hold fewer than `limit` and still have a `next`.", PageView),),
            problems=((400, "A parameter is not known."), (422, "The value of a parameter cannot be taken.")),
        ),
        Operation(
            "GET",
            "/v1/messages/{id}",
            gate.for_client(doors.keys, messages.show),
            id="getMessage",
            summary="Look at a message: its segments, receipts, decision, and its timeline with causes",
            outcomes=(Outcome(200, "The message.", MessageView),),
            problems=((404, "There is no such message of this client."),),
        ),
        Operation(
            "POST",
            "/v1/messages/{id}/cancel",
            gate.for_client(doors.keys, messages.cancel),
            id="cancelMessage",
            summary="Cancel a message of which nothing was handed to a carrier",
            body=NoBody,
            body_required=False,
            example={},
            outcomes=(Outcome(200, "It is cancelled, by this request or an earlier one.", CancelledView),),
            problems=(
                (400, "The body is neither absent nor an empty object."),
                (404, "There is no such message of this client."),
                (409, "It is too late; `state` tells where the message stands."),
            ),
        ),
    ]
