"""The door for clients.

Owns: which resources stand behind it, and the document that describes them. Does not own: the resources, or the sockets
(server).
"""

import msgspec
from msgspec.structs import replace

from gateway.web.auth import Gate
from gateway.web.border import at_border
from gateway.web.check import check_operations
from gateway.web.client_events import client_event_operations
from gateway.web.consents import consent_operations
from gateway.web.doors import Doors
from gateway.web.events import event_operations
from gateway.web.health import health_operations
from gateway.web.http import Handler, Request, Response
from gateway.web.inbound import inbound_operations
from gateway.web.jobs import job_operations
from gateway.web.ledger import ledger_operations
from gateway.web.messages import message_operations
from gateway.web.number_checks import number_check_operations
from gateway.web.numbers import number_operations
from gateway.web.openapi import document
from gateway.web.optins import optin_operations
from gateway.web.reviews import review_operations
from gateway.web.router import Router
from gateway.web.routes import Operation, Outcome
from gateway.web.submissions import submission_operations
from gateway.web.templates import template_operations
from gateway.web.unlinked import unlinked_operations
from gateway.web.wire import check_query


def public_handler(doors: Doors, gate: Gate) -> Handler:
    """What answers the requests of clients."""
    return at_border(Router(public_operations(doors, gate)))


def public_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """All routes of the door, the document's own included."""

    async def describe(request: Request) -> Response:
        return Response(200, described)

    operations = [
        *submission_operations(doors, gate),
        *message_operations(doors, gate),
        *consent_operations(doors, gate),
        *ledger_operations(doors, gate),
        *optin_operations(doors, gate),
        *inbound_operations(doors, gate),
        *review_operations(doors, gate),
        *number_operations(doors, gate),
        *unlinked_operations(doors, gate),
        *number_check_operations(doors, gate),
        *client_event_operations(doors, gate),
        *check_operations(doors, gate),
        *event_operations(doors, gate),
        *job_operations(doors, gate),
        *template_operations(doors, gate),
        *health_operations(doors),
        Operation(
            "GET",
            "/openapi.json",
            describe,
            id="getDocument",
            summary="This document",
            outcomes=(Outcome(200, "OpenAPI 3.1."),),
            keyless=True,
        ),
    ]
    described = msgspec.json.encode(document(operations))
    return [one if one.keyless else _taking_its_own_parameters(one) for one in operations]


def _taking_its_own_parameters(operation: Operation) -> Operation:
    """Who sends another, ``?dry_run=true`` with a text or ``?version=3`` to delete a template, expects something of it."""
    known = tuple(parameter.name for parameter in operation.parameters if parameter.place == "query")

    async def answer(request: Request) -> Response:
        check_query(request, *known)
        return await operation.handler(request)

    return replace(operation, handler=answer)
