"""What is wrong with a JSON body that did not decode: every fault of its shape at once, each with place and fix.

Owns: JSON pointers, the words for a fault, and syntax that the decoder lets pass or tells badly. Does not own: bodies
that are well-formed, or whether their values are acceptable (wire, the resources).

The decoder stops at its first fault, so this is the second look, taken only when there is one. It opens objects along the
fields of the struct and leaves everything else unparsed, so that a hostile body costs no more than its bytes.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta
from msgspec.structs import fields

from gateway.config.decode import did_you_mean
from gateway.errors import Code
from gateway.model.money import Money
from gateway.web.problem import FieldError, Problem

MOST_FAULTS: Final = 20
"""How many are told."""

DEEPEST: Final = 32
"""Levels of nesting; ours have four."""

_LONGEST_NAME = 40
_MEMBER = re.compile(rb'"[ \t\r\n]*:')
_NESTS: Final = (dict, list)
_UNDECODED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# Without its escapes. One that does not end goes to the end of the text: looked for again at each of its quotes, it would
# cost the square.
_STRING = re.compile(rb'"[^"]*+"?')
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SQUARE = bytes.maketrans(b"{}", b"[]")
# RFC 8259 §8.2 lets a string hold half a surrogate pair; UTF-8, and thus a text, cannot.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F])[0-9a-fA-F]{2}|.)"
)
_KINDS = {ord('"'): "a string", ord("{"): "an object", ord("["): "an array", ord("n"): "null"}
_PLAIN = {bool: "true or false", int: "a whole number", date: 'a day, such as "2026-03-08"'}
_KINDS |= {ord("t"): "true", ord("f"): "false"}


def mask_half_pairs(text: bytes) -> bytes:
    """The JSON with each escaped half of a surrogate pair as an escaped NUL: neither can be sent, one can be decoded."""
    return _ESCAPE.sub(lambda found: rb"\u0000" if found[1] else found[0], text)


def explain(text: bytes, kind: type[msgspec.Struct], at: str = "") -> Problem:
    """Why ``text`` is no ``kind``; ``at`` points to where it stands in the request's body."""
    problem = unreadable(text)
    if problem is not None:
        return problem
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return _malformed(f"The body is not JSON: {error}.")
    found = [*islice(_faults_of(kind, text, at), MOST_FAULTS)]
    return misshapen(found + repetitions(text, at))


def misshapen(found: list[FieldError]) -> Problem:
    """The 400 of a body that is JSON, but not what is expected here."""
    told = [f"{fault.field or 'the body'} {fault.detail}" for fault in found[:3]]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return Problem(400, Code.REQUEST_INVALID, f"{'; '.join(told)}{more}.", errors=found)


def repetitions(text: bytes, at: str = "") -> list[FieldError]:
    """Members that occur more than once in their object, which decoders read in different ways; ``text`` is JSON.
    Raises Problem 400 where it is nested too deep to be looked through."""
    if _is_plain(text):
        return []
    if _is_too_deep(text):
        raise too_deep()
    # Objects as tuples of pairs, so that they are told from arrays and nothing gets lost.
    document = json.loads(text, object_pairs_hook=tuple, parse_int=str, parse_float=str)
    places = islice(_repeated(document, at), MOST_FAULTS)
    return [FieldError(place, "occurs more than once", "send it once") for place in places]


def _is_plain(text: bytes) -> bool:
    """Whether each member is there once, seen at little cost: as many were written as an object keeps. A string that looks
    like the name of a member makes it more, and so have a closer look taken."""
    try:
        document = msgspec.json.decode(text)
    except _UNDECODED:
        return False
    count, within = 0, [document]
    while within:
        value = within.pop()
        if type(value) is dict:
            count += len(value)
            within += [inner for inner in value.values() if type(inner) in _NESTS]
        elif type(value) is list:
            within += [inner for inner in value if type(inner) in _NESTS]
    return len(_MEMBER.findall(text)) == count


def pointer(at: str, name: str) -> str:
    """The JSON pointer (RFC 6901) of a member, its name cut where it is endless."""
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    return f"{at}/{shown.replace('~', '~0').replace('/', '~1')}"


def unreadable(text: bytes) -> Problem | None:
    """What makes a body unfit whatever was expected: nothing in it, not UTF-8, nested too deep to be looked through."""
    if not text.strip():
        return _malformed("The body is empty.", "Send a JSON object.")
    if text.startswith(b"\xef\xbb\xbf"):
        return _malformed("The body begins with a byte order mark.", "Send UTF-8 without one (RFC 8259 §8.1).")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return _malformed(f"The body is not UTF-8 (byte {error.start}).", "Encode it as UTF-8.")
    return too_deep() if _is_too_deep(text) else None


def too_deep() -> Problem:
    """The 400 of a body that nobody looks through to its end."""
    return _malformed(f"The body is nested deeper than {DEEPEST} levels.", "Compare it with /openapi.json.")


def _is_too_deep(text: bytes) -> bool:
    # Each round takes away what is innermost, at the speed of memory: a body of nothing but brackets costs no more.
    unescaped = text.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = _STRING.sub(b"", unescaped).translate(None, _NO_BRACKETS).translate(_SQUARE)
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets or brackets.count(b"[") > DEEPEST


def _malformed(detail: str, fix: str = "Mend the JSON; numbers, true, false and null stand without quotes.") -> Problem:
    return Problem(400, Code.REQUEST_MALFORMED, detail, fix=fix)


def _faults_of(kind: type[msgspec.Struct], text: bytes | msgspec.Raw, at: str) -> Iterator[FieldError]:
    try:
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        yield FieldError(at, f"is {_kind_of(text)}, not an object", "send an object")
        return
    known = {field.encode_name: field for field in fields(kind)}
    for name in members:
        if name not in known:
            hint = did_you_mean(name[:_LONGEST_NAME], list(known))
            yield FieldError(pointer(at, name), "is not known here", hint)
    for name, field in known.items():
        if name not in members:
            if field.required:
                yield FieldError(pointer(at, name), "is missing", wanted(field.type))
        else:
            yield from _misfits(field.type, members[name], pointer(at, name))


def _misfits(kind: Any, text: msgspec.Raw, at: str) -> Iterator[FieldError]:
    """What keeps one value from being of a type, told of the values in it where it is the right kind of container."""
    try:
        msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError:
        bare, found = _described(kind)[0], _kind_of(text)
        if _is_struct(bare):
            yield from _faults_of(bare, text, at)
        elif get_origin(bare) is dict and found == "an object":
            for name, value in msgspec.json.decode(text, type=dict[str, msgspec.Raw]).items():
                yield from _misfits(get_args(bare)[1], value, pointer(at, name))
        elif get_origin(bare) is list and found == "an array":
            for place, value in enumerate(msgspec.json.decode(text, type=list[msgspec.Raw])):
                yield from _misfits(get_args(bare)[0], value, f"{at}/{place}")
        elif bare is Any:  # which refuses nothing else
            yield FieldError(at, "holds a number that is out of range", "send a smaller one, or a string")
        elif found == "a string" and _choices(bare):
            yield FieldError(at, "is not one of the choices", wanted(kind))
        elif found == "a string" and bare in (str, date):
            yield FieldError(at, "is not well-formed", wanted(kind))
        else:
            yield FieldError(at, f"is {found}", wanted(kind))


def _repeated(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            if item and isinstance(item, list | tuple):
                yield from _repeated(item, f"{at}/{place}")
    elif isinstance(value, tuple):
        seen = set()
        for name, member in value:
            if name in seen:
                yield pointer(at, name)
            seen.add(name)
            if member and isinstance(member, list | tuple):
                yield from _repeated(member, pointer(at, name))


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _kind_of(text: bytes | msgspec.Raw) -> str:
    return _KINDS.get(bytes(text).lstrip()[0], "a number")


def wanted(kind: Any) -> str:
    """What to send where a field is missing or not of its type, in the words of the type."""
    bare, described = _described(kind)
    return f"send {_plain(bare)}: {described}" if described else f"send {_plain(bare)}"


def _plain(bare: Any) -> str:
    if choices := _choices(bare):
        return f"one of {', '.join(choices)}"
    if get_origin(bare) is list:
        return "an array"
    if bare is Money:
        return 'whole minor units and a currency, such as {"minor": 5210, "currency": "USD"}'
    if get_origin(bare) is dict or _is_struct(bare):
        return "an object"
    return _PLAIN.get(bare, "a string")


def _choices(bare: Any) -> Sequence[str]:
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return [member.value for member in bare]
    return get_args(bare) if get_origin(bare) is Literal else ()


def _described(kind: Any) -> tuple[Any, str | None]:
    """A type without None, the first of several, and what is said about it."""
    if get_origin(kind) is Annotated:
        inner, *notes = get_args(kind)
        bare, described = _described(inner)
        return bare, next(
            (note.description for note in notes if isinstance(note, Meta) and note.description), described
        )
    if get_origin(kind) in (Union, UnionType):
        return _described(next(arg for arg in get_args(kind) if arg is not NoneType))
    return kind, None
