"""Templates: listing them, looking at one, putting one in force, trying one out.

Owns: the bodies of requests. Does not own: what a template may hold (text), which one a name stands for (flow/templates), what
answers look like (template_views), or the texts that are made of templates (submissions).
"""

from functools import partial
from typing import Annotated, Any, Final

import msgspec
import trio
from msgspec import Meta

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.templates import Template, refusals, review
from gateway.text.template_spec import TemplateRefused, TemplateSpec
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.template_views import (
    BoundsView,
    PutView,
    TemplatesView,
    TemplateView,
    TriedView,
    summarise,
    unacceptable_template,
    view,
    view_bounds,
    view_text,
)
from gateway.web.wire import Body, no_such, read_count, reply

MOST_VERSIONS: Final = 200
_NEWEST: Final = 1 << 31


class TemplateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A template that is to be in force."""

    texts: Annotated[
        dict[str, str],
        Meta(description='by locale: {"en": "{{ client_name }}: {{ amount }} is due {{ due_date }}.", "es": "…"}'),
    ]
    variables: Annotated[
        dict[str, dict[str, Any]] | None,
        Meta(description='each with its kind: {"amount": {"kind": "money"}, "due_date": {"kind": "date"}}'),
    ] = None
    fallback: Annotated[str | None, Meta(description="the locale for languages that it has not")] = None
    max_segments: Annotated[int | None, Meta(description="1 to 255; a longer text is refused. 6 where absent")] = None
    purpose: Annotated[str | None, Meta(description="of a template of the gateway's own: as it is")] = None
    summary: Annotated[str | None, Meta(description="when it is sent")] = None
    legal_approval: Annotated[str | None, Meta(description="who approved wording that speaks of legal steps")] = None


class TryRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values to try a template with; without them, the bounds of every text that it can make are told."""

    vars: Annotated[dict[str, Any] | None, Meta(description="values for the template's variables")] = None
    locale: Annotated[str | None, Meta(description='such as "es-US"; all of the template\'s where absent')] = None


_REQUEST = Body(TemplateRequest)
_TRY = Body(TryRequest)
_DRY_RUN = {"true": True, "false": False}


class TemplatesDesk:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._templates = doors.templates
        self._now = doors.now

    async def browse(self, request: Request, client: ClientConfig) -> Response:
        """All that the client can use or change."""
        return reply(TemplatesView([summarise(one) for one in self._templates.listed(client.id)]))

    async def show(self, request: Request, client: ClientConfig) -> Response:
        """One template as it is in force, or as it was."""
        if "version" in request.query:
            wanted = read_count(request, "version", 1, 1, _NEWEST)
            found = await self._versions(request, client)
            return reply(view(next((one for one in found if one.spec.version == wanted), None)))
        return reply(view(self._templates.find(client.id, request.params["name"])))

    async def versions(self, request: Request, client: ClientConfig) -> Response:
        """What a name ever stood for."""
        return reply(TemplatesView([summarise(one) for one in await self._versions(request, client)]))

    async def put(self, request: Request, client: ClientConfig) -> Response:
        """Put one in force, or say why not; with ``dry_run``, only what would come of it."""
        dry_run = _DRY_RUN.get(request.query.get("dry_run", "false"))
        if dry_run is None:
            raise Problem(
                422, Code.REQUEST_INVALID, "dry_run is neither true nor false.", field="query:dry_run", fix="Send true."
            )
        _forbid_agents(client)
        body = _REQUEST.read(request)
        table = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not None}
        try:
            # Every text that may come of it is looked at, which takes its time.
            declare = partial(self._templates.declare, client, request.params["name"], table)
            spec, reviews = await trio.to_thread.run_sync(declare)
        except TemplateRefused as error:
            raise unacceptable_template(error.faults) from None
        refused = refusals(reviews, spec)
        bounds = [view_bounds(one) for one in reviews]
        if refused:
            raise unacceptable_template(refused, {"previews": bounds})
        if dry_run:
            return reply(PutView(_would_be(spec, client, self._now()), bounds))
        template, fresh = await self._templates.put(client, spec)
        return reply(PutView(view(template), bounds), 201 if fresh else 200)

    async def delete(self, request: Request, client: ClientConfig) -> Response:
        """End a template of the client's own."""
        _forbid_agents(client)
        name = request.params["name"]
        if await self._templates.delete(client, name):
            return Response(204)
        found = self._templates.find(client.id, name)
        if found is None:
            raise no_such("template")
        raise Problem(
            409,
            Code.TEMPLATE_SYSTEM if found.is_system else Code.STATE_CONFLICT,
            f"The template comes with {found.source} and cannot be deleted.",
            field="path:name",
            fix="Put words of your own in its place, if you want others.",
        )

    async def preview(self, request: Request, client: ClientConfig) -> Response:
        """What comes of a template, with values or whatever they are."""
        body = _TRY.read(request) if request.body else TryRequest()
        template = self._templates.find(client.id, request.params["name"])
        if template is None:
            raise no_such("template")
        spec = template.spec
        try:
            if body.vars is None:
                return reply(TriedView(spec.name, spec.version, previews=await _bounds_of(spec, client, body.locale)))
            home = client.programs[0].locale if client.programs else "en-US"
            filled = self._templates.fill(client, template, body.vars, body.locale or home, home)
        except TemplateRefused as error:
            raise unacceptable_template(error.faults) from None
        return reply(TriedView(spec.name, spec.version, filled.key, view_text(filled)))

    async def _versions(self, request: Request, client: ClientConfig) -> list[Template]:
        found = await self._templates.versions(client.id, request.params["name"], MOST_VERSIONS)
        if not found:
            raise no_such("template")
        return found


async def _bounds_of(spec: TemplateSpec, client: ClientConfig, locale: str | None) -> tuple[BoundsView, ...]:
    wanted = (locale, None if locale is None else locale.partition("-")[0])
    reviews = await trio.to_thread.run_sync(review, spec, client)
    found = tuple(view_bounds(one) for one in reviews if locale is None or one.locale in wanted)
    if not found:
        raise Problem(
            422,
            Code.TEMPLATE_LOCALE_UNKNOWN,
            "The template has no text of its own for that locale.",
            field="/locale",
            fix=f"Use one of {', '.join(spec.texts)}.",
        )
    return found


def _would_be(spec: TemplateSpec, client: ClientConfig, now: int) -> TemplateView:
    return view(Template(spec, client.id, "dry_run", now))


def _forbid_agents(client: ClientConfig) -> None:
    if client.templates_only:
        raise Problem(
            403,
            Code.AGENT_NOT_ALLOWED,
            "This key is for sending templates, not for changing them.",
            fix="Use a key that was made without templates_only. Where clients.toml says it of the client, none is: then"
            " the operator puts templates into conf/templates.",
        )


EXAMPLE: Final = {
    "summary": "Three days before the due date",
    "fallback": "en",
    "texts": {
        "en": "{{ client_name }}: your payment of {{ amount }} is due {{ due_date }}. Reply STOP to opt out.",
        "es": "{{ client_name }}: su pago de {{ amount }} vence el {{ due_date }}. Responda STOP para no recibir mensajes.",
    },
    "variables": {"amount": {"kind": "money", "minimum": 1}, "due_date": {"kind": "date"}},
}


def template_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    desk = TemplatesDesk(doors)
    nothing = (404, "There is no such template.")
    return [
        Operation(
            "GET",
            "/v1/templates",
            gate.for_client(doors.keys, desk.browse),
            id="listTemplates",
            summary="List the templates that can be used or changed",
            outcomes=(Outcome(200, "By name.", TemplatesView),),
            problems=((400, "A parameter is not known."),),
        ),
        Operation(
            "GET",
            "/v1/templates/{name}",
            gate.for_client(doors.keys, desk.show),
            id="getTemplate",
            summary="Look at a template",
            parameters=(
                Parameter("version", "As it was then.", {"type": "integer", "minimum": 1, "maximum": _NEWEST}),
            ),
            outcomes=(Outcome(200, "The template.", TemplateView),),
            problems=((400, "A parameter is not known."), nothing, (422, "The version is no number.")),
        ),
        Operation(
            "GET",
            "/v1/templates/{name}/versions",
            gate.for_client(doors.keys, desk.versions),
            id="listTemplateVersions",
            summary="List what a name stood for, the newest first",
            outcomes=(Outcome(200, "The versions.", TemplatesView),),
            problems=((400, "A parameter is not known."), nothing),
        ),
        Operation(
            "PUT",
            "/v1/templates/{name}",
            gate.for_client(doors.keys, desk.put),
            id="putTemplate",
            summary="Put a template in force, as a new version where it changed",
            parameters=(
                Parameter("dry_run", "Only tell what would come of it.", {"type": "boolean", "default": False}),
            ),
            body=TemplateRequest,
            example=EXAMPLE,
            outcomes=(
                Outcome(201, "A new version is in force, on disk.", PutView),
                Outcome(200, "It was in force already, or this was a dry run.", PutView),
            ),
            problems=(
                (400, "The body is not what is expected."),
                (403, "The key is for sending templates only."),
                (415, "The body is not declared as JSON."),
                (422, "The template cannot be read, or says what no text may say; nothing was kept."),
            ),
        ),
        Operation(
            "DELETE",
            "/v1/templates/{name}",
            gate.for_client(doors.keys, desk.delete),
            id="deleteTemplate",
            summary="End a template of one's own; its versions stay for the record",
            outcomes=(Outcome(204, "The name stands for everybody's template again, or for none."),),
            problems=((403, "The key is for sending templates only."), nothing, (409, "It is everybody's.")),
        ),
        Operation(
            "POST",
            "/v1/templates/{name}/preview",
            gate.for_client(doors.keys, desk.preview),
            id="previewTemplate",
            summary="See what a template makes, and how many segments it takes",
            body=TryRequest,
            body_required=False,
            example={
                "locale": "es-US",
                "vars": {"amount": {"minor": 5210, "currency": "USD"}, "due_date": "2026-03-08"},
            },
            outcomes=(Outcome(200, "With values the text, without them the bounds of all texts.", TriedView),),
            problems=(
                (400, "The body is not what is expected."),
                nothing,
                (415, "The body is not declared as JSON."),
                (422, "The values are not what the template takes, or too much comes of them."),
            ),
        ),
    ]
