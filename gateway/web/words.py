"""The bytes of an answer: its status line, its headers and its body.

Owns: how a ``Response`` is spelt, by h11 or as h11 spelt one like it. Does not own: the conversation that it is a part of
(conversation).
"""

import re
from functools import lru_cache

import h11

from gateway.web.http import PHRASES, Response
from gateway.web.problem import Problem

_BODILESS = {204, 304}
# RFC 9110 §5: a token and visible characters, and not one of the fields that frame a message or end a connection.
_USUAL_HEADER = re.compile(
    r"(?!(?:content-length|transfer-encoding|connection|upgrade|trailer):)"
    r"[!#$%&'*+.^_`|~0-9a-z-]++: [!-~](?:[ -~]*[!-~])?",
    re.IGNORECASE | re.ASCII,
)


def opening(
    status: int,
    content_type: str,
    length: int | None,
    date: str,
    last: bool,
    further: tuple[tuple[str, str], ...] = (),
) -> h11.Response:
    """Status line and headers; ``length`` None means a stream, ``last`` that the connection ends."""
    headers = [("Date", date)]
    if status not in _BODILESS:
        if length != 0:
            headers.append(("Content-Type", content_type))
        if length is not None:
            headers.append(("Content-Length", str(length)))
    if last:
        headers.append(("Connection", "close"))
    headers.extend(further)
    return h11.Response(status_code=status, headers=headers, reason=PHRASES.get(status, "").encode())


def usual_words(response: Response, date: str) -> bytes:
    """A whole response of the usual kind, on a connection that goes on; empty if it is of another kind.

    To take every response through h11's state machine would cost as much again as all our own work on a request. So
    h11 writes the head once a second for all that differ only in the body and in headers that frame nothing.
    """
    if response.stream is not None or not response.body or response.status in _BODILESS:
        return b""
    further = ""
    for name, value in response.headers:
        line = f"{name}: {value}"
        if not _USUAL_HEADER.fullmatch(line):
            return b""  # for h11 to judge
        further += line + "\r\n"
    head = _usual_head(response.status, response.content_type, len(response.body), date)
    return b"%b%b\r\n%b" % (head, further.encode(), response.body)


@lru_cache(maxsize=256)
def _usual_head(status: int, content_type: str, length: int, date: str) -> bytes:
    """Status line and headers, without the blank line."""
    return h11.Connection(h11.SERVER).send(opening(status, content_type, length, date, last=False))[:-2]


def last_words(problem: Problem, date: str, *, bodiless: bool = False) -> bytes:
    """A whole response that ends its connection, whatever state that is in."""
    response = problem.to_response()
    writer = h11.Connection(h11.SERVER)
    words = writer.send(
        opening(response.status, response.content_type, len(response.body), date, True, response.headers)
    )
    return words if bodiless else words + writer.send(h11.Data(data=response.body))
