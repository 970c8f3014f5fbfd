"""Owns the requests of ours that wait for a response, their deadlines, and the numbers they carry.

Does not own when deadlines are looked at, nor what an answer means.

Only payload (texts) counts against the window; control traffic is kept beside it and never waits. A request whose
deadline has passed gives up its place but is remembered for a while, so that a late response is known for what it is.
"""

from collections import OrderedDict
from typing import Any

import msgspec

from gateway.smpp.const import GENERIC_NACK, RESPONSE_BIT, SEQUENCE_MAX
from gateway.smpp.errors import WindowFull
from gateway.smpp.pdu import Request

LATE_REMEMBERED = 4096
"""How many overdue requests are remembered; the oldest goes first."""


class InFlight(msgspec.Struct, frozen=True):
    """A request that went out under `sequence_number`, what its sender attached to it, and when an answer is overdue."""

    sequence_number: int
    request: Request
    token: Any
    deadline: float


class Window:
    """Requests in flight, by sequence_number. `size` is how many texts may be out at once; it may be changed at any time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._next_sequence = 1
        # Deadlines of one kind come in the order of sending, so the first entry is always the next one due.
        self._payload: OrderedDict[int, InFlight] = OrderedDict()
        self._control: OrderedDict[int, InFlight] = OrderedDict()
        self._late: OrderedDict[int, InFlight] = OrderedDict()

    def __len__(self) -> int:
        """Texts in flight."""
        return len(self._payload)

    def add(self, request: Request, token: Any, deadline: float) -> int:
        """Put `request` in flight and return its sequence_number.

        `deadline` is not before that of an earlier request of its kind. Raises WindowFull if it is a text and there is no
        place for it.
        """
        if request.windowed:
            if len(self._payload) >= self.size:
                raise WindowFull(f"{len(self._payload)} texts are waiting for their responses")
            in_flight = self._payload
        else:
            in_flight = self._control
        sequence_number = self.next_sequence()
        in_flight[sequence_number] = InFlight(sequence_number, request, token, deadline)
        return sequence_number

    def next_sequence(self) -> int:
        """The next free number: 1 to 0x7FFFFFFF, then 1 again, never one that is still waiting (SMPP 3.4 §5.1.4)."""
        sequence_number = self._next_sequence
        while sequence_number in self._payload or sequence_number in self._control or sequence_number in self._late:
            sequence_number = 1 if sequence_number >= SEQUENCE_MAX else sequence_number + 1
        self._next_sequence = 1 if sequence_number >= SEQUENCE_MAX else sequence_number + 1
        return sequence_number

    def take(self, sequence_number: int, response_id: int) -> tuple[InFlight, bool] | None:
        """Take out the request that a response with this number and command_id answers; True: it was overdue already.

        None where there is none: another number, or another command's response. A generic_nack answers any request.
        """
        late = False
        requests = self._payload
        in_flight = requests.get(sequence_number)
        if in_flight is None:
            requests = self._control
            in_flight = requests.get(sequence_number)
            if in_flight is None:
                late = True
                requests = self._late
                in_flight = requests.get(sequence_number)
                if in_flight is None:
                    return None
        if response_id != in_flight.request.command_id | RESPONSE_BIT and response_id != GENERIC_NACK:
            return None
        del requests[sequence_number]
        return in_flight, late

    def withdraw(self, sequence_number: int) -> None:
        """Take out a request that did not go out after all."""
        self._payload.pop(sequence_number, None)
        self._control.pop(sequence_number, None)

    def next_deadline(self) -> float:
        """When the next request is overdue; infinity if none is in flight."""
        deadline = float("inf")
        for in_flight in (self._payload, self._control):
            if in_flight:
                deadline = min(deadline, next(iter(in_flight.values())).deadline)
        return deadline

    def expire(self, now: float) -> list[InFlight]:
        """Take the overdue requests out of flight, oldest first, and remember them."""
        expired = []
        for in_flight in (self._payload, self._control):
            while in_flight:
                first = next(iter(in_flight.values()))
                if first.deadline > now:
                    break
                del in_flight[first.sequence_number]
                self._late[first.sequence_number] = first
                expired.append(first)
        while len(self._late) > LATE_REMEMBERED:
            self._late.popitem(last=False)
        return expired

    def abandon(self) -> tuple[InFlight, ...]:
        """Empty the window; returns what was in flight, texts first, without what had been overdue before."""
        abandoned = (*self._payload.values(), *self._control.values())
        self._payload.clear()
        self._control.clear()
        self._late.clear()
        return abandoned
