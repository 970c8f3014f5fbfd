"""An account's way to the gateway: what waits for it, and which of its binds takes it.

It owns the queue over all binds of one `system_id` and the promise of at-least-once: a delivery leaves for good only on
ESME_ROK, on a final refusal, or when the scenario gives it up. It does not know sockets: a `Receiver` sends.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from msgspec import Struct

from gateway.smpp.pdu import DataSm, DeliverSm

Kind = Literal["mo", "receipt", "intermediate", "raw"]


class Outgoing(Struct, kw_only=True, eq=False):
    """One `deliver_sm` (or `data_sm`) on its way, over all its attempts."""

    number: int
    kind: Kind
    pdu: DeliverSm | DataSm
    text: str
    message_id: str = ""
    stat: str = ""
    attempt: int = 0
    once_sent: Callable[[int], None] | None = None
    """Called once with the number of the session by which it first goes out, or with 0 when no bind can take it now."""

    def release(self, session: int) -> None:
        """Tell whoever waits for it that it is out, or that it cannot go."""
        if self.once_sent is not None:
            once_sent, self.once_sent = self.once_sent, None
            once_sent(session)


class Receiver(Protocol):
    """A bind that takes deliveries."""

    number: int

    def room(self) -> int:
        """How many more it may have unanswered."""

    def send(self, outgoing: Outgoing) -> None:
        """Send it; there must be room."""


class Account:
    """Everything that goes to one `system_id`. Nothing here waits: `distribute` sends what there is room for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.receivers: list[Receiver] = []
        self._shared: deque[Outgoing] = deque()
        self._own: dict[int, deque[Outgoing]] = {}
        self._turn = 0

    @property
    def waiting(self) -> int:
        """How many wait for room or for a bind."""
        return len(self._shared) + sum(map(len, self._own.values()))

    def join(self, receiver: Receiver) -> None:
        """A bind that can receive has come up."""
        self.receivers.append(receiver)

    def leave(self, receiver: Receiver) -> None:
        """A bind takes no more; what waited for it alone goes to the others."""
        self.receivers.remove(receiver)
        self._shared.extendleft(reversed(self._own.pop(receiver.number, ())))
        if not self.receivers:
            # Whoever waits for a receipt to be first does not wait for a bind that is not there.
            for outgoing in self._shared:
                outgoing.release(0)

    def put_back(self, unanswered: Iterable[Outgoing]) -> None:
        """What a bind left unanswered goes first on the next."""
        self._shared.extendleft(reversed(list(unanswered)))

    def offer(self, outgoing: Outgoing, session: int = 0, via: Literal["any", "same", "other"] = "any") -> None:
        """Queue a delivery, by any bind, by that of `session`, or by another than that one, as far as there is one."""
        chosen: Receiver | None = None
        if via == "same":
            chosen = next((receiver for receiver in self.receivers if receiver.number == session), None)
        elif via == "other":
            others = [receiver for receiver in self.receivers if receiver.number != session]
            if others:
                self._turn += 1
                chosen = others[self._turn % len(others)]
        if chosen is None:
            self._shared.append(outgoing)
        else:
            self._own.setdefault(chosen.number, deque()).append(outgoing)
        if not self.receivers:
            outgoing.release(0)

    def distribute(self) -> None:
        """Send what there is room for, the binds taking turns with what any of them may have."""
        if self._own:
            for receiver in list(self.receivers):
                # A link may go down over a delivery, and its own queue with it.
                while (own := self._own.get(receiver.number)) and receiver.room() > 0:
                    receiver.send(own.popleft())
        shared = self._shared
        with_room = [receiver for receiver in self.receivers if shared and receiver.room() > 0]
        while shared and with_room:
            self._turn += 1
            receiver = with_room[self._turn % len(with_room)]
            receiver.send(shared.popleft())
            if receiver.room() <= 0:
                with_room.remove(receiver)
