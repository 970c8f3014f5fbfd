"""Goals about a gateway that dies, freezes or stops: it owns the kills."""

import math

import trio

from tools.simulator.journal import Bound, Unbound
from tools.torture.carrier import Carrier
from tools.torture.evidence import Violation
from tools.torture.gateway import number
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import stage
from tools.torture.traffic import NUMBERS, submitting, traffic

BINDS, WINDOW = 3, 10


async def kill_at_random(setting: Setting, *, kills: int, longest: float) -> Finding:
    """R1: kill -9 at random moments under load, while it starts too; then everything drains and is accounted for."""
    dice = setting.dice("kills")
    directory = setting.place("kills")
    carrier = Carrier("kills", directory, profile=f"binds = {BINDS}\nwindow = {WINDOW}")
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        async with submitting(on, traffic(carrier.name, dice)):
            for _ in range(kills):
                await trio.sleep(dice.uniform(0.2, longest))
                on.gateway.kill()
                if dice.random() < 0.2:
                    on.gateway.spawn()
                    await trio.sleep(dice.uniform(0.2, 1.0))
                    on.gateway.kill()
                await on.gateway.start()
            await trio.sleep(dice.uniform(0.2, longest))
        account = await on.account()
    lives = on.gateway.lives - 1
    most = BINDS * WINDOW * lives
    doubt = account.counts["in_doubt"] + account.counts["repeated"]
    more = unless(doubt <= most, "in_doubt", f"{doubt}", f"at most {most} for {lives} kills")
    return found(f"{lives} kills", account, more=more)


async def frozen(setting: Setting, *, seconds: float, freezes: int = 1) -> Finding:
    """R21: SIGSTOP under load for longer than every timer, then SIGCONT: late answers are taken for what they are."""
    dice = setting.dice("frozen")
    directory = setting.place("frozen")
    timers = f"response_seconds = {seconds / 4:g}\nenquire_link_seconds = {seconds / 4:g}"
    carrier = Carrier("frozen", directory, change={"answers": {"delay": 0.05}}, profile=f"binds = {BINDS}\n{timers}")
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        async with submitting(on, traffic(carrier.name, dice)):
            for _ in range(freezes):
                await trio.sleep(1.0)
                on.gateway.freeze()
                await trio.sleep(seconds)
                on.gateway.thaw()
            await trio.sleep(1.0)
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
        async with submitting(on, traffic(carrier.name, dice)):
            for place in range(stops):
                await trio.sleep(dice.uniform(0.2, longest))
                began = trio.current_time()
                status = await on.gateway.stop()
                slowest = max(slowest, trio.current_time() - began)
                more += unless(status == 0, "failed", f"stop {place}", f"exit status {status}")
                await on.gateway.start()
        account = await on.account()
    doubt = account.counts["in_doubt"] + account.counts["repeated"]
    more += unless(not doubt, "in_doubt", str(doubt), "after orderly stops")
    more += unless(slowest <= stopped_in, "slow", f"{slowest:.1f} s")
    entries = carrier.journal()
    bound = {entry.session for entry in entries if isinstance(entry, Bound) and entry.status == "ESME_ROK"}
    parted = {entry.session for entry in entries if isinstance(entry, Unbound) and entry.by == "them"}
    more += unless(bound == parted, "no_unbind", f"{len(bound - parted)} of {len(bound)} links")
    return found(f"{stops} stops, the slowest {slowest:.1f} s", account, more=more)
