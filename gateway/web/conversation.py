"""One client's conversation in HTTP/1.1 on h11: ``Request`` to the handler, ``Response`` out.

Owns: the turns of a conversation, its deadlines and orderly end, and the request fence: whatever a handler raises becomes an
answer. Does not own: who is let in (door), the strict look at the bytes (precheck, chunks), who answers (router), who may
call (auth), an answer's bytes (words).

One request comes after the other. h11 is handed exactly one request's bytes, after they have been judged; what follows them
stays behind. A head that is known byte by byte has been judged: its request goes to h11 only where h11 has something to say to
the answer. An error in the protocol is answered and ends the conversation, so that nothing which follows an error is ever taken
for a request.

Deadlines are absolute, never renewed by a byte that arrives: each head, body and write has one. A conversation notes when it
is ``due``; one task, at the door, looks at all of them a few times a second. (Moving the deadline of a Trio scope twice a
request costs as much as all the judging.) A handler is cancelled neither by a deadline nor because its client went away:
what it commits, it commits.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from enum import Enum
from math import inf
from typing import Final, TypeVar

import h11
import trio

from gateway.errors import Code
from gateway.web.chunks import Chunks, body_too_large
from gateway.web.heads import disagreement, look_at
from gateway.web.http import Request, Response
from gateway.web.incident import record_incident
from gateway.web.limits import Limits
from gateway.web.listen import RECEIVE_BYTES, Stream
from gateway.web.precheck import Head, check_partial, malformed
from gateway.web.problem import Problem
from gateway.web.service import Service
from gateway.web.words import last_words, opening, usual_words

DISCARD_BYTES: Final = 4 * 1024 * 1024
"""How much of what a refused client goes on sending is read, so that it comes to read its answer."""

_END = h11.EndOfMessage()
_CONTINUE = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")

_EventT = TypeVar("_EventT", h11.Request, h11.Data, h11.EndOfMessage)


class _Phase(Enum):
    IDLE = "nothing of a request has come"
    HEAD = "head"
    BODY = "body"
    WORK = "the handler has it"
    WRITE = "the answer is on its way"


class Conversation:
    """One client's connection. ``due`` is when its present phase has to be over, in Trio's time."""

    __slots__ = (
        "_ahead",
        "_first",
        "_h11",
        "_held",
        "_method",
        "_pending",
        "_scope",
        "_service",
        "_stream",
        "due",
        "expired",
        "peer",
        "phase",
    )

    def __init__(self, service: Service, stream: Stream, peer: str) -> None:
        self.peer = peer
        self.phase = _Phase.IDLE
        self.due = trio.current_time() + service.limits.head_seconds
        self.expired = False
        self._service = service
        self._first = True
        self._method = ""
        self._stream = stream
        self._scope = trio.CancelScope()
        self._h11 = _reader(service.limits)
        self._ahead = b""
        self._pending = b""
        self._held = 0

    @property
    def idle(self) -> bool:
        """Whether nothing of a request has come."""
        return self.phase is _Phase.IDLE

    def expire(self) -> None:
        """Call the present phase off."""
        self.expired = True
        self.due = inf
        self._scope.cancel()

    async def run(self) -> None:
        """Serve the connection until its end; never raises but when cancelled from outside."""
        problem = None
        try:
            with self._scope:
                problem = await self._converse()
            if self._scope.cancelled_caught:
                problem = self._overdue()
            await self._hang_up(problem)
        finally:
            self._release()
            await trio.aclose_forcefully(self._stream)

    async def _converse(self) -> Problem | None:
        """One request after the other; the problem that ended it, if it is worth telling."""
        try:
            while True:
                head, body = await self._read()
                if self.expired:
                    return self._overdue()  # called off in the moment the last byte came in
                self.phase = _Phase.WORK
                self.due = inf
                try:
                    response = await self._service.handler(self._request(head, body))
                except Problem as problem:
                    response = problem.to_response()
                goes_on = await self._respond(head, response)
                self._release()
                if not goes_on or self._service.stopping.is_set():
                    return None
                self._first = False
                self._method = ""
                self.phase = _Phase.IDLE
                self.due = trio.current_time() + self._service.limits.idle_seconds
        except _Gone:
            return None
        except Problem as problem:
            return problem if self.phase is not _Phase.WRITE else None
        except h11.RemoteProtocolError as error:
            return Problem(
                error.error_status_hint,
                Code.REQUEST_MALFORMED,
                "The request is not RFC 9112.",
                fix="Send what RFC 9112 allows.",
            )
        except Exception as error:  # noqa: BLE001 -- the request fence
            incident = record_incident(error)
            return incident if self.phase is not _Phase.WRITE else None

    # Reading

    async def _read(self) -> tuple[Head, bytes]:
        """The next request, whole, judged, and passed through h11."""
        end = await self._find_end_of_head()
        limits = self._service.limits
        pending = self._pending
        head = look_at(pending[:end], limits.header_bytes, limits.header_fields, limits.target_bytes)
        self._method = head.method
        limit = limits.body_limit(head.method, head.path)
        if head.content_length > limit:
            raise body_too_large(limit)
        end += head.content_length
        if head.chunked or len(pending) < end:
            return head, await self._read_body(head, end - head.content_length, limit)
        self._ahead = pending[:end]
        self._pending = pending[end:]
        if not head.goes_on:
            self._catch_up(head.content_length)
        return head, pending[end - head.content_length : end]

    def _catch_up(self, content_length: int) -> None:
        """Take through h11 the whole request that was read ahead of it."""
        self._h11.receive_data(self._ahead)
        self._ahead = b""
        self._next(h11.Request)
        if content_length:
            self._next(h11.Data)
        self._next(h11.EndOfMessage)

    async def _find_end_of_head(self) -> int:
        """Wait for a head; where it ends in ``_pending``, its blank line included."""
        limits = self._service.limits
        judged = 0
        skipped = False
        if self._pending:
            await trio.lowlevel.checkpoint()  # one client's pipeline is not to keep the others waiting
        while True:
            if not skipped and self._pending.startswith(b"\r\n"):
                self._pending = self._pending[2:]  # RFC 9112 §2.2: an empty line before the request line
                skipped = True
            pending = self._pending
            end = pending.find(b"\r\n\r\n", max(0, judged - 3))
            if end >= 0:
                return end + 4
            if pending:
                check_partial(pending, judged, limits.header_bytes, limits.target_bytes)
                judged = len(pending)
                if self.phase is _Phase.IDLE:
                    self.phase = _Phase.HEAD
                    if not self._first:  # the first head's time runs from the connect
                        self.due = trio.current_time() + limits.head_seconds
            self._pending += await self._receive()

    async def _read_body(self, head: Head, start: int, limit: int) -> bytes:
        """A body that has not come as a whole with its head, or is chunked."""
        small = self._service.limits.small_body_bytes
        admitted = head.content_length > small
        if admitted:
            self._service.admit(self._request(head))
        self._h11.receive_data(self._pending[:start])
        self._pending = self._pending[start:]
        self._next(h11.Request)
        if head.expects_continue and not self._pending:
            await self._send(self._h11.send(_CONTINUE) or b"")
        self.phase = _Phase.BODY
        self.due = trio.current_time() + self._service.limits.body_seconds
        chunks = Chunks(limit) if head.chunked else None
        # Not a list of pieces: a client that sends byte by byte would make each of them an object. Nor what is announced: to
        # announce costs nobody anything.
        body = bytearray()
        came = 0
        while True:
            pending = self._pending
            count = chunks.scan(pending) if chunks else min(len(pending), head.content_length - len(body))
            if count:
                came += count
                if came > small and not admitted:
                    self._service.admit(self._request(head))
                    admitted = True
                self._hold(came - small)
                self._h11.receive_data(pending[:count])
                self._pending = pending[count:]
            while isinstance(event := self._h11.next_event(), h11.Data):
                body += event.data
            ended = chunks.done if chunks else len(body) == head.content_length
            if ended != isinstance(event, h11.EndOfMessage):
                raise disagreement()
            if ended:
                return bytes(body)
            self._pending += await self._receive()

    def _next(self, kind: type[_EventT]) -> _EventT:
        event = self._h11.next_event()
        if not isinstance(event, kind):
            raise disagreement()
        return event

    async def _receive(self) -> bytes:
        try:
            received = await self._stream.receive_some(RECEIVE_BYTES)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise _Gone from None
        if received:
            return bytes(received)
        if self.phase is _Phase.IDLE:
            raise _Gone
        raise malformed(
            "The request ends before it is complete.",
            fix="Send it whole: all of its head, and as much body as it announces.",
        )

    def _request(self, head: Head, body: bytes = b"") -> Request:
        return Request(
            method=head.method, path=head.path, query=head.query, headers=head.headers, body=body, peer=self.peer
        )

    def _hold(self, count: int) -> None:
        """Count so many of a body's bytes among those of all, until it is answered."""
        if count > self._held:
            self._service.hold(count - self._held)
            self._held = count

    def _release(self) -> None:
        self._service.release(self._held)
        self._held = 0

    # Writing

    async def _respond(self, head: Head, response: Response) -> bool:
        """Write a response; whether the connection goes on."""
        method = head.method
        date = self._service.date()
        last = self._service.stopping.is_set()
        body = response.body
        if not last and method != "HEAD" and (self._ahead or self._h11.their_state is h11.DONE):
            words = usual_words(response, date)
            if words:
                self.phase = _Phase.WRITE
                self._service.answered(response.status)
                await self._send(words)
                if self._ahead:
                    self._ahead = b""
                else:
                    self._h11 = _reader(self._service.limits)
                return True
        if self._ahead:
            self._catch_up(head.content_length)
        length = len(body) if response.stream is None else None
        opening_words = self._h11.send(
            opening(response.status, response.content_type, length, date, last, response.headers)
        )
        if response.stream is not None:
            self._service.answered(response.status)
            await self._send_pieces(opening_words, response.stream, drawn=method != "HEAD")
        else:
            content = self._h11.send(h11.Data(data=body)) if body and method != "HEAD" else b""
            words = opening_words + content + self._h11.send(_END)
            self.phase = _Phase.WRITE
            self._service.answered(response.status)
            await self._send(words)
        if self._h11.our_state is not h11.DONE:
            return False
        self._h11.start_next_cycle()
        return True

    async def _send_pieces(self, opening: bytes, pieces: AsyncIterator[bytes], *, drawn: bool) -> None:
        self.phase = _Phase.WRITE
        try:
            await self._send(opening)
            if drawn:
                async for piece in pieces:
                    await self._send(self._h11.send(h11.Data(data=piece)))
            await self._send(self._h11.send(_END))
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()

    async def _send(self, words: bytes) -> None:
        if not words:
            return
        self.due = trio.current_time() + self._service.limits.write_seconds
        try:
            await self._stream.send_all(words)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise _Gone from None
        self.due = inf

    # Ending

    def _overdue(self) -> Problem | None:
        """What to tell a client whose time was up."""
        if self.phase not in (_Phase.HEAD, _Phase.BODY):
            return None
        limits = self._service.limits
        seconds = limits.head_seconds if self.phase is _Phase.HEAD else limits.body_seconds
        return Problem(
            408,
            Code.REQUEST_TIMEOUT,
            f"The {self.phase.value} of the request did not arrive within {seconds:g} seconds.",
            fix="Send it faster; nothing of it was done.",
        )

    async def _hang_up(self, problem: Problem | None) -> None:
        """Say the last words and close, so that the client gets to read them."""
        if problem is not None:
            self._service.answered(problem.status)
        with trio.move_on_after(self._service.limits.linger_seconds):
            try:
                if problem is not None:
                    to_head = self._method == "HEAD" or self._pending.startswith(b"HEAD ")
                    await self._stream.send_all(last_words(problem, self._service.date(), bodiless=to_head))
                await self._stream.send_eof()
                # Closed with bytes unread, TCP sends a reset, which can overtake the answer (RFC 9112 §9.6).
                discarded = 0
                while discarded < DISCARD_BYTES and (problem is not None or self._pending):
                    count = len(await self._stream.receive_some(RECEIVE_BYTES))
                    if not count:
                        break
                    discarded += count
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                pass  # gone: nobody to tell


class _Gone(Exception):
    """The client has ended or lost the connection: nobody to answer."""


def _reader(limits: Limits) -> h11.Connection:
    return h11.Connection(h11.SERVER, max_incomplete_event_size=limits.header_bytes)
