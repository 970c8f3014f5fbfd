"""Reviews: texts of consumers that a person is to look at, and the person's decision.

Owns: the handlers behind both doors, the bodies and answers. Does not own: which texts are reviewed (rules), or what a
decision changes (store).
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gateway.config import ClientConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.model import ids
from gateway.model.clock import spell_instant
from gateway.model.hold import HoldReason
from gateway.model.inbound import Heard, ReplyKind
from gateway.model.review import Review, ReviewDecision
from gateway.store.reviews import ReviewFilter, ReviewOutcome
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.evidence import LONGEST_REASON, check_text
from gateway.web.http import Request, Response
from gateway.web.paging import PAGING, read_cursor, read_limit, spell_cursor
from gateway.web.problem import Problem
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.wire import Body, check_query, no_such, reply, spell_time, unacceptable

LONGEST_NAME: Final = 100

_LISTS: Final = ("open", "overdue", "all")


class ReviewBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person decided."""

    decision: Annotated[
        Literal["opt_out", "release", "keep"],
        Meta(description="opt_out: it was one; release: texts may go on; keep: the hold is right and stays"),
    ]
    by: Annotated[str, Meta(description="who decided, for the record")]
    note: Annotated[str | None, Meta(description="why, for the record")] = None


class ReviewView(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A text that a person is to look at, and how it was read: which rule fired on which words."""

    id: str
    client: str | None = None
    """Shown to operators."""
    state: Literal["open", "overdue", "decided"]
    number: str
    program: str | None = None
    inbound: str
    text: str
    kind: ReplyKind
    rule: str
    words: str
    signals: tuple[Heard, ...] = ()
    reasons: tuple[HoldReason, ...]
    holding: tuple[HoldReason, ...]
    """For which of them no automated text goes to the number now."""
    opened_at: str
    due_at: str
    decision: ReviewDecision | None = None
    decided_at: str | None = None
    by: str | None = None
    note: str | None = None


class ReviewsView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Reviews, oldest first."""

    reviews: tuple[ReviewView, ...]
    next: str | None = None
    """The cursor of the next page; absent at the end."""


_DECISION = Body(ReviewBody)


class ReviewResource:
    """The handlers. Without a client they are an operator's: reviews of all clients."""

    def __init__(self, doors: Doors) -> None:
        self._store = doors.store
        self._reviews = doors.reviews
        self._now = doors.now

    async def browse(self, request: Request, client: ClientConfig | None = None) -> Response:
        """A page of reviews."""
        check_query(request, *(parameter.name for parameter in _FILTERS))
        which = request.query.get("state", "open")
        if which not in _LISTS:
            fix = f"Use one of {', '.join(_LISTS)}."
            raise Problem(422, Code.REQUEST_INVALID, "There is no such state.", field="query:state", fix=fix)
        now = self._now()
        wanted = ReviewFilter(
            None if client is None else client.id,
            which != "all",
            now if which == "overdue" else None,
            read_cursor(request, "oldest") or 0,
            read_limit(request),
        )
        page, after = await self._store.reviews(wanted)
        views = tuple(_view(review, now, client) for review in page)
        return reply(ReviewsView(views, spell_cursor(after)))

    async def show(self, request: Request, client: ClientConfig | None = None) -> Response:
        """One review."""
        review = await self._store.review(_read_id(request), None if client is None else client.id)
        if review is None:
            raise no_such("review")
        return reply(_view(review, self._now(), client))

    async def decide(self, request: Request, client: ClientConfig | None = None) -> Response:
        """Take a person's decision; the same once more does no harm."""
        review_id = _read_id(request)
        body = _DECISION.read(request)
        faults: list[Invalid] = []
        check_text("by", body.by, LONGEST_NAME, faults)
        if body.note is not None:
            check_text("note", body.note, LONGEST_REASON, faults, lines=True)
        if faults:
            raise unacceptable(faults)
        outcome, review = await self._reviews.decide(
            review_id, None if client is None else client.id, ReviewDecision(body.decision), body.by, body.note or ""
        )
        if review is None or outcome is ReviewOutcome.UNKNOWN:
            raise no_such("review")
        if outcome is ReviewOutcome.SETTLED:
            raise Problem(
                409,
                Code.STATE_CONFLICT,
                f"It was decided as {review.decision}, and nothing is held for it any more.",
                fix="Record an opt-out or a consent by itself, where the person has said so since.",
            )
        return reply(_view(review, self._now(), client))


def _view(review: Review, now: int, client: ClientConfig | None) -> ReviewView:
    state: Literal["open", "overdue", "decided"] = "overdue" if review.due_at <= now else "open"
    return ReviewView(
        id=ids.spell("rev", review.id),
        client=review.client if client is None else None,
        state="decided" if review.decision is not None else state,
        number=review.number,
        program=review.program,
        inbound=ids.spell("in", review.inbound),
        text=review.text,
        kind=review.kind,
        rule=review.reading.rule,
        words=review.reading.words,
        signals=review.reading.signals,
        reasons=review.reasons,
        holding=review.holding,
        opened_at=spell_instant(review.opened_at),
        due_at=spell_instant(review.due_at),
        decision=review.decision,
        decided_at=spell_time(review.decided_at),
        by=review.by,
        note=review.note or None,
    )


def _read_id(request: Request) -> int:
    found = ids.read("rev", request.params["id"])
    if found is None:
        raise no_such("review")
    return found


_FILTERS = (
    Parameter(
        "state",
        "`open`: nobody decided yet; `overdue`: nobody did in time; `all`: decided ones too.",
        {"type": "string", "enum": list(_LISTS), "default": "open"},
    ),
    *PAGING,
)


def review_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    reviews = ReviewResource(doors)
    return [
        Operation(
            "GET",
            "/v1/reviews",
            gate.for_client(doors.keys, reviews.browse),
            id="listReviews",
            summary="Texts of consumers that a person is to look at, oldest first; their numbers are held until then",
            parameters=_FILTERS,
            outcomes=(Outcome(200, "A page.", ReviewsView),),
            problems=((400, "A parameter is not known."), (422, "The value of a parameter cannot be taken.")),
        ),
        Operation(
            "GET",
            "/v1/reviews/{id}",
            gate.for_client(doors.keys, reviews.show),
            id="getReview",
            summary="Look at a review: the text, how it was read, and what the number is held for",
            outcomes=(Outcome(200, "The review.", ReviewView),),
            problems=((404, "There is no such review of this client."),),
        ),
        Operation(
            "POST",
            "/v1/reviews/{id}",
            gate.for_client(doors.keys, reviews.decide),
            id="decideReview",
            summary="Decide on a review: it was an opt-out, texts may go on, or the hold stays",
            body=ReviewBody,
            example={"decision": "opt_out", "by": "agent 12", "note": "wants no more texts"},
            outcomes=(Outcome(200, "The review as it stands now.", ReviewView),),
            problems=(
                (400, "The body is not what is expected; nothing was decided."),
                (404, "There is no such review of this client."),
                (409, "It was decided otherwise before, and nothing is held for it any more."),
                (415, "The body is not declared as JSON."),
                (422, "A value cannot be taken."),
            ),
        ),
    ]
