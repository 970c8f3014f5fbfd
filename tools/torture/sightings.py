"""Where each text was seen: it owns the index of one run's evidence, by segment, by number and by what the gateway answered.

A text is known by its token, the first word of it, which no other text of the run has. A segment of a long text is known
by its number and its concatenation reference. The gateway's own replies all say the same: they are counted by number.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from tools.simulator.journal import Answered, Closed, Entry, Submitted
from tools.torture.database import Message
from tools.torture.evidence import Evidence

OK = "ESME_ROK"
OTHER_LINK_NS = 100_000_000
"""What came over one link cannot be dated against what came over another more finely: both wait in the kernel, and the
carrier reads them in no particular order."""

Place = tuple[int, int]
"""A message's id and the number of the segment."""


class Sent(msgspec.Struct, frozen=True):
    """One submit_sm as the carrier saw it, with its answer and the end of its link."""

    at: int
    session: int
    status: str
    """Of the answer; empty where there was none."""
    message_id: str
    """The carrier's; given whenever it took the text."""
    link_ended_at: int | None

    @property
    def taken(self) -> bool:
        """Whether the carrier has it."""
        return bool(self.message_id) or self.status == OK

    @property
    def refused(self) -> bool:
        """Whether the carrier said that it did not take it."""
        return self.status.startswith(("ESME_", "0x")) and self.status != OK


class Sightings:
    """The evidence, indexed."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.base = evidence.database
        self.numbers = {message.number[1:] for message in self.base.messages.values()}
        self._by_token: dict[tuple[str, str], Message] = {}
        self._by_reference: dict[tuple[str, str, int], Message] = {}
        self.replies: dict[tuple[str, str, str], list[Message]] = defaultdict(list)
        for message in self.base.messages.values():
            if message.origin == "reply":
                self.replies[message.carrier, message.number, message.text].append(message)
                continue
            self._by_token[message.carrier, message.token] = message
            if message.segments > 1:
                for mask in (0xFF, 0xFFFF):
                    self._by_reference[message.carrier, message.number, message.concat & mask] = message
        self.sent: dict[Place, list[Sent]] = defaultdict(list)
        self.reply_sent: Counter[tuple[str, str, str]] = Counter()
        self.strangers: list[Submitted] = []
        for carrier, entries in evidence.carriers.items():
            self._index(carrier, entries)

    def _index(self, carrier: str, entries: Sequence[Entry]) -> None:
        answers = {(entry.session, entry.sequence): entry for entry in entries if isinstance(entry, Answered)}
        ends = {entry.session: entry.at for entry in entries if isinstance(entry, Closed)}
        for entry in entries:
            if not isinstance(entry, Submitted):
                continue
            number = f"+{entry.destination.removeprefix('+')}"
            answer = answers.get((entry.session, entry.sequence))
            if (carrier, number, entry.text) in self.replies:
                if answer is None or not answer.status.startswith(("ESME_", "0x")) or answer.status == OK:
                    self.reply_sent[carrier, number, entry.text] += 1
                continue
            place = self._place(carrier, number, entry)
            if place is None:
                self.strangers.append(entry)
                continue
            self.sent[place].append(
                Sent(
                    entry.at,
                    entry.session,
                    "" if answer is None else answer.status,
                    "" if answer is None else answer.message_id,
                    ends.get(entry.session),
                )
            )

    def _place(self, carrier: str, number: str, entry: Submitted) -> Place | None:
        if entry.part is not None:
            message = self._by_reference.get((carrier, number, entry.part.reference))
            return None if message is None else (message.id, entry.part.number)
        message = self._by_token.get((carrier, entry.token))
        return None if message is None or message.number != number else (message.id, 1)

    def token(self, message_id: int) -> str:
        """The first word of a message."""
        return self.base.messages[message_id].token
