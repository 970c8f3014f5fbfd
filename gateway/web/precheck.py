"""The strict look at a request's bytes before h11 sees them.

Owns: everything that RFC 9112 forbids and h11 forgives, the limits on a head, and the decoding of the target. Does not
own: reading bytes, deadlines, and the framing itself (h11, through the conversation). Pure: bytes in, a ``Head`` or a
``Problem`` out.

Two readers that disagree about where a request ends are what request smuggling lives on. So the grammar here is
narrower than any lenient reader's: what passes has one meaning to all of them, and what does not ends the connection.
"""

import re
from typing import NoReturn
from urllib.parse import unquote_to_bytes

import msgspec

from gateway.errors import Code
from gateway.web.problem import Problem, excerpt

# RFC 9110 §15.5.6, §15.6.2: what no resource here allows and everybody knows is the router's to refuse (405), not unknown (501).
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"})

# Repeated, these have no meaning, or a dangerous one: joined by a comma, other readers would take them otherwise.
_SINGLE = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "content-type",
        "content-encoding",
        "authorization",
        "idempotency-key",
        "expect",
    }
)

_TURNS = frozenset({"connection", "upgrade", "expect"})

# The head is matched as Latin-1 text, so that one character is one byte. Runs of characters are possessive, and what
# repeats a group can go one way only: linear time.
_TCHARS = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"  # RFC 9110 §5.6.2
_VALUE = r"[\t\x20-\x7e\x80-\xff]*+"  # RFC 9110 §5.5: no control character but the tab
_HEAD = re.compile(rf"({_TCHARS}) ([!-~]++) HTTP/([0-9])\.([0-9])\r\n((?:{_TCHARS}:{_VALUE}\r\n)*)\r\n")
_FIELD = re.compile(r"([^:]++):[ \t]*+([^\r]*+)\r\n")

_ESCAPED = r"%[0-9A-Fa-f]{2}"
_PATH = rf"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|{_ESCAPED})*"  # RFC 3986 §3.3
_QUERY = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]++|{_ESCAPED})*"  # RFC 3986 §3.4
_AUTHORITY = rf"(?:\[[0-9A-Fa-f:.]++\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]++|{_ESCAPED})+)(?::[0-9]*+)?"
_HOST = re.compile(_AUTHORITY)
_TARGET = re.compile(rf"(?:[Hh][Tt][Tt][Pp][Ss]?+://({_AUTHORITY}))?({_PATH})?(?:\?({_QUERY}))?")

# What can never become right by more bytes: a lone CR or LF, or another control character.
_HOPELESS = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

LENGTH_DIGITS = 18
"""A Content-Length of more digits is too large whatever the limit; int() never sees it."""


class Head(msgspec.Struct, frozen=True):
    """A request line and its fields, decoded. ``content_length`` is 0 where the head gives none."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    content_length: int
    chunked: bool
    expects_continue: bool
    goes_on: bool = False
    """HTTP/1.1 without a field that could end the connection, make it another protocol or ask for an interim answer."""


def check_partial(received: bytes, already: int, header_bytes: int, target_bytes: int) -> None:
    """Judge a head that has not ended yet, of which the first ``already`` bytes have been judged before.

    Answers at once what would else wait for its deadline: bare line ends, a TLS handshake, an endless line.
    """
    if _HOPELESS.search(received, max(0, already - 1)):
        _complain(received.decode("latin-1"))
    if len(received) > target_bytes + 64 and b"\r\n" not in received[: target_bytes + 64]:
        raise _target_too_long(target_bytes)
    if len(received) > header_bytes:
        raise _head_too_large(f"more than {header_bytes} bytes")


def check_head(received: bytes, *, header_bytes: int, header_fields: int, target_bytes: int) -> Head:
    """Judge a whole head, its closing blank line included; ``Problem`` 400, 414, 417, 431, 501 or 505."""
    text = received.decode("latin-1")
    match = _HEAD.fullmatch(text)
    if match is None:
        _complain(text)
    method, target, major, minor, block = match.groups()
    if major != "1" or minor not in "01":
        raise Problem(
            505, Code.REQUEST_UNSUPPORTED, f"HTTP/{major}.{minor} is not spoken here.", fix="Send HTTP/1.1 or HTTP/1.0."
        )
    if len(target) > target_bytes:
        raise _target_too_long(target_bytes)
    if len(received) > header_bytes:
        raise _head_too_large(f"more than {header_bytes} bytes")
    if method not in METHODS:
        raise Problem(
            501,
            Code.REQUEST_UNSUPPORTED,
            f"The method {excerpt(method)} is unknown.",
            fix=f"Use one of: {', '.join(sorted(METHODS))}.",
        )
    pairs = _FIELD.findall(block)
    if len(pairs) > header_fields:
        raise _head_too_large(f"more than {header_fields} fields")
    headers: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        if name not in headers:
            headers[name] = value.rstrip(" \t")
        elif name in _SINGLE:
            raise malformed(f"The header {name} occurs more than once.", field=f"header:{name}", fix="Send it once.")
        else:
            headers[name] += ", " + value.rstrip(" \t")
    path, query = _target(method, target, headers, http_11=minor == "1")
    content_length, chunked = _framing(headers, http_11=minor == "1")
    goes_on = minor == "1" and _TURNS.isdisjoint(headers)
    return Head(method, path, query, headers, content_length, chunked, _expectation(headers) and minor == "1", goes_on)


def malformed(detail: str, *, fix: str, field: str = "") -> Problem:
    """A 400 for what is not HTTP as RFC 9112 has it."""
    return Problem(400, Code.REQUEST_MALFORMED, detail, field=field, fix=fix)


def parse_query(text: str) -> dict[str, str]:
    """Decode a query as HTML forms are encoded; 400 names a parameter that occurs twice or is no UTF-8."""
    query: dict[str, str] = {}
    for pair in text.split("&"):
        if not pair:
            continue
        name, _, value = (_unescape(part.replace("+", " "), "query") for part in pair.partition("="))
        if name in query:
            raise malformed(
                f"The parameter {excerpt(name)} occurs more than once.", field=f"query:{name[:40]}", fix="Send it once."
            )
        query[name] = value
    return query


def _target(method: str, target: str, headers: dict[str, str], *, http_11: bool) -> tuple[str, dict[str, str]]:
    # RFC 9112 §3.2: one Host in HTTP/1.1, valid if there is one.
    host = headers.get("host")
    if host is None:
        if http_11:
            raise malformed("The header Host is missing.", field="header:host", fix="HTTP/1.1 requires it once.")
    elif not _HOST.fullmatch(host):
        raise malformed(
            "The header Host is not a host name with an optional port.",
            field="header:host",
            fix="Send the name or address of this door.",
        )
    if target == "*" and method == "OPTIONS":
        return "*", {}
    match = _TARGET.fullmatch(target)
    if match is None or target[0] == "?":
        raise malformed(
            f"The request target {excerpt(target)} is not a path with an optional query.",
            fix="Begin it with a slash and percent-encode what RFC 3986 does not allow.",
        )
    authority, path, query = match.groups()
    if authority is not None:
        headers["host"] = authority  # RFC 9112 §3.2.2: the target's authority replaces Host
    return _path(path or "/"), parse_query(query) if query else {}


def _path(escaped: str) -> str:
    if "%" not in escaped:
        return escaped
    if "%2f" in escaped.lower():
        raise malformed("An escaped slash (%2F) in the path has no meaning here.", fix="Remove it.")
    path = _unescape(escaped, "path")
    if _CONTROL.search(path):
        raise malformed("The path holds an escaped control character.", fix="Remove it.")
    return path


def _unescape(text: str, where: str) -> str:
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise malformed(f"The {where} is not UTF-8 after percent-decoding.", fix="Encode it as UTF-8.") from None
    if "\0" in decoded:
        raise malformed(f"The {where} holds an escaped NUL.", fix="Remove it.")
    return decoded


def _framing(headers: dict[str, str], *, http_11: bool) -> tuple[int, bool]:
    # RFC 9112 §6.1 to §6.3.
    coding = headers.get("transfer-encoding")
    length = headers.get("content-length")
    if coding is not None:
        if length is not None:
            raise malformed("Content-Length and Transfer-Encoding exclude each other.", fix="Send one of them.")
        if not http_11:
            raise malformed(
                "Transfer-Encoding does not exist in HTTP/1.0.",
                field="header:transfer-encoding",
                fix="Send Content-Length or speak HTTP/1.1.",
            )
        if coding.lower() == "chunked":
            return 0, True
        others, _, last = (part.strip(" \t").lower() for part in coding.rpartition(","))
        if last == "chunked" and others and "chunked" not in others:
            raise Problem(
                501,
                Code.REQUEST_UNSUPPORTED,
                "No transfer coding but chunked is supported.",
                fix="Send the body as it is, chunked or with its length.",
            )
        raise malformed(
            "Transfer-Encoding is not chunked.",
            field="header:transfer-encoding",
            fix='Send "chunked", or Content-Length in its place.',
        )
    if length is None:
        return 0, False
    if not (length.isascii() and length.isdigit()):
        raise malformed(
            "Content-Length is not one decimal number.",
            field="header:content-length",
            fix="Send the bytes of the body, in digits alone.",
        )
    digits = length.lstrip("0")
    return (int(digits or "0") if len(digits) <= LENGTH_DIGITS else 10**LENGTH_DIGITS), False


def _expectation(headers: dict[str, str]) -> bool:
    expectation = headers.get("expect")
    if expectation is None:
        return False
    if expectation.lower() != "100-continue":
        raise Problem(
            417,
            Code.REQUEST_UNSUPPORTED,
            "The only expectation met here is 100-continue.",
            field="header:expect",
            fix="Leave the header out.",
        )
    return True


def _target_too_long(limit: int) -> Problem:
    return Problem(
        414,
        Code.REQUEST_TOO_LARGE,
        f"The request target has more than {limit} bytes.",
        fix="Shorten the path and the query.",
    )


def _head_too_large(what: str) -> Problem:
    return Problem(431, Code.REQUEST_TOO_LARGE, f"The head of the request has {what}.", fix="Send fewer headers.")


_TLS_HANDSHAKE = b"\x16"  # the content type that a ClientHello begins with (RFC 8446 §5.1)
_REQUEST_LINE = re.compile(rf"{_TCHARS} [!-~]++ HTTP/[0-9]\.[0-9]")
_NAME = re.compile(_TCHARS)


def _complain(text: str) -> NoReturn:
    """Say which rule a head breaks that the grammar did not match. Values are not quoted: they may be secrets."""
    hopeless = _HOPELESS.search(text.encode("latin-1"))
    if hopeless is not None:
        kind, fix = f"the control character 0x{hopeless[0].hex()}", "Remove it."
        if hopeless[0] in (b"\r", b"\n"):
            kind, fix = "a bare CR or LF", "End lines with CRLF."
        elif hopeless[0] == _TLS_HANDSHAKE and hopeless.start() == 0:
            fix = "TLS is not spoken here: use http://, or put a proxy with TLS in front."
        raise malformed(f"The head of the request holds {kind} at byte {hopeless.start()}.", fix=fix)
    line, *fields = text.removesuffix("\r\n\r\n").split("\r\n")
    if not _REQUEST_LINE.fullmatch(line):
        raise malformed(
            "The first line is not METHOD, target and HTTP/1.1 with one blank between.",
            fix='Begin with a line such as "GET /healthz HTTP/1.1".',
        )
    for number, field in enumerate(fields, 1):
        name, colon, _ = field.partition(":")
        if field.startswith((" ", "\t")):
            raise malformed(f"Header line {number} begins with a blank (obsolete folding).", fix="Send it as one line.")
        if not colon:
            raise malformed(f"Header line {number} has no colon.", fix="Send it as name, colon and value.")
        if name.endswith((" ", "\t")):
            raise malformed(f"Header line {number} has a blank before the colon.", fix="Remove the blank.")
        if not _NAME.fullmatch(name):
            raise malformed(
                f"Header line {number} has a name that is no token.",
                fix="Use letters, digits and hyphens in names of headers.",
            )
    raise malformed("The head of the request is not RFC 9112.", fix="Send what RFC 9112 allows.")
