"""STOP against texts that wait, go and come back, in thousands of seeded interleavings on virtual time.

    python -m tests.system.races [--count 10000] [--seed 1]

Owns: one race (everything real but socket, disk and clock) and the look at what came of it. Does not own: the flow, or the
live races over sockets (tools/torture).
"""

import argparse
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from random import Random
from typing import TypeVar

import trio
import trio.testing
from trio._core import _run

from gateway.config import Config
from gateway.errors import Code
from gateway.flow.prepare import Wish
from gateway.model.address import Number
from gateway.model.clock import SECOND
from gateway.model.message import Message, Origin, State
from gateway.smpp import const
from gateway.smpp.pdu import DeliverSm, Response, SubmitSm, SubmitSmResp, Tlv
from gateway.store.disk import MemoryDisk
from gateway.store.reads import MessageFilter
from gateway.store.sqlite import SqliteStore
from gateway.store.sqlite import _running as running
from tests.flow.rig import NOON, SENDER, Rig, Smsc, configured

T = TypeVar("T")

PEOPLE = tuple(Number(f"+1202555012{digit}") for digit in (3, 4, 5))
TEXTS = 4
LONG = "A long text of several segments that may be cut in half. " * 4
WAYS = ("STOP", "stop.", " Unsubscribe ", "QUIT!", "parar")
RACE_SECONDS = 2.0
AFTERMATH_SECONDS = 10.0


class SlowDisk(MemoryDisk):
    """A disk that takes its time before a commit, and again until the writer hears of it."""

    def __init__(self, dice: Random) -> None:
        super().__init__()
        self._dice = dice

    async def write(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        await self._idle()
        result = await super().write(work, spoken)
        await self._idle()
        return result

    async def _idle(self) -> None:
        if self._dice.random() < 0.7:
            await trio.sleep(self._dice.random() * 0.02)


class Dated(list[Response]):
    """The answers to what a carrier brought; tells of each as it comes."""

    def __init__(self, tell: Callable[[Response], None]) -> None:
        super().__init__()
        self._tell = tell

    def append(self, response: Response) -> None:
        super().append(response)
        self._tell(response)


class Race(Rig):
    """A rig whose wall clock goes with the virtual one, and whose carriers answer late, refuse, and forget."""

    def __init__(self, config: Config, store: SqliteStore, nursery: trio.Nursery, dice: Random) -> None:
        super().__init__(config, store, nursery)
        self.dice = dice
        self.carriers: list[Smsc] = []
        self.submits: list[tuple[float, int, SubmitSm]] = []
        self.stops: dict[str, tuple[float, int, int]] = {}
        """By number: when its STOP was answered, over which link, and how many submits had come by then."""
        self._said: dict[tuple[int, int], tuple[str, set[int]]] = {}
        self._task = nursery

    def now(self) -> int:
        return NOON + int(trio.current_time() * SECOND)

    async def join(self) -> None:
        """One more link."""
        _, smsc = await self.link()
        place = len(self.carriers)
        self.carriers.append(smsc)
        smsc.answer = partial(self._judge, place)
        smsc.answers = Dated(partial(self._answered, place))

    def _judge(self, place: int, pdu: SubmitSm) -> SubmitSmResp | None:
        self.submits.append((trio.current_time(), place, pdu))
        chance = self.dice.random()
        # Of a narrower window one that is forgotten is half: the link would be ended for it, and nobody binds anew here.
        if chance < 0.05 and self.config.carriers[0].window > 2:
            return None
        smsc = self.carriers[place]
        if chance < 0.2:
            response = SubmitSmResp(command_status=self.dice.choice((const.ESME_RSUBMITFAIL, const.ESME_RTHROTTLED)))
        else:
            response = smsc._accept(pdu)
        self._task.start_soon(self._respond, smsc, pdu, response, self.dice.random() * 0.3)
        return None

    async def _respond(self, smsc: Smsc, pdu: SubmitSm, response: SubmitSmResp, after: float) -> None:
        await trio.sleep(after)
        smsc.connection.respond(pdu, response)
        await smsc.send()

    async def text(self, who: Number) -> None:
        """Submit one text to somebody at some moment: short or long, for now or for a little later."""
        await trio.sleep(self.dice.random() * RACE_SECONDS)
        words = LONG if self.dice.random() < 0.4 else "Your statement is ready."
        later = self.now() + self.dice.randrange(3 * SECOND) if self.dice.random() < 0.3 else None
        await self.submitting.submit(
            self.config.clients[0], [Wish(who, "servicing", "servicing", words, send_at=later)]
        )

    async def say_stop(self, who: Number) -> None:
        """Somebody says STOP at some moment, over any link, in one part or two."""
        await trio.sleep(self.dice.random() * RACE_SECONDS)
        place = self.dice.randrange(len(self.carriers))
        smsc = self.carriers[place]
        open_: set[int] = set()
        for octets, tlvs in _parts(self.dice):
            pdu = DeliverSm(source_addr=who[1:], destination_addr=SENDER, short_message=octets, tlvs=tlvs)
            sequence = smsc.connection.request(pdu, trio.current_time())
            open_.add(sequence)
            self._said[place, sequence] = (who, open_)
        await smsc.send()

    def _answered(self, place: int, response: Response) -> None:
        who, open_ = self._said[place, response.sequence_number]
        open_.discard(response.sequence_number)
        if response.command_status == const.ESME_ROK and not open_:
            self.stops.setdefault(who, (trio.current_time(), place, len(self.submits)))

    def wrongs(self, messages: list[Message]) -> Iterator[str]:
        """What should not have happened."""
        for at, place, pdu in self.submits[:]:
            who = f"+{pdu.destination_addr}"
            if who not in self.stops or _is_confirmation(self.config, pdu):
                continue
            stopped_at, link, seen = self.stops[who]
            behind = place == link and self.submits.index((at, place, pdu)) >= seen
            if behind or at > stopped_at:
                yield f"a text went {at - stopped_at:.3f} s after the STOP of {who} was answered"
        for who in PEOPLE:
            if who not in self.stops:
                yield f"the STOP of {who} was not answered"
        replies = Counter(message.number for message in messages if message.origin is Origin.REPLY)
        for who in PEOPLE:
            if replies[who] != 1:
                yield f"{replies[who]} confirmations for {who}"
        for message in messages:
            if message.origin is Origin.REPLY:
                continue
            waits = all(segment.state is State.QUEUED for segment in message.segments)
            if message.state in (State.QUEUED, State.HELD) and waits and message.segments:
                yield f"a text for {message.number} still waits"
            if message.state is State.BLOCKED and message.code is not Code.CONSENT_OPTED_OUT:
                yield f"a text for {message.number} is blocked for {message.code}"


def _parts(dice: Random) -> list[tuple[bytes, tuple[Tlv, ...]]]:
    words = dice.choice(WAYS).encode("ascii")
    if dice.random() < 0.6:
        return [(words, ())]
    reference = Tlv(const.TLV_SAR_MSG_REF_NUM, dice.randrange(1 << 16).to_bytes(2, "big"))
    total = Tlv(const.TLV_SAR_TOTAL_SEGMENTS, b"\2")
    halves = [(words[:2], b"\1"), (words[2:], b"\2")]
    dice.shuffle(halves)
    return [(half, (reference, total, Tlv(const.TLV_SAR_SEGMENT_SEQNUM, number))) for half, number in halves]


def _is_confirmation(config: Config, pdu: SubmitSm) -> bool:
    words = config.clients[0].programs[0].stop_confirmation
    assert words is not None, "the configuration of the races says how a STOP is answered"
    return pdu.short_message == words.encode("ascii")


@cache
def _config(window: int, rate: float | None) -> Config:
    return configured(window=window, rate=rate)


async def race(seed: int) -> list[str]:
    """One race; what went wrong in it."""
    dice = Random(seed)
    config = _config(dice.choice((1, 2, 10)), dice.choice((None, 5.0, 50.0)))
    disk = SlowDisk(dice)
    async with running(SqliteStore(disk, 0)) as store, trio.open_nursery() as nursery:
        on = Race(config, store, nursery, dice)
        for _ in range(dice.randrange(1, 4)):
            await on.join()
        for who in PEOPLE:
            await on.consent(who)
        async with trio.open_nursery() as racing:
            for who in PEOPLE:
                for _ in range(TEXTS):
                    racing.start_soon(on.text, who)
                racing.start_soon(on.say_stop, who)
        await trio.sleep(AFTERMATH_SECONDS)
        listed, _ = await store.messages(MessageFilter(on.client, limit=1000))
        whole = [await store.message(message.id, on.client) for message in listed]
        wrongs = list(on.wrongs([message for message in whole if message is not None]))
        nursery.cancel_scope.cancel()
    disk.close()
    return wrongs


def run(seed: int) -> list[str]:
    """One race on a clock of its own; trio too shuffles its tasks by the seed."""
    _run._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]  # as trio's own plug-in for hypothesis does
    _run._r.seed(seed)
    return trio.run(race, seed, clock=trio.testing.MockClock(autojump_threshold=0))


def main() -> None:
    """Run many, say how many went wrong and why."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.races")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first race; the others follow")
    options = parser.parse_args()
    wrong = 0
    for seed in range(options.seed, options.seed + options.count):
        wrongs = run(seed)
        wrong += bool(wrongs)
        for one in wrongs if wrong <= 20 else ():
            sys.stdout.write(f"seed {seed}: {one}\n")
    sys.stdout.write(f"{wrong} of {options.count} races went wrong\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
