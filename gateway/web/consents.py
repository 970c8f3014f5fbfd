"""Consents: recording them, looking at them, withdrawing them.

Owns: the handlers and the answers. Does not own: the bodies of requests (evidence), who may grant what and what a withdrawal
ends (flow), or what the consumer says by text.
"""

from typing import Final

import msgspec

from gateway.config import SYSTEM, ClientConfig
from gateway.errors import Code
from gateway.flow.consent import Grant
from gateway.flow.invalid import Invalid
from gateway.model.address import Number
from gateway.model.clock import spell_instant
from gateway.model.consent import ANY, ConsentState, Scope
from gateway.web.auth import Gate
from gateway.web.consent_views import BrokenView, ConsentsView, ConsentView, view_broken, view_consents
from gateway.web.doors import Doors
from gateway.web.evidence import (
    LONGEST_ACCOUNT,
    LONGEST_REASON,
    ConsentBatch,
    ConsentBody,
    ConsentItem,
    RevocationBody,
    check_text,
    read_grant,
)
from gateway.web.http import Request, Response
from gateway.web.problem import FieldError, Problem
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.wire import Batch, Body, no_such, read_number, read_time, reply, unacceptable


class ConsentResultView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item: ``status`` is what it would have been answered alone."""

    status: int
    state: ConsentState | None = None
    code: str | None = None
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()


_STANDS = ConsentResultView(200, ConsentState.CONFIRMED)


class ConsentBatchView(msgspec.Struct, frozen=True):
    """One result for each consent, in their order."""

    results: list[ConsentResultView]


_CONSENT = Body(ConsentBody)
_REVOCATION = Body(RevocationBody)
_BATCH = Batch("consents", ConsentBatch, ConsentItem)


class ConsentResource:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._consents = doors.consents
        self._store = doors.store
        self._clients = {client.id: client for client in doors.config.clients}
        self._categories = frozenset(doors.config.policy.categories)

    async def grant(self, request: Request, client: ClientConfig) -> Response:
        """Record a consent."""
        number = read_number(request.params["number"], "path:number")
        body = _CONSENT.read(request)
        grant = read_grant(number, body)
        if not isinstance(grant, Grant):
            raise unacceptable(grant)
        (outcome,) = await self._consents.grant(client, [grant])
        if isinstance(outcome, Invalid):
            raise unacceptable([outcome])
        if not outcome:
            raise _after_opt_out()
        # Beside it there may be opt-outs from the texts about single accounts.
        wanted = (grant.program, grant.category, None)
        consents = view_consents(await self._consents.of(client, number))
        recorded = [one for one in consents if (one.program, one.category, one.account) == wanted]
        if not recorded:
            raise _after_opt_out()  # erased since, which opts the number out
        return reply(recorded[0])

    async def grant_batch(self, request: Request, client: ClientConfig) -> Response:
        """Record many consents, each by itself."""
        items = [item if isinstance(item, Problem) else read_grant(item.number, item) for item in _BATCH.read(request)]
        outcomes = iter(await self._consents.grant(client, [item for item in items if isinstance(item, Grant)]))
        results: list[ConsentResultView] = []
        for place, item in enumerate(items):
            at = f"/consents/{place}"
            if isinstance(item, Problem):
                results.append(_failure(item))
                continue
            outcome = next(outcomes) if isinstance(item, Grant) else item
            if isinstance(outcome, Invalid):
                outcome = [outcome]
            if isinstance(outcome, list):
                results.append(_failure(unacceptable(outcome, at)))
            elif outcome:
                results.append(_STANDS)
            else:
                results.append(_failure(_after_opt_out(at)))
        return reply(ConsentBatchView(results))

    async def show(self, request: Request, client: ClientConfig) -> Response:
        """All consents of a number, now or as they stood at an instant."""
        number = read_number(request.params["number"], "path:number")
        if "as_of" not in request.query:
            return await self._show(number, client)
        at = read_as_of(request)
        consents = view_consents(await self._consents.stood(client, number, at))
        return reply(ConsentsView(number, consents, spell_instant(at), await self._broken(number, client)))

    async def take(self, request: Request) -> Response:
        """Record many consents of a client that an operator brings."""
        client = self._clients.get(request.params["client"])
        if client is None:
            raise no_such("client")
        return await self.grant_batch(request, client)

    async def revoke(self, request: Request, client: ClientConfig) -> Response:
        """End a consent, or all of a program's or of the client's; once more does no harm."""
        number = read_number(request.params["number"], "path:number")
        body = _REVOCATION.read(request)
        faults: list[Invalid] = []
        check_text("reason", body.reason, LONGEST_REASON, faults)
        program = ANY if body.program is None else body.program
        category = ANY if body.category is None else body.category
        account = ANY if body.account is None else body.account
        if body.account is not None:
            check_text("account", body.account, LONGEST_ACCOUNT, faults)
            if account == ANY:
                faults.append(Invalid(Code.REQUEST_INVALID, "account", "it stands for all", "leave it out"))
        known = sorted(self._categories - {SYSTEM})
        if category not in (ANY, *known):
            # A misspelt one would be recorded, end nothing, and look like a success.
            fix = f"use one of {', '.join(known)}"
            faults.append(Invalid(Code.CATEGORY_UNKNOWN, "category", "no such category", fix))
        if faults:
            raise unacceptable(faults)
        cause = f"{body.channel or 'api'}: {body.reason}"
        scope = Scope(program, category, account)
        outcome = await self._consents.revoke(client, number, scope, cause, confirm=body.channel == "agent")
        if isinstance(outcome, Invalid):
            raise unacceptable([outcome])
        return await self._show(number, client)

    async def _show(self, number: Number, client: ClientConfig) -> Response:
        consents = view_consents(await self._consents.of(client, number))
        return reply(ConsentsView(number, consents, broken=await self._broken(number, client)))

    async def _broken(self, number: Number, client: ClientConfig) -> BrokenView | None:
        found = [view_broken(one) for one in await self._store.broken(number) if one.client == client.id]
        return found[0] if found else None


def read_as_of(request: Request, name: str = "as_of") -> int:
    """The instant that a query asks about. Raises Problem 422."""
    faults: list[Invalid] = []
    # In a query an unescaped plus sign means a blank.
    at = read_time(name, request.query.get(name, "").replace(" ", "+"), faults)
    if at is None:
        raise Problem(422, faults[0].code, f"{name} {faults[0].detail}.", field=f"query:{name}", fix=faults[0].fix)
    return at


def _after_opt_out(at: str = "") -> Problem:
    return Problem(
        409,
        Code.CONSENT_AFTER_OPT_OUT,
        "The number opted out after this consent was obtained, and the later wish counts.",
        field=f"{at}/evidence/obtained_at",
        fix="Ask the person again and record that consent with its own time, or let the person text START.",
    )


def _failure(problem: Problem) -> ConsentResultView:
    return ConsentResultView(problem.status, None, problem.code, problem.detail, problem.errors)


_EVIDENCE: Final = {
    "obtained_at": "2026-01-15T10:00:00Z",
    "medium": "web form",
    "wording": "I agree to get texts about my account from Example Co. Reply STOP to end.",
    "source": "sign-up page, version 7",
}
_EXAMPLE: Final = {"program": "servicing", "category": "servicing", "evidence": _EVIDENCE}


def consent_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    consents = ConsentResource(doors)
    shape = (400, "The body is not what is expected; nothing was recorded.")
    media = (415, "The body is not declared as JSON.")
    return [
        Operation(
            "PUT",
            "/v1/consents/{number}",
            gate.for_client(doors.keys, consents.grant),
            id="putConsent",
            summary="Record that the person behind a number agreed to a category of a program's texts",
            body=ConsentBody,
            example=_EXAMPLE,
            outcomes=(Outcome(200, "The consent as it stands now.", ConsentView),),
            problems=(
                shape,
                (409, "The number opted out after this consent was obtained."),
                media,
                (422, "A value cannot be taken."),
            ),
        ),
        Operation(
            "GET",
            "/v1/consents/{number}",
            gate.for_client(doors.keys, consents.show),
            id="getConsents",
            summary="Look at all consents of a number, now or as they stood at an instant",
            parameters=(
                Parameter(
                    "as_of",
                    "As they stood at this instant, RFC 3339 with its zone.",
                    {"type": "string", "format": "date-time"},
                ),
            ),
            outcomes=(Outcome(200, "The consents and opt-outs; none means no.", ConsentsView),),
            problems=((422, "The number or the instant is not valid."),),
        ),
        Operation(
            "POST",
            "/v1/consents/batch",
            gate.for_client(doors.keys, doors.turns.taking(consents.grant_batch)),
            id="putConsents",
            summary="Record up to 1,000 consents, each by itself",
            body=ConsentBatch,
            example={"consents": [{"number": "+12025550123", **_EXAMPLE}]},
            outcomes=(Outcome(200, "What became of each.", ConsentBatchView),),
            problems=(shape, media, (422, "There are no items, or too many.")),
        ),
        Operation(
            "POST",
            "/v1/consents/{number}/revoke",
            gate.for_client(doors.keys, consents.revoke),
            id="revokeConsent",
            summary="Record that the person no longer agrees; texts that wait are blocked",
            body=RevocationBody,
            example={"program": "servicing", "category": "marketing", "reason": "asked for it on the phone"},
            outcomes=(Outcome(200, "All consents of the number, as they stand now.", ConsentsView),),
            problems=(shape, media, (422, "A value cannot be taken.")),
        ),
    ]
