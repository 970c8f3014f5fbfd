"""A route together with what is to be said about it, so that the document cannot forget one.

Owns: the shape of an operation. Does not own: the operations (resources), the document (openapi), matching (router).
"""

from typing import Any, Final, Literal

import msgspec

from gateway.web.router import Route


class Parameter(msgspec.Struct, frozen=True):
    """Something that a request may carry besides its path and body."""

    name: str
    meaning: str
    schema: dict[str, Any]
    place: Literal["query", "header"] = "query"
    required: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """An answer that means success, or one that is no problem body."""

    status: int
    meaning: str
    body: type[msgspec.Struct] | None = None
    headers: tuple[str, ...] = ()
    also: tuple[Any, ...] = ()
    """Other types that stand there in JSON."""
    further: tuple[tuple[str, Any], ...] = ()
    """Other media types, each with the type that it holds."""


class Operation(Route, frozen=True, kw_only=True):
    """A route of the public door, documented."""

    id: str
    summary: str
    outcomes: tuple[Outcome, ...]
    problems: tuple[tuple[int, str], ...] = ()
    """Statuses of problem bodies, each with what it means here."""
    body: type[msgspec.Struct] | None = None
    also: tuple[Any, ...] = ()
    """Other types that the body may have in JSON."""
    further: tuple[tuple[str, Any], ...] = ()
    """Other media types that are taken, each with the type that it holds."""
    body_required: bool = True
    example: dict[str, Any] | None = None
    """Of the body."""
    parameters: tuple[Parameter, ...] = ()
    keyless: bool = False
    """Whether anybody may ask, without an API key."""


IDEMPOTENCY_KEY: Final = Parameter(
    "Idempotency-Key",
    "Makes a repetition harmless: the same key with the same request gets the first answer again, for seven days.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "header",
)
