"""HTTP for the control port: it owns the reading of one request and the writing of one answer, by h11.

What is asked and answered is `control`'s.
"""

from http import HTTPStatus
from typing import Final

import h11
import msgspec
import trio

MAX_BODY: Final = 1 << 20
"""Octets."""

_DEADLINE: Final = 60.0  # seconds for a request to come, or for a kept connection to be used again
_READ: Final = 65_536


class BadRequest(Exception):
    """A request that is refused before anybody looks at what it wants."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Exchange:
    """One connection of the control port: request, answer, request, answer."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._machine = h11.Connection(h11.SERVER)

    async def next_request(self) -> tuple[h11.Request, bytes] | None:
        """The next request and its body; None at the end. Raises BadRequest."""
        machine = self._machine
        if machine.our_state is h11.DONE and machine.their_state is h11.DONE:
            machine.start_next_cycle()
        if machine.our_state is not h11.IDLE:
            return None
        request: h11.Request | None = None
        body = bytearray()
        with trio.move_on_after(_DEADLINE):
            try:
                while True:
                    event = machine.next_event()
                    if event is h11.NEED_DATA:
                        machine.receive_data(bytes(await self._stream.receive_some(_READ)))
                    elif isinstance(event, h11.Request):
                        request = event
                        if machine.they_are_waiting_for_100_continue:
                            await self._send(h11.InformationalResponse(status_code=100, headers=[]))
                    elif isinstance(event, h11.Data):
                        body += event.data
                        if len(body) > MAX_BODY:
                            raise BadRequest(
                                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {MAX_BODY} octets"
                            )
                    elif isinstance(event, h11.EndOfMessage) and request is not None:
                        return request, bytes(body)
                    else:
                        return None
            except h11.RemoteProtocolError as error:
                raise BadRequest(HTTPStatus(error.error_status_hint), str(error)) from error
        return None

    async def answer(self, status: HTTPStatus, body: object) -> None:
        """Answer the request, or refuse the octets that were to be one, with JSON."""
        octets = msgspec.json.encode(body) + b"\n"
        headers = [("content-type", "application/json"), ("content-length", str(len(octets)))]
        if self._machine.their_state is not h11.DONE:
            headers.append(("connection", "close"))
        await self._send(h11.Response(status_code=status, headers=headers), h11.Data(data=octets), h11.EndOfMessage())

    async def _send(self, *events: h11.Event) -> None:
        octets = b"".join(self._machine.send(event) or b"" for event in events)
        await self._stream.send_all(octets)
