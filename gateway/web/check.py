"""The dry run: a campaign as it would be judged, with nothing stored and nothing sent.

Owns: its bodies, as JSON and line by line, and its answers. Does not own: the judgement (flow/check) or the sums (forecast).
"""

import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from gateway.config import ClientConfig, ConfigError
from gateway.errors import Code
from gateway.flow.check import Judged, Verdict
from gateway.flow.forecast import Forecast
from gateway.flow.invalid import Invalid, together
from gateway.flow.prepare import Wish
from gateway.model.clock import SECOND
from gateway.model.message import State
from gateway.rules.charters import Charters
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.problem import FieldError, Problem
from gateway.web.refusals import DecisionView, show_decision
from gateway.web.routes import Operation, Outcome, Parameter
from gateway.web.submissions import EXAMPLE, WishBody, read_wish
from gateway.web.wire import Body, check_media_type, read_time, reply, spell_time, unacceptable

MOST_CHECKED: Final = 10_000
"""Texts of one campaign."""
_CAMPAIGN_BYTES: Final = 16 * 1024 * 1024
"""Of such texts, each with its own words: three segments or so, and their names."""
_PATH: Final = "/v1/check"
NDJSON: Final = "application/x-ndjson"


class CheckItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A text as for POST /v1/messages; what all have in common may stand in ``common`` once."""

    to: str | None = None
    program: str | None = None
    category: str | None = None
    text: str | None = None
    account: str | None = None
    reference: str | None = None
    send_at: str | None = None
    expires_at: str | None = None
    template: str | None = None
    vars: dict[str, Any] | None = None
    locale: str | None = None


class CheckBody(CheckItem, frozen=True, forbid_unknown_fields=True, gc=True):
    """A campaign: ``messages``, with what they have in ``common``. Or one text, by itself."""

    messages: Annotated[
        list[CheckItem] | None,
        Meta(description="1 to 10,000 texts", extra_json_schema={"minItems": 1, "maxItems": MOST_CHECKED}),
    ] = None
    common: Annotated[CheckItem | None, Meta(description="what the texts have in common")] = None


class OtherwiseView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would become of the text by the other packs."""

    state: str
    code: str | None = None
    due_at: str | None = None


class CheckedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would become of one text."""

    n: int
    """Its place in the campaign, from 0."""
    state: str
    """queued, held, blocked; or invalid: it is no text."""
    to: str | None = None
    code: str | None = None
    due_at: str | None = None
    """When it would go, unless it is blocked or somebody has to let it go."""
    carrier: str | None = None
    encoding: str | None = None
    segments: int | None = None
    forced_by: str | None = None
    """The character that makes it UCS-2."""
    reference: str | None = None
    account: str | None = None
    errors: tuple[FieldError, ...] = ()
    decision: DecisionView | None = None
    otherwise: OtherwiseView | None = None


class CharacterView(msgspec.Struct, frozen=True):
    """A character that GSM 03.38 has not."""

    character: str
    texts: int
    first: tuple[int, ...]
    """The places of the first few texts."""


class HourView(msgspec.Struct, frozen=True):
    """What may go from an hour on."""

    from_: str = msgspec.field(name="from")
    segments: int


class SummaryView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What it all adds up to."""

    at: str
    policy: tuple[str, ...]
    """The packs that were asked, with their versions."""
    texts: int
    states: dict[str, int]
    codes: dict[str, int]
    """Reasons; a text may have several."""
    segments: int
    """Of the texts that would go, at once or later."""
    cost_micros: int
    """In millionths of the currency's unit, by price_micros of the carriers."""
    encodings: dict[str, int]
    ucs2: tuple[CharacterView, ...]
    hours: tuple[HourView, ...]
    done_at: str | None = None
    """When the last would have been handed over, at the carriers' rates."""
    seconds: int | None = None
    """From ``at`` until then."""
    changes: dict[str, int] = {}
    """By the other packs: from one state to another."""


class CheckView(msgspec.Struct, frozen=True):
    """A campaign as it would be judged."""

    results: list[CheckedView]
    summary: SummaryView


class LineView(msgspec.Struct, frozen=True):
    """The last line of an answer in lines."""

    summary: SummaryView


_Read: TypeAlias = Callable[[WishBody], Wish | list[Invalid]]

_FIELDS: Final = CheckItem.__struct_fields__
_CAMPAIGN = Body(CheckBody)
_ITEM = Body(CheckItem)
_QUERY: Final = (
    Parameter("at", "The instant to judge for, RFC 3339; now where absent.", {"type": "string", "format": "date-time"}),
    Parameter("packs", "Policy packs in place of the programs' own, with commas.", {"type": "string"}),
    Parameter("diff", "Other packs to judge by as well, with commas: what changes is told.", {"type": "string"}),
)
_encode = msgspec.json.Encoder().encode


class Checks:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def check(self, request: Request, client: ClientConfig) -> Response:
        """Judge a campaign."""
        at = _read_at(request)
        charters, others = self._charters(request, "packs"), self._charters(request, "diff")
        assert charters is not None
        in_lines = request.headers.get("content-type", "").partition(";")[0].strip().lower() == NDJSON
        if in_lines:
            check_media_type(request, ("x-ndjson",))
        read = partial(read_wish, self._doors, client)
        wishes = _read_lines(request.body, read) if in_lines else _read_campaign(request, read)
        forecast = Forecast(self._doors.config)
        now = self._doors.now() if at is None else at
        judged = self._doors.check.judge(client, wishes, now, charters, others)
        if in_lines or NDJSON in request.headers.get("accept", ""):
            return Response(200, content_type=NDJSON, stream=_lines(judged, forecast, now))
        results: list[CheckedView] = []
        policies: set[str] = set()
        async for one in judged:
            results.append(_view(one, forecast.texts, policies))
            forecast.add(one)
        return reply(CheckView(results, _summary(forecast, now, policies)))

    def _charters(self, request: Request, name: str) -> Charters | None:
        names = tuple(filter(None, request.query.get(name, "").split(",")))
        if name == "diff" and not names:
            return None
        try:
            return self._doors.check.charters(names)
        except ConfigError as error:
            raise Problem(
                422,
                Code.REQUEST_INVALID,
                f"{error.faults[0].problem}.",
                field=f"query:{name}",
                fix=f"{error.faults[0].fix[:1].upper()}{error.faults[0].fix[1:]}",
            ) from None


def _read_at(request: Request) -> int | None:
    if "at" not in request.query:
        return None
    faults: list[Invalid] = []
    at = read_time("at", request.query["at"].replace(" ", "+"), faults)
    if at is None:
        raise Problem(422, Code.REQUEST_INVALID, f"at {faults[0].detail}.", field="query:at", fix=faults[0].fix)
    return at


def body_bytes_for(usual: int) -> Callable[[str, str], int]:
    """The most bytes of a body, by method and path: a campaign may have more than the usual."""

    def limit(method: str, path: str) -> int:
        return max(usual, _CAMPAIGN_BYTES) if (method, path) == ("POST", _PATH) else usual

    return limit


def _read_campaign(request: Request, read: _Read) -> Iterator[Wish | Invalid]:
    """The texts, each read when its turn comes, so that a large campaign keeps nobody else waiting."""
    body = _CAMPAIGN.read(request)
    items, common = body.messages, body.common
    if items is None:
        if common is not None:
            raise _misplaced("/messages", "is missing", "send an array of texts beside what they have in common")
        items = [CheckItem(*[getattr(body, name) for name in _FIELDS])]
    else:
        alone = [name for name in _FIELDS if getattr(body, name) is not None]
        if alone:
            raise _misplaced(f"/{alone[0]}", "stands beside messages", "put what the texts have in common into common")
    _check_count(len(items), "/messages")
    return (_read_item(item, common, read) for item in items)


def _misplaced(field: str, detail: str, fix: str) -> Problem:
    return Problem(422, Code.REQUEST_INVALID, f"{field} {detail}.", field=field, fix=fix)


def _read_lines(text: bytes, read: _Read) -> Iterator[Wish | Invalid]:
    lines = [line for line in text.splitlines() if line.strip()]
    _check_count(len(lines), "")
    return (_read_line(line, read) for line in lines)


def _read_line(line: bytes, read: _Read) -> Wish | Invalid:
    try:
        return _read_item(_ITEM.parse(line), None, read)
    except Problem as problem:
        field = problem.errors[0].field.lstrip("/") if problem.errors else ""
        fix = problem.errors[0].fix if problem.errors else ""
        return Invalid(Code(problem.code), field, problem.detail, fix or "mend the line")


def _check_count(count: int, field: str) -> None:
    if count > MOST_CHECKED:
        detail = f"{count} texts are more than {MOST_CHECKED}."
        raise Problem(422, Code.REQUEST_TOO_LARGE, detail, field=field, fix="Split the campaign.")
    if not count:
        raise Problem(422, Code.REQUEST_INVALID, "There is no text.", field=field, fix="Send 1 to 10,000 texts.")


def _read_item(item: CheckItem, common: CheckItem | None, read: _Read) -> Wish | Invalid:
    given = {} if common is None else {key: value for key, value in asdict(common).items() if value is not None}
    given |= {key: value for key, value in asdict(item).items() if value is not None}
    absent = [name for name in ("to", "program", "category") if name not in given]
    faults = [Invalid(Code.REQUEST_INVALID, name, "is missing", "give it, or put it into common") for name in absent]
    if not faults:
        wish = read(WishBody(**given))
        if isinstance(wish, Wish):
            return wish
        faults = wish
    return together(faults)


async def _lines(judged: AsyncIterator[Judged], forecast: Forecast, now: int) -> AsyncIterator[bytes]:
    policies: set[str] = set()
    lines: list[bytes] = []
    async for one in judged:
        lines.append(_encode(_view(one, forecast.texts, policies)))
        forecast.add(one)
        if len(lines) == _LINES_AT_ONCE:
            yield b"\n".join([*lines, b""])
            lines = []
    yield b"\n".join([*lines, _encode(LineView(_summary(forecast, now, policies))), b""])


_LINES_AT_ONCE: Final = 100


def _view(judged: Judged, place: int, policies: set[str]) -> CheckedView:
    verdict, otherwise = judged.verdict, judged.otherwise
    told = None if otherwise is None else _otherwise(otherwise)
    if isinstance(verdict, Invalid):
        problem = unacceptable([verdict])
        return CheckedView(place, "invalid", code=verdict.code, errors=tuple(problem.errors), otherwise=told)
    text, decision = verdict.submission, verdict.decision
    if decision.policy is not None:
        policies.add(decision.policy)
    return CheckedView(
        place,
        verdict.state,
        text.number,
        decision.code,
        spell_time(_due_at(verdict)),
        text.carrier,
        str(text.encoding),
        text.length,
        verdict.forced_by,
        text.reference,
        text.account,
        decision=show_decision(decision, text.at),
        otherwise=told,
    )


def _due_at(verdict: Verdict) -> int | None:
    if verdict.state is State.BLOCKED or (verdict.state is State.HELD and verdict.decision.until is None):
        return None
    return verdict.due_at


def _otherwise(verdict: Verdict | Invalid) -> OtherwiseView:
    if isinstance(verdict, Invalid):
        return OtherwiseView("invalid", verdict.code)
    return OtherwiseView(verdict.state, verdict.decision.code, spell_time(_due_at(verdict)))


def _summary(forecast: Forecast, now: int, policies: set[str]) -> SummaryView:
    done_at = forecast.done_at()
    hours = [(hour, sum(counts.values())) for hour, counts in sorted(forecast.hours.items())]
    return SummaryView(
        spell_time(now) or "",
        tuple(sorted(policies)),
        forecast.texts,
        dict(forecast.states),
        dict(forecast.codes.most_common()),
        forecast.segments,
        forecast.cost_micros,
        dict(forecast.encodings),
        tuple(_character(character, dear.texts, dear.places) for character, dear in forecast.ucs2.items()),
        tuple(HourView(from_=spell_time(max(hour, now)) or "", segments=segments) for hour, segments in hours),
        spell_time(done_at),
        None if done_at is None else max(0, done_at - now) // SECOND,
        dict(forecast.changes),
    )


def _character(character: str, texts: int, places: Sequence[int]) -> CharacterView:
    name = unicodedata.name(character, "")
    return CharacterView(f"U+{ord(character):04X} {name}".strip(), texts, tuple(places))


def check_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The routes."""
    checks = Checks(doors)
    return [
        Operation(
            "POST",
            _PATH,
            gate.for_client(doors.keys, checks.check),
            id="check",
            summary="See what would become of one text, or of up to 10,000, with nothing stored and nothing sent",
            body=CheckBody,
            further=((NDJSON, str),),
            example={"messages": [EXAMPLE]},
            parameters=_QUERY,
            outcomes=(
                Outcome(
                    200,
                    "What would become of each, and what it adds up to. A body of application/x-ndjson, or that type in"
                    " Accept, is answered in lines: each text, then the summary.",
                    CheckView,
                    further=((NDJSON, str),),
                ),
            ),
            problems=(
                (400, "The body is not what is expected."),
                (415, "The body is neither JSON nor lines of JSON."),
                (422, "There are no texts or too many, or a pack or an instant is not known."),
            ),
        )
    ]
