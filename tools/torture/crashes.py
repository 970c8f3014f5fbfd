"""Goals about a gateway that dies, freezes or stops: it owns the kills, and the load under which they happen."""

import itertools
import math
from collections.abc import Iterator
from random import Random

import trio

from tools.simulator.journal import Bound, Unbound
from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.gateway import HOLD, RESEND, number
from tools.torture.ledger import Violation
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import Stage, stage

NUMBERS = 400
BINDS, WINDOW = 3, 10
RATE = 200.0


def traffic(program: str, dice: Random, prefix: str = "t") -> Iterator[Order]:
    """Texts without end: two in three with an idempotency key, one in five of a category that is sent again when in
    doubt, one in ten in several segments."""
    for place in itertools.count():
        token = f"{prefix}{place}"
        yield Order(
            token,
            number(dice.randrange(NUMBERS)),
            program,
            key=token if dice.random() < 0.67 else "",
            words="Your statement is ready. " * (8 if dice.random() < 0.1 else 1),
            category=RESEND if dice.random() < 0.2 else HOLD,
        )


async def kill_at_random(setting: Setting, *, kills: int, longest: float) -> Finding:
    """R1: kill -9 at random moments under load, while it starts too; then everything drains and is accounted for."""
    dice = setting.dice("kills")
    directory = setting.place("kills")
    carrier = Carrier("kills", directory, profile=f"binds = {BINDS}\nwindow = {WINDOW}")
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        async with trio.open_nursery() as nursery:
            over = trio.Event()
            nursery.start_soon(_load, on, dice, over)
            for _ in range(kills):
                await trio.sleep(dice.uniform(0.2, longest))
                on.gateway.kill()
                if dice.random() < 0.2:
                    on.gateway.spawn()
                    await trio.sleep(dice.uniform(0.2, 1.0))
                    on.gateway.kill()
                await on.gateway.start()
            await trio.sleep(dice.uniform(0.2, longest))
            over.set()
        account = await on.account()
    lives = on.gateway.lives - 1
    most = BINDS * WINDOW * lives
    doubt = account.counts["in_doubt"] + account.counts["repeated"]
    more = unless(doubt <= most, "in_doubt", f"{doubt}", f"at most {most} for {lives} kills")
    return found(f"{lives} kills", account, more=more)


async def _load(on: Stage, dice: Random, over: trio.Event) -> None:
    await on.client.load(traffic(on.carrier.name, dice), RATE, until=over.is_set)


async def frozen(setting: Setting, *, seconds: float, freezes: int = 1) -> Finding:
    """R21: SIGSTOP under load for longer than every timer, then SIGCONT: late answers are taken for what they are."""
    dice = setting.dice("frozen")
    directory = setting.place("frozen")
    timers = f"response_seconds = {seconds / 4:g}\nenquire_link_seconds = {seconds / 4:g}"
    carrier = Carrier("frozen", directory, change={"answers": {"delay": 0.05}}, profile=f"binds = {BINDS}\n{timers}")
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        async with trio.open_nursery() as nursery:
            over = trio.Event()
            nursery.start_soon(_load, on, dice, over)
            for _ in range(freezes):
                await trio.sleep(1.0)
                on.gateway.freeze()
                await trio.sleep(seconds)
                on.gateway.thaw()
            await trio.sleep(1.0)
            over.set()
        account = await on.account()
    most = BINDS * WINDOW * freezes
    doubt = account.counts["in_doubt"] + account.counts["repeated"]
    more = unless(doubt <= most, "in_doubt", str(doubt), f"at most {most}")
    return found(f"{freezes} × {seconds:g} s", account, more=more)


async def orderly_stops(setting: Setting, *, stops: int, longest: float, stopped_in: float = math.inf) -> Finding:
    """R22: SIGTERM under load: unbind is said on every link, nothing is in doubt, the exit status is 0."""
    dice = setting.dice("stops")
    directory = setting.place("stops")
    change: dict[str, object] = {"answers": {"delay": 0.05}}  # there is always something in flight
    carrier = Carrier("stops", directory, change=change, profile=f"binds = {BINDS}\nwindow = {WINDOW}")
    more: list[Violation] = []
    slowest = 0.0
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        async with trio.open_nursery() as nursery:
            over = trio.Event()
            nursery.start_soon(_load, on, dice, over)
            for place in range(stops):
                await trio.sleep(dice.uniform(0.2, longest))
                began = trio.current_time()
                status = await on.gateway.stop()
                slowest = max(slowest, trio.current_time() - began)
                more += unless(status == 0, "failed", f"stop {place}", f"exit status {status}")
                await on.gateway.start()
            over.set()
        account = await on.account()
    more += unless(not account.counts["in_doubt"], "in_doubt", str(account.counts["in_doubt"]), "after orderly stops")
    more += unless(not account.counts["repeated"], "repeated", str(account.counts["repeated"]), "after orderly stops")
    more += unless(slowest <= stopped_in, "slow", f"{slowest:.1f} s")
    entries = carrier.journal()
    bound = {entry.session for entry in entries if isinstance(entry, Bound) and entry.status == "ESME_ROK"}
    parted = {entry.session for entry in entries if isinstance(entry, Unbound) and entry.by == "them"}
    more += unless(bound == parted, "no_unbind", f"{len(bound - parted)} of {len(bound)} links")
    return found(f"{stops} stops, the slowest {slowest:.1f} s", account, more=more)
