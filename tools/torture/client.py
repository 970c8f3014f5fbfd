"""The upstream client: it owns what was asked of the gateway, what was answered, and the journal of both.

A line is written before a request goes out and another when its answer is whole. Nothing here is ever killed, so what an
answer promised is never forgotten.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import trio

from tools.torture.gateway import HOLD, Gateway
from tools.torture.http import Answer, Connection, NoAnswer, request

UNANSWERED = 0


class Attempt(msgspec.Struct, omit_defaults=True):
    """One request to submit a text. Moments are seconds of CLOCK_MONOTONIC."""

    token: str
    number: str
    at: float
    key: str = ""
    status: int = UNANSWERED
    """HTTP; 0 where no answer came."""
    answered_at: float = 0.0
    id: str = ""
    code: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the gateway promised to keep it."""
        return 200 <= self.status < 300


class Order(msgspec.Struct, frozen=True):
    """A text that is to be submitted."""

    token: str
    number: str
    program: str
    key: str = ""
    """Its idempotency key; with one, the request is repeated until it is answered."""
    words: str = ""
    """What its text says behind the token."""
    category: str = HOLD
    send_at: str = ""

    @property
    def body(self) -> dict[str, str]:
        """The request's body."""
        text = f"{self.token} {self.words or 'Your statement is ready. Reply STOP to end.'}"
        fields = {
            "to": self.number,
            "program": self.program,
            "category": self.category,
            "text": text,
            "reference": self.token,
        }
        return fields | ({"send_at": self.send_at} if self.send_at else {})


class Client:
    """Submits orders over as many connections as there are tasks."""

    def __init__(self, gateway: Gateway, journal: Path) -> None:
        self.attempts: list[Attempt] = []
        self._gateway = gateway
        self._journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._idle: list[Connection] = []
        self._encode = msgspec.json.Encoder().encode

    async def submit(self, order: Order, *, cut: float | None = None) -> Attempt:
        """One attempt. With ``cut``, drop the connection so many seconds after the request is out."""
        attempt = Attempt(order.token, order.number, time.monotonic(), order.key)
        self.attempts.append(attempt)
        self._write(attempt)
        headers = self._gateway.bearer | ({"Idempotency-Key": order.key} if order.key else {})
        octets = request("POST", "/v1/messages", order.body, headers)
        connection = self._idle.pop() if self._idle else Connection(self._gateway.http)
        try:
            if cut is None:
                answer = await connection.ask(octets)
            else:
                await connection.send(octets)
                await trio.sleep(cut)
                await connection.cut()
                return attempt
        except (NoAnswer, OSError, trio.BrokenResourceError):
            return attempt
        self._idle.append(connection)
        self._note(attempt, answer)
        return attempt

    async def insist(self, order: Order, *, patience: float = 300.0) -> Attempt:
        """Attempt until there is an answer that is not a wish for later; needs a key to be harmless."""
        with trio.fail_after(patience):
            while True:
                attempt = await self.submit(order)
                if attempt.status not in (UNANSWERED, 409, 429, 500, 503):
                    return attempt
                await trio.sleep(0.05)

    async def load(
        self, orders: Iterator[Order], rate: float, lanes: int = 16, until: Callable[[], bool] = lambda: False
    ) -> None:
        """Submit so many orders a second, as long as there are any and ``until`` does not hold."""
        started = trio.current_time()
        places = itertools.count()

        async def lane() -> None:
            for order in orders:
                await trio.sleep_until(started + next(places) / rate)
                if until():
                    return
                if order.key:
                    await self.insist(order)
                else:
                    await self.submit(order)

        async with trio.open_nursery() as nursery:
            for _ in range(lanes):
                nursery.start_soon(lane)

    def _note(self, attempt: Attempt, answer: Answer) -> None:
        attempt.status = answer.status
        attempt.answered_at = time.monotonic()
        told = answer.json if answer.headers.get("content-type", "").endswith("json") else {}
        attempt.id = told.get("id", "")
        attempt.code = told.get("code", "")
        self._write(attempt)

    def _write(self, attempt: Attempt) -> None:
        os.write(self._journal, self._encode(attempt) + b"\n")

    async def close(self) -> None:
        """Close the journal and what is open to the gateway."""
        os.close(self._journal)
        for connection in self._idle:
            await connection.cut()
