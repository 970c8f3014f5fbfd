"""Submitting texts, one or many.

Owns: the bodies of requests and answers, and which values of a text are acceptable before anybody judges it. Does not own:
the judgement (flow, rules), how a refusal is told (refusals), or messages once they are kept (messages).

A batch is the hot path: decoded in one go, submitted in one commit, answered in one go. Only when something is wrong with
it are its items read one by one.
"""

import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.flow.prepare import Wish
from gateway.model.ids import spell_message
from gateway.model.message import Accepted, State
from gateway.store.accept import KeyReused
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.problem import FieldError, Problem
from gateway.web.refusals import DecisionView, refusal
from gateway.web.routes import IDEMPOTENCY_KEY, Operation, Outcome
from gateway.web.wire import MOST_ITEMS, Batch, Body, read_idempotency, read_time, reply, unacceptable

LONGEST_TEXT: Final = 10_000
"""Characters; far more than any carrier takes as one text."""

LONGEST_LABEL: Final = 200
"""Characters of an account or a reference."""

Label = Annotated[str, Meta(extra_json_schema={"maxLength": LONGEST_LABEL})]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class WishBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A text that is to go."""

    to: Annotated[str, Meta(description='the consumer\'s number in E.164, such as "+12025550123"')]
    program: Annotated[str, Meta(description="the id of one of the client's programs")]
    category: Annotated[str, Meta(description="the kind of text, one of the program's categories")]
    text: Annotated[
        str | None,
        Meta(
            description="what the consumer shall read; this or a template",
            extra_json_schema={"minLength": 1, "maxLength": LONGEST_TEXT},
        ),
    ] = None
    account: Annotated[Label | None, Meta(description="the consumer's account, in the client's words")] = None
    reference: Annotated[
        Label | None, Meta(description="the client's own name or note for this message: kept, never sent")
    ] = None
    send_at: Annotated[Time | None, Meta(description="not before then; RFC 3339 with its zone")] = None
    expires_at: Annotated[
        Time | None, Meta(description="not after then; where absent, as long as the category's texts are valid")
    ] = None
    template: Annotated[str | None, Meta(description="the name of a template, in place of text")] = None
    vars: Annotated[
        dict[str, Any] | None,
        Meta(
            description='values for the template\'s variables, such as {"amount": {"minor": 5210, "currency": "USD"}}'
        ),
    ] = None
    locale: Annotated[
        str | None, Meta(description='the consumer\'s, such as "es" or "es-MX"; the program\'s where absent')
    ] = None


class MessageBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts that are to go; each is taken or refused by itself."""

    messages: Annotated[
        list[WishBody],
        Meta(description="1 to 1,000 messages", extra_json_schema={"minItems": 1, "maxItems": MOST_ITEMS}),
    ]


class SubmittedView(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A text that was taken: it is on disk, with its idempotency key."""

    id: str
    state: State
    encoding: str
    segments: int
    """How many the handset gets, whoever cuts the text."""
    code: Code | None = None
    """Why it is held."""
    account: str | None = None
    reference: str | None = None


class ResultView(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one item: ``status`` is what it would have been answered alone."""

    status: int
    id: str | None = None
    state: State | None = None
    encoding: str | None = None
    segments: int | None = None
    code: str | None = None
    account: str | None = None
    reference: str | None = None
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()
    decision: DecisionView | None = None


class BatchView(msgspec.Struct, frozen=True):
    """One result for each message, in their order."""

    results: list[ResultView]


_WISH = Body(WishBody)
_BATCH = Batch("messages", MessageBatch, WishBody)


def read_wish(doors: Doors, client: ClientConfig, body: WishBody) -> Wish | list[Invalid]:
    """The wish that a body expresses, or all that is wrong: whoever mends its form is not sent back for whom it is for."""
    faults: list[Invalid] = []
    if body.text is None or body.template is not None:
        _check_template(body, faults)
    else:
        _check_text(body, body.text, faults)
    if body.account is not None:
        check_label("account", body.account, faults)
    if body.reference is not None:
        check_label("reference", body.reference, faults)
    send_at = read_time("send_at", body.send_at, faults) if body.send_at is not None else None
    expires_at = read_time("expires_at", body.expires_at, faults) if body.expires_at is not None else None
    if faults:
        return [*faults, *doors.submit.preparation.misaddressed(client, body.to, body.program, body.category)]
    return Wish(
        body.to,
        body.program,
        body.category,
        body.text or "",
        body.account,
        body.reference,
        send_at,
        expires_at,
        body.template,
        body.vars or {},
        body.locale,
    )


def _check_text(body: WishBody, text: str, faults: list[Invalid]) -> None:
    if not text or text.isspace():
        faults.append(Invalid(Code.CONTENT_EMPTY, "text", "there is nothing to read in it", "write something"))
    elif len(text) > LONGEST_TEXT:
        detail = f"{len(text)} characters are more than {LONGEST_TEXT}"
        faults.append(Invalid(Code.CONTENT_TOO_LONG, "text", detail, "send it as several texts"))
    if "\0" in text:
        detail = f"the character at position {text.index(chr(0))} is a NUL or half of a surrogate pair"
        faults.append(Invalid(Code.CONTENT_UNENCODABLE, "text", detail, "remove it"))
    for field, given in (("vars", body.vars), ("locale", body.locale)):
        if given is not None:
            faults.append(Invalid(Code.REQUEST_INVALID, field, "is for a template, and there is none", "leave it out"))


def _check_template(body: WishBody, faults: list[Invalid]) -> None:
    if body.template is None:
        faults.append(
            Invalid(Code.REQUEST_INVALID, "text", "neither text nor template is given", "give one of the two")
        )
    elif body.text is not None:
        faults.append(Invalid(Code.REQUEST_INVALID, "text", "is given beside template", "leave one of the two out"))


def check_label(field: str, label: str, faults: list[Invalid]) -> None:
    """Put what is wrong with a client's own name for something into ``faults``."""
    if len(label) > LONGEST_LABEL:
        detail = f"{len(label)} characters are more than {LONGEST_LABEL}"
        faults.append(Invalid(Code.REQUEST_INVALID, field, detail, "shorten it"))
    elif not label.isprintable() and any(unicodedata.category(character) == "Cc" for character in label):
        faults.append(Invalid(Code.REQUEST_INVALID, field, "it holds a control character", "remove it"))


class Submissions:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def submit(self, request: Request, client: ClientConfig) -> Response:
        """Take one text, or say why not."""
        body = _WISH.read(request)
        wish = read_wish(self._doors, client, body)
        if not isinstance(wish, Wish):
            raise unacceptable(wish)
        (answer,) = await self._submit(request, client, [wish])
        if isinstance(answer, Invalid):
            raise unacceptable([answer])
        if answer.state is State.BLOCKED:
            raise refusal(answer)
        message_id = spell_message(answer.id)
        view = SubmittedView(
            message_id, answer.state, answer.encoding, answer.segments, answer.code, body.account, body.reference
        )
        return reply(view, 202, (("Location", f"/v1/messages/{message_id}"),))

    async def submit_batch(self, request: Request, client: ClientConfig) -> Response:
        """Take many texts, each by itself."""
        items = [
            item if isinstance(item, Problem) else read_wish(self._doors, client, item) for item in _BATCH.read(request)
        ]
        wishes = [item for item in items if isinstance(item, Wish)]
        answers = iter(await self._submit(request, client, wishes))
        results: list[ResultView] = []
        for place, item in enumerate(items):
            if isinstance(item, Wish):
                results.append(_result(place, item, next(answers)))
            elif isinstance(item, Problem):
                results.append(_failure(item))
            else:
                results.append(_failure(unacceptable(item, f"/messages/{place}")))
        return reply(BatchView(results))

    async def _submit(
        self, request: Request, client: ClientConfig, wishes: Sequence[Wish]
    ) -> Sequence[Accepted | Invalid]:
        key, fingerprint = read_idempotency(request)
        try:
            return await self._doors.submit.submit(client, wishes, key, fingerprint)
        except KeyReused:
            raise Problem(
                422,
                Code.KEY_REUSED,
                "The idempotency key was used before, for another request.",
                field="header:idempotency-key",
                fix="Give every request its own key; repeat a request with the very same body.",
            ) from None


def _result(place: int, wish: Wish, answer: Accepted | Invalid) -> ResultView:
    if isinstance(answer, Invalid):
        return _failure(unacceptable([answer], f"/messages/{place}"))
    if answer.state is State.BLOCKED:
        failure = _failure(refusal(answer, f"/messages/{place}"))
        return replace(failure, account=wish.account, reference=wish.reference)
    return ResultView(
        202,
        spell_message(answer.id),
        answer.state,
        answer.encoding,
        answer.segments,
        answer.code,
        wish.account,
        wish.reference,
    )


def _failure(problem: Problem) -> ResultView:
    known: dict[str, Any] = problem.extra
    return ResultView(status=problem.status, code=problem.code, detail=problem.detail, errors=problem.errors, **known)


EXAMPLE: Final = {
    "to": "+12025550123",
    "program": "servicing",
    "category": "servicing",
    "text": "Example Co: your payment of $25.00 is due on Friday. Reply STOP to end.",
    "account": "A-1027",
    "reference": "reminder-2026-03-06",
}


def submission_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    submissions = Submissions(doors)
    return [
        Operation(
            "POST",
            "/v1/messages",
            gate.for_client(doors.keys, submissions.submit),
            id="submitMessage",
            summary="Submit a text",
            body=WishBody,
            example=EXAMPLE,
            parameters=(IDEMPOTENCY_KEY,),
            outcomes=(Outcome(202, "Taken: on disk, and on its way or held.", SubmittedView, ("Location",)),),
            problems=(
                (400, "The body is not what is expected; nothing was stored."),
                (415, "The body is not declared as JSON."),
                (422, "A value cannot be taken, or the rules said no: then the refusal is stored, with an id."),
            ),
        ),
        Operation(
            "POST",
            "/v1/messages/batch",
            gate.for_client(doors.keys, doors.turns.taking(submissions.submit_batch)),
            id="submitBatch",
            summary="Submit up to 1,000 texts, each taken or refused by itself",
            body=MessageBatch,
            example={"messages": [EXAMPLE]},
            parameters=(IDEMPOTENCY_KEY,),
            outcomes=(Outcome(200, "What became of each.", BatchView),),
            problems=(
                (400, "The body is not what is expected; nothing was stored."),
                (415, "The body is not declared as JSON."),
                (422, "There are no items or too many, or the idempotency key was used for another request."),
            ),
        ),
    ]
