"""The texts that the SMSC has taken: their ids, their states, and the book in which `query_sm` and `cancel_sm` look.

It owns what became of a text; it sends nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from uuid import UUID

from msgspec import Struct

from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm
from tools.simulator.account import Account
from tools.simulator.scenario import IdForm, Outcome, Stat

MESSAGE_STATES: dict[Stat, int] = {
    "SCHEDLD": const.MESSAGE_STATE_SCHEDULED,
    "ENROUTE": const.MESSAGE_STATE_ENROUTE,
    "DELIVRD": const.MESSAGE_STATE_DELIVERED,
    "EXPIRED": const.MESSAGE_STATE_EXPIRED,
    "DELETED": const.MESSAGE_STATE_DELETED,
    "UNDELIV": const.MESSAGE_STATE_UNDELIVERABLE,
    "ACCEPTD": const.MESSAGE_STATE_ACCEPTED,
    "UNKNOWN": const.MESSAGE_STATE_UNKNOWN,
    "REJECTD": const.MESSAGE_STATE_REJECTED,
    "SKIPPED": const.MESSAGE_STATE_SKIPPED,
}
"""`stat` of a receipt's text to `message_state` (SMPP 3.4 §5.2.28, appendix B)."""

ENDED: frozenset[Stat] = frozenset(("DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "REJECTD", "SKIPPED"))
"""After these a text cannot be cancelled."""


def written_id(number: int, form: IdForm) -> str:
    """One message number in one of the forms that carriers give to `message_id`."""
    match form:
        case "decimal":
            return str(number)
        case "hex":
            return f"{number:x}"
        case "upper-hex":
            return f"{number:X}"
        case "padded-decimal":
            return f"{number:020d}"
        case "padded-hex":
            return f"{number:016x}"
        case "empty":
            return ""
        case "uuid" | "upper-uuid" | "plain-uuid":
            # Spread over all digits, so that letters occur and no two ids look alike; odd, so that none repeats.
            uuid = UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 128), version=4)
            return uuid.hex if form == "plain-uuid" else str(uuid).upper() if form == "upper-uuid" else str(uuid)


class Message(Struct, kw_only=True, gc=False):
    """A text that was taken. Times are wall clock, in UTC."""

    number: int
    message_id: str
    account: Account
    session: int
    pdu: SubmitSm
    text: str
    submitted: datetime
    outcome: Outcome
    stat: Stat = "ENROUTE"
    done: datetime | None = None
    cancelled: bool = False

    @property
    def ended(self) -> bool:
        """Whether it is too late to cancel it."""
        return self.stat in ENDED


class MessageBook:
    """The last `keep` texts by their ids. An id that comes again hides the older text."""

    def __init__(self, first_number: int, keep: int = 50_000) -> None:
        self._numbers = count(first_number)
        self._first = first_number
        self._keep = keep
        self._by_id: dict[str, Message] = {}

    def next_number(self, recycle_after: int) -> int:
        """The number of the next text; numbers repeat after `recycle_after` of them, unless that is 0."""
        number = next(self._numbers)
        return self._first + (number - self._first) % recycle_after if recycle_after else number

    def add(self, message: Message) -> None:
        """Enter a text; without an id it cannot be asked for and is not kept."""
        if not message.message_id:
            return
        self._by_id.pop(message.message_id, None)
        self._by_id[message.message_id] = message
        if len(self._by_id) > self._keep:
            del self._by_id[next(iter(self._by_id))]

    def find(self, account: Account | None, message_id: str, source_addr: str) -> Message | None:
        """The text with that id, if the account and the sender are its own (SMPP 3.4 §4.8.1)."""
        message = self._by_id.get(message_id)
        if message is None or message.account is not account or message.pdu.source_addr != source_addr:
            return None
        return message

    def between(self, account: Account | None, source_addr: str, destination_addr: str) -> Iterator[Message]:
        """The texts of an account from one address to another that have not ended (cancel_sm without an id)."""
        for message in self._by_id.values():
            if (
                message.account is account
                and message.pdu.source_addr == source_addr
                and message.pdu.destination_addr == destination_addr
                and not message.ended
            ):
                yield message
