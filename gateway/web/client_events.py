"""Events that clients tell: ``POST /v1/events``, one or many, plain or as CloudEvents.

Owns: the bodies, envelopes and answers, and naming what is wrong with each event. Does not own: the types of events (model),
or taking them (flow/intake). The gateway's own log, read at the same path, is ``events``.

A CloudEvent (CloudEvents 1.0, JSON format, structured mode) is the same event in an envelope: ``id`` and ``type`` are its own,
``time`` is ``occurred_at``, ``data`` has the rest, and ``subject`` the account where ``data`` does not. Ids are one space for a
client, whatever the ``source``.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import fields

from gateway.config import ClientConfig
from gateway.config.decode import did_you_mean
from gateway.errors import Code
from gateway.model.client_events import EVENT_TYPES, AnyClientEvent, ClientEvent
from gateway.model.money import Money
from gateway.store.notices import Taken
from gateway.web.auth import Gate
from gateway.web.doors import Doors
from gateway.web.faults import explain, mask_half_pairs, misshapen, pointer, repetitions, unreadable, wanted
from gateway.web.http import Request, Response
from gateway.web.problem import FieldError, Problem
from gateway.web.routes import Operation, Outcome
from gateway.web.wire import MOST_ITEMS, check_media_type, reply, unacceptable

_ALSO: Final = ("cloudevents+json", "cloudevents-batch+json")
"""CloudEvents, HTTP protocol binding 1.0.2, §3.2 and §3.3."""
_JSON_CONTENT = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json(?:[ \t]*;.*)?", re.IGNORECASE)
_AT = re.compile(r"^(.*?)(?: - at `\$(.*)`)?$", re.DOTALL)
_INDEX = re.compile(r"\[(\d+|\.\.\.)\]")
_REQUIRED: Final = ("specversion", "id", "source", "type")
_UNDECODED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class EventsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events; each is taken or refused by itself."""

    events: Annotated[
        list[AnyClientEvent],
        Meta(description="1 to 1,000 events", extra_json_schema={"minItems": 1, "maxItems": MOST_ITEMS}),
    ]


class CloudEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The same event in an envelope, CloudEvents 1.0 in JSON; of its attributes those that mean something here."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    time: Annotated[str, Meta(description="when it happened", extra_json_schema={"format": "date-time"})]
    data: Annotated[
        dict[str, Any] | None, Meta(description="the event's own fields, without id, type and occurred_at")
    ] = None
    subject: Annotated[str | None, Meta(description="the account, where data does not name it")] = None
    datacontenttype: Annotated[str | None, Meta(description="application/json")] = None


class TakenView(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one event: ``status`` is what it would have been answered alone."""

    status: int
    id: str | None = None
    state: Literal["taken", "known"] | None = None
    """``known``: it was taken before."""
    code: str | None = None
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()


class TakenEventView(msgspec.Struct, frozen=True):
    """An event that is on disk."""

    id: str
    state: Literal["taken", "known"]


class TakenEventsView(msgspec.Struct, frozen=True):
    """One result for each event, in their order."""

    results: list[TakenView]


EXAMPLE: Final[Mapping[str, Any]] = {
    "id": "evt-1001",
    "type": "invoice.issued",
    "occurred_at": "2026-03-02T09:00:00Z",
    "account": "A-17",
    "number": "+12025550123",
    "invoice": "INV-204",
    "amount": {"minor": 5210, "currency": "USD"},
    "due_on": "2026-03-16",
}

_decode_events = msgspec.json.Decoder(EventsBody).decode
_decode_event = msgspec.json.Decoder[Any](AnyClientEvent).decode
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode

Read = ClientEvent | Problem


class _Intake:
    """The handler."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def post(self, request: Request, client: ClientConfig) -> Response:
        """Take events in; answered when they are on disk."""
        check_media_type(request, _ALSO)
        batch, read = _read(request.body)
        answers: list[TakenView | Problem] = []
        events: list[ClientEvent] = []
        for place, one in enumerate(read):
            if isinstance(one, Problem):
                answers.append(one)
                continue
            faults = self._doors.intake.check(client, one)
            if faults:
                answers.append(unacceptable(faults, f"/events/{place}" if batch else ""))
                continue
            answers.append(TakenView(202, one.id))
            events.append(one)
        outcomes = iter(await self._doors.intake.take(client, events))
        told = [answer if isinstance(answer, Problem) else _told(answer.id or "", next(outcomes)) for answer in answers]
        if batch:
            return reply(TakenEventsView([_view(one) if isinstance(one, Problem) else one for one in told]), 202)
        (only,) = told
        if isinstance(only, Problem):
            raise only
        assert only.id is not None
        assert only.state is not None
        return reply(TakenEventView(only.id, only.state), 202)


def _told(event_id: str, taken: Taken) -> TakenView | Problem:
    if taken is Taken.OTHER:
        return Problem(
            422,
            Code.KEY_REUSED,
            "Another event was taken under this id.",
            field="/id",
            fix="Give each event its own id, and the same event always the same.",
        )
    return TakenView(202, event_id, "taken" if taken is Taken.NEW else "known")


def _view(problem: Problem) -> TakenView:
    return TakenView(problem.status, None, None, problem.code, problem.detail, problem.errors)


def _read(text: bytes) -> tuple[bool, Sequence[Read]]:
    """Whether the body is a batch, and its events, each one or what is wrong with it. Raises Problem 400, 422."""
    try:
        events = _decode_events(text).events
    except _UNDECODED:
        pass
    else:
        _check_count(len(events))
        if not repetitions(text):
            return True, events
    problem = unreadable(text)
    if problem is not None:
        raise problem
    text = mask_half_pairs(text)
    items, batch = _items(text)
    if batch:
        _check_count(len(items))
    return batch, [_read_one(bytes(item), f"/events/{place}" if batch else "") for place, item in enumerate(items)]


def _items(text: bytes) -> tuple[Sequence[bytes | msgspec.Raw], bool]:
    """The events of a body, unread: of an array, of ``events``, or the body itself; and whether it is a batch."""
    try:
        return _decode_items(text), True
    except msgspec.ValidationError:
        pass
    except _UNDECODED:
        raise explain(text, EventsBody) from None
    try:
        members = _decode_members(text)
        if "events" not in members or "type" in members:
            return [text], False
        unknown = [name for name in members if name != "events"]
        if unknown:
            raise misshapen(
                [FieldError(pointer("", name), "is not known here", "send events alone") for name in unknown]
            )
        if len(repetitions(text, "")) and text.count(b'"events"') > 1:
            raise misshapen([FieldError("/events", "occurs more than once", "send it once")])
        return _decode_items(members["events"]), True
    except _UNDECODED:
        raise explain(text, EventsBody) from None


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_ITEMS:
        code = Code.REQUEST_TOO_LARGE if count else Code.REQUEST_INVALID
        raise Problem(422, code, f"There are {count} events.", field="/events", fix="Send 1 to 1,000.")


def _read_one(text: bytes, at: str) -> Read:
    try:
        members = _decode_members(text)
    except _UNDECODED:
        return misshapen([FieldError(at, "is not an object", "send an event as an object")])
    repeated = repetitions(text, at)
    if repeated:
        return misshapen(repeated)
    if "specversion" in members:
        opened = _open_envelope(members, at)
        if isinstance(opened, Problem):
            return opened
        members = opened
    kind = _kind_of(members, at)
    if isinstance(kind, Problem):
        return kind
    try:
        event: ClientEvent = _decode_event(msgspec.json.encode(members))
    except _UNDECODED:
        faults = _misfits(kind, members, at)
        return misshapen(faults or [FieldError(at, "is not what its type wants", "compare it with /openapi.json")])
    return event


def _kind_of(members: Mapping[str, msgspec.Raw], at: str) -> type[ClientEvent] | Problem:
    known = ", ".join(EVENT_TYPES)
    if "type" not in members:
        return misshapen([FieldError(f"{at}/type", "is missing", f"send one of {known}")])
    spelt = _string(members["type"])
    if spelt is None or spelt not in EVENT_TYPES:
        return Problem(
            422,
            Code.EVENT_UNKNOWN,
            "There is no such type of event.",
            errors=[FieldError(f"{at}/type", "is no type of event", f"send one of {known}")],
        )
    return EVENT_TYPES[spelt]


def _open_envelope(members: Mapping[str, msgspec.Raw], at: str) -> dict[str, msgspec.Raw] | Problem:
    """A CloudEvent as the plain event that it carries (CloudEvents 1.0 §3; JSON format 1.0 §2.2, §3)."""
    members = {name: value for name, value in members.items() if bytes(value) != b"null"}  # not set
    faults = [
        FieldError(f"{at}/{name}", "is missing", "see CloudEvents 1.0") for name in _REQUIRED if name not in members
    ]
    if not faults and _string(members["specversion"]) != "1.0":
        faults.append(FieldError(f"{at}/specversion", "is not 1.0", 'send "1.0"'))
    if "data_base64" in members:
        faults.append(FieldError(f"{at}/data_base64", "is not taken", "send data, as JSON"))
    content = members.get("datacontenttype")
    if content is not None and not _JSON_CONTENT.fullmatch(_string(content) or ""):
        faults.append(FieldError(f"{at}/datacontenttype", "is not JSON", 'send "application/json", or leave it out'))
    try:
        inner = _decode_members(members.get("data", msgspec.Raw(b"{}")))
    except _UNDECODED:
        faults.append(FieldError(f"{at}/data", "is not an object", "send the event's own fields in it"))
        inner = {}
    for name in ("id", "type", "occurred_at"):
        if name in inner:
            faults.append(FieldError(f"{at}/data/{name}", "stands in the envelope", "leave it out here"))
    if "time" not in members:
        faults.append(FieldError(f"{at}/time", "is missing", "send when it happened, in RFC 3339"))
    if faults:
        return misshapen(faults)
    opened = {**inner, "id": members["id"], "type": members["type"], "occurred_at": members["time"]}
    if "subject" in members:
        opened.setdefault("account", members["subject"])
    return opened


def _string(text: msgspec.Raw) -> str | None:
    try:
        return msgspec.json.decode(text, type=str)
    except _UNDECODED:
        return None


def _misfits(kind: type[ClientEvent], members: Mapping[str, msgspec.Raw], at: str) -> list[FieldError]:
    """What is wrong with the members of an event, each by its place."""
    known = {field.encode_name: field for field in fields(kind)}
    faults = [
        FieldError(pointer(at, name), "is not known here", did_you_mean(name[:40], list(known)))
        for name in members
        if name not in known and name != "type"
    ]
    for name, field in known.items():
        if name not in members:
            if field.required:
                faults.append(FieldError(pointer(at, name), "is missing", wanted(field.type)))
            continue
        try:
            msgspec.json.decode(members[name], type=field.type)
        except _UNDECODED as error:
            faults.append(_misfit(pointer(at, name), str(error), field.type))
    return faults


def _misfit(place: str, told: str, kind: Any) -> FieldError:
    found = _AT.match(told)
    problem, path = (found[1], found[2] or "") if found is not None else (told, "")
    inner = _INDEX.sub(lambda index: "" if index[1] == "..." else f"/{index[1]}", path).replace(".", "/")
    if "matching regex" in problem:
        problem = "Is not well-formed"
    elif problem.startswith("Invalid RFC3339"):
        problem = "Is no day of the calendar"
    if inner.endswith(("/minor", "/currency", "/amount")):
        kind = Money
    elif inner.endswith("/due_on"):
        kind = date
    return FieldError(f"{place}{inner}", f"{problem[:1].lower()}{problem[1:]}", wanted(kind))


def client_event_operations(doors: Doors, gate: Gate) -> list[Operation]:
    """The route."""
    return [
        Operation(
            "POST",
            "/v1/events",
            gate.for_client(doors.keys, doors.turns.taking(_Intake(doors).post)),
            id="postEvents",
            summary="Tell what happened: one event, or up to 1,000, plain or as CloudEvents",
            body=EventsBody,
            also=(AnyClientEvent, list[AnyClientEvent]),
            further=(
                ("application/cloudevents+json", CloudEvent),
                ("application/cloudevents-batch+json", list[CloudEvent]),
            ),
            example={"events": [dict(EXAMPLE)]},
            outcomes=(
                Outcome(
                    202,
                    "On disk. For a single event its id and state; for several, a result for each.",
                    TakenEventsView,
                    also=(TakenEventView,),
                ),
            ),
            problems=(
                (400, "The body is not what is expected; nothing was taken."),
                (415, "The body is not declared as JSON."),
                (422, "A value cannot be taken: an unknown type, a day that is none, another event under the same id."),
            ),
        )
    ]
