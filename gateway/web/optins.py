"""Requests to opt in: made, looked at, and proven by the code that the consumer tells an agent.

Owns: the bodies, the answers, and how a refusal is told. Does not own: who may be asked (flow, store), or what a reply does.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.flow.optins import OptinWish
from gateway.model import ids
from gateway.model.clock import spell_instant
from gateway.model.consent import ConsentState, Method, Optin
from gateway.model.ids import OptinId, spell, spell_message
from gateway.rules.codes import LEAST_DIGITS, MOST_ATTEMPTS, MOST_DIGITS, is_code
from gateway.rules.consent_machine import OPEN
from gateway.store.optins import Refusal, Requested
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.evidence import check_text
from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.refusals import refusal
from gateway.web.routes import Operation, Outcome
from gateway.web.wire import Body, no_such, reply, unacceptable

LONGEST: Final = {"account": 200, "agent": 100, "locale": 35}
"""Characters of each of the labels."""


def label(meaning: str, most: int) -> Meta:
    """A field of the record."""
    return Meta(description=meaning, extra_json_schema={"minLength": 1, "maxLength": most})


class OptinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A consumer who is to be asked."""

    method: Annotated[
        Method,
        Meta(
            description="quick: YES is enough; agent_pin: YES, then a code that the consumer reads to an agent;"
            " approval_code: a code in the request, or YES; payment_plan: as quick, and texts wait for it;"
            " supervisor: as quick, for a number that was just linked to an account"
        ),
    ]
    to: Annotated[str, Meta(description='the consumer\'s number in E.164, such as "+12025550123"')]
    program: Annotated[str, Meta(description="the id of one of the client's programs")]
    category: Annotated[str, Meta(description="one of the program's categories")]
    account: Annotated[str | None, label("the consumer's account, in the client's words", LONGEST["account"])] = None
    agent: Annotated[str | None, label("who asks, for the record", LONGEST["agent"])] = None
    locale: Annotated[str | None, label("the consumer's, such as \"es-MX\"; the program's where absent", 35)] = None


class CodeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code that a consumer told."""

    pin: Annotated[
        str,
        Meta(
            description="the digits, as the consumer read them",
            extra_json_schema={"pattern": f"^[0-9]{{{LEAST_DIGITS},{MOST_DIGITS}}}$"},
        ),
    ]
    agent: Annotated[str | None, label("who was told, for the record", LONGEST["agent"])] = None


class OptinView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request, and how far it came."""

    id: str
    method: Method
    state: ConsentState
    to: str
    program: str
    category: str
    created_at: str
    wording: str
    """What the consumer was sent, with stars in place of a code."""
    message: str
    """The text that asked."""
    expires_at: str | None = None
    """While it is open: when it lapses."""
    ended_at: str | None = None
    account: str | None = None
    agent: str | None = None
    attempts_left: int | None = None
    """While a code is awaited."""


_OPTIN = Body(OptinBody)
_CODE = Body(CodeBody)


def view_optin(optin: Optin) -> OptinView:
    """A request as JSON shows it."""
    is_open = optin.state in OPEN
    at = spell_instant(optin.expires_at)
    return OptinView(
        spell("opt", optin.id),
        optin.method,
        optin.state,
        optin.number,
        optin.program,
        optin.category,
        spell_instant(optin.created_at),
        optin.wording,
        spell_message(optin.message_id),
        at if is_open else None,
        None if is_open else at,
        optin.account,
        optin.agent,
        MOST_ATTEMPTS - optin.attempts if is_open and optin.digest else None,
    )


class OptinResource:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._optins = doors.optins

    async def request(self, request: Request, client: ClientConfig) -> Response:
        """Ask a consumer to opt in; where that is asked already, nothing is sent and the open request is answered."""
        body = _OPTIN.read(request)
        faults: list[Invalid] = []
        for name in LONGEST:
            value = getattr(body, name)
            if value is not None:
                check_text(name, value, LONGEST[name], faults)
        if faults:
            raise unacceptable(faults)
        wish = OptinWish(body.method, body.to, body.program, body.category, body.account, body.agent, body.locale)
        outcome = await self._optins.request(client, wish)
        if isinstance(outcome, Invalid):
            raise unacceptable([outcome])
        if outcome.refusal is Refusal.OPEN and outcome.optin is not None and outcome.optin.method is body.method:
            return reply(view_optin(outcome.optin))
        if outcome.optin is None or outcome.refusal is not None:
            raise not_asked(outcome)
        return reply(view_optin(outcome.optin), 202)

    async def show(self, request: Request, client: ClientConfig) -> Response:
        """A request, and how far it came."""
        optin = await self._optins.find(client, _read_id(request))
        if optin is None:
            raise no_such("request to opt in")
        return reply(view_optin(optin))

    async def verify(self, request: Request, client: ClientConfig) -> Response:
        """Compare a code; a right one confirms the consent, once."""
        optin_id = _read_id(request)
        body = _CODE.read(request)
        faults: list[Invalid] = []
        if not is_code(body.pin):
            detail = f"it is not {LEAST_DIGITS} to {MOST_DIGITS} digits"
            faults.append(Invalid(Code.REQUEST_INVALID, "pin", detail, "give the digits alone; this was no attempt"))
        if body.agent is not None:
            check_text("agent", body.agent, LONGEST["agent"], faults)
        if faults:
            raise unacceptable(faults)
        tried = await self._optins.verify(client, optin_id, body.pin, body.agent)
        if tried.optin is None:
            raise no_such("request to opt in")
        if tried.right:
            return reply(view_optin(tried.optin))
        if not tried.was_open:
            raise _awaits_no_code(tried.optin)
        raise _wrong(tried.optin)


def _read_id(request: Request) -> OptinId:
    number = ids.read("opt", request.params["id"])
    if number is None:
        raise no_such("request to opt in")
    return OptinId(number)


def not_asked(outcome: Requested) -> Problem:
    """Why no request was made."""
    if outcome.invitation is not None:
        return refusal(outcome.invitation)
    match outcome.refusal:
        case Refusal.OPEN:
            return Problem(
                409,
                Code.OPTIN_OPEN,
                "A request by another method is open.",
                field="/method",
                fix="Wait for its end, or use it.",
                extra={"optin": None if outcome.optin is None else view_optin(outcome.optin)},
            )
        case Refusal.STANDS:
            return Problem(
                409, Code.CONSENT_STANDS, "The consumer agreed already.", field="/to", fix="Send the text itself."
            )
        case Refusal.SPENT:
            return Problem(
                422,
                Code.CONSENT_INVITATIONS,
                "The number was asked as often as the policy allows, all accounts together.",
                field="/to",
                fix="Let the consumer text START, or record a consent that was given elsewhere.",
            )
        case _:
            return Problem(
                422,
                Code.CONSENT_OPTED_OUT,
                "The number opted out and may not be asked again.",
                field="/to",
                fix="The way back is the consumer's: START, or a new consent after the opt-out.",
            )


def _awaits_no_code(optin: Optin) -> Problem:
    reasons = {
        ConsentState.INVITED: "The consumer has not said YES yet, or its time is over.",
        ConsentState.CODE_SENT: "The time of the code is over.",
        ConsentState.CONFIRMED: "It is confirmed already; a code counts once.",
        ConsentState.EXPIRED: "It ended without an answer in time, or by too many wrong codes.",
    }
    return Problem(
        409,
        Code.OPTIN_CLOSED,
        reasons.get(optin.state, f"The request is {optin.state}."),
        fix="Look at the request; make another one where the policy allows.",
        extra={"optin": view_optin(optin)},
    )


def _wrong(optin: Optin) -> Problem:
    left = MOST_ATTEMPTS - optin.attempts
    told = f"{left} attempts are left." if left else "That was the last attempt: the request is over."
    return Problem(
        422,
        Code.OPTIN_CODE_WRONG,
        f"The code is not the one that was sent. {told}",
        field="/pin",
        fix="Ask the consumer to read it again." if left else "Make another request where the policy allows.",
        extra={"attempts_left": left},
    )


def optin_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    optins = OptinResource(doors)
    shape = (400, "The body is not what is expected; nothing was done.")
    media = (415, "The body is not declared as JSON.")
    unknown = (404, "There is no such request.")
    return [
        Operation(
            "POST",
            "/v1/optins",
            gate.for_client(doors.keys, optins.request),
            id="postOptin",
            summary="Ask a consumer to opt in, by text",
            body=OptinBody,
            example={"method": "agent_pin", "to": "+12025550177", "program": "servicing", "category": "servicing"},
            outcomes=(
                Outcome(202, "The consumer is being asked.", OptinView),
                Outcome(200, "The consumer had been asked already; nothing more was sent.", OptinView),
            ),
            problems=(
                shape,
                (409, "The consumer agreed already, or another method's request is open."),
                media,
                (422, "A value cannot be taken, or the consumer may not be asked."),
            ),
        ),
        Operation(
            "GET",
            "/v1/optins/{id}",
            gate.for_client(doors.keys, optins.show),
            id="getOptin",
            summary="Look at a request to opt in",
            outcomes=(Outcome(200, "The request.", OptinView),),
            problems=(unknown,),
        ),
        Operation(
            "POST",
            "/v1/optins/{id}/verify",
            gate.for_client(doors.keys, optins.verify),
            id="verifyOptin",
            summary="Prove a request by the code that the consumer told",
            body=CodeBody,
            example={"pin": "471100"},
            outcomes=(Outcome(200, "The consent is confirmed.", OptinView),),
            problems=(
                shape,
                unknown,
                (409, "The request does not await a code, or no longer."),
                media,
                (422, "The code is wrong, or none."),
            ),
        ),
    ]
