"""Two connections back to back, without a socket: what one has to send the other receives, and all events are kept."""

from gateway.smpp.connection import Connection
from gateway.smpp.events import NEED_DATA, Bound, Event, RequestReceived
from gateway.smpp.pdu import Bind, BindTransceiver, response_to
from gateway.smpp.session import Role
from gateway.smpp.timers import Limits


def events_of(connection: Connection) -> list[Event]:
    """All events a connection has to tell."""
    events: list[Event] = []
    while (event := connection.next_event()) is not NEED_DATA:
        events.append(event)
    return events


class ConnectionPair:
    """An ESME and an SMSC joined by a wire that carries octets in portions of `portion` (0: all at once)."""

    def __init__(
        self,
        esme: Limits = Limits(),  # noqa: B008 - frozen
        smsc: Limits = Limits(),  # noqa: B008
        portion: int = 0,
    ) -> None:
        self.esme = Connection(Role.ESME, esme)
        self.smsc = Connection(Role.SMSC, smsc)
        self.now = 1000.0
        self._portion = portion

    def to_smsc(self) -> list[Event]:
        """Carry what the ESME has to send; what the SMSC makes of it."""
        return self._carry(self.esme, self.smsc)

    def to_esme(self) -> list[Event]:
        """Carry what the SMSC has to send; what the ESME makes of it."""
        return self._carry(self.smsc, self.esme)

    def bind(self, bind: Bind = BindTransceiver(system_id="esme", password="secret")) -> Bound:  # noqa: B008
        """Bind, as an SMSC that accepts it."""
        self.tick(0)
        self.esme.request(bind, self.now)
        (received,) = self.to_smsc()
        assert isinstance(received, RequestReceived)
        self.smsc.respond(received.request, response_to(received.request))
        (bound,) = self.to_esme()
        assert isinstance(bound, Bound)
        return bound

    def tick(self, seconds: float) -> tuple[list[Event], list[Event]]:
        """Let time pass for both; the events of the ESME, then of the SMSC."""
        self.now += seconds
        self.esme.tick(self.now)
        self.smsc.tick(self.now)
        return events_of(self.esme), events_of(self.smsc)

    def _carry(self, sender: Connection, receiver: Connection) -> list[Event]:
        octets = sender.data_to_send()
        portion = self._portion or len(octets)
        events = []
        while octets:
            receiver.receive_data(octets[:portion], self.now)
            octets = octets[portion:]
            events += events_of(receiver)
        return events
