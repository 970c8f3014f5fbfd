"""What one link has under way to its ESME: it owns the deliveries that are unanswered, and their answers.

Which delivery goes by which link is the account's; when one is tried again, the scenario's.
"""

from typing import TYPE_CHECKING, Final

import trio

from gateway.smpp import const
from gateway.smpp.connection import Connection
from gateway.smpp.pdu import Response
from gateway.smpp.status import name as status_name
from tools.simulator import journal
from tools.simulator.account import Account, Outgoing

if TYPE_CHECKING:
    from tools.simulator.session import Session
    from tools.simulator.smsc import Smsc

# What is refused so is not wanted at all (SMPP 3.4 §5.1.3); anything else is tried again.
_FINAL_REFUSALS: Final = frozenset((const.ESME_RX_P_APPN, const.ESME_RX_R_APPN))


class Handover:
    """An account's `Receiver`: at least once, until the answer is ESME_ROK."""

    def __init__(self, session: "Session", machine: Connection, smsc: "Smsc") -> None:
        self.number = session.number
        self._session = session
        self._machine = machine
        self._smsc = smsc
        self._account: Account | None = None
        self._joined = False
        self._unanswered: dict[int, Outgoing] = {}

    def join(self, account: Account) -> None:
        """The link may receive from now on."""
        self._account = account
        self._joined = True
        account.join(self)

    def leave(self) -> None:
        """Take no more; what is under way may still be answered."""
        if self._joined and self._account is not None:
            self._joined = False
            self._account.leave(self)

    def end(self) -> None:
        """The link is gone: what it left unanswered goes by another."""
        self.leave()
        unanswered, self._unanswered = self._unanswered, {}
        for sequence, outgoing in unanswered.items():
            self._write_down(outgoing, sequence, "closed")
        if self._account is not None:
            self._account.put_back(unanswered.values())

    def room(self) -> int:
        """How many more deliveries may be unanswered."""
        machine = self._machine
        return machine.window_size - machine.in_flight if self._session.open and machine.bound else 0

    def send(self, outgoing: Outgoing) -> None:
        """Send a delivery. There must be room."""
        smsc = self._smsc
        now = trio.current_time()
        sequence = self._machine.request(smsc.script.dressed(outgoing.pdu), now)
        self._session.wake()
        self._unanswered[sequence] = outgoing
        outgoing.attempt += 1
        smsc.journal.add(
            journal.Delivered(
                session=self.number,
                sequence=sequence,
                delivery=outgoing.number,
                attempt=outgoing.attempt,
                kind=outgoing.kind,
                source=outgoing.pdu.source_addr,
                destination=outgoing.pdu.destination_addr,
                text=outgoing.text,
                message_id=outgoing.message_id,
                stat=outgoing.stat,
            )
        )
        outgoing.release(self.number)
        fault = smsc.script.fault("deliver_sm", now, outgoing.pdu.source_addr)
        if fault is not None:
            self._session.play("deliver_sm", fault, sequence)

    def answered(self, response: Response, now: float) -> None:
        """Take an answer; one that comes after its delivery was given up on changes nothing."""
        sequence = response.sequence_number
        outgoing = self._unanswered.get(sequence)
        if outgoing is None:
            return
        fault = self._smsc.script.fault("deliver_sm_resp", now, outgoing.pdu.source_addr)
        if fault is not None:
            if fault.do != "unbind":  # all others mean that this answer never reached us
                self.take_back(sequence, "lost")
            self._session.play("deliver_sm_resp", fault, sequence)
            if fault.do != "unbind":
                return
        del self._unanswered[sequence]
        status = response.command_status
        self._write_down(outgoing, sequence, status_name(status))
        if status == const.ESME_ROK:
            self._smsc.counted["deliveries_ok"] += 1
        elif status in _FINAL_REFUSALS:
            self._smsc.give_up(outgoing, "refused for good")
        elif self._account is not None:
            self._smsc.redeliver(self._account, outgoing)

    def take_back(self, sequence: int, status: str) -> None:
        """No answer has come, or none that counts: try again later."""
        outgoing = self._unanswered.pop(sequence, None)
        if outgoing is not None and self._account is not None:
            self._write_down(outgoing, sequence, status)
            self._smsc.redeliver(self._account, outgoing)

    def _write_down(self, outgoing: Outgoing, sequence: int, status: str) -> None:
        self._smsc.journal.add(
            journal.Taken(session=self.number, sequence=sequence, delivery=outgoing.number, status=status)
        )
