"""The SMSC itself: it owns the sessions, the accounts, the counters and the numbers, and does what console and control ask.

Sockets are `door`'s and `session`'s; what a carrier does is written in the scenario.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Final, get_args

import trio
from msgspec import Struct

from gateway.smpp.codec import encode
from gateway.smpp.errors import LocalProtocolError
from gateway.smpp.pdu import DeliverSm
from gateway.text.decode import decode
from tools.simulator import fate, journal
from tools.simulator.account import Account, Kind, Outgoing
from tools.simulator.agenda import Agenda
from tools.simulator.message import Message, MessageBook
from tools.simulator.originate import Nobody, RawDelivery, Unwritable, address, originate
from tools.simulator.scenario import Mo, Receipts, Scenario
from tools.simulator.script import Script
from tools.simulator.session import HowDown, Session, Silence

HOW_DOWN: Final[frozenset[str]] = frozenset((*get_args(Silence), "unbind"))

_SENDERS_REMEMBERED: Final = 50_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SessionView(Struct, frozen=True):
    """A link, as shown to an operator."""

    session: int
    peer: str
    account: str
    bind: str
    going: str
    """How it is about to end, if it is."""
    unanswered: int
    """Texts that wait for our answer."""


class Smsc:
    """A carrier. Everything here is done at once, without waiting; `settle` then hands out deliveries and writes the journal.

    Without `system_id` or `password` any is right. Message numbers go up from `first_number`; without it, from one that
    is higher than any of a run that began earlier, so that ids do not come again.
    """

    def __init__(
        self,
        scenario: Scenario,
        journal_: journal.Journal,
        *,
        system_id: str | None = None,
        password: str | None = None,
        first_number: int | None = None,
        wall_clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.system_id = system_id
        self.password = password
        self.journal = journal_
        self.wall_clock = wall_clock
        self.script = Script(scenario, trio.current_time())
        self.agenda = Agenda()
        if first_number is None:
            # 1,000 numbers for each 100 ms since 2020: 10,000 texts a second until the next start.
            first_number = int((wall_clock().timestamp() - 1_577_836_800) * 10) * 1_000
        self.book = MessageBook(first_number)
        self.accounts: dict[str, Account] = {}
        self.sessions: dict[int, Session] = {}
        self.held: list[tuple[Message, Outgoing, Receipts]] = []
        """Receipts that a scenario holds back."""
        self.counted: Counter[str] = Counter()
        self._lingering: Counter[str] = Counter()
        self._last_account: Account | None = None
        self._last_message: Message | None = None
        self._senders: OrderedDict[str, Message] = OrderedDict()
        self._session_numbers = count(1)
        self._delivery_numbers = count(1)
        self._references = count(1)

    async def run(self) -> None:
        """Do what falls due, for ever."""
        await self.agenda.run(self.settle)

    async def serve(self, stream: trio.abc.Stream, peer: str) -> None:
        """Be the SMSC at one end of `stream`, until it ends."""
        session = Session(next(self._session_numbers), stream, peer, self)
        self.sessions[session.number] = session
        await session.run()

    async def call(self, stream: trio.abc.Stream, peer: str) -> None:
        """Be the SMSC that has made this connection, until it ends."""
        session = Session(next(self._session_numbers), stream, peer, self)
        self.sessions[session.number] = session
        if self.script.scenario.outbind is not None:
            session.call(self.script.scenario.outbind)
        await session.run()

    def settle(self) -> None:
        """Hand out what there is room for and write the journal. To be called after anything that was done."""
        for account in self.accounts.values():
            account.distribute()
        self.journal.flush()

    async def stop(self, patience: float) -> None:
        """Unbind all links and wait for their ends, `patience` seconds at most."""
        self.disconnect("unbind")
        self.settle()
        with trio.move_on_after(patience):
            while self.sessions:
                await self.journal.wait_beyond(self.journal.last)

    # ---- for sessions

    def account(self, system_id: str) -> Account:
        """The account of that name, which has just bound."""
        account = self.accounts.setdefault(system_id, Account(system_id))
        self._last_account = account
        return account

    def binds_held(self, system_id: str) -> int:
        """How many binds an account has, those included that linger."""
        bound = sum(1 for one in self.sessions.values() if one.account is not None and one.account.name == system_id)
        return bound + self._lingering[system_id]

    def forget(self, session: Session) -> None:
        """A session has ended. Without an unbind its bind may go on counting for a while."""
        del self.sessions[session.number]
        linger = self.script.scenario.bind.linger
        if session.account is not None and not session.orderly and linger:
            name = session.account.name
            self._lingering[name] += 1
            self.agenda.later(linger, partial(self._lingering.subtract, (name,)))

    def remember_sender(self, message: Message) -> None:
        """Remember who texted a consumer last: the one whom the consumer's answer goes to."""
        self._last_message = message
        consumer = message.pdu.destination_addr.removeprefix("+")
        self._senders[consumer] = message
        self._senders.move_to_end(consumer)
        if len(self._senders) > _SENDERS_REMEMBERED:
            self._senders.popitem(last=False)

    def next_delivery(self) -> int:
        """The number of a new delivery."""
        return next(self._delivery_numbers)

    def redeliver(self, account: Account, outgoing: Outgoing) -> None:
        """A delivery got no ESME_ROK: offer it again after the interval."""
        delivery = self.script.scenario.delivery
        if delivery.attempts and outgoing.attempt >= delivery.attempts:
            self.give_up(outgoing, f"{outgoing.attempt} attempts")
        else:
            self.counted["redeliveries"] += 1
            self.agenda.later(delivery.interval, partial(account.offer, outgoing))

    def give_up(self, outgoing: Outgoing, reason: str) -> None:
        """A delivery is dropped."""
        self.counted["given_up"] += 1
        self.journal.add(journal.GivenUp(delivery=outgoing.number, reason=reason))

    # ---- for console and control

    def originate(self, mo: Mo, account: Account | None = None) -> list[int]:
        """Send a consumer's text; the numbers of its deliveries. Raises Nobody, Unwritable."""
        delivery = self.script.scenario.delivery
        answered = self._senders.get(mo.source.removeprefix("+"), self._last_message)
        if mo.destination:
            destination = address(mo.destination, plus=delivery.plus)
        elif answered is not None:
            sent = answered.pdu
            destination = sent.source_addr_ton, sent.source_addr_npi, sent.source_addr
        else:
            raise Nobody(
                f"nobody has texted yet whom {mo.source} could answer; name the number that it texts:"
                ' --to NUMBER, or "to" in JSON, or FROM > NUMBER TEXT'
            )
        if mo.account or account is None:
            account = self._account_for(mo.account, None if mo.destination else answered)
        source = address(mo.source, plus=delivery.plus)
        alphabet = self.script.scenario.content.inbound
        pdus = originate(mo, source, destination, next(self._references), alphabet)
        _check(pdus)
        self.counted["mos"] += 1
        return [self._offer(account, "mo", pdu, mo.text) for pdu in pdus]

    def deliver(self, raw: RawDelivery) -> int:
        """Send a `deliver_sm` of the operator's own making; its number. Raises Nobody, Unwritable."""
        pdu = raw.pdu()
        _check((pdu,))
        text = decode(pdu.short_message, pdu.data_coding, self.script.scenario.content.inbound).text
        return self._offer(self._account_for(raw.account, None), "raw", pdu, text)

    def _account_for(self, name: str, answered: Message | None) -> Account:
        if name:
            account = self.accounts.get(name)
            if account is None:
                raise Nobody(f"{name!r} has never bound; there are {', '.join(self.accounts) or 'none'}")
            return account
        account = answered.account if answered is not None else self._last_account
        if account is None:
            raise Nobody("nobody has bound yet")
        return account

    def _offer(self, account: Account, kind: Kind, pdu: DeliverSm, text: str) -> int:
        outgoing = Outgoing(number=self.next_delivery(), kind=kind, pdu=pdu, text=text)
        account.offer(outgoing)
        return outgoing.number

    def play(self, scenario: Scenario) -> None:
        """Be another carrier from now on, its faults counted from nothing. Texts taken before end as they would have;
        `wire` and the delivery's window and timeout hold for links accepted from now on."""
        self.script = Script(scenario, trio.current_time())
        self.journal.add(journal.Played(title=scenario.title))
        if self.held and not scenario.receipts.hold:
            fate.release_held(self)

    def disconnect(self, how: HowDown, *, session: int | None = None, account: str | None = None) -> list[int]:
        """Let links go: one, those of an account, or all. The numbers of those that went."""
        gone = [
            one
            for one in self.sessions.values()
            if one.open
            and (session is None or one.number == session)
            and (account is None or (one.account is not None and one.account.name == account))
        ]
        for one in gone:
            self.journal.add(journal.FaultPlayed(on="command", do=how, session=one.number))
            one.hang_up(how)
        return [one.number for one in gone]

    def session_views(self) -> list[SessionView]:
        """All links."""
        return [
            SessionView(
                session=one.number,
                peer=one.peer,
                account=one.account.name if one.account is not None else "",
                bind=one.bind,
                going=one.silent or ("unbind" if one.orderly else ""),
                unanswered=one.unanswered,
            )
            for one in self.sessions.values()
        ]

    def stats(self) -> dict[str, int]:
        """Counters since the start, then what there is now."""
        names = (
            "submits",
            "taken",
            "refused",
            "receipts",
            "mos",
            "deliveries_ok",
            "redeliveries",
            "given_up",
            "queries",
            "cancels",
            "faults",
        )
        return {
            **{name: self.counted[name] for name in names},
            "sessions": len(self.sessions),
            "deliveries_waiting": sum(account.waiting for account in self.accounts.values()),
            "receipts_held": len(self.held),
            "due_later": len(self.agenda),
        }


def _check(pdus: Iterable[DeliverSm]) -> None:
    """What was typed by hand may not fit a PDU; better told to its author than found on the way out."""
    try:
        for pdu in pdus:
            encode(pdu, 1)
    except LocalProtocolError as error:
        raise Unwritable(str(error)) from error
