"""The same kills for a gateway of somebody else: it owns driving it, and what can be told of it from outside.

Nobody's database is looked at here: what was promised to the client is held against what the carrier saw. A peer has
no idempotency keys and no list of doubts, so its texts are submitted once, and what went twice counts.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from urllib.parse import urlencode

import msgspec
import trio

from tools.bench.kannel import Kannel, absent
from tools.bench.system import PASSWORD, SYSTEM_ID
from tools.simulator.journal import Answered, Entry, Submitted
from tools.torture.carrier import Carrier
from tools.torture.client import Attempt
from tools.torture.crashes import BINDS, WINDOW
from tools.torture.evidence import Violation
from tools.torture.gateway import number, sender
from tools.torture.http import Connection, NoAnswer, request
from tools.torture.proof import Finding, Setting, found
from tools.torture.traffic import NUMBERS, RATE

LANES = 16
QUIET_SECONDS = 8.0
"""A peer that has sent nothing for so long has nothing more to send."""
DRAIN_SECONDS = 180.0
WORDS = "Your statement is ready. Reply STOP to end."
ACCEPTED = 202


async def kannel(setting: Setting, *, kills: int, longest: float) -> Finding:
    """R1 for Kannel with a durable spool: kill -9 of all its processes at random moments under load."""
    dice = setting.dice("kills")
    directory = setting.place("kannel")
    carrier = Carrier("kannel", directory, system_id=SYSTEM_ID, password=PASSWORD)
    attempts: list[Attempt] = []
    lives = 0
    async with trio.open_nursery() as nursery:
        await carrier.open(nursery)
        peer = Kannel(directory / "peer", smsc_port=carrier.port, window=WINDOW, binds=BINDS)
        try:
            await trio.to_thread.run_sync(peer.start)
            async with trio.open_nursery() as loading:
                loading.start_soon(_load, peer, setting.dice("texts"), attempts)
                for _ in range(kills):
                    await trio.sleep(dice.uniform(0.2, longest))
                    peer.kill()
                    lives += 1
                    await trio.to_thread.run_sync(peer.start)
                await trio.sleep(dice.uniform(0.2, longest))
                loading.cancel_scope.cancel()
            await _quiet(carrier)
        finally:
            peer.kill()
            carrier.close()
            nursery.cancel_scope.cancel()
    seen = outside(attempts, carrier.journal())
    figure = (
        f"{lives} kills of Kannel; attempts {seen.attempts}, accepted {seen.accepted}, submitted {seen.submitted},"
        f" lost {seen.lost}, duplicated {seen.duplicated}"
    )
    return found(figure, more=seen.violations)


PEERS: dict[str, Callable[..., Awaitable[Finding]]] = {"kannel": kannel}
"""What R1 can be held for besides the gateway."""
ABSENT: dict[str, Callable[[], str]] = {"kannel": absent}
"""Why a peer cannot be run here; empty where it can."""


class Outside(msgspec.Struct, frozen=True):
    """What can be told of a run without a look inside."""

    attempts: int
    accepted: int
    submitted: int
    violations: tuple[Violation, ...]

    @property
    def lost(self) -> int:
        """Texts that were promised and that no carrier got."""
        return sum(1 for violation in self.violations if violation.name == "lost")

    @property
    def duplicated(self) -> int:
        """Texts that a carrier got again after it had taken them."""
        return sum(1 for violation in self.violations if violation.name == "duplicated")


def outside(attempts: Sequence[Attempt], entries: Sequence[Entry]) -> Outside:
    """Hold the client's journal against the carrier's. Every text has one segment."""
    accepted = [attempt.token for attempt in attempts if attempt.accepted]
    submitted = Counter(entry.token for entry in entries if isinstance(entry, Submitted))
    # The carrier names what it took, even where the answer got lost with the link.
    taken = Counter(entry.token for entry in entries if isinstance(entry, Answered) and entry.message_id)
    lost = [Violation("lost", token, "accepted, and no carrier got it") for token in accepted if not taken[token]]
    twice = [Violation("duplicated", token, f"taken {count} times") for token, count in taken.items() if count > 1]
    return Outside(len(attempts), len(accepted), submitted.total(), (*lost, *twice))


async def _load(peer: Kannel, dice: Random, attempts: list[Attempt]) -> None:
    started = trio.current_time()

    async def lane() -> None:
        connection = Connection(peer.port())
        while True:
            place = len(attempts)
            attempt = Attempt(f"t{place}", number(dice.randrange(NUMBERS)), trio.current_time())
            attempts.append(attempt)
            await trio.sleep_until(started + place / RATE)
            try:
                answer = await connection.ask(request("GET", _path(attempt)))
            except NoAnswer:
                await trio.sleep(0.1)
                continue
            attempt.status = answer.status if answer.status == ACCEPTED else max(answer.status, 400)

    async with trio.open_nursery() as nursery:
        for _ in range(LANES):
            nursery.start_soon(lane)


def _path(attempt: Attempt) -> str:
    fields = {
        "username": SYSTEM_ID,
        "password": PASSWORD,
        "from": sender(0).removeprefix("+"),
        "to": attempt.number,
        "text": f"{attempt.token} {WORDS}",
        "dlr-mask": "3",
    }
    return f"/cgi-bin/sendsms?{urlencode(fields)}"


async def _quiet(carrier: Carrier) -> None:
    """Wait until the carrier has heard nothing new for a while."""
    with trio.move_on_after(DRAIN_SECONDS):
        last, since = -1, trio.current_time()
        while trio.current_time() - since < QUIET_SECONDS:
            if carrier.smsc.counted["submits"] != last:
                last, since = carrier.smsc.counted["submits"], trio.current_time()
            await trio.sleep(0.1)
