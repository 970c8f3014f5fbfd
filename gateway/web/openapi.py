"""The document of the public door, OpenAPI 3.1, made from the routes and their structs.

Owns: how operations become a document. Does not own: what they say of themselves (routes, the resources).
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from gateway.model import ids
from gateway.model.address import E164_PATTERN
from gateway.text.template_spec import LONGEST_NAME, NAME_PATTERN
from gateway.web.optins import OptinView
from gateway.web.problem import CONTENT_TYPE, FieldError
from gateway.web.refusals import DecisionView
from gateway.web.routes import Operation, Outcome
from gateway.web.template_views import BoundsView

VERSION: Final = "1.0.0"
"""Of the interface, not of the gateway."""

_ABOUT: Final = """\
An SMS gateway that sends a text only where there is consent for it.

A 2xx to a submission means that the text and its idempotency key are on disk. Every error is a problem (RFC 9457) with a
stable `code` and, for each fault, the field and what to do. Times are RFC 3339; those that are sent need their zone.
"""

_REFERENCE: Final = "#/components/schemas/{name}"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PLACEHOLDERS: Final = {
    "id": (
        "The id, as it was given: of a message `msg_…`, of a consumer's text `in_…`, of a review `rev_…`.",
        {"type": "string", "pattern": ids.pattern("[a-z]+"), "examples": ["msg_1a2b3c4d5e6f7"]},
    ),
    "name": (
        "The name of a template.",
        {
            "type": "string",
            "pattern": NAME_PATTERN,
            "maxLength": LONGEST_NAME,
            "examples": ["payment_receipts.receipt"],
        },
    ),
    "number": (
        "A number in E.164; its plus sign as it is, or as %2B.",
        {"type": "string", "pattern": f"^{E164_PATTERN}$", "examples": ["+12025550123"]},
    ),
}
_MALFORMED = (
    "The request is not shaped as it has to be: a parameter is unknown or there twice, the path is not well-formed."
)
_OTHERWISE = "What HTTP itself has for requests that are answered nowhere else: 405, 408, 413, 414, 415, 417, 431, 501, 503, 505."
_EVERYWHERE = (
    (429, "Too many wrong keys came from this address; see Retry-After."),
    (500, "The gateway failed; repeat the request with the same Idempotency-Key."),
    (503, "Not now; see Retry-After."),
    (507, "The disk is full; see Retry-After."),
)


class ProblemBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details. ``code`` is stable: decide by it. A refused text has ``id`` and ``decision`` too."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[FieldError, ...] = ()
    """Each fault with its field and what to do."""
    fix: str | None = None
    id: str | None = None
    state: str | None = None
    encoding: str | None = None
    segments: int | None = None
    decision: DecisionView | None = None
    incident: str | None = None
    optin: OptinView | None = None
    """The request to opt in that stands in the way, or is over."""
    attempts_left: int | None = None
    """After a wrong code."""
    previews: tuple[BoundsView, ...] = ()
    """What the texts of a refused template would lie between."""


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    says: list[Operation | Outcome] = [*operations, *(outcome for each in operations for outcome in each.outcomes)]
    bodies = [kind for one in says for kind in (one.body, *one.also, *(held for _, held in one.further))]
    kinds = list(dict.fromkeys([*(kind for kind in bodies if kind is not None), ProblemBody]))
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    whole: dict[str, Any] = _in_ecma(
        {
            "openapi": "3.1.0",
            "info": {"title": "Assent", "version": VERSION, "description": _ABOUT},
            "security": [{"key": []}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "key": {"type": "http", "scheme": "bearer", "description": "An API key of a client: `ak_…`."}
                },
            },
        }
    )
    return whole


def _in_ecma(node: Any) -> Any:
    r"""With patterns as JSON Schema has them, in ECMA-262: `$` is the very end there, and `\Z` a fault."""
    if isinstance(node, dict):
        return {
            name: value.removesuffix(r"\Z") + "$"
            if name == "pattern" and str(value).endswith(r"\Z")
            else _in_ecma(value)
            for name, value in node.items()
        }
    return [_in_ecma(value) for value in node] if isinstance(node, list) else node


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {"operationId": operation.id, "summary": operation.summary}
    parameters = [_placeholder(name) for name in _PLACEHOLDER.findall(operation.path)]
    parameters += [
        {"name": given.name, "in": given.place, "description": given.meaning, "schema": given.schema}
        | ({"required": True} if given.required else {})
        for given in operation.parameters
    ]
    if parameters:
        said["parameters"] = parameters
    if operation.body is not None:
        content = _content(operation)
        if operation.example is not None:
            content["application/json"]["example"] = operation.example
        said["requestBody"] = {"required": operation.body_required, "content": content}
    responses = {str(outcome.status): _outcome(outcome) for outcome in operation.outcomes}
    problems = {400: _MALFORMED} | dict(operation.problems)
    if operation.body is not None:
        problems[413] = "The body is too large."
    if operation.keyless:
        said["security"] = []
    else:
        problems |= {401: "The request shows no valid key."} | dict(_EVERYWHERE)
    told = {str(status): meaning for status, meaning in sorted(problems.items())}
    for status, meaning in (told | {"default": _OTHERWISE}).items():
        content = {CONTENT_TYPE: {"schema": _schema(ProblemBody)}}
        responses.setdefault(status, {"description": meaning, "content": content})
    said["responses"] = responses
    return said


def _outcome(outcome: Outcome) -> dict[str, Any]:
    said: dict[str, Any] = {"description": outcome.meaning}
    if outcome.body is not None:
        said["content"] = _content(outcome)
    if outcome.headers:
        said["headers"] = {name: {"schema": {"type": "string"}} for name in outcome.headers}
    return said


def _placeholder(name: str) -> dict[str, Any]:
    meaning, schema = _PLACEHOLDERS[name]
    return {"name": name, "in": "path", "required": True, "description": meaning, "schema": schema}


def _content(said: Operation | Outcome) -> dict[str, dict[str, Any]]:
    """What a body is, by media type."""
    schema = {"anyOf": [_schema(kind) for kind in (said.body, *said.also)]} if said.also else _schema(said.body)
    held = {media: {"schema": _schema(kind)} for media, kind in said.further}
    return {"application/json": {"schema": schema}, **held}


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REFERENCE)
    return schema
