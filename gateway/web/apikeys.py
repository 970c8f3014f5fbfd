"""API keys, for operators: making one, listing them, revoking one.

Owns: the bodies of requests and answers. Does not own: what a key is (auth).
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.store.reads import ApiKey
from gateway.web.auth import NoSuchClient
from gateway.web.doors import Doors
from gateway.web.evidence import check_text
from gateway.web.http import Request, Response
from gateway.web.wire import Body, no_such, reply, spell_time, unacceptable

LONGEST_LABEL: Final = 100


class KeyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that is to be made."""

    client: Annotated[str, Meta(description="the id of a client of clients.toml")]
    label: Annotated[str | None, Meta(description="what the key is for")] = None
    templates_only: Annotated[bool | None, Meta(description="whether its texts have to be made of templates")] = None


class KeyView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key, without its secret."""

    id: str
    client: str
    label: str
    created_at: str
    valid: bool
    """False when it was revoked, or its client is no longer configured."""
    revoked_at: str | None = None
    templates_only: bool = False
    """Its texts have to be made of templates."""


class NewKeyView(msgspec.Struct, frozen=True):
    """A key that was made."""

    id: str
    client: str
    label: str
    key: str
    """The secret: it is not shown again."""


class KeysView(msgspec.Struct, frozen=True):
    """All keys, oldest first."""

    keys: list[KeyView]


_KEY = Body(KeyBody)


class ApiKeys:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def browse(self, request: Request) -> Response:
        """All keys, revoked ones too."""
        return reply(KeysView([self._view(key) for key in await self._doors.store.api_keys()]))

    async def create(self, request: Request) -> Response:
        """Make a key, and show it this once."""
        body = _KEY.read(request)
        label = "" if body.label is None else body.label
        faults: list[Invalid] = []
        if label:
            check_text("label", label, LONGEST_LABEL, faults)
        if faults:
            raise unacceptable(faults)
        try:
            key, secret = await self._doors.keys.issue(body.client, label, templates_only=bool(body.templates_only))
        except NoSuchClient:
            known = ", ".join(client.id for client in self._doors.config.clients)
            fault = Invalid(Code.REQUEST_INVALID, "client", "no such client", f"use one of clients.toml: {known}")
            raise unacceptable([fault]) from None
        return reply(NewKeyView(key.id, key.client, key.label, secret), 201)

    async def revoke(self, request: Request) -> Response:
        """End a key."""
        if not await self._doors.keys.revoke(request.params["id"]):
            raise no_such("key that is valid")
        return Response(204)

    def _view(self, key: ApiKey) -> KeyView:
        valid = key.revoked_at is None and self._doors.config.client(key.client) is not None
        return KeyView(
            key.id,
            key.client,
            key.label,
            spell_time(key.created_at) or "",
            valid,
            spell_time(key.revoked_at),
            key.templates_only,
        )
