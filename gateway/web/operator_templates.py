"""Templates, for operators: all that are in force, one as a client has it, and what comes of it.

Owns: the requests at the operator's door. Does not own: what clients can ask and do (templates), or what answers look like
(template_views).
"""

from msgspec.structs import replace

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.templates import EXAMPLE_CLIENT
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.template_views import TemplatesView, summarise_for_operator
from gateway.web.templates import TemplatesDesk
from gateway.web.wire import check_query, reply


class OperatorTemplates:
    """The handlers. ``client`` in a query names whose; without it, what every client has is shown as to an example."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._desk = TemplatesDesk(doors)

    async def browse(self, request: Request) -> Response:
        """All that are in force, or all that one client can use."""
        check_query(request, "client")
        templates = self._doors.templates
        found = templates.listed(self._client(request).id) if "client" in request.query else templates.everything()
        return reply(TemplatesView([summarise_for_operator(one) for one in found]))

    async def show(self, request: Request) -> Response:
        """One, as a client has it."""
        check_query(request, "client", "version")
        return await self._desk.show(*self._asked(request))

    async def preview(self, request: Request) -> Response:
        """What comes of one for a client."""
        check_query(request, "client")
        return await self._desk.preview(*self._asked(request))

    def _asked(self, request: Request) -> tuple[Request, ClientConfig]:
        query = {name: value for name, value in request.query.items() if name != "client"}
        return replace(request, query=query), self._client(request)

    def _client(self, request: Request) -> ClientConfig:
        if "client" not in request.query:
            return EXAMPLE_CLIENT
        client = self._doors.config.client(request.query["client"])
        if client is None:
            known = ", ".join(one.id for one in self._doors.config.clients)
            raise Problem(
                422,
                Code.REQUEST_INVALID,
                "There is no such client.",
                field="query:client",
                fix=f"Use one of clients.toml: {known}.",
            )
        return client
