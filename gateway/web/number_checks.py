"""What databases of reassigned numbers say, as clients report it.

Owns: the body, the handlers and the answers. Does not own: what an answer makes of consents (store), or asking a database:
whoever has an account with one asks it, and tells the gateway what it said.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.model.address import Number
from gateway.model.clock import spell_instant
from gateway.model.number_check import LONGEST_SOURCE, NumberCheck, Reassigned, faults_of
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.routes import Operation, Outcome
from gateway.web.submissions import Time
from gateway.web.wire import Body, read_number, read_time, reply, unacceptable


class NumberCheckBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One look into a database."""

    answer: Annotated[
        Reassigned,
        Meta(
            description="whether the number was disconnected since: no, yes, or no_data where the database cannot tell"
        ),
    ]
    checked_at: Annotated[Time, Meta(description="when the database was asked; RFC 3339 with its zone")]
    since: Annotated[Time, Meta(description="the day that was asked about, such as when the consent was obtained")]
    source: Annotated[
        str,
        Meta(description="which database", extra_json_schema={"minLength": 1, "maxLength": LONGEST_SOURCE}),
    ]


class NumberCheckView(msgspec.Struct, frozen=True):
    """One look, as it is kept."""

    answer: Reassigned
    checked_at: str
    since: str
    source: str


class NumberChecksView(msgspec.Struct, frozen=True):
    """All of a number, oldest first."""

    number: str
    checks: list[NumberCheckView]


_CHECK: Final = Body(NumberCheckBody)


class NumberChecks:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def report(self, request: Request, client: ClientConfig) -> Response:
        """Take one look; the same once more does no harm."""
        number = read_number(request.params["number"], "path:number")
        check = _read(_CHECK.read(request), number, client.id, self._doors.now())
        if not isinstance(check, NumberCheck):
            raise unacceptable(check)
        await self._doors.consents.note_check(client, check)
        return await self._show(number, client)

    async def browse(self, request: Request, client: ClientConfig) -> Response:
        """All looks."""
        return await self._show(read_number(request.params["number"], "path:number"), client)

    async def _show(self, number: Number, client: ClientConfig) -> Response:
        checks = await self._doors.store.checks_of(number, client.id)
        return reply(NumberChecksView(number, [_view(check) for check in checks]))


def _read(body: NumberCheckBody, number: Number, client: str, now: int) -> NumberCheck | list[Invalid]:
    faults: list[Invalid] = []
    at = read_time("checked_at", body.checked_at, faults)
    since = read_time("since", body.since, faults)
    faults += [Invalid(Code.REQUEST_INVALID, *wrong) for wrong in faults_of(body.source, at, since, now)]
    if faults or at is None or since is None:
        return faults
    return NumberCheck(number, client, body.answer, at, since, body.source, now)


def _view(check: NumberCheck) -> NumberCheckView:
    return NumberCheckView(check.answer, spell_instant(check.at), spell_instant(check.since), check.source)


def number_check_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    checks = NumberChecks(doors)
    return [
        Operation(
            "POST",
            "/v1/numbers/{number}/checks",
            gate.for_client(doors.keys, checks.report),
            id="reportNumberCheck",
            summary="Report what a database of reassigned numbers said: no makes consents fresh, yes ends them",
            body=NumberCheckBody,
            example={
                "answer": "no",
                "checked_at": "2026-02-27T15:04:00Z",
                "since": "2026-01-15T00:00:00Z",
                "source": "Reassigned Numbers Database",
            },
            outcomes=(Outcome(200, "All that was reported of the number.", NumberChecksView),),
            problems=(
                (400, "The body is not what is expected; nothing was recorded."),
                (415, "The body is not declared as JSON."),
                (422, "A value cannot be taken."),
            ),
        ),
        Operation(
            "GET",
            "/v1/numbers/{number}/checks",
            gate.for_client(doors.keys, checks.browse),
            id="listNumberChecks",
            summary="What databases of reassigned numbers said of a number",
            outcomes=(Outcome(200, "All that was reported of it.", NumberChecksView),),
            problems=((422, "The number is not valid."),),
        ),
    ]
