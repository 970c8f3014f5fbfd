"""The goal about long runs: it owns the mishaps of an ordinary day, and what must not grow in the course of it.

What each mishap may cost is the other goals'.
"""

import math
import statistics
from random import Random

import msgspec
import trio

from tools.simulator.session import HowDown
from tools.torture.carrier import Carrier
from tools.torture.crashes import BINDS, WINDOW
from tools.torture.gateway import number, sender
from tools.torture.ledger import audit
from tools.torture.links import WATCHFUL
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.receivers import Listener
from tools.torture.stage import Stage, stage
from tools.torture.traffic import NUMBERS, submitting, traffic

LOOKS = 400
"""How often what may grow is looked at in the course of a run."""
MOST_LOG = 64 * 1024 * 1024
"""Octets of the write-ahead log, journal_size_limit."""
MORE_FILES = 6
"""Connections to receivers that may be open when a run is over and were not in its first half."""
_DOWN: tuple[HowDown, ...] = ("fin", "rst", "unbind")
"""No black hole (R7 has it): of a text that comes again while its first link seems to live nobody can say whose it is."""
_GOOD: dict[str, object] = {"answers": {"delay": 0.02}, "delivery": {"interval": 0.2, "timeout": 2}}
_SLOW: dict[str, object] = {"answers": {"delay": 0.5}}
_BUSY: dict[str, object] = {
    "faults": [{"on": "submit_sm", "do": "status", "status": "ESME_RTHROTTLED", "probability": 0.3}]
}


class Look(msgspec.Struct, frozen=True):
    """What may grow, at one moment."""

    hours: float
    resident: int
    """Octets."""
    files: int
    log: int
    """Octets."""


async def soak(
    setting: Setting, *, seconds: float, rate: float, every: float, slope: float = math.inf, patience: float = 120.0
) -> Finding:
    """R24: hours of texts and consumers' replies with a mishap every so often: memory, open files and the log stay.

    ``slope``: megabytes of resident memory an hour, over the later half.
    """
    dice = setting.dice("soak")
    directory = setting.place("soak")
    carrier = Carrier("soak", directory, change=_GOOD, profile=f"binds = {BINDS}\nwindow = {WINDOW}\n{WATCHFUL}")
    hears, misses = Listener("hears", directory), Listener("misses", directory)
    looks: list[Look] = []
    mishaps = 0
    async with stage(directory, [carrier], hooks=[hears, misses], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        async with submitting(on, traffic(carrier.name, dice), rate), trio.open_nursery() as nursery:
            nursery.start_soon(_look, on, seconds / LOOKS, looks)
            over = trio.current_time() + seconds
            while trio.current_time() < over:
                await trio.sleep(dice.uniform(0.5, 1.5) * every)
                await _mishap(on, misses, mishaps, min(every / 2, 2.0), dice)
                mishaps += 1
            nursery.cancel_scope.cancel()
        await on.drained(patience)
        looks.append(_look_at(on))
        await on.heard(patience)
        await on.gateway.stop()
        # What the other receiver was not there for may be waiting for it yet.
        account = audit(on.evidence(hooks=[hears]))
    earlier, later = looks[: len(looks) // 2], looks[len(looks) // 2 :]
    grows = statistics.linear_regression([one.hours for one in later], [one.resident / 1e6 for one in later]).slope
    files = later[-1].files - max(one.files for one in earlier)
    log = max(one.log for one in looks)
    more = unless(grows <= slope, "memory", f"+ {grows:.1f} MB an hour")
    more += unless(files <= MORE_FILES, "files", f"+ {files} open files", f"after {mishaps} mishaps")
    more += unless(log <= MOST_LOG, "log", f"{log / 1e6:.0f} MB of write-ahead log")
    figure = (
        f"{mishaps} mishaps in {seconds / 3600:.2g} h, RSS {later[-1].resident / 1e6:.0f} MB and {grows:+.1f} MB an hour, "
        f"{files:+d} open files, log at most {log / 1e6:.0f} MB"
    )
    return found(figure, account, more=more)


async def _look(on: Stage, pause: float, looks: list[Look]) -> None:
    while True:
        looks.append(_look_at(on))
        await trio.sleep(pause)


def _look_at(on: Stage) -> Look:
    gateway = on.gateway
    resident, _ = gateway.memory()
    return Look(trio.current_time() / 3600, resident, gateway.open_files(), gateway.log_octets())


async def _mishap(on: Stage, misses: Listener, place: int, away: float, dice: Random) -> None:
    """The next of them in turn, over after ``away`` seconds: every other one is that all links go. A consumer writes too."""
    carrier = on.carrier
    carrier.text(number(dice.randrange(NUMBERS)), sender(0), f"Thanks, got it ({place})")
    turn, another = divmod(place, 2)
    if not another:
        carrier.disconnect(_DOWN[turn % len(_DOWN)], dice.choice((0.0, away)))
        return
    match turn % 4:
        case 0:
            on.gateway.freeze()
            await trio.sleep(away)
            on.gateway.thaw()
        case 1 | 2 as kind:
            carrier.play("well_behaved", _GOOD | (_SLOW if kind == 1 else _BUSY))
            await trio.sleep(away)
            carrier.play("well_behaved", _GOOD)
        case _:
            misses.close()
            await trio.sleep(away)
            misses.open()
