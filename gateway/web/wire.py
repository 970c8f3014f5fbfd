"""JSON and queries, read strictly; times, cursors and answers, spelt.

Owns: media type, syntax and shape of bodies (400, 415), parameters of queries, RFC 3339. Does not own: whether a value is
acceptable (the resources and flow: 422), or the words for what is wrong with a body's shape (faults).

A body is decoded straight into its struct, once. Only the decoder's blind spot is looked at besides: of a member that
occurs twice it takes the last. Every name of a member is followed by a colon, so no fewer quotes are followed by one
than there are members; if there are exactly as many as the struct has values, nothing was given twice. Where there are
more (a text may hold such a pair, or null be given for what may be absent), the body is looked through by name.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, Generic, TypeAlias, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import astuple, fields

from gateway.config.decode import did_you_mean
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.model import ids
from gateway.model.address import InvalidNumber, Number, parse_number
from gateway.model.clock import Instant, read_instant, spell_instant
from gateway.web.faults import DEEPEST, explain, mask_half_pairs, misshapen, repetitions, too_deep, unreadable
from gateway.web.http import Request, Response
from gateway.web.problem import FieldError, Problem

S = TypeVar("S", bound=msgspec.Struct)
Raws: TypeAlias = list[msgspec.Raw]

MOST_ITEMS: Final = 1000
"""Items of a batch."""

# RFC 9110 §8.3.1, §5.6.6. JSON has no parameters (RFC 8259 §11), so that any may stand there and mean nothing; but whoever
# names another charset has sent another one.
_TCHARS = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_PARAMETER = (
    r'charset[ \t]*+=[ \t]*+("?)(?:utf-?8|us-ascii)\2'
    rf'|(?!charset[ \t]*+=){_TCHARS}=(?:{_TCHARS}|"(?:[^"\\]++|\\.)*")'
)
_TYPE = re.compile(rf"application/([a-z0-9.+-]{{1,64}})(?:[ \t]*+;[ \t]*+(?:{_PARAMETER})?)*[ \t]*+", re.IGNORECASE)
_MEMBER = re.compile(rb'"[ \t\r\n]*:')
_UNDECODED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_KEY = re.compile(r"[ -~]{1,255}")

_encode = msgspec.json.Encoder().encode


class Body(Generic[S]):
    """Reads bodies of one kind."""

    def __init__(self, kind: type[S]) -> None:
        if any(not field.required and field.default is not None for field in fields(kind)):
            raise TypeError(f"{kind.__name__}: what may be absent is None by default, or members cannot be counted")
        self.kind = kind
        self._decode = msgspec.json.Decoder(kind).decode
        self._maps = tuple(field.name for field in fields(kind) if _holds_map(field.type))
        self._inner = tuple(
            (field.name, Body(field.type))
            for field in fields(kind)
            if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
        )

    def read(self, request: Request) -> S:
        """The body of a request. Raises Problem 400 or 415."""
        check_media_type(request)
        return self.parse(request.body)

    def parse(self, text: bytes, at: str = "") -> S:
        """What ``text`` says, which stands at ``at`` in its request's body. Raises Problem 400."""
        try:
            body = self._decode(text)
        except _UNDECODED:
            text = mask_half_pairs(text)
            try:
                body = self._decode(text)
            except _UNDECODED:
                raise explain(text, self.kind, at) from None
        if len(_MEMBER.findall(text)) != self.members(body):
            _refuse(repetitions(text, at))
        return body

    def members(self, body: S) -> int:
        """How many members were given, but for nulls. Raises Problem 400 where values are nested too deep."""
        values = astuple(body)
        count = len(values) - values.count(None)
        for name, inner in self._inner:
            count += inner.members(getattr(body, name))
        for name in self._maps:
            count += _members_within(getattr(body, name))
        return count


class Batch(Generic[S]):
    """Reads bodies ``{name: [item, …]}``, in which one bad item spoils no other.

    ``kind`` is the struct of the whole, as it is documented."""

    def __init__(self, name: str, kind: type[msgspec.Struct], item: type[S]) -> None:
        self._name = name
        self._decode = msgspec.json.Decoder(kind).decode
        self._item = Body(item)
        self._unread = msgspec.defstruct(kind.__name__, [(name, Raws)], forbid_unknown_fields=True)

    def read(self, request: Request) -> Sequence[S | Problem]:
        """The items of a request, each one or what is wrong with it. Raises Problem 400, 415, 422."""
        check_media_type(request)
        text = request.body
        try:
            items: list[S] = getattr(self._decode(text), self._name)
        except _UNDECODED:
            return self._read_each(mask_half_pairs(text))
        members = self._item.members
        if len(_MEMBER.findall(text)) != 1 + sum([members(item) for item in items]) and repetitions(text):
            return self._read_each(text)
        self._check_count(len(items))
        return items

    def _read_each(self, text: bytes) -> list[S | Problem]:
        problem = unreadable(text)
        if problem is not None:
            raise problem
        try:
            unread: Raws = getattr(msgspec.json.decode(text, type=self._unread), self._name)
        except _UNDECODED:
            raise explain(text, self._unread) from None
        self._check_count(len(unread))
        _refuse([fault for fault in repetitions(text) if fault.field.count("/") == 1])
        items: list[S | Problem] = []
        for place, raw in enumerate(unread):
            try:
                items.append(self._item.parse(bytes(raw), f"/{self._name}/{place}"))
            except Problem as fault:
                items.append(fault)
        return items

    def _check_count(self, count: int) -> None:
        if count > MOST_ITEMS:
            raise Problem(
                422,
                Code.REQUEST_TOO_LARGE,
                f"{count} items are more than {MOST_ITEMS}.",
                field=f"/{self._name}",
                fix="Split the batch.",
            )
        if not count:
            raise Problem(
                422, Code.REQUEST_INVALID, "The batch is empty.", field=f"/{self._name}", fix="Send 1 to 1,000 items."
            )


def check_media_type(request: Request, also: tuple[str, ...] = ()) -> None:
    """Raise Problem 415 for anything but JSON as it is. It also keeps web pages out: no HTML form can send it.

    `also`: subtypes of application that are JSON and taken here besides.
    """
    given = request.headers.get("content-type", "")
    typed = _TYPE.fullmatch(given)
    if given != "application/json" and (typed is None or typed[1].lower() not in ("json", *also)):
        raise Problem(
            415,
            Code.MEDIA_TYPE,
            "The body is not declared as JSON in UTF-8.",
            field="header:content-type",
            fix=f'Send "Content-Type: application/json"{"".join(f", or application/{subtype}" for subtype in also)}.',
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(
            415,
            Code.MEDIA_TYPE,
            "A content coding is not taken.",
            field="header:content-encoding",
            fix="Send the body as it is.",
        )


def unacceptable(faults: Sequence[Invalid], at: str = "") -> Problem:
    """The 422 of values that are well-formed and yet cannot be taken; its code is that of the first."""
    every = [one for fault in faults for one in (fault, *fault.also)]
    errors = [FieldError(f"{at}/{fault.field}", fault.detail, fault.fix) for fault in every]
    detail = "; ".join(f"{error.field}: {error.detail}" for error in errors)
    return Problem(422, faults[0].code, f"{detail}.", errors=errors)


def read_time(field: str, text: str | None, faults: list[Invalid]) -> Instant | None:
    """The instant that a field names; what is wrong with it goes to ``faults``."""
    if text is None:
        return None
    try:
        return read_instant(text)
    except ValueError as error:
        faults.append(Invalid(Code.REQUEST_INVALID, field, str(error), 'such as "2026-03-08T10:00:00Z"'))
        return None


def spell_time(instant: int | None) -> str | None:
    """RFC 3339, or nothing for nothing."""
    return None if instant is None else spell_instant(instant)


def read_idempotency(request: Request) -> tuple[str | None, bytes]:
    """The header Idempotency-Key, and the fingerprint of the request that it stands for. Raises Problem 400."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None, b""
    if not _KEY.fullmatch(key):
        raise Problem(
            400,
            Code.REQUEST_INVALID,
            "The idempotency key is not 1 to 255 printable ASCII characters.",
            field="header:idempotency-key",
            fix="Send a UUID, for example.",
        )
    return key, sha256(b"%b %b\n%b" % (request.method.encode(), request.path.encode(), request.body)).digest()


def check_query(request: Request, *known: str) -> None:
    """Raise Problem 400 for parameters that mean nothing here."""
    unknown = [name[:40] for name in request.query if name not in known]
    if unknown:
        raise misshapen(
            [FieldError(f"query:{name}", "is not known here", did_you_mean(name, list(known))) for name in unknown]
        )


def read_count(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query. Raises Problem 422."""
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise Problem(
            422,
            Code.REQUEST_INVALID,
            f"{name} is not a whole number from {least} to {most}.",
            field=f"query:{name}",
            fix=f"Leave it out for {default}.",
        )
    return int(text)


def read_number(text: str, field: str) -> Number:
    """A number of a path or a query, in which an unescaped plus sign means a blank. Raises Problem 422."""
    try:
        return parse_number(f"+{text[1:]}" if text.startswith(" ") else text)
    except InvalidNumber as error:
        raise Problem(
            422, Code.NUMBER_INVALID, f"It is {error}.", field=field, fix='Write it as "+12025550123".'
        ) from None


def read_message_id(text: str) -> int:
    """The message that a path names; Problem 404 where it cannot be one."""
    number = ids.read("msg", text)
    if number is None:
        raise no_such("message")
    return number


def no_such(what: str) -> Problem:
    """The 404 of something that is not there, or is another client's: the two are not told apart."""
    return Problem(404, Code.NOT_FOUND, f"There is no such {what}.", fix="Compare the id with the one you were given.")


def reply(body: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer in JSON."""
    return Response(status, _encode(body), headers=headers)


def _holds_map(kind: Any) -> bool:
    return get_origin(kind) is dict or any(map(_holds_map, get_args(kind)))


def _members_within(value: Any, levels: int = DEEPEST) -> int:
    if not isinstance(value, dict | list):
        return 0
    if not levels:
        raise too_deep()
    if isinstance(value, dict):
        return len(value) + sum([_members_within(one, levels - 1) for one in value.values()])
    return sum([_members_within(one, levels - 1) for one in value])


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        raise misshapen(faults)
